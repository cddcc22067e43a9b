"""Reading a knowledge file: every fault with its line, what is wrong there and what to do, all of them at once."""

import dataclasses
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import yaml

from engine.schema.base import MODALITIES, Modality
from engine.schema.errors import ErrorBody, UserError
from engine.schema.knowledge import (
    BYTES_LIMIT,
    FindingKnowledge,
    Knowledge,
    LabelKnowledge,
    Phrases,
    Rule,
    Specialist,
    Told,
)
from engine.schema.plain_yaml import compose, line_of

FAULTS_LIMIT = 50
_KEYS = ("title", "labels", "findings", "rules", "specialists")
_TEXT_LIMIT = 4000
_PHRASE_LIMIT = 200
_MANY = 2000
"""Most entries of one list."""


@dataclasses.dataclass(frozen=True)
class Checked:
    """What a file says as far as it can be read, and every fault in it, in the order of the lines."""

    knowledge: Knowledge
    faults: tuple[ErrorBody, ...]


def read(data: bytes, labels: Sequence[str] = ()) -> Knowledge:
    """Return what a file says; raises the first of its faults. `labels` are the data set's, where they are known."""
    checked = check(data, labels)
    if checked.faults:
        raise checked.faults[0].error()
    return checked.knowledge


def check(data: bytes, labels: Sequence[str] = ()) -> Checked:
    """Return what a file says with every fault in it; an empty file is a fault too."""
    try:
        if len(data) > BYTES_LIMIT:
            raise UserError("too-large", name="knowledge.yaml", megabytes=1)
        node = compose(data.decode("utf-8-sig"))
        if node is None:
            raise UserError("knowledge-empty")
    except UserError as error:
        return Checked(Knowledge(), (error.body(),))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        detail = str(getattr(error, "problem", "") or "UTF-8")
        body = ErrorBody(
            code="knowledge-unreadable", parameters={"line": mark.line + 1 if mark else 1, "detail": detail}
        )
        return Checked(Knowledge(), (body,))
    reader = _Reader()
    knowledge = reader.whole(node)
    _Meaning(reader, knowledge, labels).check()
    faults = sorted(reader.faults, key=lambda fault: int(fault.parameters.get("line", 0)))
    return Checked(knowledge, tuple(faults[:FAULTS_LIMIT]))


