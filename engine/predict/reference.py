"""Fitting what a prediction is compared with, at the end of a training run, from cases that were held out of it.

Shapes: N training cases, M modalities, D width.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.model.calibrated import ALL, Reference
from engine.predict.checks import InputCheck
from engine.predict.inputs import InputFacts
from engine.predict.neighbours import MOST_SEEN, Rows, Space, spread
from engine.preprocess.preparation import pattern_name
from engine.schema.base import MODALITIES, Modality

Flags = NDArray[np.bool_]
Scores = NDArray[np.float32]

_MOST_HELD = 4096
"""Held-out scores kept of one check: ranks to a hundredth of a percent need no more."""


@dataclasses.dataclass(frozen=True)
class Vectors:
    """One student's view of all training cases, row by row: fused, pooled by modality, and which modalities there were."""

    fused_ND: Rows
    pooled_NMD: Rows
    present_NM: Flags


def fit_reference(
    final: Vectors, by_fold: Sequence[Vectors | None], fold_N: NDArray[np.int64], facts: Sequence[InputFacts]
) -> Reference:
    """Return what a prediction is compared with.

    `final` is the finished student's view; `by_fold[f]` that of the student that never saw fold f, on all rows (None where the
    run ended before it was trained); `fold_N` says in which fold a row was held out; `facts` describes each row's inputs.
    """
    fused_N, deep_NM = _held_vectors(final, by_fold, fold_N)
    checks, held = _inputs(facts, fold_N)
    held |= _by_pattern(fused_N, final.present_NM)
    held |= {f"{modality}/deep": _known(deep_NM[:, m]) for m, modality in enumerate(MODALITIES)}
    kept = _kept(final.present_NM)
    return Reference(
        torch.from_numpy(final.fused_ND[kept]).half(),
        torch.from_numpy(final.pooled_NMD[kept]).half(),
        torch.from_numpy(final.present_NM[kept]),
        checks,
        {
            name: torch.from_numpy(spread(np.sort(scores), _MOST_HELD).astype(np.float32))
            for name, scores in held.items()
        },
    )


def _kept(present_NM: Flags) -> NDArray[np.int64]:
    """Return the rows that predictions are compared with: a spread of all, and of those with each modality as many again.

    A held-out score came from up to `MOST_SEEN` rows that had its modality; among a spread of all rows there may be next to none.
    """
    rows = np.arange(len(present_NM))
    spreads = [spread(some, MOST_SEEN) for some in (rows, *(np.flatnonzero(there_N) for there_N in present_NM.T))]
    return np.unique(np.concatenate(spreads)).astype(np.int64)


def _held_vectors(
    final: Vectors, by_fold: Sequence[Vectors | None], fold_N: NDArray[np.int64]
) -> tuple[Scores, NDArray[np.float32]]:
    """Return each row's distance in the view of the student that never saw it, fused and by modality; NaN where unknown."""
    fused_N = np.full(len(fold_N), np.nan, dtype=np.float32)
    deep_NM = np.full(final.present_NM.shape, np.nan, dtype=np.float32)
    for fold, view in enumerate(by_fold):
        if view is not None:
            out_N = fold_N == fold
            _fill(fused_N, view.fused_ND, ~out_N, out_N)
            for m in range(len(MODALITIES)):
                there_N = view.present_NM[:, m]
                _fill(deep_NM[:, m], view.pooled_NMD[:, m], ~out_N & there_N, out_N & there_N)
    if np.isnan(fused_N).all():
        _fill_among_themselves(final, fused_N, deep_NM)
    return fused_N, deep_NM


def _fill(target_N: Scores, rows_ND: Rows, seen_N: Flags, out_N: Flags) -> None:
    """Write how far the rows of `out_N` lie from those of `seen_N`."""
    if seen_N.any() and out_N.any():
        target_N[out_N] = Space.plain(rows_ND[seen_N]).measure(rows_ND[out_N])


def _fill_among_themselves(final: Vectors, fused_N: Scores, deep_NM: NDArray[np.float32]) -> None:
    """Without any fold the finished student judges its own training cases: too near, so more inputs count as unlike them."""
    kept = spread(np.arange(len(fused_N)), MOST_SEEN).astype(np.int64)
    if len(kept) > 1:
        fused_N[kept] = Space.plain(final.fused_ND[kept]).among_themselves()
    for m in range(len(MODALITIES)):
        there = kept[final.present_NM[kept, m]]
        if len(there) > 1:
            deep_NM[there, m] = Space.plain(final.pooled_NMD[there, m]).among_themselves()


def _inputs(facts: Sequence[InputFacts], fold_N: NDArray[np.int64]) -> tuple[dict[str, Tensor], dict[str, Scores]]:
    """Return the input checks learned from all rows, and scores of rows by checks that were learned without their fold."""
    checks: dict[str, Tensor] = {}
    held: dict[str, Scores] = {}
    for modality in MODALITIES:
        rows = np.asarray([row for row, case in enumerate(facts) if modality in case.present()], dtype=np.int64)
        cases = [facts[row] for row in rows]
        if len(rows) > 1:
            checks |= InputCheck.fit(modality, cases).tensors()
        held[f"{modality}/input"] = _held_inputs(modality, cases, fold_N[rows])
    return checks, held


def _held_inputs(modality: Modality, cases: Sequence[InputFacts], fold_N: NDArray[np.int64]) -> Scores:
    scores: list[float] = []
    for fold in np.unique(fold_N):
        seen = [case for case, other in zip(cases, fold_N, strict=True) if other != fold]
        if len(seen) > 1:
            check, rng = InputCheck.fit(modality, seen), np.random.default_rng(int(fold) + 1)
            for row in np.flatnonzero(fold_N == fold).tolist():
                scores += check.measure_held(cases[row], rng)
    return np.asarray(scores, dtype=np.float32)


def _by_pattern(fused_N: Scores, present_NM: Flags) -> dict[str, Scores]:
    patterns = np.asarray([pattern_name(present) for present in present_NM.tolist()], dtype=str)
    by_pattern = {f"fused/{pattern}": _known(fused_N[patterns == pattern]) for pattern in np.unique(patterns)}
    return {f"fused/{ALL}": _known(fused_N)} | by_pattern


def _known(scores_N: Scores) -> Scores:
    return scores_N[~np.isnan(scores_N)]


def describe_held(held: Mapping[str, Tensor]) -> dict[str, int]:
    """Return how many held-out cases stand behind each check, for the model card."""
    return {name: len(scores) for name, scores in held.items()}
