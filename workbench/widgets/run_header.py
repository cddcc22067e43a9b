"""The head of a run: name, state, progress with time left, device, stages, and the buttons that steer it."""

from typing import Final

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from engine.schema.model import ModelSummary
from workbench.i18n import Retranslated
from workbench.state.jobs import JobState
from workbench.state.recipes import recipe_names
from workbench.theme import BETWEEN, INSIDE
from workbench.widgets.boxes import Frame, button, column, row
from workbench.widgets.redraw import HEATMAP_MS, Redraw
from workbench.widgets.run_facts import log_lines, problem_text
from workbench.widgets.run_words import job_name, machine_sentence, progress_sentence, ready_sentence, share_done
from workbench.widgets.stage_stepper import StageStepper
from workbench.widgets.state_chip import StateChip
from workbench.widgets.text import ElidedText, Text

BUTTONS_BESIDE: Final = 720
"""From this width on the buttons stand beside the name."""
_SCALE: Final = 1000


class Notice(Frame):
    """A card that says one thing about the run, with its actions: failed, finished, the link is down."""

    def __init__(self, tone: str, *actions: QPushButton, parent: QWidget | None = None) -> None:
        self.headline = Text(size="lead", strong=True, wrap=True)
        self.rest = Text(tone="second", wrap=True)
        super().__init__(
            "card", column(self.headline, self.rest, row(*actions, None), margins=(16, 12, 16, 12)), parent
        )
        self.set_tone(tone)
        self.hide()

    def say(self, headline: str, rest: str) -> None:
        """Show the two sentences."""
        self.headline.setText(headline)
        self.rest.setText(rest)
        self.rest.setVisible(bool(rest))
        self.show()


class RunButtons(Retranslated, QWidget):
    """What can be done with a run at its state; throwing work away asks once, in place.

    Signals:
        control_wanted: carries `pause`, `resume`, `stop-and-keep` or `cancel`.
    """

    control_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pause = button("", "pause")
        self.resume = button("", "play")
        self.keep = button("", "stop")
        self.cancel = button("plain", "trash-can-outline")
        self._ask = Text(tone="care", strong=True)
        self.discard = button("", "trash-can-outline")
        self._back = button("plain")
        self.setLayout(row(self.pause, self.resume, self.keep, self.cancel, self._ask, self.discard, self._back))
        for made, action in (
            (self.pause, "pause"),
            (self.resume, "resume"),
            (self.keep, "stop-and-keep"),
            (self.discard, "cancel"),
        ):
            made.clicked.connect(lambda _checked=False, wanted=action: self.control_wanted.emit(wanted))
        self.cancel.clicked.connect(lambda: self._asking(True))
        self._back.clicked.connect(lambda: self._asking(False))
        self.discard.clicked.connect(lambda: self._asking(False))
        self._job: JobState | None = None
        self._is_asking = False
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.pause.setText(self.tr("Pause"))
        self.resume.setText(self.tr("Resume"))
        self.keep.setText(self.tr("Stop and keep"))
        self.keep.setToolTip(self.tr("End now and keep a model of what was learnt so far"))
        self.cancel.setText(self.tr("Cancel and discard"))
        self._ask.setText(self.tr("Throw away what was learnt?"))
        self.discard.setText(self.tr("Discard"))
        self._back.setText(self.tr("Go on training"))

    def show_job(self, job: JobState | None) -> None:
        """Offer what the job's state allows."""
        if job is not self._job:
            self._is_asking = False
        self._job = job
        state = job.info.state if job is not None else "done"
        trains = job is not None and job.info.kind == "train"
        working = state in ("preparing", "running", "paused")
        asking = self._is_asking and (working or state == "queued")
        self.pause.setVisible(trains and not asking and state in ("preparing", "running"))
        self.resume.setVisible(trains and not asking and state == "paused")
        self.keep.setVisible(trains and not asking and working)
        self.cancel.setVisible(not asking and (working or state == "queued"))
        for made in (self._ask, self.discard, self._back):
            made.setVisible(asking)

    def _asking(self, on: bool) -> None:
        self._is_asking = on
        self.show_job(self._job)


