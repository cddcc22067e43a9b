"""The policy of the dynamic choice: it keeps its promise on cases it never saw, and is no dearer than reading everything."""

import math

import numpy as np
import pytest
from scipy.stats import beta

from engine.predict.contributions import Subset, subsets
from engine.predict.enough import steps_for
from engine.schema.base import MODALITIES
from engine.train.policy import CHANGED, Said, choose_policy, least_confidence

TEXT, PAIR, ALL = frozenset({"text"}), frozenset({"text", "image"}), frozenset(MODALITIES)
LEVEL = 0.05


def _cases(n: int, seed: int, steep: float = 8.0) -> Said:
    """Draw cases of which the surer are told something else less often, never below a tenth of what is allowed."""
    dice = np.random.default_rng(seed)
    sure_N = dice.uniform(0.3, 1.0, n)
    return Said(sure_N, dice.random(n) >= np.maximum(np.exp(-steep * sure_N), CHANGED / 10))


def _costs(text: float, pair: float, whole: float) -> dict[Subset, float]:
    found = dict.fromkeys((chosen for chosen in subsets(MODALITIES) if chosen), whole)
    return found | {TEXT: text, PAIR: pair, ALL: whole}


def _said(**known: Said) -> dict[Subset, Said]:
    """Return what subsets say; those that are not named never agree with the whole."""
    hopeless = Said(np.zeros(2000), np.zeros(2000, dtype=bool))
    found = {chosen: hopeless for chosen in subsets(MODALITIES) if chosen and chosen != ALL}
    return found | {{"text": TEXT, "pair": PAIR}[name]: said for name, said in known.items()}


def test_confidence_when_found_then_the_exact_limit_of_those_that_stop_is_within_the_promise() -> None:
    said = _cases(3000, 1)
    sure = least_confidence(said.sure_N, said.same_N, LEVEL)
    stops_N = said.sure_N >= sure
    n, changed = int(stops_N.sum()), int((~said.same_N[stops_N]).sum())
    assert math.isfinite(sure)
    assert beta.ppf(1 - LEVEL, changed + 1, n - changed) <= CHANGED


def test_confidence_when_found_again_and_again_then_breaks_its_promise_in_no_more_than_1_of_20() -> None:
    broken = 0
    for seed in range(200):
        said = _cases(1500, seed, steep=5.0)
        sure = least_confidence(said.sure_N, said.same_N, LEVEL)
        if math.isfinite(sure):
            grid_G = np.linspace(sure, 1.0, 1000)
            broken += np.maximum(np.exp(-5.0 * grid_G), CHANGED / 10).mean() > CHANGED
    assert broken / 200 <= 0.09  # 0.05 with the swing of two hundred draws


def test_confidence_when_cases_are_too_few_or_always_told_otherwise_then_none_is_enough() -> None:
    assert least_confidence(np.ones(90), np.ones(90, dtype=bool), LEVEL) == math.inf
    assert least_confidence(np.ones(5000), np.zeros(5000, dtype=bool), LEVEL) == math.inf


def test_confidence_when_nothing_ever_changes_then_every_case_may_stop_but_for_the_last_step() -> None:
    sure_N = np.random.default_rng(2).random(1000)
    sure = least_confidence(sure_N, np.ones(1000, dtype=bool), LEVEL)
    assert (sure_N >= sure).mean() > 0.94


def test_policy_when_text_is_nearly_always_enough_then_text_is_asked_first_and_it_is_cheaper() -> None:
    said = _said(text=Said(np.linspace(0.5, 1, 2000), np.ones(2000, dtype=bool)))
    policy = choose_policy(MODALITIES, said, _costs(20, 50, 80))
    assert policy.steps[0].chosen == TEXT
    assert policy.stopped > 0.9
    assert policy.cost == pytest.approx(20 * policy.stopped + 80 * (1 - policy.stopped))
    (step,) = steps_for(policy.written(MODALITIES), MODALITIES)
    assert step == policy.steps[0]


def test_policy_when_a_second_look_is_worth_its_price_then_it_goes_on_from_one_to_two() -> None:
    sure_N = np.linspace(0, 1, 2000)
    early = Said(sure_N, sure_N > 0.6)
    later = Said(np.ones(2000), np.ones(2000, dtype=bool))
    policy = choose_policy(MODALITIES, _said(text=early, pair=later), _costs(5, 30, 80))
    assert [step.chosen for step in policy.steps] == [TEXT, PAIR]
    assert policy.stopped == 1.0


@pytest.mark.parametrize("text", [80.0, 100.0])
def test_policy_when_nothing_is_saved_then_everything_is_read(text: float) -> None:
    said = _said(text=_cases(2000, 3))
    policy = choose_policy(MODALITIES, said, _costs(text, 80, 80))
    assert (policy.steps, policy.cost, policy.stopped) == ((), 80, 0.0)
    assert steps_for(policy.written(MODALITIES), MODALITIES) == ()


def test_policy_when_no_subset_agrees_then_everything_is_read() -> None:
    assert choose_policy(MODALITIES, _said(), _costs(1, 1, 80)).steps == ()
