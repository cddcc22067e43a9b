"""Makes a demo model that ships: `python -m engine.demo.ship clinic [FOLDER] [--train 20000] [--set key=value]`.

Generates the cases, trains on them in a worker of its own, exactly as a project would, and keeps the council with `made.json`:
the command, the seeds, a hash of the cases, and the accuracy on cases of the test half with its interval.
"""

import argparse
import dataclasses
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from engine.demo.dataset import keep_cases
from engine.demo.domains import DOMAINS
from engine.demo.generator import Generated
from engine.demo.training import train_apart
from engine.schema.base import MODALITIES, Message
from engine.schema.case import Case, Split
from engine.schema.config import RunConfig, apply_settings
from engine.schema.model import Interval, ModelSummary
from engine.schema.places import assets
from engine.schema.worker import MODEL_FOLDER, SUMMARY_FILE
from engine.store.bulk import BulkBlobs
from engine.train.recipes import recipes
from engine.train.starting import FOLDER as FOLDS_FOLDER

MADE_FILE = "made.json"


@dataclasses.dataclass(frozen=True)
class Order:
    """How the shipped model of a demo is made."""

    recipe: str = "quick"
    train: int = 20_000
    val: int = 2000
    data_seed: int = 2026
    seed: int = 1
    settings: tuple[tuple[str, str], ...] = (
        ("threads", "1"), ("optim.epochs", "7"), ("optim.modality_dropout", "0.35"), ("loss.balance", "0.001"),
    )  # fmt: skip
    """What is set otherwise than the recipe has it: few passes over many cases, which cost nothing to generate."""

    def changed(self, train: int | None, settings: Mapping[str, str]) -> "Order":
        """Return the order with as many cases, and with settings beside and instead of its own."""
        told = tuple((dict(self.settings) | dict(settings)).items())
        return dataclasses.replace(self, train=train or self.train, settings=told)

    def command(self, domain: str) -> str:
        """Return the command that gives this order."""
        usual = Order()
        words = ["python -m engine.demo.ship", domain]
        words += [f"--train {self.train}"] if self.train != usual.train else []
        words += [f"--set {key}={value}" for key, value in self.settings if (key, value) not in usual.settings]
        return " ".join(words)


class Made(Message):
    """`made.json`: everything needed to make the model again, and what it reached."""

    synthetic: bool = True
    command: str
    demo: str
    recipe: str
    data_seed: int
    seed: int
    train: int
    val: int
    settings: dict[str, str] = {}
    data_sha256: str
    weights_sha256: str
    accuracy: Interval
    by_pattern: dict[str, Interval]
    oracle: float
    oracle_complete: float


def ship(domain: Generated, target: Path, order: Order = Order()) -> Made:
    """Train the demo model of a domain and keep it in `target`, which is replaced."""
    with tempfile.TemporaryDirectory(prefix="consilium-ship-") as folder:
        project = Path(folder)
        cases = make_cases(domain, project, order)
        run = _train(domain, project, cases, order)
        fresh = target.with_name(f"{target.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        # The students of the folds would only serve to train on from here; they are most of the bytes.
        shutil.copytree(run / MODEL_FOLDER, fresh, ignore=shutil.ignore_patterns(FOLDS_FOLDER))
    made = _made(domain, ModelSummary.model_validate_json((fresh / SUMMARY_FILE).read_bytes()), cases, order, fresh)
    (fresh / MADE_FILE).write_text(made.model_dump_json(indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)  # only now that the new one is whole
    fresh.rename(target)
    return made


def make_cases(domain: Generated, project: Path, order: Order) -> list[Case]:
    """Generate the cases of an order into the blobs of a project folder."""
    splits: tuple[tuple[Split, int], ...] = (("train", order.train), ("val", order.val))
    (project / "blobs").mkdir(parents=True)
    with BulkBlobs(project / "blobs") as blobs:
        return [
            case
            for split, count in splits
            for case in keep_cases(domain, split, count, order.data_seed, blobs, domain.name, datetime.now(UTC))
        ]


def digest(cases: Iterable[Case]) -> str:
    """Return a hash of what the cases hold and say: labels, groups, splits and the hashes of their parts."""
    whole = hashlib.sha256()
    for case in cases:
        parts = " ".join(part.original for part in case.parts)
        whole.update(f"{case.split} {case.group} {case.label} {parts}\n".encode())
    return whole.hexdigest()


def _train(domain: Generated, project: Path, cases: list[Case], order: Order) -> Path:
    config = apply_settings(recipes[order.recipe].build().config(), dict(order.settings))
    config = RunConfig.model_validate(
        config.model_dump() | {"seed": order.seed, "name": domain.title.en, "dataset": domain.name}
    )
    return train_apart(project, "ship", cases, domain.world.labels, config, domain.name)


def _made(domain: Generated, summary: ModelSummary, cases: list[Case], order: Order, target: Path) -> Made:
    if summary.validation is None:
        raise ValueError("a demo model is shipped with its accuracy on the test half; make some cases for it")
    return Made(
        command=order.command(domain.name),
        demo=domain.name,
        recipe=order.recipe,
        data_seed=order.data_seed,
        seed=order.seed,
        train=order.train,
        val=order.val,
        settings=dict(order.settings),
        data_sha256=digest(cases),
        weights_sha256=hashlib.sha256((target / "model.safetensors").read_bytes()).hexdigest(),
        accuracy=summary.validation.accuracy,
        by_pattern=summary.validation.by_pattern,
        oracle=round(domain.world.best(), 4),
        oracle_complete=round(domain.world.oracle(MODALITIES), 4),
    )


def main(arguments: Sequence[str]) -> int:
    """Make the model of one domain."""
    parser = argparse.ArgumentParser(prog="python -m engine.demo.ship", description="Make a demo model that ships.")
    parser.add_argument("domain", choices=sorted(DOMAINS))
    parser.add_argument(
        "folder", type=Path, nargs="?", help="where it is kept; without it the one that ships is replaced"
    )
    parser.add_argument("--train", type=int, help="cases it learns from")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="what is set otherwise")
    asked = parser.parse_args(arguments)
    order = Order().changed(asked.train, dict(setting.split("=", 1) for setting in asked.set))
    made = ship(DOMAINS[asked.domain], asked.folder or assets() / "models" / asked.domain, order)
    sys.stdout.write(made.model_dump_json(indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