class _Reader:
    """Turns nodes into messages; what cannot be read is told and left out. `lines` says where each entry stands."""

    def __init__(self) -> None:
        self.faults: list[ErrorBody] = []
        self.lines: dict[tuple[str, str], int] = {}

    def tell(self, code: str, line: int, **parameters: str | int | float) -> None:
        """Take note of a fault."""
        self.faults.append(ErrorBody(code=code, parameters={"line": line, **parameters}))

    def whole(self, node: yaml.Node) -> Knowledge:
        """Return the file."""
        found = self._mapping(node, _KEYS, "knowledge")
        return Knowledge(
            title=self._told(found.get("title")),
            labels={name: self._label(entry) for name, entry in self._named(found.get("labels"), "labels")},
            findings={
                name: finding
                for name, entry in self._named(found.get("findings"), "findings")
                if (finding := self._finding(entry)) is not None
            },
            rules=tuple(rule for entry in self._list(found.get("rules"), "rules") if (rule := self._rule(entry))),
            specialists=tuple(
                one for entry in self._list(found.get("specialists"), "specialists") if (one := self._specialist(entry))
            ),
        )

    def _mapping(self, node: yaml.Node | None, known: Sequence[str], what: str) -> dict[str, yaml.Node]:
        """Return the entries of a mapping by key; other keys than the known ones, and second ones, are told."""
        found: dict[str, yaml.Node] = {}
        for key, line, value in self._pairs(node, what):
            if key not in known:
                self.tell("knowledge-unknown-key", line, key=key[:60], known=", ".join(known))
            elif key in found:
                self.tell("knowledge-twice", line, name=key)
            else:
                found[key] = value
        return found

    def _named(self, node: yaml.Node | None, what: str) -> Iterator[tuple[str, yaml.Node]]:
        """Yield the entries of a mapping whose keys are names that the file gives."""
        known: set[str] = set()
        for key, line, value in self._pairs(node, what):
            if not key or len(key) > _PHRASE_LIMIT:
                self.tell("knowledge-bad-name", line, key=what)
            elif key in known:
                self.tell("knowledge-twice", line, name=key)
            else:
                known.add(key)
                self.lines[what, key] = line
                yield key, value

    def _pairs(self, node: yaml.Node | None, what: str) -> Iterator[tuple[str, int, yaml.Node]]:
        if node is None or _is_null(node):
            return
        if not isinstance(node, yaml.MappingNode):
            self.tell("knowledge-not-mapping", line_of(node), key=what)
            return
        for key, value in node.value[:_MANY]:
            yield (str(key.value).strip() if isinstance(key, yaml.ScalarNode) else ""), line_of(key), value

    def _list(self, node: yaml.Node | None, what: str) -> list[yaml.Node]:
        if node is None or _is_null(node):
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.tell("knowledge-not-list", line_of(node), key=what)
            return []
        return list(node.value[:_MANY])

    def _text(self, node: yaml.Node | None, what: str, limit: int = _PHRASE_LIMIT) -> str:
        if node is None or _is_null(node):
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.tell("knowledge-not-text", line_of(node), key=what)
            return ""
        text = str(node.value).strip()
        if len(text) > limit:
            self.tell("knowledge-too-long", line_of(node), key=what, limit=limit)
        return text[:limit]

    def _told(self, node: yaml.Node | None) -> Told:
        if isinstance(node, yaml.MappingNode):
            found = self._mapping(node, ("en", "zh"), "text")
            return Told(**{name: self._text(value, name, _TEXT_LIMIT) for name, value in found.items()})
        return Told.plain(self._text(node, "text", _TEXT_LIMIT))

    def _phrases(self, node: yaml.Node | None) -> Phrases:
        if isinstance(node, yaml.MappingNode):
            found = self._mapping(node, ("en", "zh"), "phrases")
            return Phrases(**{name: tuple(self._texts(value, name)) for name, value in found.items()})
        return Phrases.plain(self._texts(node, "phrases"))

    def _texts(self, node: yaml.Node | None, what: str) -> list[str]:
        entries = [node] if isinstance(node, yaml.ScalarNode) else self._list(node, what)
        return [text for entry in entries if (text := self._text(entry, what))]

    def _label(self, node: yaml.Node) -> LabelKnowledge:
        if isinstance(node, yaml.ScalarNode):
            return LabelKnowledge(description=self._told(node))
        found = self._mapping(node, ("description", "typical"), "labels")
        typical = self._mapping(found.get("typical"), MODALITIES, "typical")
        named: dict[Modality, tuple[str, ...]] = {}
        for modality in MODALITIES:
            if modality in typical:
                names = self._texts(typical[modality], "typical")
                named[modality] = tuple(names)
                for name in names:
                    self.lines.setdefault((f"typical:{modality}", name), line_of(typical[modality]))
        return LabelKnowledge(description=self._told(found.get("description")), typical=named)

    def _finding(self, node: yaml.Node) -> FindingKnowledge | None:
        found = self._mapping(node, ("modality", "title", "phrases"), "findings")
        title, phrases = self._told(found.get("title")), self._phrases(found.get("phrases"))
        written = self._text(found.get("modality"), "modality")
        for modality in MODALITIES:
            if modality == written:
                if modality == "text" and not phrases.every():
                    self.tell("knowledge-no-phrases", line_of(node))
                return FindingKnowledge(modality=modality, title=title, phrases=phrases)
        line = line_of(found.get("modality", node))
        self.tell("knowledge-modality", line, name=written or "-", known=", ".join(MODALITIES))
        return None

    def _rule(self, node: yaml.Node) -> Rule | None:
        found = self._mapping(node, ("finding", "label", "strength"), "rules")
        finding, label = (self._text(found.get(key), key) for key in ("finding", "label"))
        for key in ("finding", "label", "strength"):
            if key not in found and isinstance(node, yaml.MappingNode):
                self.tell("knowledge-missing", line_of(node), key=key)
        strength = self._strength(found.get("strength"))
        if not finding or not label or strength is None:
            return None
        if (f"rule:{finding}", label) in self.lines:
            self.tell("knowledge-twice", line_of(node), name=f"{finding} -> {label}")
        self.lines.setdefault((f"rule:{finding}", label), line_of(node))
        return Rule(finding=finding, label=label, strength=strength)

    def _strength(self, node: yaml.Node | None) -> float | None:
        if node is None:
            return None
        written: Any = node.value if isinstance(node, yaml.ScalarNode) else ""
        try:
            strength = float(written)
        except ValueError:
            strength = float("nan")
        if -1 <= strength <= 1:
            return strength
        self.tell("knowledge-strength", line_of(node), value=str(written)[:40])
        return None

    def _specialist(self, node: yaml.Node) -> Specialist | None:
        found = self._mapping(node, ("name", "title", "keywords", "labels", "cases"), "specialists")
        name = self._text(found.get("name"), "name", 60)
        if not name:
            self.tell("knowledge-missing", line_of(node), key="name")
            return None
        if ("specialist", name) in self.lines:
            self.tell("knowledge-twice", line_of(node), name=name)
            return None
        self.lines["specialist", name] = line_of(node)
        one = Specialist(
            name=name,
            title=self._told(found.get("title")),
            keywords=self._phrases(found.get("keywords")),
            labels=tuple(self._texts(found.get("labels"), "labels")),
            cases=tuple(self._texts(found.get("cases"), "cases")),
        )
        if not (one.keywords.every() or one.labels or one.cases):
            self.tell("knowledge-specialist-empty", line_of(node), name=name)
        return one


