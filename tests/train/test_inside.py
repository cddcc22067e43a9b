"""Runs whose student keeps a pretrained encoder: MiniLM read once for all runs, a model that needs nothing else, other encoders."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.jobs.run_folder import RunFolder
from engine.jobs.train_job import run as train
from engine.model.pretrained import load_council
from engine.preprocess.batch import collate
from engine.pretrained import door
from engine.schema.case import Case
from engine.schema.config import Choice, OptimConfig, RunConfig
from engine.schema.errors import UserError
from engine.schema.ledger import LEDGER_FILE
from engine.store.blobs import Blobs
from engine.teachers.lessons import LessonCache
from engine.train.check import recompute_check_counts
from engine.train.inside import Readings
from engine.train.material import fit_preparation, prepare_material, training_cases
from engine.train.recipes import recipes
from tests.teachers import tiny
from tests.train.runs import LABELS, STUDENT, FolderWithOrders, PowerCut, events, make_run, tiny_config


def _config(modality: str = "text", model: Path | None = None, tuned: int = 0, **changes: Any) -> RunConfig:
    settings = {"tuned_layers": tuned} | ({"model": str(model)} if model is not None else {})
    student = STUDENT.model_copy(update={modality: Choice(name="pretrained", settings=settings)})
    return tiny_config(**{"student": student, "teachers": (), "optim": OptimConfig(epochs=2, batch=16)} | changes)


def _told(run: Path) -> list[dict[str, Any]]:
    return [log["parameters"] for log in events(run, "log") if log["code"] == "states-size"]


@pytest.fixture(scope="module")
def whole(project: Path, cases: list[Case], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run that learned with MiniLM inside, from a copy of MiniLM that is gone by now."""
    minilm = tmp_path_factory.mktemp("elsewhere") / "minilm"
    shutil.copytree(door.default_folder(), minilm)
    run = make_run(project, "inside-whole", cases, _config(model=minilm, teachers=tiny_config().teachers))
    train(RunFolder(run))
    shutil.rmtree(minilm)
    return run


@pytest.mark.slow
def test_run_with_minilm_inside_when_it_ends_then_its_moved_model_answers_with_the_same_numbers_without_it(
    whole: Path, project: Path, cases: list[Case], tmp_path: Path
) -> None:
    blobs, here = Blobs(project / "blobs"), load_council(whole / "final")
    shutil.copytree(whole / "final", tmp_path / "moved")
    moved = load_council(tmp_path / "moved")
    answers = [
        council.student(
            collate([council.preparation.prepare(case.parts, blobs) for case in cases[:6]], council.preparation)
        )
        for council in (here, moved)
    ]
    assert torch.equal(answers[0].logits_BC, answers[1].logits_BC)
    assert here.summary is not None
    (inside,) = here.summary.inside
    assert (inside.name, inside.modality, inside.width) == ("minilm", "text", 384)
    assert here.summary.parameters > inside.parameters == 22_713_216
    assert "`minilm` for text inside (22,713,216 parameters, 91.6 MB, as it came)" in (
        whole / "final" / "README.md"
    ).read_text(encoding="utf-8")
    small = sum(path.stat().st_size for path in (whole / "checkpoints").glob("*.safetensors"))
    assert small < 10_000_000  # what stays as it came is in no checkpoint


@pytest.mark.slow
def test_run_with_minilm_inside_when_measured_then_its_ledger_counts_the_encoder(whole: Path) -> None:
    ledger = json.loads((whole / "final" / LEDGER_FILE).read_text(encoding="utf-8"))
    assert ledger["cost"]["parameters"] > 22_713_216
    assert ledger["cost"]["weights"] > 4 * 22_713_216
    assert ledger["teachers"][0]["cost"]["parameters"] > 22_713_216


