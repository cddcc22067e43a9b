"""A knowledge file in words: what it holds, which version it is, what is wrong in it."""

import contextlib
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QObject

from engine.schema.errors import ErrorBody
from engine.schema.knowledge import KnowledgeChecked, KnowledgeVersion
from workbench.i18n import language
from workbench.widgets.run_facts import problem_text
from workbench.words import Durations, listed

translate = QCoreApplication.translate


class KnowledgeWords(QObject):
    """Counts in words; an object, because only its `tr` knows one from many."""

    def counts(self, held: KnowledgeVersion | KnowledgeChecked) -> str:
        """Return what a file holds."""
        parts = (
            self.tr("%n label(s)", "", held.labels),
            self.tr("%n finding(s)", "", held.findings),
            self.tr("%n rule(s)", "", held.rules),
            self.tr("%n specialist(s)", "", held.specialists),
        )
        return listed(parts)


def counts_text(held: KnowledgeVersion | KnowledgeChecked) -> str:
    """Return what a file holds, such as `8 labels, 14 findings, 20 rules, 4 specialists`."""
    return KnowledgeWords().counts(held)


def version_text(version: KnowledgeVersion) -> str:
    """Return which version it is and what it holds."""
    said = translate("Knowledge", "version {n}: {counts}")
    return said.format(n=version.version, counts=counts_text(version))


def version_name(version: KnowledgeVersion) -> str:
    """Return which version it is and when it was saved."""
    said = translate("Knowledge", "version {n}").format(n=version.version)
    with contextlib.suppress(ValueError):
        return f"{said} · {Durations.when(datetime.fromisoformat(version.at))}"
    return said


def fault_line(fault: ErrorBody) -> int:
    """Return the line a fault is on, 0 where it is the whole file's."""
    found = fault.parameters.get("line", 0)
    return int(found) if isinstance(found, int | float) else 0


def fault_words(fault: ErrorBody) -> tuple[str, str]:
    """Return what is wrong and what to do, as whole sentences."""
    try:
        sentence = fault.sentence(language())
    except KeyError:  # a code that this window does not know
        return problem_text(fault), ""
    return sentence.happened, sentence.do
