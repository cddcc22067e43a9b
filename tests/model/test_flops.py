import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from engine.model.flops import dense_twin, grouped_flops, trunk_flops
from engine.model.trunk.experts import Experts
from engine.model.trunk.grouped import feed_forward
from engine.model.trunk.routers import Routing
from engine.schema.config import Choice, StudentConfig


@pytest.mark.parametrize(("experts", "slots", "hidden"), [(8, 2, 96), (16, 4, 40), (4, 1, 33), (64, 2, 64)])
def test_dense_twin_when_counted_costs_a_token_what_the_sparse_student_does(
    experts: int, slots: int, hidden: int
) -> None:
    router = Choice(name="token-choice", settings={"experts_per_token": slots})
    sparse = StudentConfig(experts=experts, hidden=hidden, router=router)
    twin = dense_twin(sparse)
    assert twin.experts == 1
    assert trunk_flops(twin) == pytest.approx(trunk_flops(sparse), rel=0.005)


def test_dense_twin_when_the_student_shares_an_expert_is_one_network_as_wide_as_all_that_work() -> None:
    router = Choice(name="token-choice", settings={"experts_per_token": 1})
    shared = StudentConfig(experts=8, hidden=48, shared=32, router=router)
    twin = dense_twin(shared)
    assert (twin.experts, twin.shared) == (1, 0)
    assert trunk_flops(twin) == pytest.approx(trunk_flops(shared), rel=0.005)
    assert trunk_flops(shared) - trunk_flops(shared.model_copy(update={"shared": 0})) == shared.layers * 6 * 32 * 96


def test_experts_when_torch_counts_them_cost_what_the_formula_says() -> None:
    width, hidden, tokens = 32, 24, 40
    dense = Experts(1, width, hidden)
    routing = Routing(torch.ones(tokens, 1), torch.zeros(tokens, 1, dtype=torch.long), torch.zeros(tokens, 1))
    x_TD = torch.randn(tokens, width)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        both_TH2 = x_TD @ dense.into_EDH2[0]
        gate_TH, value_TH = both_TH2.chunk(2, dim=1)
        y_TD = (torch.nn.functional.silu(gate_TH) * value_TH) @ dense.back_EHD[0]
    torch.testing.assert_close(dense(x_TD, routing), y_TD)
    config = StudentConfig(
        width=width,
        layers=1,
        hidden=hidden,
        experts=1,
        router=Choice(name="token-choice", settings={"experts_per_token": 1}),
    )
    attention_and_router = 8 * width * width + 2 * width
    assert counter.get_total_flops() == tokens * (trunk_flops(config) - attention_and_router)


def test_experts_when_multiplied_by_groups_are_counted_too_forward_and_back() -> None:
    width, hidden, tokens, experts = 32, 24, 40, 4
    layer, x_TD = Experts(experts, width, hidden), torch.randn(tokens, width, requires_grad=True)
    experts_TK = torch.randint(experts, (tokens, 2))
    counted = {torch.ops.aten._grouped_mm: grouped_flops}
    with FlopCounterMode(display=False, custom_mapping=counted) as counter:
        y_TD = feed_forward(x_TD, torch.rand(tokens, 2), experts_TK, layer.into_EDH2, layer.back_EHD)
        assert counter.get_total_flops() == 6 * tokens * 2 * width * hidden
        y_TD.sum().backward()
    assert counter.get_total_flops() == 18 * tokens * 2 * width * hidden