@pytest.mark.slow
def test_second_run_when_only_the_student_changes_then_reads_nothing_again(
    whole: Path, project: Path, cases: list[Case]
) -> None:
    (size,) = _told(whole)
    assert size["encoder"] == "minilm"
    assert size["megabytes"] > 0
    before = {file: file.stat().st_mtime_ns for file in (project / "lessons").rglob("*.safetensors")}
    config = _config()  # the same encoder in another place
    wider = config.student.model_copy(update={"experts": 2, "hidden": 8})
    run = make_run(project, "inside-again", cases, config.model_copy(update={"student": wider}))
    train(RunFolder(run))
    assert not _told(run)
    assert before == {file: file.stat().st_mtime_ns for file in (project / "lessons").rglob("*.safetensors")}
    assert set(recompute_check_counts(run, "final-000012", cases, Blobs(project / "blobs")).shape) == {2, 3}


@pytest.mark.slow
def test_fusion_run_when_it_starts_from_a_model_with_an_encoder_then_goes_on_with_it(
    whole: Path, project: Path, cases: list[Case]
) -> None:
    config = tiny_config(recipe="fuse", teachers=(), start_from="model-whole", optim=OptimConfig(epochs=1, batch=16))
    run = make_run(project, "inside-fuse", cases, config, model=str(whole / "final"))
    train(RunFolder(run))
    assert "start-without-folds" not in {log["code"] for log in events(run, "log")}
    assert not _told(run)
    summary = load_council(run / "final").summary
    assert summary is not None
    assert [one.name for one in summary.inside] == ["minilm"]


@pytest.mark.parametrize(("modality", "make"), [("image", tiny.vit), ("audio", tiny.wav2vec2), ("text", tiny.gpt2)])
def test_run_with_another_encoder_inside_when_it_ends_then_answers_as_it_did_with_its_states(
    project: Path, cases: list[Case], tmp_path: Path, modality: str, make: Any
) -> None:
    run = make_run(project, f"inside-{modality}", cases[:60], _config(modality, make(tmp_path / "tiny")))
    train(RunFolder(run))
    (size,) = _told(run)
    assert size["items"] > 0
    shutil.rmtree(tmp_path / "tiny")
    council = load_council(run / "final")
    (pinned,) = events(run, "pinned")[-1:]
    shown = [next(case for case in cases if case.case_id == one["case_id"]) for one in pinned["cases"]]
    prepared = [council.preparation.prepare(case.parts, Blobs(project / "blobs")) for case in shown]
    live_BC = council.student(collate(prepared, council.preparation)).logits_BC.softmax(1)
    told_BC = torch.tensor([one["probabilities"] for one in pinned["cases"]])
    assert torch.allclose(live_BC, told_BC, atol=5e-3)  # states are kept in half precision


def test_run_whose_encoder_learns_further_when_killed_then_goes_on_to_the_same_bits(
    project: Path, cases: list[Case], tmp_path: Path
) -> None:
    config = _config("image", tiny.vit(tmp_path / "vit"), tuned=1)
    runs = [make_run(project, f"inside-tuned-{name}", cases[:60], config) for name in ("whole", "cut")]
    train(RunFolder(runs[0]))
    with pytest.raises(PowerCut):
        train(FolderWithOrders(runs[1], "cut", "fold-2", 3))
    train(RunFolder(runs[1]))
    assert not _told(runs[0])
    weights = [load_council(run / "final").student.state_dict() for run in runs]
    assert all(torch.equal(weights[1][name], tensor) for name, tensor in weights[0].items())
    assert any(".tuned." in name for name in weights[0])


def test_recipe_when_it_keeps_minilm_inside_then_is_otherwise_the_distillation() -> None:
    inside, distil = (recipes[name].build().config() for name in ("inside", "distil"))
    assert inside.student.text.name == "pretrained"
    learned = inside.student.model_copy(update={"text": distil.student.text})
    assert inside.model_copy(update={"recipe": "distil", "student": learned}) == distil


