"""`import`: bring a table of cases into a project."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.manifest import Answers, Column, Columns, Flags, send, send_knowledge
from engine.cli.progress import command_id, followed
from engine.client import attach
from engine.schema.command import ColumnRoles, JobInfo, StartImport
from engine.schema.errors import UserError


def import_(
    project: Annotated[Path, typer.Argument(help="The project folder; it is made where there is none.")],
    manifest: Annotated[
        Path, typer.Argument(help="A CSV or TSV table, or a folder with text.csv, images/ and audio/.")
    ],
    case_id: Column = "",
    text: Columns = None,
    image: Columns = None,
    audio: Columns = None,
    label: Column = "",
    group: Column = "",
    split: Column = "",
    image_findings: Columns = None,
    audio_findings: Columns = None,
    flag: Flags = None,
    answers: Answers = "",
) -> dict[str, Any]:
    """Import a table of cases with their files; unreadable ones are listed, the rest comes in."""
    seen = {"image_findings": tuple(image_findings or ()), "audio_findings": tuple(audio_findings or ())}
    roles = answered(column_roles(case_id, text, image, audio, label, group, split), flag, answers)
    roles = roles.model_copy(update=seen)
    with attach(project, create=True) as client:
        sent = send(client, manifest, roles)
        knowledge = send_knowledge(client, manifest)
        command = StartImport(command_id=command_id(), knowledge=knowledge, **vars(sent))
        ended = followed(client, client.post("/v1/imports", command, JobInfo))
    problems = [problem.text() for problem in ended.problems]
    print(_came_in(ended.result, len(problems)))
    return {**ended.result, "job": ended.job_id, "state": ended.state, "problems": problems}


def _came_in(result: Mapping[str, str | int | float], problems: int) -> str:
    if "same" not in result:
        return f"{result.get('cases', 0)} cases imported, {problems} problems."
    said = "{same} cases were already here, {changed} changed, {cases} new".format_map(result)
    missing = result.get("missing")
    stay = f" {missing} cases of before are not in this table; they stay." if missing else ""
    return f"{said}, {problems} problems.{stay}"


def column_roles(
    case_id: str,
    text: list[str] | None,
    image: list[str] | None,
    audio: list[str] | None,
    label: str,
    group: str,
    split: str,
) -> ColumnRoles:
    """Return the roles that options name; what they leave out is found by name."""
    files = {"text": tuple(text or ()), "image": tuple(image or ()), "audio": tuple(audio or ())}
    return ColumnRoles(case_id=case_id, label=label, group=group, split=split, **files)


def answered(roles: ColumnRoles, flag: list[str] | None, answers: str) -> ColumnRoles:
    """Return the roles with what options say of the answers; raises `bad-setting` where that is neither of the two kinds."""
    if answers not in ("", "one", "several"):
        raise UserError("bad-setting", key="answers", value=answers, detail="known are one, several")
    return ColumnRoles.model_validate({**roles.model_dump(), "flags": tuple(flag or ()), "answers": answers})
