"""What of a case's inputs was left unread, because a model reads no more of a text or a sound than it was built for."""

from collections.abc import Iterator

from engine.preprocess.audio import FRAMES_PER_SECOND
from engine.preprocess.preparation import PreparedCase
from engine.schema.prediction import Partly

_HEARD = 0.9
"""Share of a recording from which it counts as heard: the rest is how a recording begins and ends."""


def read_partly(case: PreparedCase) -> tuple[Partly, ...]:
    """Return the inputs of which words or seconds were left out, in their order."""
    return (*_texts(case), *_sounds(case))


def _texts(case: PreparedCase) -> Iterator[Partly]:
    for text in case.texts:
        end = int(text.spans_L2[-1, 1]) if len(text.spans_L2) else 0
        if end < text.length:
            yield Partly(part_id=text.part_id, modality="text", read=end, whole=text.length)


def _sounds(case: PreparedCase) -> Iterator[Partly]:
    for sound in case.audios:
        heard = sound.mel_FT.shape[1]
        if heard < _HEARD * sound.frames:
            read, whole = heard / FRAMES_PER_SECOND, sound.frames / FRAMES_PER_SECOND
            yield Partly(part_id=sound.part_id, modality="audio", read=read, whole=whole)
