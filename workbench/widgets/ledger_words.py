"""A ledger in words: what a model kept of a teacher, how much faster and smaller it is, and what its controls say."""

from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale

from engine.schema.base import MODALITIES, Answering
from engine.schema.case import Label
from engine.schema.ledger import Against, Compared, Cost, Estimate, Latency, Ledger, Parted, Slice
from engine.schema.model import Interval
from workbench.i18n import language
from workbench.state.predictions import modality_words
from workbench.widgets.chart_card import Table
from workbench.widgets.item_list import Item
from workbench.widgets.run_facts import count_text, interval_text
from workbench.widgets.run_words import TOO_FEW, device_sentence
from workbench.widgets.text import Tone
from workbench.words import size_in_words

translate = QCoreApplication.translate

FEW: Final = 20
"""Below this many cases of one kind a share says too little (safety stance 3)."""


def label_text(name: str, labels: tuple[Label, ...]) -> str:
    """Return an answer as people read it."""
    return next((label.shown(language()) for label in labels if label.name == name), name.replace("_", " "))


def told_text(names: tuple[str, ...], labels: tuple[Label, ...]) -> str:
    """Return an answer of one label or of several, or that it is none of them."""
    return " + ".join(label_text(name, labels) for name in names) or translate("Ledger", "none of them")


def pattern_text(pattern: str) -> str:
    """Return a modality pattern such as `text + image` in the language of the moment."""
    words, parts = modality_words(), pattern.split("+")
    return " + ".join(words[modality].lower() for modality in MODALITIES if modality in parts) or pattern


def headline(one: Compared) -> str:
    """Return the one sentence about a teacher: what was kept, and how much faster it goes; or that too few cases say it."""
    if one.cases < TOO_FEW:
        few = translate("Ledger", "Only {n} cases: too few to say what this model kept of {name}.")
        return few.format(n=one.cases, name=one.name)
    if one.retention is None:
        return translate("Ledger", "{name} was never right on these cases: there was nothing to keep.").format(
            name=one.name
        )
    said = translate(
        "Ledger", "This model keeps {share} % of the accuracy of {name} (95 % interval {low} to {high} %)."
    )
    kept = said.format(
        name=one.name,
        share=f"{100 * one.retention.value:.1f}",
        low=f"{100 * one.retention.low:.1f}",
        high=f"{100 * one.retention.high:.1f}",
    )
    single = next((speed for speed in one.latency if speed.batch == 1), None)
    if single is None or single.ratio.low <= 1:
        return kept
    faster = translate("Ledger", "It answers {ratio} times as fast.").format(ratio=f"{single.ratio.value:.3g}")
    return _joined(kept, faster)


def facts(one: Compared, ledger: Ledger) -> list[tuple[str, str]]:
    """Return heads and facts about one teacher: accuracy, agreement, speed, parameters, memory."""
    right = translate("Ledger", "this model in {ours}, the teacher in {theirs}").format(
        ours=interval_text(one.whole.student.accuracy), theirs=interval_text(one.whole.teacher.accuracy)
    )
    same = translate("Ledger", "in {share} of these cases").format(share=interval_text(one.whole.agreement))
    head = (
        translate("Ledger", "Right")
        if ledger.answers == "one"
        else translate("Ledger", "All labels right (exact match)")
    )
    found = [(head, right), (translate("Ledger", "Same answer"), same)]
    if one.latency:
        found.append((translate("Ledger", "Speed"), "\n".join(_speed(speed) for speed in one.latency)))
    if one.cost is None:
        size = translate("Ledger", "the teacher is no network of this run: there is nothing to compare")
        return [*found, (translate("Ledger", "Size"), size)]
    instead = translate("Ledger", "{ours} instead of {theirs}")
    parameters = instead.format(ours=count_text(ledger.cost.parameters), theirs=count_text(one.cost.parameters))
    found.append((translate("Ledger", "Parameters"), parameters))
    found.append((translate("Ledger", "Memory"), _memory(ledger.cost, one.cost)))
    return found


def _speed(speed: Latency) -> str:
    """Return how much faster or slower forward passes of one batch size are; about as fast where the interval holds 1."""
    ratio = speed.ratio
    figures = (ratio.value, ratio.low, ratio.high)
    if ratio.low <= 1 <= ratio.high:
        said = translate("Ledger", "about as fast ({low} to {high} times)")
    elif ratio.low > 1:
        said = translate("Ledger", "{ratio} times as fast ({low} to {high})")
    else:
        said = translate("Ledger", "takes {ratio} times as long ({low} to {high})")
        figures = (1 / ratio.value, 1 / ratio.high, 1 / ratio.low)
    alone = translate("Ledger", "one case at a time: {said}, {ours} instead of {theirs} ms")
    many = translate("Ledger", "{n} cases at once: {said}, {ours} instead of {theirs} ms")
    words = said.format(
        **{name: f"{figure:.3g}" for name, figure in zip(("ratio", "low", "high"), figures, strict=True)}
    )
    return (alone if speed.batch == 1 else many).format(
        n=speed.batch, said=words, ours=f"{speed.student.value:.3g}", theirs=f"{speed.teacher.value:.3g}"
    )


def _memory(ours: Cost, theirs: Cost) -> str:
    weights = translate("Ledger", "{ours} of weights instead of {theirs}").format(
        ours=size_in_words(ours.weights), theirs=size_in_words(theirs.weights)
    )
    if not ours.working or not theirs.working:
        return weights
    working = translate("Ledger", "at work on 32 cases {ours} more instead of {theirs}").format(
        ours=size_in_words(ours.working), theirs=size_in_words(theirs.working)
    )
    return translate("Ledger", "; ").join((weights, working))


