"""A run that never happened: events as the engine sends them, with numbers that behave like training does."""

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from engine import utilisation
from engine.schema.base import MODALITIES, Array
from engine.schema.command import JobInfo, JobState
from engine.schema.event import (
    Alert,
    Checkpoint,
    Event,
    EventBody,
    Finished,
    Gate,
    JobChanged,
    Log,
    Metrics,
    PinnedCase,
    PinnedPredictions,
    Progress,
    Resource,
    Routing,
    Saturation,
    TeacherReady,
)
from engine.schema.model import Interval, TeacherReport

BEGAN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LABELS = ("croup", "bronchitis", "pneumonia", "asthma")
CASES = (
    ("demo-0412", "Case 0412", "croup"),
    ("demo-0087", "Case 0087", "pneumonia"),
    ("demo-1203", "Case 1203", "asthma"),
    ("demo-0555", "Case 0555", "bronchitis"),
)


def job_info(state: JobState = "running", job_id: str = "run-1", **changes: object) -> JobInfo:
    """Return a job as the service lists it."""
    facts = {
        "job_id": job_id,
        "kind": "train",
        "name": "Demo clinic, first run",
        "state": state,
        "recipe": "distil",
        "device": "no GPU: CPU (1 threads)",
        "created_at": BEGAN,
    }
    return JobInfo.model_validate(facts | changes)


PIECES = (2100, 3200, 2550)
"""Tokens of each modality in a measurement; every one goes to two experts."""


def _numbers(values: np.ndarray, dtype: str = "int64") -> Array:
    return Array.pack(values.ravel().tolist(), values.shape, dtype)


def gate(step: int, layers: int = 2, experts: int = 8) -> Gate:
    """Return gates that grow surer as the run goes on; pictures are told apart best."""
    tokens = np.array(PIECES)
    sure = 1 - math.exp(-step / 200)
    kinds = np.array([0.8, 1.0, 0.6]) * np.linspace(0.8, 1.0, layers)[:, None]
    top = 1 / experts + (0.9 - 1 / experts) * sure * kinds
    return Gate(
        tokens=_numbers(tokens),
        unserved=_numbers(np.zeros((layers, len(tokens)), np.int64)),
        top=_numbers(top * tokens, "float32"),
        entropy=_numbers((1 - 0.8 * sure * kinds) * tokens, "float32"),
        margin=_numbers((0.3 * sure * kinds) * tokens, "float32"),
    )


def saturation(steps: tuple[int, ...], stage: str = "final", layers: int = 2) -> Saturation:
    """Return a stage whose routing settled as an exponential does."""
    tokens = np.array(PIECES)
    kept = np.array([[(1 - 0.6 * math.exp(-step / 150)) * tokens] * layers for step in steps[:-1]])
    return Saturation(
        step=steps[-1], stage=stage, steps=steps[:-1], kept=_numbers(kept, "float32"), tokens=_numbers(tokens)
    )


def _together(counts_LE: np.ndarray) -> np.ndarray:
    """Return pairs of experts: each one's pieces go to neighbours of the same colour more than to others."""
    experts = counts_LE.shape[1]
    near = 1.0 + 3.0 * (np.subtract.outer(np.arange(experts), np.arange(experts)) % 3 == 0)
    np.fill_diagonal(near, 0.0)
    pairs = []
    for counts_E in counts_LE:
        weight = near * np.sqrt(np.outer(counts_E, counts_E))
        both = np.round(weight / np.maximum(weight.sum(1).max(), 1e-9) * counts_E.max()).astype(np.int64)
        np.fill_diagonal(both, np.maximum(counts_E, both.sum(1)))
        pairs.append(both)
    return np.array(pairs)


def routing(step: int, source: str = "training", stage: str = "final", layers: int = 2, experts: int = 8) -> Routing:
    """Return counts in which experts turn to one modality as the run goes on; expert 8 of layer 2 does nothing."""
    draw = np.random.default_rng(step)
    leaning = min(1.0, step / 400)
    counts = np.zeros((layers, experts, len(MODALITIES)), np.int64)
    for layer in range(layers):
        for m, pieces in enumerate(2 * tokens for tokens in PIECES):
            share = np.ones(experts) + 4 * leaning * (np.arange(experts) % 3 == (m + layer) % 3)
            if layer == layers - 1 and step > 100:
                share[-1] = 0.004
            counts[layer, :, m] = draw.multinomial(pieces, share / share.sum())
    totals = counts.sum(axis=2)
    changed = np.round(np.array(PIECES) * np.linspace(0.5, 0.3, layers)[:, None] * math.exp(-step / 150))
    checked = {"changed": _numbers(changed.astype(np.int64)), "together": _numbers(_together(totals), "int32")}
    return Routing(
        step=step,
        source="check" if source == "check" else "training",
        stage=stage,
        counts=_numbers(counts),
        entropy=tuple(utilisation.entropy(totals).tolist()),
        max_violation=tuple(utilisation.max_violation(totals).tolist()),
        gate=gate(step, layers, experts),
        **(checked if source == "check" else {}),
    )


