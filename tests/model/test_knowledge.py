"""The prior of a knowledge file on the logits: its formula, its trust, and what is absent."""

import numpy as np
import pytest
import torch

from engine.model.knowledge import TAU, KnowledgePrior
from engine.preprocess.batch import TextItems
from engine.preprocess.knowledge import CaseKnowledge, KnownFinding
from engine.schema.base import MODALITIES

WIDTH, LABELS = 8, 3
KNOWLEDGE = CaseKnowledge(
    findings=(
        KnownFinding(name="a", modality="text", phrases=("a",)),
        KnownFinding(name="b", modality="image"),
        KnownFinding(name="c", modality="audio"),
        KnownFinding(name="d", modality="text", phrases=("d",)),
    ),
    strengths=((0.5, 0.0, -0.2), (0.0, 0.9, 0.0), (-0.4, 0.1, 0.3), (0.0, 0.0, 1.0)),
    descriptions=(("x",), ("y",), ("z",)),
)


@pytest.fixture
def prior() -> KnowledgePrior:
    torch.manual_seed(3)
    made = KnowledgePrior(KNOWLEDGE, LABELS, WIDTH)
    made.set_trust(1.7, 0.6)
    return made


def _texts(owners: list[int], told_NK: torch.Tensor) -> TextItems:
    ids_NL = torch.ones(len(owners), 1, dtype=torch.int64)
    return TextItems(ids_NL, ids_NL.bool(), torch.tensor(owners, dtype=torch.int64), told_NK)


def _by_hand(
    prior: KnowledgePrior, told_NK: np.ndarray, owners: list[int], own_BMD: np.ndarray, present_BM: np.ndarray
) -> np.ndarray:
    """Return alpha log q + beta R of each case, in a loop and in double precision."""
    strengths_FC = np.array(KNOWLEDGE.strengths)
    alpha, beta = prior.alpha.item(), prior.beta.item()
    found = []
    for b in range(len(present_BM)):
        told_K = np.max([np.zeros(7), *(told_NK[n] for n, owner in enumerate(owners) if owner == b)], axis=0)
        phi_F = np.zeros(4)
        phi_F[[0, 3]] = told_K[[0, 3]]
        for f, name in ((1, "image"), (2, "audio")):
            m = MODALITIES.index(name)
            finder = prior.finders[name]
            score = float(finder.weight.detach().double().numpy()[0] @ own_BMD[b, m] + finder.bias.item())  # type: ignore[operator, union-attr]
            phi_F[f] = 1 / (1 + np.exp(-score)) if present_BM[b, m] else 0.0
        likeness_C = told_K[4:] / TAU
        log_q_C = likeness_C - np.log(np.exp(likeness_C).sum())
        rules_C = sum(phi_F[f] * strengths_FC[f] for f in range(4))
        found.append(alpha * (log_q_C - log_q_C.mean()) + beta * rules_C)
    return np.array(found)


def test_prior_when_compared_with_a_loop_in_double_precision_is_the_same(prior: KnowledgePrior) -> None:
    random = np.random.default_rng(0)
    owners = [0, 0, 2, 3]
    told_NK = np.concatenate([random.integers(0, 2, (4, 4)), random.random((4, 3))], axis=1)
    told_NK[:, 1:3] = 0
    own_BMD = random.normal(0, 1, (4, 3, WIDTH))
    present_BM = np.array([[True, True, True], [False, True, False], [True, False, True], [True, False, False]])
    advice = prior(
        _texts(owners, torch.from_numpy(told_NK).float()),
        torch.from_numpy(own_BMD).float(),
        torch.from_numpy(present_BM),
    )
    expected = _by_hand(prior, told_NK, owners, own_BMD, present_BM)
    np.testing.assert_allclose(advice.prior_BC.detach().double().numpy(), expected, atol=1e-5)


def test_prior_when_a_case_has_no_text_and_nothing_else_then_is_nothing(prior: KnowledgePrior) -> None:
    nothing = prior(_texts([], torch.zeros(0, 7)), torch.randn(2, 3, WIDTH), torch.zeros(2, 3, dtype=torch.bool))
    assert not nothing.prior_BC.any()


def test_trust_when_set_then_is_what_was_set_and_never_below_nothing(prior: KnowledgePrior) -> None:
    for alpha, beta in ((1.0, 5.0), (8.0, 0.3)):
        prior.set_trust(alpha, beta)
        assert (prior.alpha.item(), prior.beta.item()) == (
            pytest.approx(alpha, rel=1e-4),
            pytest.approx(beta, rel=1e-4),
        )
    prior.set_trust(0.0, 0.0)
    assert 0 < prior.alpha.item() < 0.02


def test_findings_when_the_answer_is_learned_then_their_heads_are_not_bent_towards_it(prior: KnowledgePrior) -> None:
    own_BMD = torch.randn(3, 3, WIDTH)
    present_BM = torch.ones(3, 3, dtype=torch.bool)
    advice = prior(_texts([0, 1, 2], torch.rand(3, 7)), own_BMD, present_BM)
    advice.prior_BC.pow(2).sum().backward()
    assert prior.trust_2.grad is not None
    assert prior.trust_2.grad.any()
    assert all(parameter.grad is None for parameter in prior.finders.parameters())


def test_prior_when_there_are_no_rules_or_no_descriptions_then_the_other_part_speaks_alone() -> None:
    bare = CaseKnowledge(descriptions=KNOWLEDGE.descriptions)
    told = KnowledgePrior(bare, LABELS, WIDTH)(
        _texts([0], torch.tensor([[0.9, 0.1, 0.1]])), torch.zeros(1, 3, WIDTH), torch.ones(1, 3, dtype=torch.bool)
    )
    assert told.prior_BC.argmax() == 0
    assert not told.rules_BC.any()
    rules = KNOWLEDGE.model_copy(update={"descriptions": ()})
    told = KnowledgePrior(rules, LABELS, WIDTH)(
        _texts([0], torch.tensor([[0.0, 0, 0, 1]])), torch.zeros(1, 3, WIDTH), torch.tensor([[True, False, False]])
    )
    assert told.prior_BC.argmax() == 2
    assert not told.like_BC.any()
