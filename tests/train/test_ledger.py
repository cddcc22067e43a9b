"""The ledger of whole runs: every figure made again from what the run left."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.evaluate import comparing
from engine.jobs.run_folder import RunFolder
from engine.jobs.train_job import run as train
from engine.model.pretrained import load_council
from engine.schema.case import Case
from engine.schema.config import OptimConfig
from engine.schema.ledger import LEDGER_FILE, Compared, Estimate, Ledger
from tests.train.runs import FolderWithOrders, events, make_run, tiny_config

SHORT = OptimConfig(epochs=2, batch=16)


@pytest.fixture(scope="module")
def handed() -> dict[str, list[Sequence[str]]]:
    """Whose cases the comparisons were told of, by what they compare; `run` fills it."""
    return {"control": [], "teacher": []}


@pytest.fixture(scope="module")
def run(project: Path, cases: list[Case], handed: dict[str, list[Sequence[str]]]) -> Path:
    def watched_gain(
        ours_N: NDArray[np.floating], theirs_N: NDArray[np.floating], groups: Sequence[str] = (), most: float = 1.0
    ) -> Estimate:
        handed["control"].append(groups)
        return comparing.gain(ours_N, theirs_N, groups, most)

    def watched_compare(pair: comparing.Pair, name: str, kind: str, seed: int) -> Compared:
        handed["teacher"].append([f"{one} {group}" for one, group in zip(pair.case_ids, pair.groups, strict=True)])
        return comparing.compare(pair, name, kind, seed)

    made = make_run(project, "ledger-whole", cases, tiny_config(controls=True, optim=SHORT))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.train.ledger.gain", watched_gain)
        patch.setattr("engine.train.ledger.compare", watched_compare)
        train(RunFolder(made))
    return made


@pytest.fixture
def ledger(run: Path) -> Ledger:
    return Ledger.model_validate_json((run / "final" / LEDGER_FILE).read_bytes())


def test_ledger_when_a_run_has_teachers_then_agrees_with_what_the_run_told_elsewhere(run: Path, ledger: Ledger) -> None:
    summary = load_council(run / "final").summary
    assert summary is not None
    assert summary.out_of_fold is not None
    assert ledger.student.accuracy == summary.out_of_fold.accuracy
    assert ledger.student.ece == pytest.approx(summary.out_of_fold.ece)
    (teacher,) = ledger.teachers
    assert teacher.whole.teacher.accuracy == summary.teachers[0].accuracy
    assert teacher.whole.teacher.ece == pytest.approx(summary.teachers[0].ece, abs=1e-6)
    assert ledger.cost.parameters == summary.parameters
    assert teacher.cost is not None
    assert teacher.cost.parameters == summary.teachers[0].parameters


def test_ledger_when_its_parts_are_added_up_then_they_are_the_whole(ledger: Ledger) -> None:
    (teacher,) = ledger.teachers
    for parts in (teacher.by_label, teacher.by_pattern):
        assert sum(part.student.accuracy.n for part in parts) == teacher.cases == 96
        right = sum(round(part.teacher.accuracy.value * part.teacher.accuracy.n) for part in parts)
        assert right == round(teacher.whole.teacher.accuracy.value * teacher.cases)
    apart = teacher.student_alone_right + teacher.teacher_alone_right + teacher.both_wrong
    assert apart == round((1 - teacher.whole.agreement.value) * teacher.cases)
    assert len(teacher.parted) == min(50, apart)


def test_parted_cases_when_read_then_are_training_cases_with_two_answers(ledger: Ledger, cases: list[Case]) -> None:
    truths = {case.case_id: case.label for case in cases if case.split == "train"}
    parted = ledger.teachers[0].parted
    assert parted
    assert all((truths[one.case_id],) == one.truth and one.student != one.teacher for one in parted)
    divergences = [one.divergence for one in parted]
    assert divergences == sorted(divergences, reverse=True)


def test_speed_and_memory_when_measured_then_stand_beside_a_teacher_of_the_same_cases(ledger: Ledger) -> None:
    (teacher,) = ledger.teachers
    assert [speed.batch for speed in teacher.latency] == [1, 32]
    for speed in teacher.latency:
        assert 0 < speed.student.low <= speed.student.value <= speed.student.high
        assert speed.ratio.low <= speed.ratio.value <= speed.ratio.high
        assert 0 <= speed.quiet <= speed.pairs
        assert speed.pairs >= 3
    assert ledger.cost.weights >= 4 * ledger.cost.parameters
    assert ledger.cost.working > 0


def test_controls_when_asked_for_then_are_compared_on_every_case_and_differ_by_what_they_lack(
    run: Path, ledger: Ledger
) -> None:
    plain, dense = ledger.controls
    assert (plain.name, dense.name) == ("plain", "dense")
    assert plain.parameters == ledger.cost.parameters
    assert plain.flops == ledger.flops
    assert abs(dense.flops - ledger.flops) < 0.02 * ledger.flops
    assert dense.parameters < plain.parameters
    for control in ledger.controls:
        assert control.accuracy.n == 96
        difference = ledger.student.accuracy.value - control.accuracy.value
        assert control.accuracy_gain.value == pytest.approx(difference)
        assert control.accuracy_gain.low <= difference <= control.accuracy_gain.high
        assert control.nll_gain.value == pytest.approx(control.nll - ledger.student.nll)
    stages = {metric["stage"] for metric in events(run, "metrics")}
    assert {"plain-1", "plain-2", "dense-1", "dense-2"} <= stages
    assert not any(event["stage"].startswith(("plain", "dense")) for event in events(run, "routing"))


def test_comparisons_when_made_then_know_whose_each_case_is(
    ledger: Ledger, cases: list[Case], handed: dict[str, list[Sequence[str]]]
) -> None:
    of_case = {case.case_id: case.group for case in cases}
    (beside,) = handed["teacher"]
    order = [one.split(" ", 1)[0] for one in beside]
    assert beside == [f"{one} {of_case[one]}" for one in order]
    assert len(order) == ledger.cases, "the teacher knows all cases, in the order of the controls"
    assert len({of_case[one] for one in order}) >= comparing.FEWEST_CLUSTERS
    assert [list(groups) for groups in handed["control"]] == [[of_case[one] for one in order]] * 4


def test_control_without_teachers_when_the_error_has_none_either_then_is_the_student_itself(
    project: Path, cases: list[Case]
) -> None:
    config = tiny_config(controls=True, optim=SHORT)
    untaught = config.loss.model_copy(update={"distil": 0.0, "hidden": 0.0})
    made = make_run(project, "ledger-untaught", cases, config.model_copy(update={"loss": untaught}))
    train(RunFolder(made))
    ledger = Ledger.model_validate_json((made / "final" / LEDGER_FILE).read_bytes())
    plain = ledger.controls[0]
    assert plain.accuracy_gain.value == 0
    assert -0.2 < plain.accuracy_gain.low < 0 < plain.accuracy_gain.high < 0.2, "96 cases are not all there are"
    assert plain.nll == pytest.approx(ledger.student.nll, abs=1e-6), "the same folds, batches and luck"


def test_run_without_teachers_when_it_ends_then_has_no_ledger(project: Path, cases: list[Case]) -> None:
    made = make_run(project, "ledger-none", cases, tiny_config(teachers=(), optim=SHORT))
    train(RunFolder(made))
    assert not (made / "final" / LEDGER_FILE).exists()


def test_ledger_when_stopped_among_the_controls_then_holds_those_that_were_done(
    project: Path, cases: list[Case]
) -> None:
    made = make_run(project, "ledger-stopped", cases, tiny_config(controls=True, optim=SHORT))
    train(FolderWithOrders(made, "stop-and-keep", "dense-1", 1))
    ledger = Ledger.model_validate_json((made / "final" / LEDGER_FILE).read_bytes())
    assert [control.name for control in ledger.controls] == ["plain"]
