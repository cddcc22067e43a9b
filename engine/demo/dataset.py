"""Synthetic cases as the project holds them: blobs, and a `Case` that says they are synthetic."""

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from engine.demo.generator import Generated, GeneratedCase, generate
from engine.demo.sound import RATE
from engine.ingest.decode.audio import write_wav
from engine.ingest.decode.image import encode_png
from engine.ingest.decode.text import count_words
from engine.schema.base import Modality
from engine.schema.case import Case, Dataset, Part, PartFacts, Split
from engine.store.blobs import Blobs

_MEDIA: dict[Modality, str] = {"text": "text/plain", "image": "image/png", "audio": "audio/wav"}


@dataclasses.dataclass(frozen=True)
class Encoded:
    """One part as the file it would be: our own decoded form, so nothing needs decoding."""

    modality: Modality
    data: bytes
    facts: PartFacts


def encode(case: GeneratedCase) -> Iterator[Encoded]:
    """Yield the parts of a case as UTF-8, PNG and WAV."""
    return encode_parts(case.text, case.picture, case.sound)


def encode_parts(
    text: str | None, picture: NDArray[np.uint8] | None, sound: NDArray[np.int16] | None
) -> Iterator[Encoded]:
    """Yield what there is of a text, a picture and a sound as files."""
    if text is not None:
        facts = PartFacts(characters=len(text), words=count_words(text), encoding="utf-8")
        yield Encoded("text", text.encode(), facts)
    if picture is not None:
        height, width = picture.shape[:2]
        facts = PartFacts(width=width, height=height, channels=1 if picture.ndim == 2 else 3)
        yield Encoded("image", encode_png(picture), facts)
    if sound is not None:
        facts = PartFacts(seconds=round(len(sound) / RATE, 4), sample_rate=RATE, channels=1)
        yield Encoded("audio", write_wav(sound.astype(np.float32) / np.float32(32768), RATE), facts)


def keep_cases(
    domain: Generated, split: Split, count: int, seed: int, blobs: Blobs, dataset: str, created_at: datetime
) -> Iterator[Case]:
    """Generate cases, put their parts into the blobs and yield them one by one."""
    for generated in generate(domain, split, count, seed):
        yield keep_case(generated, blobs, dataset, created_at)


def keep_case(generated: GeneratedCase, blobs: Blobs, dataset: str, created_at: datetime) -> Case:
    """Put the parts of one case into the blobs and return it as the project holds it."""
    domain = generated.domain
    case_id = f"{dataset}-{generated.split}-{generated.index:05d}"
    return Case(
        case_id=case_id,
        title=f"{domain.title.en} {generated.split} {generated.index + 1}",
        dataset=dataset,
        group=generated.group,
        split=generated.split,
        label=generated.label,
        source="demo",
        synthetic=True,
        parts=tuple(_keep(part, case_id, generated, blobs) for part in encode(generated)),
        created_at=created_at,
    )


def _keep(part: Encoded, case_id: str, generated: GeneratedCase, blobs: Blobs) -> Part:
    sha256 = blobs.put(part.data)
    return Part(
        part_id=f"{case_id}-{part.modality}",
        modality=part.modality,
        original=sha256,
        decoded=sha256,
        name=generated.domain.files[part.modality],
        media_type=_MEDIA[part.modality],
        size=len(part.data),
        facts=part.facts,
        findings=None if part.modality == "text" else generated.labelled(part.modality),
    )


def describe(domain: Generated, cases: Iterable[Case], dataset: str, created_at: datetime) -> Dataset:
    """Return the data set that these cases make."""
    counts: dict[str, int] = {}
    patterns: dict[str, int] = {}
    groups = set()
    for case in cases:
        counts[case.split] = counts.get(case.split, 0) + 1
        patterns[case.pattern()] = patterns.get(case.pattern(), 0) + 1
        if case.split == "train":
            groups.add(case.group)
    return Dataset(
        dataset=dataset,
        title=f"{domain.title.en} · {domain.title.zh}",
        labels=domain.world.labels,
        synthetic=True,
        licence="CC0-1.0",
        created_at=created_at,
        counts=counts,
        patterns=patterns,
        groups=len(groups),
    )