class RunHeader(Retranslated, Frame):
    """The head of one run, with the notices that belong above its charts.

    Signals:
        control_wanted: the person steers the run; carries the action.
        stage_chosen: the person looks at a stage; carries its id.
        use_wanted: the finished model shall be used; carries its id.
        models_wanted: the person wants to see all models.
        retry_wanted: a failed run shall be started again as it was.
    """

    control_wanted = Signal(str)
    stage_chosen = Signal(str)
    use_wanted = Signal(str)
    models_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.name = ElidedText(size="title")
        self.chip = StateChip()
        self.buttons = RunButtons()
        self.bar = QProgressBar(maximum=_SCALE, textVisible=False)
        self.progress = Text(tone="second", wrap=True)
        self.device = Text(size="small", tone="hint", wrap=True)
        self.device.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.stepper = StageStepper()
        self._top = row(self.name, self.chip, None, spacing=12)
        self._own_row = row(None)
        below = row(self.progress, self.device, spacing=BETWEEN)
        below.setStretch(0, 1)
        below.setStretch(1, 1)
        parts = column(self._top, self.bar, below, self._own_row, self.stepper, spacing=INSIDE, margins=(16, 12, 16, 8))
        super().__init__("card", parts, parent)
        self._is_narrow: bool | None = None
        self._place_buttons(narrow=False)
        self._job: JobState | None = None
        self._model: ModelSummary | None = None
        self._in_use = ""
        self._redraw = Redraw(self, self._draw, HEATMAP_MS)
        self.go_on = button("primary", "play")
        self.again, self._copy = button("", "refresh"), button("", "content-copy")
        self.use, self._models = button("primary", "check"), button("plain")
        self.failure = Notice("stop", self.go_on, self.again, self._copy)
        self.success = Notice("", self.use, self._models)
        self.buttons.control_wanted.connect(self.control_wanted)
        self.stepper.stage_chosen.connect(self.stage_chosen)
        self.go_on.clicked.connect(lambda: self.control_wanted.emit("resume"))
        self.again.clicked.connect(self.retry_wanted)
        self._copy.clicked.connect(self._on_copy_clicked)
        self.use.clicked.connect(self._on_use_clicked)
        self._models.clicked.connect(self.models_wanted)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.go_on.setText(self.tr("Go on where it was"))
        self.go_on.setToolTip(
            self.tr("It goes on from its last checkpoint; only the steps after that are done once more")
        )
        self.again.setText(self.tr("Start again"))
        self._copy.setText(self.tr("Copy report"))
        self.use.setText(self.tr("Use this model"))
        self._models.setText(self.tr("See all models"))
        self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the buttons a row of their own where the name would have no room beside them."""
        super().resizeEvent(event)
        self._place_buttons(narrow=self.width() < BUTTONS_BESIDE)

    def _place_buttons(self, *, narrow: bool) -> None:
        if narrow == self._is_narrow:
            return
        self._is_narrow = narrow
        for layout in (self._top, self._own_row):
            layout.removeWidget(self.buttons)
        if narrow:
            self._own_row.insertWidget(0, self.buttons)
        else:
            self._top.addWidget(self.buttons)

    def show_job(self, job: JobState | None) -> None:
        """Show a run."""
        old = self._job
        if old is not None:
            old.info_changed.disconnect(self._redraw.mark)
            old.resource_changed.disconnect(self._redraw.mark)
            old.progress_changed.disconnect(self._redraw.mark)
        self._job = job
        if job is not None:
            job.info_changed.connect(self._redraw.mark)
            job.resource_changed.connect(self._redraw.mark)
            job.progress_changed.connect(self._redraw.mark)
        self._draw()

    def show_model(self, model: ModelSummary | None, in_use: str) -> None:
        """Tell what the run made, and which model is in use."""
        self._model, self._in_use = model, in_use
        self._draw()

    def show_stages(self, chosen: str) -> None:
        """Mark the stage whose charts are shown."""
        job = self._job
        if job is not None:
            config = job.info.config
            folds = config.folds * config.parts if config is not None else 0
            self.stepper.show_stages(job.stages, chosen, folds)
            self.stepper.setVisible(len(job.stages) > 1)

    def _draw(self) -> None:
        job = self._job
        if job is None:
            return
        self.name.setText(job_name(job.info))
        self.chip.show_state(job.info.state)
        self.buttons.show_job(job)
        share = share_done(job)
        self.bar.setVisible(not job.has_ended)
        self.bar.setValue(round(_SCALE * (share or 0.0)))
        self.progress.setText(self._progress_text(job))
        self.device.setText(machine_sentence(job))
        self._draw_notices(job)

    def _progress_text(self, job: JobState) -> str:
        match job.info.state:
            case "queued":
                return self.tr("Waiting for its turn: number {position} in the queue.").format(
                    position=max(1, job.info.position)
                )
            case "stopping":
                return self.tr("Finishing the step and saving what was learnt.")
            case "paused":
                return self.tr("Paused. Nothing is lost; resume when you like.") + "  " + progress_sentence(job)
            case "done":
                return self.tr("Finished.")
            case "failed" | "cancelled":
                return ""
            case _:
                return progress_sentence(job) or self.tr("Getting ready.")

    def _draw_notices(self, job: JobState) -> None:
        self.failure.hide()
        self.success.hide()
        if job.info.state == "failed":
            said = problem_text(job.failure) if job.failure is not None else self.tr("The run ended unexpectedly.")
            self.failure.say(self.tr("This run failed"), said)
            self.go_on.setVisible(job.info.can_go_on)
            self.again.setVisible(job.info.config is not None)
        elif job.info.state == "cancelled":
            self.failure.hide()
        elif job.info.state == "done" and self._model is not None:
            self.success.say(
                self.tr("The model is ready: {name}").format(name=recipe_names().shown(self._model.name)),
                ready_sentence(self._model),
            )
            used = self._model.model_id == self._in_use
            self.use.setEnabled(not used)
            self.use.setText(self.tr("In use") if used else self.tr("Use this model"))

    @Slot()
    def _on_use_clicked(self) -> None:
        if self._model is not None:
            self.use_wanted.emit(self._model.model_id)

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(report(self._job))


def report(job: JobState | None) -> str:
    """Return what helps us to mend a failed run: codes, state and the end of the log; nothing of a case."""
    if job is None:
        return ""
    failure = job.failure
    facts = [
        f"job {job.job_id} ({job.info.kind}, recipe {job.info.recipe or '-'}): {job.info.state}",
        f"device: {job.info.device}",
    ]
    if failure is not None:
        facts.append(f"{failure.code}: {problem_text(failure)}")
    headline = QCoreApplication.translate("RunHeader", "Last lines of the log:")
    return "\n".join([*facts, headline, *log_lines(list(job.lines)[-20:])])
