import dataclasses
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.schema.errors import UserError
from engine.teachers.base import Classroom, Teacher
from engine.teachers.lessons import Lessons
from engine.teachers.pretrained import PretrainedAudio, PretrainedImage, PretrainedText, frozen
from engine.train.folds import Fold
from tests.teachers import tiny

CASES = 18
ROWS = np.arange(CASES)
FOLD = Fold(1, ROWS[ROWS % 3 != 0], ROWS[ROWS % 3 == 0])
MODELS: dict[str, tuple[Callable[..., Teacher], Callable[[Path], Path]]] = {
    "vit": (PretrainedImage, tiny.vit),
    "wav2vec2": (PretrainedAudio, tiny.wav2vec2),
    "whisper": (PretrainedAudio, tiny.whisper),
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a teacher reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def _school(folder: Path, teacher: type[Teacher] | Callable[..., Teacher], **more: object) -> Classroom:
    """Return a room whose labels can be seen and heard; the last case has nothing to read, the first has two files."""
    labels = [i // 3 % 3 for i in range(CASES)]
    pictures = teacher is PretrainedImage
    files = {
        f"{i:064x}": tiny.picture(10 + 80 * label + i) if pictures else tiny.sound(200 + 900 * label + i, 0.2 + i / 100)
        for i, label in enumerate(labels)
    }
    names = [(f"{i:064x}",) for i in range(CASES)]
    names[0], names[-1] = (names[0][0], names[3][0]), ()
    return tiny.room(folder, labels, media={"image" if pictures else "audio": names}, files=files, **more)


@pytest.mark.parametrize("name", MODELS)
def test_own_folder_when_named_then_teaches_what_it_sees_and_hears(tmp_path: Path, name: str) -> None:
    build, make = MODELS[name]
    teacher = build(model=str(make(tmp_path / name)))
    said: list[tuple[str, dict[str, object]]] = []
    room = _school(tmp_path / "lessons", build, log=lambda code, facts: said.append((code, dict(facts))))
    lessons = teacher.teach(room, FOLD)
    assert lessons.modality == teacher.modality
    assert lessons.answers_NVC.shape == (CASES, 2, 3)
    assert lessons.known_NV[:-1].all()
    assert not lessons.known_NV[-1].any()
    assert lessons.hidden_NVD is not None
    assert lessons.hidden_NVD.shape == (CASES, 2, 16)
    assert lessons.hidden_NVD[1:-1].norm(dim=2).numpy() == pytest.approx(1, abs=1e-2)
    sums = lessons.answers_NVC.exp().sum(-1)
    assert torch.allclose(sums, torch.ones_like(sums), atol=1e-4)
    assert teacher.parameters > 500
    assert said == [("lessons-size", {"teacher": name, "items": CASES - 1, "megabytes": 0.0})]


@pytest.mark.parametrize("name", MODELS)
def test_vectors_when_items_come_alone_or_together_then_are_the_same(tmp_path: Path, name: str) -> None:
    build, make = MODELS[name]
    teacher = build(model=str(make(tmp_path / name)))
    room = _school(tmp_path / "lessons", build)
    encoder = teacher.encoder(torch.device("cpu"))  # type: ignore[attr-defined]
    items = teacher.items(room, [f"{i:064x}" for i in range(5)])  # type: ignore[attr-defined]
    together = encoder.embed(items)
    alone = torch.cat([encoder.embed([item]) for item in items])
    assert torch.allclose(together, alone, atol=1e-5)
    assert (together[0] - together[4]).abs().max() > 1e-4


@pytest.mark.parametrize(
    ("build", "make"),
    [(PretrainedImage, tiny.wav2vec2), (PretrainedAudio, tiny.vit), (PretrainedText, tiny.vit)],
)
def test_folder_when_it_holds_another_kind_of_model_then_says_so(
    tmp_path: Path, build: Callable[..., Teacher], make: Callable[[Path], Path]
) -> None:
    teacher = build(model=str(make(tmp_path / "other")))
    room = _school(tmp_path / "lessons", build, texts=[("a b", "a")] * CASES)
    with pytest.raises(UserError, match=r"other holds no .* model that can be loaded") as refused:
        teacher.teach(room, FOLD)
    assert "没有可加载的" in refused.value.body().text("zh")


@pytest.mark.parametrize("build", [PretrainedImage, PretrainedAudio])
def test_model_when_none_is_named_then_asks_for_one(build: Callable[..., Teacher]) -> None:
    with pytest.raises(UserError, match="none comes with the set-up"):
        build()


def test_folder_when_empty_then_says_what_belongs_into_it(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"weights \(safetensors\)"):
        PretrainedImage(model=str(tmp_path))


@pytest.mark.parametrize("name", ["vit", "whisper"])
def test_fine_tuning_when_asked_then_changes_the_answers_and_never_sees_held_out_labels(
    tmp_path: Path, name: str
) -> None:
    build, make = MODELS[name]
    folder = str(make(tmp_path / name))
    plain = build(model=folder).teach(_school(tmp_path / "plain", build), FOLD)
    tuned: list[Lessons] = []
    for flipped in (0, 1):
        teacher = build(model=folder, mode="fine-tune", tuned_epochs=4, tuned_rate=0.01)
        room = _school(tmp_path / f"tuned-{flipped}", build)
        room.labels_N[FOLD.held] = (room.labels_N[FOLD.held] + flipped) % 3
        before = [p.clone() for p in teacher.encoder(torch.device("cpu")).model.parameters()]  # type: ignore[attr-defined]
        tuned.append(teacher.teach(room, FOLD))
        after = list(teacher.encoder(torch.device("cpu")).model.parameters())  # type: ignore[attr-defined]
        assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
    assert torch.equal(tuned[0].answers_NVC, tuned[1].answers_NVC)
    assert (tuned[0].answers_NVC - plain.answers_NVC).abs().max() > 1e-3
    assert torch.equal(tuned[0].hidden_NVD, plain.hidden_NVD)  # type: ignore[arg-type]


def test_fine_tuning_when_a_case_may_have_several_labels_then_answers_each_by_itself_and_never_sees_held_out_marks(
    tmp_path: Path,
) -> None:
    folder = str(tiny.vit(tmp_path / "vit"))
    tuned: list[Lessons] = []
    for flipped in (0, 1):
        room = _school(tmp_path / f"tuned-{flipped}", PretrainedImage)
        bright_N = room.labels_N >= 1
        marks_NC = np.stack([bright_N, room.labels_N == 2, ~bright_N], 1).astype(np.int64)
        marks_NC[FOLD.held] = np.abs(marks_NC[FOLD.held] - flipped)
        room = dataclasses.replace(room, labels_N=marks_NC)
        tuned.append(PretrainedImage(model=folder, mode="fine-tune", tuned_epochs=4, tuned_rate=0.01).teach(room, FOLD))
    assert torch.equal(tuned[0].answers_NVC, tuned[1].answers_NVC)
    chances_NC = tuned[0].answers_NVC[: CASES - 1, 0].exp().numpy()
    assert chances_NC.sum(1).max() > 1.3, "the answers exclude one another"
    truth_NC = np.stack([np.arange(CASES) // 3 % 3 >= 1, np.arange(CASES) // 3 % 3 == 2], 1)[: CASES - 1]
    assert ((chances_NC[:, :2] >= 0.5) == truth_NC).mean() > 0.75


def test_fine_tuned_lessons_when_asked_again_then_nothing_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(tiny.vit(tmp_path / "vit"))
    first = PretrainedImage(model=folder, mode="fine-tune", tuned_epochs=1)
    lessons = first.teach(_school(tmp_path / "lessons", PretrainedImage), FOLD)

    def refuse(*_: object) -> None:
        raise AssertionError("the teacher was loaded again")

    monkeypatch.setattr(frozen.door, "load", refuse)
    second = PretrainedImage(model=folder, mode="fine-tune", tuned_epochs=1)
    again = second.teach(_school(tmp_path / "lessons", PretrainedImage), FOLD)
    assert torch.equal(lessons.answers_NVC, again.answers_NVC)
