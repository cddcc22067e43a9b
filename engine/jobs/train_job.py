"""Training as a job: from the run folder to a council in `RUN/final`, whatever happens in between.

Validation rows are read at the very end, when every weight and every threshold is on the disk, for one figure alone.
"""

import dataclasses
import platform
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.device import choose_device, set_threads, torch_device
from engine.evaluate.council import measure_council
from engine.jobs.run_folder import RunFolder, Stopped
from engine.jobs.unfit import refuse_unfit
from engine.model.pretrained import Council, load_council, save_council
from engine.model.student import Student, count_parameters
from engine.model.upcycle import upcycled_shape
from engine.predict.inputs import describe
from engine.preprocess.knowledge import CaseKnowledge
from engine.preprocess.preparation import Preparation
from engine.schema import knowledge_file
from engine.schema.case import Case
from engine.schema.catalog import DeviceInfo
from engine.schema.config import RunConfig
from engine.schema.errors import ConsiliumError, EngineFault, UserError
from engine.schema.event import Finished, Log, Problem
from engine.schema.knowledge import Knowledge
from engine.schema.knowledge_report import KnowledgeReport
from engine.schema.ledger import LEDGER_FILE
from engine.schema.model import InsideEncoder, Measured, ModelSummary
from engine.schema.worker import ALONE_FILE
from engine.store.blobs import write_whole
from engine.store.reading import in_order
from engine.teachers.lessons import LessonCache
from engine.train.check import CHECK_CASES, PINNED_CASES, choose_rows, record_check
from engine.train.controls import CONTROLS
from engine.train.finish import Kept, choose_kept, fit_calibration, fit_novelty, measure_held, student_with
from engine.train.folds import Deal
from engine.train.guidance import labelled_findings, make_guide, refuse_too_many
from engine.train.hiding import fit_hidden
from engine.train.inside import with_states
from engine.train.knowing import report_knowledge
from engine.train.ledger import make_ledger
from engine.train.material import Material, fit_preparation, prepare_material, training_cases
from engine.train.policy import fit_enough
from engine.train.run import StartWeights, Trained, train_run
from engine.train.starting import save_folds, start_weights, upcycle_start
from engine.train.telemetry import Pinned
from engine.train.together import alike
from engine.train.trainer import Surroundings

T = TypeVar("T")

FINAL = "final"
LESSONS = "lessons"
_ORPHANED_MINUTES = 10.0
_PHASES: dict[str, str] = {"teacher": "teaching", "teaching": "teaching", "fold": "fold"}
_PHASES |= dict.fromkeys(CONTROLS, "measuring")
"""Phase of the job by the first word of a stage's name; what is not here is training."""


def run(folder: RunFolder) -> None:
    """Train as the task says and leave the council in the run folder; raises `Stopped` where nothing is to be kept."""
    config = folder.task.train
    if config is None:
        raise UserError("no-training-data")
    _Training(folder, config).run()


