"""Every router with the experts behind it, against the formulas of the papers in float64: choice, weights, values and gradients."""

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call

from engine.model.trunk.experts import Experts
from engine.model.trunk.routers import Router, Routing, routers
from engine.model.trunk.routers.choice import TopKRouter

WIDTH, HIDDEN, KINDS, NULLS, NOISE_SEED = 17, 9, 3, 4, 7
MOST = 1e-5

GATES = [(name, "softmax") for name in routers.names()] + [("token-choice", "sigmoid")]
SCOPES = ["joint", "per-modality", "disjoint"]
SHAPES = [(60, 6, 2), (60, 6, 1), (1, 5, 2), (0, 4, 1), (7, 1, 1), (31, 4, 4)]
"""Tokens, experts, places. Where each kind of input has experts of its own, a third of them must be enough."""
CASES = [
    (scope, *shape) for scope in SCOPES for shape in SHAPES if scope != "disjoint" or shape[2] <= shape[1] // KINDS
]


def build(name: str, gate: str, scope: str, experts: int, places: int, width: int = WIDTH) -> Router:
    """Return a router whose every row matters, with a steering bias where it may have one."""
    settings: dict[str, str | int] = {"scope": scope, "experts_per_token": places}
    if name == "token-choice":
        settings["gate"] = gate
    router = routers[name].build(width, experts, **settings)
    if name == "noisy-top-k":
        nn.init.normal_(router.get_parameter("noise.weight"), std=0.3)
    return router


def stream(tokens: int, lies_across: bool) -> tuple[Tensor, Tensor]:
    """Return tokens, whose numbers lie far apart in memory if asked, and their kinds."""
    x_TD = torch.randn(WIDTH, tokens).t() if lies_across else torch.randn(tokens, WIDTH)
    return x_TD, torch.randint(0, KINDS, (tokens,))


def rows_of(weight_CD: Tensor, number: int, modality_T: Tensor) -> Tensor:
    """Return the rows that each token is scored with, (T, number, D)."""
    rows_GED = weight_CD.double().view(-1, number, weight_CD.shape[1])
    return rows_GED[modality_T if len(rows_GED) > 1 else torch.zeros_like(modality_T)]


def place(keys_TX: Tensor) -> Tensor:
    """Return the place of each one in its row, 0 for the highest."""
    return keys_TX.argsort(1, descending=True).argsort(1)


def reference(name: str, gate: str, scope: str, router: Router, x_TD: Tensor, modality_T: Tensor) -> Tensor:
    """Return what each expert's work counts for, (T, E), 0 where it has none: the formulas, with nothing of the engine but its rows."""
    (tokens, _), places = x_TD.shape, router.slots
    weight_CD = router.get_parameter("gate.weight")
    experts = len(weight_CD) // (1 if scope == "joint" else KINDS)
    rows_TED = rows_of(weight_CD, experts, modality_T)
    inner_TE = (rows_TED * x_TD[:, None]).sum(2)
    score_TE = -(rows_TED - x_TD[:, None]).square().sum(2).sqrt() if name == "distance" else inner_TE
    near_TE = torch.ones(tokens, experts, dtype=torch.bool)
    if scope == "disjoint":
        near_TE = torch.arange(experts) * KINDS // experts == modality_T[:, None]
        score_TE = score_TE.masked_fill(~near_TE, -torch.inf)
    if name == "noisy-top-k" and router.training:
        wide_TE = (rows_of(router.get_parameter("noise.weight"), experts, modality_T) * x_TD[:, None]).sum(2)
        torch.manual_seed(NOISE_SEED)
        score_TE = score_TE + torch.randn(tokens, experts).double() * ((1 + wide_TE.exp()).log() + 1e-2)
    share_TE = score_TE.exp() / score_TE.exp().sum(1, keepdim=True)
    first_TE = place(score_TE) == 0
    if name == "expert-choice":
        if router.training:
            share = max(1, min(tokens, round(places * tokens / experts)))
            taken_TE = place(share_TE.t()).t() < share
        else:
            taken_TE = share_TE >= router.get_buffer("bar_E").double()
        taken_TE = taken_TE & near_TE
        taken_TE = taken_TE | (first_TE & ~taken_TE.any(1, keepdim=True))
        return share_TE * (taken_TE & (place(share_TE.masked_fill(~taken_TE, -1)) < min(experts, 4 * places)))
    value_TE = share_TE if gate == "softmax" else 1 / (1 + (-score_TE).exp())
    key_TE = score_TE
    if isinstance(router, TopKRouter) and router.is_steered:
        key_TE = (value_TE + router.bias_ME[modality_T].double()).masked_fill(~near_TE, -torch.inf)
    taken_TE = place(key_TE) < places
    if name == "null-experts":
        null_TN = (rows_of(router.get_parameter("nobody.weight"), NULLS, modality_T) * x_TD[:, None]).sum(2)
        taken_TE = (place(torch.cat([score_TE, null_TN], 1))[:, :experts] < places) & near_TE | first_TE
    if name == "dynamic-k":
        before_TE = ((place(key_TE)[:, None] < place(key_TE)[:, :, None]) * share_TE[:, None]).sum(2)
        taken_TE = taken_TE & (before_TE < 0.5)
    held_TE = value_TE * taken_TE
    several_T1 = taken_TE.sum(1, keepdim=True) > 1
    return held_TE / torch.where(several_T1, held_TE.sum(1, keepdim=True), 1.0)


