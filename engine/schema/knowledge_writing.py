"""Writing a knowledge file: YAML that a person reads and edits, short lists and rules in one line each."""

from typing import Any

import yaml

from engine.schema.knowledge import FindingKnowledge, Knowledge, LabelKnowledge, Phrases, Specialist, Told


def dump(knowledge: Knowledge) -> str:
    """Return the file as YAML that a person reads and edits; `read` gives the same knowledge back."""
    return yaml.dump(_plain(knowledge), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


class _Dumper(yaml.SafeDumper):
    """Writes short lists and mappings in one line, without aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _Line(dict[str, Any]):
    """A mapping that is written in one line."""


def _write_line(dumper: yaml.SafeDumper, data: _Line) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)


def _write_list(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    flow = all(isinstance(entry, str) for entry in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flow)


_Dumper.add_representer(_Line, _write_line)
_Dumper.add_representer(list, _write_list)


def _plain(knowledge: Knowledge) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "title": _told(knowledge.title),
        "labels": {name: _label(entry) for name, entry in knowledge.labels.items()},
        "findings": {name: _finding(entry) for name, entry in knowledge.findings.items()},
        "rules": [
            _Line(finding=rule.finding, label=rule.label, strength=round(rule.strength, 3)) for rule in knowledge.rules
        ],
        "specialists": [_specialist(entry) for entry in knowledge.specialists],
    }
    return {name: value for name, value in whole.items() if value}


def _label(entry: LabelKnowledge) -> dict[str, Any]:
    typical = _Line({modality: list(names) for modality, names in entry.typical.items() if names})
    whole = {"description": _told(entry.description), "typical": typical}
    return {name: value for name, value in whole.items() if value}


def _finding(entry: FindingKnowledge) -> dict[str, Any]:
    whole = {"modality": entry.modality, "title": _told(entry.title), "phrases": _phrases(entry.phrases)}
    return {name: value for name, value in whole.items() if value}


def _specialist(entry: Specialist) -> dict[str, Any]:
    whole = {
        "name": entry.name,
        "title": _told(entry.title),
        "keywords": _phrases(entry.keywords),
        "labels": list(entry.labels),
        "cases": list(entry.cases),
    }
    return {name: value for name, value in whole.items() if value}


def _told(told: Told) -> Any:
    both = {language: text for language, text in (("en", told.en), ("zh", told.zh)) if text}
    alone = next(iter(both.values()), "")
    return alone if len(both) < 2 and Told.plain(alone) == told else both


def _phrases(phrases: Phrases) -> dict[str, list[str]]:
    both = {"en": list(phrases.en), "zh": list(phrases.zh)}
    return {language: found for language, found in both.items() if found}
