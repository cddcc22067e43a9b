"""Which column of a table means what: said by the person, said by `dataset.yaml`, or recognised by its name."""

import re
from collections.abc import Callable, Sequence

from engine.ingest.containers import named_modality
from engine.ingest.importers.findings import ROLES, named_columns
from engine.ingest.importers.paths import split_cell
from engine.schema.command import ColumnRoles
from engine.schema.errors import UserError

_SINGLE = {
    "case_id": ("case_id", "case", "id", "uid", "sample_id", "病例编号", "编号"),
    "label": ("label", "labels", "answer", "target", "class", "diagnosis", "diagnostic", "dx", "category", "intent", "finding_labels",
              "标签", "诊断", "答案", "类别"),
    "group": ("group", "group_id", "patient_id", "patient", "subject_id", "subject", "speaker_id", "speaker",
              "person_id", "person", "actor", "患者编号", "患者", "说话人"),
    "split": ("split", "set", "subset", "partition", "划分"),
}  # fmt: skip
_FILE_ENDING = r"(?:_?\d+|_(?:path|file|filename|file_name)s?)?"
_MANY = {
    "text": re.compile(r"texts?(?:_?\d+)?|文本"),
    "image": re.compile(rf"(?:images?|img|picture|photo(?:graph)?|图像|图片|照片){_FILE_ENDING}"),
    "audio": re.compile(rf"(?:audios?|sound|recording|wav|voice|音频|录音|声音){_FILE_ENDING}"),
}
_OTHER_TEXT = (
    "note",
    "notes",
    "query",
    "utterance",
    "sentence",
    "symptoms",
    "message",
    "description",
    "症状",
    "病历",
    "主诉",
)
_ANY_FILE = re.compile(r".+_file_names?")

FirstCell = Callable[[int], str]
"""Column index -> the first cell in it that is not empty."""


def plain_name(header: str) -> str:
    """Return a column's name in lower case with underscores."""
    return re.sub(r"[\s\-]+", "_", header.strip().lower())


def find_roles(header: Sequence[str], said: ColumnRoles, beside: ColumnRoles, first_cell: FirstCell) -> ColumnRoles:
    """Return the role of each column under its name in the table; `said` goes before `beside`, both before the names."""
    single = {
        role: _named(header, getattr(said, role) or getattr(beside, role), role) or _first(header, aliases)
        for role, aliases in _SINGLE.items()
    }
    answers = said.answers or beside.answers
    flags = tuple(_named(header, column, "flags") for column in said.flags or beside.flags)
    if flags and not said.label:
        single["label"] = ""
    taken = {*single.values(), *flags}
    many: dict[str, tuple[str, ...]] = {}
    for role in _MANY:
        chosen = getattr(said, role) or getattr(beside, role)
        named = tuple(_named(header, column, role) for column in chosen)
        many[role] = named or tuple(name for name in _matching(header, role, first_cell) if name not in taken)
    for finding_role, modality in ROLES.items():
        chosen = getattr(said, finding_role) or getattr(beside, finding_role)
        named = tuple(_named(header, column, finding_role) for column in chosen)
        many[finding_role] = named or tuple(name for name in named_columns(header, modality) if name not in taken)
    return ColumnRoles.model_validate({**single, **many, "flags": flags, "answers": answers})


def _named(header: Sequence[str], column: str, role: str) -> str:
    """Return a column that was named, as the table spells it; raises where the table has none of that name."""
    if not column:
        return ""
    for name in header:
        if plain_name(name) == plain_name(column):
            return name
    raise UserError("bad-setting", key=role, value=column[:100], detail="the table has no such column")


def _first(header: Sequence[str], aliases: Sequence[str]) -> str:
    by_plain = {plain_name(name): name for name in reversed(header)}
    return next((by_plain[alias] for alias in aliases if alias in by_plain), "")


def _matching(header: Sequence[str], role: str, first_cell: FirstCell) -> list[str]:
    found = [name for name in header if _MANY[role].fullmatch(plain_name(name))]
    if role == "text":
        return found or [name for name in [_first(header, _OTHER_TEXT)] if name]
    others = [
        name
        for index, name in enumerate(header)
        if name not in found and _ANY_FILE.fullmatch(plain_name(name)) and _holds(first_cell(index), role)
    ]
    return found + others


def _holds(cell: str, role: str) -> bool:
    entries = split_cell(cell)
    return bool(entries) and named_modality(entries[0]) == role
