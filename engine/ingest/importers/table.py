"""The CSV manifest: one row a case, answers and texts inline, pictures and sounds as relative paths."""

import csv
import dataclasses
import io
from collections.abc import Callable, Iterator

from engine.ingest.containers import kind_of
from engine.ingest.encoding import decode_text
from engine.ingest.importers.answers import LABEL_LIMIT, reader_of, settled
from engine.ingest.importers.base import Importer, Source, importers
from engine.ingest.importers.columns import find_roles
from engine.ingest.importers.findings import ROLES, counted, finding_columns
from engine.ingest.importers.paths import relative_path, split_cell
from engine.ingest.importers.sidecar import LABELS_LIMIT, Sidecar, read_sidecar
from engine.schema.base import Config, Modality
from engine.schema.case import Label, Split
from engine.schema.command import ColumnRoles, ImportPlan, PlannedCase, SeenFindings
from engine.schema.errors import ErrorBody, UserError

NAME = "table"
"""This importer's name: it takes every table that no other one recognises."""
BYTES_LIMIT = 256 * 1024 * 1024
ROWS_LIMIT = 1_000_000
COLUMNS_LIMIT = 2_000
CELL_LIMIT = 4 * 1024 * 1024
"""Characters of one cell; an unclosed quotation mark makes one cell of the rest of a file."""
PROBLEMS_LIMIT = 5_000
NAME_LIMIT = 400
FILES_LIMIT = 64
"""Files of one modality in one row."""

