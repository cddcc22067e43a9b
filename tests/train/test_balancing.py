"""What keeps the experts busy: each part by hand, at its two ends, and what it does to a modality that is rare."""

import math

import pytest
import torch
from torch import Tensor

from engine.model.trunk.routers import Routing, routers
from engine.model.trunk.routers.gate import OUT_OF_REACH
from engine.schema.config import Choice
from engine.train import balancing

EXPERTS = 4


def routing(experts_TK: Tensor, logits_TE: Tensor | None = None, **more: Tensor) -> Routing:
    """Return a routing to these experts with even weights; without scores the router finds all experts alike."""
    tokens = len(experts_TK)
    scores_TE = torch.zeros(tokens, EXPERTS) if logits_TE is None else logits_TE
    weights_TK = torch.full(experts_TK.shape, 1 / experts_TK.shape[1]).masked_fill(experts_TK == EXPERTS, 0.0)
    return Routing(weights_TK, experts_TK, scores_TE, partial=bool((experts_TK == EXPERTS).any()), **more)


def sure(experts_T: Tensor) -> Tensor:
    """Return scores by which every token wants that expert alone."""
    return 100.0 * torch.nn.functional.one_hot(experts_T, EXPERTS).float() - 50.0


ONE_KIND = torch.zeros(8, dtype=torch.long)


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("slots", [1, 2])
@pytest.mark.parametrize("name", ["balance", "importance"])
def test_a_balance_when_load_is_even_then_is_one(name: str, slots: int, pooled: bool) -> None:
    even_TK = torch.stack([(torch.arange(8) + k) % EXPERTS for k in range(slots)], 1)
    found = getattr(balancing, name)(routing(even_TK), torch.arange(8) // 4, 3, pooled)
    assert found.item() == pytest.approx(1.0)


CROWD = torch.full((8,), 2)


@pytest.mark.parametrize("sureness", [0.5, 1.0, 1.1, 20.0])  # beyond a lead of 104 the others' chance is 0 in float32
@pytest.mark.parametrize("name", ["balance", "importance", "load"])
def test_a_balance_when_all_tokens_go_to_one_expert_then_is_the_number_of_experts(name: str, sureness: float) -> None:
    logits_TE = sure(CROWD) * sureness
    crowded = routing(CROWD[:, None], logits_TE, chance_TE=logits_TE.softmax(1))
    assert getattr(balancing, name)(crowded, ONE_KIND, 3, False).item() == pytest.approx(EXPERTS)


@pytest.mark.parametrize("sureness", [0.5, 1.0, 1.1, 20.0])
def test_global_entropy_when_all_tokens_go_to_one_expert_then_asks_for_as_many_as_are_wanted(sureness: float) -> None:
    found = balancing.global_entropy(routing(CROWD[:, None], sure(CROWD) * sureness), ONE_KIND, 3, 3.0)
    assert found.item() == pytest.approx(math.log(3))


@pytest.mark.parametrize("forbidden", [OUT_OF_REACH, -math.inf])
def test_a_balance_when_experts_are_forbidden_then_counts_only_the_others(forbidden: float) -> None:
    logits_TE = (3 * sure(CROWD)).index_fill(1, torch.tensor([0, 3]), forbidden)
    crowded = routing(CROWD[:, None], logits_TE, chance_TE=logits_TE.softmax(1))
    for name in ("balance", "importance", "load"):
        assert getattr(balancing, name)(crowded, ONE_KIND, 3, False).item() == pytest.approx(2)
    assert balancing.global_entropy(crowded, ONE_KIND, 3, 4.0).item() == pytest.approx(math.log(2))


def by_definition(name: str, given: Routing, modality_T: Tensor, pooled: bool) -> float:
    """Return a part in float64, scope by scope and expert by expert."""
    p_TE = given.logits_TE.double().softmax(1)
    groups = [modality_T >= 0] if pooled else [modality_T == m for m in modality_T.unique()]

    def entropy(p: Tensor) -> float:
        return -sum(chance * math.log(chance) for chance in p.tolist())

    def unevenness(values_TE: Tensor) -> float:
        sums_E = values_TE.double().sum(0)
        return 1 + float(sums_E.std(correction=0) / sums_E.mean()) ** 2

    def within(group_T: Tensor) -> float:
        """Return the part within one scope."""
        mean_E, experts_SK = p_TE[group_T].mean(0), given.experts_TK[group_T]
        match name:
            case "balance":
                share_E = experts_SK.flatten().bincount(minlength=EXPERTS) / experts_SK.numel()
                return EXPERTS * float((share_E * mean_E).sum())
            case "importance":
                room_SE = torch.zeros(len(experts_SK), EXPERTS)
                return unevenness(room_SE.scatter(1, experts_SK, given.weights_TK[group_T]))
            case "load":
                assert given.chance_TE is not None
                return unevenness(given.chance_TE[group_T])
            case "local_entropy":
                return sum(entropy(p_E) for p_E in p_TE[group_T]) / len(experts_SK)
            case "global_entropy":
                return max(0.0, math.log(LEAST) - entropy(mean_E))
            case _:
                return entropy(mean_E)

    mean = sum(within(group_T) for group_T in groups) / len(groups)
    if name == "modality_entropy":
        return mean - entropy(torch.stack([p_TE[group_T].mean(0) for group_T in groups]).mean(0))
    return mean


LEAST = 3.9
POOLABLE = ("balance", "importance", "load")


@pytest.mark.parametrize("kinds", [3, 2])  # the third may be absent
@pytest.mark.parametrize(
    ("name", "pooled"),
    [(name, pooled) for name in POOLABLE for pooled in (False, True)]
    + [(name, False) for name in ("local_entropy", "global_entropy", "modality_entropy")],
)
def test_any_balance_when_modalities_differ_in_number_and_in_taste_then_agrees_with_its_definition(
    name: str, pooled: bool, kinds: int
) -> None:
    dice = torch.Generator().manual_seed(4)
    modality_T = (torch.arange(40) // 10).clamp(max=kinds - 1)
    taste_ME = torch.randn(3, EXPERTS, generator=dice)
    logits_TE = torch.randn(40, EXPERTS, generator=dice) * (0.3 + modality_T[:, None]) + taste_ME[modality_T]
    experts_TK = logits_TE.topk(2).indices
    weights_TK, chance_TE = torch.rand(40, 2, generator=dice), logits_TE.sigmoid()
    given = Routing(weights_TK, experts_TK, logits_TE, chance_TE=chance_TE)
    more = {"pooled": pooled} if name in POOLABLE else {"least": LEAST} if name == "global_entropy" else {}
    found = getattr(balancing, name)(given, modality_T, 3, **more).item()
    assert found == pytest.approx(by_definition(name, given, modality_T, pooled), rel=1e-5)
    assert found != pytest.approx(by_definition(name, given, modality_T, not pooled), rel=1e-3)


def test_a_rare_modality_when_it_has_an_expert_alone_then_every_even_load_calls_others_there_and_the_threshold_does_not() -> (
    None
):
    # A tenth of the tokens are sounds, and expert 0 works on them alone; the others share the rest evenly.
    modality_T = torch.tensor([2] * 6 + [0] * 54)
    experts_T = torch.cat([torch.zeros(6, dtype=torch.long), 1 + torch.arange(54) % 3])

    logits_TE = (6.0 * torch.nn.functional.one_hot(experts_T, EXPERTS).float()).requires_grad_()
    found = routing(experts_T[:, None], logits_TE)

    def called(value: Tensor) -> Tensor:
        """Return how much each text is called to the expert of the sounds: downhill is against the gradient."""
        return -torch.autograd.grad(value, logits_TE)[0][6:, 0]

    assert (called(balancing.balance(found, modality_T, 3, pooled=True)) > 0).all()
    assert (called(balancing.balance(found, modality_T, 3, pooled=False)) > 0).all()
    assert not called(balancing.global_entropy(found, modality_T, 3, least=1.0)).any()
    assert balancing.global_entropy(found, modality_T, 3, least=1.0).item() == 0


def test_balance_when_moved_down_its_gradient_then_evens_out_the_probabilities() -> None:
    logits_TE = torch.tensor([[2.0, 0.0, 0.0, 0.0]] * 8, requires_grad=True)
    balancing.balance(routing(torch.zeros(8, 1, dtype=torch.long), logits_TE), ONE_KIND, 1).backward()
    assert logits_TE.grad is not None
    assert (logits_TE.grad[:, 0] > 0).all()


def test_null_experts_when_they_take_their_part_of_the_places_then_it_is_balanced() -> None:
    # Four real experts and two null ones: of 12 places the real ones have 8, nobody has 4.
    experts_TK = torch.tensor([[0, 1], [2, 3], [0, 4], [1, 4], [2, 4], [3, 4]])
    even = balancing.balance(routing(experts_TK, null_TN=torch.zeros(6, 2)), torch.zeros(6, dtype=torch.long), 1)
    assert even.item() == pytest.approx(1.0)
    # Where nobody is ever asked though it scores well, its score is pulled down no further, and the real ones are.
    logits_TE, null_TN = torch.zeros(6, EXPERTS, requires_grad=True), torch.zeros(6, 2, requires_grad=True)
    busy = routing(torch.stack([torch.arange(6) % 4, (torch.arange(6) + 1) % 4], 1), logits_TE, null_TN=null_TN)
    balancing.balance(busy, torch.zeros(6, dtype=torch.long), 1).backward()
    assert logits_TE.grad is not None
    assert null_TN.grad is not None
    assert null_TN.grad.sum() < 0 < logits_TE.grad.sum()


def test_experts_out_of_reach_when_each_modality_has_its_own_then_still_balance_at_one() -> None:
    torch.manual_seed(0)
    router = routers["token-choice"].build(
        8, 6, **routers.settings(Choice(name="token-choice")).model_dump() | {"scope": "disjoint"}
    )
    with torch.no_grad():
        router.gate.weight.zero_()
    modality_T = torch.arange(30) % 3
    found = router(torch.randn(30, 8), modality_T)
    assert balancing.balance(found, modality_T, 3).item() == pytest.approx(1.0)
    assert balancing.importance(found, modality_T, 3).item() == pytest.approx(1.0)


def test_router_z_when_logits_are_even_then_is_the_squared_log_of_their_sum() -> None:
    assert balancing.router_z(routing(torch.zeros(3, 1).long())).item() == pytest.approx(math.log(4) ** 2)
    assert balancing.router_z(routing(torch.zeros(0, 1).long())).item() == 0


def test_load_when_it_is_by_hand_then_is_one_and_the_squared_variation_of_the_chances() -> None:
    chance_TE = torch.tensor([[0.9, 0.5, 0.4, 0.2], [0.7, 0.5, 0.6, 0.2]])
    sums_E = chance_TE.sum(0)
    variation = sums_E.std(correction=0) / sums_E.mean()
    found = balancing.load(routing(torch.tensor([[0, 1], [0, 2]]), chance_TE=chance_TE), torch.zeros(2).long(), 1)
    assert found.item() == pytest.approx(1 + float(variation) ** 2)


def test_load_when_there_is_no_noise_then_is_one_and_moves_nothing() -> None:
    logits_TE = torch.randn(4, EXPERTS, requires_grad=True)
    found = balancing.load(routing(torch.zeros(4, 1).long(), logits_TE), torch.zeros(4).long(), 1)
    found.backward()
    assert found.item() == 1
    assert logits_TE.grad is not None
    assert not logits_TE.grad.any()


def test_noise_when_its_load_is_evened_out_then_the_gate_learns_from_it() -> None:
    torch.manual_seed(1)
    router = routers["noisy-top-k"].build(6, EXPERTS, 2)
    balancing.load(router(torch.randn(20, 6), torch.zeros(20).long()), torch.zeros(20).long(), 1).backward()
    assert router.gate.weight.grad is not None
    assert router.gate.weight.grad.any()


def test_local_entropy_when_tokens_are_sure_then_is_nothing_and_when_they_are_not_then_the_logarithm() -> None:
    wanted_T = torch.arange(8) % EXPERTS
    assert balancing.local_entropy(routing(wanted_T[:, None], sure(wanted_T)), ONE_KIND, 3).item() == pytest.approx(
        0.0, abs=1e-5
    )
    assert balancing.local_entropy(routing(wanted_T[:, None]), ONE_KIND, 3).item() == pytest.approx(math.log(EXPERTS))


def test_global_entropy_when_a_modality_uses_enough_experts_then_asks_nothing_more() -> None:
    two_T = torch.arange(8) % 2
    logits_TE = sure(two_T)
    for least, wanted in ((2.0, 0.0), (1.0, 0.0)):
        found = balancing.global_entropy(routing(two_T[:, None], logits_TE), ONE_KIND, 3, least)
        assert found.item() == pytest.approx(wanted, abs=1e-5)
    mild_TE = logits_TE / 10
    share_E = mild_TE.softmax(1).mean(0)
    entropy = -float((share_E * share_E.log()).sum())
    found = balancing.global_entropy(routing(two_T[:, None], mild_TE), ONE_KIND, 3, 3.0)
    assert found.item() == pytest.approx(math.log(3) - entropy)


def test_modality_entropy_when_modalities_share_no_expert_then_is_minus_the_logarithm_of_their_number() -> None:
    modality_T = torch.arange(8) // 4
    apart_T = torch.where(modality_T == 0, 0, 3)
    found = balancing.modality_entropy(routing(apart_T[:, None], sure(apart_T)), modality_T, 3)
    assert found.item() == pytest.approx(-math.log(2), abs=1e-5)
    same = balancing.modality_entropy(routing(apart_T[:, None], sure(torch.zeros(8).long())), modality_T, 3)
    assert same.item() == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize("name", ["balance", "importance", "load", "local_entropy", "modality_entropy"])
def test_any_balance_when_there_are_no_tokens_then_is_finite_and_so_is_its_gradient(name: str) -> None:
    logits_TE = torch.zeros(0, EXPERTS, requires_grad=True)
    nothing = Routing(logits_TE[:, :2], torch.zeros(0, 2).long(), logits_TE, chance_TE=logits_TE)
    found = getattr(balancing, name)(nothing, torch.zeros(0).long(), 3)
    found.backward()
    assert found.isfinite()
