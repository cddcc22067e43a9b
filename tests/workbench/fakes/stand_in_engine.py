"""An engine that is not there: a session whose client answers from a table, at once, and remembers what it was asked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from PySide6.QtCore import QSettings

from engine.schema.base import Message
from engine.schema.case import Dataset, Label
from engine.schema.catalog import Catalog, DeviceInfo, Entry, FormField, RecipeInfo
from engine.schema.command import JobInfo, JobList, ProjectInfo
from engine.schema.config import Choice, RunConfig
from engine.schema.errors import ErrorBody
from engine.schema.event import Event, EventPage
from engine.schema.model import Interval, Measured, ModelSummary, TeacherReport
from tests.workbench.fakes.run_events import BEGAN, LABELS, teacher
from workbench.state.session import Session
from workbench.state.settings import Preferences

WORDS = tuple(
    Label(name=name, en=name.capitalize(), zh=zh)
    for name, zh in zip(LABELS, ("喉炎", "支气管炎", "肺炎", "哮喘"), strict=True)
)


class StandInClient:
    """Takes the place of `EngineClient`: `answers` by verb and path; an `ErrorBody` is handed to `failed`."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Message | Callable[[Message | None], Message]] = {}
        self.asked: list[tuple[str, str, Message | None]] = []

    def get(
        self,
        path: str,
        reply: type[Any],
        then: Callable[[Any], None],
        failed: Callable[[ErrorBody], None] | None = None,
    ) -> None:
        """Answer a question."""
        self._answer("GET", path, None, then, failed)

    def post(
        self,
        path: str,
        message: Message,
        reply: type[Any],
        then: Callable[[Any], None],
        failed: Callable[[ErrorBody], None] | None = None,
    ) -> None:
        """Take a command."""
        self._answer("POST", path, message, then, failed)

    def delete(self, path: str, then: Callable[[Any], None], failed: Callable[[ErrorBody], None] | None = None) -> None:
        """Take a removal."""
        self._answer("DELETE", path, None, lambda _reply: then(b""), failed)

    def commands(self, path: str) -> list[Message]:
        """Return the commands that were sent to a path."""
        return [
            message for verb, asked, message in self.asked if verb == "POST" and asked == path and message is not None
        ]

    def _answer(
        self,
        verb: str,
        path: str,
        message: Message | None,
        then: Callable[[Any], None],
        failed: Callable[[ErrorBody], None] | None,
    ) -> None:
        self.asked.append((verb, path, message))
        known = self.answers.get((verb, path), self.answers.get((verb, path.split("?")[0])))
        if known is None:
            return
        reply = known(message) if callable(known) else known
        if isinstance(reply, ErrorBody):
            if failed is not None:
                failed(reply)
        else:
            then(reply)


class StandInSession(Session):
    """A session with a `StandInClient`, attached to a project that exists only here."""

    def __init__(self, project: ProjectInfo) -> None:
        super().__init__()
        self.stand_in = StandInClient()
        self.client = self.stand_in  # type: ignore[assignment]
        self.project = project
        self._set_light("ready")
        self.stand_in.answers["GET", "/v1/project"] = lambda _message: self.project or project

    def knows(self, jobs: list[JobInfo], events: list[Event] | None = None) -> None:
        """Let the engine know these jobs, and one page of events for each."""
        self.stand_in.answers["GET", "/v1/jobs"] = JobList(jobs=tuple(jobs))
        for job in jobs:
            own = tuple(event for event in events or () if event.job == job.job_id)
            self.stand_in.answers["GET", f"/v1/jobs/{job.job_id}/events"] = EventPage(events=own)

    def change(self, **facts: object) -> None:
        """Let the project change and tell it."""
        assert self.project is not None
        self.project = self.project.model_copy(update=facts)
        self.project_changed.emit()


def preferences(folder: Any) -> Preferences:
    """Return fresh preferences in a folder."""
    return Preferences(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))


def dataset() -> Dataset:
    """Return a data set with a missing share."""
    return Dataset(
        dataset="demo-clinic",
        title="Demo clinic",
        labels=WORDS,
        synthetic=True,
        created_at=BEGAN,
        counts={"train": 2000, "val": 300},
        patterns={"text+image+audio": 1794, "text+image": 506},
        groups=640,
    )


