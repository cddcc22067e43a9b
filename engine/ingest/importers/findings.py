"""What a table says of its pictures and sounds: a cell with names of findings, or a column of 0 and 1 for one finding.

image_findings          sound_finding: wheeze        what it says
patch; enlarged-heart   1                            both were seen, every other finding of a picture was not; a wheeze was heard
none                    0                            somebody looked and saw nothing; there was no wheeze
(empty)                 (empty)                      nothing: nobody knows, and nobody says that there was none
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from engine.ingest.importers.paths import split_cell
from engine.schema.base import Modality
from engine.schema.command import ColumnRoles, FindingCount, PlannedCase, SeenFindings
from engine.schema.errors import UserError

NAME_LIMIT = 200
FINDINGS_LIMIT = 64
"""Findings of one cell."""

_KINDS: dict[Modality, str] = {
    "image": "images?|img|pictures?|photos?|图像|图片|照片",
    "audio": "audios?|sounds?|recordings?|音频|录音|声音",
}
_LIST = {
    kind: re.compile(rf"(?:{names})[ _-]?(?:findings?|发现|所见)", re.IGNORECASE) for kind, names in _KINDS.items()
}
_ONE = {
    kind: re.compile(rf"(?:{names})[ _-]?(?:findings?|发现|所见)\s*[:：./]\s*(?P<name>.*\S)", re.IGNORECASE)
    for kind, names in _KINDS.items()
}
_YES = frozenset(("1", "1.0", "yes", "true", "y", "x", "+", "是", "有"))
_NO = frozenset(("0", "0.0", "no", "false", "n", "否", "无"))
_NONE = frozenset(("none", "nothing", "-", "—", "无", "没有"))
_UNKNOWN = frozenset(("", "?", "na", "n/a", "nan", "unknown", "未知", "不详"))

Cells = Callable[[str], Iterable[str]]
"""Column -> its cells, from the first row to the last."""
Role = Literal["image_findings", "audio_findings"]
ROLES: dict[Role, Modality] = {"image_findings": "image", "audio_findings": "audio"}


def named_columns(header: Sequence[str], modality: Modality) -> tuple[str, ...]:
    """Return the columns whose names say that they hold findings of this kind of input."""
    return tuple(name for name in header if _LIST[modality].fullmatch(name) or _ONE[modality].fullmatch(name))


@dataclasses.dataclass(frozen=True)
class FindingColumns:
    """The columns with findings of one kind of input; `single` are those of one finding each, by its name."""

    listed: tuple[str, ...] = ()
    single: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, columns: Sequence[str], modality: Modality, cells: Cells) -> "FindingColumns":
        """Tell the columns apart: one that is named so, or that holds nothing but 0 and 1, is of one finding."""
        listed, single = [], []
        for column in columns:
            named = _ONE[modality].fullmatch(column)
            if named is not None:
                single.append((column, named["name"][:NAME_LIMIT]))
            elif not _LIST[modality].fullmatch(column) and _only_answers(cells(column)):
                single.append((column, column[:NAME_LIMIT]))
            else:
                listed.append(column)
        return cls(tuple(listed), tuple(single))

    def read(self, row: int, by_column: dict[str, str]) -> tuple[SeenFindings | None, list[UserError]]:
        """Return what a row says, None for nothing, and which of its cells say neither yes nor no."""
        seen: list[str] = []
        looked: list[str] = []
        faults: list[UserError] = []
        whole = False
        for column in self.listed:
            names = [name for name in split_cell(by_column[column].replace("；", ";")) if name.lower() not in _UNKNOWN]
            whole |= bool(names)
            seen += [name[:NAME_LIMIT] for name in names[:FINDINGS_LIMIT] if name.lower() not in _NONE]
        for column, name in self.single:
            written = by_column[column].strip().lower()
            if written in _YES | _NO:
                looked.append(name)
                seen += [name] if written in _YES else []
            elif written not in _UNKNOWN:
                faults.append(UserError("manifest-finding-value", row=row, column=column[:100], value=written[:100]))
        if not (whole or looked):
            return None, faults
        return SeenFindings(seen=_once(seen), looked_for=None if whole else _once(looked)), faults


def finding_columns(roles: ColumnRoles, cells: Cells) -> dict[Modality, FindingColumns]:
    """Return the columns with findings by kind of input."""
    return {kind: FindingColumns.of(getattr(roles, role), kind, cells) for role, kind in ROLES.items()}


def counted(cases: Sequence[PlannedCase]) -> Iterator[FindingCount]:
    """Yield every finding that the rows name, in the order of the kinds and then of the table."""
    for kind in ROLES.values():
        told = [case.findings[kind] for case in cases if kind in case.findings]
        whole = sum(one.looked_for is None for one in told)
        seen = Counter(name for one in told for name in one.seen)
        looked = Counter(name for one in told for name in one.looked_for or ())
        for name in dict.fromkeys((*seen, *looked)):
            yield FindingCount(modality=kind, name=name, seen=seen[name], looked=whole + looked[name])


def _only_answers(cells: Iterable[str]) -> bool:
    written = {cell.strip().lower() for cell in cells} - _UNKNOWN
    return bool(written) and written <= _YES | _NO


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
