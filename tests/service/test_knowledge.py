"""The knowledge file of a data set over the API: read, checked, kept in versions, never overwritten."""

import pytest

from engine.client import Client
from engine.schema.base import new_id
from engine.schema.command import JobInfo, SaveKnowledge, StartTraining
from engine.schema.config import KnowledgeConfig, RunConfig
from engine.schema.errors import ErrorBody, UserError
from engine.schema.knowledge import (
    CheckKnowledge,
    KnowledgeChecked,
    KnowledgeText,
    KnowledgeVersion,
    KnowledgeVersions,
)
from engine.schema.worker import Task
from tests.engines import Engine

TEXT = """title: {en: Colds, zh: 感冒}
labels:
  cold: {description: A runny nose.}
findings:
  fever: {modality: text, phrases: {en: [fever], zh: [发烧]}}
rules:
  - {finding: fever, label: flu, strength: 0.8}
"""


@pytest.fixture
def dataset(shared: Engine) -> str:
    """Return a fresh data set with the labels cold and flu."""
    return f"set-{shared.demo().job_id}"


@pytest.fixture
def client(shared: Engine) -> Client:
    return shared.client


def _save(client: Client, dataset: str, text: str, based_on: int = 0, command_id: str = "") -> KnowledgeVersion:
    command = SaveKnowledge(command_id=command_id or new_id("c"), dataset=dataset, text=text, based_on=based_on)
    return client.post("/v1/knowledge", command, KnowledgeVersion)


def _versions(client: Client, dataset: str) -> tuple[KnowledgeVersion, ...]:
    return client.get(f"/v1/datasets/{dataset}/knowledge", KnowledgeVersions).versions


def test_knowledge_when_saved_then_is_a_version_and_comes_back_as_it_was_written(client: Client, dataset: str) -> None:
    assert _versions(client, dataset) == ()
    first = _save(client, dataset, TEXT)
    second = _save(client, dataset, TEXT.replace("0.8", "0.5"), based_on=1)
    assert (first.version, second.version) == (1, 2)
    assert (first.title.zh, first.labels, first.findings, first.rules, first.specialists) == ("感冒", 1, 1, 1, 0)
    assert _versions(client, dataset) == (first, second)
    old = client.get(f"/v1/datasets/{dataset}/knowledge/1", KnowledgeText)
    new = client.get(f"/v1/datasets/{dataset}/knowledge/latest", KnowledgeText)
    assert (old.version, old.text) == (first, TEXT)
    assert new.version == second


def test_knowledge_when_the_same_text_is_saved_again_then_makes_no_new_version(client: Client, dataset: str) -> None:
    first = _save(client, dataset, TEXT)
    assert _save(client, dataset, TEXT, based_on=1) == first
    assert _save(client, dataset, TEXT, based_on=0) == first
    assert _versions(client, dataset) == (first,)


def test_knowledge_when_the_command_is_repeated_then_answers_the_same(client: Client, dataset: str) -> None:
    once = _save(client, dataset, TEXT, command_id="save-once")
    _save(client, dataset, TEXT + "# more\n", based_on=1)
    assert _save(client, dataset, TEXT, command_id="save-once") == once
    assert len(_versions(client, dataset)) == 2


def test_knowledge_when_changed_elsewhere_meanwhile_then_is_a_conflict(client: Client, dataset: str) -> None:
    _save(client, dataset, TEXT)
    with pytest.raises(UserError) as conflict:
        _save(client, dataset, TEXT + "# mine\n", based_on=0)
    assert conflict.value.code == "knowledge-conflict"
    assert len(_versions(client, dataset)) == 1


def test_knowledge_when_conflicting_then_the_status_is_409(client: Client, dataset: str) -> None:
    _save(client, dataset, TEXT)
    command = SaveKnowledge(command_id=new_id("c"), dataset=dataset, text=TEXT + "# mine\n")
    reply = client._sent("POST", "/v1/knowledge", command.model_dump_json().encode(), "application/json")
    assert reply.status_code == 409
    assert ErrorBody.model_validate_json(reply.content).code == "knowledge-conflict"


