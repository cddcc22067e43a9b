"""A run that learns with a knowledge file: what of it enters the model, what is reported, and what stays as it was without one."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.jobs.run_folder import RunFolder
from engine.jobs.train_job import run as train
from engine.model.pretrained import load_council
from engine.predict.predictor import Predictor
from engine.schema.case import Case
from engine.schema.config import KnowledgeConfig, LossConfig, OptimConfig
from engine.schema.errors import UserError
from engine.schema.event import Routing
from engine.schema.knowledge import KnowledgeVersion
from engine.schema.knowledge_report import KnowledgeReport
from engine.store.blobs import Blobs
from engine.train.check import recompute_check_counts
from tests.train.conftest import cases, project  # noqa: F401
from tests.train.runs import (
    DENSE,
    FolderWithOrders,
    PowerCut,
    clinic_knowledge,
    events,
    kept_knowledge,
    make_run,
    tiny_config,
)

WITH = KnowledgeConfig(version="1")


@dataclasses.dataclass(frozen=True)
class Finished:
    """A run that went to its end, and what it learned with."""

    path: Path
    cases: list[Case]
    version: KnowledgeVersion

    @property
    def model(self) -> Path:
        """The model's folder."""
        return self.path / "final"

    @property
    def report(self) -> KnowledgeReport:
        """What the model says of its file."""
        summary = load_council(self.model).summary
        assert summary is not None
        assert summary.knowledge is not None
        return summary.knowledge


@pytest.fixture(scope="module")
def finished(project: Path, cases: list[Case]) -> Finished:  # noqa: F811
    version = kept_knowledge(project, clinic_knowledge())
    run = make_run(project, "train-told", cases, tiny_config(knowledge=WITH, controls=True), knowledge=version)
    train(RunFolder(run))
    return Finished(run, cases, version)


def test_run_when_it_has_a_knowledge_file_then_reports_trust_every_rule_and_every_specialist(
    finished: Finished,
) -> None:
    report = finished.report
    assert (report.version, report.sha256, report.title.zh) == (1, finished.version.sha256, "呼吸门诊")
    assert report.alpha > 0
    assert report.beta > 0
    assert (report.descriptions, len(report.rules), report.left_out) == (8, finished.version.rules, ())
    assert [one.name for one in report.specialists] == ["infections", "airways", "pleura", "heart"]
    assert all(one.cases > 0 for one in report.specialists)
    assert report.data_only is not None
    assert report.together is not None
    assert report.together.n == 96
    assert {rule.modality for rule in report.rules} == {"text", "image", "audio"}
    assert report.tags(2)[5].expert == 1
    card = (finished.model / "README.md").read_text(encoding="utf-8")
    assert "## Domain knowledge" in card
    assert report.trust("en") in card


def test_rules_when_the_world_bears_them_out_then_none_is_said_to_be_wrong(finished: Finished) -> None:
    verdicts = [rule.verdict for rule in finished.report.rules]
    assert verdicts.count("disagrees") == 0
    assert verdicts.count("agrees") > 10


def test_run_when_told_each_step_then_names_what_the_file_adds_to_the_error(finished: Finished) -> None:
    told = [m for m in events(finished.path, "metrics") if m["split"] == "train" and m["stage"] == "fold-1"]
    assert all({"alone", "finding", "naming", "alpha", "beta"} <= set(metric["values"]) for metric in told)
    taught = [m for m in events(finished.path, "metrics") if m["split"] == "train" and m["stage"] == "teacher-1"]
    assert taught
    assert not any({"alone", "finding", "naming", "alpha"} & set(metric["values"]) for metric in taught)
    dense = [m for m in events(finished.path, "metrics") if m["split"] == "train" and m["stage"] == "dense-1"]
    assert dense
    assert not any("alpha" in metric["values"] for metric in dense)


def test_heatmap_when_counted_again_then_is_the_same_for_student_and_teacher(finished: Finished) -> None:
    told = [Routing.model_validate(event) for event in events(finished.path, "routing") if event["source"] == "check"]
    blobs = RunFolder(finished.path).blobs
    assert {event.stage for event in told} >= {"teacher-1", "fold-1", "final"}
    for event in told:
        counted = recompute_check_counts(finished.path, event.checkpoint, finished.cases, blobs)
        assert counted.flatten().tolist() == event.counts.flat()


def test_model_when_loaded_then_reads_the_findings_of_a_new_case_and_answers(
    finished: Finished,
    project: Path,  # noqa: F811
) -> None:
    council = load_council(finished.model)
    assert council.preparation.knowledge is not None
    assert council.student.knowledge is not None
    read = council.preparation.knowledge.read("Swollen ankles by evening. No fever.")
    names = [one.name for one in council.preparation.knowledge.findings]
    assert {names[f] for f in np.flatnonzero(read[: len(names)])} == {"complaint-ankles", "fever-none"}
    case = next(case for case in finished.cases if case.pattern() == "text+image+audio")
    answer = Predictor(council, "cpu").predict(case.parts, Blobs(project / "blobs"))
    assert sum(answer.probabilities) == pytest.approx(1, abs=1e-5)


