"""What the gates say of a batch, token by token in plain Python, and whom tokens went to."""

import dataclasses
import math

import pytest
import torch
from torch import Tensor

from engine.model.gating import choices, gate_sums
from engine.model.student import Outcome
from engine.model.trunk.routers import Routing, routers
from engine.schema.config import Choice
from tests.model.small_council import mixed, student
from tests.preprocess.small_world import SMALL


def _routed(logits_TE: Tensor, experts_TK: Tensor, modality_T: Tensor) -> Outcome:
    """Return an outcome of one layer that was routed as given."""
    outcome = student()(mixed())
    layout = dataclasses.replace(outcome.layout, modality_T=modality_T)
    routing = (Routing(torch.ones(experts_TK.shape), experts_TK, logits_TE),)
    return dataclasses.replace(outcome, routing=routing, layout=layout)


def test_gate_when_worked_out_by_hand_then_is_the_sum_of_the_definitions() -> None:
    p = [[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.25, 0.25, 0.5]]
    outcome = _routed(torch.tensor(p).log() + 3.0, torch.tensor([[0], [0], [2]]), torch.tensor([0, 0, 2]))
    sums = gate_sums(outcome)
    assert sums is not None
    assert sums.entropy_LM is not None
    assert sums.margin_LM is not None
    assert sums.tokens_M.tolist() == [2, 0, 1]
    assert sums.unserved_LM.tolist() == [[0, 0, 0]]
    assert sums.top_LM[0].tolist() == pytest.approx([0.7 + 0.5, 0.0, 0.5])
    nats = [-sum(chance * math.log(chance) for chance in row) / math.log(3) for row in p]
    assert sums.entropy_LM[0].tolist() == pytest.approx([nats[0] + nats[1], 0.0, nats[2]])
    assert sums.margin_LM[0].tolist() == pytest.approx([0.5 + 0.2, 0.0, 0.25])


def test_gate_when_two_of_four_are_chosen_then_the_margin_is_that_of_the_second_to_the_third() -> None:
    p = torch.tensor([[0.4, 0.3, 0.2, 0.1]])
    sums = gate_sums(_routed(p.log(), torch.tensor([[0, 1]]), torch.tensor([1])))
    assert sums is not None
    assert sums.margin_LM is not None
    assert sums.margin_LM[0].tolist() == pytest.approx([0.0, 0.1, 0.0])


def test_gate_when_every_token_goes_to_every_expert_then_has_no_margin() -> None:
    sums = gate_sums(_routed(torch.randn(3, 2), torch.tensor([[0, 1]] * 3), torch.tensor([0, 1, 2])))
    assert sums is not None
    assert sums.margin_LM is None
    assert sums.entropy_LM is not None


P = torch.tensor([[0.4, 0.3, 0.2, 0.1], [0.5, 0.3, 0.15, 0.05], [0.7, 0.1, 0.1, 0.1], [0.6, 0.3, 0.08, 0.02]])
TAKEN = torch.tensor([[0, 4, 4, 4], [0, 1, 2, 4], [0, 1, 2, 3], [4, 4, 4, 4]])
"""Of four experts one, three, all and none: 4 is nobody."""


def test_gate_when_tokens_take_as_many_as_they_need_then_the_margin_is_at_each_ones_boundary() -> None:
    sums = gate_sums(_routed(P.log(), TAKEN, torch.tensor([0, 0, 0, 1])))
    assert sums is not None
    assert sums.margin_LM is not None
    assert sums.bounded_LM.tolist() == [[2, 0, 0]]
    # The mean of the two that have a boundary: 0.4 - 0.3 and 0.15 - 0.05.
    assert (sums.margin_LM / sums.tokens_M)[0, 0].item() == pytest.approx((0.1 + 0.1) / 2)
    assert sums.margin_LM[0, 1].isnan()
    assert sums.margin_LM[0, 2].item() == 0


def test_gate_when_batches_of_which_different_parts_have_a_boundary_are_added_then_the_margin_is_that_of_all_together() -> (
    None
):
    modality_T, dice = torch.arange(12) % 3, torch.Generator().manual_seed(0)
    logits_TE, taken_TK = torch.randn(12, 4, generator=dice), TAKEN[torch.randint(0, 4, (12,), generator=dice)]
    whole = gate_sums(_routed(logits_TE, taken_TK, modality_T))
    parts = [gate_sums(_routed(logits_TE[part], taken_TK[part], modality_T[part])) for part in (slice(5), slice(5, 12))]
    assert whole is not None
    assert parts[0] is not None
    assert parts[1] is not None
    added = parts[0].plus(parts[1])
    assert whole.margin_LM is not None
    assert added.margin_LM is not None
    assert torch.equal(added.bounded_LM, whole.bounded_LM)
    assert torch.allclose(added.margin_LM, whole.margin_LM, equal_nan=True)


