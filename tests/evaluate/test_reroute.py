from collections.abc import Iterator

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

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


def test_worth_when_every_token_goes_to_every_expert_then_nothing_is_told() -> None:
    council = student(
        SMALL.model_copy(update={"router": Choice(name="token-choice", settings={"experts_per_token": SMALL.experts})})
    )
    batch = mixed()
    batch.labels_B.copy_(torch.tensor([0, 1, 2, 0, 1]))
    assert worth_of_experts(council, [batch], ["a", "b", "c"]) == ()
