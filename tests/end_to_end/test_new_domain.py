"""A domain made a moment ago, without a line of code: its cases are generated, a council learns from them and answers one."""

from pathlib import Path

import pytest

from engine.cli.training import configured
from engine.schema.base import new_id
from engine.schema.case import Case
from engine.schema.command import (
    AddPart,
    CreateCase,
    JobInfo,
    PartAdded,
    Predict,
    ProjectInfo,
    StartDemo,
    StartTraining,
)
from engine.schema.domain import DomainList
from engine.schema.errors import UserError
from engine.schema.prediction import Prediction
from engine.service.shipped import make_domain_project
from tests.demo.bakery import write_bakery
from tests.end_to_end.conftest import SMALL
from tests.engines import Engine, engine_of

pytestmark = pytest.mark.end_to_end


def _learnt(engine: Engine) -> ProjectInfo:
    """Generate cases of the project's own domain, train on them and return the project as it is then."""
    demo = StartDemo(command_id=new_id("c"), domain="bakery", train=60, val=8)
    made = engine.ended(engine.client.post("/v1/demo", demo, JobInfo).job_id)
    assert (made.state, made.name) == ("done", "Order desk of a bakery"), made.problem
    config = configured("quick", list(SMALL), seed=1).model_copy(update={"dataset": str(made.result["dataset"])})
    command = StartTraining(command_id=new_id("c"), config=config)
    trained = engine.ended(engine.client.post("/v1/training", command, JobInfo).job_id)
    assert trained.state == "done", trained.problem
    return engine.client.get("/v1/project", ProjectInfo)


def _answer(engine: Engine) -> Prediction:
    case_id = new_id("case")
    engine.client.post("/v1/cases", CreateCase(command_id=new_id("c"), case_id=case_id), Case)
    sha256 = engine.client.put_blob(b"Good day 3. Rolls and loaves 5.")
    part = AddPart(command_id=new_id("c"), sha256=sha256, name="letter.txt")
    engine.client.post(f"/v1/cases/{case_id}/parts", part, PartAdded)
    return engine.client.post(f"/v1/cases/{case_id}/predict", Predict(command_id=new_id("c")), Prediction)


def test_domain_folder_when_a_project_is_made_of_it_then_its_council_answers_a_case(tmp_path: Path) -> None:
    project = tmp_path / "project"
    make_domain_project(project, write_bakery(tmp_path / "bakery"))
    with engine_of(project) as engine:
        first = engine.client.get("/v1/domains", DomainList).domains[0]
        assert (first.domain.id, first.own, first.generates) == ("bakery", True, True)
        info = _learnt(engine)
        assert [dataset.domain for dataset in info.datasets] == ["bakery"]
        assert [model.domain for model in info.models] == ["bakery"]
        assert set(_answer(engine).labels) == {"order", "complaint", "praise"}


def test_demo_when_its_domain_is_unknown_or_has_no_world_then_it_is_refused_at_once(tmp_path: Path) -> None:
    project = tmp_path / "project"
    make_domain_project(project, write_bakery(tmp_path / "bakery", world_yaml="", phrases_txt=""))
    with engine_of(project) as engine:
        for domain, code in (("bakery", "domain-no-generator"), ("astrology", "domain-unknown")):
            with pytest.raises(UserError) as refused:
                engine.client.post("/v1/demo", StartDemo(command_id=new_id("c"), domain=domain), JobInfo)
            assert refused.value.code == code
