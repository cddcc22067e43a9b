"""What single experts are worth, as a cause: the loss when an expert's tokens go to their next choice instead.

Re-routed, not zeroed: a zeroed expert would only show that something was taken away. Paired by case, because the same cases are
answered both ways, so their difference has a narrow interval. Shapes: N cases, B cases of a batch, T tokens, M modalities, R trials.
"""

import dataclasses
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import t
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from engine.model.student import Outcome, Student
from engine.model.trunk.routers import Reroute
from engine.preprocess.batch import Batch
from engine.schema.base import MODALITIES, Modality
from engine.schema.model import Change, ExpertEffect


@dataclasses.dataclass(frozen=True)
class Shuffled:
    """What dealing all choices out at random does: mean change of the loss with its interval, and both accuracies."""

    change: Change
    accuracy: float
    accuracy_shuffled: float


_FEWEST = 2
"""Cases without which there is no interval, and so no change that could be told."""


def _silent(done: int) -> None:
    """Tell nobody."""


@torch.inference_mode()
def worth_of_experts(
    student: Student,
    batches: Iterable[Batch],
    labels: Sequence[str],
    progress: Callable[[int], None] = _silent,
    modalities: Sequence[Modality] = MODALITIES,
) -> tuple[ExpertEffect, ...]:
    """Return what every expert is worth on labelled cases, as a whole, by label and by these modalities; `progress` hears how many are done.

    Batches are taken one at a time, and their inputs read once; each trial asks the trunk, the fusion and the head alone. Works for
    one label a case and for several, whose error is the mean over the labels. An effect is left unmeasured where none of the tokens
    that the expert had could go elsewhere. Nothing where there are fewer than two cases, as there is no interval.
    """
    student.eval()
    trials = [
        Reroute(layer, expert, modality=modality)
        for layer, block in enumerate(student.blocks)
        for expert in range(int(block.experts.number))  # type: ignore[union-attr, arg-type]
        for modality in (None, *map(MODALITIES.index, modalities))
    ]
    if not trials:
        return ()
    had_RM, moved_RM = (torch.zeros(len(trials), len(MODALITIES), dtype=torch.int64) for _ in range(2))
    changes, truths, present, done = [], [], [], 0
    for batch in batches:
        change_RB, had_M, moved_M = _tried(student, batch, trials)
        had_RM += had_M
        moved_RM += moved_M
        changes.append(change_RB)
        truths.append(batch.labels_B)
        present.append(batch.present_BM)
        done += batch.size
        progress(done)
    if done < _FEWEST:
        return ()
    truth = torch.cat(truths).cpu()
    bears_NC = (truth > 0 if truth.dim() == 2 else torch.nn.functional.one_hot(truth, len(labels)) > 0).numpy()
    change_RN, there_NM = torch.cat(changes, 1).double().cpu().numpy(), torch.cat(present).cpu().numpy()
    told = zip(change_RN, trials, had_RM.tolist(), moved_RM.tolist(), strict=True)
    return _effects(told, labels, bears_NC, there_NM)


def _tried(student: Student, batch: Batch, trials: Sequence[Reroute]) -> tuple[Tensor, Tensor, Tensor]:
    """Return by trial how the error of each case changes, and how many tokens of each modality there were to move, and moved."""
    seen = student.look(batch)
    plain = student.conclude(seen)
    before_B = _errors(plain.logits_BC, batch.labels_B)
    change_RB = before_B.new_zeros(len(trials), batch.size)
    had_RM, moved_RM = (torch.zeros(len(trials), len(MODALITIES), dtype=torch.int64) for _ in range(2))
    moved_M = moved_RM[0]
    for row, one in enumerate(trials):
        had_RM[row] = _tokens(plain, one)
        # The trial of all tokens comes first: what it could not move, that of one modality cannot either.
        if had_RM[row].any() if one.modality is None else moved_M[one.modality] > 0:
            sent = student.conclude(seen, one)
            change_RB[row] = _errors(sent.logits_BC, batch.labels_B) - before_B
            moved_M = had_RM[row] - _tokens(sent, one) if one.modality is None else moved_M
        elif one.modality is None:
            moved_M = torch.zeros_like(moved_M)
        moved_RM[row] = moved_M
    return change_RB, had_RM, moved_RM


