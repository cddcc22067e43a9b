"""The shared expert: every token passes it, no router decides over it, and without one nothing changes."""

import torch

from engine.model.student import build_student, count_parameters
from engine.model.trunk.experts import SharedExpert
from tests.model.small_council import LABELS, mixed
from tests.preprocess.small_world import SMALL, preparation

SHARING = SMALL.model_copy(update={"shared": 24})


def test_shared_expert_when_given_tokens_is_a_gated_network_with_its_gradients() -> None:
    expert = SharedExpert(8, 6).double()
    x_TD = torch.randn(5, 8, dtype=torch.float64, requires_grad=True)
    gate_TH, value_TH = x_TD @ expert.into_DH2[:, :6], x_TD @ expert.into_DH2[:, 6:]
    wanted_TD = (gate_TH / (1 + torch.exp(-gate_TH)) * value_TH) @ expert.back_HD
    torch.testing.assert_close(expert(x_TD), wanted_TD, rtol=1e-12, atol=1e-12)
    assert torch.autograd.gradcheck(expert, x_TD)


def test_student_when_it_shares_an_expert_adds_its_work_to_that_of_the_chosen_ones() -> None:
    torch.manual_seed(0)
    student = build_student(SHARING, preparation(), LABELS).eval()
    block = student.blocks[0]
    seen = student.look(mixed())
    with torch.no_grad():
        whole_TD, _ = block(seen.x_TD, seen.layout)
        shared, block.shared = block.shared, None
        assert isinstance(shared, SharedExpert)
        routed_TD, _ = block(seen.x_TD, seen.layout)
        attended_TD = seen.x_TD + block.attention(block.norm_attention(seen.x_TD), seen.layout)
        own_TD = shared(block.norm_experts(attended_TD))
    assert own_TD.abs().max() > 0
    torch.testing.assert_close(whole_TD, routed_TD + own_TD)


def test_parameters_when_an_expert_is_shared_are_all_active_in_it() -> None:
    plain, sharing = (build_student(shape, preparation(), LABELS) for shape in (SMALL, SHARING))
    more = 3 * SMALL.width * SHARING.shared * SMALL.layers
    assert [b - a for a, b in zip(count_parameters(plain), count_parameters(sharing), strict=True)] == [more, more]
