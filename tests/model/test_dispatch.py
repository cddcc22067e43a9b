"""The sparse layer against a naive reference in float64: values and gradients, and every odd shape."""

import pytest
import torch
from torch import Tensor

from engine.model.trunk.dispatch import Plan, grouped_linear
from engine.model.trunk.experts import Experts
from engine.model.trunk.routers import Routing

WIDTH, HIDDEN = 12, 7


def naive(x_TD: Tensor, routing: Routing, into_EDH2: Tensor, back_EHD: Tensor) -> Tensor:
    """One token and one expert at a time."""
    rows = []
    for x_D, weights_K, experts_K in zip(x_TD, routing.weights_TK, routing.experts_TK, strict=True):
        total_D = torch.zeros_like(x_D)
        for weight, expert in zip(weights_K, experts_K, strict=True):
            gate_H, value_H = (x_D @ into_EDH2[expert]).chunk(2)
            total_D = total_D + weight * ((gate_H * gate_H.sigmoid() * value_H) @ back_EHD[expert])
        rows.append(total_D)
    return torch.stack(rows) if rows else x_TD * 1.0


def random_routing(tokens: int, experts: int, slots: int, allowed: int) -> Routing:
    generator = torch.Generator().manual_seed(tokens * 31 + experts)
    chosen_TK = (
        torch.stack([torch.randperm(allowed, generator=generator)[:slots] for _ in range(tokens)])
        if tokens
        else (torch.zeros(0, slots, dtype=torch.int64))
    )
    weights_TK = torch.rand(tokens, slots, generator=generator)
    return Routing(weights_TK, chosen_TK, torch.zeros(tokens, experts))


SHAPES = [
    (0, 4, 2, 4),
    (1, 4, 2, 4),
    (1, 1, 1, 1),
    (40, 4, 2, 4),
    (40, 8, 2, 3),
    (33, 5, 5, 5),
    (64, 32, 1, 32),
    (7, 64, 3, 64),
]


@pytest.mark.parametrize(("tokens", "experts", "slots", "allowed"), SHAPES)
def test_the_experts_when_compared_with_one_token_at_a_time_then_agree_in_value_and_gradient(
    tokens: int, experts: int, slots: int, allowed: int
) -> None:
    torch.manual_seed(0)
    layer = Experts(experts, WIDTH, HIDDEN)
    routing = random_routing(tokens, experts, slots, allowed)
    x_TD, pull_TD = torch.randn(tokens, WIDTH), torch.randn(tokens, WIDTH)
    ours = [x_TD.clone(), routing.weights_TK.clone(), layer.into_EDH2, layer.back_EHD]
    exact = [tensor.detach().double() for tensor in ours]
    for tensor in (ours[0], ours[1], *exact):
        tensor.requires_grad_()
    y_TD = layer(ours[0], Routing(ours[1], routing.experts_TK, routing.logits_TE))
    y_exact_TD = naive(exact[0], Routing(exact[1], routing.experts_TK, routing.logits_TE), exact[2], exact[3])
    gradients = torch.autograd.grad((y_TD * pull_TD).sum(), ours)
    exact_gradients = torch.autograd.grad((y_exact_TD * pull_TD.double()).sum(), exact, allow_unused=True)
    for found, wanted in zip((y_TD, *gradients), (y_exact_TD, *exact_gradients), strict=True):
        reference = torch.zeros_like(found, dtype=torch.float64) if wanted is None else wanted
        error = (found.double() - reference).norm() / reference.norm().clamp(min=1e-9)
        assert error < 1e-5


def test_experts_nobody_chose_when_learning_then_get_a_gradient_of_zero() -> None:
    layer = Experts(4, WIDTH, HIDDEN)
    routing = random_routing(10, 4, 2, 2)
    layer(torch.randn(10, WIDTH), routing).sum().backward()
    assert layer.into_EDH2.grad is not None
    assert layer.into_EDH2.grad[:2].abs().sum() > 0
    assert not layer.into_EDH2.grad[2:].any()


def test_the_plan_when_made_then_drops_nothing_and_sorts_by_expert() -> None:
    routing = random_routing(50, 6, 3, 6)
    plan = Plan.of(routing.experts_TK, 6)
    assert plan.counts_E.sum() == 150
    by_expert_S = routing.experts_TK.flatten()[plan.order_S]
    assert torch.equal(by_expert_S, by_expert_S.sort().values)
    x_TD = torch.randn(50, 4)
    even_TK = torch.full((50, 3), 1 / 3)
    assert torch.allclose(plan.combine(plan.gather(x_TD), even_TK), x_TD, atol=1e-6)


def test_the_grouped_product_when_checked_numerically_then_has_the_right_gradient() -> None:
    x_SD = torch.randn(6, 3, dtype=torch.float64, requires_grad=True)
    w_EDF = torch.randn(3, 3, 2, dtype=torch.float64, requires_grad=True)
    counts_E = torch.tensor([2, 0, 4])
    assert torch.autograd.gradcheck(lambda x, w: grouped_linear(x, w, counts_E), (x_SD, w_EDF))
