"""A run in words: where it is, how long it will take, what it computes on, what came of it."""

import re

from PySide6.QtCore import QCoreApplication

from engine.schema.catalog import DeviceInfo
from engine.schema.model import Measured, ModelSummary
from workbench.state.jobs import JobState
from workbench.widgets.run_facts import interval_text
from workbench.words import Durations

TOO_FEW: int = 100
"""Below this many test cases a share says too little (safety stance 3)."""

_translate = QCoreApplication.translate
_NO_GPU = re.compile(r"no GPU: CPU \((\d+) threads?\)")


def phase_word(phase: str) -> str:
    """Return what people call a phase."""
    return {
        "reading": _translate("RunWords", "reading the cases"),
        "teaching": _translate("RunWords", "asking the teachers"),
        "fold": _translate("RunWords", "training the folds"),
        "training": _translate("RunWords", "training"),
        "measuring": _translate("RunWords", "measuring"),
        "generating": _translate("RunWords", "making the cases"),
        "saving": _translate("RunWords", "saving the model"),
    }.get(phase, phase)


def job_name(job: JobState) -> str:
    """Return a job's name, or what kind of job it is."""
    if job.info.name:
        return job.info.name
    return {
        "import": _translate("RunWords", "Import"),
        "train": _translate("RunWords", "Training"),
        "evaluate": _translate("RunWords", "Measurement"),
        "demo": _translate("RunWords", "Demo cases"),
    }[job.info.kind]


def share_done(job: JobState) -> float | None:
    """Return how far the phase is, from 0 to 1; None where nobody knows."""
    progress = job.progress
    done, total = (progress.done, progress.total) if progress is not None else (job.info.done, job.info.total)
    return min(1.0, done / total) if total > 0 else None


def progress_sentence(job: JobState) -> str:
    """Return where the run is: phase, count, share, time left."""
    progress = job.progress
    phase = progress.phase if progress is not None else job.info.phase
    done, total = (progress.done, progress.total) if progress is not None else (job.info.done, job.info.total)
    left = progress.seconds_left if progress is not None else job.info.seconds_left
    parts = [phase_word(phase)] if phase else []
    if total > 0:
        parts.append(
            _translate("RunWords", "{done} of {total} · {share} %").format(
                done=done, total=total, share=int(100 * done / total)
            )
        )
    if left is not None and not job.has_ended and job.info.state != "paused":
        parts.append(Durations.left(left))
    return " · ".join(parts)


def device_sentence(device: DeviceInfo | str) -> str:
    """Return what the run computes on: the GPU's name and memory, or that there is none."""
    said = device.sentence() if isinstance(device, DeviceInfo) else device
    found = _NO_GPU.fullmatch(said)
    if found is None:
        return said
    threads = int(found[1])
    if threads == 1:
        return _translate("RunWords", "no GPU: CPU (1 thread)")
    return _translate("RunWords", "no GPU: CPU ({threads} threads)").format(threads=threads)


def _measured_sentence(measured: Measured, said: str, few: str) -> str:
    interval = measured.accuracy
    return few.format(n=interval.n) if interval.n < TOO_FEW else said.format(share=interval_text(interval))


def accuracy_sentence(model: ModelSummary) -> str:
    """Return how often a model was right, with n and interval, on cases it never learned from; or that too few were measured."""
    if model.validation is not None:
        return _measured_sentence(
            model.validation,
            _translate("RunWords", "Right in {share} of cases kept aside for the test."),
            _translate("RunWords", "Only {n} test cases: too few to say how often it is right."),
        )
    if model.out_of_fold is not None:
        return _measured_sentence(
            model.out_of_fold,
            _translate(
                "RunWords", "Right in {share} of the training cases, each judged by a model that had not seen it."
            ),
            _translate("RunWords", "Only {n} training cases: too few to say how often it is right."),
        )
    return _translate("RunWords", "It has not been measured.")
