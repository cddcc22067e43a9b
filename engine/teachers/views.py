"""Several versions of a text, each with other words left out: more lessons from a teacher than there are texts.

Version 0 is the text itself. A pure function of text, seed and number, so lessons can be kept and found again.
"""

from collections.abc import Sequence

import numpy as np

from engine.device import derived_seed
from engine.preprocess.text import words

_SHARES = (0.0, 0.1, 0.2, 0.4)
"""Shares of the words that a version leaves out; which one it is, is drawn for each version."""


def thinned(text: str, random: np.random.Generator) -> str:
    """Return the text without a random share of its words; at least one word stays."""
    places = list(words(text))
    if len(places) < 2:
        return text
    kept = random.random(len(places)) >= random.choice(_SHARES)
    if not kept.any():
        kept[random.integers(len(places))] = True
    pieces, at = [], 0
    for keep, (_, start, stop) in zip(kept, places, strict=True):
        pieces += [text[at:start], text[start:stop] if keep else ""]
        at = stop
    return " ".join("".join([*pieces, text[at:]]).split())


def text_views(texts: Sequence[str], count: int, seed: int) -> list[tuple[str, ...]]:
    """Return `count` versions of each text, the first as it is."""
    return [_views(text, count, seed) for text in texts]


def _views(text: str, count: int, seed: int) -> tuple[str, ...]:
    random = np.random.default_rng(derived_seed(seed, "views", text))
    return (text, *(thinned(text, random) for _ in range(count - 1)))