def interval(value: float, n: int) -> Interval:
    """Return a proportion with a plausible interval."""
    half = 1.96 * (value * (1 - value) / n) ** 0.5
    return Interval(value=value, low=value - half, high=value + half, n=n)


def model(model_id: str = "model-1", **facts: object) -> ModelSummary:
    """Return a finished model."""
    reports: tuple[TeacherReport, ...] = (teacher("MiniLM-L6-v2", 22_700_000, 0.712, ("text",)).report,)
    measured = Measured(
        split="val",
        accuracy=interval(0.861, 300),
        balanced_accuracy=0.85,
        macro_f1=0.851,
        ece=0.031,
        nll=0.44,
        coverage=0.913,
        set_size=1.4,
        by_pattern={"text+image+audio": interval(0.884, 232), "text+image": interval(0.779, 68)},
    )
    made = ModelSummary(
        model_id=model_id,
        name="Demo clinic, first run",
        dataset="demo-clinic",
        labels=WORDS,
        recipe="distil",
        run="run-1",
        parameters=612_000,
        active_parameters=241_000,
        layers=2,
        experts=8,
        teachers=reports,
        validation=measured,
        synthetic=True,
        seed=1,
        device="no GPU: CPU (1 threads)",
        seconds=203.0,
        created_at=BEGAN + timedelta(minutes=4),
        size=2_460_000,
    )
    return made.model_copy(update=facts)


def project(*models: ModelSummary, in_use: str = "") -> ProjectInfo:
    """Return a project at a glance."""
    return ProjectInfo(name="Demo", datasets=(dataset(),), models=models, model_in_use=in_use, cases=2300, last_event=0)


def catalog() -> Catalog:
    """Return what an engine can do, with made-up entries: the window must not know any by name."""
    fields = (
        FormField(key="name", title="Name", title_zh="名称", help="What people call the run.", kind="text", default="", advanced=False, section="run"),
        FormField(
            key="optim.epochs", title="Passes", title_zh="轮数", help="Most passes over the training cases.", help_zh="训练病例最多过几轮。",
            kind="integer", default=30, minimum=1, maximum=1000, advanced=False, section="optim",
        ),
        FormField(key="seed", title="Seed", title_zh="随机种子", help="Seed of everything random.", kind="integer", default=1, minimum=0, section="run"),
        FormField(key="optim.learning_rate", title="Learning rate", help="Peak learning rate.", kind="number", default=0.002, minimum=0, maximum=1, section="optim"),
        FormField(key="student.router", title="Router", help="How tokens find their experts.", kind="choice", default="round-robin", choices=("round-robin", "dice"), section="student"),
        FormField(
            key="student.router.sides", title="Sides", help="Of the round table.", kind="integer", default=6, minimum=2, section="student",
            entry="round-robin",
        ),
        FormField(key="student.router.sides", title="Sides", help="Of the dice.", kind="integer", default=6, minimum=2, maximum=20, section="student", entry="dice"),
        FormField(key="student.router.throws", title="Throws", help="Of the dice.", kind="integer", default=1, minimum=1, section="student", entry="dice"),
    )  # fmt: skip
    base = RunConfig(recipe="distil", teachers=(Choice(name="big-reader"),))
    base = base.model_copy(
        update={
            "student": base.student.model_copy(update={"router": Choice(name="round-robin", settings={"sides": 6})})
        }
    )
    recipes = (
        RecipeInfo(name="distil", title="Teach the small model", title_zh="教小模型", summary="Teachers show it what they see.", summary_zh="由教师模型示范。", fields=fields, config=base),
        RecipeInfo(name="quick", title="Quick look", title_zh="快速", summary="In under three minutes.", summary_zh="三分钟以内。", fields=fields[:2], config=RunConfig(recipe="quick")),
        RecipeInfo(name="fuse", title="Learn to combine", title_zh="学习融合", summary="Goes on from a distilled model.", summary_zh="从已蒸馏的模型继续。", fields=fields[:2], needs_model=True, config=RunConfig(recipe="fuse")),
    )  # fmt: skip
    entries = (
        Entry(registry="router", name="round-robin", summary="One after the other."),
        Entry(registry="teacher", name="big-reader", summary="Reads text.", summary_zh="阅读文本。"),
        Entry(registry="teacher", name="good-listener", summary="Hears sound."),
    )
    return Catalog(
        version="0.1.0", entries=entries, recipes=recipes, device=DeviceInfo(kind="cpu", name="cpu", threads=1)
    )
