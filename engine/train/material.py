"""The training cases of a run, ready to be learned from: prepared once, with several versions of each text.

Shapes: N training cases, V versions of a text.
"""

import dataclasses
import functools
from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.model.encoders.choices import open_inside
from engine.preprocess.batch import Batch, collate
from engine.preprocess.preparation import Preparation, PreparedCase, PreparedText
from engine.preprocess.truth import truth_of
from engine.schema.base import MODALITIES, Answering, Modality
from engine.schema.case import Case, Label
from engine.schema.config import StudentConfig
from engine.schema.errors import EngineFault, UserError
from engine.store.blobs import Blobs
from engine.store.reading import in_order
from engine.teachers.lessons import content_key
from engine.teachers.views import text_views

VIEWS = 9
"""Versions of each text: as it is, and eight with words left out."""


MEDIA: tuple[Modality, ...] = ("image", "audio")
Progress = Callable[[int, int], None]


def _nothing_kept(name: str) -> bytes:
    """Say that these cases were made without their files."""
    raise EngineFault("internal", detail=f"nothing was kept under {name[:12]}")


@dataclasses.dataclass(frozen=True)
class Material:
    """Prepared cases with their labels, `labels_N` (N, C) marks where a case may have several. `texts` are what a text teacher reads: all texts of a case, by version."""

    case_ids: tuple[str, ...]
    titles: tuple[str, ...]
    views: tuple[tuple[PreparedCase, ...], ...]
    texts: tuple[tuple[str, ...], ...]
    labels_N: NDArray[np.int64]
    groups: tuple[str, ...]
    preparation: Preparation
    labels: tuple[Label, ...]
    media: Mapping[Modality, tuple[tuple[str, ...], ...]] = dataclasses.field(default_factory=dict)
    """By modality the decoded pictures or sounds of each case, for teachers that read them whole."""
    read: Callable[[str], bytes] = _nothing_kept
    prepared_by: "Callable[[Preparation, Collection[Modality], Progress], Material] | None" = None
    """Prepares some modalities of the same cases, in the same rows, in another way."""

    @property
    def size(self) -> int:
        """N."""
        return len(self.views)

    @functools.cached_property
    def fingerprint(self) -> str:
        """A hash of everything a model is trained on: what the cases say and show, their answers, how they are read."""
        media = {modality: list(names) for modality, names in self.media.items()}
        facts = [list(self.case_ids), list(self.groups), self.labels_N.tolist(), [label.name for label in self.labels]]
        return content_key(
            "material", *facts, [list(views) for views in self.texts], media, self.preparation.model_dump_json()
        )

    def read_by(self, shape: StudentConfig, anew: Collection[Modality], progress: Progress) -> "Material":
        """Return the same cases, in the same rows, as the encoders of another shape read them; raises what `load_inside` does.

        Only the modalities that are to be read `anew` are; of the others nothing is held twice.
        """
        if self.prepared_by is None:
            raise EngineFault("internal", detail="these cases cannot be read in another way")
        same = [modality for modality in MODALITIES if modality not in anew]
        other = self.prepared_by(open_inside(self.preparation, shape, same), anew, progress)
        views = tuple(
            tuple(_joined(own, read, same) for own, read in zip(row, others, strict=True))
            for row, others in zip(self.views, other.views, strict=True)
        )
        return dataclasses.replace(other, labels=self.labels, views=views)

    def without_knowledge(self) -> "Material":
        """Return the same cases for models that shall not hear a knowledge file: they are built without a place for it."""
        plain = self.preparation.model_copy(update={"knowledge": None})
        return self if self.preparation.knowledge is None else dataclasses.replace(self, preparation=plain)

    def patterns(self) -> list[str]:
        """Return the modality pattern of each case."""
        return [views[0].pattern() for views in self.views]

    def batch(self, rows: Sequence[int] | NDArray[np.int64], view_B: Sequence[int] | None = None) -> Batch:
        """Return cases by row, each in the version asked for, or as it is."""
        chosen = view_B if view_B is not None else [0] * len(rows)
        cases = [self.views[row][view] for row, view in zip(rows, chosen, strict=True)]
        return collate(cases, self.preparation, self.labels_N[list(rows)].tolist(), [int(row) for row in rows])

    def fresh(self, rows: Sequence[int]) -> Batch:
        """Return cases as if nothing of them were known before, for measuring what an answer costs."""
        return collate([self.preparation.fresh(self.views[row][0]) for row in rows], self.preparation)


def _joined(own: PreparedCase, read: PreparedCase, same: Collection[Modality]) -> PreparedCase:
    """Return a case as it was read anew, with its own parts of the modalities that are the same."""
    return dataclasses.replace(read, **{f"{modality}s": getattr(own, f"{modality}s") for modality in same})


