"""The API on a real socket: blobs, cases, parts, answers; every command once, whatever is repeated."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from engine.client import Client
from engine.schema.base import new_id
from engine.schema.case import Case, CasePage
from engine.schema.catalog import Catalog
from engine.schema.command import (
    AddPart,
    Command,
    CreateCase,
    EditCase,
    Health,
    PartAdded,
    Predict,
    ProjectInfo,
    StartTraining,
    UseModel,
)
from engine.schema.config import RunConfig
from engine.schema.errors import EngineFault, UserError
from engine.schema.model import ModelSummary
from engine.schema.prediction import Prediction
from tests.engines import Engine, until


@pytest.fixture
def client(shared: Engine) -> Client:
    return shared.client


@pytest.fixture
def case(client: Client) -> Case:
    return client.post("/v1/cases", CreateCase(command_id=new_id("c"), case_id=new_id("case"), title="One"), Case)


def _add(client: Client, case: Case, data: bytes, name: str, **fields: str) -> PartAdded:
    sha256 = client.put_blob(data)
    command = AddPart(command_id=new_id("c"), sha256=sha256, name=name).model_copy(update=fields)
    return client.post(f"/v1/cases/{case.case_id}/parts", command, PartAdded)


def _raw(client: Client) -> httpx.Client:
    return httpx.Client(transport=httpx.HTTPTransport(uds=client.address.socket), base_url="http://localhost")


def test_blob_when_put_is_there_and_comes_back_whole(client: Client) -> None:
    data = bytes(range(256)) * 5000
    sha256 = client.put_blob(data)
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert client.get_blob(sha256) == data
    assert client.put_blob(data) == sha256


def test_blob_when_it_is_not_what_was_announced_is_refused_and_leaves_nothing(shared: Engine) -> None:
    announced = hashlib.sha256(b"right").hexdigest()
    with pytest.raises(UserError) as refused:
        shared.client._answer("PUT", f"/v1/blobs/{announced}", b"wrong", "application/octet-stream")
    assert refused.value.code == "blob-mismatch"
    folder = shared.project / "blobs" / announced[:2]
    assert [path for path in folder.iterdir() if announced in path.name] == []


def test_blob_when_unknown_is_not_found(client: Client) -> None:
    with pytest.raises(UserError) as missing:
        client.get_blob("0" * 64)
    assert missing.value.code == "not-found"


def test_blob_when_larger_than_the_cap_is_refused_however_its_length_is_told(client: Client) -> None:
    piece = b"x" * (1 << 20)
    sha256 = "1" * 64
    headers = {"Content-Type": "application/octet-stream"}
    with _raw(client) as raw:
        length = {"Content-Length": str(65 << 20)}
        told = raw.put(f"/v1/blobs/{sha256}", content=(piece for _ in range(65)), headers=headers | length)
        counted = raw.put(f"/v1/blobs/{sha256}", content=(piece for _ in range(65)), headers=headers)
    assert (told.status_code, counted.status_code) == (413, 413)
    assert client._sent("HEAD", f"/v1/blobs/{sha256}").status_code == 404


def test_part_when_it_is_text_is_decoded_and_joins_the_case(client: Client, case: Case) -> None:
    added = _add(client, case, "Fieber und Husten".encode("latin-1"), "brief.txt")
    (part,) = added.case.parts
    assert (part.modality, part.problem, part.part_id) == ("text", None, added.part_id)
    assert part.decoded is not None
    assert client.get_blob(part.decoded) == b"Fieber und Husten"


def test_part_when_it_cannot_be_read_is_kept_with_its_reason(client: Client, case: Case) -> None:
    added = _add(client, case, b"\x89PNG\r\n\x1a\n broken", "lung.png")
    (part,) = added.case.parts
    assert part.decoded is None
    assert part.problem is not None
    assert "lung.png" in part.problem.text()
    assert client.get_blob(part.original) == b"\x89PNG\r\n\x1a\n broken"


def test_part_when_it_is_empty_is_refused(client: Client, case: Case) -> None:
    with pytest.raises(UserError) as empty:
        _add(client, case, b"", "note.txt")
    assert empty.value.code == "file-empty"
    assert client.get(f"/v1/cases/{case.case_id}", Case).parts == ()


def test_part_when_its_blob_was_never_sent_is_refused(client: Client, case: Case) -> None:
    command = AddPart(command_id=new_id("c"), sha256="2" * 64, name="a.txt")
    with pytest.raises(UserError) as missing:
        client.post(f"/v1/cases/{case.case_id}/parts", command, PartAdded)
    assert missing.value.code == "not-found"


def test_part_when_removed_and_restored_is_back(client: Client, case: Case) -> None:
    added = _add(client, case, b"cough", "a.txt")
    path = f"/v1/cases/{case.case_id}/parts/{added.part_id}"
    assert client.delete(path, Case).parts == ()
    assert client.post(f"{path}/restore", Command(command_id=new_id("c")), Case).parts == added.case.parts


def test_case_when_edited_at_an_old_version_is_a_conflict(client: Client, case: Case) -> None:
    edit = EditCase(command_id=new_id("c"), version=case.version, title="Two")
    assert client.patch(f"/v1/cases/{case.case_id}", edit, Case).title == "Two"
    late = EditCase(command_id=new_id("c"), version=case.version, title="Three")
    with pytest.raises(UserError) as conflict:
        client.patch(f"/v1/cases/{case.case_id}", late, Case)
    assert conflict.value.code == "conflict"
    assert client.get(f"/v1/cases/{case.case_id}", Case).title == "Two"


def test_own_view_when_it_is_a_set_of_labels_takes_the_place_of_one_answer_and_the_other_way_round(
    client: Client, case: Case
) -> None:
    path = f"/v1/cases/{case.case_id}"

    def edited(seen: Case, **fields: object) -> Case:
        command = EditCase.model_validate({"command_id": new_id("c"), "version": seen.version, **fields})
        return client.patch(path, command, Case)

    assert not case.seen()
    none = edited(case, own_labels=())
    assert (none.own_labels, none.own_view, none.seen()) == ((), "", True)
    two = edited(none, own_labels=("mass", "edema"))
    unsure = edited(two, own_view="unsure")
    assert (two.own_labels, unsure.own_labels, unsure.own_view) == (("mass", "edema"), None, "unsure")
    assert not edited(unsure, own_view="").seen()


def test_case_when_deleted_lies_in_the_trash_until_restored(client: Client, case: Case) -> None:
    def shown(show: str) -> bool:
        page = client.get(f"/v1/cases?show={show}&limit=500", CasePage)
        return case.case_id in [one.case_id for one in page.cases]

    client.delete(f"/v1/cases/{case.case_id}", Case)
    client.delete(f"/v1/cases/{case.case_id}", Case)
    assert (shown("all"), shown("trash")) == (False, True)
    client.post(f"/v1/cases/{case.case_id}/restore", Command(command_id=new_id("c")), Case)
    assert (shown("all"), shown("trash")) == (True, False)


def test_command_when_repeated_changes_nothing_and_answers_the_same(client: Client, case: Case) -> None:
    edit = EditCase(command_id=new_id("c"), version=case.version, title="Two")
    path = f"/v1/cases/{case.case_id}"
    first = client.patch(path, edit, Case)
    before = client.get("/v1/project", ProjectInfo).last_event
    assert client.patch(path, edit, Case) == first
    assert client.get("/v1/project", ProjectInfo).last_event == before


def test_command_when_its_id_was_used_for_another_is_refused(client: Client, case: Case) -> None:
    edit = EditCase(command_id=new_id("c"), version=case.version, title="Two")
    client.patch(f"/v1/cases/{case.case_id}", edit, Case)
    with pytest.raises(UserError) as refused:
        client.patch(f"/v1/cases/{case.case_id}", edit.model_copy(update={"title": "Three"}), Case)
    assert refused.value.code == "bad-request"


def test_slow_command_when_sent_five_times_at_once_is_done_once(client: Client, case: Case) -> None:
    command = AddPart(command_id=new_id("c"), sha256=client.put_blob(b"one cough"), name="a.txt")
    together = threading.Barrier(5)

    def send(_: int) -> PartAdded:
        with Client(client.address) as own:
            together.wait()
            return own.post(f"/v1/cases/{case.case_id}/parts", command, PartAdded)

    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(send, range(5)))
    assert len({answer.part_id for answer in answers}) == 1
    assert len(client.get(f"/v1/cases/{case.case_id}", Case).parts) == 1


def test_answer_when_there_is_no_model_says_so_and_keeps_the_case(client: Client, case: Case) -> None:
    with pytest.raises(UserError) as none:
        client.post(f"/v1/cases/{case.case_id}/predict", Predict(command_id=new_id("c")), Prediction)
    assert none.value.code == "no-model"


def test_training_when_there_are_no_cases_is_refused_at_once(client: Client) -> None:
    command = StartTraining(command_id=new_id("c"), config=RunConfig(recipe="distil"))
    with pytest.raises(UserError) as none:
        client.post("/v1/training", command, ProjectInfo)
    assert none.value.code == "no-training-data"


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "offset=-1", "show=everything", "search=" + "x" * 201])
def test_list_when_asked_out_of_bounds_is_refused_without_an_echo(client: Client, query: str) -> None:
    with pytest.raises(UserError) as refused:
        client.get(f"/v1/cases?{query}", CasePage)
    assert refused.value.code == "bad-request"
    assert "xxx" not in str(refused.value)


def test_message_when_it_has_an_unknown_field_or_a_long_one_is_refused(client: Client) -> None:
    with _raw(client) as raw:
        extra = raw.post("/v1/cases", json={"command_id": "c", "case_id": "a", "owner": "me"})
        long = raw.post("/v1/cases", json={"command_id": "c", "case_id": "a", "title": "t" * 401})
        odd = raw.post("/v1/cases", json={"command_id": "c", "case_id": "../../etc"})
        broken = raw.post("/v1/cases", content=b"{", headers={"Content-Type": "application/json"})
    assert [reply.status_code for reply in (extra, long, odd, broken)] == [422, 422, 422, 422]
    assert all(reply.json()["code"] == "bad-request" for reply in (extra, long, odd, broken))


@pytest.fixture
def with_model(engine: Engine) -> Engine:
    job = engine.train("steps:1")
    assert engine.ended(job.job_id).state == "done"
    return engine


def test_answer_when_given_is_kept_shown_and_stale_after_a_change(with_model: Engine) -> None:
    client = with_model.client
    case = client.post("/v1/cases", CreateCase(command_id="c", case_id="case-1"), Case)
    _add(client, case, b"cough", "a.txt")
    made = client.post("/v1/cases/case-1/predict", Predict(command_id=new_id("c")), Prediction)
    shown = client.get("/v1/cases/case-1", Case)
    assert shown.prediction == made
    assert made.model_id == client.get("/v1/project", ProjectInfo).model_in_use
    assert not shown.stale()
    added = _add(client, case, b"fever", "b.txt")
    assert added.case.stale()
    client.delete(f"/v1/cases/{case.case_id}/parts/{added.part_id}", Case)
    assert not client.get(f"/v1/cases/{case.case_id}", Case).stale()
    again = client.post("/v1/cases/case-1/predict", Predict(command_id=new_id("c")), Prediction)
    assert client.get("/v1/cases/case-1", Case).prediction == again


def test_predictor_when_it_dies_or_babbles_is_started_again(with_model: Engine) -> None:
    client = with_model.client
    for word in ("die", "nonsense"):
        case = client.post("/v1/cases", CreateCase(command_id=new_id("c"), case_id=f"case-{word}"), Case)
        _add(client, case, b"cough", f"{word}.txt")
        with pytest.raises(EngineFault) as died:
            client.post(f"/v1/cases/case-{word}/predict", Predict(command_id=new_id("c")), Prediction)
        assert died.value.code == "worker-died"
    case = client.post("/v1/cases", CreateCase(command_id=new_id("c"), case_id="case-good"), Case)
    _add(client, case, b"cough", "good.txt")
    assert client.post("/v1/cases/case-good/predict", Predict(command_id=new_id("c")), Prediction).labels == (
        "cold",
        "flu",
    )


def test_predictor_when_it_refuses_passes_its_reason_on(with_model: Engine) -> None:
    client = with_model.client
    case = client.post("/v1/cases", CreateCase(command_id="c", case_id="case-1"), Case)
    _add(client, case, b"cough", "refuse.txt")
    with pytest.raises(UserError) as refused:
        client.post("/v1/cases/case-1/predict", Predict(command_id=new_id("c")), Prediction)
    assert refused.value.code == "model-damaged"


def test_model_when_put_into_the_trash_hands_over_to_the_newest(with_model: Engine) -> None:
    client = with_model.client
    second = with_model.ended(with_model.train("steps:1").job_id).result["model"]
    first = client.get("/v1/project", ProjectInfo).model_in_use
    assert first != second
    client.post("/v1/project/model", UseModel(command_id="u", model_id=str(second)), ModelSummary)
    client.delete(f"/v1/models/{second}", ModelSummary)
    project = client.get("/v1/project", ProjectInfo)
    assert (project.model_in_use, [model.model_id for model in project.models]) == (first, [first])


def test_catalog_when_the_predictor_is_up_is_answered(engine: Engine) -> None:
    until(lambda: engine.client.get("/v1/health", Health).predictor == "ready")
    assert engine.client.get("/v1/catalog", Catalog).version == "fake"
