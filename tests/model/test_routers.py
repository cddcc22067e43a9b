"""The routers: each by its contract, then token choice in detail; their formulas are in `test_routers_exact`."""

import pytest
import torch

from engine.model.trunk.routers import Reroute, Router, Routing, routers
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


SCOPES = ["joint", "per-modality", "disjoint"]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("learning", [True, False])
@pytest.mark.parametrize("name", routers.names())
def test_any_router_when_it_routes_then_sends_each_token_to_different_experts_and_none_to_nobody_alone(
    name: str, learning: bool, scope: str
) -> None:
    router = build(name, scope=scope, experts_per_token=2).train(learning)
    routing = router(*stream())
    assert routing.experts_TK.shape == routing.weights_TK.shape
    for row, weights in zip(routing.experts_TK.tolist(), routing.weights_TK.tolist(), strict=True):
        real = [expert for expert in row if expert < EXPERTS]
        assert real
        assert len(set(real)) == len(real)
        assert all(weight == 0 for expert, weight in zip(row, weights, strict=True) if expert == EXPERTS)
        assert all(weight > 0 for expert, weight in zip(row, weights, strict=True) if expert < EXPERTS)
    assert routing.partial or (routing.experts_TK < EXPERTS).all()
    assert routing.logits_TE.dtype == torch.float32
    assert routing.logits_TE.shape == (TOKENS, EXPERTS)
    assert torch.equal(routing.chosen_TE.sum(1), (routing.experts_TK < EXPERTS).sum(1).float())


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("name", routers.names())
def test_any_router_when_it_has_learned_then_sends_a_token_alone_where_it_goes_in_a_crowd(
    name: str, scope: str
) -> None:
    router = build(name, scope=scope, experts_per_token=2)
    x_TD, modality_T = stream()
    router(
        torch.randn(90, WIDTH), torch.arange(90) % 3
    )  # other tokens than those below: no bar lies exactly on one of them
    router.eval()
    crowd = router(x_TD, modality_T)
    for t in range(TOKENS):
        alone = router(x_TD[t : t + 1], modality_T[t : t + 1])
        assert torch.equal(crowd.chosen_TE[t : t + 1], alone.chosen_TE)
        assert torch.allclose(of_each(crowd)[t : t + 1], of_each(alone), atol=1e-6)


def of_each(routing: Routing) -> torch.Tensor:
    """Return the weight of every expert for every token, 0 where it does not work on it."""
    tokens, experts = routing.logits_TE.shape
    return torch.zeros(tokens, experts + 1).scatter_(1, routing.experts_TK, routing.weights_TK.float())[:, :experts]


@pytest.mark.parametrize("name", routers.names())
def test_any_router_when_there_is_nothing_to_route_then_routes_nothing(name: str) -> None:
    for learning in (True, False):
        routing = build(name).train(learning)(torch.zeros(0, WIDTH), torch.zeros(0, dtype=torch.int64))
        assert len(routing.experts_TK) == len(routing.weights_TK) == 0


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("name", routers.names())
def test_any_router_when_its_weights_are_pulled_at_then_every_part_of_it_learns(name: str, scope: str) -> None:
    router = build(name, scope=scope, experts_per_token=1)
    routing = router(*stream())
    pull_TK = torch.randn(routing.weights_TK.shape, generator=torch.Generator().manual_seed(1))
    (routing.weights_TK * pull_TK).sum().backward()
    assert router.get_parameter("gate.weight").grad.abs().sum() > 0


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("name", routers.names())
def test_any_router_when_an_experts_tokens_are_sent_away_then_each_goes_to_the_best_it_did_not_take(
    name: str, scope: str
) -> None:
    router = build(name, experts_per_token=2, scope=scope).eval()
    x_TD, modality_T = stream()
    plain = router(x_TD, modality_T)
    busiest = int(plain.chosen_TE.sum(0).argmax())
    sent = router(x_TD, modality_T, Reroute(layer=0, expert=busiest))
    within_TE = plain.logits_TE > -1e3
    moved = 0
    for t in range(TOKENS):
        had, has = (set(routing.chosen_TE[t].nonzero().flatten().tolist()) for routing in (plain, sent))
        left = [e for e in plain.logits_TE[t].argsort(descending=True).tolist() if e not in had and within_TE[t, e]]
        wanted = had - {busiest} | {left[0]} if busiest in had and left else had
        assert has == wanted
        moved += has != had
    assert moved or scope == "disjoint"


