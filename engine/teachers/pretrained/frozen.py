"""Pretrained encoders as teachers: each reads one kind of input, frozen with a calibrated linear probe, or fine-tuned in its last layers.

Shapes: N cases, V versions of a case, D width, C labels.
"""

import abc
import dataclasses
from collections.abc import Sequence
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor

from engine.pretrained import door
from engine.pretrained.encoders import ENCODERS, Encoder, PlacedEncoder, limits
from engine.schema.base import Modality
from engine.schema.errors import UserError
from engine.teachers.base import Classroom, FoldRows, Ready, Teacher, TeacherConfig, teachers
from engine.teachers.embeddings import Embeddings, size_on_disk
from engine.teachers.lessons import Lessons, content_key
from engine.teachers.pretrained.counting import counted
from engine.teachers.pretrained.looking import PLACES, Looked, looked, with_maps
from engine.teachers.pretrained.tuning import Plan, tuned_answers
from engine.teachers.probe import PROCEDURE, crossed_answers, inner_folds, tell_of_untaught

Readings = list[list[tuple[str, ...]]]
"""For each case and version the names of what is read: the text itself, or the sha256 of each picture or sound; empty for none."""
_MODEL = "Folder or hub id of the teacher"
_ONLINE = "Whether it may be fetched from the hub; otherwise it must lie on this computer."


class TunedConfig(TeacherConfig):
    """What the settings of all encoders share."""

    online: bool = Field(False, description=_ONLINE)
    mode: Literal["probe", "fine-tune"] = Field(
        "probe",
        description="`probe` leaves the teacher as it is; `fine-tune` also trains its last layers, which takes longer.",
    )
    tuned_layers: int = Field(2, ge=1, le=48, description="Last layers that fine-tuning trains.")
    tuned_epochs: int = Field(3, ge=1, le=50, description="Passes of fine-tuning over the training cases.")
    tuned_rate: float = Field(1e-4, gt=0, le=0.1, description="Learning rate of fine-tuning.")


class PretrainedTextConfig(TunedConfig):
    """Settings of the pretrained text teacher."""

    model: str = Field("", description=f"{_MODEL}; empty takes the one that came with the set-up.")


class PretrainedMediaConfig(TunedConfig):
    """Settings of a pretrained teacher of pictures or of sounds."""

    model: str = Field("", description=f"{_MODEL}; none comes with the set-up.")


