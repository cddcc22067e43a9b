"""The editor of a data set's knowledge file: typed text, checked while it is typed, kept in versions."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFileDialog, QSplitter, QWidget

from engine.schema.case import Dataset
from engine.schema.errors import ErrorBody, UserError
from engine.schema.knowledge import KNOWLEDGE_FILE, KnowledgeText, KnowledgeVersion
from workbench.state.knowledge import Draft, KnowledgeState, draft_key, read_file
from workbench.state.knowledge_skeleton import skeleton
from workbench.state.session import Session
from workbench.state.settings import Preferences
from workbench.theme import BETWEEN, theme
from workbench.views.place import Place
from workbench.widgets.boxes import Frame, button, column, icon_button, name_it
from workbench.widgets.inline_question import TextQuestion
from workbench.widgets.knowledge_side import KnowledgeSide
from workbench.widgets.knowledge_tools import KnowledgeStart, KnowledgeTools
from workbench.widgets.line_editor import LineEditor
from workbench.widgets.run_facts import problem_text
from workbench.widgets.skeleton import Skeleton
from workbench.widgets.text import ElidedText, Text
from workbench.widgets.yaml_colors import YamlColors

FOLD_WIDTH: Final = 760
"""Below this width what is wrong stands below the text."""
_FILTER: Final = "YAML (*.yaml *.yml)"


class KnowledgeView(Place):
    """One data set's file at a time; `show_item` with the data set's name says whose.

    Signals:
        draft_changed: the text has changes that are not saved, or none any more; carries the draft's name and itself.
        saved: a version was kept; carries the data set's name and the `KnowledgeVersion`.
    """

    draft_changed = Signal(str, str)
    saved = Signal(str, object)

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__(session, preferences, "book-open-outline")
        self.state = KnowledgeState(session, self)
        self.draft_of: Callable[[str], str] = lambda _key: ""
        """Returns what is kept of a draft."""
        self._unsaved: dict[str, Draft] = {}  # of the data sets that were left with changes
        self._based_on = 0
        self._saved_text = ""
        self._seen = ""  # the text that was last looked at: colouring a text tells of a change that is none
        self._folder = session.folder
        self._problem: ErrorBody | None = None
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        self._back, self.save_button = icon_button("arrow-left"), button("primary", "content-save-outline")
        self.saved_word = ElidedText(tone="second")
        self.head.insertWidget(0, self._back)
        self.head.insertWidget(2, self.saved_word, 1000)  # more than the stretch at the row's end
        self.head.addWidget(self.save_button)
        self.editor = LineEditor()
        self.colors = YamlColors(self.editor.document())
        self.tools, self.start, self.side = KnowledgeTools(self.editor), KnowledgeStart(), KnowledgeSide()
        self.question = TextQuestion()
        self.problem = Text(tone="stop", wrap=True, strong=True)
        self.problem.hide()
        self._halves = QSplitter()
        self._halves.addWidget(Frame("card", column(self.editor, margins=1)))
        self._halves.addWidget(self.side)
        self._halves.setChildrenCollapsible(False)
        self._halves.setHandleWidth(BETWEEN)
        self._halves.setStretchFactor(0, 2)
        self._halves.setSizes([760, 320])
        self.body.setSpacing(12)
        for made in (self.tools, self.question, self.problem, self.start):
            self.body.addWidget(made)
        self.body.addWidget(self._halves, 1)

    def _connect(self) -> None:
        self._back.clicked.connect(lambda: self.place_wanted.emit("training", ""))
        self.empty.action.clicked.connect(lambda: self.place_wanted.emit("training", ""))
        self.save_button.clicked.connect(self.save)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Save), self, self.save)
        self.editor.textChanged.connect(self._on_editor_text_changed)
        self.tools.dataset_chosen.connect(self.show_item)
        self.tools.version_chosen.connect(self.state.load)
        self.tools.export_wanted.connect(self._on_export_wanted)
        for card in (self.tools, self.start):
            card.import_wanted.connect(self._on_import_wanted)
            card.skeleton_wanted.connect(self.start_from_labels)
        self.side.line_wanted.connect(self.editor.go_to)
        self.question.answered.connect(self._on_question_answered)
        self.state.versions_changed.connect(self._on_state_versions_changed)
        self.state.loaded.connect(self._on_state_loaded)
        self.state.checked.connect(self._on_state_checked)
        self.state.saved.connect(self._on_state_saved)
        self.state.conflicted.connect(self._on_state_conflicted)
        self.state.refused.connect(self._on_state_refused)
        self.session.project_changed.connect(self._on_session_project_changed)
        self.session.attached.connect(self._on_session_attached)

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.title.setText(self.tr("Knowledge file"))
        name_it(self._back, self.tr("Training"))
        self.save_button.setText(self.tr("Save"))
        self.editor.setAccessibleName(self.tr("Knowledge file; Esc leaves the text"))
        self.empty.say(
            self.tr("There are no labelled cases yet. Drop a table with answers on Home, or start the demo run."),
            self.tr("Go to Training"),
        )
        self._write_state()

    def skeleton(self) -> QWidget:
        """Return the shape of an editor."""
        return Skeleton(rows=12, row_height=20)

    @property
    def dataset(self) -> Dataset | None:
        """The data set whose file is shown."""
        known = self._known()
        return next((each for each in known if each.dataset == self.state.dataset), None)

    @property
    def is_unsaved(self) -> bool:
        """Whether the text differs from the version it was made from."""
        return self.editor.toPlainText() != self._saved_text

    def opened(self) -> None:
        """Show the newest data set's file where none was asked for; read the versions anew."""
        known = self._known()
        if not known:
            self.draw("empty" if self.session.project is not None else "loading")
        elif self.dataset is None:
            self.show_item(known[0].dataset)
        else:
            self.state.read_versions()

    def show_item(self, item_id: str) -> None:
        """Show a data set's file; changes of the one before it are kept for the way back."""
        if item_id == self.state.dataset and self.drawn == "live":
            self.state.read_versions()
            return
        self._problem = None
        self.question.withdraw()
        self.editor.setReadOnly(False)
        self.draw("loading")
        self.state.open(item_id)
        self.tools.show_datasets(self._known(), item_id)

    def try_again(self) -> None:
        """Read once more."""
        if self.state.dataset:
            self.state.versions = None
            self.show_item(self.state.dataset)
        else:
            super().try_again()

    @Slot()
    def save(self) -> None:
        """Keep the text as the newest version."""
        if self.save_button.isEnabled():
            self._say(None)
            self.state.save(self.editor.toPlainText(), self._based_on)
            self._write_state()

    @Slot()
    def start_from_labels(self) -> None:
        """Write a file that names every label; it can be undone."""
        dataset = self.dataset
        if dataset is not None:
            self.editor.replace_text(skeleton(dataset))
            self.editor.setFocus()

    def import_file(self, path: Path) -> None:
        """Put a file's text in the place of what is written; it can be undone."""
        try:
            text = read_file(path)
        except UserError as error:
            self._say(error.body())
            return
        self._say(None)
        self.editor.replace_text(text)

    def export_file(self, path: Path) -> None:
        """Write the text as it stands."""
        try:
            path.write_text(self.editor.toPlainText(), encoding="utf-8")
        except OSError:
            self._say(ErrorBody(code="project-not-writable"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put what is wrong below the text where there is no room beside it."""
        super().resizeEvent(event)
        way = Qt.Orientation.Vertical if self.width() < theme().px(FOLD_WIDTH) else Qt.Orientation.Horizontal
        if way != self._halves.orientation():
            self._halves.setOrientation(way)
            self._halves.setStretchFactor(1, 1 if way == Qt.Orientation.Vertical else 0)
            self._halves.setSizes([650, 350] if way == Qt.Orientation.Vertical else [760, 320])

    def _known(self) -> list[Dataset]:
        project = self.session.project
        known = project.datasets if project is not None else ()
        return sorted(known, key=lambda each: each.created_at, reverse=True)

    def _fill(self, text: str, based_on: int) -> None:
        """Show a version as it was saved; what was undone before it is forgotten."""
        self._seen = text
        self.editor.setPlainText(text)
        self._take_as_saved(based_on)
        self._follow_text()

    def _take_as_saved(self, version: int) -> None:
        """Take what stands there as that version: as the editor gives it back, which knows one kind of space and line end."""
        self._based_on, self._saved_text = version, self.editor.toPlainText()
        self._seen = self._saved_text

    def _take_up(self, draft: Draft) -> None:
        """Go on with a text that was not saved."""
        self._based_on = draft.based_on
        self.editor.replace_text(draft.text)

    def _offer_draft(self) -> None:
        """Go on with changes of this window; ask about those that an earlier one left."""
        dataset = self.state.dataset
        ours = self._unsaved.get(dataset)
        left = Draft.unpacked(self.draft_of(draft_key(dataset)))
        if ours is not None:
            self._take_up(ours)
        elif left is not None and left.text != self._saved_text:
            self.editor.setReadOnly(True)
            self.question.ask_about_draft(lambda: self._take_up(left), self._forget_draft)
            self._write_state()

    def _forget_draft(self) -> None:
        self._unsaved.pop(self.state.dataset, None)
        self.draft_changed.emit(draft_key(self.state.dataset), "")

    def _keep_draft(self) -> None:
        """Keep the text as long as it is not saved."""
        if not self.is_unsaved:
            self._forget_draft()
            return
        draft = Draft(self.editor.toPlainText(), self._based_on)
        self._unsaved[self.state.dataset] = draft
        self.draft_changed.emit(draft_key(self.state.dataset), draft.packed())

    def _say(self, problem: ErrorBody | None) -> None:
        self._problem = problem
        self.problem.setText(problem_text(problem) if problem is not None else "")
        self.problem.setVisible(problem is not None)

    def _follow_text(self) -> None:
        """Have the text checked and say where it stands."""
        text = self.editor.toPlainText()
        if not text.strip():
            self.side.show_empty()
            self.editor.mark(())
        self.state.check(text)
        self._write_state()

    def _write_state(self) -> None:
        blank = not self.editor.toPlainText().strip()
        faulty = self.side.report is not None and bool(self.side.report.faults)
        can_save = self.is_unsaved and not blank and not faulty and not self.question.asked and not self.state.is_saving
        self.save_button.setEnabled(can_save)
        self.start.setVisible(blank and not self.question.asked)
        saved = self.tr("saved as version {n}").format(n=self._based_on) if self._based_on else ""
        self.saved_word.setText(self.tr("not saved yet") if self.is_unsaved else saved)
        self.tools.allow(not self.question.asked)
        self._say(self._problem)

    @Slot()
    def _on_session_project_changed(self) -> None:
        self.tools.show_datasets(self._known(), self.state.dataset)
        if self.drawn == "empty" and self._known() and self.isVisible():
            self.opened()

    @Slot()
    def _on_session_attached(self) -> None:
        """Begin anew in another project; in the same one, what the lost engine was asked is asked again."""
        self.state.is_saving = False
        if self.session.folder != self._folder:
            self._folder = self.session.folder
            self._unsaved.clear()
            self.state.dataset = ""
            self.draw("loading")
        if self.isVisible():
            self.opened()
        if self.drawn == "live":
            self._follow_text()

    @Slot()
    def _on_state_versions_changed(self) -> None:
        newest = self.state.newest()
        self._show_based_on()
        if self.drawn == "live":
            if newest != self._based_on and not self.is_unsaved:
                self.state.load(newest)
        elif newest:
            self.state.load(newest)
        else:
            self._fill("", 0)
            self.draw("live")
            self._offer_draft()

    @Slot(object)
    def _on_state_loaded(self, found: KnowledgeText) -> None:
        if self.drawn != "live":
            self._fill(found.text, found.version.version)
            self.draw("live")
            self._show_based_on()
            self._offer_draft()
        else:
            self.editor.replace_text(found.text)
            if found.version.version == self.state.newest():
                self._take_as_saved(found.version.version)
                self._keep_draft()
                self._show_based_on()
            self._write_state()

    def _show_based_on(self) -> None:
        versions = self.state.versions
        self.tools.show_versions(versions.versions if versions is not None else (), self._based_on)

    @Slot()
    def _on_state_checked(self) -> None:
        dataset = self.dataset
        if self.editor.toPlainText().strip():
            self.side.show_report(self.state.report, dataset.labels if dataset is not None else ())
        self.editor.mark(self.side.lines())
        self._write_state()

    @Slot(object, str)
    def _on_state_saved(self, kept: KnowledgeVersion, text: str) -> None:
        self._based_on, self._saved_text = kept.version, text
        self._keep_draft()
        self._write_state()
        self.saved.emit(self.state.dataset, kept)

    @Slot()
    def _on_state_conflicted(self) -> None:
        def newest() -> None:
            self.state.load(self.state.newest())

        def mine() -> None:
            self._based_on = self.state.newest()
            self._keep_draft()

        self.editor.setReadOnly(True)
        self.question.ask_about_newer(self.state.newest(), newest, mine)
        self._write_state()

    @Slot()
    def _on_question_answered(self) -> None:
        self.editor.setReadOnly(False)
        self._write_state()
        self.editor.setFocus()

    @Slot(object)
    def _on_state_refused(self, problem: ErrorBody) -> None:
        if self.drawn == "live":
            self._say(problem)
            self._write_state()
        else:
            self.show_error(problem)

    @Slot()
    def _on_editor_text_changed(self) -> None:
        text = self.editor.toPlainText()
        if text != self._seen:
            self._seen = text
            self._keep_draft()
            self._follow_text()

    @Slot()
    def _on_import_wanted(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Import from a file…"), "", _FILTER)
        if name:
            self.import_file(Path(name))

    @Slot()
    def _on_export_wanted(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Export to a file…"), KNOWLEDGE_FILE, _FILTER)
        if name:
            self.export_file(Path(name))
