"""A table that comes in again: which of its rows are cases already, which have changed, and which are new.

A table is the same as one before where they have the same title and the same kind of answers, at least one row has the same inputs as before, and not more rows of the
same name have others: two clinics that both number from 1 stay two data sets. Within it a row is its case by name and content, else by
name. A table without case ids only counts its rows, and these move: there a row is its case by content, else by its inputs alone, and
never by its number, or one patient's words would come into another's case.
"""

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from engine.schema.case import Dataset
from engine.schema.command import FileFound, ImportPlan, PlannedCase
from engine.schema.errors import ErrorBody
from engine.schema.rows import KnownRow, RowSaid

IMPORTED = "table-"
"""How ids of imported data sets begin."""


@dataclasses.dataclass(frozen=True)
class Recognised:
    """What is known of a table's rows, by their number; nothing is where it never came in before."""

    dataset: Dataset | None = None
    same: Mapping[int, KnownRow] = dataclasses.field(default_factory=dict)
    changed: Mapping[int, KnownRow] = dataclasses.field(default_factory=dict)
    missing: int = 0


def said_by(planned: PlannedCase, found: Mapping[str, str | None]) -> RowSaid:
    """Return what a row says; files that were not found are no inputs."""
    texts = (hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() for text in planned.texts)
    files = (found.get(path) for path in (*planned.images, *planned.audios))
    findings = sorted(f"{kind}: {said.model_dump_json()}" for kind, said in planned.findings.items())
    return RowSaid(
        row=planned.case_id,
        label=planned.label,
        labels=planned.labels,
        group=planned.group,
        split=planned.split,
        inputs=(*texts, *(sha256 for sha256 in files if sha256 is not None)),
        findings="\n".join(findings),
    )


def found_files(files: Iterable[FileFound]) -> dict[str, str | None]:
    """Return the files of an import by their path."""
    return {file.path: file.sha256 for file in files}


def still_missing(planned: PlannedCase, found: Mapping[str, str | None]) -> tuple[ErrorBody, ...]:
    """Return which files a row names and nobody sent: of a row that is known, too, a person wants to hear it each time."""
    gone = (path for path in (*planned.images, *planned.audios) if found.get(path) is None)
    return tuple(ErrorBody(code="file-missing", parameters={"row": planned.row, "name": path}) for path in gone)


def recognise(
    plan: ImportPlan,
    files: Sequence[FileFound],
    title: str,
    datasets: Sequence[Dataset],
    known: Iterable[KnownRow],
) -> Recognised:
    """Return what is known of a plan's rows: of the data set of the same title that shares most rows with it."""
    found = found_files(files)
    rows = {planned.row: said_by(planned, found) for planned in plan.cases}
    of_dataset: dict[str, list[KnownRow]] = defaultdict(list)
    for one in known:
        of_dataset[one.dataset].append(one)
    best = Recognised()
    for dataset in datasets:
        alike = (dataset.title, dataset.answers) == (title, plan.answers)
        if alike and dataset.dataset.startswith(IMPORTED):
            made = _compared(dataset, rows, of_dataset[dataset.dataset])
            if _is_the_same(made, rows) and len(made.same) + len(made.changed) > len(best.same) + len(best.changed):
                best = made
    return best


def _compared(dataset: Dataset, rows: Mapping[int, RowSaid], known: Sequence[KnownRow]) -> Recognised:
    left = dict(rows)
    free = {one.case_id: one for one in known}
    same: dict[int, KnownRow] = {}
    changed: dict[int, KnownRow] = {}
    passes = (same, _name_and_content), (same, _content_of_counted), (changed, _inputs_of_counted), (changed, _name)
    for take, key in passes:
        places: dict[object, list[KnownRow]] = defaultdict(list)
        for one in reversed(free.values()):
            places[key(one.said)].append(one)
        for number, said in list(left.items()):
            wanted = key(said)
            if wanted is not None and places[wanted]:
                take[number] = places[wanted].pop()
                del left[number], free[take[number].case_id]
    return Recognised(dataset, same, changed, len(free))


def _is_the_same(made: Recognised, rows: Mapping[int, RowSaid]) -> bool:
    with_same_inputs = sum(one.said.inputs == rows[number].inputs for number, one in made.changed.items())
    like, unlike = len(made.same) + with_same_inputs, len(made.changed) - with_same_inputs
    return like > 0 and like >= unlike


def _name_and_content(said: RowSaid) -> object:
    return said


def _content_of_counted(said: RowSaid) -> object:
    """Return the content of a row that bears only its number; one with a name of its own is known by that alone."""
    return said.model_copy(update={"row": ""}) if _is_counted(said) else None


def _inputs_of_counted(said: RowSaid) -> object:
    """Return the inputs of a row that bears only its number: with another answer it is the same case still."""
    return said.inputs or None if _is_counted(said) else None


def _name(said: RowSaid) -> object:
    return None if _is_counted(said) else said.row


def _is_counted(said: RowSaid) -> bool:
    return said.row.startswith("row-")