class PretrainedEncoder(Teacher):
    """Normalised vectors of a transformer, mean over its tokens, and what a probe on them answers."""

    modality: Modality | None

    def __init__(
        self,
        model: str = "",
        online: bool = False,
        mode: str = "probe",
        tuned_layers: int = 2,
        tuned_epochs: int = 3,
        tuned_rate: float = 1e-4,
    ) -> None:
        self.source = self._default() if not model else door.Source(model, online)
        self.kind = self.source.name
        self.plan = Plan(tuned_layers, tuned_epochs, tuned_rate) if mode == "fine-tune" else None
        self.parameters = 0
        self._loaded: Encoder | None = None
        if self.source.fetched:  # what the hub holds today is what reads, so it comes before its name is taken
            self.encoder(torch.device("cpu"))
        self.fingerprint = self.source.fingerprint(self._read_kind())

    def teach(self, room: Classroom, fold: FoldRows) -> Lessons:
        """Return what the teacher answers for every version of every case, and its own vectors to be matched.

        A fine-tuned teacher is another one in each fold, so what is matched are always the vectors of the one as it came.
        """
        readings = self._readings(room)
        vectors_NVD, known_N = self._vectors(room, readings)
        if self.plan is None:
            answers_NVC = self._probed(room, fold, vectors_NVD, known_N)
        else:
            answers_NVC = tuned_answers(self, readings, vectors_NVD, room, fold)
        versions = max(map(len, room.texts), default=1)
        answers_NVC, vectors_NVD = _repeated(answers_NVC, versions), _repeated(vectors_NVD, versions)
        known_NV = known_N[:, None].expand(-1, versions)
        lessons = Lessons(self._registered(), self.modality, answers_NVC, known_NV, vectors_NVD)
        seen = self._looked(room, readings)
        if seen is None:
            return lessons
        maps_NVP, mapped_NV = _repeated(seen.maps_NP[:, None], versions), seen.mapped_N[:, None].expand(-1, versions)
        return dataclasses.replace(lessons, maps_NVP=maps_NVP, mapped_NV=mapped_NV)

    def _probed(self, room: Classroom, fold: FoldRows, vectors_NVD: Tensor, known_N: Tensor) -> Tensor:
        """Return what the probe answers; kept under all that it depends on, how it is made included: a better one must not find worse answers."""
        learn = fold.learn[known_N.numpy()[fold.learn]]
        parts = inner_folds(learn, room.groups, room.labels_N, room.seed)
        tell_of_untaught(room, fold, self.kind, learn, parts)
        key = content_key(
            "probe", PROCEDURE, self.fingerprint, vectors_NVD, known_N, room.labels_N.tolist(), room.num_labels,
            learn.tolist(), [part.tolist() for part in parts],
        )  # fmt: skip
        kept = room.cache.get(key, lambda: {"answers_NVC": crossed_answers(vectors_NVD, known_N, room, fold)})
        return kept["answers_NVC"]

    def _looked(self, room: Classroom, readings: Readings) -> Looked | None:
        """Return where it looked; None where nobody asks, or where it has no places."""
        return None

    def _places(self, room: Classroom) -> int:
        """Return how many numbers beside its vector are kept of an item."""
        return 0

    def ready(self, room: Classroom, rows: Sequence[int]) -> Ready | None:
        """Return the encoder with what is read of these cases, already through its processor."""
        readings = self._readings(room)
        names = [name for row in rows for name in readings[row][0]]
        if not names:
            return None
        here = torch.device("cpu")
        encoder = self.encoder(here)
        prepared = encoder.prepared([encoder.read(name, self._bytes(room, name)) for name in names])
        return Ready(lambda: encoder.passed(prepared), (encoder.model,))

    def embed(self, texts: Sequence[str]) -> Tensor:
        """Return one vector of length 1 a text; for teachers of texts."""
        return self.encoder(torch.device("cpu")).embed(texts)

    def encoder(self, device: torch.device) -> Encoder:
        """Return the encoder on a device, loading it where it is not there yet."""
        if self._loaded is None:
            processor, model = door.load(self.source, self._read_kind())
            self._loaded = ENCODERS[self._read_kind()](processor, model, device, self.source)
        self._loaded.move(device)
        return self._loaded

    def items(self, room: Classroom, names: Sequence[str]) -> list[Any]:
        """Return texts, pictures or sounds by name, as the encoder takes them."""
        encoder = self.encoder(room.device)
        return [encoder.read(name, self._bytes(room, name)) for name in names]

    def _bytes(self, room: Classroom, name: str) -> bytes:
        return b"" if self.modality == "text" else room.media.read(name)

    def _vectors(self, room: Classroom, readings: Readings) -> tuple[Tensor, Tensor]:
        """Return the vectors of all versions, zero where a case has nothing to read, and which cases have something."""
        flat = [name for versions in readings for names in versions for name in names]
        found_ID = self._shards(room).of(flat, room.progress) if flat else torch.zeros(0, 1)
        self.parameters = self._count(room)
        known_N = torch.tensor([any(versions) for versions in readings], dtype=torch.bool)
        found_ID = found_ID[:, : found_ID.shape[1] - self._places(room)] if flat else found_ID
        vectors_NVD = torch.zeros(len(readings), max(map(len, readings), default=1), found_ID.shape[1])
        at = 0
        for row, versions in enumerate(readings):
            for version, names in enumerate(versions):
                if names:
                    own_ID = found_ID[at : at + len(names)]
                    vectors_NVD[row, version] = own_ID[0] if len(names) == 1 else own_ID.mean(0)
                    at += len(names)
        return vectors_NVD, known_N

    def _shards(self, room: Classroom) -> Embeddings:
        def embed(names: Sequence[str]) -> Tensor:
            encoder = self.encoder(room.device)
            batches = [names[at : at + encoder.batch] for at in range(0, len(names), encoder.batch)]
            return torch.cat([self._embedded(encoder, self.items(room, batch), room).cpu() for batch in batches])

        def announce(items: int) -> None:
            size = size_on_disk(items, self.encoder(room.device).width() + self._places(room))
            room.log("lessons-size", {"teacher": self.kind, "items": items, "megabytes": round(size / 1e6, 1)})

        kind = f"{self.modality or 'text'}s" + ("-with-maps" if self._places(room) else "")
        reads = content_key(self.fingerprint, limits(self._read_kind()), self._places(room))
        return Embeddings(room.cache, reads, embed, kind=kind, announce=announce)

    def _embedded(self, encoder: Encoder, items: list[Any], room: Classroom) -> Tensor:
        """Return what is kept of each item."""
        return encoder.embed(items)

    def _count(self, room: Classroom) -> int:
        """Return the number of parameters of the part that reads; it is kept, so that a cached teacher need not be loaded."""
        return counted(room, self.fingerprint, self._read_kind(), lambda: self.encoder(room.device).model)

    def _read_kind(self) -> door.Kind:
        return self.modality or "text"

    def _registered(self) -> str:
        return f"pretrained-{self._read_kind()}"

    def _default(self) -> door.Source:
        raise UserError("teacher-unnamed", name=self._registered())

    @abc.abstractmethod
    def _readings(self, room: Classroom) -> Readings:
        """Return what is read of each case."""