def test_run_when_its_encoder_is_not_there_then_ends_with_a_sentence(
    project: Path, cases: list[Case], tmp_path: Path
) -> None:
    run = make_run(project, "inside-missing", cases[:60], _config(model=tmp_path / "nothing"))
    with pytest.raises(UserError, match="The encoder nothing is not on this computer"):
        train(RunFolder(run))


def _dense(modality: str, **settings: Any) -> Choice:
    """Return a dense teacher that keeps an encoder inside for a kind of input."""
    return Choice(name="fusion", settings={"width": 32, "hidden": 32, "epochs": 1, modality: "pretrained", **settings})


@pytest.mark.slow
def test_dense_teacher_when_it_keeps_minilm_inside_then_the_student_learns_from_it_and_carries_none_of_it(
    project: Path, cases: list[Case]
) -> None:
    config = tiny_config(teachers=(_dense("text"),))
    run = make_run(project, "teacher-inside", cases, config)
    train(RunFolder(run))
    summary = load_council(run / "final").summary
    assert summary is not None
    (teacher,) = summary.teachers
    assert teacher.parameters > 22_713_216 > 20 * summary.parameters
    assert summary.inside == ()
    assert not (run / "final" / "encoders").exists()
    ledger = json.loads((run / "final" / LEDGER_FILE).read_text(encoding="utf-8"))
    (beside,) = ledger["teachers"]
    assert beside["cost"]["parameters"] == teacher.parameters
    assert all(speed["ratio"]["value"] > 1 for speed in beside["latency"])
    dense = sorted(path.stem for path in (run / "checkpoints").glob("teacher-1-*.json"))
    counted = recompute_check_counts(run, dense[-1], cases, Blobs(project / "blobs"))
    assert counted.shape[1] == 1  # its checkpoint is read with its own encoder, not with the student's


@pytest.mark.parametrize(("modality", "make"), [("image", tiny.vit), ("audio", tiny.wav2vec2)])
def test_dense_teacher_when_only_the_student_changes_then_neither_it_nor_its_encoder_works_again(
    project: Path, cases: list[Case], tmp_path: Path, modality: str, make: Any
) -> None:
    teacher = _dense(modality, **{f"{modality}_model": str(make(tmp_path / "tiny"))})
    config = tiny_config(teachers=(teacher,), optim=OptimConfig(epochs=1, batch=16))
    first = make_run(project, f"teacher-{modality}", cases[:60], config)
    train(RunFolder(first))
    before = _lessons(project)
    wider = config.student.model_copy(update={"experts": 2, "hidden": 8})
    second = make_run(project, f"teacher-{modality}-again", cases[:60], config.model_copy(update={"student": wider}))
    train(RunFolder(second))
    assert not _told(second)
    assert _lessons(project) == before
    reports = [load_council(run / "final").summary for run in (first, second)]
    assert all(report is not None for report in reports)
    assert len({report.teachers[0].accuracy for report in reports if report is not None}) == 1


def test_dense_teachers_when_there_are_two_then_each_is_trained_and_reads_with_its_own_encoder(
    project: Path, cases: list[Case], tmp_path: Path
) -> None:
    plain = Choice(name="fusion", settings={"width": 32, "hidden": 32, "epochs": 1})
    seeing = [_dense("image", image_model=str(tiny.vit(tmp_path / name))) for name in ("one", "two")]
    config = tiny_config(teachers=(plain, *seeing), optim=OptimConfig(epochs=1, batch=16))
    run = make_run(project, "teachers-two", cases[:60], config)
    train(RunFolder(run))
    stages = {path.stem.rpartition("-")[0] for path in (run / "checkpoints").glob("teacher-*.json")}
    keys = ("", "fusion-2-", "fusion-3-")
    assert stages == {f"teacher-{key}{fold}" for key in keys for fold in (1, 2)}
    summary = load_council(run / "final").summary
    assert summary is not None
    assert [one.name for one in summary.teachers] == ["fusion", "fusion-2", "fusion-3"]
    own, *others = (one.parameters for one in summary.teachers)
    assert own not in others


