import torch
from torch import nn

from engine.evaluate.reroute import expert_effects, shuffled_effect
from engine.model.student import Student
from tests.model.small_council import mixed, student


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
    effects = expert_effects(council, [batch, batch])
    experts = council.blocks[0].experts.number  # type: ignore[union-attr]
    assert [(e.layer, e.expert) for e in effects] == [
        (i, j) for i in range(len(council.blocks)) for j in range(experts)
    ]  # type: ignore[arg-type]
    assert all(effect.low <= effect.change <= effect.high for effect in effects)
    assert any(effect.change != 0 for effect in effects)


def test_effects_when_an_expert_gets_no_token_then_re_routing_it_changes_nothing() -> None:
    council, batch = student(), mixed()
    batch.labels_B.copy_(torch.tensor([0, 1, 2, 0, 1]))
    with torch.inference_mode():
        used = set(council(batch).routing[0].experts_TK.flatten().tolist())
    for effect in expert_effects(council, [batch]):
        if effect.layer == 0 and effect.expert not in used:
            assert (effect.change, effect.matters) == (0.0, False)


def test_shuffled_when_routing_is_dealt_out_at_random_then_answers_change() -> None:
    council, batch = _wise(dead=0), mixed()
    batch.labels_B.copy_(torch.tensor([0, 1, 2, 0, 1]))
    found = shuffled_effect(council, [batch], seed=1)
    assert found.effect.change != 0
    assert 0 <= found.accuracy_shuffled <= 1
    assert found == shuffled_effect(council, [batch], seed=1)
