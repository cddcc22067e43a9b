"""The table of routers and balances: each trained and measured as a job would do it, with how evenly it then spreads the tokens.

    python -m engine.jobs.router_table PROJECT --out FILE [--routers a,b] [--recipe quick] [--seed N] [--set key=value]

It is kept, taken up again and cached as the table of fusions is (`engine.jobs.table`), in the same folder of the project.
Shapes: L layers, E experts, M modalities.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from engine.jobs import recipes
from engine.jobs.by_hand import exit_code
from engine.jobs.table import FOLDER, LOCK, ROW_FILE, Row, Source, measured_row, share_text
from engine.model.pretrained import load_council
from engine.model.student import routing_counts
from engine.preprocess.batch import collate
from engine.schema.base import Message
from engine.schema.case import Case, Split
from engine.schema.config import RunConfig, apply_settings
from engine.schema.errors import UserError
from engine.schema.worker import MODEL_FOLDER
from engine.store.blobs import Blobs, write_whole
from engine.store.locks import hold
from engine.store.project import ProjectFolder
from engine.utilisation import Counts, max_violation

_ALONE = {"loss.balance": "0"}
"""For what balances in its own way."""
ROUTERS: Mapping[str, Mapping[str, str]] = {
    "token-choice": {},
    "no-balance": _ALONE,
    "pooled": {"loss.balance_pooled": "true"},
    "sigmoid": {"student.router.gate": "sigmoid"},
    "loss-free": {"student.router.gate": "sigmoid", "student.router.bias_step": "0.01"} | _ALONE,
    "loss-free-pooled": {
        "student.router.gate": "sigmoid",
        "student.router.bias_step": "0.01",
        "student.router.bias_pooled": "true",
    }
    | _ALONE,
    "threshold": {"loss.global_entropy": "0.05"} | _ALONE,
    "per-modality": {"student.router.scope": "per-modality"},
    "disjoint": {"student.router.scope": "disjoint"},
    "distance": {"student.router": "distance"},
    "noisy-top-k": {"student.router": "noisy-top-k", "loss.importance": "0.01", "loss.load": "0.01"} | _ALONE,
    "expert-choice": {"student.router": "expert-choice"} | _ALONE,
    "null-experts": {"student.router": "null-experts"},
    "dynamic-k": {"student.router": "dynamic-k"},
    "shared": {"student.shared": "96", "student.router.experts_per_token": "1"},
}
"""What is compared, by name: what each changes of the recipe."""
_BATCH = 200
_EVEN_FILE = "even.json"


class Even(Message):
    """How a finished council spreads tokens: MaxVio of the busiest expert of any layer, and experts a token has on average."""

    train: float
    val: float | None
    per_token: float


def even_of(model: Path, source: Source) -> Even:
    """Return how the tokens of both splits are spread, in evaluation mode; what was found before is kept beside the model."""
    path = model.parent / _EVEN_FILE
    try:
        return Even.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        counts = {split: _counts(model, source, split) for split in ("train", "val")}
    found = Even(
        train=_busiest(counts["train"][0]),
        val=_busiest(counts["val"][0]) if counts["val"][1] else None,
        per_token=float(counts["train"][0].sum() / max(1, counts["train"][1])),
    )
    write_whole(path, found.model_dump_json().encode())
    return found


def _busiest(counts_LEM: Counts) -> float:
    return float(max_violation(counts_LEM.sum(2)).max())


@torch.inference_mode()
def _counts(model: Path, source: Source, split: Split) -> tuple[Counts, int]:
    """Return the counts over the cases of a split, and how many tokens all layers had together."""
    council, blobs = load_council(model), Blobs(ProjectFolder(source.project).path / "blobs")
    every = [Case.model_validate_json(line) for line in source.lines.splitlines()]
    cases = [case for case in every if case.split == split and case.readable()]
    total_LEM, tokens = None, 0
    for start in range(0, len(cases), _BATCH):
        prepared = [council.preparation.prepare(case.parts, blobs) for case in cases[start : start + _BATCH]]
        outcome = council.student(collate(prepared, council.preparation))
        counts_LEM = routing_counts(outcome).numpy()
        total_LEM = counts_LEM if total_LEM is None else total_LEM + counts_LEM
        tokens += len(outcome.modality_T) * len(outcome.routing)
    return (np.zeros((1, 1, 1), np.int64) if total_LEM is None else total_LEM), tokens


def markdown(rows: Sequence[Row], even: Mapping[str, Even], title: str) -> str:
    """Return the rows as a table for people."""
    best = max((row.measured.accuracy.value for row in rows if row.measured is not None), default=0.0)
    head = (
        "| router | right | balanced | ECE | behind | MaxVio, training cases | validation | experts a token | seconds |"
    )
    lines = [title, "", head, "|" + "---|" * head.count(" | ") + "---|"]
    for row in rows:
        told, spread = row.measured, even.get(row.loss)
        if told is None or spread is None:
            lines.append(f"| {row.loss} | {row.problem} |" + " |" * 7)
            continue
        figures = [f"{told.balanced_accuracy:.3f}", f"{told.ece:.3f}", f"{100 * (best - told.accuracy.value):.1f}"]
        figures += [
            f"{spread.train:.2f}",
            "-" if spread.val is None else f"{spread.val:.2f}",
            f"{spread.per_token:.2f}",
            f"{row.seconds:.0f}",
        ]
        lines.append("| " + " | ".join([row.loss, share_text(told.accuracy), *figures]) + " |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Make the table; 0 where every router has a figure, 2 where a person can mend what is missing."""
    asked = _parser().parse_args(arguments)
    return exit_code(lambda: _make(asked))


