"""Soft labels from a file: what somebody else's model (or several people) said, one row a case, checked before it teaches.

Rows name a case by `case_id` (the data set's own id or ours) or by `row` (its row number in the imported table). Cases without a row
are unknown to this teacher. What its answers were learned from is not known here. Where a case may have several labels, each column
is a probability of its own and a row need not add up to 1.
Shapes: N cases, V versions of a case, C labels.
"""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from engine.schema.base import MODALITIES, Modality
from engine.schema.errors import UserError
from engine.teachers.base import Classroom, FoldRows, Roll, Teacher, TeacherConfig, teachers
from engine.teachers.lessons import Lessons
from engine.teachers.probe import calibrated

_KEYS = ("case_id", "row")
_MOST_BYTES = 256 * 2**20
_LEAST = 1e-6
"""Probability that stands for 0, whose logarithm there is none."""
_OFF = 0.01
"""How far a row of probabilities may be from adding up to 1: people round."""


class SoftLabelsConfig(TeacherConfig):
    """Settings of the teacher that reads a file."""

    file: str = Field("", description="CSV file: `case_id` or `row`, and one column for each label.")
    values: Literal["probabilities", "logits"] = Field("probabilities", description="What the columns hold.")
    modality: Literal["", "text", "image", "audio"] = Field(
        "", description="The kind of input the answers were made from; empty means all that a case has."
    )


@teachers.register(
    "soft-labels",
    SoftLabelsConfig,
    "Answers with probabilities from a file, whoever gave them.",
    "来自文件的带概率答案，无论由谁给出。",
)
class SoftLabels(Teacher):
    """Answers for the cases that stand in the file and for no others."""

    def __init__(self, file: str = "", values: str = "probabilities", modality: str = "") -> None:
        if not file:
            raise UserError("teacher-unnamed", name="soft-labels")
        self.path, self._logits = Path(file), values == "logits"
        self.kind = self.path.name
        self.modality: Modality | None = next((one for one in MODALITIES if one == modality), None)
        self._told = False

    def teach(self, room: Classroom, fold: FoldRows) -> Lessons:
        """Return the answers of the file, with one temperature fitted on the rows to learn from."""
        rows = self._rows(room)
        logits_NC = np.zeros((len(room.labels_N), room.num_labels))
        for row, values in rows.items():
            logits_NC[row] = values
        known = np.zeros(len(logits_NC), dtype=bool)
        known[list(rows)] = True
        answers_N1C = calibrated(logits_NC[:, None], room.labels_N, fold.learn[known[fold.learn]])
        known_NV = self._versions(room, torch.from_numpy(known))
        return Lessons("soft-labels", self.modality, answers_N1C.expand(-1, known_NV.shape[1], -1), known_NV)

    def _versions(self, room: Classroom, known_N: Tensor) -> Tensor:
        """Return which versions are known: of answers made from all inputs only those for a case with all of its own."""
        if self.modality is not None:
            return known_N[:, None].expand(-1, max(map(len, room.texts), default=1))
        bits_M = torch.tensor([1 << m for m in range(len(MODALITIES))])
        subset_N = torch.cat([(batch.present_BM.cpu() * bits_M).sum(1) for batch in room.batches(room.student)])
        known_NS = torch.zeros(len(known_N), 1 << len(MODALITIES), dtype=torch.bool)
        known_NS[torch.arange(len(known_N)), subset_N] = known_N
        return known_NS

    def _rows(self, room: Classroom) -> dict[int, NDArray[np.float64]]:
        """Return the values of each training case that has some; tells once how many have none, and how many rows no case."""
        table = _Table(self.path, [label.name for label in room.roll.labels], self._logits, room.several)
        found, named = dict[int, NDArray[np.float64]](), dict[int, str]()
        places = _places(room.roll, table.key)
        for name, values in table.rows.items():
            own = places.get(name, ())
            if len(own) > 1:
                raise UserError(
                    "soft-labels-ambiguous", name=self.kind, row=table.numbers[name], id=name[:100], cases=len(own)
                )
            for place in own:
                if place in found:
                    first = table.numbers[named[place]]
                    raise UserError(
                        "soft-labels-twice", name=self.kind, row=table.numbers[name], id=name[:100], first=first
                    )
                found[place], named[place] = values, name
        if not found:
            raise UserError("soft-labels-none", name=self.kind, rows=len(table.rows))
        if not self._told:
            facts: dict[str, str | int | float] = {"name": self.kind, "known": len(found), "cases": len(room.labels_N)}
            room.log("soft-labels-read", facts | {"strangers": len(table.rows) - len(found)})
            self._told = True
        return found


