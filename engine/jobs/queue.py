"""Putting jobs into the queue: what a command asks for, and what follows a job that has ended well."""

from datetime import UTC, datetime

from sqlalchemy import Connection

from engine.jobs import recipes
from engine.jobs.unfit import refuse_unfit, refuse_unheard
from engine.schema.base import new_id
from engine.schema.case import Dataset
from engine.schema.command import JobInfo, JobKind, StartDemo, StartEvaluation, StartImport
from engine.schema.config import RunConfig
from engine.schema.domain_folder import can_generate, find, read_domain
from engine.schema.errors import UserError
from engine.schema.knowledge import KnowledgeVersion
from engine.schema.model import ModelSummary
from engine.schema.worker import Task
from engine.store import facts, jobs, knowledge, models
from engine.store.project import ProjectFolder

LATEST = "latest"


def add_import(connection: Connection, folder: ProjectFolder, command: StartImport) -> JobInfo:
    """Queue the import of a manifest."""
    task = _task(folder, "import").model_copy(update={"imports": command})
    return _add(connection, task, command.name)


def add_demo(connection: Connection, folder: ProjectFolder, command: StartDemo) -> JobInfo:
    """Queue the generation of synthetic cases; the recipe that shall follow is looked at now, not in an hour."""
    if command.recipe:
        recipes.config(command.recipe)
    described = find(command.domain, folder.path)
    title = read_domain(described).title
    name = title.en or title.zh or command.domain
    if not can_generate(described):
        raise UserError("domain-no-generator", name=name)
    task = _task(folder, "demo").model_copy(update={"demo": command, "synthetic": True})
    return _add(connection, task, name, recipe=command.recipe)


def add_training(connection: Connection, folder: ProjectFolder, config: RunConfig, follows: str = "") -> JobInfo:
    """Queue a training; raises where there is nothing to train on, no model to start from, or no knowledge file of that version."""
    dataset = facts.dataset(connection, config.dataset)
    if dataset is None and not _cases_to_come(connection):
        raise UserError("no-training-data")
    if config.start_from not in ("", LATEST):
        models.find(connection, config.start_from)
    if config.then:
        recipes.config(config.then)
    known = None
    if dataset is not None:
        refuse_unfit(config, dataset.answers)
        start = start_model(connection, config, dataset)
        if start:  # the latest may be another one when its turn comes, and is looked at again
            refuse_unheard(config, folder.model(start))
    if dataset is not None and config.start_from != LATEST:
        known = known_to(connection, config, dataset, config.start_from)
        config = with_knowledge(config, known, dataset)
    task = _task(folder, "train").model_copy(update={"train": config, "knowledge": known})
    return _add(connection, task, config.name or config.recipe, recipe=config.recipe, config=config, follows=follows)


def add_evaluation(connection: Connection, folder: ProjectFolder, command: StartEvaluation) -> JobInfo:
    """Queue a measurement; `latest` and an empty model id are settled now, so that a later model cannot slip in."""
    model = models.named(connection, command.model_id)
    if command.dataset and facts.dataset(connection, command.dataset) is None:
        raise UserError("not-found", what="dataset", id=command.dataset)
    settled = command.model_copy(update={"model_id": model.model_id})
    task = _task(folder, "evaluate").model_copy(update={"evaluate": settled})
    weighs = model.model_id if command.experts else ""
    return _add(connection, task, f"{command.name} · {model.name}", weighs=weighs)


def start_model(connection: Connection, config: RunConfig, dataset: Dataset) -> str:
    """Return the id of the model a training starts from, empty for none.

    `latest` is the newest model of the same data set that another recipe made, of those that had teachers where there are any:
    fusion goes on from distillation, not from itself, nor from a quick look or a baseline that was made for comparison since.
    """
    if config.start_from != LATEST:
        return config.start_from
    fitting = [m for m in models.every(connection) if m.dataset == dataset.dataset and m.recipe != config.recipe]
    return next((model.model_id for model in [*(m for m in fitting if m.teachers), *fitting]), "")


def known_to(connection: Connection, config: RunConfig, dataset: Dataset, start: str) -> KnowledgeVersion | None:
    """Return the knowledge file a training learns with: that of the model it starts from, else the one it asks for.

    Raises `knowledge-none`, and `bad-setting` where it asks for one that the model it starts from never heard of.
    """
    wanted = config.knowledge.version
    if not start:
        return knowledge.named(connection, dataset.dataset, wanted) if wanted else None
    model = models.find(connection, start)
    if model.knowledge is not None:
        return knowledge.versions(connection, model.dataset).find(model.knowledge.sha256)
    if wanted:
        detail = "the model it starts from was made without a knowledge file, and keeps to that"
        raise UserError("bad-setting", key="knowledge.version", value=wanted, detail=detail)
    return None


def with_knowledge(config: RunConfig, known: KnowledgeVersion | None, dataset: Dataset) -> RunConfig:
    """Return the configuration with the version by its number, tied to the data set whose file it is."""
    if known is None:
        return config
    settled = config.knowledge.model_copy(update={"version": str(known.version)})
    return config.model_copy(update={"knowledge": settled, "dataset": dataset.dataset})


def follow_training(connection: Connection, folder: ProjectFolder, job: jobs.Job, model: ModelSummary) -> None:
    """Queue the run that a training's configuration chains, started from the model it made."""
    config = job.task.train
    if config is None or not config.then:
        return
    # The folds are shared as well: a run can only start from students that never saw what its own folds leave out.
    names = ("dataset", "seed", "device", "threads", "alpha", "folds", "parts", "knowledge")
    shared: dict[str, object] = {name: getattr(config, name) for name in names}
    then = recipes.config(config.then).model_copy(update=shared | {"start_from": model.model_id})
    add_training(connection, folder, then, follows=job.info.job_id)


def follow_demo(connection: Connection, folder: ProjectFolder, job: jobs.Job, dataset: Dataset) -> None:
    """Queue the training that a demo asked for, on the cases it made."""
    demo = job.task.demo
    if demo is None or not demo.recipe:
        return
    config = recipes.config(demo.recipe).model_copy(update={"dataset": dataset.dataset, "seed": demo.seed})
    add_training(connection, folder, config, follows=job.info.job_id)


def _cases_to_come(connection: Connection) -> bool:
    return any(job.info.kind in ("import", "demo") for job in jobs.unfinished(connection))


def _task(folder: ProjectFolder, kind: JobKind) -> Task:
    return Task(job_id=new_id(kind), kind=kind, project=str(folder.path))


def _add(
    connection: Connection,
    task: Task,
    name: str,
    recipe: str = "",
    config: RunConfig | None = None,
    follows: str = "",
    weighs: str = "",
) -> JobInfo:
    info = JobInfo(
        job_id=task.job_id,
        kind=task.kind,
        name=name,
        state="queued",
        recipe=recipe,
        config=config,
        follows=follows,
        weighs=weighs,
        created_at=datetime.now(UTC),
    )
    return jobs.add(connection, info, task)
