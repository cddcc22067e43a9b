import dataclasses
from collections.abc import Iterator

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from engine.evaluate.reroute import shuffled_effect, worth_of_experts
from engine.model.student import Student
from engine.model.trunk.routers import Reroute
from engine.preprocess.batch import Batch
from engine.schema.base import MODALITIES
from engine.schema.config import Choice
from tests.model.small_council import mixed, student
from tests.preprocess.small_world import SMALL

NAMES = ["a", "b", "c"]


def _wise(dead: int) -> Student:
    """Return a student whose expert `dead` of layer 0 does nothing and is never chosen first."""
    council = student()
    with torch.no_grad():
        for block in council.blocks:
            experts = block.experts
            assert isinstance(experts, nn.Module)
            experts.get_parameter("back_EHD").mul_(4.0)
        council.blocks[0].router.gate.weight[dead] = -100.0 * council.blocks[0].router.gate.weight.sum(0).sign()  # type: ignore[union-attr, index, operator]
    return council


def test_effects_when_measured_then_there_is_one_for_every_expert_with_its_interval() -> None:
    council, batch = student(), mixed()
    batch.labels_B.copy_(torch.tensor([0, 1, 2, 0, 1]))
    effects = worth_of_experts(council, [batch, batch], NAMES, modalities=())
    experts = council.blocks[0].experts.number  # type: ignore[union-attr]
    assert [(e.layer, e.expert) for e in effects] == [
        (i, j) for i in range(len(council.blocks)) for j in range(experts)
    ]  # type: ignore[arg-type]
    assert all(effect.whole.low <= effect.whole.value <= effect.whole.high for effect in effects)
    assert any(effect.whole.value != 0 for effect in effects)
    assert not any(effect.by_modality for effect in effects)


def test_effects_when_an_expert_gets_no_token_then_re_routing_it_changes_nothing() -> None:
    council, batch = student(), mixed()
    batch.labels_B.copy_(torch.tensor([0, 1, 2, 0, 1]))
    with torch.inference_mode():
        used = set(council(batch).routing[0].experts_TK.flatten().tolist())
    for effect in worth_of_experts(council, [batch], NAMES):
        if effect.layer == 0 and effect.expert not in used:
            assert (effect.whole.value, effect.whole.is_clear) == (0.0, False)


def test_shuffled_when_routing_is_dealt_out_at_random_then_answers_change() -> None:
    council, batch = _wise(dead=0), mixed()
    batch.labels_B.copy_(torch.tensor([0, 1, 2, 0, 1]))
    found = shuffled_effect(council, [batch], seed=1)
    assert found.change.value != 0
    assert 0 <= found.accuracy_shuffled <= 1
    assert found == shuffled_effect(council, [batch], seed=1)


def test_worth_when_measured_by_modality_and_label_then_each_is_what_re_routing_just_that_changes() -> None:
    council, batch = student(), mixed()
    batch.labels_B.copy_(torch.tensor([0, 1, 2, 0, 1]))
    names = ["a", "b", "c"]
    told: list[int] = []

    def one_at_a_time() -> Iterator[Batch]:
        for number in range(2):
            assert len(told) == number, "a batch was asked for before the one ahead of it was done"
            yield batch

    found = worth_of_experts(council, one_at_a_time(), names, told.append)
    assert told == [batch.size, 2 * batch.size]
    assert len(found) == len(council.blocks) * council.blocks[0].experts.number  # type: ignore[union-attr, operator]
    for effect in found:
        with torch.inference_mode():
            answers = (council(batch, Reroute(effect.layer, effect.expert)).logits_BC, council(batch).logits_BC)
        sent_B, plain_B = (cross_entropy(one.double(), batch.labels_B, reduction="none") for one in answers)
        assert effect.whole.value == pytest.approx(float((sent_B - plain_B).mean()), abs=1e-6)
        assert set(effect.by_label) == {"a", "b", "c"}
        assert sum(change.n for change in effect.by_label.values()) == effect.whole.n == 10
        mean = sum(change.value * change.n for change in effect.by_label.values()) / 10
        assert mean == pytest.approx(effect.whole.value, abs=1e-6)
        for modality, change in effect.by_modality.items():
            m = MODALITIES.index(modality)
            with torch.inference_mode():
                sent = council(batch, Reroute(effect.layer, effect.expert, modality=m)).logits_BC.double()
                plain = council(batch).logits_BC.double()
            each = [cross_entropy(logits_BC, batch.labels_B, reduction="none") for logits_BC in (sent, plain)]
            wanted = (each[0] - each[1])[batch.present_BM[:, m]]
            assert change.n == 2 * len(wanted)
            assert change.value == pytest.approx(float(wanted.mean()), abs=1e-6)
        assert effect.split is None or 0 <= effect.split <= 1


def _council(name: str, experts: int, **settings: int | float | str) -> Student:
    """Return a fresh student with another router."""
    router = Choice(name=name, settings=settings)
    return student(SMALL.model_copy(update={"experts": experts, "router": router}))


