"""What the README says of the models that ship is what was measured when they were made."""

from pathlib import Path

import pytest

from engine.demo.ship import MADE_FILE, Made
from tests.conftest import ROOT

MODELS = sorted((ROOT / "assets" / "models").iterdir())


@pytest.mark.parametrize("folder", MODELS, ids=lambda folder: folder.name)
def test_a_shipped_model_when_the_readme_tells_of_it_then_with_its_own_figures(folder: Path) -> None:
    made = Made.model_validate_json((folder / MADE_FILE).read_bytes())
    right, lines = made.accuracy, (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    (measured,) = [line for line in lines if f"`{made.command}`" in line and line.startswith("|")]
    interval = f"{right.value:.3f} (95 % {right.low:.3f} to {right.high:.3f}, n {right.n:,})"
    assert f"{interval}; best possible {made.oracle:.3f}" in measured
    (case,) = [line for line in lines if f"| `assets/domains/{folder.name}/`" in line and "possible" in line]
    assert f"{right.value:.3f} of {made.oracle:.3f} possible" in case
