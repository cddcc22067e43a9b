"""The demo project: at once, without training, and never over a running engine."""

import json
import shutil
from pathlib import Path

import pytest

from engine.cli import demo
from engine.schema.case import CasePage
from engine.schema.command import ProjectInfo
from engine.schema.errors import EngineFault, UserError
from engine.schema.model import ModelSummary
from engine.schema.places import assets
from engine.service import shipped
from tests.engines import Engine, engine_of
from tests.fakes import leave_model


@pytest.fixture
def stock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return assets with a model that is no more than a name."""
    folder = tmp_path / "assets"
    shutil.copytree(assets() / "cases", folder / "cases")
    for domain in ("clinic", "support"):
        leave_model(folder / "models" / domain, synthetic=True, dataset=domain)
    monkeypatch.setattr(shipped, "assets", lambda: folder)
    return folder


def test_demo_project_when_made_has_the_model_in_use_and_the_samples(stock: Path, tmp_path: Path) -> None:
    project = tmp_path / "demo"
    made = shipped.make_demo_project(project, "clinic")
    listed = json.loads((stock / "cases" / "expected.json").read_text(encoding="utf-8"))["cases"]
    mine = [f"sample-{case['folder']}" for case in listed if case["demo"] in ("clinic", "")]
    wanted = mine + [f"sample-{case['folder']}" for case in listed if case["demo"] == "support"]
    with engine_of(project) as engine:
        info = engine.client.get("/v1/project", ProjectInfo)
        page = engine.client.get("/v1/cases", CasePage)
    assert (info.model_in_use, made.model_id) == ("demo-clinic", "demo-clinic")
    assert [case.case_id for case in page.cases] == wanted
    assert all(case.synthetic and case.source == "demo" for case in page.cases)
    assert all(part.problem is None for case in page.cases for part in case.parts)
    assert (project / "models" / "demo-clinic" / "model.safetensors").read_bytes() == b"weights"


def test_demo_project_when_made_twice_is_left_as_it_is(stock: Path, tmp_path: Path) -> None:
    first = shipped.make_demo_project(tmp_path / "demo", "clinic")
    assert shipped.make_demo_project(tmp_path / "demo", "clinic") == first


def test_demo_project_when_its_engine_runs_is_refused(stock: Path, engine: Engine) -> None:
    with pytest.raises(UserError) as refused:
        shipped.make_demo_project(engine.project, "clinic")
    assert refused.value.code == "busy"


def test_demo_command_when_the_project_is_open_already_finds_its_model(stock: Path, tmp_path: Path) -> None:
    project = tmp_path / "demo"
    shipped.make_demo_project(project, "clinic")
    with engine_of(project):
        assert demo.demo(project, "clinic")["model"] == "demo-clinic"


def test_demo_project_when_the_model_did_not_ship_says_so(stock: Path, tmp_path: Path) -> None:
    shutil.rmtree(stock / "models" / "support")
    with pytest.raises(EngineFault):
        shipped.make_demo_project(tmp_path / "demo", "support")


def test_models_when_they_ship_then_each_knows_its_domain() -> None:
    folders = [assets() / "models" / name for name in shipped.ready_domains()]
    assert folders
    for folder in folders:
        assert ModelSummary.model_validate_json((folder / "summary.json").read_bytes()).domain == folder.name