class _Meaning:
    """Looks whether names that point elsewhere point at something."""

    def __init__(self, reader: _Reader, knowledge: Knowledge, labels: Sequence[str]) -> None:
        self._reader, self._knowledge = reader, knowledge
        self._labels: Collection[str] = labels or list(knowledge.labels)

    def check(self) -> None:
        """Tell every name that points at nothing."""
        lines = self._reader.lines
        for name, entry in self._knowledge.labels.items():
            self._label(name, lines.get(("labels", name), 1))
            for modality, names in entry.typical.items():
                for finding in names:
                    self._finding(finding, lines.get((f"typical:{modality}", finding), 1), modality)
        for rule in self._knowledge.rules:
            line = lines.get((f"rule:{rule.finding}", rule.label), 1)
            self._finding(rule.finding, line)
            self._label(rule.label, line)
        for one in self._knowledge.specialists:
            for label in one.labels:
                self._label(label, lines.get(("specialist", one.name), 1))

    def _label(self, name: str, line: int) -> None:
        if self._labels and name not in self._labels:
            self._reader.tell("knowledge-unknown-label", line, name=name[:60], known=_some(self._labels))

    def _finding(self, name: str, line: int, modality: str = "") -> None:
        found = self._knowledge.findings.get(name)
        if found is None:
            if ("findings", name) not in self._reader.lines:  # one that is there and faulty was told already
                self._reader.tell(
                    "knowledge-unknown-finding", line, name=name[:60], known=_some(self._knowledge.findings)
                )
        elif modality and found.modality != modality:
            self._reader.tell("knowledge-other-modality", line, name=name[:60], modality=found.modality)


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _some(names: Collection[str]) -> str:
    """Return the first names of many, as a sentence holds them."""
    shown = list(names)[:8]
    return ", ".join(shown) + (", ..." if len(names) > len(shown) else "") if shown else "-"