def configurations(base: RunConfig, names: Sequence[str]) -> list[tuple[str, RunConfig]]:
    """Return each named one as a whole configuration; raises `bad-setting` where a name is not known."""
    for name in names:
        if name not in ROUTERS:
            raise UserError("bad-setting", key="routers", value=name, detail=f"known are {', '.join(ROUTERS)}")
    return [(name, apply_settings(base, ROUTERS[name])) for name in names]


def _make(asked: argparse.Namespace) -> int:
    settings = dict(one.partition("=")[::2] for one in asked.settings)
    base = apply_settings(recipes.config(asked.recipe).model_copy(update={"seed": asked.seed}), settings)
    source = Source.of(asked.project, base.dataset)
    work = configurations(base.model_copy(update={"dataset": source.dataset.dataset}), asked.routers.split(","))
    folder = source.project / FOLDER
    folder.mkdir(exist_ok=True)
    held = hold(folder / LOCK)
    if held is None:
        detail = "another table of this project is being made"
        raise UserError("bad-setting", key="project", value=source.project.name, detail=detail)
    title = f"Recipe {asked.recipe}, seed {asked.seed}, data set {source.dataset.dataset}; shares with 95 % intervals."
    rows: list[Row] = []
    even: dict[str, Even] = {}
    try:
        for name, config in work:
            rows.append(
                measured_row(source, config.student.fusion.name, name, config).model_copy(update={"loss": name})
            )
            path = folder / source.key(config)
            if (path / ROW_FILE).exists():
                even[name] = even_of(path / MODEL_FOLDER, source)
            write_whole(asked.out, markdown(rows, even, title).encode())
            sys.stderr.write(f"{len(rows)} of {len(work)}: {name}\n")
    finally:
        held.release()
    sys.stdout.write(markdown(rows, even, title))
    return 2 if any(row.problem for row in rows) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m engine.jobs.router_table", description="Compare routers and balances."
    )
    parser.add_argument("project", type=Path, help="the project folder; its cases are learned from")
    parser.add_argument("--out", type=Path, required=True, help="file the table is written to after every router")
    parser.add_argument("--recipe", default="quick", help="recipe that every router starts from")
    parser.add_argument("--routers", default=",".join(ROUTERS), help="names, by commas")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", dest="settings", action="append", default=[], help="key=value, several times")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
