"""A stage of a run: one model trained on some rows. Fold teachers, fold students and the final student are all stages."""

import dataclasses

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.schema.config import LossConfig, OptimConfig, StudentConfig
from engine.teachers.lessons import Lessons


@dataclasses.dataclass(frozen=True)
class Stage:
    """What to train on what. `held` rows are watched, never learned from; `stop_at` is the pass it ends after (0: the last).

    `start` holds weights to start from; `frozen` names prefixes of parameters that stay as they are. `stream` names the random
    streams it draws from where they are those of another stage: what is compared shall meet the same luck.
    """

    name: str
    seed: int
    learn: NDArray[np.int64]
    held: NDArray[np.int64]
    student: StudentConfig
    loss: LossConfig
    optim: OptimConfig
    lessons: tuple[Lessons, ...] = ()
    stop_at: int = 0
    start: dict[str, Tensor] | None = None
    frozen: tuple[str, ...] = ()
    stream: str = ""

    @property
    def luck(self) -> str:
        """The name its random streams go by."""
        return self.stream or self.name

    @property
    def is_fold(self) -> bool:
        """Whether it trains a student of a fold (`Fold.name`), not a teacher, a control or the final student."""
        return self.name.startswith("fold-")

    @property
    def epochs(self) -> int:
        """Passes it takes."""
        return self.stop_at or self.optim.epochs


@dataclasses.dataclass(frozen=True)
class Held:
    """What the model said of the held-out rows at each evaluation; shape (evaluations, held rows, labels)."""

    epochs: tuple[int, ...]
    logits_VHC: NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class StageResult:
    """How a stage ended; `epoch` counts the passes that were finished, `done` says whether it went to its end."""

    name: str
    weights: dict[str, Tensor]
    held: Held
    epoch: int
    done: bool
    parameters: tuple[int, int]
