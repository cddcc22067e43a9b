"""The routers: each by its contract, then token choice in detail."""

import pytest
import torch

from engine.model.trunk.routers import Reroute, Router, routers
from engine.schema.config import Choice
from engine.schema.errors import UserError

TOKENS, WIDTH, EXPERTS = 60, 16, 6


def build(name: str = "token-choice", **settings: str | int | float) -> Router:
    torch.manual_seed(1)
    chosen = routers.settings(Choice(name=name, settings=settings))
    return routers[name].build(WIDTH, EXPERTS, **chosen.model_dump())


def stream() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(TOKENS, WIDTH, generator=generator), torch.arange(TOKENS) % 3


@pytest.mark.parametrize("name", routers.names())
def test_any_router_when_it_routes_then_sends_each_token_to_k_different_experts(name: str) -> None:
    router = build(name)
    routing = router(*stream())
    assert routing.experts_TK.shape == routing.weights_TK.shape == (TOKENS, router.slots)
    assert all(len(set(row)) == router.slots for row in routing.experts_TK.tolist())
    assert routing.logits_TE.dtype == torch.float32
    assert routing.logits_TE.shape == (TOKENS, EXPERTS)


@pytest.mark.parametrize("name", routers.names())
def test_any_router_when_a_token_is_alone_then_sends_it_where_it_goes_in_a_crowd(name: str) -> None:
    router = build(name)
    x_TD, modality_T = stream()
    crowd, alone = router(x_TD, modality_T), router(x_TD[7:8], modality_T[7:8])
    assert torch.equal(crowd.experts_TK[7:8], alone.experts_TK)


@pytest.mark.parametrize("gate", ["softmax", "sigmoid"])
def test_weights_when_k_is_2_then_sum_to_1_and_the_first_is_the_largest(gate: str) -> None:
    routing = build(gate=gate)(*stream())
    assert torch.allclose(routing.weights_TK.sum(1), torch.ones(TOKENS), atol=1e-5)
    assert (routing.weights_TK[:, 0] >= routing.weights_TK[:, 1]).all()
    assert torch.equal(routing.experts_TK[:, 0], routing.logits_TE.argmax(1))


def test_the_gate_when_k_is_1_then_still_gets_a_gradient() -> None:
    router = build(experts_per_token=1)
    router(*stream()).weights_TK.sum().backward()
    assert router.get_parameter("gate.weight").grad.abs().sum() > 0


def test_scores_when_the_stream_is_half_precision_then_are_computed_in_float32() -> None:
    x_TD, modality_T = stream()
    router = build()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        routing = router(x_TD.bfloat16(), modality_T)
    exact_TE = x_TD.bfloat16().float() @ router.get_parameter("gate.weight").T
    assert torch.allclose(routing.logits_TE, exact_TE, atol=1e-5)


def test_the_bias_when_stepped_then_steers_the_choice_per_modality_and_never_the_weight() -> None:
    router = build(bias_step=100.0)
    x_TD, modality_T = stream()
    before = router(x_TD, modality_T)
    counts_EM = torch.zeros(EXPERTS, 3, dtype=torch.int64)
    counts_EM[:, 0] = torch.tensor([0, 9, 9, 9, 9, 9])  # expert 0 is starved of text alone
    router.rebalance(counts_EM)
    after = router(x_TD, modality_T)
    assert (after.experts_TK[modality_T == 0] == 0).any(1).all()
    assert torch.equal(after.experts_TK[modality_T > 0], before.experts_TK[modality_T > 0])
    probabilities_TK = after.logits_TE.softmax(1).gather(1, after.experts_TK)
    assert torch.allclose(after.weights_TK, probabilities_TK / probabilities_TK.sum(1, keepdim=True), atol=1e-5)


def test_the_bias_when_its_step_is_0_then_never_moves() -> None:
    router = build()
    router.rebalance(torch.arange(EXPERTS * 3).view(EXPERTS, 3))
    assert not router.get_buffer("bias_ME").any()


def test_an_expert_when_its_tokens_are_sent_away_then_each_goes_to_its_next_choice() -> None:
    router = build()
    plain, sent = router(*stream()), router(*stream(), Reroute(layer=0, expert=2))
    ranked_TE = plain.logits_TE.argsort(1, descending=True)
    was_TK = plain.experts_TK == 2
    assert was_TK.any()
    assert not (sent.experts_TK == 2).any()
    assert torch.equal(sent.experts_TK[~was_TK], plain.experts_TK[~was_TK])
    assert torch.equal(sent.experts_TK[was_TK], ranked_TE[:, 2][was_TK.any(1)])


def test_choices_when_shuffled_then_keep_every_experts_load_and_lose_its_tokens() -> None:
    router = build()
    plain = router(*stream())
    shuffled = router(*stream(), Reroute.shuffled(torch.Generator().manual_seed(0)))
    assert torch.equal(plain.experts_TK.flatten().bincount(), shuffled.experts_TK.flatten().bincount())
    assert not torch.equal(plain.experts_TK, shuffled.experts_TK)


def test_a_trial_when_it_names_a_layer_then_touches_that_layer_alone() -> None:
    trial = Reroute(layer=1, expert=0)
    assert trial.at(0) is None
    assert trial.at(1) is trial
    assert Reroute.shuffled(torch.Generator()).at(5) is not None


def test_a_trial_when_there_is_no_next_choice_then_is_refused() -> None:
    with pytest.raises(ValueError, match="no next choice"):
        build(experts_per_token=EXPERTS)(*stream(), Reroute(layer=0, expert=0))


@pytest.mark.parametrize("settings", [{"experts_per_token": 7}, {"gate": "cubic"}, {"experts_per_token": 0}])
def test_impossible_settings_when_built_then_are_named(settings: dict[str, str | int]) -> None:
    with pytest.raises(UserError) as caught:
        build(**settings)
    assert next(iter(settings)) in str(caught.value.parameters["key"])
