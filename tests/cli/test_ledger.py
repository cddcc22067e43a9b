"""`ledger` as a person reads it and as a program does."""

from engine.cli.ledger import lines
from engine.schema.ledger import LEDGER_FILE, Ledger
from tests.cli.conftest import Run
from tests.engines import Engine
from tests.ledgers import a_ledger


def test_ledger_when_printed_names_every_figure_with_its_interval() -> None:
    said = "\n".join(lines(a_ledger(), "model-1"))
    for part in (
        "retention 0.989 (0.971 to 1.01)",
        "KL 0.081",
        "text+image+audio",
        "batch 32:",
        "11 (10.7 to 11.4) times as fast",
        "part ways on 12 cases",
        "case-0: truth croup, student asthma 0.61, teacher pneumonia 0.83",
        "the same student without teachers",
        "a dense student of the same active cost",
        "accuracy +0.0210 (+0.0040 to +0.0380)",
        "4,200,000 parameters",
    ):
        assert part in said
    assert "case-11" not in said, "only the first ten are printed"


def test_ledger_when_asked_for_by_a_program_is_one_object(run: Run, engine: Engine) -> None:
    engine.demo()
    model = str(engine.ended(engine.train("steps:1").job_id).result["model"])
    missing = run("ledger", engine.project, model, "--json")
    assert (missing.code, missing.last["error"]["code"]) == (2, "not-found")
    path = engine.project / "models" / model / LEDGER_FILE
    path.write_text(a_ledger().model_dump_json(), encoding="utf-8")
    said = run("ledger", engine.project, "latest", "--json")
    assert said.code == 0, said.err
    told = dict(said.last)
    assert told.pop("model") == model
    assert Ledger.model_validate(told) == a_ledger()
    path.write_text("{}", encoding="utf-8")
    damaged = run("ledger", engine.project, "--json")
    assert (damaged.code, damaged.last["error"]["code"]) == (2, "model-damaged")


def test_train_when_controls_are_asked_for_passes_it_on(run: Run, engine: Engine) -> None:
    engine.demo()
    said = run("train", engine.project, "--recipe", "quick", "--controls", "--name", "steps:1", "--json")
    assert said.code == 0, said.err
    config = engine.job(said.last["run"]).config
    assert config is not None
    assert config.controls
