"""The models that ship can be made again: the same cases, and the same accuracy within its interval."""

from pathlib import Path

import pytest

from engine.demo.domains import DOMAINS
from engine.demo.ship import MADE_FILE, Made, Order, ship
from engine.schema.places import assets


@pytest.mark.parametrize("name", sorted(DOMAINS))
def test_model_that_ships_when_made_again_reaches_the_same_accuracy_within_its_interval(
    name: str, tmp_path: Path
) -> None:
    shipped = Made.model_validate_json((assets() / "models" / name / MADE_FILE).read_bytes())
    order = Order(
        shipped.recipe, shipped.train, shipped.val, shipped.data_seed, shipped.seed, tuple(shipped.settings.items())
    )
    again = ship(DOMAINS[name], tmp_path / name, order)
    print(f"\n{name}: shipped {shipped.accuracy}, made again {again.accuracy}")
    assert again.data_sha256 == shipped.data_sha256
    assert shipped.accuracy.low <= again.accuracy.value <= shipped.accuracy.high
    assert again.accuracy.low <= shipped.accuracy.value <= again.accuracy.high