@pytest.mark.parametrize("name", routers.names())
def test_any_router_when_choices_are_dealt_out_anew_then_every_expert_keeps_its_load(name: str) -> None:
    router = build(name, experts_per_token=2).eval()
    x_TD, modality_T = stream()
    plain = router(x_TD, modality_T)
    shuffled = router(x_TD, modality_T, Reroute.shuffled(torch.Generator().manual_seed(0)))
    assert torch.equal(plain.chosen_TE.sum(0), shuffled.chosen_TE.sum(0))
    assert not torch.equal(plain.chosen_TE, shuffled.chosen_TE)
    own = router(x_TD, modality_T, Reroute.shuffled(torch.Generator().manual_seed(0), modality=1))
    others_T = modality_T != 1
    assert torch.equal(own.chosen_TE[others_T], plain.chosen_TE[others_T])
    assert torch.equal(own.chosen_TE[~others_T].sum(0), plain.chosen_TE[~others_T].sum(0))


def test_a_bias_when_it_is_strong_then_still_sends_no_token_to_another_modalitys_experts() -> None:
    router = build(scope="disjoint", gate="sigmoid", bias_step=1.0)
    x_TD, modality_T = stream()
    for _ in range(20):
        router.rebalance(torch.tensor([[9, 0, 0], [0, 0, 0], [0, 9, 0], [0, 0, 0], [0, 0, 9], [0, 0, 0]]))
    assert (router(x_TD, modality_T).logits_TE.gather(1, router(x_TD, modality_T).experts_TK) > -1e3).all()


@pytest.mark.parametrize("name", ["dynamic-k", "null-experts"])
def test_a_token_when_one_expert_is_enough_for_it_then_its_gate_still_learns(name: str) -> None:
    router = build(name, **({"mass": 0.01} if name == "dynamic-k" else {"null_experts": 64}))
    routing = router(*stream())
    alone_T = routing.chosen_TE.sum(1) == 1
    assert alone_T.any()
    routing.weights_TK[alone_T].sum().backward()
    assert router.get_parameter("gate.weight").grad.abs().sum() > 0


def test_disjoint_experts_when_dealt_out_then_every_kind_of_input_keeps_to_its_own() -> None:
    router = build(scope="disjoint")
    x_TD, modality_T = stream()
    chosen_TE = router(x_TD, modality_T).chosen_TE
    used = [set(chosen_TE[modality_T == m].any(0).nonzero().flatten().tolist()) for m in range(3)]
    assert used == [{0, 1}, {2, 3}, {4, 5}]
    probabilities_TE = router(x_TD, modality_T).logits_TE.softmax(1)
    assert (probabilities_TE[modality_T == 0][:, 2:] == 0).all()
    with pytest.raises(UserError):
        build(scope="disjoint", experts_per_token=3)


def test_experts_that_choose_when_they_learn_then_take_even_shares_and_their_bars_follow() -> None:
    router = build("expert-choice", experts_per_token=2, memory=0.5)
    x_TD, modality_T = stream()
    scores_TE = router(x_TD, modality_T).logits_TE.softmax(1)
    counts_E = router(x_TD, modality_T).chosen_TE.sum(0)
    share = 2 * TOKENS // EXPERTS
    best_E = scores_TE.topk(share, dim=0).values[-1]
    # Tokens that no expert took go to their best one, beside the even shares.
    taken_TE = scores_TE >= best_E
    assert torch.equal(counts_E, (taken_TE.sum(0) + _left_over(scores_TE, taken_TE)).float())
    assert torch.allclose(router.get_buffer("bar_E"), best_E.detach(), atol=1e-6)


