"""Knowledge files as the window sees them: versions, one text being edited, its check while it is typed, and its saving."""

import dataclasses
import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.schema.base import new_id
from engine.schema.command import SaveKnowledge
from engine.schema.errors import ErrorBody, UserError
from engine.schema.knowledge import (
    BYTES_LIMIT,
    KNOWLEDGE_FILE,
    CheckKnowledge,
    KnowledgeChecked,
    KnowledgeText,
    KnowledgeVersion,
    KnowledgeVersions,
)
from workbench.link.turns import Turns
from workbench.state.session import Session

CHECK_MS: Final = 400
"""How long after the last key a text is checked."""
CONFLICT: Final = "knowledge-conflict"


@dataclasses.dataclass(frozen=True)
class Draft:
    """A text that was not saved, and the version it was made from (0 for none)."""

    text: str
    based_on: int

    def packed(self) -> str:
        """Return it as one text, for what keeps drafts."""
        return f"{self.based_on}\n{self.text}"

    @classmethod
    def unpacked(cls, packed: str) -> Self | None:
        """Return what `packed` gave; None where there is nothing, or nothing of ours."""
        number, _, text = packed.partition("\n")
        return cls(text, int(number)) if number.isascii() and number.isdigit() and text.strip() else None


def draft_key(dataset: str) -> str:
    """Return under which name the draft of a data set's file is kept."""
    return f"knowledge:{dataset}"


def is_too_large(text: str) -> bool:
    """Tell whether a text is longer than a knowledge file may be."""
    return len(text.encode()) > BYTES_LIMIT


def read_file(path: Path) -> str:
    """Return a file's text with plain line ends; raises `UserError` where it is too large, cannot be opened, or is no text."""
    try:
        if path.stat().st_size > BYTES_LIMIT:
            raise UserError("too-large", name=path.name, megabytes=BYTES_LIMIT / 2**20)
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise UserError("file-unreadable", name=path.name) from error
    except UnicodeDecodeError as error:
        raise UserError("damaged-text", name=path.name) from error


def too_large() -> ErrorBody:
    """Return what is said of a text that is."""
    return ErrorBody(code="too-large", parameters={"name": KNOWLEDGE_FILE, "megabytes": BYTES_LIMIT / 2**20})


class KnowledgeShelf(QObject):
    """Which versions the data sets of the project have.

    Signals:
        changed: the engine answered about a data set; carries its name.
    """

    changed = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._versions: dict[str, KnowledgeVersions] = {}

    def versions(self, dataset: str) -> tuple[KnowledgeVersion, ...]:
        """Return the versions of a data set, the oldest first; none where nobody wrote one or nobody knows yet."""
        known = self._versions.get(dataset)
        return known.versions if known is not None else ()

    def is_known(self, dataset: str) -> bool:
        """Tell whether the engine has answered about a data set."""
        return dataset in self._versions

    def read(self, datasets: Iterable[str]) -> None:
        """Ask for the versions of these data sets."""
        for dataset in datasets:
            then = functools.partial(self._on_versions_answered, dataset)
            failed = functools.partial(self._on_versions_failed, dataset)
            self._session.client.get(f"/v1/datasets/{dataset}/knowledge", KnowledgeVersions, then, failed)

    def _on_versions_answered(self, dataset: str, found: KnowledgeVersions) -> None:
        self._versions[dataset] = found
        self.changed.emit(dataset)

    def _on_versions_failed(self, dataset: str, _problem: ErrorBody) -> None:
        self.changed.emit(dataset)


