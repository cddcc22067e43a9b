"""Starting from a finished model without leaking: its fold students lie beside it, each with the cases it never saw.

MODEL/folds/<fold>.safetensors   weights of the fold's student
MODEL/folds/folds.json           the sha256 of the weights, and of the ids of the cases left out
"""

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import torch
from pydantic import ValidationError
from safetensors.torch import load, save
from torch import Tensor

from engine.device import derived_seed, generator
from engine.model.student import build_student
from engine.model.trunk.experts import turned
from engine.model.upcycle import upcycled
from engine.schema.base import Message, Sha256
from engine.schema.config import RunConfig
from engine.store.blobs import write_whole
from engine.train.folds import Deal, Fold
from engine.train.material import Material
from engine.train.run import StartWeights, deal_out

FOLDER, INDEX = "folds", "folds.json"


class FoldFile(Message):
    """One fold student: its weights by hash, and the cases it never saw, as a hash of their ids."""

    name: str
    weights: Sha256
    held: Sha256


class FoldIndex(Message):
    """`folds.json`; older models do not tell how the cases were dealt out."""

    folds: tuple[FoldFile, ...]
    deal: Deal | None = None


def save_folds(
    model: Path, folds: Sequence[Fold], weights: Mapping[str, Mapping[str, Tensor]], material: Material, deal: Deal
) -> None:
    """Write the fold students of a run beside its model, and how the cases were dealt out."""
    folder = model / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for fold in folds:
        if fold.name in weights:
            data = save({name: tensor.contiguous() for name, tensor in weights[fold.name].items()})
            write_whole(folder / f"{fold.name}.safetensors", data)
            held = held_hash(material.case_ids[row] for row in fold.held)
            files.append(FoldFile(name=fold.name, weights=hashlib.sha256(data).hexdigest(), held=held))
    write_whole(folder / INDEX, FoldIndex(folds=tuple(files), deal=deal).model_dump_json(indent=1).encode())


def start_weights(model: Path, final: Mapping[str, Tensor], material: Material, deal: Deal) -> StartWeights | None:
    """Return the model's weights, and for each of its folds those of a student that never saw the held-out cases; None without them.

    A student that was taught on all cases has seen every held-out one. So the run that starts from it takes the folds of the model,
    however many its own recipe would make, and cannot start where the cases are others. `deal` is for models that do not tell theirs.
    """
    try:
        index = FoldIndex.model_validate_json((model / FOLDER / INDEX).read_bytes())
    except (OSError, ValidationError):
        return None
    by_held = {file.held: file for file in index.folds}
    own = index.deal or Deal(folds=len(index.folds) or deal.folds, seed=deal.seed)
    folds = deal_out(material, own)[1]
    found = {}
    for fold in folds:
        file = by_held.get(held_hash(material.case_ids[row] for row in fold.held))
        if file is None:
            return None
        data = (model / FOLDER / f"{file.name}.safetensors").read_bytes()
        if hashlib.sha256(data).hexdigest() != file.weights:
            return None
        found[fold.name] = turned(load(data))
    return StartWeights(dict(final), found, own)


def upcycle_start(dense: StartWeights, config: RunConfig, material: Material) -> StartWeights:
    """Return what to start from where dense weights become experts: the final student and every fold's, each with its own noise."""

    def experts(name: str, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derived_seed(config.seed, "upcycle", name))
            fresh = build_student(config.student, material.preparation, len(material.labels))
        return upcycled(weights, fresh, config.upcycle_noise, generator(config.seed, "upcycle-noise", name))

    folds = {name: experts(name, weights) for name, weights in dense.folds.items()}
    return dataclasses.replace(dense, final=experts("final", dense.final), folds=folds)


def held_hash(case_ids: Iterable[str]) -> str:
    """Return a hash of a set of case ids."""
    return hashlib.sha256("\n".join(sorted(case_ids)).encode()).hexdigest()
