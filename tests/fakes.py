"""Stand-ins with names: a worker and a predictor that behave as badly as they are told, and projects to run them in."""

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from engine.jobs import worker
from engine.jobs.run_folder import EVENTS_FILE, RunFolder, Stopped
from engine.schema.base import Array
from engine.schema.case import Case, Dataset, Label, Part
from engine.schema.catalog import Catalog, DeviceInfo
from engine.schema.errors import UserError
from engine.schema.event import Checkpoint, Finished, Problem
from engine.schema.model import Interval, Measured, ModelSummary
from engine.schema.prediction import Novelty, Prediction, RoutingTrace
from engine.schema.worker import DATASET_FILE, RESULT_FILE, SUMMARY_FILE, PredictReply, PredictRequest

LABELS = (Label(name="cold", en="Cold", zh="感冒"), Label(name="flu", en="Flu", zh="流感"))
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def a_case(case_id: str, **fields: object) -> Case:
    """Return a case with one text."""
    part = Part(part_id=f"part-{case_id}", modality="text", original="a" * 64, decoded="a" * 64, name="note.txt")
    return Case(case_id=case_id, created_at=NOW, parts=(part,)).model_copy(update=fields)


def a_dataset(name: str, count: int) -> Dataset:
    """Return a data set of training cases."""
    return Dataset(dataset=name, title="Fake", labels=LABELS, created_at=NOW, counts={"train": count})


def a_summary(model_id: str, **fields: object) -> ModelSummary:
    """Return a model's summary with plausible figures."""
    accuracy = Interval(value=0.9, low=0.85, high=0.93, n=300)
    measured = Measured(split="val", accuracy=accuracy, balanced_accuracy=0.9, macro_f1=0.9, ece=0.02, nll=0.3)
    summary = ModelSummary(
        model_id=model_id,
        name="Fake council",
        dataset="fake",
        labels=LABELS,
        recipe="distil",
        parameters=1000,
        layers=1,
        experts=2,
        validation=measured,
        seconds=12.0,
        created_at=NOW,
    )
    return summary.model_copy(update=fields)


def a_prediction(case_id: str = "", model_id: str = "fake") -> Prediction:
    """Return an answer with token-by-token routing."""
    counts = Array.pack([3, 0, 0, 1, 0, 0], (1, 2, 3))
    experts = Array.pack([0, 1], (2, 1, 1), "int32")
    return Prediction(
        prediction_id="answer-1",
        case_id=case_id,
        case_version=1,
        model_id=model_id,
        outcome="suggests",
        reasons=(),
        labels=("cold", "flu"),
        probabilities=(0.9, 0.1),
        label_set=("cold",),
        modalities=("text",),
        novelty=Novelty(overall=10.0),
        routing=RoutingTrace(layers=1, num_experts=2, counts=counts, experts=experts),
        at=NOW,
    )


