"""What check passes tell of a real small training, counted again from its checkpoints; the same after a cut."""

import dataclasses
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.device import choose_device, set_threads
from engine.model.gating import choices
from engine.model.student import build_student
from engine.schema.base import Array
from engine.schema.case import Case
from engine.schema.config import LossConfig, OptimConfig
from engine.schema.event import EventBody, Routing, Saturation
from engine.store.blobs import Blobs
from engine.train import check_pass
from engine.train.check_pass import Checked, CheckPass
from engine.train.checkpoint import load_resume, load_weights
from engine.train.material import Material, fit_preparation, prepare_material
from engine.train.stage import Stage
from engine.train.telemetry import Pinned, routing_event
from engine.train.trainer import Surroundings, train_stage
from engine.utilisation import Choices, changed_first_choices, kept_choices
from tests.train.runs import LABELS, STUDENT, PowerCut
from workbench.state.routing import Snapshot

CHECK = tuple(range(0, 24, 2))


@pytest.fixture(scope="module")
def material(project: Path, cases: list[Case]) -> Material:
    set_threads(1)
    blobs, few = Blobs(project / "blobs"), cases[:32]
    return prepare_material(few, LABELS, blobs, fit_preparation(few, blobs, STUDENT), 1, lambda done, total: None)


def _around(run: Path, material: Material, told: list[EventBody], stopping: Callable[[], bool]) -> Surroundings:
    return Surroundings(
        run=run,
        material=material,
        device=choose_device("cpu"),
        sink=told.append,
        stopping=stopping,
        progress=lambda stage, done, total: None,
        check_rows=CHECK,
        pinned=Pinned((), (), (), ()),
    )


def _train(run: Path, material: Material, stopping: Callable[[], bool] = lambda: False) -> list[EventBody]:
    told: list[EventBody] = []
    rows = np.arange(material.size)
    optim = OptimConfig(epochs=4, batch=16, learning_rate=0.02)
    stage = Stage("final", 1, rows, rows[:0], STUDENT, LossConfig(), optim)
    train_stage(_around(run, material, told, stopping), stage)
    return told


def _after(looks: int, then: Callable[[], bool]) -> Callable[[], bool]:
    """Return what a stage asks once a step: `then` decides after so many looks."""
    seen = iter(range(looks))
    return lambda: False if next(seen, None) is not None else then()


def _cut() -> bool:
    raise PowerCut


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def told(run: Path, material: Material) -> list[EventBody]:
    return _train(run, material)


def _checks(told: list[EventBody]) -> list[Routing]:
    return [body for body in told if isinstance(body, Routing) and body.source == "check"]


def _numbers(array: Array | None) -> np.ndarray:
    assert array is not None
    return np.array(array.flat()).reshape(array.shape)


def _again(run: Path, material: Material, checkpoint: str) -> tuple[Choices, np.ndarray]:
    """Return whom the check tokens went to with a checkpoint's weights, and their modalities."""
    facts, weights = load_weights(run, checkpoint)
    student = build_student(facts.student, material.preparation, facts.labels)
    student.load_state_dict(weights)
    student.eval()
    with torch.inference_mode():
        outcome = student(material.batch(CHECK))
    return choices(outcome).numpy(), outcome.modality_T.numpy()


def test_checks_when_told_say_what_changed_since_the_checkpoint_before(
    run: Path, material: Material, told: list[EventBody]
) -> None:
    checks = _checks(told)
    assert [check.step for check in checks] == [2, 4, 6, 8]
    assert checks[0].changed is None
    for before, now in itertools.pairwise(checks):
        then_LTK, modality_T = _again(run, material, before.checkpoint)
        now_LTK, _ = _again(run, material, now.checkpoint)
        changed_LT = changed_first_choices(then_LTK, now_LTK)
        expected = [[int(changed_T[modality_T == m].sum()) for m in range(3)] for changed_T in changed_LT]
        assert _numbers(now.changed).tolist() == expected
    assert sum(_numbers(check.changed).sum() for check in checks[1:]) > 0


