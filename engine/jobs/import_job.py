"""Imports a planned table: every row becomes a case with the parts that can be read, or is known again; the rest is listed with its reason."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from engine.ingest.cases import Destination, ReadRow, read_cases
from engine.ingest.importers.table import PROBLEMS_LIMIT
from engine.ingest.sandbox import Sandbox
from engine.jobs.again import IMPORTED, Recognised, found_files, recognise, said_by, still_missing
from engine.jobs.run_folder import RunFolder, Stopped
from engine.jobs.taken import take_knowledge, unknown_findings
from engine.schema.case import Case, Dataset
from engine.schema.command import ImportPlan, StartImport
from engine.schema.domain import Domain
from engine.schema.domain_folder import find, own_folder, read_domain
from engine.schema.errors import EngineFault, ErrorBody, UserError
from engine.schema.event import Finished, Problem
from engine.schema.rows import KnownRow, RowSaid
from engine.schema.worker import CHANGED_FILE, DATASET_FILE, KNOWN_FILE, RESULT_FILE, ROWS_FILE
from engine.store.blobs import Blobs
from engine.store.bulk import BulkBlobs


def run(folder: RunFolder) -> None:
    """Read the rows that `task.imports` asks for; stopped and kept, the data set holds what came in so far."""
    asked = folder.task.imports
    if asked is None:
        raise EngineFault("internal", detail="an import job without its command")
    job = folder.task.job_id
    with BulkBlobs(folder.blobs.folder) as blobs, Sandbox() as sandbox:
        plan = folder.task.plan or _planned(folder, asked, sandbox)
        title = plan.title or PurePosixPath(asked.name).stem
        again = recognise(plan, asked.files, title, folder.task.datasets, _known(folder))
        name = again.dataset.dataset if again.dataset is not None else f"{IMPORTED}{job}"
        into = Destination(name, job, datetime.now(UTC))
        imported = _Import(folder, plan, blobs, again)
        stopped = imported.take(sandbox, asked, into)
    if not imported.known:
        raise UserError("manifest-nothing-read", name=asked.name)
    imported.leave()
    if asked.knowledge is not None:
        told = folder.blobs.read(asked.knowledge)
        faults = take_knowledge(folder, told, plan.labels, into.created_at)
        for problem in (*faults, *unknown_findings(told, plan.labels, plan.findings)):
            folder.events.emit(Problem(problem=problem))
            imported.problems += 1
    folder.write(DATASET_FILE, imported.dataset(title, into).model_dump_json(indent=1).encode())
    values: dict[str, str | int | float] = {
        "dataset": into.dataset,
        "cases": imported.cases,
        "problems": imported.problems,
    }
    folder.events.emit(Finished(outcome="stopped" if stopped else "done", values=values | imported.known_before()))


def _known(folder: RunFolder) -> Iterator[KnownRow]:
    """Yield what tables said before of their cases."""
    with contextlib.suppress(FileNotFoundError), open(folder.path / KNOWN_FILE, encoding="utf-8") as lines:
        for line in lines:
            yield KnownRow.model_validate_json(line)


def _planned(folder: RunFolder, asked: StartImport, sandbox: Sandbox) -> ImportPlan:
    """Plan again from the manifest's blob; the files that were found take the place of a listing."""
    sidecar = folder.blobs.read(asked.sidecar) if asked.sidecar else None
    listing = tuple(file.path for file in asked.files)
    return sandbox.plan_now(folder.blobs.read(asked.manifest), asked.name, asked.roles, sidecar, listing)


def _domain_of(folder: RunFolder, named: str) -> Domain | None:
    """Return the domain the table names, else the project's own; None where there is none that can be read."""
    project = Path(folder.task.project)
    try:
        own = own_folder(project)
        if named:
            return read_domain(find(named, project))
        return read_domain(own) if own is not None else None
    except UserError:  # it only lends its wording: the cases come in all the same
        return None


