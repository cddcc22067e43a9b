"""How familiar a text is: how surprising its words and letter groups are after the training texts.

A table counts in how many training texts each hashed word and letter group occurs; fold by fold it can be made without
some of the texts, so that a training text is never measured against itself.
"""

import dataclasses
from collections.abc import Iterable

import numpy as np

from engine.predict.inputs import BUCKETS, Facts, Hashes, TextFacts

_UNSEEN = 0.5
"""What an unseen word counts for, in texts."""
_RARE = 2
"""A word in fewer training texts than this counts as unseen: a single text may hold a slip."""
_SLIGHT = 4.0
"""Words of a made-up average text that every mean is drawn to, so that a note of two words is not judged on one."""


@dataclasses.dataclass(frozen=True)
class Familiarity:
    """Document counts of words and letter groups over `texts` training texts, and their usual mean surprise."""

    words_V: Hashes
    groups_V: Hashes
    texts: int
    usual: tuple[float, float, float, float]

    def facts(self, text: TextFacts) -> Facts:
        """Return a text's facts: surprise and unseen share of its words and its letter groups, and its surface."""
        words = _surprise(self.words_V, self.texts, text.words, self.usual[:2])
        groups = _surprise(self.groups_V, self.texts, text.groups, self.usual[2:])
        return np.concatenate([words, groups, text.surface]).astype(np.float32)


def learn(texts: Iterable[TextFacts]) -> Familiarity:
    """Count the training texts; the usual surprise is measured with each text left out of the counts."""
    listed = list(texts)
    words_V, groups_V = np.zeros(BUCKETS, np.int64), np.zeros(BUCKETS, np.int64)
    for text in listed:
        words_V[np.unique(text.words)] += 1
        groups_V[np.unique(text.groups)] += 1
    return Familiarity(words_V, groups_V, len(listed), _usual(words_V, groups_V, listed))


def _usual(words_V: Hashes, groups_V: Hashes, texts: list[TextFacts]) -> tuple[float, float, float, float]:
    """Return the mean surprise and unseen share over all training texts, each without itself."""
    n = len(texts)
    measured = [
        (*_means(words_V, n, text.words, itself=1), *_means(groups_V, n, text.groups, itself=1))
        for text in texts
        if len(text.words) and len(text.groups)
    ]
    if not measured:
        return (0.0, 0.0, 0.0, 0.0)
    one, two, three, four = (float(value) for value in np.asarray(measured).mean(axis=0))
    return one, two, three, four


def _surprise(counts_V: Hashes, texts: int, keys: Hashes, usual: tuple[float, ...]) -> Facts:
    """Return mean surprise and unseen share of `keys`, drawn to the usual ones where there are few of them."""
    weight = len(keys) / (len(keys) + _SLIGHT)
    own = _means(counts_V, texts, keys) if len(keys) else usual
    mean, unseen = (weight * mine + (1.0 - weight) * theirs for mine, theirs in zip(own, usual, strict=True))
    return np.asarray([mean, unseen], dtype=np.float32)


def _means(counts_V: Hashes, texts: int, keys: Hashes, itself: int = 0) -> tuple[float, float]:
    """Return the mean of -log p, scaled so that an unseen key is near 1, and the share of keys that are unseen."""
    seen = counts_V[keys] - itself
    rate = (seen + _UNSEEN) / (texts + 1.0)
    scale = np.log((texts + 1.0) / _UNSEEN)
    return float(-np.log(rate).mean() / scale), float((seen < _RARE).mean())
