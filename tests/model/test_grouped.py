"""The grouped way of a GPU against float64: on a CPU with the same products and plain operations between, on a GPU with its own kernels."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from engine.model.trunk import dispatch, grouped
from engine.model.trunk.experts import Experts
from engine.model.trunk.routers import Routing
from tests.model.test_dispatch import naive, random_routing

on_a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="SKIPPED: no CUDA GPU on this machine")
PLACES = [("cpu", torch.float32), pytest.param("cuda", torch.bfloat16, marks=on_a_gpu)]
"""On a CPU torch multiplies by groups in float32 too, so the arithmetic can be held to more digits there."""

SHAPES = [
    # tokens, experts, places, experts that are chosen at all, chance of nobody, width, hidden
    (1, 1, 1, 1, 0.0, 16, 8),
    (1, 64, 2, 64, 0.0, 64, 32),
    (300, 8, 2, 8, 0.0, 64, 128),
    (257, 16, 4, 16, 0.3, 64, 40),
    (48, 16, 2, 3, 0.0, 128, 1032),
    (65, 4, 4, 4, 0.0, 24, 2056),
    (40, 6, 3, 6, 1.0, 64, 64),
]


def poisoned(device: str) -> None:
    """Leave memory behind that is not a number: what nobody writes to then is found."""
    if device == "cuda":
        rooms = [torch.full((1 << size,), float("nan"), dtype=torch.bfloat16, device=device) for size in range(8, 22)]
        del rooms


def learned(y_TD: Tensor, given: list[Tensor], pull_TD: Tensor) -> list[Tensor]:
    """Return the output and the gradients of all that is given."""
    return [
        y_TD.detach(),
        *torch.autograd.grad(
            (y_TD.double() * pull_TD.double()).sum(), given, materialize_grads=True, allow_unused=True
        ),
    ]


@pytest.mark.parametrize(("device", "dtype"), PLACES)
@pytest.mark.parametrize(("tokens", "experts", "places", "chosen", "nobody", "width", "hidden"), SHAPES)
def test_the_grouped_way_when_it_learns_then_agrees_with_float64(
    device: str, dtype: torch.dtype, tokens: int, experts: int, places: int, chosen: int, nobody: float, width: int, hidden: int
) -> None:  # fmt: skip
    random = torch.Generator().manual_seed(tokens + hidden)
    routing = random_routing(tokens, experts, places, chosen, nobody)
    torch.manual_seed(hidden)
    layer = Experts(experts, width, hidden)
    drawn = (torch.randn(tokens, width, generator=random), routing.weights_TK, layer.into_EDH2.detach(), layer.back_EHD.detach())  # fmt: skip
    pull_TD = torch.randn(tokens, width, generator=random).to(dtype)
    kinds = (dtype, torch.float32, dtype, dtype)
    ours = [one.to(device, kind).requires_grad_() for one, kind in zip(drawn, kinds, strict=True)]
    exact = [one.detach().cpu().double().requires_grad_() for one in ours]
    poisoned(device)
    y_TD = grouped.feed_forward(ours[0], ours[1], routing.experts_TK.to(device), ours[2], ours[3])
    poisoned(device)
    found = learned(y_TD, ours, pull_TD.to(device))
    right_TD = naive(exact[0], Routing(exact[1], routing.experts_TK, routing.logits_TE), exact[2], exact[3])
    expected = learned(right_TD, exact, pull_TD)
    assert (found[2][routing.experts_TK.to(device) == experts] == 0).all()  # nobody learns nothing
    for one, other in zip(found, expected, strict=True):
        assert one.isfinite().all()
        if nobody == 1.0:
            assert (one == 0).all()
        else:
            assert (one.cpu().double() - other).norm() < (1e-5 if dtype == torch.float32 else 2e-2) * other.norm()


@pytest.mark.parametrize(("device", "dtype"), PLACES)
def test_the_grouped_way_when_taken_twice_then_gives_the_same_bits(device: str, dtype: torch.dtype) -> None:
    routing, layer = random_routing(300, 8, 2, 8), Experts(8, 64, 32)
    given = [
        one.detach().to(device, kind).requires_grad_()
        for one, kind in (
            (torch.randn(300, 64), dtype), (routing.weights_TK, torch.float32), (layer.into_EDH2, dtype), (layer.back_EHD, dtype),
        )
    ]  # fmt: skip
    experts_TK, pull_TD = routing.experts_TK.to(device), torch.randn(300, 64).to(device, dtype)
    twice = [
        learned(grouped.feed_forward(given[0], given[1], experts_TK, given[2], given[3]), given, pull_TD) for _ in "ab"
    ]
    for one, other in zip(*twice, strict=True):
        assert torch.equal(one, other)


def test_a_cpu_or_another_precision_when_asked_for_then_is_not_multiplied_by_groups() -> None:
    layer = Experts(2, 16, 8).to(torch.bfloat16)
    assert not grouped.takes(torch.zeros(3, 16, dtype=torch.bfloat16), layer.into_EDH2, layer.back_EHD)


@on_a_gpu
def test_the_layer_on_a_gpu_when_autocast_then_goes_by_groups_and_learns_in_float32(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[int] = []
    real = functional.grouped_mm
    monkeypatch.setattr(functional, "grouped_mm", lambda *given, **named: (taken.append(1), real(*given, **named))[1])
    layer, routing = Experts(8, 64, 32).cuda(), random_routing(200, 8, 2, 8, nobody=0.2)
    given = Routing(
        routing.weights_TK.cuda().requires_grad_(), routing.experts_TK.cuda(), routing.logits_TE.cuda(), partial=True
    )
    x_TD = torch.randn(200, 64, device="cuda", requires_grad=True)
    with torch.autocast("cuda", dtype=torch.bfloat16):
        y_TD = layer(x_TD, given)
    y_TD.float().square().sum().backward()
    assert len(taken) == 6
    for tensor in (x_TD, given.weights_TK, layer.into_EH2D, layer.back_EHD):
        assert tensor.grad is not None
        assert tensor.grad.dtype == torch.float32
        assert tensor.grad.isfinite().all()


@on_a_gpu
def test_the_layer_on_a_gpu_when_there_is_no_token_or_no_group_then_agrees_all_the_same() -> None:
    layer, routing = Experts(4, 12, 7).cuda(), random_routing(30, 4, 2, 4, nobody=0.2)  # 7 numbers are no 16 bytes
    for tokens in (0, 30):
        experts_TK, weights_TK = routing.experts_TK[:tokens], routing.weights_TK[:tokens]
        x_TD = torch.randn(tokens, 12)
        y_TD = dispatch.feed_forward(x_TD.cuda(), weights_TK.cuda(), experts_TK.cuda(), layer.into_EDH2, layer.back_EHD)
        own = Routing(weights_TK.double(), experts_TK, routing.logits_TE)
        right_TD = naive(x_TD.double(), own, layer.into_EDH2.cpu().double(), layer.back_EHD.cpu().double())
        assert torch.allclose(y_TD.cpu().double(), right_TD, atol=1e-5)


@pytest.mark.skipif(torch.cuda.is_available(), reason="here the kernels can be compiled")
def test_kernels_when_they_cannot_be_compiled_then_are_done_without() -> None:
    grouped.compiled.cache_clear()
    assert grouped.compiled() is None


@on_a_gpu
def test_kernels_when_done_without_then_plain_operations_give_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    routing, layer = random_routing(300, 8, 2, 8, nobody=0.2), Experts(8, 64, 32)
    given = [
        one.detach().cuda().bfloat16().requires_grad_()
        for one in (torch.randn(300, 64), layer.into_EDH2, layer.back_EHD)
    ]
    weights_TK, experts_TK = routing.weights_TK.cuda().requires_grad_(), routing.experts_TK.cuda()
    pull_TD = torch.randn(300, 64, device="cuda").bfloat16()
    found = []
    for way in (grouped.compiled, lambda: None):
        monkeypatch.setattr(grouped, "compiled", way)
        y_TD = grouped.feed_forward(given[0], weights_TK, experts_TK, given[1], given[2])
        found.append(learned(y_TD, [given[0], weights_TK, *given[1:]], pull_TD))
    for one, other in zip(*found, strict=True):
        assert (one.float() - other.float()).norm() < 2e-2 * other.float().norm()


@pytest.mark.parametrize(
    ("tokens", "experts", "places"),
    [(1, 1, 1), (1, 64, 2), (17, 8, 2), (44, 16, 1), (320, 8, 2), (640, 32, 1), (40, 4, 4)],
)
def test_answer_to_few_tokens_when_nothing_is_learned_then_is_to_the_bit_what_training_sees(
    tokens: int, experts: int, places: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    real = grouped.answer
    monkeypatch.setattr(grouped, "answer", lambda *given: (asked.append(1), real(*given))[1])
    layer, x_TD = Experts(experts, 96, 48), torch.randn(tokens, 96)
    routing = random_routing(tokens, experts, places, experts)
    learned_TD = layer(x_TD, routing)
    assert not asked
    with torch.no_grad():
        assert torch.equal(layer(x_TD, routing), learned_TD)
    assert asked


@pytest.mark.parametrize(
    ("tokens", "nobody", "dtype"),
    [(321, 0.0, torch.float32), (40, 0.5, torch.float32), (40, 0.0, torch.bfloat16), (0, 0.0, torch.float32)],
)
def test_answer_when_there_are_many_tokens_or_places_of_nobody_then_goes_the_other_way(
    tokens: int, nobody: float, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouped, "answer", lambda *given: pytest.fail("asked"))
    layer, routing = Experts(8, 96, 48).to(dtype), random_routing(tokens, 8, 2, 8, nobody)
    with torch.no_grad():
        assert layer(torch.randn(tokens, 96, dtype=dtype), routing).isfinite().all()
