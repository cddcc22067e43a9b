"""Temperature scaling: one number a modality pattern that makes a probability mean what it says.

Guo et al. 2017, arXiv:1706.04599: T* = argmin NLL(z / T) on held-out cases; the order of the labels, so the accuracy, never
changes. What is fitted to is softened as in Platt 1999: of n answers that were all right the best guess of the next one is (n + 1) / (n + 2),
not 1, so a few answers without a mistake do not make the next one certain. Where a case may have several labels each is a coin of its own: sigmoid(z / T), one T for all of them, fitted on the mean
Bernoulli NLL. Shapes: N cases, C labels; `labels_N` are places, or (N, C) marks of 0 and 1 where several may hold.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.model.calibrated import ALL
from engine.preprocess.truth import is_several, softened

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


def sigmoid(logits_NC: Floats, temperature: float = 1.0) -> Floats:
    """Return the probability of each label by itself at a temperature."""
    return np.asarray(0.5 * (1.0 + np.tanh(np.asarray(logits_NC, dtype=np.float64) / (2.0 * temperature))))


def chances(logits_NC: Floats, temperature: float, several: bool) -> Floats:
    """Return probabilities at a temperature: of one label among all, or of each by itself."""
    return sigmoid(logits_NC, temperature) if several else softmax(logits_NC, temperature)


def negative_log_likelihoods(logits_NC: Floats, labels_N: Integers, temperature: float = 1.0) -> Floats:
    """Return the negative log-likelihood of each case in nats; of several labels the mean over them."""
    scaled_NC = np.asarray(logits_NC, dtype=np.float64) / temperature
    if is_several(labels_N):
        return np.asarray((np.logaddexp(0.0, scaled_NC) - labels_N * scaled_NC).mean(axis=1))
    top_N = scaled_NC.max(axis=1)
    log_sum_N = top_N + np.log(np.exp(scaled_NC - top_N[:, None]).sum(axis=1))
    return np.asarray(log_sum_N - scaled_NC[np.arange(len(labels_N)), labels_N])


def negative_log_likelihood(logits_NC: Floats, labels_N: Integers, temperature: float = 1.0) -> float:
    """Return the mean negative log-likelihood in nats."""
    return float(negative_log_likelihoods(logits_NC, labels_N, temperature).mean())


def fit_temperature(logits_NC: Floats, labels_N: Integers) -> float:
    """Return the temperature of least NLL, with softened labels; 1.0 where there is nothing to fit on, or nothing finite.

    In beta = 1/T the NLL is convex, so its slope is bisected: no start value, no step size, the same bits each time.
    """
    if not len(labels_N) or not np.isfinite(logits_NC).all():
        return 1.0
    several, logits_NC = is_several(labels_N), np.asarray(logits_NC, dtype=np.float64)
    wanted_NC = softened(labels_N, logits_NC.shape[1])
    low, high = 1.0 / _HOTTEST, 1.0 / _COLDEST
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        if _slope(logits_NC, wanted_NC, middle, several) > 0:
            high = middle
        else:
            low = middle
    return 1.0 / math.sqrt(low * high)


def _slope(logits_NC: Floats, wanted_NC: Floats, beta: float, several: bool) -> float:
    """Return what d NLL / d beta is a positive multiple of: the expected logits minus those of the chances wanted."""
    return float(((chances(logits_NC, 1.0 / beta, several) - wanted_NC) * logits_NC).mean())


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


def calibrated(
    logits_NC: Floats, patterns: Sequence[str], temperatures: dict[str, float], several: bool = False
) -> Floats:
    """Return probabilities, each row at its pattern's temperature."""
    shared = temperatures.get(ALL, 1.0)
    scale_N = np.asarray([temperatures.get(pattern, shared) for pattern in patterns], dtype=np.float64)
    return chances(np.asarray(logits_NC, dtype=np.float64) / scale_N[:, None], 1.0, several)
