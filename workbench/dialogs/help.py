"""Help: the manual that ships with Consilium, the shortcuts, and what Consilium is and is not."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QDialog, QListWidget, QSplitter, QTextBrowser, QWidget

from engine import __version__
from engine.schema.places import assets
from workbench.i18n import Retranslated, language
from workbench.theme import BETWEEN, INSIDE
from workbench.widgets.boxes import Frame, column


class HelpDialog(Retranslated, QDialog):
    """Pages on the left, the chosen one on the right; the manual is our own text, so it may be read as Markdown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = QListWidget()
        self.page = QTextBrowser()
        self.page.setOpenLinks(False)
        self.page.document().setDocumentMargin(BETWEEN)
        self.pages.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._texts: list[str] = []
        halves = QSplitter()
        halves.addWidget(self.pages)
        halves.addWidget(Frame("card", column(self.page, margins=1)))
        halves.setSizes([200, 600])
        halves.setHandleWidth(BETWEEN)
        self.setLayout(column(halves, margins=BETWEEN))
        self.resize(880, 600)
        self.pages.currentRowChanged.connect(self._on_pages_current_row_changed)
        self.retranslate()

    def retranslate(self) -> None:
        """Read the pages of the language of the moment."""
        self.setWindowTitle(self.tr("Help"))
        self.pages.setAccessibleName(self.tr("Pages"))
        chosen = max(0, self.pages.currentRow())
        found = sorted((assets() / "manual" / language()).glob("*.md"))
        self._texts = [page.read_text(encoding="utf-8") for page in found]
        titles = [text.lstrip("# ").splitlines()[0] if text else "" for text in self._texts]
        self._texts += [self._shortcuts(), self._about()]
        self.pages.clear()
        self.pages.addItems([*titles, self.tr("Shortcuts"), self.tr("About")])
        self.pages.setCurrentRow(chosen)

    def _shortcuts(self) -> str:
        rows = (
            ("Ctrl+O", self.tr("choose files")),
            ("Ctrl+N", self.tr("new case")),
            ("Ctrl+K", self.tr("search commands")),
            ("Ctrl+Enter", self.tr("run")),
            ("Ctrl+Z, Ctrl+Y", self.tr("undo, redo")),
            ("Ctrl+S", self.tr("save the knowledge file")),
            ("Ctrl+1 … 4", self.tr("go to a place")),
            ("Ctrl+Shift+N", self.tr("new project")),
            ("Ctrl+Shift+O", self.tr("open project")),
            ("Ctrl+=  Ctrl+-  Ctrl+0", self.tr("larger, smaller, usual text")),
            ("Ctrl+,", self.tr("settings")),
            ("F1", self.tr("help")),
            ("Ctrl+Q", self.tr("quit")),
            (self.tr("Delete"), self.tr("list of cases: into the trash; in the trash: out of it")),
            ("+  -  0", self.tr("picture: larger, smaller, fit")),
            ("I, R", self.tr("picture: invert, reset")),
            (self.tr("Space"), self.tr("recording: play, stop")),
        )
        lines, head = [f"| {keys} | {what} |" for keys, what in rows], self.tr("Shortcuts")
        return "\n".join([f"# {head}", "", "| | |", "|---|---|", *lines])

    def _about(self) -> str:
        use = self.tr("Research use only. Not cleared as a medical device. Do not use to decide on a patient's care.")
        parts = self.tr("Built with Qt for Python (LGPL-3.0), pyqtgraph, NumPy, pydantic, superqt and QtAwesome.")
        licence = self.tr("Consilium is free software under the Apache Licence 2.0.")
        return f"# Consilium {__version__}\n\n**{use}**\n\n{licence}\n\n{parts}"

    @Slot(int)
    def _on_pages_current_row_changed(self, number: int) -> None:
        if 0 <= number < len(self._texts):
            self.page.setMarkdown(self._texts[number])
            self._give_room()

    def _give_room(self) -> None:
        """Set the paragraphs apart; Markdown comes without a style sheet."""
        block = self.page.document().begin()
        while block.isValid():
            form = block.blockFormat()
            if not QTextCursor(block).currentTable():
                form.setTopMargin(BETWEEN if form.headingLevel() else 0)
                form.setBottomMargin(INSIDE)
            form.setLineHeight(130, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            QTextCursor(block).setBlockFormat(form)
            block = block.next()
