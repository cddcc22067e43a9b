"""The table of cases: rows are read page by page as they are looked at; kinds of input as chips, outcomes in words."""

from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from engine.schema.base import MODALITIES
from engine.schema.case import Case, Label
from workbench.i18n import Retranslated
from workbench.state.cases import CaseLibrary
from workbench.state.domains import domain_words
from workbench.state.own_views import own_views
from workbench.state.predictions import AnswerWords, ModalityWords, modality_words, outcome_words
from workbench.state.session import Session
from workbench.state.several import SeveralWords, words_of
from workbench.theme import ROW_HEIGHT, SMALL, TIGHT, theme
from workbench.widgets.own_view import UNSURE
from workbench.words import Durations, listed

Index = QModelIndex | QPersistentModelIndex
TITLE, INPUTS, OUTCOME, ANSWER, OWN, GROUP, WHEN = range(7)
_WIDTHS: Final = {INPUTS: 96, OUTCOME: 108, ANSWER: 220, OWN: 120, GROUP: 136, WHEN: 96}
_NAME_ROOM: Final = 160
"""Least width of the column of names."""
_GIVE_WAY: Final = (GROUP, WHEN, OWN)
_CHIP: Final = 20
CASE_ROLE: Final = Qt.ItemDataRole.UserRole


class CaseTableModel(QAbstractTableModel):
    """The library as rows and columns."""

    def __init__(self, session: Session, library: CaseLibrary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._library = library
        library.changed.connect(self._on_library_changed)
        library.rows_changed.connect(self._on_library_rows_changed)
        session.project_changed.connect(self.tell_all)
        own_views().changed.connect(self.tell_all)

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of cases."""
        return 0 if parent is not None and parent.isValid() else self._library.total or 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return 7

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the heads."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        heads = (self.tr("Case"), self.tr("Inputs"), self.tr("Outcome"), self.tr("Answer"), self.tr("Own view"))
        group = domain_words().group() or self.tr("Patient or client")
        return (*heads, group, self.tr("Added"))[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell; an empty one while its page is being read."""
        case = self._library.row(index.row())
        if case is None:
            return "…" if role == Qt.ItemDataRole.DisplayRole and index.column() == TITLE else None
        if role == CASE_ROLE:
            return case
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(case, index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == INPUTS:
            return listed(modality_words()[m] for m in case.present())
        if role == Qt.ItemDataRole.ForegroundRole and index.column() in (WHEN, GROUP):
            return theme().color("ink2")
        return None

    def _words(self, case: Case, column: int) -> str:
        match column:
            case 0:
                return domain_words().named(case.title) or case.case_id
            case 2:
                return self._outcome(case)
            case 3:
                return self._answer(case)
            case 4:
                return self._own(case)
            case 5:
                return case.group
            case 6:
                return Durations.when(case.created_at)
            case _:
                return ""

    def _outcome(self, case: Case) -> str:
        if case.prediction is None:
            return ""
        return self.tr("Answered") if own_views().cover(case) else outcome_words()[case.prediction.outcome]

    def _answer(self, case: Case) -> str:
        prediction = case.prediction
        if prediction is None or prediction.outcome == "not-sure" or own_views().cover(case):
            return ""
        words = words_of(prediction, self._labels(case))
        if isinstance(words, SeveralWords):
            return words.short()
        share = (
            next(bar.percent() for bar in words.bars() if bar.name == prediction.label_set[0])
            if prediction.label_set
            else ""
        )
        return f"{words.label(prediction.best())}  {share}"

    def _own(self, case: Case) -> str:
        if case.own_labels is None:
            return self._label(case, case.own_view)
        return listed(self._label(case, name) for name in case.own_labels) or self.tr("none of them")

    def _label(self, case: Case, name: str) -> str:
        if name == UNSURE:
            return self.tr("not sure")
        known = {label.name: label for label in self._labels(case)}
        return AnswerWords.plain(known.get(name), name)

    def _labels(self, case: Case) -> tuple[Label, ...]:
        answered = case.prediction.model_id if case.prediction is not None else ""
        model = self._session.model(answered) or self._session.model_in_use()
        return model.labels if model is not None else ()

    @Slot()
    def tell_all(self) -> None:
        """Have every shown cell drawn anew, as after a change of language or of what is covered."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    @Slot()
    def _on_library_changed(self) -> None:
        self.beginResetModel()
        self.endResetModel()

    @Slot(int, int)
    def _on_library_rows_changed(self, first: int, last: int) -> None:
        if last >= first:
            self.dataChanged.emit(self.index(first, 0), self.index(last, self.columnCount() - 1))


class _ChipDelegate(QStyledItemDelegate):
    """Draws the kinds of input as T I A chips; one that is missing is an empty outline."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the chips of a row."""
        super().paint(painter, option, index)
        case = index.data(CASE_ROLE)
        if not isinstance(case, Case):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font(SMALL, bold=True))
        area = option.rect
        side = theme().px(_CHIP)
        for number, modality in enumerate(MODALITIES):
            box = QRectF(area.x() + 8 + number * (side + TIGHT), area.center().y() - side / 2 + 1, side, side)
            color = theme().color(modality if modality in case.present() else "line")
            painter.setPen(color)
            tint = theme().color(modality)
            tint.setAlpha(30 if modality in case.present() else 0)
            painter.setBrush(tint)
            painter.drawRoundedRect(box, 4, 4)
            if modality in case.present():
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, ModalityWords().plain_kinds()[modality][0])
        painter.restore()