def origin(ledger: Ledger) -> str:
    """Return where the figures come from."""
    said = translate(
        "Ledger", "{n} training cases, each answered by a model that had never seen it · recipe {recipe} · seed {seed}"
    )
    number = QLocale().toString
    line = said.format(n=number(ledger.cases), recipe=ledger.recipe, seed=ledger.seed)
    if not ledger.learned:
        return line
    learned = translate("Ledger", "the student of a fold learned from {learned} cases, its teachers from {taught}")
    return " · ".join((line, learned.format(learned=number(ledger.learned), taught=number(ledger.taught))))


def measured_on(one: Compared, ledger: Ledger) -> str:
    """Return where speed was measured, and whether the computer was busy meanwhile."""
    if not one.latency:
        return ""
    said = translate("Ledger", "Speed was measured on {machine}, one thread, forward passes alone.").format(
        machine=", ".join(device_sentence(part) for part in ledger.machine.split(", "))
        or translate("Ledger", "this computer")
    )
    if any(2 * speed.quiet < speed.pairs for speed in one.latency):
        busy = translate("Ledger", "The computer was busy with other things meanwhile: take the times as rough.")
        said = _joined(said, busy)
    return said


def calibration(one: Compared) -> str:
    """Return how far both sides' confidence is off."""
    return translate(
        "Ledger",
        "When it says how sure it is, this model is off by {ours} points on average, the teacher by {theirs} points (ECE; 0 is best).",
    ).format(ours=f"{100 * one.whole.student.ece:.1f}", theirs=f"{100 * one.whole.teacher.ece:.1f}")


def slices_table(head: str, parts: list[tuple[str, Slice]]) -> Table:
    """Return parts of the cases as rows: this model, the teacher, the same answer, the number of cases."""
    heads = (
        head,
        translate("Ledger", "this model"),
        translate("Ledger", "teacher"),
        translate("Ledger", "agree"),
        translate("Ledger", "cases"),
    )
    rows = [
        (
            name,
            _short(part.student.accuracy),
            _short(part.teacher.accuracy),
            _short(part.agreement),
            QLocale().toString(part.student.accuracy.n),
        )
        for name, part in parts
    ]
    return Table(heads, tuple(rows))


def _short(share: Interval) -> str:
    if share.n < FEW:
        return translate("Ledger", "too few")
    return f"{100 * share.value:.1f} ({100 * share.low:.0f}–{100 * share.high:.0f})"


def verdict(gain: Estimate) -> tuple[str, str, Tone]:
    """Return whether a control was beaten, in a word, with its icon and tone; an interval that holds 0 is a tie."""
    if gain.low > 0:
        return translate("Ledger", "better"), "check-circle-outline", "good"
    if gain.high < 0:
        return translate("Ledger", "worse"), "alert-outline", "care"
    return translate("Ledger", "a tie"), "equal", "second"


def control_sentence(control: Against, answers: Answering) -> tuple[str, str]:
    """Return the head and the sentence of a control."""
    head = {
        "plain": translate("Ledger", "The same model without teachers"),
        "dense": translate("Ledger", "A dense network of the same cost, with teachers"),
    }[control.name]
    gain = control.accuracy_gain
    one = translate(
        "Ledger", "Right in {share}. This model minus the control: {gain} points (95 % interval {low} to {high})."
    )
    several = translate(
        "Ledger",
        "All labels right in {share}. This model minus the control: {gain} points (95 % interval {low} to {high}).",
    )
    said = (one if answers == "one" else several).format(
        share=interval_text(control.accuracy),
        gain=f"{100 * gain.value:+.1f}",
        low=f"{100 * gain.low:+.1f}",
        high=f"{100 * gain.high:+.1f}",
    )
    return head, said


def parted_sentence(one: Compared) -> str:
    """Return on how many cases the two part ways, and who is right there."""
    total = one.student_alone_right + one.teacher_alone_right + one.both_wrong
    if not total:
        return translate("Ledger", "They never part ways.")
    said = translate(
        "Ledger",
        "They part ways on {n} cases: this model alone is right in {ours}, the teacher alone in {theirs}, neither in {none}.",
    ).format(
        n=QLocale().toString(total),
        ours=QLocale().toString(one.student_alone_right),
        theirs=QLocale().toString(one.teacher_alone_right),
        none=QLocale().toString(one.both_wrong),
    )
    if total > len(one.parted) > 0:
        listed = translate("Ledger", "The {n} that part them most are listed; a click opens the case.")
        return _joined(said, listed.format(n=len(one.parted)))
    return _joined(said, translate("Ledger", "A click opens the case."))


def parted_item(case: Parted, labels: tuple[Label, ...]) -> Item:
    """Return a case on which the two part ways as a row."""
    said = translate("Ledger", "truth: {truth} · this model: {ours}, {sure} % · teacher: {theirs}, {their_sure} %")
    detail = said.format(
        truth=told_text(case.truth, labels),
        ours=told_text(case.student, labels),
        sure=f"{100 * case.student_probability:.0f}",
        theirs=told_text(case.teacher, labels),
        their_sure=f"{100 * case.teacher_probability:.0f}",
    )
    if case.student == case.truth:
        word, picture, tone = translate("Ledger", "this model is right"), "check-circle-outline", "good"
    elif case.teacher == case.truth:
        word, picture, tone = translate("Ledger", "the teacher is right"), "school-outline", "care"
    else:
        word, picture, tone = translate("Ledger", "neither is right"), "close-circle-outline", "second"
    return Item(case.case_id, case.case_id, detail, word, picture, tone)  # type: ignore[arg-type]


def _joined(first: str, second: str) -> str:
    """Return two sentences one after the other; Chinese leaves no space between them."""
    return first + ("" if language() == "zh" else " ") + second
