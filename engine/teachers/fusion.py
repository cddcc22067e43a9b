"""The dense multimodal teacher that the app trains itself: one expert that sees every token, wider than the student.

It may read with pretrained encoders that it keeps inside; the student then learns from what they know without carrying them.

Shapes: N training cases, M modalities, C labels, S = 2^M subsets of the modalities as a bit mask, P = M x M pairs of modalities,
D width of the joined vector.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, model_validator
from torch import Tensor, nn

from engine.model.encoders.pretrained import PretrainedEncoder, kept_inside
from engine.model.student import Outcome, Student, count_parameters
from engine.preprocess.batch import Batch
from engine.schema.base import MODALITIES, Modality
from engine.schema.config import Choice, Setting, StudentConfig
from engine.teachers.base import Classroom, Course, FoldRows, Ready, Teacher, TeacherConfig, teachers
from engine.teachers.lessons import Lessons, content_key
from engine.teachers.probe import fit_temperature, log_chances, log_odds

_HEADS = 4
"""Attention heads of its blocks."""
Reads = Literal["as-student", "pretrained"]
_LEAST = 1e-8
"""Smallest mean probability: its logarithm is taken."""
_LOSS = {"distil": 1.0, "temperature": 2.0, "hidden": 2.0, "auxiliary": 0.3}
_OPTIM = {"modality_dropout": 0.15}
"""Its own recipe: what it learns from the teachers before it, and how. Its student's settings do not reach it."""


class FusionTeacherConfig(TeacherConfig):
    """Settings of the dense multimodal teacher."""

    width: int = Field(96, ge=16, le=1024, multiple_of=8, description="Width of every token of the teacher.")
    hidden: int = Field(192, ge=8, le=8192, description="Hidden width of its dense layers.")
    layers: int = Field(2, ge=1, le=12, description="Layers of the teacher, however many the student has.")
    epochs: int = Field(12, ge=1, le=1000, description="Passes over the training cases.")
    members: int = Field(
        1, ge=1, le=16, description="Models that are trained apart and answer together, by their mean probability."
    )
    calibrate: bool = Field(
        False, description="Whether its answers are calibrated, by those to cases that the other folds left out."
    )
    states: bool = Field(
        False,
        description="Whether its joined vector is a lesson, too: what `loss.hidden` and the relations are to match.",
    )
    learning_rate: float = Field(2e-3, gt=0, le=1, description="Its peak learning rate.")
    dropout: float = Field(0.1, ge=0, lt=1, description="Dropout in its trunk and head.")

    @model_validator(mode="after")
    def _means_something(self) -> Self:
        """Refuse an encoder that is named and kept for nothing."""
        for modality in MODALITIES:
            if getattr(self, f"{modality}_model") and getattr(self, modality) != "pretrained":
                raise ValueError(f"{modality}_model names an encoder, but {modality} is not `pretrained`")
        if self.tuned_layers and not any(getattr(self, modality) == "pretrained" for modality in MODALITIES):
            raise ValueError("tuned_layers are those of an encoder kept inside, and there is none")
        return self

    text: Reads = Field("as-student", description="What reads its texts; a pretrained encoder is kept inside it.")
    image: Reads = Field("as-student", description="What sees its pictures; a pretrained encoder is kept inside it.")
    audio: Reads = Field("as-student", description="What hears its sounds; a pretrained encoder is kept inside it.")
    text_model: str = Field("", description="Folder or hub id of its text encoder; empty: the one that came along.")
    image_model: str = Field("", description="Folder or hub id of its picture encoder; none comes along.")
    audio_model: str = Field("", description="Folder or hub id of its sound encoder; none comes along.")
    online: bool = Field(
        False, description="Whether they may be fetched from the hub; otherwise they must lie on this computer."
    )
    tuned_layers: int = Field(
        0,
        ge=0,
        le=48,
        description="Last layers of these encoders that are learned further; at 0 they stay as they came.",
    )