def test_run_when_made_again_with_the_same_seed_then_ends_with_the_same_weights_and_report(
    project: Path,  # noqa: F811
    cases: list[Case],  # noqa: F811
    finished: Finished,
) -> None:
    again = make_run(
        project, "train-told-again", cases, tiny_config(knowledge=WITH, controls=True), knowledge=finished.version
    )
    train(RunFolder(again))
    weights = "model.safetensors"
    assert (again / "final" / weights).read_bytes() == (finished.model / weights).read_bytes()
    assert load_council(again / "final").summary.knowledge == finished.report  # type: ignore[union-attr]


def test_run_when_started_from_a_model_then_keeps_its_knowledge(
    project: Path,  # noqa: F811
    cases: list[Case],  # noqa: F811
    finished: Finished,
) -> None:
    config = tiny_config(start_from="model-told", teachers=(), optim=OptimConfig(epochs=1, batch=16))
    run = make_run(project, "train-on", cases, config, model=str(finished.model), knowledge=finished.version)
    train(RunFolder(run))
    council = load_council(run / "final")
    assert council.preparation == load_council(finished.model).preparation
    assert council.summary is not None
    assert council.summary.knowledge is not None
    assert council.summary.knowledge.sha256 == finished.version.sha256


def _plain(**changes: Any) -> Any:
    return tiny_config(teachers=(), loss=LossConfig(distil=0, hidden=0), **changes)


def test_run_when_it_asks_for_a_file_that_was_not_given_then_is_refused(
    project: Path,  # noqa: F811
    cases: list[Case],  # noqa: F811
) -> None:
    run = make_run(project, "train-none", cases, _plain(knowledge=WITH))
    with pytest.raises(UserError) as none:
        train(RunFolder(run))
    assert none.value.code == "knowledge-none"


def test_run_when_the_file_names_more_specialists_than_there_are_experts_then_is_refused_at_once(
    project: Path,  # noqa: F811
    cases: list[Case],  # noqa: F811
) -> None:
    more = "".join(f"  - {{name: more-{i}, labels: [asthma]}}\n" for i in range(3))
    version = kept_knowledge(project, clinic_knowledge() + more, 2)
    run = make_run(project, "train-many", cases, _plain(knowledge=WITH), knowledge=version)
    with pytest.raises(UserError) as many:
        train(RunFolder(run))
    assert many.value.code == "knowledge-too-many-specialists"
    assert events(run, "metrics") == []


def test_run_when_parts_of_the_file_are_turned_off_then_they_do_not_enter(
    project: Path,  # noqa: F811
    cases: list[Case],  # noqa: F811
    finished: Finished,
) -> None:
    off = WITH.model_copy(update={"rules": False, "specialists": False})
    config = _plain(knowledge=off, optim=OptimConfig(epochs=1, batch=16))
    run = make_run(project, "train-off", cases, config, knowledge=finished.version)
    train(RunFolder(run))
    council = load_council(run / "final")
    assert council.preparation.knowledge is not None
    assert council.preparation.knowledge.findings == ()
    assert council.summary is not None
    assert council.summary.knowledge is not None
    assert (council.summary.knowledge.rules, council.summary.knowledge.specialists) == ((), ())


def test_dense_teacher_when_taught_in_a_run_with_knowledge_then_its_lessons_are_those_of_a_run_without(
    project: Path,  # noqa: F811
    cases: list[Case],  # noqa: F811
    finished: Finished,
) -> None:
    run = make_run(project, "train-untold", cases, tiny_config(teachers=(DENSE,)))
    train(RunFolder(run))
    stages = {metric["stage"] for metric in events(run, "metrics")}
    assert "teacher-1" not in stages, "the lessons of the run with the file are used again"


def test_run_when_cut_off_in_a_fold_and_taken_up_again_then_ends_with_the_same_weights(
    project: Path,  # noqa: F811
    cases: list[Case],  # noqa: F811
    finished: Finished,
) -> None:
    config = _plain(knowledge=WITH)
    whole, cut = (
        make_run(project, name, cases, config, knowledge=finished.version) for name in ("train-uncut", "train-cut")
    )
    train(RunFolder(whole))
    with pytest.raises(PowerCut):
        train(FolderWithOrders(cut, "cut", "fold-2", after=9))
    train(RunFolder(cut))
    weights = "model.safetensors"
    assert (cut / "final" / weights).read_bytes() == (whole / "final" / weights).read_bytes()