def leave_model(folder: Path, **fields: object) -> None:
    """Write what a training leaves."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / SUMMARY_FILE).write_text(a_summary("fake", **fields).model_dump_json(), encoding="utf-8")


def leave_cases(folder: Path, job_id: str, count: int) -> None:
    """Write what an import or a demo leaves."""
    lines = [a_case(f"{job_id}-{i}", split="train", label="cold").model_dump_json() for i in range(count)]
    (folder / RESULT_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / DATASET_FILE).write_text(a_dataset(f"set-{job_id}", count).model_dump_json(), encoding="utf-8")


class FakeJob:
    """A job that does what its training's name says, word by word; other kinds succeed at once.

    `steps:N` progress lines · `checkpoint` · `further` one that every start gets beyond · `die` kill -9 itself · `die-once` only at the first start · `fail-once` raise a UserError at the first start · `torn` half a line,
    then die · `garbage` a line that is none · `hang` say nothing for ever · `wait` obey the control for ever · `deaf` ignore the
    control and SIGTERM · `fail` raise a UserError · `not-finite` one that would come again · `crash` raise a defect · `memory` run out of memory · `problem` list a
    problem · `model` leave a model.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        task = folder.task
        self.words = (task.train.name if task.train else "").split()

    def run(self) -> None:
        """Do the words, then finish."""
        task = self.folder.task
        if task.kind in ("import", "demo"):
            leave_cases(self.folder.path, task.job_id, 3)
            self.folder.events.emit(Finished(outcome="done"))
            return
        if task.kind == "evaluate":
            self.folder.events.emit(Finished(outcome="done", values={"n": 3, "accuracy": 0.5, "by_pattern": "{}"}))
            return
        for word in self.words:
            name, _, number = word.partition(":")
            getattr(self, f"do_{name.replace('-', '_')}")(int(number or 1))
        self.do_model(1)
        self.folder.events.emit(Finished(outcome="done", folder="final", values={"step": 1}))

    def do_steps(self, count: int) -> None:
        for step in range(1, count + 1):
            self.folder.progress("training", step, step)

    def do_checkpoint(self, _: int) -> None:
        self.folder.events.emit(Checkpoint(step=1, name="step-1", sha256="b" * 64))

    def do_further(self, _: int) -> None:
        step = self._deaths() + 2
        self.folder.events.emit(Checkpoint(step=step, name=f"step-{step}", sha256=f"{step:064x}"))

    def _deaths(self) -> int:
        mark = self.folder.path / "deaths"
        return len(mark.read_bytes()) if mark.exists() else 0

    def do_die(self, _: int) -> None:
        os.kill(os.getpid(), 9)

    def do_die_once(self, times: int) -> None:
        deaths = self._deaths()
        if deaths < times:
            (self.folder.path / "deaths").write_bytes(b"x" * (deaths + 1))
            os.kill(os.getpid(), 9)

    def do_fail_once(self, _: int) -> None:
        if not self._deaths():
            (self.folder.path / "deaths").write_bytes(b"x")
            self.do_fail(1)

    def do_torn(self, _: int) -> None:
        with open(self.folder.path / EVENTS_FILE, "ab") as file:
            file.write(b'{"n": 99, "at": "2026-01-01T0')
        os.kill(os.getpid(), 9)

    def do_garbage(self, _: int) -> None:
        with open(self.folder.path / EVENTS_FILE, "ab") as file:
            file.write(b'\xff\xfe not json\n{"n": 7}\n\n')

    def do_hang(self, _: int) -> None:
        while True:
            time.sleep(3600)

    def do_wait(self, _: int) -> None:
        try:
            while True:
                self.folder.obey(paused=0.02)
                time.sleep(0.02)
        except Stopped as stopped:
            if not stopped.keep:
                raise
        self.do_model(1)
        self.folder.events.emit(Finished(outcome="stopped", folder="final", values={"step": 1}))
        sys.exit(0)

    def do_deaf(self, _: int) -> None:
        import signal

        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self.do_hang(1)

    def do_fail(self, _: int) -> None:
        raise UserError("too-few-cases", have=3, need=40)

    def do_not_finite(self, _: int) -> None:
        raise UserError("not-finite", step=1)

    def do_crash(self, _: int) -> None:
        raise RuntimeError("Mrs Example coughs")

    def do_memory(self, _: int) -> None:
        raise MemoryError

    def do_problem(self, _: int) -> None:
        self.folder.events.emit(Problem(problem=UserError("file-missing", row=3, name="a.png").body()))

    def do_model(self, _: int) -> None:
        config = self.folder.task.train
        leave_model(
            self.folder.path / "final", dataset=config.dataset if config else "", recipe=config.recipe if config else ""
        )


def run_worker(arguments: list[str]) -> int:
    """Be a worker whose job is a `FakeJob`; everything else is the real one's."""
    worker._job = lambda kind: lambda folder: FakeJob(folder).run()
    return worker.main(arguments)


def run_predictor() -> None:
    """Be a predictor: answer in no time; die, or say nonsense, where the first part's name asks for it."""
    catalog = Catalog(version="fake", entries=(), recipes=(), device=DeviceInfo(kind="cpu", name="fake"))
    for line in sys.stdin:
        request = PredictRequest.model_validate_json(line)
        name = request.parts[0].name if request.parts else ""
        if name == "die.txt":
            os.kill(os.getpid(), 9)
        if name == "nonsense.txt":
            print("nonsense", flush=True)
            continue
        reply = PredictReply(request=request.request)
        if request.ask == "catalog":
            reply = PredictReply(request=request.request, catalog=catalog.model_dump_json())
        elif name == "refuse.txt":
            problem = UserError("model-damaged", id=Path(request.model_folder).name).body()
            reply = PredictReply(request=request.request, problem=problem)
        elif request.ask == "predict":
            reply = PredictReply(request=request.request, prediction=a_prediction())
        print(reply.model_dump_json(), flush=True)


def lines_of(run: Path) -> list[dict[str, object]]:
    """Return the events of a run as they lie in its file."""
    return [json.loads(line) for line in (run / EVENTS_FILE).read_text(encoding="utf-8").splitlines()]
