"""Fine-tuning the last layers of an encoder, in a fold's training rows only: first the probe, then both (arXiv:2202.10054).

The rows to learn from are dealt into two parts; each part is answered by the model that learned from the other one, held-out rows by
both. So nobody answers for a row he learned from, and the temperature is fitted on honest answers.
Shapes: N cases, B cases of a batch, V versions of a case, D width, C labels, I items.
"""

import copy
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.device import generator
from engine.pretrained.encoders import Encoder
from engine.teachers.base import Classroom, FoldRows
from engine.teachers.lessons import content_key
from engine.teachers.probe import (
    PROCEDURE,
    calibrated,
    fit_each,
    fit_probe,
    inner_folds,
    log_chances,
    log_odds,
    tell_of_untaught,
    varies,
)

_PARTS = 2
_BATCH = 16
"""Cases a step."""
_DECAY = 0.01
_LARGEST_GRADIENT = 1.0
_PROCEDURE = (2, _BATCH, _DECAY, _LARGEST_GRADIENT)
"""What answers that are kept were made by, beside what the probe they start from was; the first number goes up as the probe's does."""

Rows = NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Plan:
    """How many of the last layers are trained, for how many passes, and how fast."""

    layers: int
    epochs: int
    rate: float


class Reader(Protocol):
    """A teacher as fine-tuning sees it."""

    kind: str
    fingerprint: str
    plan: Plan | None

    def encoder(self, device: torch.device) -> Encoder:
        """Return the loaded encoder."""
        ...

    def items(self, room: Classroom, names: Sequence[str]) -> list[Any]:
        """Return what is read, by name."""
        ...


def tuned_answers(
    reader: Reader, readings: list[list[tuple[str, ...]]], vectors_NVD: Tensor, room: Classroom, fold: FoldRows
) -> Tensor:
    """Return calibrated log-probabilities of every version of every case, (N, V, C)."""
    known = np.array([any(versions) for versions in readings])
    learn = fold.learn[known[fold.learn]]
    rest = np.setdiff1d(np.flatnonzero(known), learn)
    logits_NVC = np.zeros((*vectors_NVD.shape[:2], room.num_labels))
    said: list[NDArray[np.float64]] = []
    parts = inner_folds(learn, room.groups, room.labels_N, room.seed, _PARTS)
    tell_of_untaught(room, fold, reader.kind, learn, parts)
    for part in parts:
        rows = np.setdiff1d(learn, part)
        if not varies(room.labels_N[rows]):
            continue
        ask = np.concatenate([part, rest])
        key = content_key(
            "tuned", _PROCEDURE, PROCEDURE, reader.fingerprint, dataclasses.asdict(reader.plan) if reader.plan else None, vectors_NVD,
            room.labels_N[rows].tolist(), rows.tolist(), ask.tolist(), room.num_labels, room.seed,
        )  # fmt: skip
        lesson = _Lesson(reader, readings, vectors_NVD[rows, 0], room, rows)
        kept = room.cache.get(key, lambda lesson=lesson, ask=ask: {"logits_AVC": lesson.answers(ask)})  # type: ignore[misc]
        answers_AVC = kept["logits_AVC"].double().numpy()
        logits_NVC[part] = answers_AVC[: len(part)]
        said.append(answers_AVC[len(part) :])
    if said:
        logits_NVC[rest] = _both(said, room.several)
    return calibrated(logits_NVC, room.labels_N, learn)


def _both(logits: Sequence[NDArray[np.float64]], several: bool) -> NDArray[np.float64]:
    """Return the logits of the mean of what each of them says."""
    told = [log_chances(torch.from_numpy(one), several) for one in logits]
    mean = torch.stack(told).exp().mean(0).log()
    return np.asarray((log_odds(mean) if several else mean).numpy())


class _Lesson:
    """One copy of the encoder with a head, trained on `rows`."""

    def __init__(
        self, reader: Reader, readings: list[list[tuple[str, ...]]], vectors_RD: Tensor, room: Classroom, rows: Rows
    ) -> None:
        self._reader, self._readings, self._vectors_RD = reader, readings, vectors_RD
        self._room, self._rows = room, rows

    def answers(self, ask: Rows) -> Tensor:
        """Train, then return logits for every version of the rows `ask`, (A, V, C)."""
        plan = self._reader.plan
        if plan is None:
            raise ValueError("there is no plan of fine-tuning")
        encoder = copy.copy(self._reader.encoder(self._room.device))
        encoder.model = copy.deepcopy(encoder.model).requires_grad_(False)
        trained = [p for block in encoder.layers()[-plan.layers :] for p in block.requires_grad_(True).parameters()]
        head = self._head().to(self._room.device)
        moved = [*trained, *head.parameters()]
        optimizer = torch.optim.AdamW(moved, lr=plan.rate, weight_decay=_DECAY)
        random = generator(self._room.seed, "tuning", *self._rows[:1].tolist())
        labels_N = torch.from_numpy(self._room.labels_N).to(self._room.device)
        error: Callable[[Tensor, Tensor], Tensor] = nn.functional.cross_entropy
        if self._room.several:
            error, labels_N = nn.functional.binary_cross_entropy_with_logits, labels_N.float()
        for epoch in range(plan.epochs):
            order = self._rows[torch.randperm(len(self._rows), generator=random).numpy()].tolist()
            for at in range(0, len(order), _BATCH):
                self._room.progress(epoch * len(order) + at, plan.epochs * len(order))
                rows = order[at : at + _BATCH]
                logits_BC = head(self._vectors(encoder, [self._readings[row][0] for row in rows]))
                loss = error(logits_BC, labels_N[rows])
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(moved, _LARGEST_GRADIENT)
                optimizer.step()
        return self._ask(encoder, head, ask)

    @torch.inference_mode()
    def _ask(self, encoder: Encoder, head: nn.Linear, ask: Rows) -> Tensor:
        flat = [names for row in ask.tolist() for names in self._readings[row]]
        found = [head(self._vectors(encoder, flat[at : at + _BATCH])).cpu() for at in range(0, len(flat), _BATCH)]
        return torch.cat(found).view(len(ask), -1, head.out_features)

    def _head(self) -> nn.Linear:
        """Return the linear probe on the frozen vectors, to start from."""
        vectors, labels = self._vectors_RD.double().numpy(), self._room.labels_N[self._rows]
        head = nn.Linear(vectors.shape[1], self._room.num_labels)
        if self._room.several:
            with torch.no_grad():
                for parameter, fitted in zip((head.weight, head.bias), fit_each(vectors, labels), strict=True):
                    parameter.copy_(torch.from_numpy(fitted))
            return head
        probe = fit_probe(vectors, labels)
        weights, biases = torch.from_numpy(probe.coef_), torch.from_numpy(probe.intercept_)
        if len(weights) == 1:  # of two labels scikit-learn keeps the difference
            weights, biases = torch.cat([-weights / 2, weights / 2]), torch.cat([-biases / 2, biases / 2])
        with torch.no_grad():
            head.weight.zero_()
            head.bias.fill_(float(biases.min()))
            head.weight[torch.from_numpy(probe.classes_)] = weights.float()
            head.bias[torch.from_numpy(probe.classes_)] = biases.float()
        return head

    def _vectors(self, encoder: Encoder, cases: Sequence[tuple[str, ...]]) -> Tensor:
        """Return one vector a case, the mean of those of what is read in it."""
        names = [name for case in cases for name in case]
        found_ID = encoder.vectors(self._reader.items(self._room, names))
        return torch.stack([own_ID.mean(0) for own_ID in torch.split(found_ID, [len(case) for case in cases])])