class CaseTable(Retranslated, QTableView):
    """The table with its fixed rows.

    Signals:
        opened: the person opened a case; carries its id.
        remove_wanted: the person pressed Delete on a case, or chose it in the row's menu; carries its id.

    `shows_trash` says which way a case goes then: into the trash, or out of it.
    """

    opened = Signal(str)
    remove_wanted = Signal(str)

    def __init__(self, session: Session, library: CaseLibrary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shows_trash = False
        self._model = CaseTableModel(session, library, self)
        self.setModel(self._model)
        self.setItemDelegateForColumn(INPUTS, _ChipDelegate(self))
        self.setShowGrid(False)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(TITLE, QHeaderView.ResizeMode.Stretch)
        self.clicked.connect(self._on_self_activated)
        theme().changed.connect(self._model.tell_all)
        theme().changed.connect(self._take_size)
        self._take_size()

    def retranslate(self) -> None:
        """Have heads and cells written anew."""
        self._model.tell_all()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave columns out, the least needed first, where the names would have no room."""
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        room = self.viewport().width() - theme().px(_NAME_ROOM)
        wanted = sum(theme().px(width) for width in _WIDTHS.values())
        for number in _GIVE_WAY:
            self.setColumnHidden(number, wanted > room)
            wanted -= theme().px(_WIDTHS[number]) if wanted > room else 0

    @Slot()
    def _take_size(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme().px(ROW_HEIGHT))
        for number, width in _WIDTHS.items():
            self.setColumnWidth(number, theme().px(width))
        self._fit_columns()

    @Slot(QModelIndex)
    def _on_self_activated(self, index: QModelIndex) -> None:
        case = index.data(CASE_ROLE)
        if isinstance(case, Case):
            self.opened.emit(case.case_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter, put away with Delete."""
        case = self.currentIndex().data(CASE_ROLE)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(case, Case):
            self.opened.emit(case.case_id)
        elif event.key() == Qt.Key.Key_Delete and isinstance(case, Case):
            self.remove_wanted.emit(case.case_id)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the row under the pointer, or with the marked one where a key asks."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        case = (self.currentIndex() if by_key else self.indexAt(event.pos())).data(CASE_ROLE)
        if isinstance(case, Case):
            self.menu(case).popup(event.globalPos())

    def menu(self, case: Case) -> QMenu:
        """Return the menu of a row; it goes when it is closed."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        way = self.tr("Take out of the trash") if self.shows_trash else self.tr("Move to the trash")
        menu.addAction(self.tr("Open"), lambda: self.opened.emit(case.case_id))
        menu.addAction(way, lambda: self.remove_wanted.emit(case.case_id))
        return menu

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show that a row can be opened."""
        over = self.indexAt(event.position().toPoint()).isValid()
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)
