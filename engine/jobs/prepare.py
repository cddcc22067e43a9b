"""Making a run folder: everything a worker needs, as files, because it never sees the database."""

import asyncio
from pathlib import Path

from sqlalchemy import Connection

from engine.jobs import queue
from engine.jobs.again import IMPORTED
from engine.jobs.run_folder import CASES_FILE, TASK_FILE
from engine.jobs.unfit import refuse_unfit, refuse_unheard
from engine.schema.case import Case
from engine.schema.errors import UserError
from engine.schema.worker import KNOWN_FILE, Task
from engine.store import cases, facts, imported, jobs, models
from engine.store.blobs import write_whole
from engine.store.database import Database
from engine.store.project import ProjectFolder

_BATCH = 1000


async def run_folder(folder: ProjectFolder, database: Database, job: jobs.Job) -> None:
    """Make the run folder of a job whose turn has come; making it again after a crash gives the same."""
    task = await database.run(_settled, folder, job)
    run = folder.run(task.job_id)
    run.mkdir(exist_ok=True)
    if task.imports is not None:
        await _write_known(run / KNOWN_FILE, database, task)
    if task.train is not None:
        await _write_cases(run / CASES_FILE, database, task.train.dataset)
    if task.evaluate is not None and task.evaluate.dataset:
        await _write_cases(run / CASES_FILE, database, task.evaluate.dataset)
    await asyncio.to_thread(write_whole, run / TASK_FILE, task.model_dump_json(indent=1).encode())


def settle_place(folder: ProjectFolder, run: Path) -> None:
    """Tell a run that is taken up again where its project lies now: it may have been moved to where there is room."""
    file = run / TASK_FILE
    task = Task.model_validate_json(file.read_bytes())
    if task.project != str(folder.path):
        model = str(folder.model(Path(task.model_folder).name)) if task.model_folder else ""
        task = task.model_copy(update={"project": str(folder.path), "model_folder": model})
        write_whole(file, task.model_dump_json(indent=1).encode())


def _settled(connection: Connection, folder: ProjectFolder, job: jobs.Job) -> Task:
    """Return the task with every `latest` and every empty name replaced by what it means now, and remember it so."""
    task = job.task
    if task.train is not None:
        task = _training(connection, folder, task)
    if task.evaluate is not None:
        model = models.named(connection, task.evaluate.model_id)
        task = task.model_copy(
            update={
                "labels": model.labels,
                "answers": model.answers,
                "synthetic": model.synthetic,
                "model_folder": str(folder.model(model.model_id)),
                "evaluate": task.evaluate.model_copy(update={"model_id": model.model_id}),
            }
        )
    if task.imports is not None:
        tables = (made for made in facts.datasets(connection) if made.dataset.startswith(IMPORTED))
        task = task.model_copy(update={"datasets": tuple(tables)})
    jobs.set_task(connection, task.job_id, task)
    jobs.put(connection, task.job_id, config=task.train)
    return task


def _training(connection: Connection, folder: ProjectFolder, task: Task) -> Task:
    config = task.train
    dataset = facts.dataset(connection, config.dataset if config is not None else "")
    if config is None or dataset is None:
        raise UserError("no-training-data")
    start = queue.start_model(connection, config, dataset)
    config = config.model_copy(update={"dataset": dataset.dataset, "start_from": start})
    known = task.knowledge or queue.known_to(connection, config, dataset, start)
    config = queue.with_knowledge(config, known, dataset)
    update = {"train": config, "labels": dataset.labels, "synthetic": dataset.synthetic, "knowledge": known}
    refuse_unfit(config, dataset.answers)
    if start:
        refuse_unheard(config, folder.model(start))
    update |= {"domain": dataset.domain, "answers": dataset.answers}
    return task.model_copy(update=update | {"model_folder": str(folder.model(start)) if start else ""})


async def _write_known(path: Path, database: Database, task: Task) -> None:
    """Write what tables said before of their cases, a line a case."""
    lines: list[bytes] = []
    for dataset in task.datasets:
        after, some = await database.run(imported.known, dataset.dataset, 0, _BATCH)
        lines += [one.model_dump_json().encode() + b"\n" for one in some]
        while after:
            after, some = await database.run(imported.known, dataset.dataset, after, _BATCH)
            lines += [one.model_dump_json().encode() + b"\n" for one in some]
    await asyncio.to_thread(write_whole, path, b"".join(lines))


async def _write_cases(path: Path, database: Database, dataset: str) -> None:
    """Write the data set's cases, a line each, in the database's order; in batches, so that others get their turn."""
    lines: list[bytes] = []
    after = 0
    while True:
        after, some = await database.run(cases.of_dataset, dataset, after, _BATCH)
        lines += await asyncio.to_thread(_lines, some)
        if not after:
            break
    await asyncio.to_thread(write_whole, path, b"".join(lines))


def _lines(some: tuple[Case, ...]) -> list[bytes]:
    return [case.model_copy(update={"prediction": None}).model_dump_json().encode() + b"\n" for case in some]
