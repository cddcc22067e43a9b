"""The sparse layer against a naive reference in float64: values and gradients, in every precision and every odd shape."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.model.trunk import order
from engine.model.trunk.dispatch import Plan, feed_forward, grouped_linear
from engine.model.trunk.experts import Experts, turned
from engine.model.trunk.routers import Routing
from tests.conftest import ROOT

WIDTH, HIDDEN = 12, 7


def naive(x_TD: Tensor, routing: Routing, into_EDH2: Tensor, back_EHD: Tensor) -> Tensor:
    """One token and one expert at a time."""
    rows = []
    for x_D, weights_K, experts_K in zip(x_TD, routing.weights_TK, routing.experts_TK, strict=True):
        total_D = x_D * 0.0
        for weight, expert in zip(weights_K, experts_K, strict=True):
            if expert < len(into_EDH2):
                gate_H, value_H = (x_D @ into_EDH2[expert]).chunk(2)
                total_D = total_D + weight * ((gate_H * gate_H.sigmoid() * value_H) @ back_EHD[expert])
        rows.append(total_D)
    return torch.stack(rows) if rows else x_TD * 1.0


def random_routing(tokens: int, experts: int, slots: int, allowed: int, nobody: float = 0.0) -> Routing:
    """Return a routing to the first `allowed` experts; each place is left to nobody with that chance."""
    generator = torch.Generator().manual_seed(tokens * 31 + experts)
    chosen_TK = torch.rand(tokens, allowed, generator=generator).argsort(1)[:, :slots]
    weights_TK = torch.rand(tokens, slots, generator=generator)
    empty_TK = torch.rand(tokens, slots, generator=generator) < nobody
    return Routing(
        weights_TK.masked_fill(empty_TK, 0.0),
        chosen_TK.masked_fill(empty_TK, experts),
        torch.zeros(tokens, experts),
        partial=nobody > 0,
    )


def errors(x_TD: Tensor, routing: Routing, layer: Experts, dtype: torch.dtype) -> list[float]:
    """Return the relative errors of the output and of all four gradients, against float64 from the very same numbers."""
    pull_TD = torch.randn(x_TD.shape, generator=torch.Generator().manual_seed(3))
    given = (x_TD.detach(), routing.weights_TK, layer.into_EDH2.detach(), layer.back_EHD.detach())
    ours = [tensor.to(dtype).requires_grad_() for tensor in given]
    exact = [tensor.detach().double().requires_grad_() for tensor in ours]
    y_TD = feed_forward(ours[0], ours[1], routing.experts_TK, ours[2], ours[3], routing.partial)
    y_exact_TD = naive(exact[0], Routing(exact[1], routing.experts_TK, routing.logits_TE), exact[2], exact[3])
    found = (y_TD, *torch.autograd.grad((y_TD * pull_TD.to(dtype)).sum(), ours))
    wanted = (
        y_exact_TD,
        *torch.autograd.grad((y_exact_TD * pull_TD.double()).sum(), exact, allow_unused=True, materialize_grads=True),
    )
    return [
        float((one.detach().double() - other.detach()).norm() / other.detach().norm().clamp(min=1e-9))
        for one, other in zip(found, wanted, strict=True)
    ]


SHAPES = [
    # tokens, experts, places, experts that are chosen from, share of empty places
    (0, 4, 2, 4, 0.0),
    (1, 4, 2, 4, 0.0),
    (1, 1, 1, 1, 0.0),
    (40, 4, 2, 4, 0.0),
    (40, 8, 2, 3, 0.0),
    (33, 5, 5, 5, 0.0),
    (64, 32, 1, 32, 0.0),
    (7, 64, 3, 64, 0.0),
    (50, 6, 3, 6, 0.4),
    (9, 6, 3, 6, 1.0),
    (1, 6, 1, 6, 1.0),
]


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("dtype", "most"), [(torch.float32, 1e-5), (torch.bfloat16, 2e-2)])
@pytest.mark.parametrize(("tokens", "experts", "slots", "allowed", "nobody"), SHAPES)
def test_the_experts_when_compared_with_one_token_at_a_time_then_agree_in_value_and_gradient(
    tokens: int, experts: int, slots: int, allowed: int, nobody: float, dtype: torch.dtype, most: float, seed: int
) -> None:
    torch.manual_seed(seed)
    layer = Experts(experts, WIDTH, HIDDEN)
    found = errors(torch.randn(tokens, WIDTH), random_routing(tokens, experts, slots, allowed, nobody), layer, dtype)
    assert max(found) < most, found


@pytest.mark.parametrize(("dtype", "most"), [(torch.float32, 1e-5), (torch.bfloat16, 2e-2)])
@pytest.mark.parametrize(("tokens", "experts", "slots", "allowed", "nobody"), SHAPES)
def test_each_expert_when_worked_through_by_itself_then_agrees_as_those_worked_through_together_do(
    tokens: int,
    experts: int,
    slots: int,
    allowed: int,
    nobody: float,
    dtype: torch.dtype,
    most: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(order, "_FEW", 1)
    layer = Experts(experts, WIDTH, HIDDEN)
    found = errors(torch.randn(tokens, WIDTH), random_routing(tokens, experts, slots, allowed, nobody), layer, dtype)
    assert max(found) < most, found


def test_an_expert_when_another_ones_token_is_infinite_then_learns_only_from_its_own() -> None:
    layer = Experts(2, WIDTH, HIDDEN).to(torch.bfloat16)
    x_TD = torch.randn(5, WIDTH).to(torch.bfloat16)
    x_TD[0] = torch.inf
    routing = Routing(torch.ones(5, 1).to(torch.bfloat16), torch.tensor([[0], [1], [1], [1], [1]]), torch.zeros(5, 2))
    layer(x_TD, routing)[1:].float().sum().backward()
    assert layer.into_EH2D.grad is not None
    assert layer.into_EH2D.grad[1].isfinite().all()


def test_uneven_rows_and_strides_when_given_then_change_nothing() -> None:
    torch.manual_seed(4)
    layer = Experts(5, 37, 19)
    wide = torch.randn(37, 71).t()  # as it lies in memory, a token's numbers are 71 apart
    assert not wide.is_contiguous()
    assert max(errors(wide, random_routing(71, 5, 2, 5), layer, torch.float32)) < 1e-5


@pytest.mark.parametrize("lying", ["tokens", "weights", "choices", "all"])
@pytest.mark.parametrize(("dtype", "most"), [(torch.float32, 1e-5), (torch.bfloat16, 2e-2), (torch.float64, 1e-12)])
def test_tokens_weights_and_choices_when_they_lie_across_then_values_and_gradients_are_the_same(
    dtype: torch.dtype, most: float, lying: str
) -> None:
    torch.manual_seed(4)
    layer, routing, x_TD = (
        Experts(5, WIDTH, HIDDEN).to(dtype),
        random_routing(41, 5, 2, 5, nobody=0.2),
        torch.randn(41, WIDTH),
    )

    def across(name: str, tensor: Tensor) -> Tensor:
        return tensor.t().contiguous().t() if lying in (name, "all") else tensor

    turned_over = dataclasses.replace(
        routing,
        weights_TK=across("weights", routing.weights_TK),
        experts_TK=across("choices", routing.experts_TK),
    )
    found = errors(across("tokens", x_TD), turned_over, layer, dtype)
    assert max(found) < most, found


def test_fresh_memory_when_it_is_poisoned_then_nothing_of_it_comes_through(poisoned_memory: None) -> None:
    torch.manual_seed(5)
    layer = Experts(6, WIDTH, HIDDEN)
    for dtype, most in ((torch.float32, 1e-5), (torch.bfloat16, 2e-2)):
        for nobody in (0.0, 0.5):
            found = errors(torch.randn(45, WIDTH), random_routing(45, 6, 3, 4, nobody), layer, dtype)
            assert max(found) < most, found


@pytest.fixture
def poisoned_memory() -> object:
    """Fill every tensor that is made without a value with NaN."""
    before = torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = True  # type: ignore[attr-defined]
    assert torch.empty(3).isnan().all()
    yield
    torch.use_deterministic_algorithms(False)
    torch.utils.deterministic.fill_uninitialized_memory = before  # type: ignore[attr-defined]


def test_experts_nobody_chose_when_learning_then_get_a_gradient_of_zero() -> None:
    layer = Experts(4, WIDTH, HIDDEN)
    routing = random_routing(10, 4, 2, 2)
    layer(torch.randn(10, WIDTH), routing).sum().backward()
    assert layer.into_EH2D.grad is not None
    assert layer.into_EH2D.grad[:2].abs().sum() > 0
    assert not layer.into_EH2D.grad[2:].any()


def test_the_plan_when_made_then_drops_nothing_but_nobody_and_sorts_by_expert() -> None:
    routing = random_routing(50, 6, 3, 6, nobody=0.3)
    plan = Plan.of(routing.experts_TK, 6)
    assert plan.counts_E.sum() == (routing.experts_TK < 6).sum() == len(plan.place_S)
    by_expert_S = routing.experts_TK.flatten()[plan.place_S]
    assert torch.equal(by_expert_S, by_expert_S.sort().values)
    assert torch.equal(plan.token_S, plan.place_S // 3)
    x_TD = torch.randn(50, 4)
    filled_TK = (routing.experts_TK < 6).float()
    assert torch.allclose(plan.combine(plan.gather(x_TD), filled_TK), x_TD * filled_TK.sum(1, keepdim=True), atol=1e-6)


def test_the_experts_when_checked_numerically_then_have_the_right_gradient() -> None:
    routing = random_routing(6, 4, 3, 3, nobody=0.3)
    given = (torch.randn(6, 5), routing.weights_TK, torch.randn(4, 5, 6), torch.randn(4, 3, 5))
    x_TD, weights_TK, into_EDH2, back_EHD = (tensor.double().requires_grad_() for tensor in given)

    def layer(x: Tensor, weights: Tensor, into: Tensor, back: Tensor) -> Tensor:
        return feed_forward(x, weights, routing.experts_TK, into, back, True)

    assert torch.autograd.gradcheck(layer, (x_TD, weights_TK, into_EDH2, back_EHD))


@pytest.mark.parametrize("wide", [3, 256])  # rows of 2048 bytes are spread out
def test_the_experts_when_registered_with_torch_then_keep_all_it_asks_of_an_operation(wide: int) -> None:
    routing = random_routing(9, 4, 2, 4)
    given = (torch.randn(9, WIDTH), routing.weights_TK, torch.randn(4, WIDTH, 2 * wide), torch.randn(4, wide, WIDTH))
    x_TD, weights_TK, into_EDH2, back_EHD = (tensor.requires_grad_() for tensor in given)
    torch.library.opcheck(
        torch.ops.consilium.experts.default, (x_TD, weights_TK, routing.experts_TK, into_EDH2, back_EHD, True)
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_operations_when_tokens_and_weights_lie_across_then_say_of_what_strides_their_answers_are(
    dtype: torch.dtype,
) -> None:
    routing = random_routing(9, 4, 2, 4)
    x_TD, weights_TK = (tensor.to(dtype).t().contiguous().t() for tensor in (torch.randn(9, WIDTH), routing.weights_TK))
    layer = Experts(4, WIDTH, HIDDEN).to(dtype)
    given = (x_TD, weights_TK, routing.experts_TK, layer.into_EDH2.detach(), layer.back_EHD.detach())
    y_TD, *kept = torch.ops.consilium.experts(*given, True)
    for operation, arguments in (("experts", (*given, True)), ("experts_backward", (y_TD, *given, *kept))):
        default = getattr(torch.ops.consilium, operation).default
        torch.library.opcheck(default, arguments, test_utils=("test_schema", "test_faketensor"))


def test_the_layer_when_asked_twice_then_says_the_same_to_the_last_bit() -> None:
    torch.manual_seed(6)
    layer, x_TD, routing = Experts(8, WIDTH, HIDDEN), torch.randn(300, WIDTH), random_routing(300, 8, 2, 8)
    found = []
    for _ in range(2):
        layer.zero_grad()
        y_TD = layer(x_TD, routing)
        y_TD.square().sum().backward()
        assert layer.into_EH2D.grad is not None
        found.append((y_TD.detach(), layer.into_EH2D.grad.clone()))
    assert torch.equal(found[0][0], found[1][0])
    assert torch.equal(found[0][1], found[1][1])
    with torch.no_grad():
        assert torch.equal(layer(x_TD, routing), found[0][0])


def test_the_grouped_way_when_taken_then_gives_the_same_numbers_as_the_way_of_the_cpu() -> None:
    torch.manual_seed(7)
    layer, x_TD = Experts(5, WIDTH, HIDDEN), torch.randn(40, WIDTH)
    routing = random_routing(40, 5, 3, 5, nobody=0.3)
    plan = Plan.of(routing.experts_TK, 5)
    gate_SH, value_SH = grouped_linear(plan.gather(x_TD), layer.into_EDH2, plan.counts_E).chunk(2, dim=1)
    y_SD = grouped_linear(torch.nn.functional.silu(gate_SH) * value_SH, layer.back_EHD, plan.counts_E)
    assert torch.allclose(plan.combine(y_SD, routing.weights_TK), layer(x_TD, routing), atol=1e-5)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_experts_when_on_a_gpu_then_agree_with_float64(dtype: torch.dtype) -> None:
    torch.manual_seed(8)
    layer, x_TD = Experts(8, 64, 32).cuda(), torch.randn(200, 64)
    routing = random_routing(200, 8, 2, 8, nobody=0.2)
    own = (routing.weights_TK.cuda(), routing.experts_TK.cuda(), layer.into_EDH2.to(dtype), layer.back_EHD.to(dtype))
    y_TD = feed_forward(x_TD.cuda().to(dtype), *own, True).double().cpu()
    exact_TD = naive(x_TD.double(), routing, layer.into_EDH2.double().cpu(), layer.back_EHD.double().cpu())
    assert (y_TD - exact_TD).norm() / exact_TD.norm() < (1e-5 if dtype == torch.float32 else 2e-2)


@pytest.mark.parametrize(("lies_across", "tokens"), [(False, (30, 31, 2, 1, 0)), (True, (30, 31, 57))])
def test_the_layer_when_compiled_then_is_one_graph_and_gives_the_same_values_and_gradients(
    lies_across: bool, tokens: tuple[int, ...]
) -> None:
    torch.manual_seed(9)
    torch._dynamo.reset()
    layer = Experts(4, WIDTH, HIDDEN)
    compiled = torch.compile(layer, backend="aot_eager", fullgraph=True, dynamic=True)
    for number in tokens:
        routing = random_routing(number, 4, 2, 4, nobody=0.2)
        given = [torch.randn(number, WIDTH), routing.weights_TK]
        if lies_across:
            given = [tensor.t().contiguous().t() for tensor in given]
            assert not any(tensor.is_contiguous() for tensor in given)
        pull_TD, found = torch.randn(number, WIDTH), []
        for way in (layer, compiled):
            x_TD, weights_TK = (tensor.detach().requires_grad_() for tensor in given)
            y_TD = way(x_TD, dataclasses.replace(routing, weights_TK=weights_TK))
            learning = (x_TD, weights_TK, layer.into_EH2D, layer.back_EHD)
            found.append((y_TD.detach(), *torch.autograd.grad((y_TD * pull_TD).sum(), learning)))
        for plain, one in zip(*found, strict=True):
            assert torch.allclose(plain, one, atol=1e-6)


_RANK = """
import sys, torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel
from engine.model.trunk.experts import Experts
from engine.model.trunk.routers import Routing
rank, store, out = int(sys.argv[1]), sys.argv[2], sys.argv[3]
distributed.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
torch.manual_seed(0)
layer = Experts(4, 12, 7)
x_TD, weights_TK = torch.randn(40, 12), torch.rand(40, 2)
experts_TK = torch.rand(40, 3).argsort(1)[:, :2]  # nobody ever chooses the last expert
half = slice(20 * rank, 20 * rank + 20)
shared = DistributedDataParallel(layer)
shared(x_TD[half], Routing(weights_TK[half], experts_TK[half], torch.zeros(20, 4))).square().mean().backward()
if rank == 0:
    whole = Experts(4, 12, 7)
    whole.load_state_dict(layer.state_dict())
    whole(x_TD, Routing(weights_TK, experts_TK, torch.zeros(40, 4))).square().mean().backward()
    apart = (layer.into_EH2D.grad - whole.into_EH2D.grad).abs().max()
    open(out, "w").write(str(float(apart)))