_DELIMITERS = (",", ";", "\t")
_SPLITS: dict[str, Split] = {
    **dict.fromkeys(("", "train", "training", "learn", "训练", "训练集"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev", "eval", "验证", "验证集"), "val"),
    **dict.fromkeys(("test", "testing", "held_out", "holdout", "测试", "测试集"), "test"),
}


@dataclasses.dataclass(frozen=True)
class Table:
    """A table's header and rows as text; `rows` pairs each with its number, the header being row 1."""

    header: tuple[str, ...]
    rows: list[tuple[int, list[str]]]
    encoding: str


@dataclasses.dataclass(frozen=True)
class Files:
    """The files of a row, or why the row is left out."""

    images: tuple[str, ...] = ()
    audios: tuple[str, ...] = ()


FilesOf = Callable[[int, dict[str, str]], Files]
"""Row number and cells by column name -> the row's files; raises `UserError` for a path that leads away."""


def read_table(manifest: bytes, name: str) -> Table:
    """Return a delimited table in any common encoding; raises `manifest-unreadable` or `manifest-too-long`."""
    if len(manifest) > BYTES_LIMIT:
        raise UserError("too-large", name=name, megabytes=BYTES_LIMIT // 2**20)
    if kind_of(manifest) != "text":
        raise UserError("manifest-unreadable", name=name)
    try:
        text, encoding = decode_text(manifest, name)
        header, *rows = _records(text, name)
    except (UserError, ValueError, csv.Error) as error:
        if isinstance(error, UserError) and error.code != "damaged-text":
            raise
        raise UserError("manifest-unreadable", name=name) from error
    return Table(tuple(cell.strip() for cell in header[1]), rows, encoding)


def _records(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield rows that are not blank with their numbers."""
    skipped = 0
    if text[:4].lower() == "sep=":  # a line that spreadsheets write for each other
        text, skipped = text.partition("\n")[2], 1
    before = csv.field_size_limit(CELL_LIMIT)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        for number, cells in enumerate(reader, start=1 + skipped):
            if number > ROWS_LIMIT + 1 + skipped:
                raise UserError("manifest-too-long", name=name, limit=ROWS_LIMIT)
            if len(cells) > COLUMNS_LIMIT:
                raise ValueError("too many columns")
            if any(cell.strip() for cell in cells):
                yield number, cells
    finally:
        csv.field_size_limit(before)


def _delimiter(text: str) -> str:
    """Return the delimiter that divides the first line most often, outside quotation marks."""
    first = next((line for line in io.StringIO(text[:CELL_LIMIT]) if line.strip()), "")
    unquoted = "".join(first.split('"')[::2])
    return max(_DELIMITERS, key=unquoted.count)


@importers.register(NAME, Config, "A CSV table, one row a case.", "CSV 表格，每行一个病例。")
class TableImporter(Importer):
    """Plans a table whose columns name the files."""

    def recognises(self, source: Source) -> bool:
        """Whether this is no other importer's: any table will do."""
        return True

    def plan(self, source: Source) -> ImportPlan:
        """Return the plan of a table; raises `UserError` where it has no answers or no inputs."""
        table = read_table(source.manifest, source.name)
        sidecar = read_sidecar(source.sidecar)
        roles = roles_of(table, source.roles, sidecar)
        if not (roles.text or roles.image or roles.audio):
            raise UserError("manifest-no-input")
        return planned(table, sidecar, roles, lambda row, cells: _named_files(row, cells, roles))


def roles_of(table: Table, said: ColumnRoles, sidecar: Sidecar) -> ColumnRoles:
    """Return the role of each column; raises `manifest-no-label` where no column holds answers."""
    roles = find_roles(table.header, said, sidecar.columns, lambda index: _first_cell(table, index))
    return settled(table.header, table.rows, roles, [label.name for label in sidecar.labels])


def _first_cell(table: Table, index: int) -> str:
    return next((cells[index] for _, cells in table.rows if index < len(cells) and cells[index].strip()), "")


def _cells(table: Table, column: str) -> Iterator[str]:
    place = table.header.index(column)
    return (cells[place] for _, cells in table.rows if place < len(cells))


def _named_files(row: int, cells: dict[str, str], roles: ColumnRoles) -> Files:
    return Files(_paths(row, cells, roles.image), _paths(row, cells, roles.audio))


def _paths(row: int, cells: dict[str, str], columns: tuple[str, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for entry in (entry for column in columns for entry in split_cell(cells[column])):
        path = relative_path(entry)
        if path is None or len(found) >= FILES_LIMIT:
            raise UserError("manifest-path", row=row, name=entry[:100])
        found.append(path)
    return tuple(found)


def planned(table: Table, sidecar: Sidecar, roles: ColumnRoles, files_of: FilesOf) -> ImportPlan:
    """Return the plan of a table whose roles are known; rows that cannot be used are listed, the others come in."""
    reader = _RowReader(table, sidecar, roles, files_of)
    for number, cells in table.rows:
        reader.read(number, cells)
    return ImportPlan(
        encoding=table.encoding,
        roles=roles,
        rows=len(table.rows),
        paths=tuple(dict.fromkeys(path for case in reader.cases for path in (*case.images, *case.audios))),
        labels=tuple(reader.labels.values()),
        answers=roles.answers or "one",
        cases=tuple(reader.cases),
        findings=tuple(counted(reader.cases)),
        problems=reader.all_problems(),
        title=sidecar.title,
        licence=sidecar.licence,
        synthetic=sidecar.synthetic,
        domain=sidecar.domain,
    )


class _RowReader:
    """Turns rows into planned cases, collecting answers and problems on the way."""

    def __init__(self, table: Table, sidecar: Sidecar, roles: ColumnRoles, files_of: FilesOf) -> None:
        self._header = table.header
        self._findings = finding_columns(roles, lambda column: _cells(table, column))
        self._without_input = dict.fromkeys(ROLES.values(), 0)
        self._roles = roles
        self._files_of = files_of
        self._fixed = bool(sidecar.labels)
        self.labels = {label.name: label for label in sidecar.labels}
        self._answers = reader_of(roles, list(self.labels))
        if not self._fixed:
            self.labels |= {name: Label(name=name) for name in roles.flags}
        self.cases: list[PlannedCase] = []
        self._problems: list[ErrorBody] = []
        self._unlisted = 0
        self._rows_by_id: dict[str, int] = {}
        self._split_of_group: dict[str, Split] = {}
        self._crossing: dict[str, None] = {}

    def read(self, number: int, cells: list[str]) -> None:
        """Take one row in, or list why not."""
        try:
            case = self._case(number, cells)
        except UserError as error:
            if error.code == "manifest-too-many-labels":  # the column holds something else: nothing can be used
                raise
            self._list(error)
            return
        self.cases.append(case)
        self._rows_by_id[case.case_id] = number
        for name in (case.label,) if case.labels is None else case.labels:
            self.labels.setdefault(name, Label(name=name))
        if case.group and self._split_of_group.setdefault(case.group, case.split) != case.split:
            self._crossing[case.group] = None

    def all_problems(self) -> tuple[ErrorBody, ...]:
        """Return the rows' problems, then those of the whole table."""
        whole = []
        if self._unlisted:
            whole.append(ErrorBody(code="manifest-more-problems", parameters={"count": self._unlisted}))
        if self._crossing:
            example = next(iter(self._crossing))[:100]
            parameters: dict[str, str | int | float] = {"count": len(self._crossing), "example": example}
            whole.append(ErrorBody(code="manifest-group-crosses", parameters=parameters))
        for kind, count in self._without_input.items():
            if count:
                whole.append(ErrorBody(code="manifest-findings-alone", parameters={"count": count, "what": kind}))
        return (*self._problems, *whole)

    def _list(self, error: UserError) -> None:
        if len(self._problems) < PROBLEMS_LIMIT:
            self._problems.append(error.body())
        else:
            self._unlisted += 1

    def _case(self, number: int, cells: list[str]) -> PlannedCase:
        if len(cells) > len(self._header) and any(cell.strip() for cell in cells[len(self._header) :]):
            raise UserError("manifest-row-shape", row=number, cells=len(cells), columns=len(self._header))
        by_column = _by_column(self._header, cells)
        case_id = self._case_id(number, by_column)
        found = self._labels(number, by_column)
        split = _split(number, by_column.get(self._roles.split, ""))
        files = self._files_of(number, by_column)
        texts = tuple(text for text in (by_column[column].strip() for column in self._roles.text) if text)
        if not (texts or files.images or files.audios):
            raise UserError("manifest-row-empty", row=number)
        group = by_column.get(self._roles.group, "").strip()[:NAME_LIMIT]
        return PlannedCase(
            case_id=case_id, row=number, texts=texts, images=files.images, audios=files.audios,
            label="" if self._answers.several else found[0], labels=found if self._answers.several else None,
            group=group, split=split, findings=self._seen(number, by_column, files),
        )  # fmt: skip

    def _seen(self, number: int, by_column: dict[str, str], files: Files) -> dict[Modality, SeenFindings]:
        """Return what the row says of its pictures and sounds; a cell that says nothing clear is listed and left out."""
        found: dict[Modality, SeenFindings] = {}
        for kind, columns in self._findings.items():
            seen, faults = columns.read(number, by_column)
            for fault in faults:
                self._list(fault)
            if seen is not None and (files.images if kind == "image" else files.audios):
                found[kind] = seen
            elif seen is not None:
                self._without_input[kind] += 1
        return found

    def _case_id(self, number: int, by_column: dict[str, str]) -> str:
        case_id = by_column.get(self._roles.case_id, "").strip()[:NAME_LIMIT] or f"row-{number}"
        if case_id in self._rows_by_id:
            first = self._rows_by_id[case_id]
            raise UserError("manifest-duplicate-case", row=number, id=case_id[:100], first=first)
        return case_id

    def _labels(self, number: int, by_column: dict[str, str]) -> tuple[str, ...]:
        found = self._answers.read(number, by_column)
        for label in found:
            if len(label) > LABEL_LIMIT or (self._fixed and label not in self.labels):
                raise UserError("manifest-label-unknown", row=number, label=label[:100])
        if len(self.labels.keys() | set(found)) > LABELS_LIMIT:
            raise UserError("manifest-too-many-labels", column=self._roles.label[:100], limit=LABELS_LIMIT)
        return found


def _by_column(header: tuple[str, ...], cells: list[str]) -> dict[str, str]:
    """Return cells by column; of two columns with one name the first counts, missing cells at the end are empty.

    A column without a name can play no part: a part that no column plays is written as the empty name.
    """
    padded = cells + [""] * (len(header) - len(cells))
    return {name: padded[index] for index, name in reversed(list(enumerate(header))) if name}


def _split(number: int, written: str) -> Split:
    word = written.strip().lower().replace("-", "_").replace(" ", "_")
    if word not in _SPLITS:
        raise UserError("manifest-split", row=number, value=written[:100])
    return _SPLITS[word]
