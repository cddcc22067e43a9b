"""The plainest rival of a council: logistic regression on concatenated features, with the exact test whether one is right more often.

Shapes: N cases, D numbers a case, C labels.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from engine.preprocess.audio import log_mel, read_wave
from engine.preprocess.image import read_pixels, scale_to
from engine.pretrained import door
from engine.pretrained.encoders import TextEncoder
from engine.schema.case import Case, Part
from engine.store.blobs import Blobs

_SIDE = 14
"""Side in pixels of a picture as the regression sees it."""
_STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Inverse ridge penalties that are tried on the training rows."""
_STRETCHES = 8
"""A sound's mel bands are averaged over so many equal stretches of it: of 1, 4, 8 and 16 the one with which the regression does best."""
_FOLDS = 4
_FEWEST_GROUPS = 3


class Features:
    """Per case: the mean MiniLM vector of its texts, its pictures in 14 x 14 greys, its sounds' mel bands over time, what is there."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        processor, model = door.load(door.default_source(), "text")
        self._texts = TextEncoder(processor, model, torch.device("cpu"))

    def of(self, cases: Sequence[Case]) -> NDArray[np.float64]:
        """Return (N, D); what a case lacks is nought, and a flag says that it lacks it."""
        texts = [self._blobs.read(_decoded(part)).decode() for case in cases for part in _parts(case, "text")]
        vectors = iter(self._texts.embed(texts).double().numpy() if texts else ())
        rows = []
        for case in cases:
            found = {
                "text": [next(vectors) for _ in _parts(case, "text")],
                "image": [self._picture(part) for part in _parts(case, "image")],
                "audio": [self._sound(part) for part in _parts(case, "audio")],
            }
            rows.append(found)
        blocks = []
        for modality in ("text", "image", "audio"):
            width = next((len(row[modality][0]) for row in rows if row[modality]), 0)
            means = [np.mean(row[modality], axis=0) if row[modality] else np.zeros(width) for row in rows]
            there = [[float(bool(row[modality]))] for row in rows]
            blocks += [np.array(means).reshape(len(rows), width), np.array(there)]
        return np.concatenate(blocks, axis=1)

    def _picture(self, part: Part) -> NDArray[np.float64]:
        pixels_HWC = scale_to(read_pixels(self._blobs.read(_decoded(part)), 1), _SIDE)
        return pixels_HWC.astype(np.float64).ravel() / 255

    def _sound(self, part: Part) -> NDArray[np.float64]:
        mel_FT = log_mel(read_wave(self._blobs.read(_decoded(part))))
        over_time_FP = torch.nn.functional.adaptive_avg_pool1d(mel_FT[None], _STRETCHES)[0]
        return torch.cat([over_time_FP.flatten(), mel_FT.std(1, correction=0)]).double().numpy()


@dataclasses.dataclass(frozen=True)
class Parting:
    """Where two ways of answering part: `first` and `second` count the cases that only one of them had right."""

    both: int
    first: int
    second: int
    neither: int

    @property
    def p_value(self) -> float:
        """Two-sided exact McNemar test: how likely so uneven a parting is where both are right equally often (McNemar 1947)."""
        parted = self.first + self.second
        return float(binomtest(self.first, parted, 0.5).pvalue) if parted else 1.0


def parting(first_N: NDArray[np.bool_], second_N: NDArray[np.bool_]) -> Parting:
    """Return how two ways of answering part on the same cases, each given as what it had right."""
    return Parting(
        both=int((first_N & second_N).sum()),
        first=int((first_N & ~second_N).sum()),
        second=int((~first_N & second_N).sum()),
        neither=int((~first_N & ~second_N).sum()),
    )


def fit_regression(features_ND: NDArray[np.float64], labels_N: NDArray[np.int64], groups: Sequence[str]) -> Pipeline:
    """Return a regression on standardised features; its penalty is chosen on the training rows, whole groups left out in turn."""
    several = len(set(groups)) >= _FEWEST_GROUPS
    folds = (
        GroupKFold(min(_FOLDS, len(set(groups)))) if several else StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    )
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    search = GridSearchCV(pipeline, {"logisticregression__C": list(_STRENGTHS)}, cv=folds)
    search.fit(features_ND, labels_N, groups=list(groups) if several else None)
    best: Any = search.best_estimator_
    return best


def _parts(case: Case, modality: str) -> list[Part]:
    return [part for part in case.parts if part.modality == modality and part.decoded is not None]


def _decoded(part: Part) -> str:
    """Return the name of what a part was decoded to; only parts that were are asked for."""
    assert part.decoded is not None
    return part.decoded
