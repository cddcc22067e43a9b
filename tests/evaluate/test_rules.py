"""Rules before a jury of cases: borne out, contradicted, unclear, or too rare to say."""

import numpy as np
import pytest

from engine.evaluate.rules import FEWEST, Jury


def _planted(seed: int, cases: int, given: float, otherwise: float) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return where a finding fires, where the label is true (with these chances), and groups of four."""
    random = np.random.default_rng(seed)
    fires_N = random.random(cases) < 0.3
    is_N = random.random(cases) < np.where(fires_N, given, otherwise)
    return fires_N, is_N, [f"p{n // 4}" for n in range(cases)]


@pytest.mark.parametrize(
    ("given", "otherwise", "strength", "verdict"),
    [
        (0.6, 0.1, 0.8, "agrees"),
        (0.6, 0.1, -0.8, "disagrees"),
        (0.02, 0.4, -0.5, "agrees"),
        (0.02, 0.4, 0.5, "disagrees"),
    ],
)
def test_rule_when_planted_then_the_verdict_is_the_planted_one(
    given: float, otherwise: float, strength: float, verdict: str
) -> None:
    fires_N, is_N, groups = _planted(1, 400, given, otherwise)
    there_N = np.ones(400, dtype=bool)
    judged = Jury(groups).judge(fires_N, there_N, is_N, np.zeros(400), strength)
    assert judged.verdict == verdict
    assert judged.gap.low < judged.gap.value < judged.gap.high
    assert judged.gap.value == pytest.approx(is_N[fires_N].mean() - is_N[~fires_N].mean())


def test_rule_when_the_label_does_not_depend_on_the_finding_then_is_rarely_said_to_be_right_or_wrong() -> None:
    wrong = 0
    for seed in range(40):
        fires_N, is_N, groups = _planted(seed, 300, 0.3, 0.3)
        wrong += Jury(groups).judge(fires_N, np.ones(300, bool), is_N, np.zeros(300), 0.5).verdict != "unclear"
    assert wrong <= 6


def test_rule_when_the_finding_is_rare_then_nothing_is_said() -> None:
    fires_N = np.arange(100) < FEWEST - 1
    assert Jury([""] * 100).judge(fires_N, np.ones(100, bool), fires_N, np.zeros(100), 1.0).verdict == "few"


def test_rule_when_that_kind_of_input_is_missing_then_those_cases_do_not_count() -> None:
    fires_N, is_N, groups = _planted(2, 400, 0.6, 0.1)
    there_N = np.arange(400) < 200
    judged = Jury(groups).judge(fires_N, there_N, is_N, np.zeros(400), 0.5)
    assert judged.share.n + judged.share_else.n == 200


def test_disagreement_when_measured_then_is_the_mean_where_the_rule_fires() -> None:
    fires_N, is_N, groups = _planted(3, 400, 0.6, 0.1)
    apart_N = np.where(fires_N, -0.2, 5.0)
    told = Jury(groups).judge(fires_N, np.ones(400, bool), is_N, apart_N, 0.5).disagreement
    assert (told.value, told.low, told.high) == pytest.approx((-0.2, -0.2, -0.2))


def test_mean_when_other_cases_have_values_too_then_its_interval_is_a_plain_bootstrap_of_the_chosen() -> None:
    random = np.random.default_rng(5)
    values_N, chosen_N = random.normal(0.1, 0.5, 400), np.arange(400) % 8 == 0
    values_N[~chosen_N] += 4.0
    told = Jury([""] * 400).mean(values_N, chosen_N)
    own_n = values_N[chosen_N]
    plain = np.quantile(random.choice(own_n, (4000, len(own_n))).mean(1), [0.025, 0.975])
    assert told.value == pytest.approx(own_n.mean())
    assert told.low < told.value < told.high
    assert (told.low, told.high) == pytest.approx(tuple(plain), abs=0.05)


def test_interval_when_groups_are_drawn_whole_then_is_wider_than_for_single_cases() -> None:
    random = np.random.default_rng(4)
    level_G = random.normal(0, 1, 50)
    values_N = np.repeat(level_G, 8) + random.normal(0, 0.1, 400)
    chosen_N = np.ones(400, dtype=bool)
    grouped = Jury([f"p{n // 8}" for n in range(400)]).mean(values_N, chosen_N)
    alone = Jury([""] * 400).mean(values_N, chosen_N)
    assert grouped.high - grouped.low > 2 * (alone.high - alone.low)
