"""The table of routers: every name stands for a configuration that works, and evenness is counted from the kept models."""

from pathlib import Path

import pytest

from engine.jobs import recipes
from engine.jobs.router_table import ROUTERS, configurations, main
from engine.jobs.unfit import refuse_unfit
from engine.model.trunk.routers import routers
from engine.schema.errors import UserError
from tests.jobs.test_table import SET, project

__all__ = ["project"]


def test_names_when_made_into_configurations_then_cover_every_router_and_none_is_refused() -> None:
    made = configurations(recipes.config("quick"), list(ROUTERS))
    assert {config.student.router.name for _, config in made} == set(routers.names())
    assert len({config.model_dump_json() for _, config in made}) == len(ROUTERS)
    for _, config in made:
        refuse_unfit(config, "one")
        routers.settings(config.student.router)
    with pytest.raises(UserError):
        configurations(recipes.config("quick"), ["nobody"])


def test_table_when_made_twice_then_tells_how_evenly_tokens_are_spread_and_computes_nothing_anew(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [str(project), "--out", str(tmp_path / "table.md"), "--routers", "token-choice,expert-choice", *SET]
    assert main(asked) == 0
    first = capsys.readouterr().out
    lines = [line.split(" | ") for line in first.splitlines() if line.startswith(("| token-choice", "| expert-choice"))]
    assert len(lines) == 2
    for cells in lines:
        assert float(cells[5]) >= 0
        assert 0 < float(cells[7]) <= 4
    assert float(lines[0][7]) == 2.0
    kept = sorted((project / "tables").glob("*/row.json"))
    times = [path.stat().st_mtime_ns for path in kept]
    assert main(asked) == 0
    assert capsys.readouterr().out == first
    assert [path.stat().st_mtime_ns for path in kept] == times