class _Training:
    def __init__(self, folder: RunFolder, config: RunConfig) -> None:
        self.folder, self.config = folder, config
        self.began = time.monotonic()
        self.stopped = self.orphaned = False
        self.ordered = config.loss.ordinal > 0
        self.answers = folder.task.answers
        self.deal = Deal(folds=config.folds, seed=config.seed, parts=config.parts)
        self.parent = Path(folder.task.model_folder) if folder.task.model_folder and config.start_from else None
        self.knowledge = self._knowledge()

    def run(self) -> None:
        """Do the job, top to bottom."""
        device = self._device()
        everything = list(self.folder.cases())
        refuse_unfit(self.config, self.answers)
        if self.config.loss.ordinal:  # a wrong order would be learned without a word
            order = " < ".join(label.shown("en") for label in self.folder.task.labels)
            self._log("ordinal-order", "info", order=order)
        cases = training_cases(everything, self.folder.task.labels, self.answers)
        start = load_council(self.parent) if self.parent is not None else None
        if start is not None:
            self.ordered = self.ordered or (start.summary is not None and start.summary.ordered)
            shape = upcycled_shape(start.config, self.config.student) if self.config.upcycle else start.config
            self.config = self.config.model_copy(update={"student": shape})
        elif self.config.upcycle:
            detail = "there is no model to start from: name a dense one with start_from"
            raise UserError("bad-setting", key="upcycle", value="true", detail=detail)
        if self.knowledge is not None and self.config.knowledge.specialists:
            refuse_too_many(len(self.knowledge.specialists), self.config.student)
        material = self._known(self._material(cases, start), device)
        around = self._surroundings(material, device)
        if self.knowledge is not None:
            guide = make_guide(self.knowledge, self.config.knowledge, material, cases)
            around = dataclasses.replace(around, guide=guide)
        trained = train_run(
            around, self.config, Path(self.folder.task.project) / LESSONS, self._weights(start, material)
        )
        if self.orphaned:  # what it did is kept; the next service finds the mark and starts it again
            self.folder.write(ALONE_FILE, b"")
            raise SystemExit(0)
        kept = choose_kept(trained, material.labels_N, self.folder.path)
        if kept is None:
            self._log("nothing-to-keep", "warning")
            raise Stopped(keep=True)
        council = self._council(kept, trained, material, cases, device)
        council = self._judged(council, kept, around)
        self._save(council, kept, trained, material)
        # The model is whole: what can still go wrong costs a figure, not the run.
        self._if_it_can(lambda: self._enter(kept, trained, material, device))
        validation = self._if_it_can(lambda: self._validate(council, everything, device))
        if validation is not None and council.summary is not None:
            council = dataclasses.replace(
                council, summary=council.summary.model_copy(update={"validation": validation})
            )
            save_council(self.folder.path / FINAL, council)
        self._finish(council, kept)

    def stopping(self) -> bool:
        """Wait while paused; say whether to end and keep; a cancelled run ends right here."""
        if self.stopped:
            return True
        try:
            self.folder.obey()
        except Stopped as stopped:
            if not stopped.keep:
                raise
            self.stopped = True
        if self.folder.orphaned(_ORPHANED_MINUTES):
            self.stopped = self.orphaned = True
        return self.stopped

    def _device(self) -> DeviceInfo:
        set_threads(self.config.threads)
        device = choose_device(self.config.device)
        facts: dict[str, str | int | float] = {"kind": device.kind, "name": device.name, "threads": device.threads}
        self._log("device", "info", **facts, memory=device.memory, sentence=device.sentence())
        return device

    def _knowledge(self) -> Knowledge | None:
        """Return the knowledge file that the task names; raises `knowledge-none` where the run asks for one and there is none."""
        told = self.folder.task.knowledge
        if told is None:
            if self.config.knowledge.version and self.parent is None:
                raise UserError("knowledge-none", id=self.config.dataset)
            return None
        names = [label.name for label in self.folder.task.labels]
        return knowledge_file.read(self.folder.blobs.read(told.sha256), names)

    def _material(self, cases: Sequence[Case], start: Council | None) -> Material:
        blobs, labels = self.folder.blobs, self.folder.task.labels
        self.folder.progress("reading", 0, max(1, len(cases)))
        if start is not None and (start.answers, [one.name for one in start.labels]) != (
            self.answers,
            [label.name for label in labels],
        ):
            raise UserError(
                "bad-setting", key="start_from", value=self.config.start_from, detail="it knows other answers"
            )
        preparation: Preparation = (
            start.preparation if start is not None else fit_preparation(cases, blobs, self.config.student)
        )
        if start is None and self.knowledge is not None:
            use = self.config.knowledge
            read = CaseKnowledge.of(
                self.knowledge, labels, labelled_findings(cases, self.knowledge), use.descriptions, use.rules
            )
            preparation = preparation.model_copy(update={"knowledge": read})
        return prepare_material(
            cases,
            labels,
            blobs,
            preparation,
            self.config.seed,
            lambda done, n: self.folder.progress("reading", done, n),
            self.answers,
        )

    def _known(self, material: Material, device: DeviceInfo) -> Material:
        """Return the cases with what encoders kept inside make of them, computed once for all runs of the project."""
        return with_states(
            material,
            LessonCache(Path(self.folder.task.project) / LESSONS),
            torch_device(device),
            lambda code, facts: self._log(code, "info", **facts),
            lambda done, total: self._progress("teaching", done, total),
        )

    def _surroundings(self, material: Material, device: DeviceInfo) -> Surroundings:
        check = choose_rows(material, self.config.seed, CHECK_CASES, "check")
        record_check(self.folder.path, material, check)
        place = {case_id: row for row, case_id in enumerate(material.case_ids)}
        asked = tuple(place[case_id] for case_id in self.config.pinned if case_id in place)
        rows = asked or choose_rows(material, self.config.seed, PINNED_CASES, "pinned")
        names = [label.name for label in material.labels]
        return Surroundings(
            run=self.folder.path,
            material=material,
            device=device,
            sink=self.folder.events.emit,
            stopping=self.stopping,
            progress=self._progress,
            check_rows=check,
            pinned=Pinned(
                rows,
                tuple(material.case_ids[row] for row in rows),
                tuple(material.titles[row] for row in rows),
                tuple(tuple(names[place] for place in _places(material.labels_N[row])) for row in rows),
            ),
        )

    def _progress(self, stage: str, done: int, total: int) -> None:
        kind = stage.partition("-")[0]
        phase = _PHASES.get(kind, "training")
        self.folder.progress(phase, done, total, stage)

    def _weights(self, start: Council | None, material: Material) -> StartWeights | None:
        """Return what to start from; without fold students of the same cases everything starts afresh, because it would leak."""
        if start is None or self.parent is None:
            return None
        weights = start_weights(self.parent, start.student.state_dict(), material, self.deal)
        if weights is None:
            self._log("start-without-folds", "warning")
            self.parent = None  # it was not started from after all
            return None
        self.deal = weights.deal
        return upcycle_start(weights, self.config, material) if self.config.upcycle else weights

    def _council(
        self, kept: Kept, trained: Trained, material: Material, cases: Sequence[Case], device: DeviceInfo
    ) -> Council:
        self.folder.progress("measuring", 0, 3)
        student = student_with(kept.weights, material, self.config.student)
        calibration = fit_calibration(kept.held, material.labels_N, material.patterns(), self.config.alpha)
        names = [fold.name for fold in trained.folds]
        calibration = fit_hidden(kept, material, self.config.student, names, calibration)
        enough = fit_enough(kept, material, self.config.student, names, calibration)
        calibration = dataclasses.replace(calibration, enough=enough)
        self.folder.progress("measuring", 1, 3)
        by_id = {case.case_id: case for case in cases}
        parts = (by_id[case_id].parts for case_id in material.case_ids)
        facts = list(in_order(lambda found: describe(found, self.folder.blobs), parts))
        reference = fit_novelty(kept, material, self.config.student, names, facts, device)
        self.folder.progress("measuring", 2, 3)
        measured = measure_held(kept.held, material, self.config.alpha, self.ordered)
        summary = self._summary(
            student=student,
            trained=trained,
            measured=measured,
            device=device,
            inside=material.preparation.inside,
        )
        return Council(
            student,
            material.preparation,
            material.labels,
            self.config.student,
            calibration,
            reference,
            summary,
            self.answers,
        )

    def _judged(self, council: Council, kept: Kept, around: Surroundings) -> Council:
        """Return the council with what became of its knowledge file, where it has one."""
        report: KnowledgeReport | None = None
        told, guide = self.folder.task.knowledge, around.guide
        if told is not None and guide is not None:
            self.folder.progress("measuring", 2, 3, "knowledge")
            temperature = council.calibration.temperature if council.calibration is not None else {}
            report = report_knowledge(
                told, guide, kept, around.material, self.config.student, temperature, around.device
            )
        if report is None or council.summary is None:
            return council
        return dataclasses.replace(council, summary=council.summary.model_copy(update={"knowledge": report}))

    def _summary(
        self,
        student: Student,
        trained: Trained,
        measured: Measured,
        device: DeviceInfo,
        inside: tuple[InsideEncoder, ...],
    ) -> ModelSummary:
        config, task = self.config, self.folder.task
        parameters, active = count_parameters(student)
        return ModelSummary(
            model_id=f"model-{task.job_id.partition('-')[2] or task.job_id}",
            name=config.name or config.recipe,
            dataset=config.dataset,
            labels=task.labels,
            answers=task.answers,
            ordered=self.ordered,
            recipe=config.recipe,
            run=task.job_id,
            parent=config.start_from if self.parent is not None else "",
            parameters=parameters,
            active_parameters=active,
            layers=config.student.layers,
            experts=config.student.experts,
            alike=alike(student),
            teachers=trained.reports,
            inside=inside,
            out_of_fold=measured,
            synthetic=task.synthetic,
            domain=task.domain,
            seed=config.seed,
            device=device.sentence(),
            seconds=time.monotonic() - self.began,
            created_at=datetime.now(UTC),
        )

    def _save(self, council: Council, kept: Kept, trained: Trained, material: Material) -> None:
        self.folder.progress("saving", 0, 1)
        target = self.folder.path / FINAL
        save_council(target, council)
        save_folds(target, trained.folds, kept.folds, material, self.deal)
        self.folder.progress("saving", 1, 1)

    def _enter(self, kept: Kept, trained: Trained, material: Material, device: DeviceInfo) -> None:
        """Keep a distillation's ledger with its model."""
        if not trained.taught:
            return
        self.folder.progress("measuring", 2, 3, "ledger")
        ledger = make_ledger(kept, trained, material, self.config)
        data = ledger.model_copy(update={"machine": f"{platform.machine()}, {device.sentence()}"}).model_dump_json(
            indent=1
        )
        write_whole(self.folder.path / FINAL / LEDGER_FILE, data.encode())

    def _validate(self, council: Council, everything: Sequence[Case], device: DeviceInfo) -> Measured | None:
        """Measure the finished council on the validation rows, where there are any."""
        names = {label.name for label in council.labels}
        rows = [
            case
            for case in everything
            if case.split == "val" and case.has_answer(names, self.answers) and case.readable()
        ]
        if not rows:
            return None
        self.folder.progress("measuring", 2, 3)
        return measure_council(council, rows, self.folder.blobs, "val", device)

    def _if_it_can(self, measure: Callable[[], T]) -> T | None:
        """Return what is measured of the finished model; where a file is damaged or the disk full, say so and go on without."""
        try:
            return measure()
        except (ConsiliumError, OSError) as error:
            problem = (
                error.body()
                if isinstance(error, ConsiliumError)
                else EngineFault("internal", detail=type(error).__name__).body()
            )
            self.folder.events.emit(Problem(problem=problem))
            self._log("not-measured", "warning")
            return None

    def _finish(self, council: Council, kept: Kept) -> None:
        summary = council.summary
        values: dict[str, str | int | float] = {
            "epochs": kept.result.epoch,
            "seconds": round(time.monotonic() - self.began, 1),
            "stage": kept.result.name,
        }
        if summary is not None and summary.out_of_fold is not None:
            values |= {"accuracy": summary.out_of_fold.accuracy.value, "nll": summary.out_of_fold.nll}
        if summary is not None and summary.validation is not None:
            values["val"] = summary.validation.accuracy.value
        outcome = "stopped" if self.stopped else "done"
        self.folder.events.emit(Finished(outcome=outcome, folder=FINAL, values=values))

    def _log(self, code: str, level: str, **parameters: str | int | float) -> None:
        self.folder.events.emit(Log.model_validate({"level": level, "code": code, "parameters": parameters}))


def _places(truth: NDArray[np.int64]) -> list[int]:
    """Return the places of a case's true labels: its one, or those that are marked."""
    return np.flatnonzero(truth).tolist() if truth.ndim else [int(truth)]
