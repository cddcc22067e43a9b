"""From a plan to cases: each row's files are read through the sandbox, several rows at once, in the table's order."""

import dataclasses
import functools
import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from engine.ingest import parts
from engine.ingest.batch import Batch
from engine.ingest.sandbox import Sandbox
from engine.schema.base import Modality
from engine.schema.case import Case, Part
from engine.schema.command import FileFound, ImportPlan, PlannedCase
from engine.schema.errors import ErrorBody
from engine.store.blobs import Blobs


@dataclasses.dataclass(frozen=True)
class ReadRow:
    """What became of one row: its case, or None where nothing of it is readable, and what could not be read."""

    row: int
    case: Case | None
    problems: tuple[ErrorBody, ...] = ()


@dataclasses.dataclass(frozen=True)
class Destination:
    """The data set that rows become cases of; `salt` makes ids that no other import has, and the same ones again when repeated."""

    dataset: str
    salt: str
    created_at: datetime


def read_cases(
    plan: ImportPlan, files: Sequence[FileFound], blobs: Blobs, sandbox: Sandbox, into: Destination
) -> Iterator[ReadRow]:
    """Yield every planned row as it was read; originals are blobs already, decoded forms are kept as blobs here."""
    found = {file.path: file.sha256 for file in files}
    with Batch(sandbox) as batch:
        reader = _Reader(found, blobs, batch, into, plan.synthetic)
        yield from sandbox.each(functools.partial(reader.read, planned) for planned in plan.cases)


class _Reader:
    """Reads one row at a time; used from several threads."""

    def __init__(
        self, found: dict[str, str | None], blobs: Blobs, batch: Batch, into: Destination, synthetic: bool
    ) -> None:
        self._found = found
        self._blobs = blobs
        self._batch = batch
        self._into = into
        self._synthetic = synthetic

    def read(self, planned: PlannedCase) -> ReadRow:
        """Return a row with every part that could be found; unreadable ones stay in the case with their problem."""
        made: list[Part] = [self._text(text) for text in planned.texts]
        problems = []
        for path, modality in _files(planned):
            sha256 = self._found.get(path)
            if sha256 is None:
                problems.append(ErrorBody(code="file-missing", parameters={"row": planned.row, "name": path}))
                continue
            part = self._file(path, sha256, modality)
            made.append(_with_findings(part, planned))
        problems += [_in_row(part, planned.row) for part in made if part.problem is not None]
        case = self._case(planned, tuple(made))
        if not case.readable():
            problems.append(ErrorBody(code="manifest-row-empty", parameters={"row": planned.row}))
            return ReadRow(planned.row, None, tuple(problems))
        return ReadRow(planned.row, case, tuple(problems))

    def _text(self, text: str) -> Part:
        part, decoded = parts.text_part(text)
        self._blobs.put(text.encode("utf-8", "replace"))
        if part.problem is None:
            self._blobs.put(decoded)
        return part

    def _file(self, path: str, sha256: str, modality: Modality) -> Part:
        part, decoded = self._batch.decode(self._blobs.read(sha256), path, modality)
        if part.problem is None:
            self._blobs.put(decoded)
        return part

    def _case(self, planned: PlannedCase, made: tuple[Part, ...]) -> Case:
        digest = hashlib.sha256(f"{self._into.salt}\0{planned.row}".encode()).hexdigest()
        return Case(
            case_id=f"case-{digest[:16]}",
            title=planned.case_id,
            dataset=self._into.dataset,
            group=planned.group,
            split=planned.split,
            label=planned.label,
            labels=planned.labels,
            source="imported",
            synthetic=self._synthetic,
            parts=made,
            created_at=self._into.created_at,
        )


def _with_findings(part: Part, planned: PlannedCase) -> Part:
    """Return a part with what its row says of all its pictures or all its sounds together."""
    told = planned.findings.get(part.modality)
    return part if told is None else part.model_copy(update={"findings": told.seen, "looked_for": told.looked_for})


def _files(planned: PlannedCase) -> Iterator[tuple[str, Modality]]:
    for path in planned.images:
        yield path, "image"
    for path in planned.audios:
        yield path, "audio"


def _in_row(part: Part, row: int) -> ErrorBody:
    """Return a part's problem with the row it stands in, which the sentence then begins with."""
    problem = part.problem or ErrorBody(code="decode-crashed")
    return problem.model_copy(update={"parameters": {**problem.parameters, "row": row}})
