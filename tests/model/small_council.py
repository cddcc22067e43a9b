"""A student that answers in milliseconds, and batches for it."""

import torch

from engine.model.fusion import fusions
from engine.model.student import Student, build_student
from engine.preprocess.batch import Batch, collate
from engine.preprocess.preparation import PreparedCase
from engine.schema.config import Choice, StudentConfig
from tests.preprocess.small_world import SMALL, preparation, prepared

FUSIONS = fusions.names()
LABELS = 3


def student(config: StudentConfig = SMALL, seed: int = 0) -> Student:
    """Return a fresh student in evaluation mode; the same seed gives the same weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build_student(config, preparation(), LABELS).eval()


def with_fusion(name: str) -> StudentConfig:
    """Return the small configuration with another fusion."""
    return SMALL.model_copy(update={"fusion": Choice(name=name)})


def mixed_cases() -> list[PreparedCase]:
    """Return five cases: all modalities, several items, some absent, everything absent."""
    return [
        prepared(seed=1),
        prepared(texts=(12, 2), images=2, audios=(9, 50), seed=2),
        prepared(texts=(), images=1, audios=(), seed=3),
        prepared(texts=(4,), images=0, audios=(33,), seed=4),
        PreparedCase(),
    ]


def mixed() -> Batch:
    """Return the mixed cases as a batch."""
    return collate(mixed_cases(), preparation(), labels=[0, 1, 2, 0, 1])