def test_pairs_when_told_hold_each_experts_count_on_the_diagonal(told: list[EventBody]) -> None:
    for check in _checks(told):
        together_LEE, counts_LE = _numbers(check.together), _numbers(check.counts).sum(2)
        assert np.diagonal(together_LEE, axis1=1, axis2=2).tolist() == counts_LE.tolist()
        assert (together_LEE == together_LEE.transpose(0, 2, 1)).all()
        assert (together_LEE.sum(2) == 2 * counts_LE).all(), (
            "with two experts a token each is there with itself and one"
        )


def test_gate_when_told_is_of_every_token_once(told: list[EventBody]) -> None:
    everything = [body for body in told if isinstance(body, Routing)]
    assert {body.source for body in everything} == {"training", "check"}
    for body in everything:
        assert body.gate is not None
        tokens_M, counts_LEM = _numbers(body.gate.tokens), _numbers(body.counts)
        assert (counts_LEM.sum(1) == 2 * tokens_M).all()
        assert body.dropped == 0
        top_LM, entropy_LM = _numbers(body.gate.top) / tokens_M, _numbers(body.gate.entropy) / tokens_M
        margin_LM = _numbers(body.gate.margin) / tokens_M
        assert ((top_LM >= 1 / STUDENT.experts) & (top_LM <= 1)).all()
        assert ((entropy_LM >= 0) & (entropy_LM <= 1 + 1e-6)).all()
        assert ((margin_LM >= 0) & (margin_LM <= top_LM)).all()


def test_saturation_when_the_stage_ends_is_told_once_for_each_earlier_checkpoint(
    run: Path, material: Material, told: list[EventBody]
) -> None:
    (end,) = [body for body in told if isinstance(body, Saturation)]
    assert (end.stage, end.step, end.steps) == ("final", 8, (2, 4, 6))
    checks = _checks(told)
    final_LTK, modality_T = _again(run, material, checks[-1].checkpoint)
    for check, kept_LM in zip(checks, _numbers(end.kept), strict=False):
        kept_LT = kept_choices(_again(run, material, check.checkpoint)[0], final_LTK, STUDENT.experts)
        expected = [[kept_T[modality_T == m].sum() for m in range(3)] for kept_T in kept_LT]
        assert kept_LM == pytest.approx(np.array(expected))
    assert _numbers(end.tokens).tolist() == np.bincount(modality_T, minlength=3).tolist()


@pytest.mark.parametrize("looks", [5, 7])
def test_stage_when_cut_off_and_started_again_tells_the_same(
    tmp_path: Path, material: Material, told: list[EventBody], looks: int
) -> None:
    with pytest.raises(PowerCut):
        _train(tmp_path, material, _after(looks, _cut))
    again = _train(tmp_path, material)
    newer = {check.step: check for check in _checks(again)}
    assert {8} <= newer.keys() <= {6, 8}
    assert all(check == newer[check.step] for check in _checks(told) if check.step in newer)
    assert [body for body in again if isinstance(body, Saturation)] == [
        body for body in told if isinstance(body, Saturation)
    ]


def test_stage_when_cut_off_by_a_version_that_kept_experts_otherwise_begins_anew(
    tmp_path: Path, material: Material, told: list[EventBody], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PowerCut):
        _train(tmp_path, material, _after(7, _cut))

    def as_before(run: Path, stage: str) -> object:
        found = load_resume(run, stage)
        assert found is not None
        point, weights, rest = found
        return point, {name.replace("into_EH2D", "into_EDH2"): tensor for name, tensor in weights.items()}, rest

    monkeypatch.setattr("engine.train.trainer.load_resume", as_before)
    assert _checks(_train(tmp_path, material)) == _checks(told)


def test_stage_when_stopped_between_two_checkpoints_tells_its_saturation_then_and_forgets_that_check_later(
    tmp_path: Path, material: Material, told: list[EventBody]
) -> None:
    stopped = _train(tmp_path, material, _after(5, lambda: True))
    (end,) = [body for body in stopped if isinstance(body, Saturation)]
    assert (end.step, end.steps) == (5, (2, 4))
    again = _train(tmp_path, material)
    assert _checks(again)[0] == _checks(told)[2], "what changed is counted from the checkpoint that was in turn"
    assert [body for body in again if isinstance(body, Saturation)] == [
        body for body in told if isinstance(body, Saturation)
    ]