class _Table:
    """A checked file: `key` names the column that names cases, `rows` has logits by that name, `numbers` the row each stands in."""

    def __init__(self, path: Path, labels: Sequence[str], logits: bool, several: bool = False) -> None:
        self._name, self._labels, self._logits, self._several = path.name, labels, logits, several
        reader = csv.reader(io.StringIO(self._text(path)))
        try:
            header, *lines = list(reader) or [[]]
        except csv.Error as error:
            raise UserError("soft-labels-unreadable", name=path.name) from error
        header = [cell.strip() for cell in header]
        self.key = self._check(header)
        self.rows: dict[str, NDArray[np.float64]] = {}
        self.numbers: dict[str, int] = {}
        for number, cells in enumerate(lines, start=2):
            if any(cell.strip() for cell in cells):
                self._add(header, cells, number)

    def _add(self, header: Sequence[str], cells: Sequence[str], number: int) -> None:
        """Take a row in; a decimal comma that makes two cells of one number must not move the others along."""
        if len(cells) != len(header):
            raise UserError("soft-labels-cells", name=self._name, row=number, cells=len(cells), columns=len(header))
        cell = dict(zip(header, cells, strict=True))
        name = cell[self.key].strip()
        if name in self.numbers:
            first = self.numbers[name]
            raise UserError("soft-labels-twice", name=self._name, row=number, id=name[:100], first=first)
        self.numbers[name] = number
        self.rows[name] = self._values(cell, number)

    def _text(self, path: Path) -> str:
        try:
            if path.stat().st_size > _MOST_BYTES:
                raise UserError("soft-labels-unreadable", name=path.name)
            return path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError("soft-labels-unreadable", name=path.name) from error

    def _check(self, header: Sequence[str]) -> str:
        """Return the column that names the cases; raises `soft-labels-columns` naming what is wrong."""
        key = next((name for name in _KEYS if name in header), "")
        faults = [] if key else ["there is no column `case_id` or `row`"]
        unknown = [name for name in header if name not in self._labels and name not in _KEYS]
        missing = [name for name in self._labels if name not in header]
        faults += [f"unknown label {', '.join(unknown)}"] if unknown else []
        faults += [f"no column for {', '.join(missing)}"] if missing else []
        faults += ["a column stands there twice"] if len(set(header)) < len(header) else []
        if faults:
            detail, labels = "; ".join(faults)[:300], ", ".join(self._labels)[:300]
            raise UserError("soft-labels-columns", name=self._name, detail=detail, labels=labels)
        return key

    def _values(self, cell: Mapping[str, str], row: int) -> NDArray[np.float64]:
        values_C = np.array([self._number(cell.get(label, ""), label, row) for label in self._labels])
        if self._logits:
            return values_C
        if self._several:
            held_C = np.clip(values_C, _LEAST, 1 - _LEAST)
            odds_C: NDArray[np.float64] = np.log(held_C) - np.log1p(-held_C)
            return odds_C
        if abs(values_C.sum() - 1) > _OFF:
            raise UserError("soft-labels-sum", name=self._name, row=row, sum=f"{values_C.sum():.3f}")
        logs_C: NDArray[np.float64] = np.log(np.maximum(values_C, _LEAST))
        return logs_C

    def _number(self, text: str, column: str, row: int) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or (not self._logits and not 0 <= value <= 1):
            raise UserError("soft-labels-value", name=self._name, row=row, column=column, value=text[:40] or "''")
        return value


def _places(roll: Roll, key: str) -> dict[str, tuple[int, ...]]:
    """Return the training rows of each name a file may use; a table without ids calls its cases `row-1` and so on."""
    found: dict[str, list[int]] = {}
    for place, title in enumerate(roll.titles):
        names = {title}
        if key == "row":
            names = {title.removeprefix("row-")} if title.startswith("row-") else set()
        elif place < len(roll.case_ids):
            names.add(roll.case_ids[place])
        for name in names - {""}:  # no name at all fits no case
            found.setdefault(name, []).append(place)
    return {name: tuple(places) for name, places in found.items()}
