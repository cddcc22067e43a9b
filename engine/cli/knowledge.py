"""`knowledge`: the knowledge file of a data set, shown, checked and kept from a file on the disk."""

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.progress import command_id
from engine.client import Client, attach
from engine.schema.command import ProjectInfo, SaveKnowledge
from engine.schema.errors import UserError
from engine.schema.knowledge import (
    BYTES_LIMIT,
    CheckKnowledge,
    KnowledgeChecked,
    KnowledgeText,
    KnowledgeVersion,
    KnowledgeVersions,
)

_DOES = ("show", "check", "save")


def knowledge(
    project: Annotated[Path, typer.Argument(help="The project folder.")],
    do: Annotated[str, typer.Argument(help="show, check or save")] = "show",
    file: Annotated[Path | None, typer.Argument(help="The file to check or to save.")] = None,
    dataset: Annotated[str, typer.Option(help="Data set; empty takes the newest.")] = "",
    version: Annotated[str, typer.Option(help="Version to show: a number, or `latest`.")] = "latest",
) -> dict[str, Any]:
    """Show the knowledge file of a data set, check one for faults, or keep one as the newest version."""
    if do not in _DOES:
        raise UserError("bad-setting", key="do", value=do, detail=f"known are {', '.join(_DOES)}")
    if do != "show" and file is None:
        raise UserError("bad-setting", key="file", value="", detail=f"name the file to {do}")
    with attach(project) as client:
        chosen = dataset or newest_dataset(client)
        if file is not None and do == "check":
            return _check(client, chosen, file)
        made = save_file(client, chosen, file) if file is not None and do == "save" else None
        return _shown(client, chosen, version) if made is None else _kept(chosen, made)


def newest_dataset(client: Client) -> str:
    """Return the id of the newest data set; raises `no-training-data` where there is none."""
    known = client.get("/v1/project", ProjectInfo).datasets
    if not known:
        raise UserError("no-training-data")
    return known[-1].dataset


def save_file(client: Client, dataset: str, file: Path) -> KnowledgeVersion:
    """Keep a file as the newest version, whatever was the newest before; the file's owner has the last word."""
    known = client.get(f"/v1/datasets/{dataset}/knowledge", KnowledgeVersions).versions
    command = SaveKnowledge(
        command_id=command_id(), dataset=dataset, text=_text(file), based_on=known[-1].version if known else 0
    )
    return client.post("/v1/knowledge", command, KnowledgeVersion)


def _shown(client: Client, dataset: str, version: str) -> dict[str, Any]:
    known = client.get(f"/v1/datasets/{dataset}/knowledge", KnowledgeVersions)
    found = known.find(version)
    if found is None:
        raise UserError("knowledge-none", id=dataset)
    text = client.get(f"/v1/datasets/{dataset}/knowledge/{found.version}", KnowledgeText)
    print(text.text, end="" if text.text.endswith("\n") else "\n")
    return {"dataset": dataset, **text.model_dump(mode="json"), "versions": len(known.versions)}


def _check(client: Client, dataset: str, file: Path) -> dict[str, Any]:
    """Print every fault; the first one ends the command as any mistake of a person does."""
    command = CheckKnowledge(dataset=dataset, text=_text(file))
    found = client.post("/v1/knowledge/check", command, KnowledgeChecked)
    for fault in found.faults[1:]:
        print(fault.text())
    if found.faults:
        raise found.faults[0].error()
    print(f"{file.name}: {_counted(found)}.")
    if found.undescribed:
        print(f"Labels without a description: {', '.join(found.undescribed)}.")
    return {"dataset": dataset, **found.model_dump(mode="json")}


def _kept(dataset: str, made: KnowledgeVersion) -> dict[str, Any]:
    print(f"Version {made.version} of {dataset}: {_counted(made)}.")
    return {"dataset": dataset, **made.model_dump(mode="json")}


def _counted(found: KnowledgeVersion | KnowledgeChecked) -> str:
    return f"{found.labels} labels, {found.findings} findings, {found.rules} rules, {found.specialists} specialists"


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > BYTES_LIMIT:
            raise UserError("too-large", name=file.name, megabytes=1)
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError("knowledge-unreadable", line=1, detail="UTF-8") from error
    except OSError as error:
        raise UserError("file-unreadable", name=file.name) from error