def _left_over(scores_TE: torch.Tensor, taken_TE: torch.Tensor) -> torch.Tensor:
    return scores_TE[~taken_TE.any(1)].argmax(1).bincount(minlength=EXPERTS)


def test_null_experts_when_there_are_more_of_them_then_tokens_take_fewer_real_ones() -> None:
    few, many = (build("null-experts", null_experts=number)(*stream()).chosen_TE.sum() for number in (1, 32))
    assert many < few


def test_dynamic_k_when_more_must_be_held_then_tokens_take_more_experts() -> None:
    counts = [build("dynamic-k", mass=mass)(*stream()).chosen_TE.sum() for mass in (0.2, 0.6, 1.0)]
    assert counts[0] < counts[1] < counts[2] == 4 * TOKENS


def test_noise_when_learning_then_shakes_the_choice_and_its_chances_are_those_of_drawing_anew() -> None:
    router = build("noisy-top-k")
    x_TD, modality_T = stream()
    torch.manual_seed(0)
    first = router(x_TD, modality_T)
    drawn_TE = torch.stack([router(x_TD, modality_T).chosen_TE for _ in range(400)]).mean(0)
    assert not torch.equal(first.chosen_TE, router(x_TD, modality_T).chosen_TE)
    assert first.chance_TE is not None
    # One draw of the others' noise against all: close in the mean over tokens, as the load loss uses it.
    assert torch.allclose(first.chance_TE.mean(0), drawn_TE.mean(0), atol=0.06)
    assert build("noisy-top-k").eval()(x_TD, modality_T).chance_TE is None


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


def test_a_single_expert_when_it_counts_whole_then_weighs_1_and_its_gate_learns_as_if_it_counted_by_its_score() -> None:
    scored, whole = build(experts_per_token=1), build(experts_per_token=1, single="whole")
    whole.load_state_dict(scored.state_dict())
    (x_TD, modality_T), pull_T1 = stream(), torch.randn(TOKENS, 1, generator=torch.Generator().manual_seed(3))
    found = [router(x_TD, modality_T) for router in (scored, whole)]
    assert torch.equal(found[0].experts_TK, found[1].experts_TK)
    assert (found[0].weights_TK < 1).all()
    assert torch.equal(found[1].weights_TK, torch.ones(TOKENS, 1))
    for routing in found:
        (routing.weights_TK * pull_T1).sum().backward()
    gradients = [router.get_parameter("gate.weight").grad for router in (scored, whole)]
    assert gradients[0] is not None
    assert gradients[1] is not None
    assert torch.equal(*gradients)
    assert gradients[0].any()
    with torch.no_grad():
        assert torch.equal(whole(x_TD, modality_T).weights_TK, torch.ones(TOKENS, 1))
    assert torch.allclose(build(single="whole")(x_TD, modality_T).weights_TK.sum(1), torch.ones(TOKENS))


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


def test_the_bias_of_an_earlier_run_when_its_step_is_0_now_then_still_steers() -> None:
    steered, still = build(bias_step=100.0), build()
    x_TD, modality_T = stream()
    steered.rebalance(torch.tensor([[9, 9, 9]] + [[0, 0, 0]] * (EXPERTS - 1)))
    still.load_state_dict(steered.state_dict())
    assert not (still(x_TD, modality_T).experts_TK == 0).any()
    still.load_state_dict(build().state_dict())
    assert (still(x_TD, modality_T).experts_TK == 0).any()


@pytest.mark.parametrize(("pooled", "wanted"), [(False, [-1.0, 1.0, 1.0]), (True, [1.0, 1.0, 1.0])])
def test_the_bias_when_it_is_pooled_then_asks_who_is_starved_of_all_tokens_together(
    pooled: bool, wanted: list[float]
) -> None:
    router = build(bias_step=1.0, bias_pooled=pooled)
    counts_EM = torch.full((EXPERTS, 3), 20)
    counts_EM[0] = torch.tensor([25, 0, 0])  # expert 0 has more than its share of texts, and of all tokens less
    router.rebalance(counts_EM)
    assert router.get_buffer("bias_ME")[:, 0].tolist() == wanted


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


