"""Taking over what a finished worker made: files first, then rows, so that a row never names what is not there."""

import itertools
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Connection

from engine.jobs import queue
from engine.schema.case import Case, Dataset
from engine.schema.command import JobInfo, StartEvaluation
from engine.schema.errors import EngineFault
from engine.schema.event import CaseChanged, Finished, ModelChanged
from engine.schema.knowledge import KnowledgeVersion
from engine.schema.model import WORTH_FILE, Measured, ModelSummary, Worth
from engine.schema.rows import KnownRow
from engine.schema.worker import (
    CHANGED_FILE,
    DATASET_FILE,
    KNOWLEDGE_VERSION_FILE,
    MEASURED_FILE,
    RESULT_FILE,
    ROWS_FILE,
    SUMMARY_FILE,
)
from engine.store import cases, events, facts, imported, jobs, knowledge, models
from engine.store.blobs import disk_errors, file_sha256, sync_folder, write_whole
from engine.store.project import ProjectFolder

WEIGHTS_FILE = "model.safetensors"
_SET_ASIDE = ("val", "test")
"""Only on cases that were set aside from learning is an expert worth what it seems to be."""
_BATCH = 1000
_TOLD = 500
"""Changed cases that open windows are told of one by one; lists are read anew at the end of an import anyway."""


def files(folder: ProjectFolder, job: jobs.Job, finished: Finished) -> ModelSummary | None:
    """Do what must lie on the disk before the rows: publish the model that a training made, or what a model's experts are worth."""
    asked = job.task.evaluate
    if asked is not None and asked.experts and asked.split in _SET_ASIDE and finished.outcome == "done":
        _keep_worth(folder, asked, folder.run(job.info.job_id))
    if job.info.kind != "train" or not finished.folder:
        return None
    model_id = f"model-{job.info.job_id.partition('-')[2]}"
    return publish_model(folder, folder.run(job.info.job_id) / finished.folder, model_id, job.info.job_id)


def rows(
    connection: Connection, folder: ProjectFolder, job: jobs.Job, finished: Finished, model: ModelSummary | None
) -> JobInfo:
    """Bring a job into its last state together with everything it made and the job that follows; one transaction."""
    job_id = job.info.job_id
    if model is not None:
        keep_model(connection, model)
        queue.follow_training(connection, folder, job, model)
        return jobs.enter(connection, job_id, "done", result=finished.values | {"model": model.model_id})
    stopped = job.info.kind == "evaluate" and finished.outcome == "stopped"
    if job.info.kind == "train" or stopped:  # before there was anything to keep
        return jobs.enter(connection, job_id, "cancelled")
    if job.info.kind == "evaluate":
        return jobs.enter(connection, job_id, "done", result=finished.values)
    dataset = keep_cases(connection, folder.run(job_id))
    queue.follow_demo(connection, folder, job, dataset)
    counted = {"dataset": dataset.dataset, "cases": sum(dataset.counts.values())}
    return jobs.enter(connection, job_id, "done", result=counted | finished.values)


def _keep_worth(folder: ProjectFolder, asked: StartEvaluation, run: Path) -> None:
    """Put what a measurement found of a model's experts beside the model, unless that went to the trash meanwhile."""
    target = folder.model(asked.model_id)
    try:
        measured = Measured.model_validate_json((run / MEASURED_FILE).read_bytes())
    except (OSError, ValidationError) as error:
        raise EngineFault("internal", detail="a measurement left no readable result") from error
    if target.is_dir():
        found = Worth(name=asked.name, dataset=asked.dataset, at=datetime.now(UTC), measured=measured)
        write_whole(target / WORTH_FILE, found.model_dump_json().encode())


def publish_model(folder: ProjectFolder, made: Path, model_id: str, run: str) -> ModelSummary:
    """Copy a model into the project under `model_id` and return its summary; doing it again after a crash is harmless."""
    target = folder.model(model_id)
    shutil.rmtree(
        target, ignore_errors=True
    )  # without a row it was never published: what lies there is an interrupted copy
    _copy_tree(made, target)
    summary = _summary(made / SUMMARY_FILE)
    weights = target / WEIGHTS_FILE
    size = weights.stat().st_size + sum(one.size for one in summary.inside)
    facts_of_files = {"model_id": model_id, "run": run, "size": size, "sha256": file_sha256(weights)}
    summary = summary.model_copy(update=facts_of_files)
    write_whole(target / SUMMARY_FILE, summary.model_dump_json(indent=1).encode())
    _sync_tree(target)
    sync_folder(target.parent)
    return summary


