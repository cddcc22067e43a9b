"""The plainest rival: it learns what is linear, copes with what is missing, and the test of parting is McNemar's exact one."""

import numpy as np
import pytest

from engine.evaluate.regression import fit_regression, parting


def test_the_parting_of_two_ways_of_answering_is_mcnemars_exact_test() -> None:
    first = np.array([True] * 12 + [False] * 3 + [True] * 20 + [False] * 5)
    second = np.array([False] * 12 + [True] * 3 + [True] * 20 + [False] * 5)
    found = parting(first, second)
    assert (found.both, found.first, found.second, found.neither) == (20, 12, 3, 5)
    # 2 P(X <= 3), X ~ B(15, 1/2): 2 (1 + 15 + 105 + 455) / 2^15
    assert found.p_value == pytest.approx(2 * 576 / 2**15)
    assert parting(first, first).p_value == 1.0


def test_the_regression_learns_what_is_linear_and_leaves_whole_groups_out_to_choose_its_penalty() -> None:
    random = np.random.default_rng(5)
    labels = random.integers(0, 3, 240)
    features = np.eye(3)[labels] + random.normal(0, 0.3, (240, 3))
    groups = [f"speaker-{i % 6}" for i in range(240)]
    found = fit_regression(features[:200], labels[:200], groups[:200])
    assert (found.predict(features[200:]) == labels[200:]).mean() > 0.9
    assert found.named_steps["logisticregression"].C in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