@teachers.register(
    "fusion",
    FusionTeacherConfig,
    "A dense model of all modalities, trained first.",
    "先训练一个处理所有模态的稠密模型。",
)
class FusionTeacher(Teacher):
    """Trained anew for each fold; answers for every subset of a case's modalities."""

    modality: Modality | None = None

    def __init__(self, width: int = 96, hidden: int = 192, **others: Setting) -> None:
        """Take the settings of `FusionTeacherConfig`, but for the weight that others give it."""
        self.kind, self._set = "dense", FusionTeacherConfig.model_validate({"width": width, "hidden": hidden, **others})
        self._course = Course(self._set.epochs, _LOSS, {**_OPTIM, "learning_rate": self._set.learning_rate})
        self._encoders = _choices(self._set.model_dump())
        self.parameters = self._shared = 0

    def shape(self, student: StudentConfig) -> StudentConfig:
        """Return the teacher as a student with a single expert: nothing is routed, everything is dense."""
        dense: dict[str, object] = {
            "size": "own",
            "experts": 1,
            "shared": 0,
            "bypass": 0.0,
            "heads": _HEADS,
            "head": "joint",
            "dropout": self._set.dropout,
            "width": self._set.width,
            "hidden": self._set.hidden,
            "layers": self._set.layers,
            "fusion": Choice(name="concat"),
        }
        router = Choice(name="token-choice", settings={"experts_per_token": 1})
        return student.model_copy(update={**dense, **self._encoders, "router": router})

    def teach(self, room: Classroom, fold: FoldRows) -> Lessons:
        """Return the answers of a model that never saw the fold's held-out rows."""
        found = [
            self._kept(room, fold, member) or self._trained(room, fold, member) for member in range(self._set.members)
        ]
        self.parameters += (self._set.members - 1) * (self.parameters - self._shared)
        kept = found[0] if len(found) == 1 else _together(found, room.several)
        answers_NSC = kept["answers_NSC"]
        known_NS, maps_NSP = kept["known_NS"], kept.get("maps_NSP")
        return Lessons(
            "fusion",
            None,
            answers_NSC,
            known_NS,
            kept.get("states_NSD"),
            maps_NVP=maps_NSP,
            mapped_NV=known_NS if maps_NSP is not None else None,
        )

    def size_on_disk(self, cases: int, labels: int) -> int:
        """Return the bytes that a fold's lessons take, all members together."""
        scores = len(MODALITIES) ** 2
        numbers = labels + scores + (self._set.width if self._set.states else 0)
        return self._set.members * cases * (1 << len(MODALITIES)) * (4 * numbers + 1)

    def calibrated(self, room: Classroom, folds: Sequence[FoldRows], lessons: Sequence[Lessons]) -> list[Lessons]:
        """Return what each fold's models say at the temperature that fits the other folds' models on the cases these left out.

        The cases that a fold leaves out so have no part in its temperature, and none has to be kept from learning.
        """
        if not self._set.calibrate or len(lessons) < 2:
            return list(lessons)
        subset_N = _whole(room)
        return [
            dataclasses.replace(
                one,
                answers_NVC=rescaled(
                    one.answers_NVC, _temperature(room, subset_N, _without(folds, lessons, place)), room.several
                ),
            )
            for place, one in enumerate(lessons)
        ]

    def ready(self, room: Classroom, rows: Sequence[int]) -> Ready | None:
        """Return models of the teacher's shape with their own encoders."""
        if room.desk is None:
            return None
        shape = self.shape(room.student)
        models = tuple(room.desk.build(shape).eval() for _ in range(self._set.members))
        batch = room.desk.batch(shape, rows)
        return Ready(lambda: _each(models, batch), models)

    def _kept(self, room: Classroom, fold: FoldRows, member: int) -> dict[str, Tensor] | None:
        """Return the answers of a model that was trained in just this way before, if there are any."""
        found = room.cache.find(self._note(room, fold, member)) if room.training_key is not None else None
        if found is None:
            return None
        self.parameters, self._shared = int(found["parameters"]), int(found["shared"])
        return room.cache.find(bytes(found["key_32"].tolist()).hex())

    def _trained(self, room: Classroom, fold: FoldRows, member: int) -> dict[str, Tensor]:
        """Train a member, and return its answers; what tells members apart is their luck, which goes by the stage's name."""
        if not member:
            cases = len(room.labels_N)
            megabytes = round(self.size_on_disk(cases, room.num_labels) / 1e6, 1)
            room.log("lessons-size", {"teacher": self.kind, "items": cases, "megabytes": megabytes})
        name = f"teacher-{fold.name.removeprefix('fold-')}" + (f"m{member + 1}" if member else "")
        model = room.train(self.shape(room.student), fold, name, self._course)
        self.parameters = count_parameters(model)[0]
        self._shared = sum(one.numel() for one in kept_inside(model) if isinstance(one, nn.Parameter))
        weights = [f"{name}={content_key(tensor)}" for name, tensor in sorted(model.state_dict().items())]
        key = content_key(
            "fusion-maps-several" if room.several else "fusion-maps",
            weights,
            len(room.labels_N),
            *self._also,
        )
        kept = room.cache.get(key, lambda: _answers(model, room, self.shape(room.student), self._set.states))
        if room.training_key is not None and not room.stopping():
            where = torch.tensor(list(bytes.fromhex(key)), dtype=torch.uint8)
            room.cache.keep(
                self._note(room, fold, member),
                {"key_32": where, "parameters": torch.tensor(self.parameters), "shared": torch.tensor(self._shared)},
            )
        return kept

    def _note(self, room: Classroom, fold: FoldRows, member: int) -> str:
        """Return the key of the note that says where the answers of such a model lie."""
        key = room.training_key(self.shape(room.student), fold, self._course) if room.training_key else ""
        return content_key("fusion-maps-trained", key, member, *self._also)

    @property
    def _also(self) -> tuple[str, ...]:
        """What is kept beside the usual, for the keys."""
        return ("states",) if self._set.states else ()


