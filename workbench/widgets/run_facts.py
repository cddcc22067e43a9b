"""What a run says in words and tables: the check set, the parts of the error, the teachers, the log."""

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale, Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.schema.config import RunConfig
from engine.schema.errors import ErrorBody
from engine.schema.event import Alert, Checkpoint, Problem
from engine.schema.model import Interval, TeacherReport
from engine.schema.sentences import SENTENCES
from workbench.i18n import Retranslated, language
from workbench.state.jobs import JobState, Line
from workbench.state.predictions import modality_words
from workbench.theme import BETWEEN, INSIDE
from workbench.widgets.axes import number_text
from workbench.widgets.boxes import Frame, column, row
from workbench.widgets.chart_card import Chart, ChartCard, Table
from workbench.widgets.part_words import PARTS, part_meaning, part_word
from workbench.widgets.redraw import HEATMAP_MS, Redraw
from workbench.widgets.text import ElidedText, Text
from workbench.words import listed

LINES_SHOWN: Final = 8


def interval_text(interval: Interval) -> str:
    """Return a proportion with its 95 % interval and n."""
    said = QCoreApplication.translate("Parts", "{value} % ({low} to {high} %, n = {n})")
    return said.format(
        value=f"{100 * interval.value:.1f}",
        low=f"{100 * interval.low:.1f}",
        high=f"{100 * interval.high:.1f}",
        n=QLocale().toString(interval.n),
    )


def count_text(count: int) -> str:
    """Return a large count such as `22.7 million` in three digits; Chinese counts in ten thousands."""
    translate = QCoreApplication.translate
    if count >= 1_000_000:
        said = translate("Parts", "{million} million", "in Chinese: use {wan}, the count in ten thousands")
        return said.format(million=f"{count / 1e6:.3g}", wan=f"{float(f'{count / 1e4:.3g}'):.0f}")
    return QLocale().toString(count)


class CheckSentence(Retranslated, Frame):
    """The check set in words: right k of 100, and how sure the model was."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._title = Text(size="lead", strong=True)
        self._note = ElidedText(size="small", tone="hint")
        self.right = Text(size="title")
        self.rest = Text(tone="second", wrap=True)
        head = row(self._title, self._note)
        head.setStretch(1, 1)
        super().__init__("card", column(head, self.right, self.rest, margins=(16, 12, 16, 12)), parent)
        self._job: JobState | None = None
        self._stage = ""
        self._redraw = Redraw(self, self._draw, HEATMAP_MS)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self._title.setText(self.tr("Check set"))
        self._note.setText(self.tr("training cases this fold has not seen"))
        self._draw()

    def show_job(self, job: JobState | None, stage: str) -> None:
        """Show a run's stage."""
        if self._job is not job:
            if self._job is not None:
                self._job.curves_changed.disconnect(self._redraw.mark)
            if job is not None:
                job.curves_changed.connect(self._redraw.mark)
        self._job, self._stage = job, stage
        self._draw()

    def _draw(self) -> None:
        stage = self._measured_stage()
        accuracy = self._job.newest(stage, "check", "accuracy") if self._job is not None else None
        if self._job is None or accuracy is None:
            self.right.setText(self.tr("Not measured yet"))
            self.rest.setText(self.tr("It is measured after each pass over the training cases."))
            return
        several = self._job.newest(stage, "check", "label_accuracy")
        said = self.tr("Right in {count} of 100") if several is None else self.tr("All labels right in {count} of 100")
        self.right.setText(said.format(count=f"{100 * accuracy:.0f}"))
        series = self._job.series(stage, "check", "accuracy")
        best = f"{100 * float(series.y.max()):.0f}" if series is not None else ""
        nll = self._job.newest(stage, "check", "nll")
        said = self.tr("Best so far: {best} of 100. Surprise at the truth (nll): {nll}.")
        said = said.format(best=best, nll=number_text(nll) if nll is not None else "–")
        if several is not None:
            each = self.tr("Of 100 single labels {count} are right.").format(count=f"{100 * several:.0f}")
            said = f"{said} {each}"
        self.rest.setText(said)

    def _measured_stage(self) -> str:
        """Return the stage that is shown, or the last fold where this one has no check set of its own (the final council)."""
        if self._job is None or self._job.series(self._stage, "check", "accuracy") is not None:
            return self._stage
        measured = [name for name in self._job.stages if self._job.series(name, "check", "accuracy") is not None]
        return measured[-1] if measured else self._stage


