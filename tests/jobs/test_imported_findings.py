"""Findings of an imported table, from its cells to the heads that look for them in pictures and sounds."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.demo.dataset import keep_cases
from engine.demo.domains import DOMAINS
from engine.jobs.run_folder import RunFolder
from engine.jobs.train_job import run as train
from engine.model.pretrained import Council, load_council
from engine.preprocess.batch import collate
from engine.schema.case import Case
from engine.schema.config import KnowledgeConfig, LossConfig, OptimConfig
from engine.schema.errors import ErrorBody
from engine.schema.knowledge_report import KnowledgeReport
from engine.store.blobs import Blobs
from tests.jobs.test_import_job import imported, run_folder
from tests.train.conftest import NOW, project  # noqa: F401
from tests.train.runs import clinic_knowledge, kept_knowledge, make_run, tiny_config

LOOKED_FOR = "lungs-patch"
COLUMNS = ("case_id", "text", "image", "audio", "image_findings", "sound_findings", "label", "group", "split")


@pytest.fixture(scope="module")
def generated(project: Path) -> list[Case]:  # noqa: F811
    return [*keep_cases(DOMAINS["clinic"], "train", 240, 5, Blobs(project / "blobs"), "seen", NOW)]


def _table(cases: list[Case], blobs: Blobs, findings: bool) -> tuple[str, dict[str, bytes]]:
    """Return the cases as a person would have them: a table, and files beside it; every tenth case was looked at by nobody."""
    files: dict[str, bytes] = {}
    written = io.StringIO()
    table = csv.DictWriter(written, COLUMNS)
    table.writeheader()
    for number, case in enumerate(cases):
        cells = {"case_id": case.case_id, "label": case.label, "group": case.group, "split": case.split}
        for part in case.parts:
            data = blobs.read(part.original)
            if part.modality == "text":
                cells["text"] = data.decode()
                continue
            path = f"{case.case_id}.{'png' if part.modality == 'image' else 'wav'}"
            cells[part.modality], files[path] = path, data
            if findings and number % 10 and part.findings is not None:
                column = "image_findings" if part.modality == "image" else "sound_findings"
                cells[column] = "; ".join(part.findings) or "none"
        table.writerow(cells)
    return written.getvalue(), files


def _learned(
    project: Path,  # noqa: F811
    place: Path,
    generated: list[Case],
    findings: bool,
    epochs: int,
) -> tuple[Council, list[ErrorBody], list[Case]]:
    """Import the cases as a table and train with the clinic's file; one finding is written by its title there, one is a stranger."""
    place.mkdir()
    table, files = _table(generated, Blobs(project / "blobs"), findings)
    table = table.replace("heart-normal", "odd shadow").replace(LOOKED_FOR, "Patch on the lung")
    cases, _, problems, _ = imported(run_folder(place, table, files, knowledge=clinic_knowledge().encode()))
    config = tiny_config(
        teachers=(),
        loss=LossConfig(distil=0, hidden=0),
        knowledge=KnowledgeConfig(version="1", finding=1.0),
        optim=OptimConfig(epochs=epochs, batch=16),
    )
    run = make_run(place, "train-seen", cases, config, knowledge=kept_knowledge(place, clinic_knowledge()))
    train(RunFolder(run))
    return load_council(run / "final"), problems, cases


def _report(council: Council) -> KnowledgeReport:
    assert council.summary is not None
    assert council.summary.knowledge is not None
    return council.summary.knowledge


def _ranks(council: Council, fresh: list[Case], blobs: Blobs) -> float:
    """Return how often the head ranks a fresh picture with the finding above one without it."""
    told = council.preparation.knowledge
    assert told is not None
    place = [one.name for one in told.findings].index(LOOKED_FOR)
    with_image = [case for case in fresh if "image" in case.present()]
    prepared = [council.preparation.prepare(case.parts, blobs) for case in with_image]
    with torch.inference_mode():
        advice = council.student(collate(prepared, council.preparation)).advice
    assert advice is not None
    seen_N = advice.seen_BF[:, place].numpy()
    truth_N = np.array([any(part.shows(LOOKED_FOR) for part in case.parts) for case in with_image])
    return float((seen_N[truth_N][:, None] > seen_N[~truth_N][None]).mean())


def test_findings_of_a_table_when_trained_with_a_file_are_learned_and_without_the_columns_they_are_not(
    project: Path,  # noqa: F811
    tmp_path: Path,
    generated: list[Case],
) -> None:
    council, problems, cases = _learned(project, tmp_path / "with", generated, findings=True, epochs=20)
    without, silent, _ = _learned(project, tmp_path / "without", generated, findings=False, epochs=1)

    assert LOOKED_FOR in _report(without).left_out
    assert without.preparation.knowledge is not None
    assert {one.modality for one in without.preparation.knowledge.findings} == {"text"}
    assert silent == []

    fresh = [*keep_cases(DOMAINS["clinic"], "test", 120, 99, Blobs(project / "blobs"), "fresh", NOW)]
    assert LOOKED_FOR not in _report(council).left_out
    assert _ranks(council, fresh, Blobs(project / "blobs")) > 0.65
    assert [problem.code for problem in problems] == ["findings-unknown"]
    assert "odd shadow" in problems[0].text("en")
    assert "odd shadow" in _report(council).unknown
    assert any("odd shadow" in (part.findings or ()) for case in cases for part in case.parts)
    assert all(part.findings is None for case in cases[::10] for part in case.parts)
