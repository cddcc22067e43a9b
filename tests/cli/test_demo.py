"""`demo` as scripts use it: what ships by the name of its domain, or a project of a folder that somebody wrote."""

import shutil
from pathlib import Path

from engine.schema.command import ProjectInfo
from engine.schema.domain import DomainList
from tests.cli.conftest import Run
from tests.demo.bakery import write_bakery
from tests.engines import engine_of


def test_demo_when_a_domain_folder_is_named_makes_a_project_that_knows_it(run: Run, tmp_path: Path) -> None:
    project = tmp_path / "project"
    said = run("demo", project, "--domain-folder", write_bakery(tmp_path / "bakery"), "--json")
    assert said.code == 0, said.err
    assert said.last == {"project": str(project), "domain": "bakery", "generates": True}
    with engine_of(project) as engine:
        listed = engine.client.get("/v1/domains", DomainList)
        assert (listed.domains[0].domain.id, listed.domains[0].own) == ("bakery", True)
        assert engine.client.get("/v1/project", ProjectInfo).models == ()


def test_demo_when_the_folder_is_faulty_ends_with_two_and_leaves_no_project(run: Run, tmp_path: Path) -> None:
    said = run("demo", tmp_path / "project", "--domain-folder", tmp_path, "--json")
    assert (said.code, said.last["error"]["code"]) == (2, "domain-unreadable")
    assert said.last["error"]["parameters"]["detail"] == "there is no domain.yaml"
    assert not (tmp_path / "project").exists()


def test_demo_when_no_model_of_the_domain_ships_names_those_that_are_ready(run: Run, tmp_path: Path) -> None:
    said = run("demo", tmp_path / "project", "--domain", "astrology", "--json")
    assert (said.code, said.last["error"]["code"]) == (2, "domain-no-model")
    assert "clinic" in said.last["error"]["parameters"]["known"]


def test_demo_when_the_project_was_deleted_while_its_engine_runs_is_made_anew(run: Run, tmp_path: Path) -> None:
    project = tmp_path / "project"
    assert run("demo", project, "--json").code == 0
    with engine_of(project) as engine:
        before = engine.pid
        shutil.rmtree(project)
        said = run("demo", project, "--json")
        assert (said.code, said.last["model"]) == (0, "demo-clinic"), said.err
        assert (project / "models" / "demo-clinic" / "model.safetensors").is_file()
        assert engine.again().get("/v1/project", ProjectInfo).model_in_use == "demo-clinic"
        assert engine.pid != before
