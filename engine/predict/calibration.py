"""Temperature scaling: one number a modality pattern that makes a probability mean what it says.

Guo et al. 2017, arXiv:1706.04599: T* = argmin NLL(z / T) on held-out cases; the order of the labels, so the accuracy, never
changes. Shapes: N cases, C labels.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.model.calibrated import ALL

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

OWN_TEMPERATURE = 100
"""Cases a pattern needs for a temperature of its own; with fewer the shared one is the better estimate."""
_COLDEST, _HOTTEST = 0.05, 20.0
_HALVINGS = 60


def softmax(logits_NC: Floats, temperature: float = 1.0) -> Floats:
    """Return probabilities at a temperature."""
    scaled_NC = np.asarray(logits_NC, dtype=np.float64) / temperature
    raised_NC = np.exp(scaled_NC - scaled_NC.max(axis=-1, keepdims=True))
    return np.asarray(raised_NC / raised_NC.sum(axis=-1, keepdims=True))


def negative_log_likelihood(logits_NC: Floats, labels_N: Integers, temperature: float = 1.0) -> float:
    """Return the mean negative log-likelihood in nats."""
    scaled_NC = np.asarray(logits_NC, dtype=np.float64) / temperature
    top_N = scaled_NC.max(axis=1)
    log_sum_N = top_N + np.log(np.exp(scaled_NC - top_N[:, None]).sum(axis=1))
    return float((log_sum_N - scaled_NC[np.arange(len(labels_N)), labels_N]).mean())


def fit_temperature(logits_NC: Floats, labels_N: Integers) -> float:
    """Return the temperature of least NLL; 1.0 where there is nothing to fit on.

    In beta = 1/T the NLL is convex, so its slope is bisected: no start value, no step size, the same bits each time.
    """
    if not len(labels_N):
        return 1.0
    low, high = 1.0 / _HOTTEST, 1.0 / _COLDEST
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        if _slope(logits_NC, labels_N, middle) > 0:
            high = middle
        else:
            low = middle
    return 1.0 / math.sqrt(low * high)


def _slope(logits_NC: Floats, labels_N: Integers, beta: float) -> float:
    """Return d NLL / d beta: the expected logit minus the true label's."""
    logits_NC = np.asarray(logits_NC, dtype=np.float64)
    expected_N = (softmax(logits_NC, 1.0 / beta) * logits_NC).sum(axis=1)
    return float((expected_N - logits_NC[np.arange(len(labels_N)), labels_N]).mean())


def fit_temperatures(
    logits_NC: Floats, labels_N: Integers, patterns: Sequence[str], least: int = OWN_TEMPERATURE
) -> dict[str, float]:
    """Return a temperature under `all`, and one for each pattern with at least `least` cases."""
    named = np.asarray(patterns, dtype=str)
    fitted = {ALL: fit_temperature(logits_NC, labels_N)}
    for pattern in sorted(set(patterns)):
        chosen = named == pattern
        if chosen.sum() >= least:
            fitted[pattern] = fit_temperature(logits_NC[chosen], labels_N[chosen])
    return fitted


def calibrated(logits_NC: Floats, patterns: Sequence[str], temperatures: dict[str, float]) -> Floats:
    """Return probabilities, each row at its pattern's temperature."""
    shared = temperatures.get(ALL, 1.0)
    scale_N = np.asarray([temperatures.get(pattern, shared) for pattern in patterns], dtype=np.float64)
    return softmax(np.asarray(logits_NC, dtype=np.float64) / scale_N[:, None])
