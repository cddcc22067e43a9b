"""`python -m workbench.tour PROJECT OUT [--film]`: drives the real window through the main job with real clicks, keys and drops.

It opens the demo project, drops a case, waits for the answer, starts a demo run, watches it, stops and keeps it, and asks the
new model. It prints what it saw, with the numbers read off the widgets, leaves screenshots in OUT, and ends with 1 where a step
did not happen within its time. With `--film` it also leaves the frames of a moving picture in OUT/film.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEventLoop, QMimeData, QPoint, QPointF, QSettings, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from engine.schema.errors import ErrorBody
from engine.schema.places import assets
from workbench.app import Workbench
from workbench.film import Film
from workbench.i18n import language
from workbench.rooms import Rooms
from workbench.theme import theme
from workbench.views.case_detail import CaseView
from workbench.views.models import ModelsView
from workbench.views.training import TrainingView
from workbench.views.worth import WorthView
from workbench.widgets.model_card import ModelCard

CASE: Final = "clinic-01"
WINDOW_S: Final = 40
ENGINE_S: Final = 120
DEMO_PROJECT_S: Final = 180
ANSWER_S: Final = 180
CASES_MADE_S: Final = 360
ROUTING_S: Final = 450
KEPT_S: Final = 540
"""Bounds for a machine that has much else to do: a tour on a free one waits for none of them for long."""
FILMED_ANSWER_MS: Final = 3000
"""How long the moving picture stays on an answer."""
FILMED_STEPS: Final = 150
"""Steps of the run that the moving picture shows."""


class StepMissed(Exception):
    """A step did not happen within its time; carries what was waited for."""


class Tour:
    """The visit, step by step; each step is bounded and says what it saw."""

    def __init__(self, project: Path, out: Path, *, film: bool = False) -> None:
        self._project = project
        self._out = out
        self._began = time.monotonic()
        self._refused = ""
        out.mkdir(parents=True, exist_ok=True)
        store = QSettings(str(out / "settings.ini"), QSettings.Format.IniFormat)
        store.clear()
        store.setValue("language", "en")
        store.setValue("theme", "light")
        self._workbench = Workbench(store, None)
        self._window = self._workbench.window
        self._film = Film(self._window, out / "film") if film else None

    def run(self) -> None:
        """Go through all steps; raises `StepMissed` at the first that does not happen."""
        self._open_window()
        self._open_project()
        self._drop_case()
        first = self._read_answer()
        self._start_run()
        self._watch_run()
        self._keep_run()
        self._ask_again(first)
        self._say(f"The tour took {time.monotonic() - self._began:.0f} s. Screenshots are in {self._out}.")

    def shoot_failure(self) -> None:
        """Save the window as it stood when a step did not happen."""
        self._window.grab().save(str(self._out / "missed.png"))

    def close(self) -> None:
        """Close the window; the engine ends by itself once nobody needs it."""
        if self._workbench.rooms is not None:
            self._rooms().session.close()
        self._window.close()

    def _open_window(self) -> None:
        self._window.resize(1280, 800)
        self._window.show()
        self._until(lambda: self._workbench.rooms is not None, WINDOW_S, "the window is furnished")
        self._say(f"The window stood after {time.monotonic() - self._began:.1f} s.")

    def _open_project(self) -> None:
        rooms = self._rooms()
        self._shoot("first-run", variants=False)
        rooms.demo.make(self._project)  # what the button "Open the demo" does, in the folder that was asked for
        self._until(lambda: rooms.session.folder == self._project, DEMO_PROJECT_S, "the demo project is made")
        self._until(lambda: rooms.session.is_live, ENGINE_S, "the engine answers")
        self._until(lambda: rooms.session.model_in_use() is not None, ENGINE_S, "the demo project has a model in use")
        model = rooms.session.model_in_use()
        assert model is not None
        self._say(f"The demo project is open; the model in use is “{model.name}”, {model.parameters:,} parameters.")
        self._shoot("home")

    def _drop_case(self) -> None:
        files = sorted(path for path in (assets() / "cases" / CASE).iterdir() if path.is_file())
        self._case_view().state.refused.connect(self._on_refused)
        self._say(f"Dropping {', '.join(path.name for path in files)} on the window.")
        if self._film is not None:
            self._carry(self._film, files)
        _drop(self._window, files)
        self._until(lambda: self._window.place_id == "case", ANSWER_S, "the dropped files became a case")

    def _carry(self, film: Film, files: Sequence[Path]) -> None:
        """Move files over the window to its middle, frame by frame, as a hand would."""
        width, height = self._window.width(), self._window.height()
        data = _carried(files)
        for step in range(9):
            place = QPoint(int(width * (0.95 - 0.05 * step)), int(height * (0.95 - 0.055 * step)))
            film.carried = (place, f"{CASE} · {len(files)} files")
            kind = QDragEnterEvent if step == 0 else QDragMoveEvent
            event = kind(
                place, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
            )
            QApplication.sendEvent(self._window, event)
            QApplication.processEvents()
            film.take()
        film.carried = None

    def _read_answer(self, other_than: str = "") -> str:
        """Wait for an answer of a model other than `other_than`; returns the id of the one that answered."""
        view = self._case_view()

        def answered() -> bool:
            if self._refused:
                return True
            case = view.state.case
            made = case.prediction if case is not None else None
            return (
                made is not None
                and made.model_id != other_than
                and not view.state.predicting
                and not view.state.is_stale()
            )

        self._until(answered, ANSWER_S, "the case is answered")
        if self._refused:
            raise StepMissed(f"the case is answered: {self._refused}")
        if view.result.shown == "covered":
            self._click(view.result.question.skip)
        self._until(lambda: view.result.shown == "answer", WINDOW_S, "the answer is shown")
        self._until(view.routing.isVisible, WINDOW_S, "who worked on it is shown")
        case = view.state.case
        assert case is not None
        assert case.prediction is not None
        shown = view.result.answer
        self._say(f"Answer: {shown.headline.text()} {shown.meaning.text()}")
        bars = ", ".join(f"{bar.shown} {bar.percent()}" for bar in shown.bars.bars[:3])
        self._say(f"Bars: {bars}. It was read from {case.pattern()} by “{case.prediction.model_name}”.")
        self._shoot("case-answered" if not other_than else "case-answered-again", variants=not other_than)
        if self._film is not None:
            self._until(self._is_settled(), WINDOW_S, "the window is drawn")
            self._film.take(FILMED_ANSWER_MS)
        return case.prediction.model_id

    def _start_run(self) -> None:
        view = self._training_view()
        self._until(lambda: view.drawn in ("empty", "live"), ENGINE_S, "the list of runs is there")
        self._click(view.empty.action if view.drawn == "empty" else view.demo)
        self._until(lambda: view.monitor.job is not None, ENGINE_S, "the demo run is queued")
        self._until(lambda: self._trains(view), CASES_MADE_S, "the cases are made and training began")
        self._until(lambda: bool(view.monitor.head.device.text()), ENGINE_S, "the run says what it computes on")
        assert view.monitor.job is not None
        self._say(
            f"The demo run “{view.monitor.head.name.text()}” began; it computes on {view.monitor.head.device.text()}."
        )

    @staticmethod
    def _trains(view: TrainingView) -> bool:
        job = view.monitor.job
        return job is not None and job.info.kind == "train" and job.info.state in ("preparing", "running")

    def _watch_run(self) -> None:
        view = self._training_view()
        monitor = view.monitor
        heatmap = monitor.routing.heatmap
        self._until(lambda: heatmap.snapshot is not None, ROUTING_S, "routing arrives in the heatmap")
        self._until(lambda: bool(monitor.error.plot.newest()), ROUTING_S, "the error curve has values")
        self._until(lambda: bool(monitor.busy.bars.shown_shares()), WINDOW_S, "the busy bars have values")
        if self._film is not None:
            self._until(
                lambda: heatmap.snapshot is not None and heatmap.snapshot.step >= FILMED_STEPS, ROUTING_S, "it learns"
            )
        snapshot = heatmap.snapshot
        assert snapshot is not None
        counts = heatmap.shown_counts()
        self._say(
            f"Heatmap at step {snapshot.step}: {snapshot.layers} layers x {snapshot.experts} modules, {int(counts.sum()):,} pieces."
        )
        if (counts != snapshot.counts_LEM.sum(axis=2)).any():
            raise StepMissed("the heatmap shows what the event counted")
        shares = ", ".join(
            f"{number + 1}: {100 * share:.0f} %" for number, share in enumerate(monitor.busy.bars.shown_shares())
        )
        self._say(f"Busy modules of layer 1: {shares}. {monitor.busy.balance.text()}")
        curves = ", ".join(f"{name} {value:.3f}" for name, value in monitor.error.plot.newest().items())
        self._say(f"Error: {curves}. {monitor.head.progress.text()}")
        for name, facts in monitor.teachers.shown():
            self._say(f"Teacher {name}: {facts}")
        self._until(lambda: bool(monitor.pinned.list.shown()), ROUTING_S, "the pinned cases were predicted")
        for title, label, probability in monitor.pinned.list.shown()[:3]:
            self._say(f"Pinned case {title}: {label} {100 * probability:.0f} %")
        self._shoot("training-live")

    def _keep_run(self) -> None:
        view = self._training_view()
        job = view.monitor.job
        assert job is not None
        self._click(view.monitor.head.buttons.keep)
        self._until(lambda: job.has_ended, KEPT_S, "the run stopped and kept its model")
        if job.info.state != "done":
            raise StepMissed(f"the stopped run is kept (it is {job.info.state})")
        self._until(lambda: view.monitor.head.use.isVisible(), WINDOW_S, "the new model is offered")
        self._say(f"Stopped and kept. {view.monitor.head.success.rest.text()}")
        if view.monitor.head.use.isEnabled():
            self._click(view.monitor.head.use)
        self._until(lambda: not view.monitor.head.use.isEnabled(), WINDOW_S, "the new model is in use")
        self._go("models")
        models = self._window.place("models")
        assert isinstance(models, ModelsView)
        self._until(lambda: bool(models.cards), WINDOW_S, "the models are listed")
        self._say(f"Models: {'; '.join(card.name.text() for card in models.cards.values())}.")
        self._shoot("models")
        self._weigh_modules(models.cards[models.models.in_use_id])

    def _weigh_modules(self, card: ModelCard) -> None:
        """Find out what each module of a model is worth."""
        self._click(card.worth)
        view = self._window.place("worth")
        assert isinstance(view, WorthView)
        self._until(lambda: view.drawn == "empty", WINDOW_S, "what modules are worth can be found out")
        self._click(view.empty.action)
        self._until(lambda: view.drawn in ("live", "error"), KEPT_S, "what modules are worth is found out")
        self._say(f"Modules: {view.page.headline.text()} {view.page.measured.text()}")
        self._shoot("worth")

    def _ask_again(self, first_model: str) -> None:
        self._window.go("case")
        view = self._case_view()
        self._until(lambda: view.result.answer.again.isVisible(), WINDOW_S, "the old answer is marked as stale")
        self._click(view.result.answer.again)
        second = self._read_answer(other_than=first_model)
        self._say(f"The new model answered ({second}); before it was {first_model}.")

    def _on_refused(self, problem: ErrorBody) -> None:
        self._refused = problem.text("en")

    def _rooms(self) -> Rooms:
        assert self._workbench.rooms is not None
        return self._workbench.rooms

    def _case_view(self) -> CaseView:
        view = self._window.place("case")
        assert isinstance(view, CaseView)
        return view

    def _training_view(self) -> TrainingView:
        if self._window.place_id != "training":
            self._go("training")
        view = self._window.place("training")
        assert isinstance(view, TrainingView)
        return view

    def _go(self, view_id: str) -> None:
        self._click(self._window._rail_buttons[view_id])
        self._until(lambda: self._window.place_id == view_id, WINDOW_S, f"the place {view_id} is shown")

    def _click(self, button: QAbstractButton) -> None:
        self._until(lambda: button.isVisible() and button.isEnabled(), WINDOW_S, f"“{button.text()}” can be clicked")
        self._say(f"Clicking “{button.text()}”.")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def _until(self, happened: Callable[[], bool], bound_s: float, what: str) -> None:
        """Let the window live until something has happened; raises `StepMissed` after `bound_s` seconds."""
        if happened():
            return
        loop, deadline = QEventLoop(), time.monotonic() + bound_s
        looks = QTimer(interval=20)
        looks.timeout.connect(lambda: loop.quit() if happened() or time.monotonic() > deadline else None)
        looks.start()
        loop.exec()
        looks.stop()
        if not happened():
            raise StepMissed(f"{what} (waited {bound_s:.0f} s)")

    def _shoot(self, name: str, *, variants: bool = True) -> None:
        """Save the window as it is; with `variants` in both languages and both schemes, switched by the strip's buttons."""
        if self._film is not None:
            self._film.held = True
        for _ in range(2 if variants else 1):
            for _ in range(2 if variants else 1):
                self._until(self._is_settled(), WINDOW_S, "the window is drawn")
                self._window.grab().save(str(self._out / f"{name}-{language()}-{theme().scheme}.png"))
                if variants:
                    QTest.mouseClick(self._window.top._theme, Qt.MouseButton.LeftButton)
            if variants:
                QTest.mouseClick(self._window.top._language, Qt.MouseButton.LeftButton)
        QApplication.processEvents()  # the words of the language that is back again
        if self._film is not None:
            self._film.held = False

    @staticmethod
    def _is_settled() -> Callable[[], bool]:
        """Return a condition that holds once the charts, which draw at most every 100 ms, have had their turn."""
        ready = time.monotonic() + 0.3
        return lambda: time.monotonic() > ready

    @staticmethod
    def _say(sentence: str) -> None:
        print(sentence, flush=True)  # noqa: T201  # the tour tells a person, or a log, what it saw


def _carried(files: Sequence[Path]) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    return data


def _drop(target: QWidget, files: Sequence[Path]) -> None:
    """Drop files on the middle of a widget, as a file manager does."""
    data = _carried(files)
    middle = QPoint(target.width() // 2, target.height() // 2)
    action, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(target, QDragEnterEvent(middle, action, data, left, none))
    QApplication.sendEvent(target, QDropEvent(QPointF(middle), action, data, left, none))


def main() -> int:
    """Read the command line and make the tour."""
    parser = argparse.ArgumentParser(
        prog="python -m workbench.tour", description="Drive the real window through the main job."
    )
    parser.add_argument("project", type=Path, help="folder of the demo project; made where it is not there")
    parser.add_argument("out", type=Path, help="folder for the screenshots")
    parser.add_argument("--film", action="store_true", help="also leave the frames of a moving picture in OUT/film")
    given = parser.parse_args()
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Consilium")
    tour = Tour(given.project.resolve(), given.out.resolve(), film=given.film)
    try:
        tour.run()
    except StepMissed as missed:
        print(f"This did not happen: {missed}", file=sys.stderr)  # noqa: T201
        tour.shoot_failure()
        return 1
    finally:
        tour.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
