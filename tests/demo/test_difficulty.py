"""Simple features do not solve the demos: logistic regression stays well under the best possible."""

import itertools
import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from engine.demo.domains import DOMAINS
from engine.demo.generator import GeneratedCase, generate

_TRAIN, _TEST = 700, 350
_MARGIN = 0.05
_BANDS = 32


def _pixels(case: GeneratedCase) -> NDArray[np.float64] | None:
    if case.picture is None:
        return None
    side = case.picture.shape[0] // 6
    return np.asarray(case.picture.reshape(side, 6, side, 6, -1).mean((1, 3)).ravel() / 255)


def _pooled_spectrum(case: GeneratedCase) -> NDArray[np.float64] | None:
    """Mean, deviation and maximum over time of the logarithm of the power in bands that widen like mel."""
    if case.sound is None:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(case.sound / 32768, 400)[::160] * np.hanning(400)
    power = np.abs(np.fft.rfft(frames, 512)) ** 2
    edges = np.unique(np.geomspace(2, 257, _BANDS).astype(int))
    bands = np.stack([power[:, a:b].sum(1) for a, b in itertools.pairwise(edges)], axis=1)
    logs = np.log(bands + 1e-6)
    return np.concatenate((logs.mean(0), logs.std(0), logs.max(0)))


def _filled(rows: list[NDArray[np.float64] | None], known: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standardise with the training half; what is missing becomes the mean."""
    mean, spread = known.mean(0), known.std(0) + 1e-6
    return np.array([np.zeros_like(mean) if row is None else (row - mean) / spread for row in rows])


def _features(train: list[GeneratedCase], test: list[GeneratedCase]) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), min_df=2, sublinear_tf=True, max_features=4000)
    texts = [[case.text or "" for case in half] for half in (train, test)]
    blocks: list[list[object]] = [[], []]
    for vectorizer in (words, letters):
        vectorizer.fit(texts[0])
        for block, half in zip(blocks, texts, strict=True):
            block.append(vectorizer.transform(half))
    for measure in (_pixels, _pooled_spectrum):
        rows = [[measure(case) for case in half] for half in (train, test)]
        known = np.array([row for row in rows[0] if row is not None])
        for block, half in zip(blocks, rows, strict=True):
            block.append(sp.csr_matrix(0.05 * _filled(half, known)))
    return sp.hstack(blocks[0]).tocsr(), sp.hstack(blocks[1]).tocsr()


@pytest.mark.parametrize("name", DOMAINS)
def test_logistic_regression_when_trained_on_simple_features_then_it_stays_five_points_under_the_oracle(
    name: str,
) -> None:
    train, test = (list(generate(DOMAINS[name], s, n, 1)) for s, n in (("train", _TRAIN), ("val", _TEST)))  # type: ignore[arg-type]
    x_train, x_test = _features(train, test)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it need not converge to the last digit
        model = LogisticRegression(C=3, max_iter=100).fit(x_train, [case.label for case in train])
    truth = np.array([case.label for case in test])
    simple = float((model.predict(x_test) == truth).mean())
    oracle = float(np.mean([max(c.posterior(), key=lambda n, c=c: c.posterior()[n]) == c.label for c in test]))  # type: ignore[misc]
    assert simple > 0.5  # the features are not crippled either
    assert simple <= oracle - _MARGIN
    assert simple <= DOMAINS[name].world.best() - _MARGIN
