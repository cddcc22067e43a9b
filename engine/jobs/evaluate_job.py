"""Measures a model on cases with known answers: those of a table that is not imported, or of a data set of the project."""

import collections
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from engine.device import choose_device, set_threads
from engine.evaluate.council import measure_council
from engine.evaluate.reroute import worth_of_experts
from engine.ingest.cases import Destination, read_cases
from engine.ingest.sandbox import Sandbox
from engine.jobs.run_folder import RunFolder
from engine.model.pretrained import Council, load_council
from engine.preprocess.batch import Batch, collate
from engine.preprocess.truth import truth_of
from engine.schema.base import Sha256
from engine.schema.case import Case
from engine.schema.command import ImportPlan, StartEvaluation
from engine.schema.errors import EngineFault, ErrorBody, UserError
from engine.schema.event import Finished, Problem
from engine.schema.model import ExpertEffect, Interval, Measured, OrderedMeasured, SeveralMeasured
from engine.schema.worker import MEASURED_FILE
from engine.store.bulk import BulkBlobs

_BATCH = 100


def run(folder: RunFolder) -> None:
    """Read the rows that `task.evaluate` names, let the model answer, and tell the figures."""
    asked = folder.task.evaluate
    if asked is None:
        raise EngineFault("internal", detail="a measurement without its command")
    set_threads(0)
    device = choose_device()
    council = load_council(Path(folder.task.model_folder))
    read = _read(folder, asked)
    cases = _answerable(folder, read, council, asked.name)

    def told(done: int, total: int) -> None:
        folder.progress("measuring", done, total)
        folder.obey()

    measured = measure_council(
        council,
        cases,
        folder.blobs,
        asked.split or "all",
        device,
        told,
    )
    if asked.experts:
        measured = measured.model_copy(update={"effects": _effects(folder, council, cases)})
    folder.write(MEASURED_FILE, measured.model_dump_json(indent=1).encode())
    values = _figures(measured) | {"left_out": len(read) - len(cases)}
    folder.events.emit(Finished(outcome="done", values=values))


def _effects(folder: RunFolder, council: Council, cases: Sequence[Case]) -> tuple[ExpertEffect, ...]:
    """Return what each expert is worth on the cases; it can be stopped between two batches, and holds no more than one."""
    names = [label.name for label in council.labels]
    truth_N = truth_of(cases, names, council.answers).tolist()

    def batches() -> Iterator[Batch]:
        for start in range(0, len(cases), _BATCH):
            prepared = [council.preparation.prepare(case.parts, folder.blobs) for case in cases[start : start + _BATCH]]
            yield collate(prepared, council.preparation, truth_N[start : start + _BATCH])

    def told(done: int) -> None:
        folder.progress("weighing", done, len(cases))
        folder.obey()

    return worth_of_experts(council.student, batches(), names, told)


def _answerable(folder: RunFolder, read: Sequence[Case], council: Council, name: str) -> list[Case]:
    """Return the cases whose answer the model can give; the others are told by their answer, and where none is left it is an error."""
    known = [label.name for label in council.labels]
    if not read:
        raise UserError("manifest-nothing-read", name=name)
    if all((case.labels is not None) != (council.answers == "several") for case in read):
        raise UserError("answers-differ", name=name)
    strange = collections.Counter(
        next((label for label in case.truth() or () if label not in known), "")
        for case in read
        if not case.has_answer(known, council.answers)
    )
    if strange.total() == len(read):
        raise UserError("labels-unknown", name=name, found=", ".join(sorted(strange)[:10]), known=", ".join(known[:10]))
    for label, n in strange.items():
        problem = ErrorBody(code="label-left-out", parameters={"n": n, "label": label})
        folder.events.emit(Problem(problem=problem))
    return [case for case in read if case.has_answer(known, council.answers)]


def _read(folder: RunFolder, asked: StartEvaluation) -> list[Case]:
    """Return the rows of the split as cases; those that cannot be read are told with their reason."""
    if asked.manifest is None:
        kept = (case for case in folder.cases() if case.split == asked.split or not asked.split)
        found = [case for case in kept if case.truth() is not None and case.readable()]
        if not found:
            raise UserError("nothing-set-aside", name=asked.name)
        return found
    into = Destination(f"measure-{folder.task.job_id}", folder.task.job_id, datetime.now(UTC))
    cases = []
    with BulkBlobs(folder.blobs.folder) as blobs, Sandbox() as sandbox:
        plan = _of_split(folder.task.plan or _planned(folder, asked, asked.manifest, sandbox), asked.split)
        for done, row in enumerate(read_cases(plan, asked.files, blobs, sandbox, into), start=1):
            for problem in row.problems:
                folder.events.emit(Problem(problem=problem))
            if row.case is not None and row.case.truth() is not None:
                cases.append(row.case)
            folder.progress("reading", done, len(plan.cases))
            folder.obey()
    return cases


def _planned(folder: RunFolder, asked: StartEvaluation, manifest: Sha256, sandbox: Sandbox) -> ImportPlan:
    """Plan from the manifest's blob; the files that were found take the place of a listing."""
    sidecar = folder.blobs.read(asked.sidecar) if asked.sidecar else None
    listing = tuple(file.path for file in asked.files)
    return sandbox.plan_now(folder.blobs.read(manifest), asked.name, asked.roles, sidecar, listing)


def _of_split(plan: ImportPlan, split: str) -> ImportPlan:
    kept = tuple(case for case in plan.cases if not split or case.split == split)
    return plan.model_copy(update={"cases": kept})


def _figures(measured: Measured) -> dict[str, str | int | float]:
    """Return the figures as the command line prints them; tables travel as JSON in a string."""
    return {
        "n": measured.accuracy.n,
        "accuracy": measured.accuracy.value,
        "interval": json.dumps([measured.accuracy.low, measured.accuracy.high]),
        "balanced_accuracy": measured.balanced_accuracy,
        "macro_f1": measured.macro_f1,
        "ece": measured.ece,
        "nll": measured.nll,
        **({"coverage": measured.coverage} if measured.coverage is not None else {}),
        **({"set_size": measured.set_size} if measured.set_size is not None else {}),
        "by_pattern": json.dumps({name: _row(found) for name, found in measured.by_pattern.items()}),
        **_several_figures(measured.several),
        **_ordered_figures(measured.ordered),
        **(
            {"effects": json.dumps([one.model_dump(mode="json", exclude={"by_label"}) for one in measured.effects])}
            if measured.effects
            else {}
        ),
        **({"dynamic": measured.dynamic.model_dump_json()} if measured.dynamic is not None else {}),
    }


def _several_figures(found: SeveralMeasured | None) -> dict[str, str | int | float]:
    if found is None:
        return {}
    return {
        "label_accuracy": found.label_accuracy,
        "micro_f1": found.micro_f1,
        "auroc": json.dumps(found.auroc),
        "alpha": found.alpha,
        **(
            {
                "missed": found.missed.value,
                "missed_interval": json.dumps([found.missed.low, found.missed.high]),
            }
            if found.missed.n
            else {}
        ),
    }


def _ordered_figures(found: OrderedMeasured | None) -> dict[str, str | int | float]:
    if found is None:
        return {}
    off = {"places_off": found.places_off.value, "within_one": found.within_one}
    interval = json.dumps([found.places_off.low, found.places_off.high])
    return {**off, "places_off_interval": interval, **({} if found.kappa is None else {"kappa": found.kappa})}


def _row(found: Interval) -> dict[str, float]:
    return {"n": found.n, "accuracy": found.value, "low": found.low, "high": found.high}
