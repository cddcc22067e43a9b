"""Imports a planned table: every row becomes a case with the parts that can be read; the rest is listed with its reason."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from engine.ingest.cases import Destination, ReadRow, read_cases
from engine.ingest.importers.table import PROBLEMS_LIMIT
from engine.ingest.sandbox import Sandbox
from engine.jobs.run_folder import RunFolder, Stopped
from engine.jobs.taken import take_knowledge
from engine.schema.case import Case, Dataset
from engine.schema.command import ImportPlan, StartImport
from engine.schema.domain import Domain
from engine.schema.domain_folder import find, own_folder, read_domain
from engine.schema.errors import EngineFault, ErrorBody, UserError
from engine.schema.event import Finished, Problem
from engine.schema.worker import DATASET_FILE, RESULT_FILE
from engine.store.blobs import Blobs
from engine.store.bulk import BulkBlobs


def run(folder: RunFolder) -> None:
    """Read the rows that `task.imports` asks for; stopped and kept, the data set holds what came in so far."""
    asked = folder.task.imports
    if asked is None:
        raise EngineFault("internal", detail="an import job without its command")
    into = Destination(f"table-{folder.task.job_id}", folder.task.job_id, datetime.now(UTC))
    with BulkBlobs(folder.blobs.folder) as blobs, Sandbox() as sandbox:
        plan = folder.task.plan or _planned(folder, asked, sandbox)
        imported = _Import(folder, plan, blobs)
        stopped = imported.take(sandbox, asked, into)
    if not imported.cases:
        raise UserError("manifest-nothing-read", name=asked.name)
    folder.write(RESULT_FILE, b"".join(imported.lines))
    if asked.knowledge is not None:
        for problem in take_knowledge(folder, folder.blobs.read(asked.knowledge), plan.labels, into.created_at):
            folder.events.emit(Problem(problem=problem))
            imported.problems += 1
    folder.write(DATASET_FILE, imported.dataset(asked, into).model_dump_json(indent=1).encode())
    values: dict[str, str | int | float] = {
        "dataset": into.dataset,
        "cases": imported.cases,
        "problems": imported.problems,
    }
    folder.events.emit(Finished(outcome="stopped" if stopped else "done", values=values))


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
    """What came in so far: cases as lines, their counts, and how many problems were told."""

    def __init__(self, folder: RunFolder, plan: ImportPlan, blobs: Blobs) -> None:
        self._blobs = blobs
        self._folder = folder
        self._plan = plan
        self.lines: list[bytes] = []
        self.problems = 0
        self._counts: Counter[str] = Counter()
        self._patterns: Counter[str] = Counter()
        self._groups: set[str] = set()

    @property
    def cases(self) -> int:
        """How many cases came in."""
        return len(self.lines)

    def take(self, sandbox: Sandbox, asked: StartImport, into: Destination) -> bool:
        """Read every row; true where somebody stopped the work early to keep what there was."""
        self._tell(self._plan.problems)
        total = len(self._plan.cases)
        try:
            for done, row in enumerate(read_cases(self._plan, asked.files, self._blobs, sandbox, into), start=1):
                self._add(row)
                self._folder.progress("reading", done, total)
                self._folder.obey()
        except Stopped as request:
            if not request.keep or not self.cases:
                raise
            return True
        finally:
            self._tell_rest()
        return False

    def dataset(self, asked: StartImport, into: Destination) -> Dataset:
        """Return the data set that the cases make."""
        own = _domain_of(self._folder, self._plan.domain)
        return Dataset(
            dataset=into.dataset,
            title=self._plan.title or PurePosixPath(asked.name).stem,
            labels=own.worded(self._plan.labels) if own is not None else self._plan.labels,
            answers=self._plan.answers,
            synthetic=self._plan.synthetic,
            licence=self._plan.licence,
            created_at=into.created_at,
            counts=dict(self._counts),
            patterns=dict(self._patterns),
            groups=len(self._groups),
            domain=own.id if own is not None else self._plan.domain,
        )

    def _add(self, row: ReadRow) -> None:
        self._tell(row.problems)
        if row.case is not None:
            self._count(row.case)
            self.lines.append(row.case.model_dump_json().encode() + b"\n")

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
