"""One case: its inputs, a close look at them, and the answer, side by side."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, QUndoStack
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMenu, QToolButton

from engine.schema.base import new_id
from engine.schema.case import Case, Label
from engine.schema.command import Command
from engine.schema.errors import ErrorBody
from engine.schema.model import ModelSummary
from workbench.actions.report import CaseReport
from workbench.i18n import language
from workbench.icons import icon
from workbench.state.case_changes import push_change
from workbench.state.cases import CaseState
from workbench.state.domains import domain_words
from workbench.state.files import Handful, kind_of
from workbench.state.session import Session
from workbench.state.settings import Preferences
from workbench.views.place import Place
from workbench.widgets.boxes import icon_button, name_it
from workbench.widgets.case_columns import CaseColumns
from workbench.widgets.case_inputs import CaseInputs
from workbench.widgets.case_notes import CaseNotes
from workbench.widgets.case_result import CaseResult
from workbench.widgets.case_routing import CaseRouting
from workbench.widgets.case_viewer import CaseViewer


class CaseView(Place):
    """The three columns of a case, and what can be done with it.

    Signals:
        draft_changed: what was typed for a case and is not with the engine yet; carries the case's id and the words.
        case_shown: another case is in front; carries its id.
    """

    draft_changed = Signal(str, str)
    case_shown = Signal(str)

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__(session, preferences, "clipboard-text-outline")
        self.state = CaseState(session, self)
        self.changes = QUndoStack(self)
        self._runs_when_settled = False
        self._adds_when_settled: tuple[Path, ...] = ()
        self.draft_of: Callable[[str], str] = lambda _case_id: ""
        """Returns the unused note of a case; whoever keeps them sets it."""
        self.title.hide()
        self.inputs = CaseInputs(session, self.state)
        self._notes = CaseNotes(self.state, self.inputs.cards["text"], self)
        self.viewer = CaseViewer(session.client)
        self.routing = CaseRouting()
        self.result = CaseResult(session, self.state, preferences)
        self._build_head()
        self._build_columns()
        self._connect()
        self.retranslate()
        self.draw("empty")

    def _build_head(self) -> None:
        self._back = icon_button("arrow-left")
        self.name = QLineEdit()
        self.name.setMaxLength(400)
        self.name.setMinimumWidth(320)
        self._undo = icon_button("undo")
        self._redo = icon_button("redo")
        self._report = QToolButton()
        self._report.setProperty("kind", "wide")
        self._report.setIcon(icon("file-document-outline"))
        self._report.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._report.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._report.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._report_menu = QMenu(self._report)
        self._report.setMenu(self._report_menu)
        self._copy = self._report_menu.addAction(icon("content-copy"), "", self.copy_report)
        self._save = self._report_menu.addAction(icon("file-document-outline"), "", self.save_report)
        self._print = self._report_menu.addAction(icon("printer-outline"), "", self._on_print_triggered)
        self._delete = icon_button("delete-outline")
        self.head.insertWidget(0, self._back)
        self.head.insertWidget(1, self.name, 1)
        for made in (self._undo, self._redo, self._report, self._delete):
            self.head.addWidget(made)

    def _build_columns(self) -> None:
        self.columns = CaseColumns(self.inputs, self.viewer, self.routing, self.result)
        self.columns.restoreState(self.preferences.bytes_of("case"))
        self.body.addWidget(self.columns, 1)

    def _connect(self) -> None:
        self.state.changed.connect(self._on_state_changed)
        self.state.refused.connect(self._on_state_refused)
        self.state.refused_behind.connect(lambda problem: self.told.emit(problem.text(language()), "", None))
        self.state.settled.connect(self._on_state_settled)
        self.state.part_taken.connect(self._on_state_part_taken)
        self._notes.changed.connect(self.draft_changed)
        self.inputs.run_wanted.connect(self._on_inputs_run_wanted)
        self.inputs.cards["text"].draft_changed.connect(lambda: self.result.take_draft(self.inputs.has_draft()))
        self.inputs.removed.connect(self._on_inputs_removed)
        self.result.run_wanted.connect(self.run)
        self.result.own_view_given.connect(self._on_result_own_view_given)
        self.result.own_labels_given.connect(self._on_result_own_labels_given)
        self.result.page_changed.connect(self._show_routing)
        self.session.project_changed.connect(self._show_routing)
        self.result.models_wanted.connect(lambda: self.place_wanted.emit("models", ""))
        self.routing.token_pointed.connect(self.viewer.point_at)
        self.columns.splitterMoved.connect(self._on_columns_splitter_moved)
        self.name.editingFinished.connect(self._on_name_editing_finished)
        self._back.clicked.connect(lambda: self.place_wanted.emit("cases", ""))
        self._undo.clicked.connect(self.changes.undo)
        self._redo.clicked.connect(self.changes.redo)
        self._delete.clicked.connect(self._on_delete_clicked)
        self.changes.canUndoChanged.connect(self._undo.setEnabled)
        self.changes.canRedoChanged.connect(self._redo.setEnabled)
        pad = QShortcut(QKeySequence("Ctrl+Enter"), self, self.run)  # the other Enter is the window's action
        pad.setAutoRepeat(False)  # a key that is held would ask, stop, and ask again
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self, self.changes.undo)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Redo), self, self.changes.redo)

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        name_it(self._back, self.tr("Back to the cases"))
        name_it(self._undo, self.tr("Undo (Ctrl+Z)"))
        name_it(self._redo, self.tr("Redo (Ctrl+Y)"))
        name_it(self._delete, self.tr("Move this case to the trash"))
        self._undo.setEnabled(self.changes.canUndo())
        self._redo.setEnabled(self.changes.canRedo())
        if not self.name.isModified():
            self._write_name()
        self.name.setPlaceholderText(self.tr("Name of the case"))
        self.name.setAccessibleName(self.tr("Name of the case"))
        self._report.setText(self.tr("Report"))
        self._copy.setText(self.tr("Copy as text"))
        self._save.setText(self.tr("Save as PDF…"))
        self._print.setText(self.tr("Print…"))
        self.empty.say(self.tr("No case is open."))

    def show_item(self, item_id: str) -> None:
        """Open a case; one that could not be read is asked for again."""
        if item_id != self.state.case_id or self.drawn == "error":
            self._begin()
            self.draw("loading")
            self._show_draft(item_id)
            self.state.open(item_id)

    def try_again(self) -> None:
        """Ask for the case once more, and first for its engine where that is gone."""
        if self.session.light in ("offline", "failed"):
            super().try_again()
        self.show_item(self.state.case_id)

    def start_case(self, title: str, files: tuple[Path, ...] = ()) -> str:
        """Make a case of files and answer it as soon as they are read; returns its id."""
        self._begin()
        case_id = self.state.create(title)
        self.name.setText(title)
        self._show_draft(case_id)
        self._runs_when_settled = bool(files)
        self.draw("live")
        for path in files:
            self.state.add_file(path)
        return case_id

    def add_files(self, files: tuple[Path, ...]) -> None:
        """Add dropped files to the open case."""
        self.inputs.add_files(list(files))

    @property
    def shown_name(self) -> str:
        """What the open case is called."""
        return self.name.text() or self.state.case_id

    @property
    def is_filling(self) -> bool:
        """Whether files or changes of the open case are still on their way to the engine."""
        return self.drawn == "live" and self.state.is_busy and not self.state.predicting

    def takes(self, handful: Handful) -> bool:
        """Tell whether dropped files plainly belong to the open case: they only fill what it lacks, and nobody has judged it yet."""
        case = self.state.case
        if case is None or case.prediction is not None or case.seen() or self.state.predicting or self.state.reading:
            return False
        if not case.parts:
            return True
        return not handful.from_folder and not {kind_of(path) for path in handful.inputs} & set(case.present())

    def move_files(self, files: tuple[Path, ...], made: str, wanted: str) -> None:
        """Put files that became the case `made` into the case `wanted` instead; `made` goes into the trash."""
        if made == self.state.case_id:
            self._runs_when_settled = False
        self.state.put_away(made)
        self.place_wanted.emit("case", wanted)
        self._adds_when_settled = files
        if not self.state.is_busy:  # it was in front already
            self._add_what_is_due()

    def _begin(self) -> None:
        """Leave the case before; what is still due for it is done behind the next one."""
        self.name.clearFocus()  # a name that was being changed is kept with the case it belongs to
        self.inputs.group.clearFocus()
        self._add_what_is_due()
        if self._runs_when_settled:
            self._runs_when_settled = False
            self.state.predict_if_readable()
        self.changes.clear()
        self.columns.to_top()
        self.name.clear()

    def _show_draft(self, case_id: str) -> None:
        """Let the editor hold this case's own unused note: a note of another patient must not stand in it."""
        self._notes.show(case_id, self.draft_of(case_id))
        self.case_shown.emit(case_id)

    @Slot()
    def run(self) -> None:
        """Ask for the answer, or stop waiting for it, where the button can be pressed."""
        if self.inputs.run.isEnabled():
            self._on_inputs_run_wanted()

    @Slot()
    def _on_inputs_run_wanted(self) -> None:
        if self.state.predicting:
            self.state.stop_waiting()
        else:
            self.inputs.cards["text"].give_text()
            self.state.predict()

    def _answered_by(self) -> ModelSummary | None:
        """Return the model that answered; None where none did, or where it is gone."""
        case = self.state.case
        return (
            self.session.model(case.prediction.model_id) if case is not None and case.prediction is not None else None
        )

    def labels(self) -> tuple[Label, ...]:
        """Return the labels of the model that answered, or of the one in use."""
        model = self._answered_by() or self.session.model_in_use()
        return model.labels if model is not None else ()

    def report(self) -> CaseReport | None:
        """Return the report of the open case."""
        return CaseReport(self.state.case, self.labels()) if self.state.case is not None else None

    @Slot()
    def copy_report(self) -> None:
        """Put the report on the clipboard as text."""
        report = self.report()
        if report is not None:
            QGuiApplication.clipboard().setText(report.text())
            self.told.emit(self.tr("The report was copied."), "", None)

    @Slot()
    def save_report(self) -> None:
        """Let the person choose where the report is kept as a PDF."""
        report = self.report()
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save as PDF…"), f"{self.state.case_id}.pdf", "PDF (*.pdf)")
        if not name or report is None:
            return
        try:
            report.save_pdf(Path(name))
        except OSError:
            said = self.tr(
                "The report was not saved: {file} could not be written. Choose another folder, or free some space."
            )
            self.told.emit(said.format(file=name), self.tr("Save as PDF…"), self.save_report)
        else:
            self.told.emit(self.tr("The report was saved."), "", None)

    @Slot()
    def _on_print_triggered(self) -> None:
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # only who prints pays for its start

        report = self.report()
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        if report is not None and QPrintDialog(printer, self).exec():
            report.print_on(printer, printer.resolution())

    @Slot()
    def _on_state_changed(self) -> None:
        case = self.state.case
        if not self.state.case_id and self.drawn != "empty":
            self._close()
        elif case is not None and self.drawn != "live":
            self.draw("live")
        self.viewer.show_case(case)
        self._show_routing()
        self.name.setReadOnly(case is None)
        if not self.name.hasFocus():
            self._write_name()

    def _write_name(self) -> None:
        if self.state.case is not None:
            self.name.setText(domain_words().named(self.state.case.title))
            self.name.setCursorPosition(0)

    @Slot()
    def _show_routing(self) -> None:
        """Show who worked on the answer as soon as the answer itself is shown, and no longer than it holds."""
        case = self.state.case
        shown = self.result.shown == "answer" and not self.state.predicting and not self.state.is_stale()
        self.routing.show_answer(case.prediction if shown and case is not None else None, self._answered_by())

    def _close(self) -> None:
        """Show no case: the project of the one that was open was left."""
        self._runs_when_settled = False
        self._adds_when_settled = ()
        self._begin()
        self._show_draft("")
        self.draw("empty")

    @Slot(object)
    def _on_state_refused(self, problem: ErrorBody) -> None:
        if self.drawn == "loading":
            self.show_error(problem)
        else:
            self.told.emit(problem.text(language()), "", None)

    @Slot()
    def _on_state_settled(self) -> None:
        self._add_what_is_due()
        if self._runs_when_settled:
            self._runs_when_settled = False
            if self.state.case is not None and self.state.case.readable():
                self.run()

    def _add_what_is_due(self) -> None:
        files, self._adds_when_settled = self._adds_when_settled, ()
        self.add_files(files)

    @Slot(str, str)
    def _on_state_part_taken(self, part_id: str, replaced: str) -> None:
        state = self.state

        def undo() -> None:
            state.remove_part(part_id)
            if replaced:
                state.restore_part(replaced)

        def redo() -> None:
            if replaced:
                state.remove_part(replaced)
            state.restore_part(part_id)

        push_change(self.changes, self.tr("Add an input"), undo, redo)

    @Slot(str, str)
    def _on_inputs_removed(self, part_id: str, name: str) -> None:
        state = self.state
        undo, redo = (lambda: state.restore_part(part_id)), (lambda: state.remove_part(part_id))
        push_change(self.changes, self.tr("Remove an input"), undo, redo)
        self.told.emit(self.tr("Removed {name}.").format(name=name), self.tr("Undo"), self.changes.undo)

    @Slot(str)
    def _on_result_own_view_given(self, label: str) -> None:
        self._push_edit(self.tr("Own view"), "own_view", label)

    @Slot(object)
    def _on_result_own_labels_given(self, labels: tuple[str, ...]) -> None:
        self._push_edit(self.tr("Own view"), "own_labels", labels)

    @Slot()
    def _on_name_editing_finished(self) -> None:
        if self.state.case is not None and self.name.text() != domain_words().named(self.state.case.title):
            self._push_edit(self.tr("Rename"), "title", self.name.text())

    def _push_edit(self, text: str, field: str, value: str | tuple[str, ...]) -> None:
        case, state = self.state.case, self.state
        if case is None:
            return
        before = {"own_view": ""} if getattr(case, field) is None else {field: getattr(case, field)}
        state.edit(**{field: value})
        push_change(self.changes, text, lambda: state.edit(**before), lambda: state.edit(**{field: value}))

    @Slot()
    def _on_delete_clicked(self) -> None:
        case, client = self.state.case, self.session.client
        if case is None:
            return

        def restore() -> None:
            command = Command(command_id=new_id("restore"))
            client.post(f"/v1/cases/{case.case_id}/restore", command, Case, restored)

        def restored(back: Case) -> None:
            self.place_wanted.emit("case", back.case_id)

        def deleted(_raw: bytes) -> None:
            self.told.emit(self.tr("Moved to the trash: {name}").format(name=case.title), self.tr("Undo"), restore)

        client.delete(f"/v1/cases/{case.case_id}", deleted)
        self.place_wanted.emit("cases", "")

    @Slot()
    def _on_columns_splitter_moved(self) -> None:
        self.preferences.keep_bytes("case", self.columns.saveState())
