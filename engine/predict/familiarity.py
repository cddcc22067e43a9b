"""How familiar a text is: how surprising its words and letter groups are after the training texts.

A table counts in how many training texts each hashed word and letter group occurs; fold by fold it can be made without
some of the texts, so that a training text is never measured against itself.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Self

import numpy as np
import torch
from torch import Tensor

from engine.predict.inputs import BUCKETS, Facts, Hashes, TextFacts

_UNSEEN = 0.5
"""What an unseen word counts for, in texts."""
_RARE = 2
"""A word in fewer training texts than this counts as unseen: a single text may hold a slip."""
ALLOWED_SPREAD = (0.15, 0.3, 0.12, 0.1, 1.0, 0.3, 0.2, 0.2, 0.2, 0.2, 0.15)
"""Standard deviations allowed on top of that of the training texts, fact by fact (surprise and unseen share of words, of letter
groups, then the surface): a note may be much shorter than the training texts and carry no full stop, and still be a note."""
_OTHER_WORDS, _OTHER_GROUPS = 1 / 3, 1 / 6
"""Shares of the known words and letter groups that an author unlike those of the training texts is imagined not to share; a
word that is new has about half of its letter groups in common with known ones."""
_SLIGHT = 4.0
"""Words of a made-up average text that every mean is drawn to, so that a note of two words is not judged on one."""


@dataclasses.dataclass(frozen=True)
class Familiarity:
    """Document counts of words and letter groups over `texts` training texts, and their usual mean surprise."""

    words_V: Hashes
    groups_V: Hashes
    texts: int
    usual: tuple[float, ...]

    def tensors(self) -> dict[str, Tensor]:
        """Return the counts as tensors."""
        return {
            "words": torch.from_numpy(self.words_V).int(),
            "groups": torch.from_numpy(self.groups_V).int(),
            "texts": torch.tensor([self.texts]),
            "usual": torch.tensor(self.usual),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> Self:
        """Return the counts that `tensors` holds."""
        words_V, groups_V = tensors["words"].long().numpy(), tensors["groups"].long().numpy()
        return cls(words_V, groups_V, int(tensors["texts"][0]), tuple(tensors["usual"].tolist()))

    def facts(self, text: TextFacts, itself: bool = False) -> Facts:
        """Return a text's facts: surprise and unseen share of its words and its letter groups, and its surface.

        `itself` says that the text was counted, so that it is left out of the counts it is measured by.
        """
        words = self._surprise(self.words_V, text.words, self.usual[:2], itself)
        groups = self._surprise(self.groups_V, text.groups, self.usual[2:], itself)
        return np.concatenate([words, groups, text.surface]).astype(np.float32)

    def another_author(self, rng: np.random.Generator) -> Self:
        """Return the counts as they would be if a share of the words had never been met.

        Training texts know each other's words, so texts held out of training surprise less than those of the next author.
        """
        words_V = self.words_V * (rng.random(BUCKETS) >= _OTHER_WORDS)
        groups_V = self.groups_V * (rng.random(BUCKETS) >= _OTHER_GROUPS)
        return dataclasses.replace(self, words_V=words_V, groups_V=groups_V)

    def _surprise(self, counts_V: Hashes, keys: Hashes, usual: tuple[float, ...], itself: bool) -> Facts:
        """Return mean surprise and unseen share of `keys`, drawn to the usual ones where there are few of them."""
        weight = len(keys) / (len(keys) + _SLIGHT)
        own = _means(counts_V, self.texts, keys, itself) if len(keys) else usual
        mean, unseen = (weight * mine + (1.0 - weight) * theirs for mine, theirs in zip(own, usual, strict=True))
        return np.asarray([mean, unseen], dtype=np.float32)


def learn(texts: Iterable[TextFacts]) -> Familiarity:
    """Count the training texts; the usual surprise is measured with each text left out of the counts."""
    listed = list(texts)
    words_V, groups_V = np.zeros(BUCKETS, np.int64), np.zeros(BUCKETS, np.int64)
    for text in listed:
        words_V[np.unique(text.words)] += 1
        groups_V[np.unique(text.groups)] += 1
    return Familiarity(words_V, groups_V, len(listed), _usual(words_V, groups_V, listed))


def _usual(words_V: Hashes, groups_V: Hashes, texts: list[TextFacts]) -> tuple[float, ...]:
    """Return the mean surprise and unseen share over all training texts, each without itself."""
    n = len(texts)
    measured = [
        (*_means(words_V, n, text.words, itself=True), *_means(groups_V, n, text.groups, itself=True))
        for text in texts
        if len(text.words) and len(text.groups)
    ]
    if not measured:
        return (0.0, 0.0, 0.0, 0.0)
    return tuple(float(value) for value in np.asarray(measured).mean(axis=0))


def _means(counts_V: Hashes, texts: int, keys: Hashes, itself: bool) -> tuple[float, float]:
    """Return the mean of -log p, scaled so that an unseen key is near 1, and the share of keys that are unseen."""
    seen = counts_V[keys] - int(itself)
    others = texts - int(itself) + 1.0
    rate = (seen + _UNSEEN) / others
    scale = np.log(others / _UNSEEN)
    return float(-np.log(rate).mean() / scale), float((seen < _RARE).mean())
