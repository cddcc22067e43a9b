"""The table of fusions and losses: each pair trained and measured as a job would do it, kept by the hash of what it depends on.

    python -m engine.jobs.table PROJECT --out FILE [--recipe quick] [--fusions a,b] [--losses a,b] [--no-baseline] [--seed N] [--set key=value]

What is kept lies in `PROJECT/tables/<hash>/`: a run folder like any other, and `row.json` once it has ended. Killed, it goes on
from the last checkpoint when it is called again; called again afterwards, it computes nothing.
"""

import argparse
import dataclasses
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from engine import __version__
from engine.evaluate.measures import wilson
from engine.evaluate.subsets import counterintuitive_rate, subset_losses
from engine.jobs import recipes, train_job
from engine.jobs.by_hand import exit_code
from engine.jobs.run_folder import CASES_FILE, TASK_FILE, RunFolder
from engine.model.fusion import fusions
from engine.model.pretrained import load_council
from engine.preprocess.batch import Batch, collate
from engine.schema.base import Message
from engine.schema.case import Case, Dataset
from engine.schema.config import RunConfig, apply_settings
from engine.schema.errors import ConsiliumError, UserError
from engine.schema.model import Interval, Measured, ModelSummary
from engine.schema.worker import MODEL_FOLDER, SUMMARY_FILE, Task
from engine.store import cases, facts
from engine.store.blobs import Blobs, write_whole
from engine.store.database import Database
from engine.store.locks import hold
from engine.store.project import ProjectFolder
from engine.store.reading import in_order

_TAUGHT = {"teachers": "pretrained-text", "loss.distil": "1.0", "loss.hidden": "0"}
LOSSES: dict[str, dict[str, str]] = {
    "plain": {},
    "no-auxiliary": {"loss.auxiliary": "0"},
    "consistency": {"loss.consistency": "0.05"},
    "contrast": {"loss.contrast": "0.1"},
    "more-not-worse": {"loss.more_not_worse": "0.1"},
    "distil": _TAUGHT,
    "hidden": _TAUGHT | {"loss.hidden": "2.0"},
    "relation": _TAUGHT | {"loss.relation_distance": "1.0", "loss.relation_angle": "2.0"},
}
"""The losses compared, by name: what each changes of the recipe."""
BASELINE = "baseline"
ROW_FILE = "row.json"
FOLDER, LOCK = "tables", "table.lock"
_BATCH, _MEASURED_AT_ONCE = 1000, 250
_SPENT = ("checkpoints", "stages")
"""What only a run that shall go on needs; of a table's dozens of runs it would fill the disk."""


class Row(Message):
    """One pair as it was measured; `problem` says in a sentence why there is nothing, then the rest is empty."""

    fusion: str
    loss: str
    measured: Measured | None = None
    counterintuitive: Interval | None = None
    """How often more inputs of a case gave a larger loss, of all pairs of subsets."""
    parameters: int = 0
    seconds: float = 0.0
    problem: str = ""


@dataclasses.dataclass(frozen=True)
class Source:
    """What all pairs learn from: the project, its data set and the cases of it as a job is given them, a line each."""

    project: Path
    dataset: Dataset
    lines: bytes

    @classmethod
    def of(cls, project: Path, name: str) -> "Source":
        """Read the named data set of a project, or its newest; raises `project-not-found` or `no-training-data`."""
        folder = ProjectFolder(project)
        if not folder.exists():
            raise UserError("project-not-found")
        database = Database(folder.database)
        try:
            dataset = database.now(facts.dataset, name)
            if dataset is None:
                raise UserError("no-training-data")
            return cls(folder.path, dataset, b"".join(_lines(database, dataset.dataset)))
        finally:
            database.close()

    def key(self, config: RunConfig) -> str:
        """Return the hash of all that a result depends on: configuration, cases with their files' hashes, labels, version."""
        labels = [label.model_dump(mode="json") for label in self.dataset.labels]
        settings = config.model_dump(mode="json", exclude={"name", "pinned"})
        whole = json.dumps([__version__, settings, labels], sort_keys=True).encode()
        return hashlib.sha256(whole + b"\0" + self.lines).hexdigest()[:24]