class KnowledgeState(QObject):
    """The file of one data set that is being edited. What is typed is the editor's; this knows what the engine says of it.

    Signals:
        versions_changed: the list of versions was read.
        loaded: a version's text came; carries the `KnowledgeText`.
        checked: the engine has read the newest text; `report` holds what it said, or None where it could not be asked.
        saved: the text is kept; carries its `KnowledgeVersion` and the text that was sent.
        conflicted: the newest version, which was read meanwhile, is not the one that was edited; nothing was kept.
        refused: something else was refused; carries the `ErrorBody`.
    """

    versions_changed = Signal()
    loaded = Signal(object)
    checked = Signal()
    saved = Signal(object, str)
    conflicted = Signal()
    refused = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.dataset = ""
        self.versions: KnowledgeVersions | None = None
        self.report: KnowledgeChecked | None = None
        self.is_saving = False
        self._text = ""
        self._is_behind = False  # a saving met a newer version, whose number is being read
        self._turns = Turns()  # an answer about an older text than the newest is passed over
        self._due = QTimer(self, singleShot=True, interval=CHECK_MS)
        self._due.timeout.connect(self.check_now)

    def newest(self) -> int:
        """Return the number of the newest version, 0 where there is none."""
        return self.versions.versions[-1].version if self.versions is not None and self.versions.versions else 0

    def open(self, dataset: str) -> None:
        """Turn to a data set and read its versions."""
        if dataset != self.dataset:
            self.dataset, self.versions, self.report = dataset, None, None
            self.is_saving = self._is_behind = False
            self._turns.next()
            self._due.stop()
        self.read_versions()

    def read_versions(self) -> None:
        """Read the list of versions anew."""
        then = functools.partial(self._on_versions_answered, self.dataset)
        failed = functools.partial(self._on_failed, self.dataset)
        self._session.client.get(f"/v1/datasets/{self.dataset}/knowledge", KnowledgeVersions, then, failed)

    def load(self, version: int) -> None:
        """Ask for a version's text."""
        then = functools.partial(self._on_text_answered, self.dataset)
        failed = functools.partial(self._on_failed, self.dataset)
        path = f"/v1/datasets/{self.dataset}/knowledge/{version}"
        self._session.client.get(path, KnowledgeText, then, failed)

    def check(self, text: str) -> None:
        """Have a text checked a moment after the last key; one that is empty has nothing to check."""
        self._turns.next()
        self._text = text
        if text.strip():
            self._due.start()
        else:
            self._due.stop()
            self._report(None)

    @Slot()
    def check_now(self) -> None:
        """Have the newest text checked."""
        self._due.stop()
        if is_too_large(self._text):
            self._report(KnowledgeChecked(faults=(too_large(),)))
            return
        command = CheckKnowledge(dataset=self.dataset, text=self._text)
        then = self._turns.only_now(self._report)
        failed = self._turns.only_now(self._on_check_failed)
        self._session.client.post("/v1/knowledge/check", command, KnowledgeChecked, then, failed)

    def save(self, text: str, based_on: int) -> None:
        """Keep a text as the newest version."""
        if self.is_saving:
            return
        if is_too_large(text):
            self.refused.emit(too_large())
            return
        self.is_saving = True
        command = SaveKnowledge(command_id=new_id("knowledge"), dataset=self.dataset, text=text, based_on=based_on)
        then = functools.partial(self._on_saved, self.dataset, text)
        failed = functools.partial(self._on_save_failed, self.dataset)
        self._session.client.post("/v1/knowledge", command, KnowledgeVersion, then, failed)

    def _report(self, report: KnowledgeChecked | None) -> None:
        self.report = report
        self.checked.emit()

    def _on_versions_answered(self, dataset: str, found: KnowledgeVersions) -> None:
        if dataset == self.dataset:
            self.versions = found
            self.versions_changed.emit()
            if self._is_behind:
                self._is_behind = False
                self.conflicted.emit()

    def _on_text_answered(self, dataset: str, found: KnowledgeText) -> None:
        if dataset == self.dataset:
            self.loaded.emit(found)

    def _on_failed(self, dataset: str, problem: ErrorBody) -> None:
        if dataset == self.dataset:
            self.refused.emit(problem)

    def _on_check_failed(self, _problem: ErrorBody) -> None:
        self._report(None)

    def _on_saved(self, dataset: str, text: str, kept: KnowledgeVersion) -> None:
        if dataset == self.dataset:
            self.is_saving = False
            self.saved.emit(kept, text)
            self.read_versions()

    def _on_save_failed(self, dataset: str, problem: ErrorBody) -> None:
        if dataset != self.dataset:
            return
        self.is_saving = False
        if problem.code == CONFLICT:
            self._is_behind = True
            self.read_versions()
        else:
            self.refused.emit(problem)