def test_dense_teacher_of_several_models_when_it_teaches_then_answers_by_their_mean_and_counts_a_shared_encoder_once(
    project: Path, cases: list[Case], tmp_path: Path
) -> None:
    model = str(tiny.bert(tmp_path / "bert"))
    config = tiny_config(
        teachers=(_dense("text", text_model=model, members=2), _dense("text", text_model=model)),
        optim=OptimConfig(epochs=1, batch=16),
    )
    run = make_run(project, "teacher-members", cases[:60], config)
    train(RunFolder(run))
    stages = {path.stem.rpartition("-")[0] for path in (run / "checkpoints").glob("teacher-*.json")}
    assert stages == {
        "teacher-1",
        "teacher-1m2",
        "teacher-2",
        "teacher-2m2",
        "teacher-fusion-2-1",
        "teacher-fusion-2-2",
    }
    summary = load_council(run / "final").summary
    assert summary is not None
    both, alone = summary.teachers
    from transformers import AutoModel

    encoder = sum(p.numel() for p in AutoModel.from_pretrained(model).parameters())
    assert both.parameters == 2 * alone.parameters - encoder
    beside, single = json.loads((run / "final" / LEDGER_FILE).read_text(encoding="utf-8"))["teachers"]
    assert (beside["cost"]["parameters"], single["cost"]["parameters"]) == (both.parameters, alone.parameters)
    # Not which is faster: two encoders this tiny differ by less than what else a machine does.
    assert beside["cost"]["weights"] > single["cost"]["weights"]
    assert min(one["latency"][0]["teacher"]["value"] for one in (beside, single)) > 0


def test_dense_teacher_when_only_its_texts_are_read_anew_then_pictures_and_sounds_are_not_held_twice(
    project: Path, cases: list[Case], tmp_path: Path
) -> None:
    blobs = Blobs(project / "blobs")
    chosen = training_cases(cases[:40], LABELS)
    student = STUDENT.model_copy(
        update={"image": Choice(name="pretrained", settings={"model": str(tiny.vit(tmp_path / "vit"))})}
    )
    own = prepare_material(chosen, LABELS, blobs, fit_preparation(chosen, blobs, student), 1, lambda done, total: None)
    told: list[int] = []
    cache = LessonCache(tmp_path / "lessons")
    readings = Readings(
        own, student, cache, torch.device("cpu"), lambda code, facts: None, lambda done, n: told.append(n)
    )
    text = Choice(name="pretrained", settings={"model": str(tiny.bert(tmp_path / "bert"))})
    other = readings.of(student.model_copy(update={"text": text}))
    assert told
    assert other.case_ids == own.case_ids
    for mine, read in zip(own.views, other.views, strict=True):
        assert all(
            a is b for a, b in zip(mine[0].images + mine[0].audios, read[0].images + read[0].audios, strict=True)
        )
        assert all(part.states_LD is not None for part in read[0].texts)
    assert [encoder.name for encoder in other.preparation.inside] == ["bert", "vit"]
    assert other.preparation.reader("image") is own.preparation.reader("image")
    hidden = text.model_copy(update={"settings": {**text.settings, "states_dropout": 0.5}})
    assert readings.of(student.model_copy(update={"text": hidden})) is other
    assert readings.of(student.model_copy(update={"experts": 2})) is own


def test_dense_teacher_when_its_encoder_is_not_there_then_the_run_ends_with_a_sentence(
    project: Path, cases: list[Case], tmp_path: Path
) -> None:
    teacher = _dense("audio", audio_model=str(tmp_path / "nothing"))
    run = make_run(project, "teacher-missing", cases[:60], tiny_config(teachers=(teacher,)))
    with pytest.raises(UserError, match="The encoder nothing is not on this computer"):
        train(RunFolder(run))


def _lessons(project: Path) -> dict[Path, int]:
    return {file: file.stat().st_mtime_ns for file in (project / "lessons").rglob("*.safetensors")}
