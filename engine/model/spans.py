"""Which piece of which part each token of an outcome stands for."""

import math
from collections import Counter
from collections.abc import Sequence

from engine.model.encoders.audio import frames_per_token
from engine.model.encoders.image import grid_side
from engine.model.student import Outcome
from engine.preprocess.audio import FRAMES_PER_SECOND
from engine.preprocess.preparation import Preparation, PreparedAudio, PreparedCase, PreparedImage, PreparedText
from engine.schema.prediction import TokenSpan


def token_spans(outcome: Outcome, cases: Sequence[PreparedCase], preparation: Preparation) -> tuple[TokenSpan, ...]:
    """Return a span a token, in the order of the outcome; `cases` are those the batch was collated from, none hidden."""
    texts = [text for case in cases for text in case.texts]
    images = [image for case in cases for image in case.images]
    audios = [audio for case in cases for audio in case.audios]
    layout = outcome.layout
    # An encoder kept inside cuts pictures and sounds in its own way: how many tokens it made of them says how.
    tokens = Counter(zip(layout.modality_T.tolist(), layout.item_T.tolist(), strict=True))
    kept = {told.modality for told in preparation.inside}
    spans = []
    for m, item, place in zip(*(x.tolist() for x in (layout.modality_T, layout.item_T, layout.place_T)), strict=True):
        if m == 0:
            spans.append(_text_span(texts[item], place))
        elif m == 1:
            side = math.isqrt(tokens[m, item] - 1) if "image" in kept else grid_side(preparation.image_size)
            spans.append(_image_span(images[item], place, side))
        else:
            length = audios[item].mel_FT.shape[1]
            own = length / max(1, tokens[m, item] - 1)
            frames = own if "audio" in kept else frames_per_token(preparation.audio_frames)
            spans.append(_audio_span(audios[item], place, frames))
    return tuple(spans)


def _text_span(text: PreparedText, place: int) -> TokenSpan:
    start, stop = text.spans_L2[place].tolist()
    return TokenSpan(modality="text", part_id=text.part_id, start=start, stop=stop)


def _image_span(image: PreparedImage, place: int, side: int) -> TokenSpan:
    if place == 0:  # the token of the whole picture
        return TokenSpan(modality="image", part_id=image.part_id, box=(0.0, 0.0, 1.0, 1.0))
    row, column = divmod(place - 1, side)
    box = (column / side, row / side, (column + 1) / side, (row + 1) / side)
    return TokenSpan(modality="image", part_id=image.part_id, box=box)


def _audio_span(audio: PreparedAudio, place: int, frames: float) -> TokenSpan:
    length = audio.mel_FT.shape[1]
    # Place 0 is the token of the whole sound.
    first, last = ((place - 1) * frames, min(place * frames, length)) if place else (0, length)
    start, stop = (audio.start + frame / FRAMES_PER_SECOND for frame in (first, last))
    return TokenSpan(modality="audio", part_id=audio.part_id, start=start, stop=stop)
