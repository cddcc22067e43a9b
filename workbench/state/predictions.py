"""An answer in words: what a `Prediction` says to a person, in the language of the moment."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject

from engine.schema.base import MODALITIES, Modality
from engine.schema.case import Label, Part
from engine.schema.model import ModelSummary
from engine.schema.prediction import Contribution, Prediction, Reason
from workbench.i18n import language
from workbench.state.domains import domain_words
from workbench.words import listed

FEW: Final = 100
"""Below so many validation cases no share is told."""
SHOWN_BARS: Final = 5
_HARDLY, _STRONGLY = 0.2, 1.0
"""Log-odds below which a modality hardly mattered, and from which it mattered strongly."""
_LARGEST: Final = math.log(1000)
"""Log-odds beyond which their size says nothing more to a person."""


@dataclasses.dataclass(frozen=True)
class Bar:
    """One row of the bars: a label with its calibrated probability; `in_set` where the answer names it.

    `mark` is the probability from which it would be named, where each label has one of its own; 0 where it has none.
    """

    name: str
    shown: str
    probability: float
    in_set: bool
    mark: float = 0.0

    def percent(self) -> str:
        """Return the probability as a person reads it."""
        return percent(self.probability)


@dataclasses.dataclass(frozen=True)
class Reliance:
    """How far an answer relied on one kind of input: in a word, and by what it multiplied or divided the odds."""

    modality: Modality
    log_odds: float
    word: str
    odds: str

    @property
    def times(self) -> str:
        """The odds' factor alone, such as `× 3.0`."""
        return times(self.log_odds)


def percent(share: float) -> str:
    """Return a share in whole percent; the ends are not rounded to certainty."""
    if 0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1:
        return "> 99 %"
    return f"{round(100 * share)} %"


def times(log_odds: float) -> str:
    """Return what a change in log-odds does to the odds, such as `× 3.0` or `÷ 3.0`."""
    factor = math.exp(min(abs(log_odds), _LARGEST))
    shown = f"{factor:.1f}" if factor < 10 else str(round(factor))
    if abs(log_odds) > _LARGEST:
        shown = f"> {shown}"
    return f"{'÷' if log_odds < 0 and factor >= 1.05 else '×'} {shown}"