def test_knowledge_when_faulty_then_is_refused_with_the_first_fault_and_its_line(client: Client, dataset: str) -> None:
    with pytest.raises(UserError) as refused:
        _save(client, dataset, TEXT.replace("label: flu", "label: measles"))
    assert refused.value.code == "knowledge-unknown-label"
    assert "Line 7" in str(refused.value)
    assert "cold, flu" in str(refused.value)
    assert _versions(client, dataset) == ()


def test_check_when_a_file_has_faults_then_tells_all_of_them_and_keeps_nothing(client: Client, dataset: str) -> None:
    faulty = TEXT.replace("0.8", "8").replace("modality: text", "modality: smell")
    checked = client.post("/v1/knowledge/check", CheckKnowledge(dataset=dataset, text=faulty), KnowledgeChecked)
    assert [(fault.code, fault.parameters["line"]) for fault in checked.faults] == [
        ("knowledge-modality", 5),
        ("knowledge-strength", 7),
    ]
    good = client.post("/v1/knowledge/check", CheckKnowledge(dataset=dataset, text=TEXT), KnowledgeChecked)
    assert (good.faults, good.rules, good.undescribed) == ((), 1, ("flu",))
    assert _versions(client, dataset) == ()


def test_knowledge_when_there_is_none_of_that_version_then_says_so(client: Client, dataset: str) -> None:
    for wanted in ("latest", "3"):
        with pytest.raises(UserError) as none:
            client.get(f"/v1/datasets/{dataset}/knowledge/{wanted}", KnowledgeText)
        assert none.value.code == "knowledge-none"


def test_knowledge_when_the_data_set_is_unknown_then_is_not_found(client: Client) -> None:
    for ask in (
        lambda: _versions(client, "nobody"),
        lambda: _save(client, "nobody", TEXT),
        lambda: client.post("/v1/knowledge/check", CheckKnowledge(dataset="nobody", text=TEXT), KnowledgeChecked),
    ):
        with pytest.raises(UserError) as missing:
            ask()
        assert missing.value.code == "not-found"


def test_knowledge_when_the_service_was_killed_then_is_still_there(engine: Engine) -> None:
    dataset = f"set-{engine.demo().job_id}"
    kept = _save(engine.client, dataset, TEXT)
    engine.kill()
    assert _versions(engine.again(), dataset) == (kept,)


def _train(engine: Engine, version: str, **fields: str) -> Task:
    """Train with a version of the knowledge file and return what the worker was told to do."""
    config = RunConfig(recipe="distil", name="steps:1", knowledge=KnowledgeConfig(version=version)).model_copy(
        update=fields
    )
    command = StartTraining(command_id=new_id("c"), config=config)
    job = engine.ended(engine.client.post("/v1/training", command, JobInfo).job_id)
    assert job.state == "done", job.problem
    return Task.model_validate_json((engine.project / "runs" / job.job_id / "task.json").read_bytes())


def test_training_when_it_asks_for_a_version_then_its_worker_gets_that_one_whatever_is_saved_later(
    shared: Engine, dataset: str
) -> None:
    first = _save(shared.client, dataset, TEXT)
    second = _save(shared.client, dataset, TEXT + "# two\n", based_on=1)
    assert _train(shared, "1", dataset=dataset).knowledge == first
    latest = _train(shared, "latest", dataset=dataset)
    assert latest.knowledge == second
    assert latest.train is not None
    assert latest.train.knowledge.version == "2"
    assert _train(shared, "", dataset=dataset).knowledge is None


def test_training_when_there_is_no_such_version_then_is_refused_at_once(shared: Engine, dataset: str) -> None:
    for version in ("latest", "7"):
        config = RunConfig(recipe="distil", dataset=dataset, knowledge=KnowledgeConfig(version=version))
        with pytest.raises(UserError) as none:
            shared.client.post("/v1/training", StartTraining(command_id=new_id("c"), config=config), JobInfo)
        assert none.value.code == "knowledge-none"


def test_training_when_started_from_a_model_without_knowledge_then_cannot_ask_for_some(
    shared: Engine, dataset: str
) -> None:
    _save(shared.client, dataset, TEXT)
    made = shared.ended(shared.train("steps:1", dataset=dataset).job_id)
    with pytest.raises(UserError) as refused:
        _train(shared, "latest", dataset=dataset, start_from=str(made.result["model"]))
    assert refused.value.code == "bad-setting"
