"""P7 of the scorecard without the window: the speed of training that tells its routing over that of training which tells nothing.

Paired alternating blocks; printed with its spread. A block takes several tellings, so what is paid four times a second is in it.
"""

import os
import statistics
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.demo.dataset import keep_cases
from engine.demo.domains import DOMAINS
from engine.device import choose_device, set_threads
from engine.jobs import recipes
from engine.jobs.run_folder import EventWriter
from engine.schema.base import MODALITIES
from engine.schema.config import StudentConfig
from engine.store.blobs import Blobs
from engine.train import trainer as training
from engine.train.controls import untaught
from engine.train.material import Material, fit_preparation, prepare_material
from engine.train.stage import Stage
from engine.train.telemetry import Pinned
from engine.train.trainer import Surroundings, _Trainer
from tests.train.conftest import NOW

pytestmark = pytest.mark.skipif(
    "PYTEST_XDIST_WORKER" in os.environ, reason="a figure is measured on a machine that does nothing else: make bench"
)

CASES, PAIRS, BLOCK_S = 256, 30, 1.5
WARM = 2


class Silent:
    """Telemetry that hears nothing and says nothing."""

    def step(self, *_told: object) -> None:
        """Do nothing."""


def _material(folder: Path, student: StudentConfig) -> Material:
    domain, blobs = DOMAINS["clinic"], Blobs(folder)
    cases = list(keep_cases(domain, "train", CASES, 5, blobs, "bench", NOW))
    preparation = fit_preparation(cases, blobs, student)
    return prepare_material(cases, domain.world.labels, blobs, preparation, 1, lambda done, total: None)


def _seconds(trainer: _Trainer, steps: int, monkeypatch: pytest.MonkeyPatch) -> float:
    """Return the processor time of a block of steps: on a machine that is shared it is steadier than the clock."""
    with monkeypatch.context() as patched:
        if isinstance(trainer.telemetry, Silent):
            shape = trainer.stage.student
            nothing = torch.zeros(shape.layers, shape.experts, len(MODALITIES), dtype=torch.int64)
            patched.setattr(training, "routing_counts", lambda _outcome: nothing)
        began = time.process_time()
        for _ in range(steps):
            trainer._learn()
            trainer.step += 1
        return time.process_time() - began


@pytest.mark.timeout(1800)
def test_training_when_it_tells_its_routing_keeps_ninety_nine_hundredths_of_its_speed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = recipes.config("distil")
    set_threads(1)
    material = _material(tmp_path, config.student)
    around = Surroundings(
        run=tmp_path,
        material=material,
        device=choose_device("cpu"),
        sink=EventWriter(tmp_path / "events.jsonl").emit,
        stopping=lambda: False,
        progress=lambda stage, done, total: None,
        check_rows=(),
        pinned=Pinned((), (), (), ()),
    )
    rows = np.arange(material.size)
    stage = Stage("fold-1", 1, rows, rows[:0], config.student, untaught(config.loss), config.optim)
    both = telling, silent = _Trainer(around, stage), _Trainer(around, stage)
    monkeypatch.setattr(silent, "telemetry", Silent())
    each = min(_seconds(trainer, 2, monkeypatch) / 2 for trainer in both for _ in range(WARM))
    steps = max(2, round(BLOCK_S / each))
    speeds = []
    for pair in range(PAIRS):
        order = both if pair % 2 == 0 else both[::-1]
        spent = {id(trainer): _seconds(trainer, steps, monkeypatch) for trainer in order}
        speeds.append(spent[id(silent)] / spent[id(telling)])
    assert (tmp_path / "events.jsonl").read_bytes().count(b'"routing"') >= PAIRS
    middle = statistics.median(speeds)
    drawn = np.random.default_rng(1).choice(speeds, (2000, PAIRS))
    low, high = np.quantile(np.median(drawn, axis=1), [0.025, 0.975])
    print(
        f"\nP7: speed with telemetry over without: {middle:.4f} (95 % {low:.4f} to {high:.4f}), {PAIRS} pairs of "
        f"{steps} steps of {1000 * each:.0f} ms"
    )
    assert high >= 0.99
