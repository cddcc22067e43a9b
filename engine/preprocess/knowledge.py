"""What a knowledge file makes of a text: which findings it tells, and which label's description it is like.

Both need nothing that was trained, so they hold for the first case as for the thousandth, and for a model folder anywhere: phi_f by
phrases, and the similarity cos(e(x), e(d_c)) with a frozen encoder e of the words that the descriptions themselves use (English words,
pairs of Chinese characters), each weighed by ln((C + 1) / c), c the labels whose description uses it. A pretrained encoder would be no
better here: it would have to be asked at prediction time or distilled from the very cases that are few, and it hardly reads Chinese.
Shapes: F findings, C labels, N texts.
"""

import collections
import dataclasses
import functools
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.preprocess.phrases import Phrase, Words, affirmed, denials, found, spoken
from engine.schema.base import Message, Modality
from engine.schema.case import Label
from engine.schema.knowledge import Knowledge, LabelKnowledge

Row = NDArray[np.float32]


class KnownFinding(Message):
    """A finding that the model can look for: `phrases` in a text, or by a head of its own in a picture or a sound."""

    name: str
    modality: Modality
    phrases: tuple[str, ...] = ()


class CaseKnowledge(Message):
    """The part of a knowledge file that reading a case needs; it lies in `preprocess.json`."""

    findings: tuple[KnownFinding, ...] = ()
    strengths: tuple[tuple[float, ...], ...] = Field(
        (), description="One row a finding, one column a label; 0 is no rule."
    )
    descriptions: tuple[tuple[str, ...], ...] = Field((), description="By label what is compared with the texts.")

    @classmethod
    def of(
        cls,
        knowledge: Knowledge,
        labels: Sequence[Label],
        labelled: Iterable[str] = (),
        descriptions: bool = True,
        rules: bool = True,
    ) -> Self:
        """Return what can be used for these labels; `labelled` are the findings of pictures and sounds that cases know of."""
        seen, names = frozenset(labelled), [label.name for label in labels]
        used = {
            name: finding
            for name, finding in knowledge.findings.items()
            if rules and (finding.modality == "text" or name in seen)
        }
        strengths = {(rule.finding, rule.label): rule.strength for rule in knowledge.rules}
        return cls(
            findings=tuple(
                KnownFinding(name=name, modality=entry.modality, phrases=entry.phrases.every())
                for name, entry in used.items()
            ),
            strengths=tuple(tuple(strengths.get((name, label), 0.0) for label in names) for name in used),
            descriptions=tuple(_documents(knowledge, name) for name in names) if descriptions else (),
        )

    @property
    def width(self) -> int:
        """Numbers that `read` returns for a text."""
        return len(self.findings) + len(self.descriptions)

    def read(self, text: str) -> Row:
        """Return phi_f of each finding of a text (0 for those of pictures and sounds), then the similarity with each label."""
        said = spoken(text)
        denied = denials(said)
        told = [float(found(said, phrases, denied)) for phrases in self._phrases]
        return np.array([*told, *self._encoder.similarities(affirmed(text))], dtype=np.float32)

    @functools.cached_property
    def _phrases(self) -> list[list[Phrase]]:
        return [[Phrase.read(phrase) for phrase in one.phrases if one.modality == "text"] for one in self.findings]

    @functools.cached_property
    def _encoder(self) -> "DescriptionEncoder":
        return DescriptionEncoder.of(self.descriptions)


@dataclasses.dataclass(frozen=True)
class DescriptionEncoder:
    """Texts to vectors over the terms of the descriptions; nothing in it was learned."""

    weights: Mapping[str, float]
    documents: tuple[tuple[Mapping[str, float], ...], ...]

    @classmethod
    def of(cls, descriptions: Sequence[Sequence[str]]) -> Self:
        """Return the encoder of these descriptions, one or more a label."""
        terms = [[terms_of(affirmed(text)) for text in texts] for texts in descriptions]
        used = collections.Counter(term for texts in terms for term in {term for text in texts for term in text})
        weights = {term: math.log((len(descriptions) + 1) / count) for term, count in used.items()}
        return cls(weights, tuple(tuple(_unit(text, weights) for text in texts) for texts in terms))

    def similarities(self, said: Words) -> list[float]:
        """Return cos(e(x), e(d_c)) of each label, the best of its descriptions; 0 where nothing is in common."""
        if not self.documents:
            return []
        vector = _unit(terms_of(said), self.weights)
        return [
            max((sum(weight * vector.get(term, 0.0) for term, weight in one.items()) for one in documents), default=0.0)
            for documents in self.documents
        ]


def terms_of(said: Words) -> dict[str, int]:
    """Return words of three letters and more, and pairs of Chinese characters that stand together, with how often they occur."""
    counts: collections.Counter[str] = collections.Counter()
    for word, following in itertools.pairwise((*said, "")):
        if len(word) > 2:
            counts[word] += 1
        elif _is_character(word) and _is_character(following):
            counts[word + following] += 1
    return dict(counts)


def _is_character(word: str) -> bool:
    """Whether a word is a Chinese character; a punctuation mark is none."""
    return len(word) == 1 and word.isalpha() and not word.isascii()


def _unit(terms: Mapping[str, int], weights: Mapping[str, float]) -> dict[str, float]:
    """Return the weighed terms as a vector of length 1; terms that no description uses are left out."""
    vector = {term: (1 + math.log(count)) * weights[term] for term, count in terms.items() if term in weights}
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {term: value / length for term, value in vector.items()} if length else {}


def _documents(knowledge: Knowledge, label: str) -> tuple[str, ...]:
    """Return what is compared with texts for a label, a document a language; phrases of its typical findings belong to it."""
    entry = knowledge.labels.get(label, LabelKnowledge())
    typical = [knowledge.findings[name].phrases for name in entry.typical.get("text", ()) if name in knowledge.findings]
    documents = (
        "\n".join([entry.description.en, *(phrase for phrases in typical for phrase in phrases.en)]),
        "\n".join([entry.description.zh, *(phrase for phrases in typical for phrase in phrases.zh)]),
    )
    return tuple(text.strip() for text in documents if text.strip())