def test_gate_when_each_token_goes_to_every_expert_or_to_none_then_has_no_margin() -> None:
    sums = gate_sums(_routed(P.log(), TAKEN[[2, 3, 2, 3]], torch.tensor([0, 1, 2, 0])))
    assert sums is not None
    assert sums.margin_LM is None


@pytest.mark.parametrize("name", routers.names())
def test_gate_of_a_student_with_any_router_then_tells_the_margin_at_the_boundary_it_chose_by(name: str) -> None:
    outcome = student(SMALL.model_copy(update={"experts": 6, "router": Choice(name=name)})).eval()(mixed())
    sums = gate_sums(outcome)
    assert sums is not None
    assert sums.margin_LM is not None
    for layer, told_M in zip(outcome.routing, sums.margin_LM / sums.tokens_M, strict=True):
        margins: dict[int, list[float]] = {0: [], 1: [], 2: []}
        for logits_E, experts_K, m in zip(
            layer.logits_TE.detach(), layer.experts_TK, outcome.modality_T.tolist(), strict=True
        ):
            best = logits_E.softmax(0).sort(descending=True).values.tolist()
            taken = int((experts_K < 6).sum())
            margins[m] += [best[taken - 1] - best[taken]] if 0 < taken < 6 else []
        assert told_M.tolist() == pytest.approx([sum(of_m) / len(of_m) for of_m in margins.values()], rel=1e-4)


def test_gate_when_there_is_one_expert_then_has_no_entropy() -> None:
    sums = gate_sums(_routed(torch.randn(2, 1), torch.zeros(2, 1, dtype=torch.long), torch.tensor([0, 1])))
    assert sums is not None
    assert (sums.entropy_LM, sums.margin_LM) == (None, None)


def test_gate_when_nobody_takes_a_token_then_counts_it_as_unserved() -> None:
    experts_TK = torch.tensor([[0, 3], [3, 3], [3, 3]])  # of 3 experts: 3 is nobody
    sums = gate_sums(_routed(torch.randn(3, 3), experts_TK, torch.tensor([0, 1, 1])))
    assert sums is not None
    assert sums.unserved_LM.tolist() == [[0, 2, 0]]


def test_gate_when_an_expert_is_out_of_the_question_then_stays_a_number() -> None:
    logits_TE = torch.tensor([[0.0, 0.0, -math.inf]])
    sums = gate_sums(_routed(logits_TE, torch.tensor([[0]]), torch.tensor([0])))
    assert sums is not None
    assert sums.entropy_LM is not None
    assert sums.entropy_LM[0, 0].item() == pytest.approx(math.log(2) / math.log(3))


def test_gate_when_batches_are_added_then_is_that_of_all_tokens() -> None:
    sums = gate_sums(student()(mixed()))
    assert sums is not None
    twice = sums.plus(sums)
    assert torch.equal(twice.tokens_M, 2 * sums.tokens_M)
    assert torch.equal(twice.top_LM, 2 * sums.top_LM)
    assert sums.tokens_M.tolist() == student()(mixed()).modality_T.bincount(minlength=3).tolist()


def test_gate_of_a_student_without_experts_is_none() -> None:
    outcome = student(SMALL.model_copy(update={"layers": 0}))(mixed())
    assert gate_sums(outcome) is None
    assert choices(outcome).shape == (0, len(outcome.modality_T), 0)


@pytest.mark.parametrize(("experts", "kind"), [(255, torch.uint8), (256, torch.int16)])
def test_choices_when_kept_are_as_small_as_nobody_allows(experts: int, kind: torch.dtype) -> None:
    nobody = torch.full((2, 1), experts)
    kept = choices(_routed(torch.zeros(2, experts), nobody, torch.tensor([0, 1])))
    assert kept.dtype == kind
    assert kept.tolist() == [[[experts], [experts]]]


def test_choices_of_a_student_are_those_it_was_routed_by() -> None:
    outcome = student(SMALL.model_copy(update={"router": Choice(name="token-choice")}))(mixed())
    for kept_TK, layer in zip(choices(outcome), outcome.routing, strict=True):
        assert torch.equal(kept_TK.long(), layer.experts_TK)
