"""The check cases: a fixed few training rows whose routing is told at every checkpoint, and can be counted again by anyone.

`RUN/check.json` names the cases, `RUN/preprocess.json` holds the preparation; with a checkpoint they give the counts anew.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.device import derived_seed
from engine.model.encoders.choices import open_inside
from engine.model.student import build_student, routing_counts
from engine.preprocess.batch import collate
from engine.preprocess.preparation import Preparation
from engine.schema.base import Message
from engine.schema.case import Case
from engine.store.blobs import Blobs, write_whole
from engine.train.checkpoint import load_weights
from engine.train.material import Material

CHECK_FILE = "check.json"
CHECK_CASES, PINNED_CASES = 64, 8


class CheckCases(Message):
    """`check.json`: the case ids in the order they are run through."""

    case_ids: tuple[str, ...]


def choose_rows(material: Material, seed: int, count: int, stream: str) -> tuple[int, ...]:
    """Return up to `count` rows, drawn with the seed, labels taking turns."""
    random = np.random.default_rng(derived_seed(seed, stream))
    order = random.permutation(material.size)
    turns: dict[str, int] = {}
    ranked: list[tuple[int, int, int]] = []
    for row in order.tolist():
        label = str(material.labels_N[row])
        turns[label] = turns.get(label, 0) + 1
        ranked.append((turns[label], len(ranked), row))
    return tuple(sorted(row for _, _, row in sorted(ranked)[:count]))


def record_check(run: Path, material: Material, rows: Sequence[int]) -> None:
    """Write down which cases are the check cases, and how they are prepared."""
    chosen = CheckCases(case_ids=tuple(material.case_ids[row] for row in rows))
    write_whole(run / CHECK_FILE, chosen.model_dump_json(indent=1).encode())
    material.preparation.save(run)


@torch.inference_mode()
def recompute_check_counts(run: Path, checkpoint: str, cases: Iterable[Case], blobs: Blobs) -> NDArray[np.int64]:
    """Return the routing of the check cases with a checkpoint's weights, from files alone; int64 (layers, experts, modalities)."""
    facts, weights = load_weights(run, checkpoint)
    preparation = open_inside(Preparation.load(run), facts.student)
    by_id = {case.case_id: case for case in cases}
    chosen = CheckCases.model_validate_json((run / CHECK_FILE).read_bytes()).case_ids
    if not any(
        name.startswith("knowledge.") for name in weights
    ):  # a teacher of a run with a knowledge file hears none
        preparation = preparation.model_copy(update={"knowledge": None})
    student = build_student(facts.student, preparation, facts.labels)
    student.load_state_dict(weights)
    student.eval()
    batch = collate([preparation.prepare(by_id[case_id].parts, blobs) for case_id in chosen], preparation)
    return np.asarray(routing_counts(student(batch)).numpy())
