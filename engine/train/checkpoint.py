"""Checkpoints: safetensors and JSON, each written whole; the newest whole one is where a killed stage goes on.

RUN/checkpoints/<stage>-<step>.safetensors   weights of the student, as `recompute_check_counts` reads them
RUN/checkpoints/<stage>-<step>.json          what they are, with their sha256
RUN/stages/<stage>/<step>.safetensors        everything else that training needs to go on: optimiser, adaptors, held answers
RUN/stages/<stage>/resume.json               names both by sha256; written last, so it never names half a file
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import load, save
from torch import Tensor

from engine.schema.base import Message, Sha256
from engine.schema.config import StudentConfig
from engine.store.blobs import write_whole

CHECKPOINTS, STAGES = "checkpoints", "stages"
KEPT = 12
"""Checkpoints of a stage that stay on disk; older ones make room."""


class CheckpointFacts(Message):
    """What lies beside the weights of a checkpoint."""

    stage: str
    step: int
    epoch: int
    sha256: Sha256
    student: StudentConfig
    labels: int


class ResumePoint(Message):
    """Where a stage goes on: the checkpoint and the rest, both by name and hash."""

    step: int
    epoch: int
    checkpoint: str
    weights: Sha256
    rest: Sha256
    done: bool = False


def save_weights(run: Path, facts: Mapping[str, object], weights: Mapping[str, Tensor]) -> tuple[str, str]:
    """Write a checkpoint's weights and facts; return its name and the sha256 of its weights."""
    data = save(_plain(weights))
    sha256 = hashlib.sha256(data).hexdigest()
    known = CheckpointFacts.model_validate({**facts, "sha256": sha256})
    name = f"{known.stage}-{known.step:06d}"
    folder = run / CHECKPOINTS
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / f"{name}.safetensors", data)
    write_whole(folder / f"{name}.json", known.model_dump_json(indent=1).encode())
    for old in sorted(folder.glob(f"{known.stage}-*.safetensors"))[:-KEPT]:
        old.with_suffix(".json").unlink(missing_ok=True)
        old.unlink()
    return name, sha256


def load_weights(run: Path, name: str) -> tuple[CheckpointFacts, dict[str, Tensor]]:
    """Return a checkpoint; raises `ValueError` where the weights are not those the facts name."""
    facts = CheckpointFacts.model_validate_json((run / CHECKPOINTS / f"{name}.json").read_bytes())
    return facts, _checked(run / CHECKPOINTS / f"{name}.safetensors", facts.sha256)


def save_rest(run: Path, stage: str, point: Mapping[str, object], rest: Mapping[str, Tensor]) -> None:
    """Write what training needs beside the weights, then the point that names both, then drop what it replaced."""
    folder = run / STAGES / stage
    folder.mkdir(parents=True, exist_ok=True)
    data = save(_plain(rest))
    known = ResumePoint.model_validate({**point, "rest": hashlib.sha256(data).hexdigest()})
    write_whole(folder / f"{known.step:06d}.safetensors", data)
    write_whole(folder / "resume.json", known.model_dump_json(indent=1).encode())
    for old in folder.glob("*.safetensors"):
        if old.name != f"{known.step:06d}.safetensors":
            old.unlink()


def has_resume(run: Path, stage: str) -> bool:
    """Whether a worker of the run has kept something of a stage to go on from."""
    return (run / STAGES / stage / "resume.json").exists()


def load_resume(run: Path, stage: str) -> tuple[ResumePoint, dict[str, Tensor], dict[str, Tensor]] | None:
    """Return where a stage goes on with its weights and the rest; None where nothing whole is there."""
    try:
        point = ResumePoint.model_validate_json((run / STAGES / stage / "resume.json").read_bytes())
        weights = _checked(run / CHECKPOINTS / f"{point.checkpoint}.safetensors", point.weights)
        rest = _checked(run / STAGES / stage / f"{point.step:06d}.safetensors", point.rest)
    except (OSError, ValueError):
        return None
    return point, weights, rest


def _plain(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}


def _checked(path: Path, sha256: str) -> dict[str, Tensor]:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"{path.name} is not what was written")
    loaded: dict[str, Tensor] = load(data)
    return loaded
