"""The fusions: each by its contract, then each by its formula."""

import math

import pytest
import torch
from torch import Tensor

from engine.model.fusion import Fusion, fusions
from engine.schema.config import Choice

CASES, WIDTH = 8, 16
PATTERNS = torch.tensor([[bool(i & 1), bool(i & 2), bool(i & 4)] for i in range(CASES)])
"""All eight modality patterns; the first case has nothing."""


def build(name: str) -> Fusion:
    torch.manual_seed(3)
    fusion = fusions[name].build(WIDTH, **fusions.settings(Choice(name=name)).model_dump())
    with torch.no_grad():
        fusion.absent_MD.normal_()
    return fusion


def pooled(seed: int = 0) -> Tensor:
    return torch.randn(CASES, 3, WIDTH, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", fusions.names())
def test_any_fusion_when_what_is_absent_changes_then_answers_the_same(name: str) -> None:
    fusion = build(name)
    other = torch.where(PATTERNS[..., None], pooled(0), pooled(1) * 100)
    assert torch.equal(fusion(pooled(0), PATTERNS), fusion(other, PATTERNS))


@pytest.mark.parametrize("name", fusions.names())
def test_any_fusion_when_what_is_present_changes_then_answers_differently(name: str) -> None:
    fusion = build(name)
    changed = (fusion(pooled(0), PATTERNS) - fusion(pooled(1), PATTERNS)).abs().sum(1)
    assert (changed[1:] > 0).all()
    assert changed[0] == 0


@pytest.mark.parametrize("name", fusions.names())
def test_any_fusion_when_nothing_is_present_then_answers_from_the_learned_tokens_alone(name: str) -> None:
    fusion = build(name)
    fused_BD = fusion(pooled(), torch.zeros(CASES, 3, dtype=torch.bool))
    assert fused_BD.isfinite().all()
    assert torch.allclose(fused_BD, fused_BD[:1].expand(CASES, -1), atol=1e-6)
    (gradient_MD,) = torch.autograd.grad(fused_BD.sum(), fusion.absent_MD)
    assert (gradient_MD.abs().sum(1) > 0).all()


@pytest.mark.parametrize("junk", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", fusions.names())
def test_any_fusion_when_what_is_absent_is_not_even_a_number_then_neither_answer_nor_gradient_notices(
    name: str, junk: float
) -> None:
    fusion = build(name)
    results = []
    for filling in (0.0, junk):
        fusion.zero_grad()
        x_BMD = torch.where(PATTERNS[..., None], pooled(), filling).requires_grad_()
        fused_BD = fusion(x_BMD, PATTERNS)
        fused_BD.square().sum().backward()
        gradients = [parameter.grad for parameter in fusion.parameters() if parameter.grad is not None]
        results.append([fused_BD, x_BMD.grad, *gradients])
    clean, noisy = results
    assert len(clean) == len(noisy)
    for one, other in zip(clean, noisy, strict=True):
        assert one is not None
        assert other is not None
        assert one.isfinite().all()
        assert torch.equal(one, other)


@pytest.mark.parametrize("name", fusions.names())
def test_any_fusion_when_cases_change_places_then_so_do_their_answers(name: str) -> None:
    fusion = build(name)
    order_B = torch.randperm(CASES, generator=torch.Generator().manual_seed(5))
    moved_BD = fusion(pooled()[order_B], PATTERNS[order_B])
    assert torch.allclose(moved_BD, fusion(pooled(), PATTERNS)[order_B], atol=1e-6)


@pytest.mark.parametrize("name", fusions.names())
def test_any_fusion_when_differentiated_then_agrees_with_differences(name: str) -> None:
    fusion = fusions[name].build(4).double()
    x_BMD = torch.randn(8, 3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1), requires_grad=True)
    # Tolerant, because gates and products are computed in float32 whatever comes in.
    assert torch.autograd.gradcheck(lambda x: fusion(x, PATTERNS), (x_BMD,), eps=1e-2, atol=1e-2, rtol=1e-2)


@torch.no_grad()
def test_weighted_sum_when_computed_then_is_a_softmax_of_one_weight_a_modality_over_the_observed_alone() -> None:
    fusion = build("weighted-sum")
    scores_M = fusion.get_parameter("scores_M").copy_(torch.tensor([0.5, -1.0, 2.0]))
    for case in range(1, CASES):
        there = [m for m in range(3) if PATTERNS[case, m]]
        total = sum(math.exp(float(scores_M[m])) for m in there)
        expected_D = sum((math.exp(float(scores_M[m])) / total * pooled()[case, m] for m in there), torch.zeros(WIDTH))
        assert torch.allclose(fusion(pooled(), PATTERNS)[case], expected_D, atol=1e-5)


def test_weighted_sum_when_fresh_then_trusts_all_modalities_alike() -> None:
    fused_BD = build("weighted-sum")(pooled(), PATTERNS)
    assert torch.allclose(fused_BD[7], pooled()[7].mean(0), atol=1e-6)


@torch.no_grad()
def test_tensor_when_computed_then_is_the_low_rank_form_of_the_whole_outer_product() -> None:
    fusion = build("tensor")
    maps_MRDD, ones_MRD = fusion.get_parameter("maps_MRDD").double(), fusion.get_parameter("ones_MRD").double()
    factors_MRXD = torch.cat([ones_MRD[:, :, None], maps_MRDD], dim=2)
    weight_XYZD = torch.einsum("rxd,ryd,rzd->xyzd", *factors_MRXD)
    for case in range(CASES):
        x_MD = torch.where(PATTERNS[case][:, None], pooled()[case], fusion.absent_MD).double()
        text_X, image_X, audio_X = torch.cat([torch.ones(3, 1, dtype=torch.float64), x_MD], dim=1)
        expected_D = torch.einsum("x,y,z,xyzd->d", text_X, image_X, audio_X, weight_XYZD)
        assert torch.allclose(fusion(pooled(), PATTERNS)[case].double(), expected_D, atol=1e-4)


def test_tensor_when_fresh_then_answers_on_the_scale_of_one_whatever_its_rank() -> None:
    for rank in (1, 8, 64):
        torch.manual_seed(0)
        fused_BD = fusions["tensor"].build(64, rank=rank)(torch.randn(200, 3, 64), torch.ones(200, 3, dtype=torch.bool))
        assert 0.3 < float(fused_BD.detach().std()) < 5


@torch.no_grad()
def test_concat_when_computed_then_is_w_times_the_three_side_by_side_plus_b() -> None:
    fusion = build("concat")
    weight_DX, bias_D = fusion.get_parameter("join.weight"), fusion.get_parameter("join.bias")
    for case, (x_MD, present_M) in enumerate(zip(pooled(), PATTERNS, strict=True)):
        text_D, image_D, audio_D = (x_MD[m] if present_M[m] else fusion.absent_MD[m] for m in range(3))
        expected_D = weight_DX @ torch.cat([text_D, image_D, audio_D]) + bias_D
        assert torch.allclose(fusion(pooled(), PATTERNS)[case], expected_D, atol=1e-5)


@torch.no_grad()
def test_gated_when_computed_then_is_the_observed_modalities_weighted_by_a_softmax_over_them_alone() -> None:
    gated = build("gated")
    maps_MDD = gated.get_parameter("maps_MDD")
    weight_MX, bias_M = gated.get_parameter("gate.weight"), gated.get_parameter("gate.bias")
    for case in range(1, CASES):
        present_M = PATTERNS[case]
        x_MD = torch.where(present_M[:, None], pooled()[case], gated.absent_MD)
        scores_M = weight_MX @ x_MD.flatten() + bias_M
        exponentials = [math.exp(float(s)) if p else 0.0 for s, p in zip(scores_M, present_M, strict=True)]
        expected_D = sum(
            (exponentials[m] / sum(exponentials) * (x_MD[m] @ maps_MDD[m]) for m in range(3)), torch.zeros(WIDTH)
        )
        assert torch.allclose(gated(pooled(), PATTERNS)[case], expected_D, atol=1e-5)


@torch.no_grad()
def test_attention_when_computed_then_is_softmax_of_scaled_products_over_the_observed_alone() -> None:
    fusion = build("attention")
    weights = {
        name: (fusion.get_parameter(f"{name}.weight"), fusion.get_parameter(f"{name}.bias"))
        for name in ("query", "key", "value", "join")
    }
    for case in range(1, CASES):
        present_M = PATTERNS[case]
        x_MD = torch.where(present_M[:, None], pooled()[case], fusion.absent_MD)
        query_MD, key_MD, value_MD = (x_MD @ weights[n][0].T + weights[n][1] for n in ("query", "key", "value"))
        attended = []
        for asking in range(3):
            scores = [float(query_MD[asking] @ key_MD[m]) / WIDTH**0.5 for m in range(3)]
            shares = [math.exp(s) if p else 0.0 for s, p in zip(scores, present_M, strict=True)]
            attended.append(sum((shares[m] / sum(shares) * value_MD[m] for m in range(3)), torch.zeros(WIDTH)))
        expected_D = weights["join"][0] @ (x_MD + torch.stack(attended)).flatten() + weights["join"][1]
        assert torch.allclose(fusion(pooled(), PATTERNS)[case], expected_D, atol=1e-5)
