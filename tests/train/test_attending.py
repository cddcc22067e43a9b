"""Attention transfer: maps and their distances by hand, gradients in float64, and a real run in which the student follows."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.jobs.run_folder import RunFolder
from engine.jobs.train_job import run as train
from engine.model.maps import GRID, TIMES, by_case, normalised, picture_energy, sound_energy
from engine.model.student import Outcome
from engine.model.tokens import Tokens, join
from engine.model.trunk.block import CaseAttention
from engine.pretrained.encoders import PlacedEncoder
from engine.schema.case import Case
from engine.schema.config import Choice, LossConfig, OptimConfig, RunConfig
from engine.teachers.base import Classroom
from engine.teachers.lessons import Lessons, average
from engine.teachers.pretrained import PretrainedAudio, PretrainedImage
from engine.teachers.pretrained.looking import looked
from engine.train import attending
from engine.train.controls import untaught
from tests.model.small_council import mixed, student
from tests.teachers import tiny
from tests.teachers.test_encoders import CASES, FOLD
from tests.train.runs import DENSE, STUDENT, events, make_run, tiny_config

THERE = torch.tensor([[True, True, False], [True, True, True], [False, False, True]])
KNOWN = torch.tensor([True, True, False])


def _random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_scores_of_modalities_when_computed_then_are_the_mean_over_heads_and_pairs_of_tokens() -> None:
    attention = CaseAttention(8, 2).double()
    texts = Tokens(_random(2, 3, 8), torch.tensor([[True, True, True], [True, False, False]]), torch.tensor([0, 1]))
    images = Tokens(_random(1, 2, 8, seed=1), torch.ones(1, 2, dtype=torch.bool), torch.tensor([0]))
    sounds = Tokens(torch.zeros(0, 1, 8, dtype=torch.float64), torch.zeros(0, 1).bool(), torch.zeros(0).long())
    x_TD, layout = join([texts, images, sounds], 2)
    found_BMM = attention.scores(x_TD, layout)
    query_TD, key_TD, _ = attention.query_key_value(x_TD).detach().chunk(3, dim=1)
    for case in range(2):
        for m in range(2 - case):
            for n in range(2 - case):
                asked = [t for t in range(len(x_TD)) if (layout.owner_T[t], layout.modality_T[t]) == (case, m)]
                given = [t for t in range(len(x_TD)) if (layout.owner_T[t], layout.modality_T[t]) == (case, n)]
                each = [
                    float(query_TD[i, head] @ key_TD[j, head]) / math.sqrt(4)
                    for i in asked for j in given for head in (slice(0, 4), slice(4, 8))
                ]  # fmt: skip
                assert found_BMM[case, m, n].item() == pytest.approx(sum(each) / len(each), rel=1e-9)


def test_distance_of_scores_when_modalities_are_absent_then_counts_pairs_that_are_there() -> None:
    ours, theirs = _random(3, 3, 3), _random(3, 3, 3, seed=1)
    spoilt = torch.where(THERE[:, :, None] & THERE[:, None], theirs, torch.full_like(theirs, torch.nan))
    squares = (ours - theirs).square()
    expected = (squares[0, :2, :2].mean() + squares[1].mean()) / 2
    assert attending.scores(ours, spoilt, THERE, KNOWN).item() == pytest.approx(expected.item(), rel=1e-12)
    nobody = torch.zeros(3, dtype=torch.bool)
    assert attending.scores(ours, theirs, THERE, nobody).item() == 0


def test_distance_of_places_when_computed_then_is_the_norm_of_the_difference_of_unit_maps() -> None:
    ours = normalised(torch.tensor([[3.0, 4.0], [1.0, 0.0], [5.0, 5.0]]))
    theirs = normalised(torch.tensor([[4.0, 3.0], [0.0, 2.0], [1.0, 9.0]]))
    expected = (math.hypot(0.6 - 0.8, 0.8 - 0.6) + math.sqrt(2)) / 2
    assert attending.places(ours, theirs, KNOWN).item() == pytest.approx(expected)


def test_energies_when_resampled_then_are_means_over_the_areas_of_the_common_grid_and_time() -> None:
    features = _random(2, 3, 2 * GRID, 2 * GRID)
    energy = features.square().sum(1)
    found = picture_energy(features).view(2, GRID, GRID)
    assert found[1, 2, 3].item() == pytest.approx(energy[1, 4:6, 6:8].mean().item(), rel=1e-12)
    frames_N = torch.tensor([40, 8])
    sounds = _random(2, 3, 40, seed=1)
    power = sounds.square().sum(1)
    times = sound_energy(sounds, frames_N)
    assert times.shape == (2, TIMES)
    # Step 1 of 16 over 40 frames goes from 2.5 to 5: half of frame 2, then 3 and 4 whole.
    assert times[0, 1].item() == pytest.approx((0.5 * power[0, 2] + power[0, 3] + power[0, 4]).item() / 2.5, rel=1e-9)
    # Over 8 frames each is met by two steps, and what lies behind them by none.
    assert times[1].tolist() == pytest.approx(power[1, :8].repeat_interleave(2).tolist(), rel=1e-9)


def test_map_of_a_case_when_it_has_several_items_then_is_their_mean_of_length_one() -> None:
    maps = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    found = by_case(maps, torch.tensor([0, 0, 2]), 3)
    assert found[0].tolist() == pytest.approx([math.sqrt(0.5)] * 2)
    assert found[1].tolist() == [0, 0]
    assert found[2].tolist() == pytest.approx([0.6, 0.8])


def test_gradients_when_checked_in_float64_then_are_those_of_the_formulas() -> None:
    theirs = _random(3, 3, 3, seed=1)
    ours = _random(3, 3, 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: attending.scores(x, theirs, THERE, KNOWN), ours)
    taught = normalised(_random(2, GRID * GRID, seed=2).abs())
    features = _random(2, 3, 9, 9).requires_grad_()
    every = torch.ones(2, dtype=torch.bool)
    assert torch.autograd.gradcheck(lambda x: attending.places(normalised(picture_energy(x)), taught, every), features)
    heard = normalised(_random(2, TIMES, seed=3).abs())
    sounds = _random(2, 3, 11, seed=4).requires_grad_()
    lengths = torch.tensor([11, 5])
    assert torch.autograd.gradcheck(
        lambda x: attending.places(normalised(sound_energy(x, lengths)), heard, every), sounds
    )


def test_student_when_asked_where_it_looks_then_answers_the_same_bits_and_absent_items_have_no_map() -> None:
    council, batch = student(), mixed()
    plain, watched = council(batch), council(batch, None, True)
    assert plain.maps is None
    assert torch.equal(plain.logits_BC, watched.logits_BC)
    maps = watched.maps
    assert maps is not None
    assert maps.scores_BMM is not None
    assert maps.scores_BMM.shape == (5, 3, 3)
    for found, m in ((maps.image_BP, 1), (maps.audio_BP, 2)):
        assert found is not None
        assert torch.allclose(found.norm(dim=1), batch.present_BM[:, m].float(), atol=1e-5)


def test_map_of_a_vision_model_when_kept_then_is_the_energy_of_its_last_block_before_the_norm(tmp_path: Path) -> None:
    teacher = PretrainedImage(model=str(tiny.vit(tmp_path / "vit")))
    lessons, room = _taught(tmp_path, teacher, PretrainedImage)
    encoder = teacher.encoder(torch.device("cpu"))
    assert isinstance(encoder, PlacedEncoder)
    item = teacher.items(room, [f"{3:064x}"])
    _, (features,) = encoder.looking(item)
    with torch.no_grad():
        last_LD = encoder.model(pixel_values=encoder.prepared(item)).last_hidden_state[0, 1:]
        assert torch.allclose(encoder.model.layernorm(features.flatten(1).t()), last_LD, atol=1e-5)
    energy = features.square().sum(0, keepdim=True)
    expected = normalised(torch.nn.functional.adaptive_avg_pool2d(energy[None], GRID).flatten(1))[0]
    assert lessons.maps_NVP is not None
    assert torch.allclose(lessons.maps_NVP[3, 0], expected, atol=2e-3)  # kept in half precision
    assert torch.equal(lessons.maps_NVP[3, 0], lessons.maps_NVP[3, 1])
    assert lessons.mapped_NV is not None
    assert lessons.mapped_NV[:, 0].tolist() == [True] * (CASES - 1) + [False]


def _taught(folder: Path, teacher: Any, build: Any) -> tuple[Lessons, Classroom]:
    from tests.teachers.test_encoders import _school

    said: list[dict[str, Any]] = []
    room = _school(folder / "lessons", build, maps=True, log=lambda code, facts: said.append(dict(facts)))
    lessons = teacher.teach(room, FOLD)
    assert [facts["items"] for facts in said] == [CASES - 1]
    plain = build(model=teacher.source.path).teach(_school(folder / "plain", build), FOLD)
    assert plain.maps_NVP is None
    assert torch.allclose(plain.hidden_NVD, lessons.hidden_NVD, atol=1e-3)
    return lessons, room


@pytest.mark.parametrize("make", [tiny.wav2vec2, tiny.whisper])
def test_map_of_a_sound_model_when_the_student_hears_a_part_alone_then_is_not_compared(
    tmp_path: Path, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = [2, *[1] * (CASES - 2), 0]
    heard = [torch.full((count,), 10_000) for count in counts]
    heard[2][0] = 3
    monkeypatch.setattr("engine.teachers.pretrained.looking._heard", lambda *_: heard)
    lessons, _ = _taught(tmp_path, PretrainedAudio(model=str(make(tmp_path / "model"))), PretrainedAudio)
    assert lessons.maps_NVP is not None
    assert lessons.maps_NVP.shape == (CASES, 2, TIMES)
    assert torch.allclose(lessons.maps_NVP[:-1].norm(dim=2), torch.ones(CASES - 1, 2), atol=1e-5)
    assert lessons.mapped_NV is not None
    assert [i for i, mapped in enumerate(lessons.mapped_NV[:, 0].tolist()) if not mapped] == [2, CASES - 1]


def test_sounds_when_a_case_has_two_then_each_is_compared_with_what_is_heard_of_it(tmp_path: Path) -> None:
    room = tiny.room(tmp_path, [0] * 5, batches=lambda shape: [mixed()])
    seconds = [[0.40], [0.09, 0.50], [], [0.60], []]
    found = [torch.tensor([[*[0.25] * TIMES, one] for one in own]).reshape(-1, TIMES + 1) for own in seconds]
    assert looked(room, found, "audio").mapped_N.tolist() == [True, True, False, False, False]


def test_lessons_of_folds_when_averaged_then_their_maps_are_too() -> None:
    known = torch.tensor([[True, True], [True, False]])
    folds = [
        Lessons("dense", None, torch.zeros(2, 2, 3).log_softmax(2), known, maps_NVP=x, mapped_NV=known)
        for x in (torch.ones(2, 2, 9), torch.full((2, 2, 9), 3.0))
    ]
    found = average(folds)
    assert found.maps_NVP is not None
    assert found.maps_NVP[0, 0].tolist() == [2.0] * 9
    assert found.mapped_NV is not None
    assert torch.equal(found.mapped_NV, known)


def test_controls_without_teachers_when_built_then_follow_no_attention() -> None:
    assert untaught(LossConfig(attention=3.0)).attention == 0


def _config(weight: float, vit: Path, **changes: Any) -> RunConfig:
    teachers = (DENSE, Choice(name="pretrained-image", settings={"model": str(vit)}))
    loss = LossConfig(attention=weight, hidden=0.0, distil=0.0)
    optim = OptimConfig(epochs=6, batch=16, augment=0.0, modality_dropout=0.0)
    return tiny_config(**{"loss": loss, "optim": optim, "teachers": teachers} | changes)


def _told(run: Path) -> list[float]:
    return [
        metric["values"]["attention"]
        for metric in events(run, "metrics")
        if metric["stage"] == "final" and metric["split"] == "train"
    ]


@pytest.mark.slow
def test_run_when_attention_has_a_weight_then_the_student_comes_to_look_where_its_teachers_look(
    project: Path, cases: list[Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.train.ledger._SECONDS", 0.5)  # how fast it answers is of no interest here
    vit = tiny.vit(tmp_path / "vit")
    runs = {}
    for name, weight in (("free", 1e-9), ("led", 5.0)):
        runs[name] = make_run(project, f"attending-{name}", cases, _config(weight, vit))
        train(RunFolder(runs[name]))
    free, led = (_told(run) for run in runs.values())
    assert led[-1] < 0.7 * led[0]
    assert led[-1] < 0.7 * free[-1]
    before = {file: file.stat().st_mtime_ns for file in (project / "lessons").rglob("*.safetensors")}
    other = _config(5.0, vit, student=STUDENT.model_copy(update={"experts": 2, "hidden": 8}))
    again = make_run(project, "attending-again", cases, other)
    train(RunFolder(again))
    assert before == {file: file.stat().st_mtime_ns for file in (project / "lessons").rglob("*.safetensors")}
    assert {metric["stage"] for metric in events(again, "metrics")} == {"fold-1", "fold-2", "final"}
    assert "lessons-size" not in {log["code"] for log in events(again, "log")}


def test_run_when_attention_has_no_weight_then_nothing_is_looked_at(
    project: Path, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a map was made")

    monkeypatch.setattr("engine.model.student.looked_at", refuse)
    run = make_run(project, "attending-off", cases[:60], tiny_config(teachers=()))
    train(RunFolder(run))
    assert isinstance(student()(mixed()), Outcome)
    assert all("attention" not in metric["values"] for metric in events(run, "metrics"))