def _choices(encoders: Mapping[str, Setting]) -> dict[str, Choice]:
    """Return by kind of input the pretrained encoder that is kept inside for it, where the settings ask for one."""
    shared = {name: encoders[name] for name in ("online", "tuned_layers") if encoders.get(name)}
    return {
        modality: Choice(name="pretrained", settings={**_named(encoders.get(f"{modality}_model", "")), **shared})
        for modality in MODALITIES
        if encoders.get(modality) == "pretrained"
    }


def _named(model: Setting) -> dict[str, Setting]:
    return {"model": model} if model else {}


def _each(models: Sequence[Student], batch: Batch) -> list[Outcome]:
    """Return what each model says; what they share, encoders that stay as they came, reads once for all."""
    known = batch
    for modality, encoder in models[0].encoders.items():
        if isinstance(encoder, PretrainedEncoder) and not len(encoder.tuned) and len(models) > 1:
            items = getattr(batch, f"{modality}s")
            states_NLD, mask_NL = encoder.inside.states(items, encoder.map.weight.device)
            heard = {"heard_NL": mask_NL} if modality == "audio" else {}
            read = dataclasses.replace(items, states_NLD=states_NLD, **heard)
            known = dataclasses.replace(known, **{f"{modality}s": read})
    return [model(known) for model in models]


def _together(members: Sequence[Mapping[str, Tensor]], several: bool) -> dict[str, Tensor]:
    """Return the mean of what members say, as probabilities, and of where they looked (deep ensembles, arXiv:1612.01474)."""
    mean_NSC = torch.stack([one["answers_NSC"] for one in members]).exp().mean(0)
    answers_NSC = mean_NSC.clamp(min=_LEAST)
    if not several:
        answers_NSC = answers_NSC / answers_NSC.sum(-1, keepdim=True)
    found = {**members[0], "answers_NSC": answers_NSC.log()}
    if "states_NSD" in found:  # each has learned a space of its own: side by side, not their mean
        found["states_NSD"] = torch.cat([one["states_NSD"] for one in members], -1)
    if "maps_NSP" in found:
        found["maps_NSP"] = torch.stack([one["maps_NSP"] for one in members]).mean(0)
    return found


