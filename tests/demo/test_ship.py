"""Making a demo model: what goes in can be named by a hash, what comes out answers and says how it was made."""

import hashlib
from pathlib import Path

import pytest

from engine.demo.domains import DOMAINS
from engine.demo.ship import MADE_FILE, Made, Order, digest, make_cases, ship
from engine.model.pretrained import load_council
from engine.schema.base import MODALITIES

_SMALL = Order(recipe="quick", train=48, val=16, settings=(("optim.epochs", "2"),))


def test_cases_of_an_order_when_made_twice_then_their_hash_is_the_same_and_a_label_changes_it(tmp_path: Path) -> None:
    domain = DOMAINS["support"]
    first, second = (make_cases(domain, tmp_path / name, _SMALL) for name in ("a", "b"))
    assert digest(first) == digest(second)
    assert digest(first) != digest([second[0].model_copy(update={"label": "other"}), *second[1:]])
    assert digest(first) != digest(first[1:])


def test_model_when_shipped_then_it_loads_and_says_how_it_was_made(tmp_path: Path) -> None:
    domain, target = DOMAINS["clinic"], tmp_path / "models" / "clinic"
    made = ship(domain, target, _SMALL)
    council = load_council(target)
    assert [label.name for label in council.labels] == list(domain.world.names())
    assert council.summary is not None
    assert council.summary.synthetic
    assert not (target / "folds").exists()
    assert Made.model_validate_json((target / MADE_FILE).read_bytes()) == made
    assert made.weights_sha256 == hashlib.sha256((target / "model.safetensors").read_bytes()).hexdigest()
    assert (made.accuracy.n, made.train, made.val) == (16, 48, 16)
    assert made.oracle == pytest.approx(domain.world.best(), abs=1e-4)
    assert made.oracle_complete == pytest.approx(domain.world.oracle(MODALITIES), abs=1e-4)


def test_order_when_it_is_changed_then_its_command_names_what_differs_and_nothing_else() -> None:
    assert Order().command("clinic") == "python -m engine.demo.ship clinic"
    settings = {"optim.epochs": "5", "threads": "1"}
    changed = Order().changed(32, settings)
    assert changed.train == 32
    assert dict(changed.settings) == dict(Order().settings) | settings
    assert changed.command("clinic") == "python -m engine.demo.ship clinic --train 32 --set optim.epochs=5"
    assert Order().changed(None, {}) == Order()
