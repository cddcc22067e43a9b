"""The beginning of a knowledge file: the labels of a data set in both languages, ready for an expert's words."""

import json
import re
from typing import Final

from PySide6.QtCore import QCoreApplication

from engine.schema.base import MODALITIES
from engine.schema.case import Dataset, Label
from engine.schema.knowledge import Told

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_WORDS: Final = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
"""What YAML would not read as a text."""

translate = QCoreApplication.translate


def quoted(text: str) -> str:
    """Return a text as YAML reads it back: bare where it is plain, in quotation marks else."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


def skeleton(dataset: Dataset) -> str:
    """Return a file that names every label, describes those the data set describes, and shows how the rest is written."""
    title = Told.plain(dataset.title or dataset.dataset)
    lines = [
        *_note(translate("Skeleton", "What an expert knows of these cases. A line that begins with # is a note.")),
        f"title: {{en: {quoted(title.en)}, zh: {quoted(title.zh)}}}",
        "",
        *_note(translate("Skeleton", "What each answer means, and which findings are typical of it.")),
        "labels:",
    ]
    kinds = _kinds(dataset)
    for label in dataset.labels:
        lines += _label(label, kinds)
    lines += [
        "",
        *_note(
            translate("Skeleton", "What can be read, seen or heard. A finding of a text needs the phrases it is known by:")
        ),
        "#   high-fever: {modality: text, title: {en: High fever, zh: 高热}, phrases: {en: [high fever], zh: [高热]}}",
        "#   shadow: {modality: image, title: {en: A shadow, zh: 阴影}}",
        "findings: {}",
        "",
        *_note(translate("Skeleton", "How strongly a finding speaks for an answer (up to 1) or against it (down to -1):")),
        f"#   - {{finding: high-fever, label: {quoted(dataset.labels[0].name) if dataset.labels else 'name'}, strength: 0.7}}",
        "rules: []",
        "",
        *_note(translate("Skeleton", "Specialists you want, each for some answers or for words in a text:")),
        "#   - {name: infections, title: {en: Infections, zh: 感染}, keywords: {en: [fever], zh: [发热]}}",
        "specialists: []",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _note(text: str) -> list[str]:
    return [f"# {line}" for line in text.splitlines()]


def _kinds(dataset: Dataset) -> list[str]:
    """Return the kinds of input the cases have; all of them where nobody counted."""
    seen = {kind for pattern in dataset.patterns for kind in pattern.split("+")}
    return [kind for kind in MODALITIES if kind in seen or not dataset.patterns]


def _label(label: Label, kinds: list[str]) -> list[str]:
    told = Told.plain(label.description)
    names = " · ".join(name for name in (label.en, label.zh) if name and name != label.name)
    return [
        f"  {quoted(label.name)}:" + (f"  # {names}" if names else ""),
        "    description:",
        f"      en: {quoted(told.en)}",
        f"      zh: {quoted(told.zh)}",
        "    typical: {" + ", ".join(f"{kind}: []" for kind in kinds) + "}",
    ]
