"""An answer of several labels in words: what is suggested, what cannot be excluded, and what the set promises."""

import math
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject

from engine.schema.case import Case, Label
from engine.schema.event import PinnedCase
from engine.schema.prediction import Prediction, Reason
from workbench.state.predictions import FEW, SHOWN_BARS, AnswerWords, Bar


def words_of(prediction: Prediction, labels: Sequence[Label], parent: QObject | None = None) -> AnswerWords:
    """Return the words of an answer, be it one label or several."""
    kind = SeveralWords if prediction.answers == "several" else AnswerWords
    return kind(prediction, labels, parent)


def agrees(case: Case) -> bool:
    """Tell whether the labels a person gave are just those that the answer suggests."""
    return case.prediction is not None and set(case.own_labels or ()) == set(case.prediction.suggested)


def truth_chance(case: PinnedCase, names: Sequence[str]) -> float:
    """Return the chance a pinned case gives to its truth: of several labels that of all of them, each taken by itself."""
    chances = dict(zip(names, case.probabilities, strict=False))
    if case.truths is None:
        return chances.get(case.truth, 0.0)
    return math.prod(chance if name in case.truths else 1 - chance for name, chance in chances.items())


class SeveralWords(AnswerWords):
    """Words an answer in which any number of labels may hold."""

    def headline(self) -> str:
        """Return what is suggested and what stays open: the one large thing on the screen."""
        prediction = self.prediction
        if prediction.outcome == "not-sure":
            return self.tr("Not sure – no suggestion")
        named, left = self.all_of(prediction.suggested), self._names(prediction.open(), either=True)
        if not left:
            return self.tr("Suggests {labels}").format(labels=named) if named else self.tr("Suggests none of them")
        if not named:
            return self.tr("Suggests none for now; {open} cannot be excluded").format(open=left)
        return self.tr("Suggests {labels}; {open} cannot be excluded").format(labels=named, open=left)

    def short(self) -> str:
        """Return what is suggested, for lists; never the likeliest of labels none of which is."""
        return self.own(self.prediction.suggested)

    def meaning(self) -> str:
        """Return what the set promises, and how often such answers were right as a whole."""
        prediction, evidence = self.prediction, self.prediction.evidence
        if prediction.outcome == "not-sure":
            return self.reason_sentences()[0] if prediction.reasons else ""
        said = self.tr(
            "On average over cases like the calibration cases, at most {missed} % of a case's true labels are not named here."
        ).format(missed=round(100 * prediction.alpha))
        if prediction.outcome == "unclear":
            return said
        if evidence.n < FEW:
            return " ".join(
                (said, self.tr("Too few measured cases (n = {n}) to say how often it is right.").format(n=evidence.n))
            )
        right = self.tr("Of 100 measured cases, about {right} had all their labels told right (n = {n}).")
        return " ".join((said, right.format(right=round(100 * evidence.right / evidence.n), n=evidence.n)))

    def bars(self) -> list[Bar]:
        """Return the most probable labels, each from 0 to 100 % by itself; the rest as one row that says how high they reach."""
        prediction, told = self.prediction, self.prediction.outcome != "not-sure"
        ranked = sorted(zip(prediction.labels, prediction.probabilities, strict=True), key=lambda pair: -pair[1])
        shown = [(name, p) for n, (name, p) in enumerate(ranked) if n < SHOWN_BARS or name in prediction.label_set]
        left = [p for name, p in ranked if name not in {name for name, _ in shown}]
        bars = [
            Bar(name, self._shown(name, told), p, told and name in prediction.suggested, prediction.decision)
            for name, p in shown
        ]
        if left:
            bars.append(Bar("", self.tr("{n} others, each at most").format(n=len(left)), max(left), in_set=False))
        return bars

    def all_of(self, names: Iterable[str]) -> str:
        """Return labels joined with `and`; empty without any."""
        return self._names(names, either=False)

    def own(self, names: Sequence[str]) -> str:
        """Return the labels a person gave, or that they gave none."""
        return self.all_of(names) or self.tr("none of them")

    def _names(self, names: Iterable[str], either: bool) -> str:
        shown = [self.label(name) for name in names]
        return self._any_of(shown) if either else self._all_of(shown)

    def _shown(self, name: str, told: bool) -> str:
        if told and name in self.prediction.open():
            return self.tr("{label} · cannot be excluded").format(label=self.label(name))
        return self.label(name)

    def _reason(self, reason: Reason) -> str:
        sentences = {
            "all-settled": self.tr("Each label is either likely, or so unlikely that it can be left out."),
            "none-of-them": self.tr("Each label is so unlikely that it can be left out."),
            "some-open": self.tr("Some labels are unlikely, but not unlikely enough to be left out."),
            "too-many-open": self.tr("Too many labels cannot be left out."),
            "not-calibrated": self.tr("This model carries no thresholds, so no label can be left out."),
        }
        return sentences.get(reason.code) or super()._reason(reason)