class AnswerWords(QObject):
    """Words one answer; made anew for each answer and language."""

    def __init__(self, prediction: Prediction, labels: Sequence[Label], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.prediction = prediction
        self._labels = {label.name: label for label in labels}

    def label(self, name: str) -> str:
        """Return a label as people read it."""
        return self.plain(self._labels.get(name), name)

    @staticmethod
    def plain(label: Label | None, name: str) -> str:
        """Return a label as people read it, or the plain name where it is not known; an empty name stays empty."""
        return (label or Label(name=name)).shown(language()) if name else ""

    def headline(self) -> str:
        """Return the outcome: the one large thing on the screen."""
        named = [self.label(name) for name in self.prediction.label_set]
        match self.prediction.outcome:
            case "suggests":
                return self.tr("Suggests {label}").format(
                    label=named[0] if named else self.label(self.prediction.best())
                )
            case "unclear":
                return self.tr("Unclear: {labels}").format(labels=self._any_of(named))
            case _:
                return self.tr("Not sure – no suggestion")

    def short(self) -> str:
        """Return what is told in a few words, for lists: the likeliest label with its chance."""
        return f"{self.label(self.prediction.best())} {percent(max(self.prediction.probabilities))}"

    def outcome_word(self) -> str:
        """Return the outcome in short, for lists."""
        return outcome_words(self)[self.prediction.outcome]

    def meaning(self) -> str:
        """Return what the outcome means, with the n behind it."""
        evidence, alpha = self.prediction.evidence, self.prediction.alpha
        if self.prediction.outcome == "not-sure":
            return self.reason_sentences()[0] if self.prediction.reasons else ""
        if self.prediction.outcome == "unclear":
            said = self.tr("On average over cases like the calibration cases, one of these is right in {right} of 100.")
            return said.format(right=f"{100 * (1 - alpha):g}")
        if evidence.n < FEW:
            return self.tr("Too few measured cases (n = {n}) to say how often it is right.").format(n=evidence.n)
        return self._measured().format(right=round(100 * evidence.right / evidence.n), n=evidence.n)

    def _measured(self) -> str:
        """Return how the measured cases are called: they are like this one in their kinds of input, and in nothing else."""
        evidence = self.prediction.evidence
        same = evidence.pattern == "+".join(self.prediction.modalities)
        if evidence.out_of_fold:
            return (
                self.tr(
                    "Of 100 training cases with the same kinds of input, each answered by a council that had not seen it, about {right} were answered right (n = {n})."
                )
                if same
                else self.tr(
                    "Of 100 training cases of all kinds of input, each answered by a council that had not seen it, about {right} were answered right (n = {n})."
                )
            )
        if same:
            return self.tr(
                "Of 100 validation cases with the same kinds of input, about {right} were answered right (n = {n})."
            )
        return self.tr("Of 100 validation cases of all kinds of input, about {right} were answered right (n = {n}).")

    def bars(self) -> list[Bar]:
        """Return the most probable labels; those of the set always, the rest as one row `other`."""
        chosen = set(self.prediction.label_set) if self.prediction.outcome != "not-sure" else set()
        ranked = sorted(
            zip(self.prediction.labels, self.prediction.probabilities, strict=True), key=lambda pair: -pair[1]
        )
        shown = [(name, p) for n, (name, p) in enumerate(ranked) if n < SHOWN_BARS or name in chosen]
        bars = [Bar(name, self.label(name), p, name in chosen) for name, p in shown]
        left = len(ranked) - len(shown)
        if left:
            other = self.tr("{n} others").format(n=left)
            bars.append(Bar("", other, max(0.0, 1 - sum(bar.probability for bar in bars)), in_set=False))
        return bars

    def reliance(self) -> list[Reliance]:
        """Return how far the answer relied on each kind of input that was read."""
        given = {contribution.modality: contribution for contribution in self.prediction.contributions}
        odds = self.tr("odds {times}")
        return [
            Reliance(m, one.log_odds, self._reliance_word(one), odds.format(times=times(one.log_odds)))
            for m, one in ((m, given[m]) for m in MODALITIES if m in given)
        ]

    def odds_help(self) -> str:
        """Return what the odds beside the kinds of input mean."""
        return self.tr(
            "Odds are the chance that “{label}” is right, divided by the chance that it is not. “odds × 3” means that this input made them three times as high, “odds ÷ 3” a third as high, on average over what the other inputs say."
        ).format(label=self.shown_label())

    def shown_label(self) -> str:
        """Return the label that the reliance speaks of."""
        return self.label(self.prediction.best())

    def reason_sentences(self) -> list[str]:
        """Return why the outcome is what it is, one sentence a reason."""
        return [self._reason(reason) for reason in self.prediction.reasons]

    def partly_sentences(self) -> list[str]:
        """Return of which inputs the model read a part alone: whoever wrote the rest must not think that it was weighed."""
        said = {
            "text": self.tr("The model read only the beginning of the note: {read} of {whole} characters."),
            "audio": self.tr("The model heard only the loudest {read} of {whole} seconds of the recording."),
        }
        form = {"text": "{:.0f}", "audio": "{:.1f}"}
        return [
            said[one.modality].format(
                read=form[one.modality].format(one.read), whole=form[one.modality].format(one.whole)
            )
            for one in self.prediction.partly
            if one.modality in said
        ]

    def help_sentences(self) -> list[str]:
        """Return what would help: a better input for a doubtful one, and the kinds that are missing."""
        if self.prediction.outcome == "suggests":
            return []
        codes = {reason.code for reason in self.prediction.reasons}
        cut = {one.modality for one in self.prediction.partly}  # no more of these would be read
        doubtful = {m for m in MODALITIES if {f"quality-{m}", f"unlike-training-{m}"} & codes and m not in cut}
        wanted = [m for m in domain_words().modalities() if m not in self.prediction.modalities]
        better, missing = self._better_inputs(), self._missing_inputs()
        return [better[m] for m in MODALITIES if m in doubtful] + [missing[m] for m in wanted]

    def _better_inputs(self) -> dict[Modality, str]:
        """Return what a better input of each kind would be, in the domain's words where it names the input."""
        said = {
            "text": self.tr("{input}: a longer one that names the details"),
            "image": self.tr("{input}: a sharper one of the right kind"),
            "audio": self.tr("{input}: a clear one of at least 5 seconds"),
        }
        plain: dict[Modality, str] = {
            "text": self.tr("a longer note that names the symptoms"),
            "image": self.tr("a sharper picture of the right kind"),
            "audio": self.tr("a clear recording of at least 5 seconds"),
        }
        return plain | {m: said[m].format(input=name) for m, name in domain_words().kinds().items()}

    def _missing_inputs(self) -> dict[Modality, str]:
        plain: dict[Modality, str] = {
            "text": self.tr("a note with the symptoms"),
            "image": self.tr("a picture"),
            "audio": self.tr("a recording"),
        }
        said = self.tr("{input}: there is none yet")
        return plain | {m: said.format(input=name) for m, name in domain_words().kinds().items()}

    def enough_sentences(self) -> list[str]:
        """Return which inputs would have been enough, where the others changed nothing."""
        names = modality_words(self)
        needed = [names[m] for m in self.prediction.enough]
        spared = [names[m] for m in self.prediction.modalities if m not in self.prediction.enough]
        if not needed or not spared:
            return []
        said = self.tr("{needed} would have been enough; without {spared} the answer is the same.")
        return [said.format(needed=self._all_of(needed), spared=self._all_of(spared))]

    def together(self) -> list[str]:
        """Return which two kinds of input help each other, or say the same; only of those that speak for one side, both of them.

        Where one speaks for the answer and the other against it an interaction says neither: it comes of their contradiction.
        """
        names = modality_words(self)
        spoke = {given.modality: given.log_odds for given in self.prediction.contributions}
        helps, same = self.tr("{a} and {b} help each other."), self.tr("{a} and {b} say the same.")
        return [
            (helps if pair.log_odds > 0 else same).format(a=names[pair.first], b=names[pair.second])
            for pair in self.prediction.interactions
            if abs(pair.log_odds) >= _HARDLY and spoke.get(pair.first, 0.0) * spoke.get(pair.second, 0.0) > 0
        ]

    def _all_of(self, named: list[str]) -> str:
        """Join names with `and`."""
        if len(named) < 2:
            return "".join(named)
        return self.tr("{first} and {last}").format(first=listed(named[:-1]), last=named[-1])

    def _any_of(self, named: list[str]) -> str:
        """Join labels with `or`."""
        if len(named) < 2:
            return "".join(named)
        return self.tr("{first} or {last}").format(first=listed(named[:-1]), last=named[-1])

    def _reliance_word(self, contribution: Contribution) -> str:
        size = abs(contribution.log_odds)
        if size < _HARDLY:
            return self.tr("hardly mattered")
        if contribution.log_odds > 0:
            return self.tr("spoke strongly for it") if size >= _STRONGLY else self.tr("spoke for it")
        return self.tr("spoke strongly against it") if size >= _STRONGLY else self.tr("spoke against it")

    def _reason(self, reason: Reason) -> str:
        sentences = {
            "one-label": self.tr("Only one answer fits at the chosen certainty."),
            "several-labels": self.tr("More than one answer fits at the chosen certainty."),
            "nothing-readable": self.tr("No input could be read."),
            "unlike-training": self.tr("Taken together, the inputs are unlike the training data."),
            "unlike-training-text": self.tr("The note is unlike the training data."),
            "unlike-training-image": self.tr("The picture is unlike the training data."),
            "unlike-training-audio": self.tr("The recording is unlike the training data."),
            "quality-text": self.tr("The note did not pass its quality check."),
            "quality-image": self.tr("The picture did not pass its quality check."),
            "quality-audio": self.tr("The recording did not pass its quality check."),
            "no-label-fits": self.tr("No answer fits well enough."),
            "too-many-labels": self.tr("Too many answers fit to name one."),
            "not-calibrated": self.tr("This model carries no thresholds, so no answer can be singled out."),
            "not-compared": self.tr("This model cannot compare the inputs with its training data."),
            "shared-threshold": self.tr(
                "Few training cases had exactly these inputs; so more answers stay open, to be safe."
            ),
            "hidden-threshold": self.tr(
                "Few training cases had exactly these inputs; how sure an answer may be was learned from fuller ones, by hiding the rest."
            ),
        }
        return self._own_reason(reason.code) or sentences.get(reason.code, reason.code)

    def _own_reason(self, code: str) -> str:
        """Return a reason that lies in one input, in the domain's word for it; empty where it has none."""
        about, _, modality = code.rpartition("-")
        name = {str(m): name for m, name in domain_words().kinds().items()}.get(modality)
        said = {
            "unlike-training": self.tr("{input}: unlike the training data."),
            "quality": self.tr("{input}: did not pass its quality check."),
        }
        return said[about].format(input=name) if name and about in said else ""


class ModalityWords(QObject):
    """Names of the kinds of input and of the outcomes, in the language of the moment."""

    def kinds(self) -> dict[Modality, str]:
        """Return the kinds of input, as the domain of the moment calls them."""
        return self.plain_kinds() | domain_words().kinds()

    def plain_kinds(self) -> dict[Modality, str]:
        """Return the kinds of input, whatever the domain."""
        return {"text": self.tr("Text"), "image": self.tr("Image"), "audio": self.tr("Sound")}

    def stamp(self, domain: str | None = None) -> str:
        """Return what stands on everything that learned from generated cases, of a domain or of that of the moment."""
        if domain_words().is_medical(domain):
            return self.tr("Synthetic demo – meaningless for patients")
        return self.tr("Synthetic demo – meaningless for real cases")

    def foot(self) -> str:
        """Return what stands on every page of a report."""
        if domain_words().is_medical() or not domain_words().notice():
            return self.tr(
                "Research use only. Not cleared as a medical device. Do not use to decide on a patient's care."
            )
        return domain_words().notice()

    def outcomes(self) -> dict[str, str]:
        """Return the outcomes in short."""
        return {"suggests": self.tr("Suggests"), "unclear": self.tr("Unclear"), "not-sure": self.tr("Not sure")}

    def flags(self) -> dict[str, str]:
        """Return the quality checks that may have failed."""
        return {
            "blank-image": self.tr("blank"),
            "blurred-image": self.tr("blurred"),
            "tiny-image": self.tr("very small"),
            "silent-audio": self.tr("silent"),
            "short-audio": self.tr("very short"),
            "clipped-audio": self.tr("overdriven"),
            "empty-text": self.tr("empty"),
            "truncated-text": self.tr("cut off"),
        }

    def measured(self, model: ModelSummary) -> str:
        """Return how a model did on cases it had not seen, with their number."""
        found = model.validation or model.out_of_fold
        if found is None or found.accuracy.n == 0:
            return self.tr("not tested yet")
        accuracy = found.accuracy
        if accuracy.n < FEW:
            return self.tr("too few measured cases (n = {n}) to say how often it is right").format(n=accuracy.n)
        said = self.tr("measured on {n} cases, right in {right} of 100 (95 % interval {low} to {high})")
        if model.answers == "several":
            said = self.tr("measured on {n} cases, all labels right in {right} of 100 (95 % interval {low} to {high})")
        low, high = round(100 * accuracy.low), round(100 * accuracy.high)
        return said.format(n=accuracy.n, right=round(100 * accuracy.value), low=low, high=high)


def modality_words(_asked_by: QObject | None = None) -> dict[Modality, str]:
    """Return the names of the kinds of input."""
    return ModalityWords().kinds()


def outcome_words(_asked_by: QObject | None = None) -> dict[str, str]:
    """Return the outcomes in short."""
    return ModalityWords().outcomes()


def part_summary(part: Part) -> str:
    """Return a part's facts in a few words: words, pixels or seconds."""
    facts = part.facts
    if part.modality == "image":
        return f"{facts.width} × {facts.height}" if facts.width else ""
    if part.modality == "audio":
        return f"{facts.seconds:.1f} s" if facts.seconds else ""
    return PartWords().words(facts.words) if facts.words else ""


class PartWords(QObject):
    """Counts of a note's words, which differ in number by language."""

    def words(self, count: int) -> str:
        """Return a number of words; Chinese text counts its characters as the engine does."""
        return self.tr("%n word(s)", "", count)