def test_a_trial_when_there_is_no_next_choice_then_leaves_every_token_where_it_is() -> None:
    router = build(experts_per_token=EXPERTS)
    plain, sent = router(*stream()), router(*stream(), Reroute(layer=0, expert=0))
    assert torch.equal(plain.experts_TK, sent.experts_TK)


def saturated(name: str, sizes: list[float], **settings: str | int) -> tuple[Router, torch.Tensor]:
    """Return a router of four experts and the token whose scores these are."""
    router = routers[name].build(1, len(sizes), **settings).eval()
    rows_E1 = torch.tensor(sizes)[:, None]
    with torch.no_grad():
        router.get_parameter("gate.weight").copy_(-rows_E1 if name == "distance" else rows_E1)
    return router, torch.zeros(1, 1) if name == "distance" else torch.ones(1, 1)


@pytest.mark.parametrize(
    ("name", "settings", "sizes", "wanted"),
    [
        ("token-choice", {"gate": "sigmoid", "experts_per_token": 1}, [18.0, 20.0, 25.0, 40.0], [3]),
        ("token-choice", {"gate": "sigmoid", "experts_per_token": 2}, [-150.0, -120.0, -110.0, -130.0], [2, 1]),
        ("token-choice", {"experts_per_token": 2}, [200.0, -50.0, -10.0, 60.0], [0, 3]),
        ("token-choice", {"experts_per_token": 3}, [200.0, -50.0, -10.0, 60.0], [0, 3, 2]),
        ("noisy-top-k", {"experts_per_token": 3}, [200.0, -50.0, -10.0, 60.0], [0, 3, 2]),
        ("distance", {"experts_per_token": 3}, [0.0, -250.0, -210.0, -140.0], [0, 3, 2]),
    ],
)
def test_scores_when_they_are_too_near_their_bounds_to_differ_then_the_order_is_still_that_of_the_logits(
    name: str, settings: dict[str, str | int], sizes: list[float], wanted: list[int]
) -> None:
    router, x_TD = saturated(name, sizes, **settings)
    assert router(x_TD, torch.zeros(1, dtype=torch.long)).experts_TK[0].tolist() == wanted


@pytest.mark.parametrize("name", routers.names())
def test_any_router_when_scores_are_too_low_to_differ_then_a_token_is_still_sent_on_to_the_best_left(name: str) -> None:
    settings = {"experts_per_token": 1} | ({"mass": 0.9} if name == "dynamic-k" else {})
    router, x_TD = saturated(name, [0.0, -250.0, -210.0, -140.0], **settings)
    if name == "null-experts":
        torch.nn.init.constant_(router.get_parameter("nobody.weight"), -500.0)
    sent = router(x_TD, torch.zeros(1, dtype=torch.long), Reroute(layer=0, expert=0))
    assert [expert for expert in sent.experts_TK[0].tolist() if expert < 4] == [3]


def test_experts_that_choose_when_a_token_has_more_takers_than_places_then_the_best_stay_whatever_rounds_to_0() -> None:
    router, x_TD = saturated("expert-choice", [0.0, -300.0, -250.0, -210.0, -140.0], experts_per_token=1)
    router.get_buffer("bar_E").zero_()
    assert router(x_TD, torch.zeros(1, dtype=torch.long)).experts_TK[0].tolist() == [0, 4, 3, 2]


def test_null_experts_when_no_balance_asks_for_them_then_have_a_gradient_of_0_and_change_nothing() -> None:
    router = build("null-experts")
    x_TD, modality_T = stream()
    learning, answering = router(x_TD, modality_T), router.eval()(x_TD, modality_T)
    assert torch.equal(learning.weights_TK, answering.weights_TK)
    learning.weights_TK.square().sum().backward()
    found = router.get_parameter("nobody.weight").grad
    assert found is not None
    assert not found.any()
