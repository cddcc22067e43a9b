"""The commands and how they end: 0 good, 2 what a person can mend (one sentence), 1 a fault; `--json` for programs."""

import functools
import importlib
import inspect
import json
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NoReturn

import typer

from engine.schema.errors import ConsiliumError, EngineFault, ErrorBody

_COMMANDS: Mapping[str, str] = {
    "serve": "serve",
    "demo": "demo",
    "import": "data",
    "train": "training",
    "evaluate": "training",
    "ledger": "ledger",
    "knowledge": "knowledge",
    "predict": "predicting",
    "jobs": "jobs",
    "resume": "jobs",
    "stop": "jobs",
    "doctor": "doctor",
    "selftest": "selftest",
}
"""Command -> its module in this room; only what is called is loaded, so that a service is up in well under a second."""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Consilium: the engine of a small council of experts.",
)


@app.callback()
def _commands() -> None:
    """Keep the commands apart, however few they are."""


_JSON = Annotated[bool, typer.Option("--json", help="Make the last line of the output one JSON object, also on error.")]


def _ended(command: Callable[..., Mapping[str, Any]]) -> Callable[..., None]:
    """Return the command with `--json` and our exit codes; what it returns is its answer to programs."""

    @functools.wraps(command)
    def run(*arguments: Any, as_json: bool, **options: Any) -> None:
        try:
            answer = command(*arguments, **options)
        except ConsiliumError as error:
            _fail(error.body(), as_json)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except (
            typer.Exit,
            BrokenPipeError,
        ):  # a reader that has seen enough, such as `head`, is no fault: typer ends quietly
            raise
        except Exception as error:  # where the program ends: programs that read us get an object whatever happened
            traceback.print_exc()
            _fail(EngineFault("internal", detail=type(error).__name__).body(), as_json)
        if as_json:
            print(json.dumps(answer, ensure_ascii=False))

    seen = inspect.signature(command)
    extra = inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_JSON)
    run.__signature__ = seen.replace(parameters=[*seen.parameters.values(), extra])  # type: ignore[attr-defined]
    run.__annotations__ = {**command.__annotations__, "as_json": _JSON}
    return run


def _fail(body: ErrorBody, as_json: bool) -> NoReturn:
    """Say what happened in one sentence, and to programs as the last line, too."""
    print(body.text(), file=sys.stderr)
    if as_json:
        print(json.dumps({"error": body.model_dump()}, ensure_ascii=False))
    raise typer.Exit(1 if body.fault else 2)


def main() -> None:
    """Run the command line."""
    called = sys.argv[1] if len(sys.argv) > 1 else ""
    for name in [called] if called in _COMMANDS else _COMMANDS:
        module = importlib.import_module(f"engine.cli.{_COMMANDS[name]}")
        app.command(name=name)(_ended(getattr(module, "import_" if name == "import" else name)))
    app()