@teachers.register(
    "pretrained-text",
    PretrainedTextConfig,
    "A pretrained language model reads the texts.",
    "由预训练语言模型阅读文本。",
)
class PretrainedText(PretrainedEncoder):
    """Reads all texts of a case, in every version."""

    modality: Modality | None = "text"

    def _default(self) -> door.Source:
        return door.default_source()

    def _readings(self, room: Classroom) -> Readings:
        return [[(text,) for text in views] if views[0] else [()] * len(views) for views in room.texts]


class PretrainedMedia(PretrainedEncoder):
    """Reads the pictures (or the sounds) of a case as they are; several give the mean of their vectors."""

    def _readings(self, room: Classroom) -> Readings:
        named = room.media.names.get(self._modality(), ())
        return [[names] for names in named] or [[()]] * len(room.texts)

    def _looked(self, room: Classroom, readings: Readings) -> Looked | None:
        flat = [name for versions in readings for names in versions for name in names]
        if not room.maps or not flat:
            return None
        found_IX = self._shards(room).of(flat, room.progress)[:, -self._places(room) :]
        counts = [sum(map(len, versions)) for versions in readings]
        return looked(room, torch.split(found_IX, counts), self._modality())

    def _places(self, room: Classroom) -> int:
        return PLACES[self._modality()] + 1 if room.maps else 0

    def _embedded(self, encoder: Encoder, items: list[Any], room: Classroom) -> Tensor:
        if not room.maps or not isinstance(encoder, PlacedEncoder):
            return encoder.embed(items)
        return with_maps(encoder, items, [encoder.seconds(item) for item in items], self._modality())

    def _modality(self) -> Modality:
        return self._read_kind()  # type: ignore[return-value]  # a language model is no encoder


@teachers.register(
    "pretrained-image",
    PretrainedMediaConfig,
    "A pretrained vision model sees the pictures.",
    "由预训练视觉模型观看图像。",
)
class PretrainedImage(PretrainedMedia):
    """ViT and its kin."""

    modality: Modality | None = "image"


@teachers.register(
    "pretrained-audio",
    PretrainedMediaConfig,
    "A pretrained speech or sound model hears the recordings.",
    "由预训练语音或声音模型聆听录音。",
)
class PretrainedAudio(PretrainedMedia):
    """wav2vec 2.0, HuBERT, the encoder of Whisper, and their kin."""

    modality: Modality | None = "audio"


def _repeated(values_NVX: Tensor, versions: int) -> Tensor:
    """Return the same values for every version where there is only one: versions differ in their texts alone."""
    return values_NVX.expand(-1, versions, -1) if values_NVX.shape[1] == 1 else values_NVX
