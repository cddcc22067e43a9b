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
