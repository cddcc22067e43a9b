"""`train` and `evaluate`: jobs of the same queue as the window's."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.data import answered, column_roles
from engine.cli.knowledge import newest_dataset, save_file
from engine.cli.manifest import Answers, Column, Columns, Flags, send
from engine.cli.progress import command_id, followed
from engine.client import Client, attach
from engine.jobs import recipes
from engine.schema.case import Split
from engine.schema.command import JobInfo, JobList, StartEvaluation, StartTraining
from engine.schema.config import RunConfig, apply_settings
from engine.schema.errors import UserError
from engine.schema.model import ExpertEffect, ModelSummary

MAIN_FIGURE = {False: "accuracy", True: "all labels right (exact match)"}
"""What the main figure of a model is, by whether a case may have several labels."""


def train(
    project: Annotated[Path, typer.Argument(help="The project folder.")],
    recipe: Annotated[str, typer.Option(help="distil, fuse, quick, ...")] = "distil",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="key=value, several times: optim.epochs=5")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 1,
    name: Annotated[str, typer.Option(help="What people call the run.")] = "",
    knowledge: Annotated[
        str, typer.Option(help="Knowledge file to learn with: `latest`, a version's number, or a file, which is kept.")
    ] = "",
    controls: Annotated[
        bool, typer.Option("--controls", help="Also train controls for the ledger; about twice the time.")
    ] = False,
    follow: Annotated[bool, typer.Option("--follow/--detach", help="Watch it to its end, or let it run.")] = True,
) -> dict[str, Any]:
    """Train a council on the project's newest data set."""
    config = configured(recipe, [*(settings or []), *(["controls=true"] if controls else [])], seed, name)
    with attach(project) as client:
        config = _knowing(client, config, knowledge)
        job = client.post("/v1/training", StartTraining(command_id=command_id(), config=config), JobInfo)
        if not follow:
            print(f"{job.job_id} is queued at place {job.position}.")
            return {"run": job.job_id, "state": job.state}
        while True:
            job = followed(client, job)
            following = _follower(client, job)
            if following is None:
                return _trained(client, job)
            job = following


def evaluate(
    project: Annotated[Path, typer.Argument(help="The project folder.")],
    manifest: Annotated[
        Path | None, typer.Option(help="The table to measure on; it is not imported. Without it: a data set.")
    ] = None,
    dataset: Annotated[str, typer.Option(help="Data set of the project to measure on; empty takes the newest.")] = "",
    model: Annotated[str, typer.Option(help="Model id, or `latest`; empty takes the model in use.")] = "",
    of_split: Annotated[str, typer.Option("--split", help="Only rows of this split; empty takes all.")] = "",
    case_id: Column = "",
    text: Columns = None,
    image: Columns = None,
    audio: Columns = None,
    label: Column = "",
    group: Column = "",
    flag: Flags = None,
    answers: Answers = "",
    experts: Annotated[
        bool, typer.Option("--experts", help="Also find out what each expert is worth; takes longer.")
    ] = False,
) -> dict[str, Any]:
    """Measure a model on a table, with its truth, without importing it, or on a data set of the project."""
    if manifest is not None and dataset:
        raise UserError(
            "bad-setting", key="dataset", value=dataset, detail="a table was named as well; name one of them"
        )
    if of_split not in ("", "train", "val", "test"):
        raise UserError("bad-setting", key="split", value=of_split, detail="known are train, val, test")
    chosen: Split = of_split  # type: ignore[assignment]
    roles = answered(column_roles(case_id, text, image, audio, label, group, ""), flag, answers)
    with attach(project) as client:
        named = dataset or (newest_dataset(client) if manifest is None else "")
        source = vars(send(client, manifest, roles)) if manifest is not None else {"dataset": named, "name": named}
        command = StartEvaluation(command_id=command_id(), model_id=model, split=chosen, experts=experts, **source)
        ended = followed(client, client.post("/v1/evaluations", command, JobInfo))
    if ended.state == "cancelled":
        print(f"{ended.job_id} was stopped; nothing was measured.")
        return {"job": ended.job_id, "state": ended.state}
    found = figures(ended)
    for effect in found.get("effects", ()):
        print(_effect_line(ExpertEffect.model_validate(effect)))
    several = "micro_f1" in found
    print(f"{MAIN_FIGURE[several]} {found.get('accuracy', 0.0):.4f} over {found.get('n', 0)} cases")
    if several:
        print(
            f"labels right {found['label_accuracy']:.4f}, micro F1 {found['micro_f1']:.4f}, macro F1 {found['macro_f1']:.4f}"
        )
        missed = f"{found['missed']:.4f}" if "missed" in found else "not measured"
        print(f"mean share of a case's true labels missed by the set {missed}, at most {found['alpha']:g} is promised")
    if "places_off" in found:
        kappa = f", weighted kappa {found['kappa']:.4f}" if "kappa" in found else ""
        print(f"places from the truth {found['places_off']:.4f}, at most one in {found['within_one']:.4f}{kappa}")
    return found


