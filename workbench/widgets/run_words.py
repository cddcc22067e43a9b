"""A run in words: where it is, how long it will take, what it computes on, what came of it."""

import re

from PySide6.QtCore import QCoreApplication

from engine.schema.catalog import DeviceInfo
from engine.schema.command import JobInfo
from engine.schema.model import Measured, ModelSummary
from workbench.state.jobs import JobState
from workbench.state.predictions import ModalityWords
from workbench.state.recipes import recipe_names
from workbench.widgets.run_facts import interval_text
from workbench.words import Durations, size_in_words

TOO_FEW: int = 100
"""Below this many measured cases a share says too little (safety stance 3)."""

translate = QCoreApplication.translate
_NO_GPU = re.compile(r"no GPU: CPU \((\d+) threads?\)")


def phase_word(phase: str) -> str:
    """Return what people call a phase."""
    return {
        "reading": translate("RunWords", "reading the cases"),
        "teaching": translate("RunWords", "asking the teachers"),
        "fold": translate("RunWords", "training the folds"),
        "training": translate("RunWords", "training"),
        "measuring": translate("RunWords", "measuring"),
        "weighing": translate("RunWords", "weighing the modules"),
        "generating": translate("RunWords", "making the cases"),
        "saving": translate("RunWords", "saving the model"),
    }.get(phase, phase)


def job_name(job: JobInfo) -> str:
    """Return a job's name, else its recipe's title, else what kind of job it is."""
    if job.name and job.name != job.recipe:
        return recipe_names().shown(job.name)
    if job.recipe:
        title = recipe_names().title(job.recipe)
        return title or translate("RunWords", "Training ({recipe})").format(recipe=job.recipe)
    return {
        "import": translate("RunWords", "Import"),
        "train": translate("RunWords", "Training"),
        "evaluate": translate("RunWords", "Measurement"),
        "demo": translate("RunWords", "Demo cases"),
    }[job.kind]


def share_done(job: JobState) -> float | None:
    """Return how far the phase is, from 0 to 1; None where nobody knows."""
    progress = job.progress
    done, total = (progress.done, progress.total) if progress is not None else (job.info.done, job.info.total)
    return min(1.0, done / total) if total > 0 else None


def progress_sentence(job: JobState) -> str:
    """Return where the run is: phase, count, share, time left."""
    progress = job.progress
    done, total = (progress.done, progress.total) if progress is not None else (job.info.done, job.info.total)
    parts = [_phase(job)]
    if total > 0:
        parts.append(
            translate("RunWords", "{done} of {total} · {share} %").format(
                done=done, total=total, share=int(100 * done / total)
            )
        )
    return " · ".join(part for part in (*parts, _time_left(job)) if part)


def progress_in_short(job: JobState) -> tuple[str, str]:
    """Return what the run does, and apart from it how far it is and how long it will take: the part never to be cut off."""
    share = share_done(job)
    far = [f"{int(100 * share)} %" if share is not None else "", _time_left(job)]
    return _phase(job), " · ".join(part for part in far if part)


def _phase(job: JobState) -> str:
    phase = job.progress.phase if job.progress is not None else job.info.phase
    return phase_word(phase) if phase else ""


def _time_left(job: JobState) -> str:
    left = job.progress.seconds_left if job.progress is not None else job.info.seconds_left
    return Durations.left(left) if left is not None and not job.has_ended and job.info.state != "paused" else ""


def device_sentence(device: DeviceInfo | str) -> str:
    """Return what the run computes on: the GPU's name and memory, or that there is none."""
    said = device.sentence() if isinstance(device, DeviceInfo) else device
    found = _NO_GPU.fullmatch(said)
    if found is None:
        return said
    threads = int(found[1])
    if threads == 1:
        return translate("RunWords", "no GPU: CPU (1 thread)")
    return translate("RunWords", "no GPU: CPU ({threads} threads)").format(threads=threads)


def machine_sentence(job: JobState) -> str:
    """Return what a run computes on and, while it works, how much of it it takes."""
    parts = [device_sentence(job.device)] if job.device else []
    resource = job.resource
    if resource is not None and job.info.state == "running":
        if resource.gpu_total:
            said = translate("RunWords", "GPU memory {used} of {total}")
            parts.append(said.format(used=size_in_words(resource.gpu_memory), total=size_in_words(resource.gpu_total)))
        parts.append(translate("RunWords", "memory {used}").format(used=size_in_words(resource.memory)))
    return " · ".join(parts)


def _measured_sentence(measured: Measured, said: str, few: str) -> str:
    interval = measured.accuracy
    return few.format(n=interval.n) if interval.n < TOO_FEW else said.format(share=interval_text(interval))


def accuracy_sentence(model: ModelSummary) -> str:
    """Return how often a model was right, with n and interval, on cases it never learned from; or that too few were measured."""
    if model.answers == "several":
        return _several_sentence(model)
    if model.validation is not None:
        return _measured_sentence(
            model.validation,
            translate("RunWords", "Right in {share} of cases kept aside for validation."),
            translate("RunWords", "Only {n} validation cases: too few to say how often it is right."),
        )
    if model.out_of_fold is not None:
        return _measured_sentence(
            model.out_of_fold,
            translate(
                "RunWords", "Right in {share} of the training cases, each judged by a model that had not seen it."
            ),
            translate("RunWords", "Only {n} training cases: too few to say how often it is right."),
        )
    return translate("RunWords", "It has not been measured.")


def _several_sentence(model: ModelSummary) -> str:
    """Return how often all labels of a case were right at once: the main figure where a case may have several."""
    if model.validation is not None:
        return _measured_sentence(
            model.validation,
            translate("RunWords", "All labels right (exact match) in {share} of cases kept aside for validation."),
            translate("RunWords", "Only {n} validation cases: too few to say how often it is right."),
        )
    if model.out_of_fold is not None:
        return _measured_sentence(
            model.out_of_fold,
            translate(
                "RunWords",
                "All labels right (exact match) in {share} of the training cases, each judged by a model that had not seen it.",
            ),
            translate("RunWords", "Only {n} training cases: too few to say how often it is right."),
        )
    return translate("RunWords", "It has not been measured.")


def ready_sentence(model: ModelSummary) -> str:
    """Return how good a new model is, with the stamp of one that learned from generated cases."""
    said = ModalityWords().stamp(model.domain)
    stamp = translate("RunWords", "{sentence}.").format(sentence=said) if model.synthetic else ""
    return " ".join(part for part in (accuracy_sentence(model), stamp) if part)
