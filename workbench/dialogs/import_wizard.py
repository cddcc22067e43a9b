"""Importing a table of cases: what was found, what is on its way, and what could not be read."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QDialog, QPlainTextEdit, QProgressBar, QWidget

from engine.schema.command import ImportPlan
from workbench.i18n import Retranslated, language
from workbench.state.imports import ImportWords, TableImport
from workbench.state.session import Session
from workbench.theme import BETWEEN, INSIDE
from workbench.widgets.boxes import button, column, row
from workbench.widgets.text import Text
from workbench.words import listed


class ImportWizard(Retranslated, QDialog):
    """Goes from the table to its cases in one window, and is gone once it is closed.

    Closing it before the engine has begun stops everything; while rows come in it leaves the work to the engine.

    Signals:
        cases_wanted: the import is done and the person wants to see the cases.
    """

    cases_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.state = TableImport(session, self)
        self._head = Text(size="title")
        self._then = Text(tone="hint", size="small")
        self._waiting = 0
        self._words = Text(tone="second", wrap=True)
        self.several = QCheckBox()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._problems_head = Text(strong=True, tone="care")
        self.problems = QPlainTextEdit()
        self.problems.setReadOnly(True)
        self.go_on = button("primary")
        self.close_button = button("")
        buttons = row(None, self.close_button, self.go_on)
        layout = column(
            self._head,
            self._then,
            self._words,
            self.several,
            self._bar,
            self._problems_head,
            self.problems,
            None,
            buttons,
            spacing=INSIDE,
            margins=24,
        )
        layout.setSpacing(BETWEEN)
        self.setLayout(layout)
        self.resize(640, 440)
        self.several.clicked.connect(self._on_several_clicked)
        self.go_on.clicked.connect(self._on_go_on_clicked)
        self.close_button.clicked.connect(self.close)
        self.state.changed.connect(self.retranslate)
        self.retranslate()

    def read(self, table: Path) -> None:
        """Read a table and show what it holds."""
        self.state.read(table)
        self.show()
        self.raise_()

    def tell_waiting(self, tables: int) -> None:
        """Say how many more tables come after this one."""
        self._waiting = tables
        self.retranslate()

    def done(self, result: int) -> None:
        """Close, however the person does it, and send nothing more."""
        self.state.stop()
        super().done(result)

    @property
    def waiting(self) -> str:
        """What is said of the tables that come after this one; empty where none does."""
        return self._then.text() if self._waiting else ""

    @property
    def words(self) -> str:
        """What is said about the import at this moment."""
        return self._words.text()

    @Slot()
    def retranslate(self) -> None:
        """Show the import as it is, in the language of the moment."""
        state = self.state
        self.setWindowTitle(self.tr("Import a table"))
        self._head.setText(state.table.name or self.tr("Import a table"))
        self._then.setText(self.tr("%n more table(s) after this one", "", self._waiting))
        self._then.setVisible(self._waiting > 0)
        self._words.setText(self._sentence())
        self.several.setText(self.tr("A case may have several of these labels, or none"))
        read_so = state.roles.answers or (state.plan.answers if state.plan is not None else "one")
        self.several.setChecked(read_so == "several")
        refused = state.phase == "failed" and state.job is None and bool(state.roles.answers)
        self.several.setVisible(state.phase == "planned" or refused)
        busy = state.phase in ("planning", "sending", "importing")
        self._bar.setVisible(busy)
        self._bar.setRange(0, state.total if state.phase != "planning" else 0)
        self._bar.setValue(state.done)
        self._problems_head.setText(self.tr("%n thing(s) could not be read", "", len(state.problems)))
        shown = "\n".join(problem.text(language()) for problem in state.problems)
        if shown != self.problems.toPlainText():
            self.problems.setPlainText(shown)
        self._problems_head.setVisible(bool(state.problems) and state.phase != "failed")
        self.problems.setVisible(bool(state.problems) and state.phase != "failed")
        self.problems.setAccessibleName(self._problems_head.text())
        self.go_on.setText(self.tr("Show the cases") if state.phase == "done" else self.tr("Import"))
        self.go_on.setVisible(state.phase in ("planned", "done"))
        self.close_button.setText(
            self.tr("Close") if state.phase in ("done", "failed", "importing") else self.tr("Cancel")
        )

    def _sentence(self) -> str:
        state = self.state
        match state.phase:
            case "planning":
                return self.tr("Reading the table…")
            case "planned":
                return self._found()
            case "sending":
                return self.tr("Sending file {done} of {total}…").format(done=state.done, total=state.total)
            case "importing":
                if state.total:
                    return self.tr("Reading row {done} of {total}…").format(done=state.done, total=state.total)
                return self.tr("The engine is taking the cases in…")
            case "done":
                return self._done()
            case "failed":
                return state.problems[0].text(language()) if state.problems else ""
        return ""

    def _done(self) -> str:
        state = self.state
        return ImportWords().sentence(state.job.result if state.job is not None else {})

    def _found(self) -> str:
        plan = self.state.plan
        assert plan is not None
        labels = listed(label.shown(language()) for label in plan.labels[:8]) + (" …" if len(plan.labels) > 8 else "")
        lines = [
            self.tr("%n row(s)", "", plan.rows) + self.tr(", read as {encoding}").format(encoding=plan.encoding),
            self.tr("%n file(s) to read", "", len(plan.paths)),
            self.tr("Answers ({n}): {labels}").format(n=len(plan.labels), labels=labels),
        ]
        lines.append(self._answers_from(plan))
        lines += self._findings(plan)
        if plan.roles.group:
            lines.append(self.tr("Cases of one “{column}” stay together.").format(column=plan.roles.group))
        else:
            lines.append(self.tr("No column says which cases belong to one person; each counts as its own."))
        if plan.licence:
            lines.append(self.tr("Licence: {licence}").format(licence=plan.licence))
        return "\n".join(lines)

    def _findings(self, plan: ImportPlan) -> list[str]:
        """Return what the table says of images and sounds, with how often each finding was seen and looked for."""
        images, sounds = self.tr("Image findings ({columns}): {names}"), self.tr("Sound findings ({columns}): {names}")
        lines = []
        for kind, columns, words in (
            ("image", plan.roles.image_findings, images),
            ("audio", plan.roles.audio_findings, sounds),
        ):
            told = [one for one in plan.findings if one.modality == kind]
            names = [self.tr("{name} in {seen} of {looked}").format(**one.model_dump()) for one in told[:8]]
            if told:
                shown = "; ".join(names) + ("; …" if len(told) > 8 else "")
                lines.append(words.format(columns=listed(columns), names=shown))
        return [*lines, self.tr("Where a cell of these is empty, nobody looked.")] if lines else []

    def _answers_from(self, plan: ImportPlan) -> str:
        """Return which columns hold the answers, and how they are read."""
        if plan.roles.flags:
            said = self.tr("Each of these columns of 0 and 1 is a label: {columns}")
            return said.format(columns=listed(plan.roles.flags[:8]) + (" …" if len(plan.roles.flags) > 8 else ""))
        if plan.answers == "several":
            return self.tr("“{column}” holds any number of labels a case, parted by ; or |").format(
                column=plan.roles.label
            )
        return self.tr("“{column}” holds the one answer of each case").format(column=plan.roles.label)

    @Slot(bool)
    def _on_several_clicked(self, on: bool) -> None:
        self.state.read_answers_as("several" if on else "one")

    @Slot()
    def _on_go_on_clicked(self) -> None:
        if self.state.phase == "done":
            self.close()
            self.cases_wanted.emit()
        else:
            self.state.start()