def answer(x_TD: Tensor, weights_TE: Tensor, layer: Experts) -> Tensor:
    """Return what all experts make of all tokens, weighed: nothing is sorted and nothing left out."""
    gate_ETH, value_ETH = (x_TD @ layer.into_EDH2.double()).chunk(2, 2)
    y_ETD = (gate_ETH / (1 + (-gate_ETH).exp()) * value_ETH) @ layer.back_EHD.double()
    return torch.einsum("te,etd->td", weights_TE, y_ETD)


def of_each(routing: Routing) -> Tensor:
    """Return the weight of every expert for every token, 0 where it does not work on it."""
    tokens, experts = routing.logits_TE.shape
    room_TE1 = routing.weights_TK.new_zeros(tokens, experts + 1)
    return room_TE1.scatter(1, routing.experts_TK, routing.weights_TK)[:, :experts]


def far(found: Tensor, wanted: Tensor) -> float:
    """Return the relative distance; the distance itself where what is wanted is nothing, or would be but for rounding."""
    apart, size = (found.double() - wanted).norm(), wanted.norm()
    return float(apart / size) if size > 1e-12 else float(apart)


def agrees(name: str, gate: str, scope: str, router: Router, layer: Experts, x_TD: Tensor, modality_T: Tensor) -> None:
    """Assert that a router and its experts do what the formulas say, in value and gradient, and the same again."""
    ours_TD, exact_TD = x_TD.detach().requires_grad_(), x_TD.double().detach().requires_grad_()
    learning = [*router.parameters(), *layer.parameters()]
    pull_TD = torch.randn(x_TD.shape, generator=torch.Generator().manual_seed(2))
    found = []
    for _ in range(2):
        torch.manual_seed(NOISE_SEED)
        routing = router(ours_TD, modality_T)
        y_TD = layer(ours_TD, routing)
        pulled = torch.autograd.grad(
            (y_TD * pull_TD).sum(), [ours_TD, *learning], allow_unused=True, materialize_grads=True
        )
        found.append((of_each(routing).detach(), y_TD.detach(), *pulled))
    weights_TE = reference(name, gate, scope, router, exact_TD, modality_T)
    exact_y_TD = answer(exact_TD, weights_TE, layer)
    pulled = torch.autograd.grad(
        (exact_y_TD * pull_TD.double()).sum(), [exact_TD, *learning], allow_unused=True, materialize_grads=True
    )
    wanted = (weights_TE.detach(), exact_y_TD.detach(), *pulled)
    assert torch.equal(routing.chosen_TE > 0, weights_TE > 0)
    errors = [far(one, other) for one, other in zip(found[0], wanted, strict=True)]
    assert max(errors) < MOST, errors
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


@pytest.mark.parametrize("lies_across", [False, True])
@pytest.mark.parametrize(("scope", "tokens", "experts", "places"), CASES)
@pytest.mark.parametrize("learning", [True, False])
@pytest.mark.parametrize(("name", "gate"), GATES)
def test_any_router_when_compared_with_its_formula_in_float64_then_agrees_in_choice_value_and_gradient(
    name: str, gate: str, learning: bool, scope: str, tokens: int, experts: int, places: int, lies_across: bool
) -> None:
    torch.manual_seed(1)
    router, layer = build(name, gate, scope, experts, places), Experts(experts, WIDTH, HIDDEN)
    if name == "expert-choice":  # other tokens than those below: no bar lies exactly on one of them
        router(torch.randn(64, WIDTH), torch.arange(64) % KINDS)
    agrees(name, gate, scope, router.train(learning), layer, *stream(tokens, lies_across))


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(
    ("name", "gate"), [case for case in GATES if case[0] in ("token-choice", "distance", "dynamic-k")]
)
def test_a_router_when_its_bias_steers_then_agrees_with_its_formula_in_float64(
    name: str, gate: str, scope: str
) -> None:
    torch.manual_seed(1)
    router, layer = build(name, gate, scope, 6, 2), Experts(6, WIDTH, HIDDEN)
    assert isinstance(router, TopKRouter)
    x_TD, modality_T = stream(60, lies_across=False)
    before_TK = router(x_TD, modality_T).experts_TK
    router.load_state_dict(router.state_dict() | {"bias_ME": 0.2 * torch.randn(KINDS, 6)})
    if scope != "disjoint":  # where there are two to choose from, both are chosen
        assert not torch.equal(router(x_TD, modality_T).experts_TK, before_TK)
    agrees(name, gate, scope, router, layer, x_TD, modality_T)


@pytest.mark.parametrize("learning", [True, False])
@pytest.mark.parametrize("scope", ["joint", "per-modality"])
@pytest.mark.parametrize(("name", "gate"), GATES)
def test_any_router_when_checked_numerically_with_its_experts_then_has_the_right_gradient(
    name: str, gate: str, scope: str, learning: bool
) -> None:
    torch.manual_seed(3)
    router = build(name, gate, scope, 4, 2, width=3).double().train(learning)
    layer, modality_T = Experts(4, 3, 2).double(), torch.arange(6) % KINDS
    named, into_name, back_name = dict(router.named_parameters()), "into_EH2D", "back_EHD"

    def whole(x_TD: Tensor, into_EH2D: Tensor, back_EHD: Tensor, *weights: Tensor) -> Tensor:
        torch.manual_seed(NOISE_SEED)
        routing = functional_call(router, dict(zip(named, weights, strict=True)), (x_TD, modality_T))
        y_TD: Tensor = functional_call(layer, {into_name: into_EH2D, back_name: back_EHD}, (x_TD, routing))
        return y_TD

    given = (torch.randn(6, 3, dtype=torch.float64), layer.into_EH2D, layer.back_EHD, *named.values())
    assert torch.autograd.gradcheck(whole, [tensor.detach().requires_grad_() for tensor in given], fast_mode=True)