distributed.barrier()  # whoever is done first would cut the other one off
distributed.destroy_process_group()
"""


@pytest.mark.skipif(not torch.distributed.is_available(), reason="this torch has no distributed training")
def test_the_layer_when_trained_in_two_processes_then_learns_what_one_would_from_all_of_it(tmp_path: Path) -> None:
    out = tmp_path / "apart"
    command = [sys.executable, "-c", _RANK]
    ranks = [subprocess.Popen([*command, str(rank), str(tmp_path / "store"), str(out)], cwd=ROOT) for rank in (0, 1)]
    assert [rank.wait(120) for rank in ranks] == [0, 0]
    assert float(out.read_text()) < 1e-6


def test_weights_when_of_a_model_of_before_then_are_turned_and_all_others_left_alone() -> None:
    layer = Experts(3, WIDTH, HIDDEN)
    back_EHD = layer.back_EHD.detach()
    before = {
        "blocks.0.experts.into_EDH2": layer.into_EDH2.detach().contiguous(),
        "blocks.0.experts.back_EHD": back_EHD,
    }
    found = turned(before | {"head": back_EHD})
    assert set(found) == {"blocks.0.experts.into_EH2D", "blocks.0.experts.back_EHD", "head"}
    assert torch.equal(found["blocks.0.experts.into_EH2D"], layer.into_EH2D)
    assert found["blocks.0.experts.into_EH2D"].is_contiguous()
    assert found["head"] is back_EHD
