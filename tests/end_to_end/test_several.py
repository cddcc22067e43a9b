"""Several labels a case, the whole way: a table of 0 and 1, a real training, answers from the modality that knows, and measures."""

import csv
import dataclasses
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from engine.demo.planted import SEVERAL, ManyPlanted, plant_many
from engine.schema.base import MODALITIES, Modality, new_id
from engine.schema.case import Case
from engine.schema.command import AddPart, CreateCase, PartAdded, Predict, ProjectInfo
from engine.schema.ledger import Ledger
from engine.schema.model import ModelSummary
from engine.schema.prediction import Prediction
from engine.store.blobs import Blobs
from tests.conftest import ROOT
from tests.end_to_end.conftest import PATIENCE_S, Ward, runtime_of_its_own

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("several")]
TRAINED, ASKED = 600, 120
NOISE = 0.05
SETTINGS = (
    "optim.epochs=24", "optim.batch=32", "student.width=32", "student.hidden=32", "student.heads=2", "student.experts=4", "threads=1",
    "device=cpu", "teachers=fusion", "teachers.fusion.epochs=6", "teachers.fusion.width=32", "teachers.fusion.hidden=32",
    "teachers.fusion.calibrate=true", "loss.distil=0.5", "optim.label_smoothing=0",
)  # fmt: skip
_ENDINGS: Mapping[Modality, str] = {"text": ".txt", "image": ".png", "audio": ".wav"}


@dataclasses.dataclass(frozen=True)
class Taught:
    """A project that learned from planted cases with several labels, and the answers to cases it never saw."""

    ward: Ward
    model: ModelSummary
    asked: list[ManyPlanted]
    answers: list[Prediction]
    table: Path