def _effect_line(effect: ExpertEffect) -> str:
    """Return what an expert is worth in one line."""
    parts = ", ".join(f"{modality} {change.value:+.3f}" for modality, change in effect.by_modality.items())
    found, named = effect.whole, f"layer {effect.layer + 1}, expert {effect.expert + 1}"
    if found is None:
        return f"{named}: not measured, as no other expert could take its {sum(effect.tokens.values())} tokens"
    return f"{named}: loss {found.value:+.4f} without it ({found.low:+.4f} to {found.high:+.4f}); {parts}"


def configured(recipe: str, settings: list[str], seed: int, name: str = "") -> RunConfig:
    """Return a recipe with the settings of `--set`; raises `bad-setting` naming what is wrong."""
    pairs: dict[str, str] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise UserError("bad-setting", key=setting, value="", detail="write key=value")
        pairs[key.strip()] = value.strip()
    config = recipes.config(recipe).model_copy(update={"seed": seed, "name": name})
    return apply_settings(config, pairs)


def _knowing(client: Client, config: RunConfig, knowledge: str) -> RunConfig:
    """Return the configuration with the version that was asked for; a file becomes the newest version of its data set first."""
    if not knowledge:
        return config
    dataset = config.dataset or newest_dataset(client)
    version = knowledge
    if knowledge != "latest" and not knowledge.isdigit():
        version = str(save_file(client, dataset, Path(knowledge)).version)
    asked = config.knowledge.model_copy(update={"version": version})
    return config.model_copy(update={"knowledge": asked, "dataset": dataset})


def figures(job: JobInfo) -> dict[str, Any]:
    """Return a measurement's figures; tables among them travel as JSON in a string."""
    found: dict[str, Any] = {}
    for key, value in job.result.items():
        found[key] = json.loads(value) if isinstance(value, str) and value[:1] in "{[" else value
    return found


def _follower(client: Client, job: JobInfo) -> JobInfo | None:
    """Return the run that goes on from this one, where its configuration chained one."""
    if job.config is None or not job.config.then or job.state != "done":
        return None
    known = client.get("/v1/jobs", JobList).jobs
    return next((other for other in known if other.follows == job.job_id), None)


def _trained(client: Client, job: JobInfo) -> dict[str, Any]:
    model_id = str(job.result.get("model", ""))
    found: dict[str, Any] = {"run": job.job_id, "model": model_id, "state": job.state, "val": None, "seconds": 0.0}
    if not model_id:
        print(f"{job.job_id} ended without a model.")
        return found
    summary = client.get(f"/v1/models/{model_id}", ModelSummary)
    found["seconds"] = round(summary.seconds, 1)
    if summary.validation is not None:
        found["val"] = summary.validation.accuracy.value
        found["val_interval"] = [summary.validation.accuracy.low, summary.validation.accuracy.high]
    named, measured = ("validation", summary.validation) if summary.validation else ("left out", summary.out_of_fold)
    share = f"{named} {MAIN_FIGURE[summary.answers == 'several']} {measured.accuracy.value:.3f}" if measured else "done"
    print(f"{model_id}: {share}, {summary.seconds:.0f} s")
    if summary.knowledge is not None:
        found["knowledge"] = {"version": summary.knowledge.version, "trust": summary.knowledge.trust()}
        print(summary.knowledge.trust())
    return found
