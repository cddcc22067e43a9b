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


def _of_groups(cases: int, size: int) -> list[str]:
    return [f"p{n // size}" for n in range(cases)] if size > 1 else [""] * cases


def _answers(random: np.random.Generator, cases: int, size: int, share: float | np.ndarray) -> np.ndarray:
    """Return where the label is true; of a group of several, most cases share their answer's luck (correlation 0.8)."""
    shared_N = np.repeat(random.random(cases // size), size)
    luck_N = np.where(random.random(cases) < (0.8**0.5 if size > 1 else 0.0), shared_N, random.random(cases))
    return np.asarray(luck_N < share)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize(("found", "size"), [(8, 1), (12, 1), (20, 1), (52, 1), (32, 4), (52, 4)])
def test_rule_when_the_finding_says_nothing_then_about_one_verdict_of_twenty_is_chance(
    share: float, found: int, size: int
) -> None:
    random = np.random.default_rng(found)
    jury, fires_N = Jury(_of_groups(1000, size)), np.arange(1000) < found
    told = [
        jury.judge(fires_N, np.ones(1000, bool), _answers(random, 1000, size, share), np.zeros(1000), 1.0).verdict
        for _ in range(200)
    ]
    assert "few" not in told
    assert sum(verdict != "unclear" for verdict in told) <= 17  # P = 0.01 at a rate of 0.05


@pytest.mark.parametrize("share", [0.1, 0.5])
@pytest.mark.parametrize(("found", "size"), [(20, 1), (52, 4)])
def test_rule_when_it_holds_in_twenty_cases_or_as_many_persons_then_is_borne_out(
    share: float, found: int, size: int
) -> None:
    random = np.random.default_rng(found)
    jury, fires_N = Jury(_of_groups(1000, size)), np.arange(1000) < found
    chance_N = np.where(fires_N, share + 0.4, share)
    told = [
        jury.judge(fires_N, np.ones(1000, bool), _answers(random, 1000, size, chance_N), np.zeros(1000), 1.0).verdict
        for _ in range(50)
    ]
    assert told.count("agrees") > 40


@pytest.mark.parametrize("right", [0, 4, 9, 12])
def test_rule_when_all_cases_with_the_finding_are_of_one_person_then_nothing_is_said(right: int) -> None:
    fires_N, is_N = np.arange(1000) < 12, np.random.default_rng(6).random(1000) < 0.5
    is_N[:12] = np.arange(12) < right
    judged = Jury(["p1"] * 12 + [f"q{n}" for n in range(988)]).judge(
        fires_N, np.ones(1000, bool), is_N, np.zeros(1000), 1.0
    )
    assert judged.verdict == "few"
    assert judged.gap.low < 0 < judged.gap.high


def test_rule_when_no_case_with_the_finding_has_the_label_then_its_shares_and_gap_still_have_width() -> None:
    fires_N, is_N = np.arange(200) < 8, np.arange(200) % 10 == 9
    judged = Jury([""] * 200).judge(fires_N, np.ones(200, bool), is_N, np.zeros(200), 1.0)
    assert judged.share.value == judged.share.low == 0
    assert judged.share.high > 0.3
    assert judged.gap.low < judged.gap.value < 0 < judged.gap.high
    assert judged.verdict == "unclear"


@pytest.mark.parametrize("there", [0, 5])
def test_rule_when_no_case_has_that_kind_of_input_or_the_finding_then_nothing_is_said(there: int) -> None:
    nobody_N = np.zeros(5, dtype=bool)
    judged = Jury([""] * 5).judge(nobody_N, np.arange(5) < there, np.ones(5, bool), np.zeros(5), 1.0)
    assert (judged.verdict, judged.gap.low, judged.gap.high, judged.share.n) == ("few", -1, 1, 0)


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
