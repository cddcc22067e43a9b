"""The large field of Home: drop files here, choose them, or try the demo case; it names only formats that open today."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from workbench.i18n import Retranslated
from workbench.icons import icon
from workbench.theme import BETWEEN, CORNER, INSIDE, theme
from workbench.widgets.boxes import button, column, row
from workbench.widgets.text import Text


def local_paths(event: QDropEvent) -> list[str]:
    """Return the local files of a drop."""
    return [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]


class DropArea(Retranslated, QWidget):
    """A dashed field that takes files.

    Signals:
        files_dropped: local paths were dropped on the field.
        files_wanted, demo_wanted: the two buttons.
    """

    files_dropped = Signal(list)
    files_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._over = False
        self._picture = Text()
        self._head = Text(size="title")
        self._formats = Text(tone="second", wrap=True)
        self.choose = button("primary", "file-upload-outline")
        self.demo = button("", "clipboard-text-outline")
        for label in (self._picture, self._head, self._formats):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        buttons = row(None, self.choose, self.demo, None, spacing=INSIDE)
        self.setLayout(
            column(None, self._picture, self._head, self._formats, buttons, None, spacing=12, margins=BETWEEN)
        )
        self.setMinimumHeight(216)
        self.choose.clicked.connect(self.files_wanted)
        self.demo.clicked.connect(self.demo_wanted)
        theme().changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self._picture.setPixmap(icon("tray-arrow-down", "accent").pixmap(QSize(32, 32)))
        self._head.setText(self.tr("Drop case files here"))
        lines = (
            self.tr("notes (.txt)   pictures (.png .jpg)   recordings (.wav .flac .mp3 .ogg)"),
            self.tr("a whole folder, or a table of cases (.csv)"),
        )
        self._formats.setText("\n".join(lines))
        self.choose.setText(self.tr("Choose files…"))
        self.demo.setText(self.tr("Try the demo case"))
        self.setAccessibleName(self._head.text())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, dashed at rest and in the accent while files are over it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme().color("accent" if self._over else "ink3"), 2 if self._over else 1)
        pen.setStyle(Qt.PenStyle.SolidLine if self._over else Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(theme().color("accent_soft" if self._over else "surface1"))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), CORNER, CORNER)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up for files."""
        if local_paths(event):
            event.acceptProposedAction()
            self._light(on=True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Go back to rest."""
        self._light(on=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the files on."""
        self._light(on=False)
        event.acceptProposedAction()
        self.files_dropped.emit(local_paths(event))

    def _light(self, *, on: bool) -> None:
        self._over = on
        self.update()