def _effects(
    told: Iterable[tuple[NDArray[np.float64], Reroute, list[int], list[int]]],
    labels: Sequence[str],
    bears_NC: NDArray[np.bool_],
    there_NM: NDArray[np.bool_],
) -> tuple[ExpertEffect, ...]:
    """Return one effect an expert from its trials, that of all tokens first."""
    found: dict[tuple[int, int], ExpertEffect] = {}
    for change_N, trial, had_M, moved_M in told:
        assert trial.layer is not None
        assert trial.expert is not None
        key = (trial.layer, trial.expert)
        if trial.modality is None:
            tokens, moved = dict(zip(MODALITIES, had_M, strict=True)), dict(zip(MODALITIES, moved_M, strict=True))
            found[key] = ExpertEffect(layer=key[0], expert=key[1], tokens=tokens, moved=moved)
            if not found[key].is_alone():
                enough = [(c, name) for c, name in enumerate(labels) if bears_NC[:, c].sum() >= _FEWEST]
                by_label = {name: _change(change_N[bears_NC[:, c]]) for c, name in enough}
                found[key] = found[key].model_copy(update={"whole": _change(change_N), "by_label": by_label})
        elif there_NM[:, trial.modality].sum() >= _FEWEST and not found[key].is_alone(MODALITIES[trial.modality]):
            own = {MODALITIES[trial.modality]: _change(change_N[there_NM[:, trial.modality]])}
            found[key] = found[key].model_copy(update={"by_modality": found[key].by_modality | own})
    return tuple(found.values())


def _tokens(outcome: Outcome, trial: Reroute) -> Tensor:
    """Return how many tokens of each modality a trial's expert has, (M,) on the CPU."""
    assert trial.layer is not None
    own_T = torch.eq(outcome.routing[trial.layer].experts_TK, -1 if trial.expert is None else trial.expert).any(1)
    return outcome.modality_T[own_T].bincount(minlength=len(MODALITIES)).cpu()


def _errors(logits_BC: Tensor, labels_B: Tensor) -> Tensor:
    """Return the error of each case: cross-entropy, or the mean over labels of the binary one."""
    if labels_B.dim() == 2:
        return binary_cross_entropy_with_logits(logits_BC.double(), labels_B.double(), reduction="none").mean(1)
    return cross_entropy(logits_BC.double(), labels_B, reduction="none")


def _change(change_N: NDArray[np.float64]) -> Change:
    mean, n = float(change_N.mean()), len(change_N)
    half = float(t.ppf(0.975, n - 1)) * float(change_N.std(ddof=1)) / n**0.5
    return Change(value=mean, low=mean - half, high=mean + half, n=n)


def shuffled_effect(
    student: Student, batches: Iterable[Batch], seed: int = 0, modality: Modality | None = None
) -> Shuffled:
    """Return what happens when each token, or each of one modality, goes where some other token would have gone."""
    kept = list(batches)
    before_N, right_N = _losses(student, kept, None)
    only = None if modality is None else MODALITIES.index(modality)
    trial = Reroute.shuffled(torch.Generator().manual_seed(seed), modality=only)
    after_N, wrong_N = _losses(student, kept, trial)
    return Shuffled(_change(after_N - before_N), float(right_N.mean()), float(wrong_N.mean()))


@torch.inference_mode()
def _losses(
    student: Student, batches: Iterable[Batch], reroute: Reroute | None
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the loss of each case and whether its answer was right."""
    student.eval()
    losses, right = [], []
    for batch in batches:
        logits_BC = student(batch, reroute).logits_BC.double()
        losses.append(cross_entropy(logits_BC, batch.labels_B, reduction="none"))
        right.append(logits_BC.argmax(1) == batch.labels_B)
    return torch.cat(losses).numpy(), torch.cat(right).numpy()
