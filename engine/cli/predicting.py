"""`predict`: an answer for one case given on the command line."""

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.manifest import LARGEST
from engine.cli.progress import command_id
from engine.client import Client, attach
from engine.schema.base import Array, Modality, new_id
from engine.schema.case import Case
from engine.schema.command import AddPart, CreateCase, PartAdded, Predict
from engine.schema.errors import UserError
from engine.schema.prediction import Prediction

_TEXT_FILES = frozenset((".txt", ".text", ".md", ".csv", ".doc", ".docx", ".pdf", ".rtf", ".html"))
"""Endings of files that hold words."""

Texts = Annotated[
    list[str] | None,
    typer.Option(help="What was said or written, or the file that holds it; several times for several texts."),
]
Files = Annotated[list[Path] | None, typer.Option(help="A file; several times for several files.")]


def predict(
    project: Annotated[Path, typer.Argument(help="The project folder.")],
    model: Annotated[str, typer.Option(help="Model id, or `latest`; empty takes the model in use.")] = "",
    text: Texts = None,
    image: Files = None,
    audio: Files = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the case in the list; otherwise it goes to the trash.")
    ] = False,
    spare: Annotated[
        bool,
        typer.Option("--spare", help="Read no input that can no longer change the answer; tells no contributions."),
    ] = False,
) -> dict[str, Any]:
    """Ask for an answer to one case."""
    given: list[tuple[Modality, str, bytes]] = [_text(words) for words in text or ()]
    given += [("image", path.name, _read(path)) for path in image or ()]
    given += [("audio", path.name, _read(path)) for path in audio or ()]
    if not given:
        raise UserError("nothing-given")
    with attach(project) as client:
        case = _case(client, given)
        try:
            asked = Predict(command_id=command_id(), model_id=model, spare=spare)
            made = client.post(f"/v1/cases/{case}/predict", asked, Prediction)
        finally:
            if not keep:
                client.delete(f"/v1/cases/{case}", Case)
    _show(made)
    return answer(made)


def _text(words: str) -> tuple[Modality, str, bytes]:
    """Return a text as it was given, or the file it names; words that name no file are what was said.

    A single word that can only be meant as a file is read or refused, never taken for what was said.
    """
    try:
        is_file = Path(words).is_file()
    except (OSError, ValueError):  # longer than a path may be, or with a character that no path holds
        is_file = False
    if not is_file and not any(map(str.isspace, words)) and Path(words).suffix.lower() in _TEXT_FILES:
        raise UserError("file-unreadable", name=Path(words).name)
    return ("text", Path(words).name, _read(Path(words))) if is_file else ("text", "text.txt", words.encode())


def answer(made: Prediction) -> dict[str, Any]:
    """Return a prediction as programs read it."""
    return {
        "outcome": made.outcome,
        "labels": list(made.labels),
        "probabilities": dict(zip(made.labels, made.probabilities, strict=True)),
        "answers": made.answers,
        "set": list(made.label_set),
        "suggested": list(made.suggested),
        "shapley": {one.modality: one.log_odds for one in made.contributions},
        "routing": nested(made.routing.counts),
        "skipped": list(made.skipped),
        "enough": list(made.enough),
        "reasons": [reason.code for reason in made.reasons],
        "model": made.model_id,
        "milliseconds": made.milliseconds,
    }


def nested(array: Array) -> list[Any]:
    """Return an array as nested lists of its own shape."""
    values: list[Any] = array.flat()
    for size in reversed(array.shape[1:]):
        values = [values[start : start + size] for start in range(0, len(values), size)]
    return values


def _case(client: Client, given: list[tuple[Modality, str, bytes]]) -> str:
    """Make a case of what was given; raises where a file cannot be read."""
    case_id = new_id("case")
    client.post("/v1/cases", CreateCase(command_id=command_id(), case_id=case_id, title="command line"), Case)
    for modality, name, data in given:
        part = AddPart(command_id=command_id(), sha256=client.put_blob(data), name=name, modality=modality)
        added = client.post(f"/v1/cases/{case_id}/parts", part, PartAdded)
        problem = next((one.problem for one in added.case.parts if one.part_id == added.part_id), None)
        if problem is not None:
            client.delete(f"/v1/cases/{case_id}", Case)
            raise problem.error()
    return case_id


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise UserError("too-large", name=path.name, megabytes=LARGEST >> 20)
        return path.read_bytes()
    except OSError as error:
        raise UserError("file-unreadable", name=path.name) from error


def _show(made: Prediction) -> None:
    why = ", ".join(reason.code.replace("-", " ") for reason in made.reasons)
    named = why if made.outcome == "not-sure" else _named(made)
    print(f"{made.outcome}: {named or '-'} ({made.model_name or made.model_id})")
    if made.skipped:
        print(
            f"  not read, as the answer was sure without: {', '.join(made.skipped)} (nothing unusual there was looked for)"
        )
    for one in made.partly:
        unit = "characters" if one.modality == "text" else "seconds"
        print(f"  read in part: {one.modality}, {one.read:.3g} of {one.whole:.3g} {unit}")
    for probability, label in sorted(zip(made.probabilities, made.labels, strict=True), reverse=True):
        print(f"  {probability:6.1%}  {label}")


def _named(made: Prediction) -> str:
    """Return what an answer names: its set, or of several labels those that are suggested and those that stay open."""
    if made.answers == "one":
        return ", ".join(made.label_set)
    left = f"; cannot be excluded: {', '.join(made.open())}" if made.open() else ""
    return (" and ".join(made.suggested) or "none of the labels") + left