def teacher(name: str, parameters: int, value: float, modalities: tuple[str, ...]) -> TeacherReady:
    """Return a teacher that was measured on 2,000 cases."""
    accuracy = Interval(value=value, low=value - 0.021, high=value + 0.019, n=2000)
    return TeacherReady(
        report=TeacherReport(
            name=name, kind="pretrained", parameters=parameters, accuracy=accuracy, modalities=modalities, seconds=41.0
        )
    )


def _metrics(step: int, per_epoch: int, stage: str, noise: random.Random) -> Metrics:
    falling = math.exp(-step / 260)
    parts = {
        "hard": 0.38 + 1.0 * falling,
        "distil": 0.21 + 0.9 * falling,
        "hidden": 0.11 + 0.3 * falling,
        "balance": 0.0103 + 0.004 * falling,
        "router_z": 0.0021,
        "auxiliary": 0.25 + 0.5 * falling,
        "consistency": 0.0,
    }
    jittered = {name: value * (1 + 0.06 * noise.gauss(0, 1)) for name, value in parts.items()}
    values = jittered | {"loss": sum(jittered.values()), "learning_rate": 0.002, "gradient_norm": 0.8}
    return Metrics(step=step, epoch=step / per_epoch, split="train", values=values, stage=stage)


def _check(step: int, per_epoch: int, stage: str) -> Metrics:
    falling = math.exp(-step / 240)
    values = {"loss": 0.62 + 1.05 * falling, "accuracy": 0.86 - 0.55 * falling, "nll": 0.51 + 0.9 * falling}
    return Metrics(step=step, epoch=step / per_epoch, split="check", values=values, stage=stage)


def _pinned(step: int) -> PinnedPredictions:
    cases = []
    for index, (case_id, title, truth) in enumerate(CASES):
        sure = 0.3 + 0.6 * (1 - math.exp(-step / (150 + 60 * index)))
        label = truth if sure > 0.42 else LABELS[(index + 1) % len(LABELS)]
        rest = (1 - sure) / (len(LABELS) - 1)
        probabilities = tuple(sure if name == label else rest for name in LABELS)
        cases.append(
            PinnedCase(
                case_id=case_id, title=title, truth=truth, label=label, probability=sure, probabilities=probabilities
            )
        )
    return PinnedPredictions(step=step, labels=LABELS, cases=tuple(cases))


def bodies(steps: int = 600, stages: tuple[str, ...] = ("fold-1", "fold-2", "final")) -> Iterator[EventBody]:
    """Yield a whole distillation: reading, teaching, stages with their curves, the end."""
    noise = random.Random(7)
    yield Log(level="info", code="device", parameters={"sentence": "no GPU: CPU (1 threads)", "threads": 1})
    yield Log(level="info", code="early-stopping", parameters={"epoch": 12, "epochs": 30})
    yield Progress(phase="reading", done=412, total=2000)
    yield Progress(phase="reading", done=2000, total=2000)
    yield teacher("MiniLM-L6-v2", 22_700_000, 0.712, ("text",))
    yield teacher("Dense multimodal teacher", 4_180_000, 0.874, MODALITIES)
    per_epoch = 32
    for stage in stages:
        for step in range(1, steps + 1):
            yield _metrics(step, per_epoch, stage, noise)
            if step % 5 == 0:
                yield routing(step, stage=stage)
            if step % 10 == 0:
                left = (steps - step) * 0.11
                yield Progress(phase="training", done=step, total=steps, detail=stage, seconds_left=left)
            if step % per_epoch == 0:
                yield _check(step, per_epoch, stage)
                yield routing(step, source="check", stage=stage)
                yield _pinned(step)
            if step % 100 == 0:
                yield Checkpoint(step=step, name=f"{stage}-{step}", sha256="ab" * 32)
                yield Resource(device="no GPU: CPU (1 threads)", threads=1, cpu=0.97, memory=612 << 20)
        checked = tuple(range(per_epoch, steps + 1, per_epoch))
        if stage != stages[-1] and len(checked) > 1:
            yield saturation(checked, stage)
    yield Alert(code="dead-expert", parameters={"layer": 2, "expert": 8, "share": 0.0005, "checks": 3})


def events(made: Iterator[EventBody] | None = None, job: str = "run-1", first: int = 1) -> list[Event]:
    """Return bodies as numbered events of a job."""
    found = []
    for n, body in enumerate(made if made is not None else bodies(), start=first):
        found.append(Event(seq=1000 + n, at=BEGAN + timedelta(seconds=0.2 * n), job=job, n=n, body=body))
    return found


def changed(info: JobInfo, seq: int = 1) -> Event:
    """Return the service's own event that a job changed."""
    return Event(seq=seq, at=BEGAN, job=info.job_id, n=0, body=JobChanged(job=info))


def finished() -> Finished:
    """Return the last word of a run that went well."""
    return Finished(outcome="done", folder="model", values={"seconds": 201.0})
