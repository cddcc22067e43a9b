"""What a row answers: one label, several labels in one cell, or a column of 0 and 1 for each label."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from engine.ingest.importers.columns import plain_name
from engine.schema.base import Answering
from engine.schema.command import ColumnRoles
from engine.schema.errors import UserError

LABEL_LIMIT = 200
FEWEST_FLAGS = 2
"""Columns of 0 and 1 from which they are taken for labels without being asked: a single one may be anything."""

_SEPARATORS = re.compile(r"[;|]")
_NONE = frozenset(("none", "no finding", "no findings", "no label", "nothing", "normal", "无", "正常", "未见异常"))
"""What people write where no label holds, as long as it is no label's own name."""
_MARKS: Mapping[str, bool] = {
    **dict.fromkeys(("1", "1.0", "true", "yes", "是"), True),
    **dict.fromkeys(("0", "0.0", "false", "no", "否"), False),
}
_UNSURE = frozenset(("-1", "-1.0"))
"""What some sets write where a reader was not sure: it marks a column of labels, but is no answer."""

Rows = Sequence[tuple[int, list[str]]]


class Answers(Protocol):
    """How the answer of a row is read."""

    several: bool

    def read(self, row: int, cells: Mapping[str, str]) -> tuple[str, ...]:
        """Return the labels of a row, none of them where it says so; raises `UserError` where it says nothing that can be read."""


class OneLabel:
    """The column holds one label."""

    several = False

    def __init__(self, column: str) -> None:
        self._column = column

    def read(self, row: int, cells: Mapping[str, str]) -> tuple[str, ...]:
        """Return the one label."""
        label = cells[self._column].strip()
        if not label:
            raise UserError("manifest-row-label", row=row)
        return (label,)


class LabelsInCell:
    """The column holds any number of labels, parted by `;` or `|`; `named` are labels whose own name may mean none."""

    several = True

    def __init__(self, column: str, named: Iterable[str] = ()) -> None:
        self._column, self._named = column, frozenset(named)

    def read(self, row: int, cells: Mapping[str, str]) -> tuple[str, ...]:
        """Return the labels once each; none of them where the cell says that none holds."""
        found = pieces(cells[self._column])
        if not found:
            raise UserError("manifest-row-label", row=row)
        kept = tuple(label for label in found if label in self._named or not means_none(label))
        if kept and len(kept) < len(found):
            raise UserError("manifest-none-and-more", row=row, value=cells[self._column].strip()[:100])
        return kept


class FlagColumns:
    """Each column is a label: 1 where it holds, 0 where it does not; with an empty cell nobody knows."""

    several = True

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)

    def read(self, row: int, cells: Mapping[str, str]) -> tuple[str, ...]:
        """Return the labels whose columns say 1."""
        return tuple(column for column in self._columns if self._holds(row, column, cells[column].strip()))

    def _holds(self, row: int, column: str, cell: str) -> bool:
        if not cell:
            raise UserError("manifest-row-label", row=row)
        if cell.lower() not in _MARKS:
            raise UserError("manifest-flag", row=row, value=cell[:100], column=column[:100])
        return _MARKS[cell.lower()]


def pieces(cell: str) -> tuple[str, ...]:
    """Return what a cell names, each once, in its order."""
    return tuple(dict.fromkeys(piece for piece in (found.strip() for found in _SEPARATORS.split(cell)) if piece))


def means_none(label: str) -> bool:
    """Whether a word says that no label holds."""
    return plain_name(label).replace("_", " ") in _NONE


def reader_of(roles: ColumnRoles, named: Sequence[str]) -> Answers:
    """Return how the answers of a table whose roles are settled are read."""
    if roles.flags:
        return FlagColumns(roles.flags)
    return LabelsInCell(roles.label, named) if roles.answers == "several" else OneLabel(roles.label)


def settled(header: Sequence[str], rows: Rows, roles: ColumnRoles, named: Sequence[str]) -> ColumnRoles:
    """Return the roles with what holds the answers, and whether a case has one or several; `named` are the labels known beforehand.

    Raises `manifest-no-label` where nothing holds any.
    """
    if roles.label and not roles.flags:
        asked: Answering = roles.answers or (
            "several" if _are_parted(_column(header, rows, roles.label), named) else "one"
        )
        return roles.model_copy(update={"answers": asked})
    flags = roles.flags or _flag_columns(header, rows, roles, named)
    if roles.answers == "one" or not flags:
        raise UserError("manifest-no-label")
    return roles.model_copy(update={"label": "", "flags": flags, "answers": "several"})


def _column(header: Sequence[str], rows: Rows, name: str) -> list[str]:
    place = header.index(name)
    return [cells[place].strip() for _, cells in rows if place < len(cells) and cells[place].strip()]


def _are_parted(cells: Sequence[str], named: Sequence[str]) -> bool:
    """Whether a column holds several labels a cell: known ones, or fewer different labels than there are different cells.

    A `;` inside the names of labels makes more pieces than names; labels that come in many combinations make fewer.
    """
    whole = set(cells)
    if all(len(pieces(cell)) < 2 for cell in whole):
        return False
    parts = {piece for cell in whole for piece in pieces(cell)}
    return parts <= {*named, *filter(means_none, parts)} if named else len(parts) <= len(whole)


def _flag_columns(header: Sequence[str], rows: Rows, roles: ColumnRoles, named: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that hold nothing but 0 and 1 (or "not sure") and mean nothing else; that for "no finding" says nothing more."""
    taken = {roles.case_id, roles.group, roles.split, *roles.text, *roles.image, *roles.audio}
    found = [
        name
        for name in dict.fromkeys(header)
        if name and name not in taken and (name in named if named else not means_none(name))
        if (cells := _column(header, rows, name)) and all(cell.lower() in _MARKS or cell in _UNSURE for cell in cells)
    ]
    fewest = 1 if roles.answers == "several" or named else FEWEST_FLAGS
    return tuple(found) if len(found) >= fewest else ()