def _labelled() -> Batch:
    batch = mixed()
    batch.labels_B.copy_(torch.tensor([0, 1, 2, 0, 1]))
    return batch


def _had(council: Student, batch: Batch, layer: int, expert: int) -> int:
    with torch.inference_mode():
        return int((council(batch).routing[layer].experts_TK == expert).any(1).sum())


def test_worth_when_every_token_goes_to_every_expert_then_none_is_measured() -> None:
    council, batch = _council("token-choice", 4, experts_per_token=4), _labelled()
    found = worth_of_experts(council, [batch], NAMES)
    assert len(found) == 2 * 4
    for one in found:
        assert (one.whole, one.by_modality, one.by_label) == (None, {}, {})
        assert one.is_alone()
        assert sum(one.tokens.values()) == _had(council, batch, one.layer, one.expert) > 0


@pytest.mark.parametrize(
    ("name", "experts", "settings"),
    [
        ("dynamic-k", 4, {"experts_per_token": 4, "mass": 0.3}),
        ("null-experts", 3, {"experts_per_token": 3, "null_experts": 8}),
    ],
)
def test_worth_when_tokens_may_take_every_expert_but_take_fewer_then_it_is_measured(
    name: str, experts: int, settings: dict[str, int | float]
) -> None:
    council, batch = _council(name, experts, **settings), _labelled()
    found = worth_of_experts(council, [batch, batch], NAMES)
    assert len(found) == 2 * experts
    assert any(one.whole is not None and one.whole.value != 0 for one in found)
    for one in found:
        had, moved = sum(one.tokens.values()), sum(one.moved.values())
        assert had == 2 * _had(council, batch, one.layer, one.expert)
        with torch.inference_mode():
            sent_TK = council(batch, Reroute(one.layer, one.expert)).routing[one.layer].experts_TK
        assert moved == had - 2 * int((sent_TK == one.expert).any(1).sum())
        assert (one.whole is None) == (had > 0 and moved == 0)


def test_worth_when_experts_of_a_kind_of_input_are_too_few_to_pass_over_then_they_are_unmeasured() -> None:
    council = _council("token-choice", 4, experts_per_token=1, scope="disjoint")
    found = worth_of_experts(council, [_labelled()], NAMES)
    assert {one.expert for one in found if one.is_alone()} == {2, 3}
    for one in found:
        if one.expert in (2, 3):  # the only one of the pictures, and of the sounds
            own = MODALITIES[one.expert - 1]
            assert (one.whole, one.by_label, one.tokens[own] > 0, one.moved[own]) == (None, {}, True, 0)
            assert one.is_alone(own)
            assert own not in one.by_modality
        else:
            assert one.whole is not None
            assert one.moved == one.tokens


def test_worth_when_an_expert_has_no_token_then_it_is_measured_as_nothing_and_not_left_out() -> None:
    council = student()
    for block in council.blocks:
        block.router.bias_ME[:, 0] = -1e3  # type: ignore[union-attr, index, operator]
        block.router.is_steered = True  # type: ignore[union-attr]
    idle = [one for one in worth_of_experts(council, [_labelled()], NAMES) if not any(one.tokens.values())]
    assert [one.expert for one in idle] == [0, 0]
    assert all(one.whole is not None and one.whole.value == 0 and not one.is_alone() for one in idle)


def test_interval_of_a_worth_when_told_is_that_of_a_mean_of_so_many_cases() -> None:
    council, batch = student(), _labelled()
    for one in worth_of_experts(council, [batch], NAMES, modalities=()):
        with torch.inference_mode():
            sent, plain = council(batch, Reroute(one.layer, one.expert)).logits_BC, council(batch).logits_BC
        change_B = cross_entropy(sent.double(), batch.labels_B, reduction="none")
        change_B -= cross_entropy(plain.double(), batch.labels_B, reduction="none")
        half = 2.776445 * float(change_B.std()) / 5**0.5  # Student's t, 97.5 %, 4 degrees of freedom
        assert one.whole is not None
        assert one.whole.high - one.whole.value == pytest.approx(half, abs=1e-6)
        assert one.whole.value - one.whole.low == pytest.approx(half, abs=1e-6)


def test_worth_when_a_case_may_have_several_labels_then_its_error_is_the_mean_over_them() -> None:
    council = student()
    truth_BC = torch.tensor([[1, 0, 0], [0, 1, 1], [0, 0, 0], [1, 1, 0], [0, 1, 0]])
    batch = dataclasses.replace(mixed(), labels_B=truth_BC)
    for one in worth_of_experts(council, [batch], NAMES, modalities=()):
        with torch.inference_mode():
            sent, plain = council(batch, Reroute(one.layer, one.expert)).logits_BC, council(batch).logits_BC
        wanted = binary_cross_entropy_with_logits(sent.double(), truth_BC.double())
        wanted -= binary_cross_entropy_with_logits(plain.double(), truth_BC.double())
        assert one.whole is not None
        assert one.whole.value == pytest.approx(float(wanted), abs=1e-6)