_Left = Sequence[tuple[FoldRows, Lessons]]


def _without(folds: Sequence[FoldRows], lessons: Sequence[Lessons], place: int) -> _Left:
    return [pair for other, pair in enumerate(zip(folds, lessons, strict=True)) if other != place]


def _temperature(room: Classroom, subset_N: NDArray[np.int64], left: _Left) -> float:
    """Return the temperature of least NLL of answers to left-out rows, each with all that it has."""
    logits, truth = [], []
    for fold, lessons in left:
        known_H = lessons.known_NV.numpy()[fold.held, subset_N[fold.held]]
        rows_H = fold.held[known_H]
        answers_NSC = log_odds(lessons.answers_NVC) if room.several else lessons.answers_NVC
        logits.append(answers_NSC.double().numpy()[rows_H, subset_N[rows_H]])
        truth.append(room.labels_N[rows_H])
    labels_H = np.concatenate(truth)
    return fit_temperature(np.concatenate(logits), labels_H) if len(labels_H) else 1.0


def rescaled(answers_NSC: Tensor, temperature: float, several: bool) -> Tensor:
    """Return softmax(z / T) as logarithms; where a case may have several labels sigmoid(z / T), z the log-odds of each label."""
    if several:
        return log_chances(log_odds(answers_NSC).float() / temperature, several)
    return (answers_NSC / temperature).log_softmax(-1)


def _whole(room: Classroom) -> NDArray[np.int64]:
    """Return the subset that holds everything a case has."""
    bits_M = torch.tensor([1 << m for m in range(len(MODALITIES))])
    return np.concatenate([(batch.present_BM.cpu() * bits_M).sum(1).numpy() for batch in room.batches(room.student)])


@torch.inference_mode()
def _answers(model: Student, room: Classroom, shape: StudentConfig, states: bool) -> dict[str, Tensor]:
    """Return log-probabilities, and the scores between modalities, for every subset of the modalities that a case has.

    With `states` the joined vectors as well, (N, S, D).
    """
    model.eval().to(room.device)
    answers, known, maps, joined = [], [], [], []
    for done, batch in enumerate(room.batches(shape)):
        room.progress(min(len(room.labels_N), done * batch.size), len(room.labels_N))
        by_subset = [_answer_subset(model, batch.to(room.device), subset) for subset in range(1 << len(MODALITIES))]
        answers.append(torch.stack([outcome.logits_BC for outcome, _ in by_subset], 1).cpu())
        known.append(torch.stack([there for _, there in by_subset], 1).cpu())
        joined += [torch.stack([outcome.fused_BD for outcome, _ in by_subset], 1).cpu()] if states else []
        looked = [outcome.maps.scores_BMM for outcome, _ in by_subset if outcome.maps is not None]
        maps += [torch.stack([one.flatten(1) for one in looked if one is not None], 1).cpu()] if model.blocks else []
    answers_NSC = log_chances(torch.cat(answers).float(), room.several)
    found = {"answers_NSC": answers_NSC, "known_NS": torch.cat(known)}
    if joined:
        found["states_NSD"] = torch.cat(joined).float()
    return found | {"maps_NSP": torch.cat(maps)} if maps else found


def _answer_subset(model: Student, batch: Batch, subset: int) -> tuple[Outcome, Tensor]:
    """Return what the model says with only the modalities of `subset`, and which cases have exactly these left."""
    wanted_M = torch.tensor([bool(subset >> m & 1) for m in range(len(MODALITIES))], device=batch.present_BM.device)
    shown = batch.hide(~wanted_M.expand_as(batch.present_BM))
    there_B = (shown.present_BM == wanted_M).all(1) & (subset > 0)
    return model(shown, None, True), there_B