def training_cases(cases: Sequence[Case], labels: Sequence[Label], answers: Answering = "one") -> list[Case]:
    """Return the cases a run may learn from: of the training split (or of no split at all), with a known answer and an input.

    Everything else, validation and test rows above all, ends here.
    """
    names = {label.name for label in labels}
    return [
        case for case in cases if case.split in ("train", "") and case.has_answer(names, answers) and case.readable()
    ]


def prepare_material(
    cases: Sequence[Case],
    labels: Sequence[Label],
    blobs: Blobs,
    preparation: Preparation,
    seed: int,
    progress: Progress,
    answers: Answering = "one",
    only: Collection[Modality] = (),
) -> Material:
    """Read and prepare all cases; those in which nothing can be read are left out.

    Where `only` some modalities are wanted, every case has its row, also one that has nothing of them.
    """
    feed = any(told.tuned for told in preparation.inside)  # of those that stay as they came only the states are needed

    def read(case: Case) -> tuple[PreparedCase, list[tuple[str, ...]]]:
        parts = [part for part in case.parts if not only or part.modality in only]
        prepared = preparation.prepare(parts, blobs, feed)
        return prepared, _versions(case, blobs, seed) if prepared.texts else [("",) * VIEWS]

    views, texts, kept = [], [], []
    for done, (case, (prepared, versions)) in enumerate(zip(cases, in_order(read, cases), strict=True)):
        progress(done, len(cases))
        if only or any(prepared.present()):
            views.append(_with_versions(prepared, versions, preparation))
            texts.append(tuple("\n".join(parts) for parts in zip(*versions, strict=True)))
            kept.append(case)

    def prepared_by(other: Preparation, anew: Collection[Modality], told: Progress) -> Material:
        return prepare_material(kept, labels, blobs, other, seed, told, answers, anew)

    return Material(
        case_ids=tuple(case.case_id for case in kept),
        titles=tuple(case.title for case in kept),
        views=tuple(views),
        texts=tuple(texts),
        labels_N=truth_of(kept, [label.name for label in labels], answers),
        groups=tuple(case.group for case in kept),
        preparation=preparation,
        labels=tuple(labels),
        media={modality: tuple(_decoded(case, modality) for case in kept) for modality in MEDIA},
        read=blobs.read,
        prepared_by=prepared_by,
    )


def fit_preparation(cases: Sequence[Case], blobs: Blobs, config: StudentConfig) -> Preparation:
    """Return settings and statistics of the training cases; raises `too-few-cases` where there are none."""
    if not cases:
        raise UserError("no-training-data")
    return open_inside(Preparation.fit(cases, blobs, config), config)


def _decoded(case: Case, modality: Modality) -> tuple[str, ...]:
    return tuple(part.decoded for part in case.readable() if part.modality == modality and part.decoded is not None)


def _versions(case: Case, blobs: Blobs, seed: int) -> list[tuple[str, ...]]:
    """Return the versions of each text of a case that holds a word."""
    found = [
        blobs.read(part.decoded).decode("utf-8")
        for part in case.readable()
        if part.modality == "text" and part.decoded is not None
    ]
    return text_views([text for text in found if text.strip()], VIEWS, seed) or [("",) * VIEWS]


def _with_versions(
    prepared: PreparedCase, versions: Sequence[tuple[str, ...]], preparation: Preparation
) -> tuple[PreparedCase, ...]:
    """Return the case once for each version of its texts; pictures and sounds are shared, not copied."""
    if not prepared.texts:
        return (prepared,) * VIEWS
    others = []
    for version in list(zip(*versions, strict=True))[1:]:
        texts = tuple(_tokens(text, preparation) for text in version)
        if preparation.knowledge is not None:
            texts = _told_as(prepared.texts, texts)
        others.append(dataclasses.replace(prepared, texts=texts) if all(len(t.ids_L) for t in texts) else prepared)
    return (prepared, *others)


def _told_as(whole: Sequence[PreparedText], texts: Sequence[PreparedText]) -> tuple[PreparedText, ...]:
    """Return texts with words left out that still tell what the whole ones tell: without its "no", a text would tell the opposite."""
    told = [text.told_K for text in whole if text.told_K is not None]
    most_K = np.max(told, axis=0) if told else None
    found = told if len(told) == len(texts) else [most_K] * len(texts)
    return tuple(dataclasses.replace(text, told_K=told_K) for text, told_K in zip(texts, found, strict=True))


def _tokens(text: str, preparation: Preparation) -> PreparedText:
    """Return a version's tokens; its spans are never shown, so they are left empty."""
    ids_L, _ = preparation.tokens(text)
    return PreparedText("", ids_L, np.zeros((len(ids_L), 2), dtype=np.int32))