def _said(*arguments: object) -> str:
    command = [sys.executable, "-m", "engine", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _table(folder: Path, cases: list[ManyPlanted], blobs: Blobs) -> Path:
    """Write cases as a table of 0 and 1 beside their files."""
    folder.mkdir()
    names = [SEVERAL[modality].name for modality in MODALITIES]
    with open(folder / "cases.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["case_id", "group", "split", "text", "image", "audio", *names])
        for planted in cases:
            case, found = planted.case, {}
            for part in case.parts:
                data = blobs.read(part.original)
                found[part.modality] = (
                    data.decode() if part.modality == "text" else f"{part.part_id}{_ENDINGS[part.modality]}"
                )
                if part.modality != "text":
                    (folder / found[part.modality]).write_bytes(data)
            cells = [found.get(modality, "") for modality in MODALITIES]
            marks = [int(name in (case.labels or ())) for name in names]
            writer.writerow([case.case_id, case.group, case.split, *cells, *marks])
    return folder / "cases.csv"


def _answer(ward: Ward, planted: ManyPlanted, blobs: Blobs) -> Prediction:
    case_id = new_id("case")
    ward.client.post("/v1/cases", CreateCase(command_id=new_id("c"), case_id=case_id), Case)
    for part in planted.case.parts:
        sha256 = ward.client.put_blob(blobs.read(part.original))
        add = AddPart(command_id=new_id("c"), sha256=sha256, name=part.name, modality=part.modality)
        ward.client.post(f"/v1/cases/{case_id}/parts", add, PartAdded)
    return ward.client.post(f"/v1/cases/{case_id}/predict", Predict(command_id=new_id("c")), Prediction)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taught]:
    folder = tmp_path_factory.mktemp("several")
    blobs = Blobs(folder / "blobs")
    blobs.folder.mkdir()
    learnt = list(plant_many("train", TRAINED, 1, blobs, NOISE))
    held, asked = list(plant_many("val", ASKED, 1, blobs, NOISE)), list(plant_many("test", ASKED, 1, blobs, NOISE))
    project = folder / "project"
    with runtime_of_its_own():
        told = _said("import", project, _table(folder / "learnt", learnt + held, blobs))
        assert f"{TRAINED + ASKED} cases imported, 0 problems." in told
        settings = [one for setting in SETTINGS for one in ("--set", setting)]
        told = _said("train", project, "--recipe", "quick", *settings)
        assert "all labels right (exact match)" in told
        ward = Ward(project)
        try:
            info = ward.client.get("/v1/project", ProjectInfo)
            (dataset,), (model,) = info.datasets, info.models
            assert (dataset.answers, model.answers) == ("several", "several")
            table = _table(folder / "asked", asked, blobs)
            yield Taught(ward, model, asked, [_answer(ward, planted, blobs) for planted in asked], table)
        finally:
            ward.end()
            shutil.rmtree(folder, ignore_errors=True)


def _chance(answer: Prediction, modality: Modality) -> float:
    return dict(zip(answer.labels, answer.probabilities, strict=True))[SEVERAL[modality].name]


@pytest.mark.parametrize("modality", MODALITIES)
def test_label_when_its_own_modality_is_there_is_answered_from_it_and_when_it_is_absent_is_unsure(
    taught: Taught, modality: Modality
) -> None:
    pairs = list(zip(taught.asked, taught.answers, strict=True))
    told = [
        (planted.bits[modality], _chance(answer, modality)) for planted, answer in pairs if modality in planted.present
    ]
    untold = [_chance(answer, modality) for planted, answer in pairs if modality not in planted.present]
    assert len(told) >= 50
    assert len(untold) >= 8
    assert np.mean([(chance >= 0.5) == bit for bit, chance in told]) >= 0.9
    assert np.mean([abs(chance - 0.5) > 0.3 for _, chance in told]) >= 0.8
    assert np.mean([abs(chance - 0.5) < 0.25 for chance in untold]) >= 0.85, untold


def test_chances_of_a_case_when_several_labels_hold_are_each_of_their_own_and_not_shares_of_one(taught: Taught) -> None:
    whole = [a for p, a in zip(taught.asked, taught.answers, strict=True) if len(p.present) == len(MODALITIES)]
    assert {answer.answers for answer in taught.answers} == {"several"}
    sums = [sum(answer.probabilities) for answer in whole]
    assert min(sums) < 0.6
    assert max(sums) > 2.4
    counts = {len(answer.suggested) for answer in whole}
    assert counts == {0, 1, 2, 3}
    for answer in taught.answers:
        chances = dict(zip(answer.labels, answer.probabilities, strict=True))
        assert set(answer.suggested) == {label for label, chance in chances.items() if chance >= 0.5}
        assert set(answer.suggested) <= set(answer.label_set)


def test_set_when_cases_are_new_misses_no_more_of_their_labels_than_promised(taught: Taught) -> None:
    missed = []
    for planted, answer in zip(taught.asked, taught.answers, strict=True):
        truth = planted.case.labels or ()
        missed += [sum(label not in answer.label_set for label in truth) / len(truth)] if truth else []
        if answer.outcome == "suggests":
            assert not answer.open()
            assert answer.reasons[0].code == ("all-settled" if answer.suggested else "none-of-them")
    assert len(missed) >= 80
    assert np.mean(missed) <= 0.1 + 1.96 * np.std(missed) / len(missed) ** 0.5


def test_contributions_of_several_labels_are_for_the_strongest_one_and_come_from_its_own_modality(
    taught: Taught,
) -> None:
    carrier = {SEVERAL[modality].name: modality for modality in MODALITIES}
    found = []
    for answer in taught.answers:
        if len(answer.modalities) == len(MODALITIES) and answer.suggested:
            strongest = max(answer.contributions, key=lambda one: abs(one.log_odds))
            found.append(strongest.modality == carrier[answer.best()])
    assert len(found) >= 20
    assert np.mean(found) >= 0.9


def test_measures_when_told_name_the_main_figure_and_the_share_of_missed_labels(taught: Taught) -> None:
    summary = taught.model
    for measured in (summary.out_of_fold, summary.validation):
        assert measured is not None
        assert measured.several is not None
        assert measured.several.alpha == 0.1
        assert measured.several.label_accuracy > 0.8
        assert measured.accuracy.value <= measured.several.label_accuracy
        assert measured.several.auroc.keys() == {label.name for label in SEVERAL.values()}
        assert min(measured.several.auroc.values()) > 0.8
        assert measured.several.missed.low <= 0.1
    (teacher,) = summary.teachers
    assert (teacher.name, teacher.accuracy.n) == ("fusion", TRAINED)
    card = (taught.ward.project / "models" / summary.model_id / "README.md").read_text(encoding="utf-8")
    assert "any number of 3" in card
    assert "all labels right (exact match)" in card


def test_ledger_when_a_teacher_taught_several_labels_then_holds_the_answers_whole_against_each_other(
    taught: Taught,
) -> None:
    found = taught.ward.client.get(f"/v1/models/{taught.model.model_id}/ledger", Ledger)
    assert found.answers == "several"
    (teacher,) = found.teachers
    assert teacher.cases == TRAINED
    assert teacher.whole.student.accuracy == taught.model.out_of_fold.accuracy  # type: ignore[union-attr]
    assert teacher.whole.teacher.accuracy == taught.model.teachers[0].accuracy
    assert {part.name for part in teacher.by_label} == {label.name for label in SEVERAL.values()}
    assert teacher.parted
    assert all(set(one.student) != set(one.teacher) for one in teacher.parted)
    told = _said("ledger", taught.ward.project)
    assert "student: all labels right (exact match) " in told


def test_evaluation_of_a_table_when_several_labels_hold_says_what_was_right_and_what_was_missed(taught: Taught) -> None:
    told = _said("evaluate", taught.ward.project, "--manifest", taught.table)
    dynamic = taught.model.validation.dynamic if taught.model.validation is not None else None
    if dynamic is not None:  # where some inputs may be skipped, what that changes is measured
        assert dynamic.told_otherwise <= 0.1
    assert "all labels right (exact match)" in told
    assert "at most 0.1 is promised" in told


def test_answer_on_the_command_line_when_only_a_picture_is_there_names_what_stays_open(taught: Taught) -> None:
    seen = SEVERAL["image"].name
    pictures = sorted(taught.table.parent.glob("*-image.png"))[:4]
    for picture in pictures:
        answered = _said("predict", taught.ward.project, "--image", picture, "--json")
        found = json.loads(answered.splitlines()[-1])
        unseen = {label: chance for label, chance in found["probabilities"].items() if label != seen}
        assert all(abs(chance - 0.5) < 0.35 for chance in unseen.values())
        left = [label for label in found["set"] if label not in found["suggested"]]
        said = f"cannot be excluded: {', '.join(left)}" in answered
        assert said == (bool(left) and found["outcome"] != "not-sure")
        assert ("cannot be excluded" in answered) == said
