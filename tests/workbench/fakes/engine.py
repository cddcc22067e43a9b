"""FakeEngine: a small engine that speaks real HTTP over a real Unix socket, keeps cases in memory and answers by rule."""

import contextlib
import hashlib
import os
import queue
import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from engine.schema import PROTOCOL_VERSION
from engine.schema.base import Message, Modality, new_id
from engine.schema.case import Case, CasePage, Dataset, Part, PartFacts
from engine.schema.catalog import Catalog
from engine.schema.command import (
    AddPart,
    CreateCase,
    EditCase,
    Health,
    JobInfo,
    JobList,
    PartAdded,
    ProjectInfo,
    SaveKnowledge,
    UseModel,
)
from engine.schema.domain_folder import offered
from engine.schema.errors import ConsiliumError, ErrorBody, UserError
from engine.schema.event import CaseChanged, Event, EventBody, EventPage
from engine.schema.knowledge import CheckKnowledge
from engine.schema.ledger import Ledger
from engine.schema.runtime import ADDRESS_FILE, SOCKET_FILE, EngineAddress, runtime_folder
from tests.workbench.fakes.answers import KINDS, answer_for, clinic_model
from tests.workbench.fakes.knowledge import KnowledgeBooks


class FakeEngine:
    """An engine for one project folder; start it with `serving()`. Its lists are plain attributes a test may change."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.session = new_id("session")
        self.protocol = PROTOCOL_VERSION
        self.blobs: dict[str, bytes] = {}
        self.cases: dict[str, Case] = {}
        self.removed: dict[str, Case | Part] = {}
        self.models = [clinic_model()]
        self.model_in_use = self.models[0].model_id
        self.jobs: list[JobInfo] = []
        self.datasets: list[Dataset] = []
        self.knowledge = KnowledgeBooks()
        self.ledgers: dict[str, Ledger] = {}
        self.catalog: Catalog | None = None
        """What it can do; while None, it is still reading itself."""
        self.events: list[Event] = []
        self.requests: list[str] = []
        self.refuse: dict[str, ErrorBody] = {}
        """Requests (verb and path pattern) that are refused, with the error they get."""
        self.hold = threading.Event()
        """While cleared, answers to `predict` wait."""
        self.hold.set()
        self._listeners: list[queue.Queue[bytes | None]] = []
        self._server: socketserver.BaseServer | None = None

    @contextlib.contextmanager
    def serving(self) -> Iterator["FakeEngine"]:
        """Serve until the block ends."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def start(self) -> None:
        """Listen on the project's socket and write its address file."""
        folder = runtime_folder(self.project)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / SOCKET_FILE
        path.unlink(missing_ok=True)
        engine = self

        class Handler(_Handler):
            fake = engine

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True
            block_on_close = False

        self._server = Server(str(path), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        address = EngineAddress(protocol=self.protocol, pid=os.getpid(), project=str(self.project), socket=str(path))
        (folder / ADDRESS_FILE).write_text(address.model_dump_json(), encoding="utf-8")

    def stop(self) -> None:
        """Vanish as a killed engine does: the socket is closed, open streams break, the address file stays."""
        server, self._server = self._server, None
        for listener in self._listeners:
            listener.put(None)
        self._listeners.clear()
        if server is not None:
            server.shutdown()
            server.server_close()

    def tell(self, body: EventBody, job: str = "") -> Event:
        """Append an event and send it to everyone who listens."""
        event = Event(seq=len(self.events) + 1, at=datetime.now(UTC), job=job, body=body)
        self.events.append(event)
        for listener in self._listeners:
            listener.put(_frame(event))
        return event

    def tell_raw(self, frame: bytes) -> None:
        """Send bytes as they are to everyone who listens."""
        for listener in self._listeners:
            listener.put(frame)

    def add_case(self, title: str, *parts: tuple[str, bytes], **facts: object) -> Case:
        """Put a case into the project."""
        made = tuple(self.decode(name, data, None) for name, data in parts)
        case = Case(case_id=new_id("case"), title=title, parts=made, created_at=datetime.now(UTC)).model_copy(
            update=facts
        )
        self.cases[case.case_id] = case
        return case

    def decode(self, name: str, data: bytes, modality: Modality | None) -> Part:
        """Read a file as the engine would, by its suffix alone; an unknown one is refused."""
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        kind = modality or KINDS.get(Path(name).suffix.lower())
        if kind is None:
            raise UserError("unknown-format", name=name)
        shared = {"part_id": new_id("part"), "modality": kind, "original": digest, "name": name, "size": len(data)}
        if data.startswith(b"damaged"):
            problem = ErrorBody(code=f"damaged-{kind}", parameters={"name": name})
            return Part.model_validate(shared | {"problem": problem})
        facts = PartFacts(characters=len(data), words=len(data.split())) if kind == "text" else PartFacts()
        return Part.model_validate(shared | {"decoded": digest, "facts": facts})

    def labels(self, dataset: str) -> tuple[str, ...]:
        """Return the labels of a data set."""
        known = next((each for each in self.datasets if each.dataset == dataset), None)
        return tuple(label.name for label in known.labels) if known is not None else ()

    def keep(self, case: Case) -> Case:
        """Keep a changed case under its next version and tell it."""
        version = case.version + 1
        known = self.cases.get(case.case_id)
        same = known is not None and known.parts == case.parts
        case = case.model_copy(update={"version": version, "parts_version": case.parts_version if same else version})
        self.cases[case.case_id] = case
        self.tell(CaseChanged(case=case))
        return case


def _frame(event: Event) -> bytes:
    return f"id: {event.seq}\ndata: {event.model_dump_json()}\n\n".encode()


class _Handler(BaseHTTPRequestHandler):
    """One request; routes are methods named after verb and path."""

    fake: FakeEngine
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        return "socket"

    def do_GET(self) -> None:
        self._route("GET")

    def do_POST(self) -> None:
        self._route("POST")

    def do_PUT(self) -> None:
        self._route("PUT")

    def do_PATCH(self) -> None:
        self._route("PATCH")

    def do_DELETE(self) -> None:
        self._route("DELETE")

    def _route(self, verb: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = urlsplit(self.path)
        request = f"{verb} {asked.path}"
        self.fake.requests.append(request)
        try:
            for pattern, problem in self.fake.refuse.items():
                if re.fullmatch(pattern, request):
                    raise problem.error()
            for pattern, answer in _ROUTES.items():
                match = re.fullmatch(pattern, request)
                if match:
                    answer(self, body, parse_qs(asked.query), *match.groups())
                    return
            self._send(404, ErrorBody(code="not-found", parameters={"what": "route", "id": request}))
        except ConsiliumError as error:
            self._send(409 if error.code.endswith("conflict") else 400, error.body())
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _send(self, status: int, message: Message | bytes) -> None:
        data = message if isinstance(message, bytes) else message.model_dump_json().encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def case(self, case_id: str) -> Case:
        if case_id not in self.fake.cases:
            raise UserError("not-found", what="case", id=case_id)
        return self.fake.cases[case_id]

    def health(self, _body: bytes, _query: dict[str, list[str]]) -> None:
        fake = self.fake
        health = Health(
            protocol=fake.protocol, version="0.1.0", pid=os.getpid(), project=str(fake.project), session=fake.session,
            predictor="ready",
        )  # fmt: skip
        self._send(200, health)

    def project(self, _body: bytes, _query: dict[str, list[str]]) -> None:
        fake = self.fake
        info = ProjectInfo(
            name=fake.project.name, datasets=tuple(fake.datasets), models=tuple(fake.models), model_in_use=fake.model_in_use,
            cases=len(fake.cases), last_event=len(fake.events),
        )  # fmt: skip
        self._send(200, info)

    def use_model(self, body: bytes, _query: dict[str, list[str]]) -> None:
        self.fake.model_in_use = UseModel.model_validate_json(body).model_id
        self._send(200, next(model for model in self.fake.models if model.model_id == self.fake.model_in_use))

    def list_domains(self, _body: bytes, _query: dict[str, list[str]]) -> None:
        self._send(200, offered(self.fake.project))

    def list_jobs(self, _body: bytes, _query: dict[str, list[str]]) -> None:
        self._send(200, JobList(jobs=tuple(self.fake.jobs)))

    def list_job_events(self, _body: bytes, query: dict[str, list[str]], job_id: str) -> None:
        after = int(query.get("after", ["0"])[0])
        own = tuple(event for event in self.fake.events if event.job == job_id and event.n > after)
        self._send(200, EventPage(events=own))

    def catalog(self, _body: bytes, _query: dict[str, list[str]]) -> None:
        if self.fake.catalog is None:
            raise UserError("busy", what="the predictor")
        self._send(200, self.fake.catalog)

    def read_ledger(self, _body: bytes, _query: dict[str, list[str]], model_id: str) -> None:
        if model_id not in self.fake.ledgers:
            raise UserError("not-found", what="ledger", id=model_id)
        self._send(200, self.fake.ledgers[model_id])

    def list_knowledge(self, _body: bytes, _query: dict[str, list[str]], dataset: str) -> None:
        self._send(200, self.fake.knowledge.versions(dataset))

    def read_knowledge(self, _body: bytes, _query: dict[str, list[str]], dataset: str, version: str) -> None:
        self._send(200, self.fake.knowledge.read(dataset, version))

    def save_knowledge(self, body: bytes, _query: dict[str, list[str]]) -> None:
        command = SaveKnowledge.model_validate_json(body)
        self._send(200, self.fake.knowledge.save(command, self.fake.labels(command.dataset)))

    def check_knowledge(self, body: bytes, _query: dict[str, list[str]]) -> None:
        command = CheckKnowledge.model_validate_json(body)
        self._send(200, self.fake.knowledge.check(command.text, self.fake.labels(command.dataset)))

    def list_cases(self, _body: bytes, query: dict[str, list[str]]) -> None:
        wanted = query.get("search", [""])[0].lower()
        offset, limit = int(query.get("offset", ["0"])[0]), int(query.get("limit", ["100"])[0])
        kept = self.fake.removed if query.get("show") == ["trash"] else self.fake.cases
        found = [case for case in reversed(kept.values()) if isinstance(case, Case) and wanted in case.title.lower()]
        if query.get("show") == ["mine"]:
            found = [case for case in found if case.source == "dropped"]
        if query.get("outcome"):
            found = [case for case in found if case.prediction and case.prediction.outcome in query["outcome"]]
        self._send(200, CasePage(cases=tuple(found[offset : offset + limit]), total=len(found), offset=offset))

    def make_case(self, body: bytes, _query: dict[str, list[str]]) -> None:
        command = CreateCase.model_validate_json(body)
        case = Case(case_id=command.case_id, title=command.title, created_at=datetime.now(UTC))
        self.fake.cases.setdefault(command.case_id, case)
        self.fake.tell(CaseChanged(case=self.fake.cases[command.case_id]))
        self._send(200, self.fake.cases[command.case_id])

    def read_case(self, _body: bytes, _query: dict[str, list[str]], case_id: str) -> None:
        self._send(200, self.case(case_id))

    def edit_case(self, body: bytes, _query: dict[str, list[str]], case_id: str) -> None:
        command, case = EditCase.model_validate_json(body), self.case(case_id)
        if command.version != case.version:
            raise UserError("conflict")
        self._send(200, self.fake.keep(case.model_copy(update=command.fields())))

    def delete_case(self, _body: bytes, _query: dict[str, list[str]], case_id: str) -> None:
        case = self.case(case_id)
        self.fake.removed[case_id] = self.fake.cases.pop(case_id)
        self.fake.tell(CaseChanged(case=case, removed=True))
        self._send(200, case)

    def restore_case(self, _body: bytes, _query: dict[str, list[str]], case_id: str) -> None:
        found = self.fake.removed.pop(case_id)
        assert isinstance(found, Case)
        self._send(200, self.fake.keep(found))

    def add_part(self, body: bytes, _query: dict[str, list[str]], case_id: str) -> None:
        command, case = AddPart.model_validate_json(body), self.case(case_id)
        part = self.fake.decode(command.name, self.fake.blobs[command.sha256], command.modality)
        others = tuple(known for known in case.parts if known.part_id != command.replaces)
        for known in case.parts:
            if known.part_id == command.replaces:
                self.fake.removed[known.part_id] = known
        case = self.fake.keep(case.model_copy(update={"parts": (*others, part)}))
        self._send(200, PartAdded(case=case, part_id=part.part_id))

    def delete_part(self, _body: bytes, _query: dict[str, list[str]], case_id: str, part_id: str) -> None:
        case = self.case(case_id)
        self.fake.removed |= {part.part_id: part for part in case.parts if part.part_id == part_id}
        left = tuple(part for part in case.parts if part.part_id != part_id)
        self._send(200, self.fake.keep(case.model_copy(update={"parts": left})))

    def restore_part(self, _body: bytes, _query: dict[str, list[str]], case_id: str, part_id: str) -> None:
        case, part = self.case(case_id), self.fake.removed.pop(part_id)
        self._send(200, self.fake.keep(case.model_copy(update={"parts": (*case.parts, part)})))

    def predict(self, _body: bytes, _query: dict[str, list[str]], case_id: str) -> None:
        self.fake.hold.wait(20)
        case = self.case(case_id)
        if not self.fake.models:
            raise UserError("no-model")
        prediction = answer_for(case, self.fake.models[0])
        self.fake.cases[case_id] = case.model_copy(update={"prediction": prediction})
        self.fake.tell(CaseChanged(case=self.fake.cases[case_id]))
        self._send(200, prediction)

    def put_blob(self, body: bytes, _query: dict[str, list[str]], digest: str) -> None:
        if hashlib.sha256(body).hexdigest() != digest:
            raise UserError("blob-mismatch")
        self.fake.blobs[digest] = body
        self._send(201, b"{}")

    def get_blob(self, _body: bytes, _query: dict[str, list[str]], digest: str) -> None:
        self._send(200, self.fake.blobs[digest])

    def follow(self, _body: bytes, _query: dict[str, list[str]]) -> None:
        after = int(self.headers.get("Last-Event-ID") or 0)
        listener: queue.Queue[bytes | None] = queue.Queue()
        for event in self.fake.events[after:]:
            listener.put(_frame(event))
        self.fake._listeners.append(listener)
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b": hello\n\n")
        while (frame := listener.get()) is not None:
            self.wfile.write(frame)
            self.wfile.flush()
        self.connection.shutdown(2)


_ROUTES: dict[str, Callable[..., None]] = {
    r"GET /v1/health": _Handler.health,
    r"GET /v1/project": _Handler.project,
    r"POST /v1/project/model": _Handler.use_model,
    r"GET /v1/domains": _Handler.list_domains,
    r"GET /v1/jobs": _Handler.list_jobs,
    r"GET /v1/jobs/([\w.-]+)/events": _Handler.list_job_events,
    r"GET /v1/catalog": _Handler.catalog,
    r"GET /v1/models/([\w.-]+)/ledger": _Handler.read_ledger,
    r"GET /v1/datasets/([\w.-]+)/knowledge": _Handler.list_knowledge,
    r"GET /v1/datasets/([\w.-]+)/knowledge/(\w+)": _Handler.read_knowledge,
    r"POST /v1/knowledge": _Handler.save_knowledge,
    r"POST /v1/knowledge/check": _Handler.check_knowledge,
    r"GET /v1/cases": _Handler.list_cases,
    r"POST /v1/cases": _Handler.make_case,
    r"GET /v1/cases/([\w.-]+)": _Handler.read_case,
    r"PATCH /v1/cases/([\w.-]+)": _Handler.edit_case,
    r"DELETE /v1/cases/([\w.-]+)": _Handler.delete_case,
    r"POST /v1/cases/([\w.-]+)/restore": _Handler.restore_case,
    r"POST /v1/cases/([\w.-]+)/parts": _Handler.add_part,
    r"DELETE /v1/cases/([\w.-]+)/parts/([\w.-]+)": _Handler.delete_part,
    r"POST /v1/cases/([\w.-]+)/parts/([\w.-]+)/restore": _Handler.restore_part,
    r"POST /v1/cases/([\w.-]+)/predict": _Handler.predict,
    r"PUT /v1/blobs/([0-9a-f]{64})": _Handler.put_blob,
    r"GET /v1/blobs/([0-9a-f]{64})": _Handler.get_blob,
    r"GET /v1/events": _Handler.follow,
}
