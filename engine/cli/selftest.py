"""`selftest`: plants facts in generated cases, trains on them, and says which of them were recovered."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.schema.base import MODALITIES
from engine.schema.errors import EngineFault, UserError
from engine.schema.worker import worker_environment

_ROOT = Path(__file__).resolve().parents[2]
_PAIRS = (("text", "image"), ("text", "audio"), ("image", "audio"))
PLANT_NAMES = (
    *(f"unique-{modality}" for modality in MODALITIES),
    *(f"{kind}-{first}-{second}" for kind in ("redundant", "synergistic") for first, second in _PAIRS),
)


def selftest(
    plants: Annotated[
        list[str] | None, typer.Argument(help="Plants, such as unique-text; none takes all nine.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 1,
) -> dict[str, Any]:
    """Plant known signal in generated cases, train, and say what answers, explanations and routing recovered."""
    for name in plants or ():
        if name not in PLANT_NAMES:
            raise UserError("bad-setting", key="plants", value=name, detail=f"known are {', '.join(PLANT_NAMES)}")
    command = [sys.executable, "-m", "engine.demo.selftest", str(seed), *(plants or ())]
    done = subprocess.run(
        command, cwd=_ROOT, env=worker_environment(), stdout=subprocess.PIPE, encoding="utf-8", check=False
    )
    if done.returncode:
        raise EngineFault("worker-died", what="self-test")
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    for fact in report["facts"]:
        mark = "recovered" if fact["recovered"] else "MISSED   "
        print(f"{mark}  {fact['plant']}: {fact['fact']}: {fact['found']} (goal {fact['goal']}, n {fact['n']})")
    print(f"{report['recovered']} of {report['planted']} planted facts recovered.")
    return report
