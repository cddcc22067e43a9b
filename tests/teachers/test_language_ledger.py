from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.demo.dataset import keep_cases
from engine.demo.domains import DOMAINS
from engine.jobs.run_folder import RunFolder
from engine.jobs.train_job import run as train
from engine.schema.config import Choice, OptimConfig
from engine.schema.ledger import LEDGER_FILE, Ledger
from engine.store.blobs import Blobs
from engine.teachers.pretrained import language
from tests.teachers import tiny
from tests.train.runs import make_run, tiny_config


def test_ledger_when_a_language_model_taught_then_tells_its_cost_with_as_many_cases_as_are_quick_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "_MOST_WORK", 5e7)  # enough for one case, not for 32
    (tmp_path / "blobs").mkdir()
    cases = [*keep_cases(DOMAINS["clinic"], "train", 48, 7, Blobs(tmp_path / "blobs"), "tiny", datetime.now(UTC))]
    teacher = Choice(name="language-model", settings={"model": str(tiny.gpt2(tmp_path / "gpt2"))})
    config = tiny_config(teachers=(teacher,), optim=OptimConfig(epochs=1, batch=16))
    run = make_run(tmp_path, "language", cases, config)
    train(RunFolder(run))
    (told,) = Ledger.model_validate_json((run / "final" / LEDGER_FILE).read_bytes()).teachers
    assert told.cost is not None
    assert told.cost.parameters > 1000
    assert told.cost.weights >= 4 * told.cost.parameters
    assert told.cost.working > 0
    assert [speed.batch for speed in told.latency] == [1]
