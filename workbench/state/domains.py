"""The domain of the moment: what its inputs, its people and its warnings are called, in the language of the moment."""

import re
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from engine.schema.base import MODALITIES, Modality
from engine.schema.domain import Domain, DomainInfo, DomainList
from engine.schema.places import assets
from workbench.i18n import language

USUAL: Final = "clinic"
"""Id of the domain whose sample is offered while nobody knows which domain a project is of."""
_CASE: Final = re.compile(r" (?P<split>train|val|test) (?P<n>\d+)")
"""What follows the domain's title in the name of a generated case."""


class DomainWords(QObject):
    """The domains an engine told of, and the one that what is on screen belongs to.

    Signals:
        changed: another domain is looked at, or others are known; whatever shows their words writes them anew.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.listed = DomainList(domains=())
        self._chosen = ""

    def learn(self, listed: DomainList) -> None:
        """Take these domains for all there are."""
        if listed != self.listed:
            self.listed = listed
            self.changed.emit()

    def choose(self, domain_id: str) -> None:
        """Look at another domain; an unknown or empty id looks at none."""
        before, self._chosen = self.domain, domain_id
        if self.domain != before:
            self.changed.emit()

    @property
    def domain(self) -> Domain | None:
        """The domain of the moment; None where nobody knows it."""
        return self.find(self._chosen)

    @property
    def own(self) -> str:
        """Id of the project's own domain; empty where it has none."""
        return next((info.domain.id for info in self.listed.domains if info.own), "")

    def find(self, domain_id: str) -> Domain | None:
        """Return a domain by its id; None where it is not known."""
        return next((info.domain for info in self.listed.domains if info.domain.id == domain_id), None)

    def named(self, name: str) -> str:
        """Return the name of something generated, which begins with its domain's title, in the language of the moment; others stay."""
        for title in (info.domain.title for info in self.listed.domains):
            if name in (title.en, f"{title.en} · {title.zh}"):
                return title.shown(language())
            case = _CASE.fullmatch(name.removeprefix(title.en)) if title.en and name.startswith(title.en) else None
            if case is not None:
                return self._case_words()[case["split"]].format(domain=title.shown(language()), n=case["n"])
        return name

    def _case_words(self) -> dict[str, str]:
        return {
            "train": self.tr("{domain} train {n}"),
            "val": self.tr("{domain} val {n}"),
            "test": self.tr("{domain} test {n}"),
        }

    def generated(self) -> tuple[DomainInfo, ...]:
        """Return the domains whose cases can be generated."""
        return tuple(info for info in self.listed.domains if info.generates)

    def is_medical(self, domain_id: str | None = None) -> bool:
        """Tell whether answers are about patients; where nobody knows, they may be."""
        domain = self.domain if domain_id is None else self.find(domain_id)
        return domain is None or domain.medical

    def sample(self) -> Path | None:
        """Return the folder of the domain's first sample case; None where none ships."""
        folder = assets() / "cases" / f"{self.domain.id if self.domain is not None else USUAL}-01"
        return folder if folder.is_dir() else None

    def notice(self) -> str:
        """Return what the answers are not for; empty where the domain does not say."""
        return self.domain.notice.shown(language()) if self.domain is not None else ""

    def hand_over(self) -> str:
        """Return what to do with a case that the council is not sure of; empty where the domain does not say."""
        return self.domain.hand_over.shown(language()) if self.domain is not None else ""

    def group(self) -> str:
        """Return who several cases can belong to; empty where the domain does not say."""
        return self.domain.group.shown(language()) if self.domain is not None else ""

    def kinds(self) -> dict[Modality, str]:
        """Return what the domain calls its inputs; one that it does not name is left out."""
        inputs = self.domain.inputs if self.domain is not None else {}
        told = {modality: words.shown(language()) for modality, words in inputs.items()}
        return {modality: name for modality, name in told.items() if name}

    def modalities(self) -> tuple[Modality, ...]:
        """Return the kinds of input that a case can have."""
        return self.domain.modalities() if self.domain is not None else MODALITIES


_words: list[DomainWords] = []


def domain_words() -> DomainWords:
    """Return the one set of words of this process: a window shows one case of one domain at a time."""
    if not _words:
        _words.append(DomainWords())
    return _words[0]
