"""The folder of a finished model: safetensors and JSON, checked by hash, nothing that could run.

    config.json            model_type, labels, the student's configuration, sha256 of every other file
    model.safetensors      the weights
    preprocess.json        the preparation
    labels.json            the labels in both languages
    calibration.json       temperatures and conformal thresholds
    reference.safetensors  what the training cases look like
    summary.json           what was measured
    README.md              the model card
    encoders/<modality>/   a pretrained encoder kept inside, as it came: configuration, weights, tokenizer or processor

Loading needs torch and safetensors alone, and transformers where an encoder is kept inside.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import torch
from pydantic import Field
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from engine.model.calibrated import Calibration, Reference
from engine.model.card import card
from engine.model.encoders.choices import choice_of, open_inside, with_choices
from engine.model.encoders.pretrained import PretrainedEncoder
from engine.model.student import Student, build_student
from engine.model.trunk.experts import turned
from engine.preprocess.preparation import PREPARATION_FILE, Preparation
from engine.schema.base import Answering, Message, Modality, Sha256
from engine.schema.case import Label
from engine.schema.config import Choice, StudentConfig
from engine.schema.errors import UserError
from engine.schema.model import ModelSummary
from engine.schema.worker import MODEL_CONFIG_FILE
from engine.store.blobs import write_whole

MODEL_TYPE = "consilium"
ENCODERS = "encoders"
"""Folder of the encoders kept inside."""
CONFIG_FILE, WEIGHTS_FILE, LABELS_FILE = MODEL_CONFIG_FILE, "model.safetensors", "labels.json"
CALIBRATION_FILE, REFERENCE_FILE, SUMMARY_FILE, CARD_FILE = (
    "calibration.json",
    "reference.safetensors",
    "summary.json",
    "README.md",
)


@dataclasses.dataclass(frozen=True)
class Council:
    """A model with everything that belongs to it."""

    student: Student
    preparation: Preparation
    labels: tuple[Label, ...]
    config: StudentConfig
    calibration: Calibration | None = None
    reference: Reference | None = None
    summary: ModelSummary | None = None
    answers: Answering = "one"


class ModelConfig(Message):
    """`config.json`, with the names other tools look for."""

    model_type: Literal["consilium"] = "consilium"
    architectures: tuple[str, ...] = ("ConsiliumStudent",)
    id2label: dict[int, str]
    label2id: dict[str, int]
    student: StudentConfig
    answers: Answering = "one"
    files: dict[str, Sha256] = Field(description="sha256 of each other file that a prediction depends on.")


class LabelList(Message):
    """`labels.json`."""

    labels: tuple[Label, ...]


class CalibrationFile(Message):
    """`calibration.json`."""

    temperature: dict[str, float]
    thresholds: dict[str, float]
    alpha: float
    n: dict[str, int]
    enough: dict[str, float] = {}
    several: bool = False
    hidden: dict[str, int] = {}


def save_council(folder: Path, council: Council) -> str:
    """Write the model folder and return the sha256 of the weights; `config.json` comes last and vouches for the rest."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = save(_contiguous(council.student.state_dict()))
    contents = {
        WEIGHTS_FILE: weights,
        PREPARATION_FILE: _json(council.preparation),
        LABELS_FILE: _json(LabelList(labels=council.labels)),
    }
    if council.calibration is not None:
        contents[CALIBRATION_FILE] = _json(CalibrationFile(**dataclasses.asdict(council.calibration)))
    if council.reference is not None:
        contents[REFERENCE_FILE] = save(_contiguous(council.reference.tensors()))
    contents |= _encoders(council.student)
    files = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    if council.summary is not None:
        summary = council.summary.model_copy(update={"sha256": files[WEIGHTS_FILE]})
        contents[SUMMARY_FILE] = _json(summary)
        contents[CARD_FILE] = card(summary).encode()
    for name, data in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, data)
    names = [label.name for label in council.labels]
    config = ModelConfig(
        id2label=dict(enumerate(names)),
        label2id={name: i for i, name in enumerate(names)},
        student=_named_from(council.config, council.preparation, None),
        answers=council.answers,
        files=files,
    )
    write_whole(folder / CONFIG_FILE, _json(config))
    return files[WEIGHTS_FILE]


def load_council(folder: Path) -> Council:
    """Read a model folder, on the CPU and in evaluation mode; raises `model-damaged` where any file is not what it was."""
    try:
        return _load(folder)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise UserError("model-damaged", id=folder.name) from error


def _load(folder: Path) -> Council:
    config = ModelConfig.model_validate_json((folder / CONFIG_FILE).read_bytes())
    contents = {name: _checked(folder / _inner(name), sha256) for name, sha256 in config.files.items()}
    preparation = Preparation.model_validate_json(contents[PREPARATION_FILE])
    shape = _named_from(config.student, preparation, folder)
    preparation = open_inside(preparation, shape)
    labels = LabelList.model_validate_json(contents[LABELS_FILE]).labels
    with torch.random.fork_rng(devices=[]):  # fresh weights are drawn only to be replaced
        student = build_student(shape, preparation, len(labels))
    student.load_state_dict(turned(load(contents[WEIGHTS_FILE])))
    student.eval().requires_grad_(False)
    return Council(
        student,
        preparation,
        labels,
        shape,
        _calibration(contents.get(CALIBRATION_FILE)),
        Reference.from_tensors(load(contents[REFERENCE_FILE])) if REFERENCE_FILE in contents else None,
        _summary(folder / SUMMARY_FILE),
        config.answers,
    )


def _encoders(student: Student) -> dict[str, bytes]:
    """Return the files of the encoders kept inside, by their place in the model folder."""
    found: dict[str, bytes] = {}
    for modality, encoder in student.encoders.items():
        if isinstance(encoder, PretrainedEncoder):
            found |= {f"{ENCODERS}/{modality}/{name}": data for name, data in encoder.inside.files().items()}
    return found


def _named_from(config: StudentConfig, preparation: Preparation, folder: Path | None) -> StudentConfig:
    """Return the shape with its kept encoders named by their place in the model folder; without one, by what they are called.

    A model folder tells nothing of where on some computer an encoder once lay.
    """
    choices: dict[Modality, Choice] = {}
    for told in preparation.inside:
        choice = choice_of(config, told.modality)
        place = str(folder / ENCODERS / told.modality) if folder is not None else told.name
        settings = {**choice.settings, "model": place, "online": False}
        choices[told.modality] = choice.model_copy(update={"settings": settings})
    return with_choices(config, choices)


def _inner(name: str) -> str:
    """Return the name of a file in the folder; raises `ValueError` where it leads out of it."""
    if name.startswith("/") or ".." in name.split("/") or "\\" in name:
        raise ValueError("a file of the model lies outside of its folder")
    return name


def _checked(path: Path, sha256: str) -> bytes:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError("a file of the model is not what it was")
    return data


def _calibration(data: bytes | None) -> Calibration | None:
    return None if data is None else Calibration(**CalibrationFile.model_validate_json(data).model_dump())


def _summary(path: Path) -> ModelSummary | None:
    return ModelSummary.model_validate_json(path.read_bytes()) if path.exists() else None


def _contiguous(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}


def _json(message: Message) -> bytes:
    return json.dumps(message.model_dump(mode="json"), indent=1, ensure_ascii=False).encode()


__all__ = ["Council", "load_council", "save_council"]