def _copy_tree(made: Path, target: Path) -> None:
    """Copy a folder; raises `disk-full` where there is no room, which `shutil.copytree` would not tell from a defect."""
    target.mkdir(parents=True)
    with disk_errors():
        for path in sorted(made.rglob("*")):
            if path.is_dir():
                (target / path.relative_to(made)).mkdir()
            else:
                shutil.copyfile(path, target / path.relative_to(made))


def keep_model(connection: Connection, summary: ModelSummary) -> None:
    """Add the row of a published model; the first model of a project comes into use by itself."""
    models.add(connection, summary)
    first = not facts.get(connection, facts.MODEL_IN_USE)
    if first:
        facts.put(connection, facts.MODEL_IN_USE, summary.model_id)
    events.append(connection, ModelChanged(model=summary, in_use=first))


def keep_cases(connection: Connection, run: Path) -> Dataset:
    """Add the cases, the data set and the knowledge file that an import or a demo left in its run folder."""
    try:
        made = Dataset.model_validate_json((run / DATASET_FILE).read_bytes())
        cases.add_many(connection, _cases(run / RESULT_FILE, made.dataset))
        if (run / ROWS_FILE).exists():
            _renew(connection, run, made.dataset)
            made = _counted(connection, made)
        if (run / KNOWLEDGE_VERSION_FILE).exists():
            told = KnowledgeVersion.model_validate_json((run / KNOWLEDGE_VERSION_FILE).read_bytes())
            knowledge.put_brought(connection, made.dataset, told)
    except (OSError, ValidationError) as error:
        raise EngineFault("internal", detail="a job left no readable result") from error
    facts.put_dataset(connection, made)
    return made


def _renew(connection: Connection, run: Path, dataset: str) -> None:
    """Change the cases whose rows have changed or moved, and remember what every row says now."""
    with open(run / ROWS_FILE, encoding="utf-8") as lines:
        told = {one.case_id: one for one in map(KnownRow.model_validate_json, lines)}
    moved = imported.renumber(connection, told.values())
    renewed = (imported.renew(connection, one, told[one.case_id].said) for one in _cases(run / CHANGED_FILE, dataset))
    for told_to, changed in enumerate(itertools.chain(moved, renewed)):
        if told_to < _TOLD and not cases.trashed(connection, changed.case_id):
            events.append(connection, CaseChanged(case=changed))
    imported.put(connection, told.values())


def _counted(connection: Connection, made: Dataset) -> Dataset:
    """Return a data set with the counts of all its cases, those of before included."""
    counts: Counter[str] = Counter()
    patterns: Counter[str] = Counter()
    groups: set[str] = set()
    after, more = 0, True
    while more:
        after, some = cases.of_dataset(connection, made.dataset, after, _BATCH)
        counts.update(case.split for case in some)
        patterns.update(case.pattern() for case in some)
        groups.update(case.group for case in some if case.split == "train" and case.group)
        more = after > 0
    return made.model_copy(update={"counts": dict(counts), "patterns": dict(patterns), "groups": len(groups)})


def to_trash(folder: ProjectFolder, job_id: str) -> None:
    """Move a run folder to the trash; nothing where there is none."""
    run = folder.run(job_id)
    if run.is_dir():
        os.replace(run, folder.trash / job_id)


def _cases(path: Path, dataset: str) -> Iterator[Case]:
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            yield Case.model_validate_json(line).model_copy(update={"dataset": dataset})


def _summary(path: Path) -> ModelSummary:
    try:
        return ModelSummary.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise EngineFault("internal", detail="a job left no readable model") from error


def _sync_tree(folder: Path) -> None:
    """Make the files of a folder survive a power cut."""
    for root, _, names in os.walk(folder):
        for name in names:
            with open(Path(root) / name, "rb+") as file:
                os.fsync(file.fileno())
        sync_folder(Path(root))