class _Import:
    """What came in so far: new cases and changed ones as lines, their counts, and how many problems were told."""

    def __init__(self, folder: RunFolder, plan: ImportPlan, blobs: Blobs, again: Recognised) -> None:
        self._blobs = blobs
        self._folder = folder
        self._again = again
        self._plan = plan
        self.problems = 0
        self._new: list[bytes] = []
        self._changed: list[bytes] = []
        self.known: list[KnownRow] = []
        """Of every case that is in now, what its row says."""
        self._said: dict[int, RowSaid] = {}
        self._counts: Counter[str] = Counter()
        self._patterns: Counter[str] = Counter()
        self._groups: set[str] = set()

    @property
    def cases(self) -> int:
        """How many cases came in that were not there."""
        return len(self._new)

    def known_before(self) -> dict[str, str | int | float]:
        """Return how many cases were here already, how many of those have changed, and how many are no longer in the table."""
        again = self._again
        if again.dataset is None:
            return {}
        return {"same": len(again.same), "changed": len(self._changed), "missing": again.missing}

    def take(self, sandbox: Sandbox, asked: StartImport, into: Destination) -> bool:
        """Read every row that is no case yet or has changed; true where somebody stopped the work early to keep what there was."""
        self._tell(self._plan.problems)
        found = found_files(asked.files)
        self._said = {planned.row: said_by(planned, found) for planned in self._plan.cases}
        for number, known in self._again.same.items():
            self.known.append(known.model_copy(update={"said": self._said[number]}))
        unread = []
        for planned in self._plan.cases:
            if planned.row in self._again.same:
                self._tell(still_missing(planned, found))
            else:
                unread.append(planned)
        plan = self._plan.model_copy(update={"cases": tuple(unread)})
        try:
            for done, row in enumerate(read_cases(plan, asked.files, self._blobs, sandbox, into), start=1):
                self._add(row)
                self._folder.progress("reading", done, len(unread))
                self._folder.obey()
        except Stopped as request:
            if not request.keep or not self.known:
                raise
            return True
        finally:
            self._tell_rest()
        return False

    def leave(self) -> None:
        """Write the cases for the service to take over."""
        self._folder.write(RESULT_FILE, b"".join(self._new))
        self._folder.write(CHANGED_FILE, b"".join(self._changed))
        self._folder.write(ROWS_FILE, b"".join(one.model_dump_json().encode() + b"\n" for one in self.known))

    def dataset(self, title: str, into: Destination) -> Dataset:
        """Return the data set that the cases make; of one that was there before, the service counts all of its cases."""
        own = _domain_of(self._folder, self._plan.domain)
        before = self._again.dataset
        labels = own.worded(self._plan.labels) if own is not None else self._plan.labels
        names = {label.name for label in labels}
        return Dataset(
            dataset=into.dataset,
            title=title,
            labels=(*labels, *(label for label in (before.labels if before else ()) if label.name not in names)),
            answers=self._plan.answers,
            synthetic=self._plan.synthetic,
            licence=self._plan.licence,
            created_at=before.created_at if before is not None else into.created_at,
            counts=dict(self._counts),
            patterns=dict(self._patterns),
            groups=len(self._groups),
            domain=own.id if own is not None else self._plan.domain,
        )

    def _add(self, row: ReadRow) -> None:
        self._tell(row.problems)
        if row.case is None:
            return
        before = self._again.changed.get(row.row)
        case = row.case if before is None else row.case.model_copy(update={"case_id": before.case_id})
        self._count(case)
        (self._new if before is None else self._changed).append(case.model_dump_json().encode() + b"\n")
        self.known.append(KnownRow(case_id=case.case_id, dataset=case.dataset, said=self._said[row.row]))

    def _count(self, case: Case) -> None:
        self._counts[case.split] += 1
        self._patterns[case.pattern()] += 1
        if case.split == "train" and case.group:
            self._groups.add(case.group)

    def _tell(self, problems: tuple[ErrorBody, ...]) -> None:
        """List problems one by one, up to a number that a person could still read."""
        for problem in problems:
            self.problems += 1
            if self.problems <= PROBLEMS_LIMIT:
                self._folder.events.emit(Problem(problem=problem))

    def _tell_rest(self) -> None:
        if (rest := self.problems - PROBLEMS_LIMIT) > 0:
            self._folder.events.emit(
                Problem(problem=ErrorBody(code="manifest-more-problems", parameters={"count": rest}))
            )
