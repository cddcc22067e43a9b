"""The self-test: plants facts in generated cases, trains on them, and says which of them were recovered.

`python -m engine selftest` trains one small council for each plant and asks: does it answer right where the answer is told, does
it say how unsure it must be, is it no surer than anybody can be where a carrier is missing, do Shapley values and interactions
name the carriers, and does dealing out the carriers' tokens to other experts hurt more than dealing out those of the others?
Shapes: N cases.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from engine.demo.planted import LABELS, PLANTS, Kind, Plant, PlantedCase, plant_cases
from engine.demo.training import train_apart
from engine.evaluate.reroute import shuffled_effect
from engine.model.pretrained import Council, load_council
from engine.predict.predictor import Predictor
from engine.preprocess.batch import Batch, collate
from engine.schema.base import MODALITIES, Message, Modality
from engine.schema.case import Case
from engine.schema.config import RunConfig, apply_settings
from engine.schema.prediction import Prediction
from engine.schema.worker import MODEL_FOLDER
from engine.store.blobs import Blobs
from engine.store.bulk import BulkBlobs
from engine.train.recipes import recipes

_AT_ONCE = 100
_RIGHT, _RANKED, _SIGNED, _SURE = 0.95, 0.95, 0.90, 0.05
"""Goals: shares of cases, and how far the mean confidence may be from the share of answers that were not turned round."""


_TIMES: Mapping[Kind, int] = {"unique": 1, "redundant": 1, "synergistic": 3}
"""Times as many cases a kind of plant is learned from: a relation shows itself in fewer of them than a mark does."""


class Size(Message):
    """How much to generate and with which settings of the recipe to train."""

    train: int = Field(800, ge=80)
    test: int = Field(300, ge=20)
    settings: dict[str, str] = {
        "optim.epochs": "20",
        "optim.augment": "1.0",
        "optim.modality_dropout": "0.1",
        "student.width": "64",
        "student.hidden": "64",
    }


USUAL = Size()


class Fact(Message):
    """One planted fact: what was found, what it had to be, from how many cases, and whether it was recovered."""

    plant: str
    fact: str
    found: float
    goal: str
    n: int
    recovered: bool


class Report(Message):
    """What `selftest` answers."""

    seed: int
    recovered: int
    planted: int
    facts: tuple[Fact, ...]


def selftest(
    plants: Sequence[Plant] = PLANTS, seed: int = 1, size: Size = USUAL, tell: Callable[[str], None] = lambda _: None
) -> Report:
    """Plant, train and look, one plant after the other."""
    facts: list[Fact] = []
    for number, plant in enumerate(plants, start=1):
        tell(f"{plant.name} ({number} of {len(plants)})")
        with tempfile.TemporaryDirectory(prefix="consilium-selftest-") as folder:
            facts.extend(_look(plant, Path(folder), seed, size))
    return Report(seed=seed, recovered=sum(fact.recovered for fact in facts), planted=len(facts), facts=tuple(facts))


def _look(plant: Plant, project: Path, seed: int, size: Size) -> Iterator[Fact]:
    """Yield the facts of one plant."""
    (project / "blobs").mkdir()
    with BulkBlobs(project / "blobs") as kept:
        learnt = [planted.case for planted in plant_cases(plant, "train", _TIMES[plant.kind] * size.train, seed, kept)]
        asked = list(plant_cases(plant, "test", size.test, seed, kept))
    council, blobs = _trained(plant, project, learnt, seed, size), Blobs(project / "blobs")
    predictor = Predictor(council)
    answers = [predictor.predict(planted.case.parts, blobs) for planted in asked]
    yield from _answered(plant, asked, answers)
    whole = [answer for planted, answer in zip(asked, answers, strict=True) if len(planted.present) == len(MODALITIES)]
    yield from _explained(plant, whole)
    yield _routed(plant, council, [planted for planted in asked if len(planted.present) == len(MODALITIES)], blobs)


def _trained(plant: Plant, project: Path, cases: Sequence[Case], seed: int, size: Size) -> Council:
    config = apply_settings(recipes["quick"].build().config(), dict(size.settings))
    config = RunConfig.model_validate(config.model_dump() | {"seed": seed, "name": plant.name, "dataset": plant.name})
    return load_council(train_apart(project, "selftest", cases, LABELS, config) / MODEL_FOLDER)


def _answered(plant: Plant, asked: Sequence[PlantedCase], answers: Sequence[Prediction]) -> Iterator[Fact]:
    """Yield whether the council is right where it can be, as sure as the noise allows, and guesses where it must."""
    pairs = list(zip(asked, answers, strict=True))
    told = [(planted, answer) for planted, answer in pairs if plant.told(planted.present)]
    untold = [(planted, answer) for planted, answer in pairs if not plant.told(planted.present)]
    right = [_best(answer)[0] == planted.answer for planted, answer in told]
    yield _at_least(plant, "right where the answer is told", right, _RIGHT)
    sure, could = _confidence(told)
    yield Fact(
        plant=plant.name,
        fact="confidence leaves room for the turned-round answers",
        found=round(sure, 4),
        goal=f"{could:.2f} +- {_SURE}",
        n=len(told),
        recovered=abs(sure - could) <= _SURE,
    )
    sure, could = _confidence(untold)
    yield Fact(
        plant=plant.name,
        fact="no surer than anybody can be where a carrier is missing",
        found=round(sure, 4),
        goal=f"<= {could + _SURE:.2f}",
        n=len(untold),
        recovered=sure <= could + _SURE,
    )


def _confidence(pairs: Sequence[tuple[PlantedCase, Prediction]]) -> tuple[float, float]:
    """Return how sure the council is on average, and how sure whoever knows the plant would be."""
    if not pairs:
        return 1.0, 0.0
    could = [max(planted.chance, 1 - planted.chance) for planted, _ in pairs]
    return float(np.mean([_best(answer)[1] for _, answer in pairs])), float(np.mean(could))


def _best(answer: Prediction) -> tuple[str, float]:
    probability, name = max(zip(answer.probabilities, answer.labels, strict=True))
    return name, probability


def _explained(plant: Plant, whole: Sequence[Prediction]) -> Iterator[Fact]:
    """Yield whether Shapley values name the carriers and interactions have the sign of the plant."""
    shares = [{one.modality: one.log_odds for one in answer.contributions} for answer in whole]
    yield _at_least(plant, "carriers ranked first by Shapley value", [_ranked(plant, s) for s in shares], _RANKED)
    if plant.kind != "unique":
        together = [_interaction(plant, answer) for answer in whole]
        wanted = 1 if plant.kind == "synergistic" else -1
        word = "synergy" if wanted > 0 else "redundancy"
        yield _at_least(plant, f"interaction has the sign of {word}", [wanted * i > 0 for i in together], _SIGNED)


def _ranked(plant: Plant, shares: Mapping[Modality, float]) -> bool:
    ranked = sorted(shares, key=lambda modality: -abs(shares[modality]))
    return set(ranked[: len(plant.carriers)]) == set(plant.carriers)


def _interaction(plant: Plant, answer: Prediction) -> float:
    return next(i.log_odds for i in answer.interactions if {i.first, i.second} == set(plant.carriers))


def _routed(plant: Plant, council: Council, asked: Sequence[PlantedCase], blobs: Blobs) -> Fact:
    """Return whether the experts' work on the carriers' tokens matters most: the loss when it is dealt out at random."""
    batches = _batches(council, asked, blobs)
    harm = {m: shuffled_effect(council.student, batches, modality=m).change.value for m in MODALITIES}
    carried = min(harm[modality] for modality in plant.carriers)
    others = max(harm[modality] for modality in MODALITIES if modality not in plant.carriers)
    return Fact(
        plant=plant.name,
        fact="routing of the carriers matters more than that of the others (loss)",
        found=round(carried - others, 4),
        goal="> 0",
        n=len(asked),
        recovered=carried > others,
    )


def _batches(council: Council, asked: Sequence[PlantedCase], blobs: Blobs) -> list[Batch]:
    names = [label.name for label in council.labels]
    prepared = [council.preparation.prepare(planted.case.parts, blobs) for planted in asked]
    labels = [names.index(planted.answer) for planted in asked]
    return [
        collate(prepared[start : start + _AT_ONCE], council.preparation, labels[start : start + _AT_ONCE])
        for start in range(0, len(prepared), _AT_ONCE)
    ]


def _at_least(plant: Plant, fact: str, held: Sequence[bool], goal: float) -> Fact:
    share = float(np.mean(held)) if held else 0.0
    return Fact(
        plant=plant.name, fact=fact, found=round(share, 4), goal=f">= {goal}", n=len(held), recovered=share >= goal
    )


def main(arguments: Sequence[str]) -> None:
    """Run with a seed and the names of plants (none: all of them); the last line of the output is one JSON object."""
    seed, *names = arguments
    chosen = [plant for plant in PLANTS if not names or plant.name in names]
    sys.stdout.write(selftest(chosen, int(seed), tell=_tell).model_dump_json() + "\n")


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
