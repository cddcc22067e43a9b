"""The counterintuitive rate, counted by hand, and the losses it is counted from."""

import dataclasses

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from engine.evaluate.subsets import counterintuitive_rate, subset_losses
from tests.model.small_council import mixed, student

NONE = float("nan")
TEXT, IMAGE, BOTH, AUDIO = 1, 2, 3, 4


def _losses(**by_subset: float) -> list[float]:
    return [by_subset.get(f"s{subset}", NONE) for subset in range(8)]


def test_rate_when_counted_by_hand_then_is_the_share_of_pairs_in_which_more_is_worse() -> None:
    # Two modalities: two pairs, one of them worse. All three: twelve pairs, of which those with the triple are all worse.
    two = _losses(s1=1.0, s2=0.2, s3=0.5)
    three = _losses(s1=0.9, s2=0.9, s4=0.9, s3=0.5, s5=0.5, s6=0.5, s7=2.0)
    found = counterintuitive_rate(np.array([two, three]))
    assert (found.n, found.cases) == (14, 2)
    assert found.rate == pytest.approx((1 + 6) / 14)
    assert found.low <= found.rate <= found.high


def test_rate_when_a_case_has_one_modality_then_it_takes_no_part() -> None:
    found = counterintuitive_rate(np.array([_losses(s4=1.0), _losses()]))
    assert (found.n, found.cases, found.low, found.high) == (0, 0, 0.0, 1.0)


def test_rate_when_both_lose_alike_then_more_did_no_harm() -> None:
    assert counterintuitive_rate(np.array([_losses(s1=1.0, s2=1.0, s3=1.0)])).rate == 0


@pytest.mark.parametrize(("whole", "rate"), [(1.0, 0.0), (4.0, 0.5)])
def test_interval_when_three_cases_are_all_alike_then_still_has_width(whole: float, rate: float) -> None:
    losses_NS = np.array([_losses(s1=3.0, s2=3.0, s4=3.0, s3=2.0, s5=2.0, s6=2.0, s7=whole)] * 3)
    found = counterintuitive_rate(losses_NS)
    assert (found.rate, found.cases) == (rate, 3)
    assert 0 <= found.low <= rate < found.high <= 1
    assert found.high - found.low > 0.5


def test_interval_when_cases_are_drawn_again_and_again_then_holds_the_truth_in_about_95_of_100() -> None:
    dice = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        losses_NS = np.full((80, 8), NONE)
        # Cases that are worse as a whole: their pairs go together.
        losses_NS[:, TEXT] = losses_NS[:, IMAGE] = 1.0
        losses_NS[:, BOTH] = np.where(dice.random(80) < 0.3, 2.0, 0.5)
        found = counterintuitive_rate(losses_NS)
        held += found.low <= 0.3 <= found.high
    assert 0.9 < held / 400 < 0.99


def test_losses_when_a_subset_is_shown_then_are_those_of_the_batch_without_the_rest() -> None:
    batch, model = mixed(), student()
    losses_NS = subset_losses(model, [batch])
    assert losses_NS.shape == (5, 8)
    known = ~np.isnan(losses_NS)
    assert known[0].tolist() == [False] + [True] * 7
    assert not known[4].any()
    assert np.flatnonzero(known[2]).tolist() == [IMAGE]
    assert np.flatnonzero(known[3]).tolist() == [TEXT, AUDIO, TEXT + AUDIO]
    with torch.inference_mode():
        whole = cross_entropy(model(batch).logits_BC.double(), batch.labels_B, reduction="none")
    assert losses_NS[0, 7] == pytest.approx(whole[0].item())
    assert losses_NS[3, TEXT + AUDIO] == pytest.approx(whole[3].item())
    twice = subset_losses(model, [batch, dataclasses.replace(batch)])
    assert np.array_equal(twice[5:], losses_NS, equal_nan=True)
