"""Generates the synthetic cases of a demo as a data set; training on them is a job of its own that follows."""

from datetime import UTC, datetime
from pathlib import Path

from engine.demo.dataset import describe, keep_cases
from engine.demo.domains import DOMAINS, folder_of
from engine.jobs.run_folder import RunFolder, Stopped
from engine.jobs.taken import take_knowledge
from engine.schema.case import Case, Split
from engine.schema.command import StartDemo
from engine.schema.domain import read_file
from engine.schema.errors import EngineFault
from engine.schema.event import Finished
from engine.schema.knowledge import KNOWLEDGE_FILE
from engine.schema.worker import DATASET_FILE, RESULT_FILE
from engine.store.blobs import Blobs
from engine.store.bulk import BulkBlobs


def run(folder: RunFolder) -> None:
    """Generate the cases that `task.demo` asks for; stopped and kept, the data set holds what there is so far."""
    asked = folder.task.demo
    if asked is None:
        raise EngineFault("internal", detail="a demo job without its command")
    domain = DOMAINS[asked.domain]
    dataset = f"{domain.name}-{folder.task.job_id}"
    created_at = datetime.now(UTC)
    with BulkBlobs(folder.blobs.folder) as blobs:
        cases, stopped = _generate(folder, asked, blobs, dataset, created_at)
    folder.write(RESULT_FILE, b"".join(case.model_dump_json().encode() + b"\n" for case in cases))
    own = folder_of(domain.name, Path(folder.task.project))
    if own is not None and (own / KNOWLEDGE_FILE).is_file():
        faults = take_knowledge(folder, read_file(own, KNOWLEDGE_FILE), domain.world.labels, created_at)
        if faults:
            raise faults[0].error()
    folder.write(DATASET_FILE, describe(domain, cases, dataset, created_at).model_dump_json(indent=1).encode())
    values: dict[str, str | int | float] = {
        "dataset": dataset,
        "cases": len(cases),
        "oracle": round(domain.world.best(), 4),
        "oracle_complete": round(domain.world.oracle(("text", "image", "audio")), 4),
    }
    folder.events.emit(Finished(outcome="stopped" if stopped else "done", values=values))


def _generate(
    folder: RunFolder, asked: StartDemo, blobs: Blobs, dataset: str, created_at: datetime
) -> tuple[list[Case], bool]:
    """Return the cases, and whether somebody stopped the work early to keep what there was."""
    total = asked.train + asked.val
    splits: tuple[tuple[Split, int], ...] = (("train", asked.train), ("val", asked.val))
    cases: list[Case] = []
    try:
        for split, count in splits:
            for case in keep_cases(DOMAINS[asked.domain], split, count, asked.seed, blobs, dataset, created_at):
                cases.append(case)
                folder.progress("generating", len(cases), total)
                folder.obey()
    except Stopped as request:
        if not request.keep or not cases:
            raise
        return cases, True
    return cases, False