def test_pass_when_its_cases_are_others_than_before_is_a_fault(material: Material) -> None:
    council = build_student(STUDENT, material.preparation, len(LABELS))
    checking = CheckPass(material, CHECK, choose_device("cpu"))
    checking.run(council, 1)
    checking._rows = CHECK[:-1]
    with pytest.raises(AssertionError, match="not those of the pass before"):
        checking.run(council, 2)


def test_past_of_another_process_when_its_tokens_were_others_is_let_go(material: Material) -> None:
    council = build_student(STUDENT, material.preparation, len(LABELS))
    before = CheckPass(material, CHECK[:-1], choose_device("cpu"))
    before.run(council, 1)
    after = CheckPass(material, CHECK, choose_device("cpu"))
    after.unpack(before.pack())
    assert after.run(council, 2).changed_LM is None
    assert after.run(council, 3).changed_LM is not None


def test_pass_when_choices_or_pairs_grow_too_large_keeps_and_tells_less(
    material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_pass, "KEPT_BYTES", 1)
    monkeypatch.setattr(check_pass, "TOLD_BYTES", 1)
    council = build_student(STUDENT, material.preparation, len(LABELS))
    checking = CheckPass(material, CHECK, choose_device("cpu"))
    assert [checking.run(council, step).together for step in (1, 2, 3)] == [None] * 3
    settled = checking.settled()
    assert settled is not None
    assert (settled.step, settled.steps) == (3, (2,))


def test_pairs_when_too_many_to_count_out_are_told_as_rounded_shares_that_the_window_reads(
    material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    council = build_student(STUDENT, material.preparation, len(LABELS))
    whole = CheckPass(material, CHECK, choose_device("cpu")).run(council, 1).together
    assert whole is not None
    monkeypatch.setattr(check_pass, "TOLD_BYTES", whole.nbytes - 1)
    found = CheckPass(material, CHECK, choose_device("cpu")).run(council, 1)
    assert found.together is not None
    assert found.together.nbytes <= whole.nbytes // 8
    read = Snapshot.told(routing_event(found, 1, "check", "final"))
    exact = Snapshot.told(routing_event(dataclasses.replace(found, together=whole), 1, "check", "final"))
    assert (read.is_rounded, exact.is_rounded) == (True, False)
    for layer, both_EE in enumerate(whole):
        assert (exact.both(layer) == both_EE).all()
        read_EE = read.both(layer)
        assert read_EE is not None
        assert (np.diagonal(read_EE) == np.diagonal(both_EE)).all()
        assert (abs(read_EE - both_EE) <= np.diagonal(both_EE).max() / 510 + 0.5).all()


def test_pairs_when_a_council_is_as_large_as_can_be_still_fit_into_a_message() -> None:
    draw = np.random.default_rng(0)
    chosen_LTK = np.stack([np.stack([draw.permutation(256)[:2] for _ in range(500)]) for _ in range(2)])
    checking = CheckPass.__new__(CheckPass)
    checking._experts = 256
    together = checking._together(chosen_LTK)
    counts_LEM = np.zeros((2, 256, 3), np.int64)
    event = routing_event(Checked(counts_LEM, together=together), 1, "check", "final")
    assert event.together is not None
    assert event.together.shape == (2, 256 * 255 // 2)
    checking._experts = 300
    assert checking._together(chosen_LTK) is None


def test_stage_of_a_student_without_experts_tells_neither_gate_nor_saturation(
    tmp_path: Path, material: Material
) -> None:
    told: list[EventBody] = []
    rows = np.arange(material.size)
    plain = STUDENT.model_copy(update={"layers": 0})
    stage = Stage("final", 1, rows, rows[:0], plain, LossConfig(), OptimConfig(epochs=2, batch=16))
    train_stage(_around(tmp_path, material, told, lambda: False), stage)
    assert not [body for body in told if isinstance(body, Saturation)]
    assert [(body.gate, body.changed, body.together) for body in _checks(told)] == [(None, None, None)] * 2
