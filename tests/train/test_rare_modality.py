"""A tenth of the tokens are sounds, which need work of their own: whether an expert of sounds alone can live is decided by the balance."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from engine.model.trunk.experts import Experts
from engine.model.trunk.routers import Routing, routers
from engine.train import balancing

EXPERTS, WIDTH, TOKENS, STEPS = 8, 16, 800, 400
SOUND = 2

Balance = Callable[[Routing, Tensor], Tensor]
BALANCES: dict[str, Balance] = {
    "pooled": lambda routing, modality_T: balancing.balance(routing, modality_T, 3, pooled=True),
    "within each kind": lambda routing, modality_T: balancing.balance(routing, modality_T, 3),
    "threshold": lambda routing, modality_T: balancing.global_entropy(routing, modality_T, 3, least=2.0),
}


def trained(balance: Balance, seed: int) -> tuple[float, float]:
    """Return the error of what was asked, and what share of its experts' tokens a sound's expert has in sounds."""
    torch.manual_seed(seed)
    router, experts = routers["token-choice"].build(WIDTH, EXPERTS, 1), Experts(EXPERTS, WIDTH, WIDTH)
    asked_MDD = torch.randn(3, WIDTH, WIDTH) * 0.5
    kinds_MD = torch.eye(3).repeat_interleave(WIDTH // 3 + 1, 1)[:, :WIDTH] * 1.5
    modality_T = torch.zeros(TOKENS, dtype=torch.long)
    modality_T[: TOKENS // 10], modality_T[TOKENS // 10 : TOKENS // 2] = SOUND, 1
    optimizer = torch.optim.Adam([*router.parameters(), *experts.parameters()], 3e-3)
    for _ in range(STEPS):
        x_TD = torch.randn(TOKENS, WIDTH) + kinds_MD[modality_T]
        wanted_TD = torch.einsum("td,tde->te", x_TD, asked_MDD[modality_T]).tanh()
        routing = router(x_TD, modality_T)
        error = functional.mse_loss(experts(x_TD, routing), wanted_TD)
        optimizer.zero_grad()
        (error + 0.1 * balance(routing, modality_T)).backward()
        optimizer.step()
    sounds_E = routing.chosen_TE[modality_T == SOUND].sum(0)
    purity_E = sounds_E / routing.chosen_TE.sum(0).clamp(min=1)
    return float(error.detach()), float((purity_E * sounds_E).sum() / sounds_E.sum())


def test_expert_of_sounds_alone_when_loads_are_evened_out_then_cannot_live_and_with_a_threshold_it_can() -> None:
    found = {name: [trained(balance, seed) for seed in (0, 1)] for name, balance in BALANCES.items()}
    error = {name: sum(run[0] for run in runs) / 2 for name, runs in found.items()}
    purity = {name: sum(run[1] for run in runs) / 2 for name, runs in found.items()}
    # A tenth is what chance would give: within each kind every expert is made to take its part of everything.
    assert purity["within each kind"] == pytest.approx(0.1, abs=0.05)
    assert purity["within each kind"] < purity["pooled"] < purity["threshold"] - 0.1
    assert purity["threshold"] > 0.75
    assert error["threshold"] < 0.8 * error["pooled"] < 0.8 * error["within each kind"]