class PartsList(Chart):
    """The parts of the error with their newest values, in two columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: dict[str, float] = {}
        self._texts = [(Text(tone="second", wrap=True), Text(strong=True)) for _ in PARTS]
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(BETWEEN)
        grid.setVerticalSpacing(4)
        for number, (word, value) in enumerate(self._texts):
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(word, number // 2, 3 * (number % 2))
            grid.addWidget(value, number // 2, 3 * (number % 2) + 1)
        grid.setColumnMinimumWidth(2, BETWEEN)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(3, 1)

    def show_values(self, values: dict[str, float], config: RunConfig | None = None) -> None:
        """Show the newest values of a run; a part that is nothing plays no role and is left out."""
        self._values = {name: value for name, value in values.items() if value != 0}
        shown = list(self._values.items())
        for number, (word, value) in enumerate(self._texts):
            name, newest = shown[number] if number < len(shown) else ("", 0.0)
            word.setText(part_word(name) if name else "")
            value.setText(number_text(newest) if name else "")
            for part in (word, value):
                part.setToolTip(part_meaning(name, config))
                part.setAccessibleDescription(part_meaning(name, config))
            word.setVisible(bool(name))
            value.setVisible(bool(name))

    def table(self) -> Table:
        """Return the parts as text."""
        rows = [(part_word(name), number_text(value)) for name, value in self._values.items()]
        return Table((self.tr("part of the error"), self.tr("newest value")), tuple(rows))


class PartsPanel(ChartCard):
    """The parts of the error of one run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.parts = PartsList()
        super().__init__(self.parts, parent)
        self._job: JobState | None = None
        self._stage = ""
        self._redraw = Redraw(self, self._draw, HEATMAP_MS)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        super().retranslate()
        self.title.setText(self.tr("Parts of the error"))
        self.note.setText(self.tr("newest step, unweighted"))
        self._draw()

    def show_job(self, job: JobState | None, stage: str) -> None:
        """Show a run's stage."""
        if self._job is not job:
            if self._job is not None:
                self._job.curves_changed.disconnect(self._redraw.mark)
            if job is not None:
                job.curves_changed.connect(self._redraw.mark)
        self._job, self._stage = job, stage
        self._draw()

    def _draw(self) -> None:
        found = {name: self._job.newest(self._stage, "train", name) for name in PARTS} if self._job is not None else {}
        values = {name: value for name, value in found.items() if value is not None}
        self.parts.show_values(values, self._job.info.config if self._job is not None else None)
        self.draw("live" if values else "loading", self.tr("The first numbers come after about 20 steps."))


class TeachersPanel(Retranslated, Frame):
    """The teachers of a run: what they read, how large they are, how right they were."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._title = Text(size="lead", strong=True)
        self._note = ElidedText(size="small", tone="hint")
        self._none = Text(tone="hint", wrap=True)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(INSIDE)
        head = row(self._title, self._note)
        head.setStretch(1, 1)
        super().__init__("card", column(head, self._none, self._rows, margins=(16, 12, 16, 12)), parent)
        self._job: JobState | None = None
        self._lines: list[tuple[Text, Text]] = []
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self._title.setText(self.tr("Teachers"))
        self._note.setText(self.tr("95 % interval, out of fold on the training cases"))
        self._none.setText(self.tr("No teacher has been measured yet."))
        self._draw()

    def show_job(self, job: JobState | None) -> None:
        """Show a run's teachers."""
        if self._job is not None:
            self._job.teachers_changed.disconnect(self._draw)
        self._job = job
        if job is not None:
            job.teachers_changed.connect(self._draw)
        self._draw()

    def shown(self) -> list[tuple[str, str]]:
        """Return name and facts of each teacher as they stand there."""
        return [(name.text(), facts.text()) for name, facts in self._lines if name.text()]

    def _draw(self) -> None:
        teachers = list(self._job.teachers.values()) if self._job is not None else []
        while len(self._lines) < len(teachers):
            name, facts = Text(strong=True, wrap=True), Text(tone="second", wrap=True)
            self._lines.append((name, facts))
            self._rows.addLayout(column(name, facts, spacing=0))
        for number, (name, facts) in enumerate(self._lines):
            known = number < len(teachers)
            name.setText(teachers[number].name if known else "")
            facts.setText(self._facts(teachers[number]) if known else "")
            name.setVisible(known)
            facts.setVisible(known)
        self._none.setVisible(not teachers)

    def _facts(self, teacher: TeacherReport) -> str:
        kinds = {"text": self.tr("text"), "image": self.tr("image"), "audio": self.tr("sound")}
        said = self.tr("reads {kinds} · {count} parameters · right in {share}")
        if teacher.answers == "several":
            said = self.tr("reads {kinds} · {count} parameters · all labels right in {share}")
        return said.format(
            kinds=listed(kinds.get(name, name) for name in teacher.modalities),
            count=count_text(teacher.parameters),
            share=interval_text(teacher.accuracy),
        )