class _TableRun(RunFolder):
    """A run folder that the table itself watches; no service does."""

    def orphaned(self, minutes: float) -> bool:
        return False


def measured_row(source: Source, fusion: str, loss: str, config: RunConfig) -> Row:
    """Return the row of a pair: the one that is kept, or one that is trained and measured now, as a job does it.

    What fails with a sentence becomes a row that says so, and is tried again the next time.
    """
    path = source.project / FOLDER / source.key(config)
    try:
        return Row.model_validate_json((path / ROW_FILE).read_bytes())
    except (OSError, ValidationError):
        path.mkdir(parents=True, exist_ok=True)
    job = f"table-{path.name}"
    task = Task(
        job_id=job,
        kind="train",
        project=str(source.project),
        labels=source.dataset.labels,
        answers=source.dataset.answers,
        synthetic=source.dataset.synthetic,
        domain=source.dataset.domain,
        train=config,
    )
    write_whole(path / CASES_FILE, source.lines)
    write_whole(path / TASK_FILE, task.model_dump_json(indent=1).encode())
    try:
        train_job.run(_TableRun(path))
    except ConsiliumError as error:
        return Row(fusion=fusion, loss=loss, problem=str(error))
    row = _row(path, fusion, loss, source)
    write_whole(path / ROW_FILE, row.model_dump_json(indent=1).encode())
    for name in _SPENT:
        shutil.rmtree(path / name, ignore_errors=True)
    return row


def _row(path: Path, fusion: str, loss: str, source: Source) -> Row:
    summary = ModelSummary.model_validate_json((path / MODEL_FOLDER / SUMMARY_FILE).read_bytes())
    measured = summary.validation or summary.out_of_fold
    return Row(
        fusion=fusion,
        loss=loss,
        measured=measured,
        counterintuitive=_counterintuitive(path / MODEL_FOLDER, source),
        parameters=summary.parameters,
        seconds=round(summary.seconds, 1),
    )


def _counterintuitive(model: Path, source: Source) -> Interval | None:
    """Return the counterintuitive rate on the validation cases; None where there are none."""
    every = (Case.model_validate_json(line) for line in source.lines.splitlines())
    known = {label.name: number for number, label in enumerate(source.dataset.labels)}
    rows = [case for case in every if case.split == "val" and case.label in known and case.readable()]
    if not rows:
        return None
    council, blobs = load_council(model), Blobs(ProjectFolder(source.project).path / "blobs")

    def batches() -> Iterator[Batch]:
        for start in range(0, len(rows), _MEASURED_AT_ONCE):
            some = rows[start : start + _MEASURED_AT_ONCE]
            prepared = list(in_order(lambda case: council.preparation.prepare(case.parts, blobs), some))
            yield collate(prepared, council.preparation, [known[case.label] for case in some])

    found = counterintuitive_rate(subset_losses(council.student, batches()))
    return Interval(value=found.rate, low=found.low, high=found.high, n=found.n)


def _lines(database: Database, dataset: str) -> Iterator[bytes]:
    after = 0
    while True:
        after, some = database.now(cases.of_dataset, dataset, after, _BATCH)
        yield from (case.model_copy(update={"prediction": None}).model_dump_json().encode() + b"\n" for case in some)
        if not after:
            return


def pairs(base: RunConfig, chosen: Sequence[str], parts: Sequence[str]) -> list[tuple[str, str, RunConfig]]:
    """Return every fusion with every loss as a whole configuration; raises `bad-setting` where a name is not known."""
    for name in chosen:
        fusions[name]
    for name in parts:
        if name not in LOSSES:
            raise UserError("bad-setting", key="losses", value=name, detail=f"known are {', '.join(LOSSES)}")
    found = []
    for fusion in chosen:
        here = base if fusion == base.student.fusion.name else apply_settings(base, {"student.fusion": fusion})
        found += [(fusion, loss, apply_settings(here, LOSSES[loss])) for loss in parts]
    return found


def baseline(base: RunConfig) -> tuple[str, str, RunConfig]:
    """Return the recipe that everything else has to beat, which stands in every table, on the same cases, seed and threads."""
    same = base.model_dump(include={"dataset", "seed", "threads", "device", "name", "pinned"})
    return "concat", BASELINE, recipes.config(BASELINE).model_copy(update=same)


