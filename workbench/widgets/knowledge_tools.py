"""The row above the editor of a knowledge file: whose file, which version, undo, and the way in and out of plain files."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QMenu, QToolButton, QWidget

from engine.schema.case import Dataset
from engine.schema.knowledge import KnowledgeVersion
from workbench.i18n import Retranslated
from workbench.icons import icon
from workbench.state.domains import domain_words
from workbench.widgets.boxes import Frame, button, column, icon_button, name_it, row
from workbench.widgets.knowledge_words import version_name
from workbench.widgets.line_editor import LineEditor
from workbench.widgets.text import Text


class KnowledgeTools(Retranslated, QWidget):
    """Choices and actions around the text.

    Signals:
        dataset_chosen: another data set's file is wanted; carries its name.
        version_chosen: the text of a version is wanted; carries its number.
        import_wanted, export_wanted, skeleton_wanted: the entries of the menu.
    """

    dataset_chosen = Signal(str)
    version_chosen = Signal(int)
    import_wanted = Signal()
    export_wanted = Signal()
    skeleton_wanted = Signal()

    def __init__(self, editor: LineEditor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = Text(tone="second")
        self.datasets, self.versions = QComboBox(), QComboBox()
        self.undo, self.redo = icon_button("undo"), icon_button("redo")
        self._more = QToolButton()
        self._more.setIcon(icon("dots-horizontal"))
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(self._more)
        self._more.setMenu(menu)
        self.take_in = menu.addAction(icon("file-import-outline"), "")
        self.give_out = menu.addAction(icon("file-export-outline"), "")
        self.begin = menu.addAction(icon("format-list-bulleted"), "")
        self._shown: tuple[KnowledgeVersion, ...] = ()
        self._known: tuple[Dataset, ...] = ()
        for box in (self.datasets, self.versions):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setMinimumContentsLength(8)
        self.setLayout(row(self.name, self.datasets, self.versions, None, self.undo, self.redo, self._more))
        self.undo.clicked.connect(editor.undo)
        self.redo.clicked.connect(editor.redo)
        editor.undoAvailable.connect(self.undo.setEnabled)
        editor.redoAvailable.connect(self.redo.setEnabled)
        self.undo.setEnabled(False)
        self.redo.setEnabled(False)
        self.take_in.triggered.connect(lambda: self.import_wanted.emit())
        self.give_out.triggered.connect(lambda: self.export_wanted.emit())
        self.begin.triggered.connect(lambda: self.skeleton_wanted.emit())
        self.datasets.activated.connect(self._on_datasets_activated)
        self.versions.activated.connect(self._on_versions_activated)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        name_it(self.undo, self.tr("Undo"))
        name_it(self.redo, self.tr("Redo"))
        name_it(self._more, self.tr("Import, export, start from the labels"))
        self.take_in.setText(self.tr("Import from a file…"))
        self.give_out.setText(self.tr("Export to a file…"))
        self.begin.setText(self.tr("Start from the labels"))
        self.datasets.setAccessibleName(self.tr("Data set"))
        self.versions.setAccessibleName(self.tr("Versions"))
        for at, known in enumerate(self._known):
            self.datasets.setItemText(at, _shown_name(known))
        self.name.setText(self.datasets.currentText())
        for at, version in enumerate(self._shown):
            self.versions.setItemText(at, version_name(version))

    def show_datasets(self, known: Sequence[Dataset], chosen: str) -> None:
        """Offer the files of these data sets."""
        self._known = tuple(known)
        self.datasets.clear()
        for each in known:
            self.datasets.addItem(_shown_name(each), each.dataset)
        self.datasets.setCurrentIndex(max(0, self.datasets.findData(chosen)))
        self.datasets.setVisible(len(known) > 1)
        self.name.setText(self.datasets.currentText())
        self.name.setVisible(len(known) == 1)

    def show_versions(self, versions: Sequence[KnowledgeVersion], chosen: int) -> None:
        """Offer the versions, the newest first."""
        self._shown = tuple(reversed(versions))
        self.versions.clear()
        for version in self._shown:
            self.versions.addItem(version_name(version), version.version)
        self.versions.setCurrentIndex(max(0, self.versions.findData(chosen)))
        self.versions.setVisible(bool(self._shown))

    def allow(self, on: bool) -> None:
        """Let the text be exchanged, or not while a question waits."""
        for thing in (self.versions, self.take_in, self.begin):
            thing.setEnabled(on)

    @Slot(int)
    def _on_datasets_activated(self, index: int) -> None:
        self.dataset_chosen.emit(str(self.datasets.itemData(index)))

    @Slot(int)
    def _on_versions_activated(self, index: int) -> None:
        self.version_chosen.emit(int(self.versions.itemData(index)))


def _shown_name(known: Dataset) -> str:
    return domain_words().named(known.title) or known.dataset


class KnowledgeStart(Retranslated, Frame):
    """What is said while nothing is written: what such a file is for, and two ways to begin.

    Signals:
        skeleton_wanted: a file that names the labels is wanted.
        import_wanted: a file from elsewhere shall come in.
    """

    skeleton_wanted = Signal()
    import_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self._said = Text(size="lead", tone="second", wrap=True)
        self.labels, self.file = button("", "format-list-bulleted"), button("plain", "file-import-outline")
        layout = column(self._said, row(self.labels, self.file, None), spacing=12, margins=16)
        super().__init__("card", layout, parent)
        self.labels.clicked.connect(lambda: self.skeleton_wanted.emit())
        self.file.clicked.connect(lambda: self.import_wanted.emit())
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self._said.setText(
            self.tr(
                "Nobody has written down yet what an expert knows of these cases: what each answer means, and which findings speak for it."
            )
        )
        self.labels.setText(self.tr("Start from the labels"))
        self.file.setText(self.tr("Import from a file…"))