def problem_text(problem: ErrorBody) -> str:
    """Return an error in the language of the moment; a code this window does not know is shown as it is."""
    return problem.text(language()) if problem.code in SENTENCES else problem.code


def line_text(line: Line) -> str:
    """Return a line of the log as a sentence."""
    translate = QCoreApplication.translate
    body = line.body
    if isinstance(body, Problem):
        return problem_text(body.problem)
    if isinstance(body, Checkpoint):
        return translate("Lines", "Checkpoint saved at step {step}.").format(step=body.step)
    known = _alert_wordings() if isinstance(body, Alert) else _log_wordings()
    if body.code not in known:
        return body.code.replace("-", " ") + "".join(f", {name} {value}" for name, value in body.parameters.items())
    kinds = {str(modality): word for modality, word in modality_words().items()}
    worded = {
        name: kinds.get(str(value), value) if name == "modality" else value for name, value in body.parameters.items()
    }
    return known[body.code].format_map(_Known(worded))


class _Known(dict[str, str | int | float]):
    """Parameters for `format_map`: one that is missing stays visible instead of raising."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _alert_wordings() -> dict[str, str]:
    translate = QCoreApplication.translate
    return {
        "dead-expert": translate("Lines", "Module {expert} of layer {layer} did almost nothing in the last check."),
        "collapse": translate("Lines", "Nearly all work of layer {layer} goes to one module."),
        "input-ignored": translate(
            "Lines", "The model hardly uses one input ({modality}): without it the check set comes out the same."
        ),
        "getting-worse": translate("Lines", "The check set has been getting worse; the model is likely memorising."),
    }


def _log_wordings() -> dict[str, str]:
    translate = QCoreApplication.translate
    return {
        "device": translate("Lines", "Computing on {sentence}."),
        "resumed": translate("Lines", "Gone on from the last checkpoint (start {attempt})."),
        "nothing-to-keep": translate("Lines", "It was stopped before there was anything to keep."),
        "not-measured": translate("Lines", "The model is kept, but not everything of it could be measured."),
        "start-without-folds": translate(
            "Lines", "The model it started from was trained on other folds: all starts afresh."
        ),
        "ordinal-order": translate("Lines", "Order of the answers, from least to most: {order}."),
        "lessons-size": translate(
            "Lines", "The teacher {teacher} reads {items} things; its lessons will take {megabytes} MB on the disk."
        ),
        "states-size": translate(
            "Lines",
            "The encoder {encoder} reads {items} things once; what it makes of them will take {megabytes} MB on the disk.",
        ),
        "soft-labels-read": translate(
            "Lines", "{name} answers for {known} of {cases} training cases; {strangers} of its rows belong to none."
        ),
        "teacher-untaught": translate(
            "Lines",
            "{teacher} knows nothing of {cases} of {known} training cases ({fold}): all others outside their groups have the same label. Give cases with different labels the same group only where they belong together.",
        ),
        "descriptions-shortened": translate(
            "Lines",
            "The language model {teacher} reads {limit} tokens: the labels' descriptions were shortened to leave room for the cases' texts.",
        ),
        "labels-in-one-fold": translate(
            "Lines",
            "All cases of {labels} belong to one patient or group: what the model says of it could not be checked on others.",
        ),
        "early-stopping": translate("Lines", "The folds say: {epoch} of at most {epochs} passes are best."),
    }


class LogPanel(Retranslated, Frame):
    """The newest lines of a run's log."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._title = Text(size="lead", strong=True)
        self.lines = Text(tone="second", wrap=True)
        super().__init__("card", column(self._title, self.lines, margins=(16, 12, 16, 12)), parent)
        self._job: JobState | None = None
        self._redraw = Redraw(self, self._draw, HEATMAP_MS)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self._title.setText(self.tr("Events"))
        self._draw()

    def show_job(self, job: JobState | None) -> None:
        """Show a run's log."""
        if self._job is not None:
            self._job.log_changed.disconnect(self._redraw.mark)
        self._job = job
        if job is not None:
            job.log_changed.connect(self._redraw.mark)
        self._draw()

    def _draw(self) -> None:
        lines = list(self._job.lines)[-LINES_SHOWN:] if self._job is not None else []
        self.lines.setText("\n".join(log_lines(reversed(lines))) or self.tr("Nothing yet."))


def log_lines(lines: Iterable[Line]) -> list[str]:
    """Return lines with their times of day."""
    return [f"{line.at.astimezone():%H:%M:%S}  {line_text(line)}" for line in lines]