def markdown(rows: Sequence[Row], title: str) -> str:
    """Return the rows as a table for people: shares with their 95 % interval, and how far each is behind the best."""
    best = max((row.measured.accuracy.value for row in rows if row.measured is not None), default=0.0)
    several = any(row.measured is not None and row.measured.several is not None for row in rows)
    right = "all labels right (exact match)" if several else "right"
    head = (
        f"| fusion | loss | {right} | three inputs | two | one | balanced | ECE | behind | more is worse | parameters "
        "| seconds |"
    )
    lines = [title, "", head, "|" + "---|" * head.count(" | ") + "---|"]
    return "\n".join([*lines, *(_line(row, best) for row in rows)]) + "\n"


def _line(row: Row, best: float) -> str:
    told = row.measured
    if told is None:
        return f"| {row.fusion} | {row.loss} | {row.problem} |" + " |" * 9
    by_count = [share_text(_with_inputs(told, count)) for count in (3, 2, 1)]
    figures = [f"{told.balanced_accuracy:.3f}", f"{told.ece:.3f}", f"{100 * (best - told.accuracy.value):.1f}"]
    cells = [
        row.fusion,
        row.loss,
        share_text(told.accuracy),
        *by_count,
        *figures,
        share_text(row.counterintuitive) if row.counterintuitive is not None else "-",
        str(row.parameters),
        f"{row.seconds:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def _with_inputs(told: Measured, count: int) -> Interval:
    """Return how often it was right where a case had so many modalities."""
    found = [share for pattern, share in told.by_pattern.items() if len(pattern.split("+")) == count]
    return wilson(sum(round(share.value * share.n) for share in found), sum(share.n for share in found))


def share_text(share: Interval) -> str:
    """Return a share with its interval and n; a dash where nothing was counted."""
    return f"{share.value:.3f} ({share.low:.3f} to {share.high:.3f}, n {share.n})" if share.n else "-"


def main(arguments: Sequence[str]) -> int:
    """Make the table; 0 where every pair has a figure, 2 where a person can mend what is missing."""
    asked = _parser().parse_args(arguments)
    return exit_code(lambda: _make(asked))


def _make(asked: argparse.Namespace) -> int:
    settings = dict(one.partition("=")[::2] for one in asked.settings)
    base = apply_settings(recipes.config(asked.recipe).model_copy(update={"seed": asked.seed}), settings)
    source = Source.of(asked.project, base.dataset)
    base = base.model_copy(update={"dataset": source.dataset.dataset})
    work = [baseline(base)] if asked.baseline else []
    work += pairs(base, asked.fusions.split(","), asked.losses.split(","))
    folder = source.project / FOLDER
    folder.mkdir(exist_ok=True)
    held = hold(folder / LOCK)
    if held is None:
        detail = "another table of this project is being made"
        raise UserError("bad-setting", key="project", value=source.project.name, detail=detail)
    title = f"Recipe {asked.recipe}, seed {asked.seed}, data set {source.dataset.dataset}; shares with 95 % intervals."
    rows: list[Row] = []
    try:
        for fusion, loss, config in work:
            rows.append(measured_row(source, fusion, loss, config))
            write_whole(asked.out, markdown(rows, title).encode())
            sys.stderr.write(f"{len(rows)} of {len(work)}: {fusion}, {loss}\n")
    finally:
        held.release()
    sys.stdout.write(markdown(rows, title))
    return 2 if any(row.problem for row in rows) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engine.jobs.table", description="Compare fusions and losses.")
    parser.add_argument("project", type=Path, help="the project folder; its cases are learned from")
    parser.add_argument("--out", type=Path, required=True, help="file the table is written to after every pair")
    parser.add_argument("--recipe", default="quick", help="recipe that every pair starts from")
    parser.add_argument("--fusions", default=",".join(fusions.names()), help="names, by commas")
    parser.add_argument("--losses", default=",".join(LOSSES), help="names, by commas")
    parser.add_argument("--no-baseline", dest="baseline", action="store_false", help="leave the plain classifier out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", dest="settings", action="append", default=[], help="key=value, several times")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
