"""The palette: everything that can be done, found by typing a few letters, over the window and gone again."""

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from workbench.actions.finding import ranked
from workbench.actions.registry import Action, ActionRegistry
from workbench.i18n import Retranslated
from workbench.theme import AROUND, BODY, INSIDE, ROW_HEIGHT, SMALL, TIGHT, theme
from workbench.widgets.boxes import Frame, column
from workbench.widgets.text import Text

PALETTE: Final = "app.palette"
"""Id of the action that opens the palette; it does not list itself."""
_WIDTH: Final = 560
_ROWS: Final = 10
_KEYS = Qt.ItemDataRole.UserRole
_ID = Qt.ItemDataRole.UserRole + 1
_MOVES: Final = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)

Index = QModelIndex | QPersistentModelIndex


class _ActionDelegate(QStyledItemDelegate):
    """Paints the title at the left and the shortcut at the right; what cannot run now is grey."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of every row."""
        return QSize(_WIDTH // 2, theme().px(ROW_HEIGHT) + TIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("accent_soft"))
            painter.drawRoundedRect(place, 6, 6)
        inner = place.adjusted(INSIDE + TIGHT, 0, -INSIDE - TIGHT, 0)
        can = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        keys = str(index.data(_KEYS))
        painter.setFont(theme().font(SMALL))
        painter.setPen(theme().color("ink2" if can else "ink3"))
        taken = QFontMetrics(painter.font()).horizontalAdvance(keys)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, keys)
        painter.setFont(theme().font(BODY))
        painter.setPen(theme().color("ink1" if can else "ink3"))
        room = inner.adjusted(0, 0, -taken - INSIDE, 0)
        title = QFontMetrics(painter.font()).elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)
        painter.restore()


class Palette(Retranslated, Frame):
    """Lies over the upper middle of `host` while it is open; Enter runs, Esc gives the focus back to where it was."""

    def __init__(self, actions: ActionRegistry, host: QWidget) -> None:
        super().__init__("card", None, host)
        self._actions = actions
        self._came_from: QWidget | None = None
        self.field = QLineEdit()
        self.list = QListView()
        self._model = QStandardItemModel(self)
        self._nothing = Text(tone="hint")
        self.list.setModel(self._model)
        self.list.setItemDelegate(_ActionDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setLayout(column(self.field, self._nothing, self.list, spacing=INSIDE, margins=INSIDE))
        self.field.textChanged.connect(self._on_field_text_changed)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._on_list_clicked)
        host.installEventFilter(self)
        self.hide()
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.setAccessibleName(self.tr("Commands"))
        self.field.setPlaceholderText(self.tr("What do you want to do?"))
        self.field.setAccessibleName(self.tr("What do you want to do?"))
        self.list.setAccessibleName(self.tr("Commands"))
        self._nothing.setText(self.tr("Nothing is called that."))
        if self.isVisible():
            self._fill()

    def open(self) -> None:
        """Show everything that can be done, ready for typing; where it is open already, close it."""
        if self.isVisible():
            self.dismiss()
            return
        self._came_from = QApplication.focusWidget()
        self.field.clear()
        self._fill()
        self.show()
        self._place()
        self.raise_()
        self.field.setFocus()

    def dismiss(self) -> None:
        """Go, and give the focus back to where it was."""
        back, self._came_from = self._came_from, None
        self.hide()
        if back is not None and back.isVisible():
            back.setFocus()

    def shown(self) -> list[str]:
        """Return the ids of the actions that are listed, in order."""
        return [str(self._model.item(row).data(_ID)) for row in range(self._model.rowCount())]

    def chosen(self) -> str:
        """Return the id of the marked action; empty where none is."""
        return str(self.list.currentIndex().data(_ID) or "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys that belong to the list, stay in place, and go when the person turns to something else."""
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._take_key(event)
        if watched is self.field and isinstance(event, QFocusEvent) and event.lostFocus() and self.isVisible():
            if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
                self.hide()
        elif watched is self.parentWidget() and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _take_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
        elif event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            pass  # nothing else here takes the focus
        elif event.key() in _MOVES:
            self._move(event.key())
        else:
            return False
        return True

    def _move(self, key: int) -> None:
        """Mark another row; those that cannot run are passed over."""
        rows = [row for row in range(self._model.rowCount()) if self._model.item(row).isEnabled()]
        if not rows:
            return
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -_ROWS, Qt.Key.Key_PageDown: _ROWS}
        step, now = steps[Qt.Key(key)], self.list.currentIndex().row()
        at = (rows.index(now) if now in rows else 0) + step
        at = at % len(rows) if abs(step) == 1 else min(max(at, 0), len(rows) - 1)
        self.list.setCurrentIndex(self._model.index(rows[at], 0))

    def _fill(self) -> None:
        """List what fits the letters typed so far, and mark the best that can run."""
        self._model.clear()
        named = [(action, (action.title(), action.action_id)) for action in self._actions.every()]
        found = ranked(self.field.text(), [pair for pair in named if pair[0].action_id != PALETTE])
        for action in found:
            self._model.appendRow(self._item(action))
        can = next((row for row in range(len(found)) if self._model.item(row).isEnabled()), -1)
        self.list.setCurrentIndex(self._model.index(can, 0))
        self._nothing.setVisible(not found)
        self.list.setVisible(bool(found))
        self.list.setFixedHeight(min(max(1, len(found)), _ROWS) * self.list.sizeHintForRow(0) if found else 0)
        self.adjustSize()

    @staticmethod
    def _item(action: Action) -> QStandardItem:
        item = QStandardItem(action.title())
        keys = QKeySequence(action.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        item.setData(action.action_id, _ID)
        item.setData(keys, _KEYS)
        item.setData(f"{action.title()} {keys}".strip(), Qt.ItemDataRole.AccessibleTextRole)
        item.setEnabled(action.enabled_when())
        return item

    def _place(self) -> None:
        host = self.parentWidget()
        if host is None:
            return
        self.setFixedWidth(min(_WIDTH, host.width() - 2 * AROUND))
        self.adjustSize()
        self.move((host.width() - self.width()) // 2, host.height() // 8)

    def _run(self, index: QModelIndex) -> None:
        if not index.isValid() or not index.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        wanted = str(index.data(_ID))
        self.dismiss()  # first: what runs may take the focus elsewhere
        self._actions.run(wanted)

    @Slot(str)
    def _on_field_text_changed(self, _text: str) -> None:
        if self.isVisible():
            self._fill()

    @Slot(QModelIndex)
    def _on_list_clicked(self, index: QModelIndex) -> None:
        self._run(index)
