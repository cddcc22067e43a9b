"""Undo and redo of what a person changes in a case; each step is a command to the engine, so both are kept for good."""

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand, QUndoStack

Step = Callable[[], None]


class CaseChange(QUndoCommand):
    """A change that was made already when it is pushed; undone and made again by the two steps."""

    def __init__(self, text: str, undo: Step, redo: Step) -> None:
        super().__init__(text)
        self._undo_step = undo
        self._redo_step = redo
        self._made = True

    def undo(self) -> None:
        """Take the change back."""
        self._undo_step()

    def redo(self) -> None:
        """Make the change again; the first call comes from pushing and finds it made."""
        if self._made:
            self._made = False
            return
        self._redo_step()


def push_change(stack: QUndoStack, text: str, undo: Step, redo: Step) -> None:
    """Remember a change that was just made."""
    stack.push(CaseChange(text, undo, redo))
