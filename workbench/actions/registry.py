"""Actions as data: what can be done from anywhere, with its words, its shortcut and when it may run."""

import dataclasses
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


def always() -> bool:
    """Return True: the action may run at any time."""
    return True


@dataclasses.dataclass(frozen=True)
class Action:
    """One thing a person can do; `title` is asked anew after a change of language."""

    action_id: str
    title: Callable[[], str]
    run: Callable[[], None]
    shortcut: str = ""
    enabled_when: Callable[[], bool] = always


class ActionRegistry(QObject):
    """All actions of the window, as Qt's own so that menus and shortcuts share them."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._actions: dict[str, tuple[Action, QAction]] = {}

    def add(self, action: Action) -> QAction:
        """Offer an action in the whole window; raises `ValueError` where its id or shortcut is taken."""
        taken = {known.shortcut for known, _ in self._actions.values() if known.shortcut}
        if action.action_id in self._actions or action.shortcut in taken:
            raise ValueError(f"the action {action.action_id} or its shortcut {action.shortcut} is there already")
        made = QAction(action.title(), self._window)
        if action.shortcut:
            made.setShortcut(QKeySequence(action.shortcut))
        made.triggered.connect(lambda: self.run(action.action_id))
        self._window.addAction(made)
        self._actions[action.action_id] = (action, made)
        return made

    def action(self, action_id: str) -> QAction:
        """Return the Qt action of an id."""
        return self._actions[action_id][1]

    def every(self) -> list[Action]:
        """Return all actions."""
        return [action for action, _ in self._actions.values()]

    def run(self, action_id: str) -> None:
        """Run an action where it may run now."""
        action, _ = self._actions[action_id]
        if action.enabled_when():
            action.run()

    def retranslate(self) -> None:
        """Write the titles in the language of the moment."""
        for action, made in self._actions.values():
            made.setText(action.title())
