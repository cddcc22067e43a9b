"""Whether a shape earns its place: students of several shapes, the same cases, folds and luck, judged on what each fold left out.

    python -m engine.jobs.shape_trial FOLDER --out FILE (--project PROJECT | --domain clinic --cases 2000)
                                      [--arms sparse,dense] [--seeds 1,2,3,4,5] [--recipe quick] [--set key=value]
                                      [--taught]

Arms: `sparse` is the recipe's student, `shared` the same with one expert for all tokens beside one chosen, `dense` its twin of the
same active operations, `whole` a dense one with all that the experts hold, `narrow` a dense one with an eighth of what is active, which
tells what there is to gain by experts at all, `teacher-S` to `teacher-XL` the sizes of the dense
teacher, and `teacher-S+text` to `teacher-XL+text` the same that keep the text encoder of the set-up inside; the first one named
is what the others are held against. The cases are named by their hash, so that nobody changes a
generator between two arms. With `--taught` all arms of a seed learn from the recipe's teachers, the same lessons for all. Every arm and
seed leaves a `row.json`: killed, the trial goes on where it was. Shapes: N cases.
"""

import argparse
import dataclasses
import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from engine import __version__
from engine.demo.dataset import keep_cases
from engine.demo.domains import DOMAINS
from engine.device import choose_device, set_threads, torch_device
from engine.evaluate.gains import gain
from engine.jobs import recipes
from engine.jobs.by_hand import exit_code
from engine.jobs.table import Source
from engine.model.flops import dense_twin, trunk_flops
from engine.schema.base import Message
from engine.schema.case import Case, Label
from engine.schema.config import Choice, RunConfig, StudentConfig, apply_settings
from engine.schema.errors import UserError
from engine.schema.event import EventBody
from engine.store.blobs import Blobs, write_whole
from engine.store.locks import hold
from engine.store.project import ProjectFolder
from engine.teachers.fusion import FusionTeacher
from engine.teachers.lessons import LessonCache
from engine.train.choose import best_epoch, out_of_fold
from engine.train.controls import untaught
from engine.train.folds import make_folds
from engine.train.inside import Readings
from engine.train.material import Material, fit_preparation, prepare_material, training_cases
from engine.train.run import teach
from engine.train.stage import Stage
from engine.train.telemetry import Pinned
from engine.train.trainer import Surroundings, train_stage

Shape = Callable[[StudentConfig], StudentConfig]


TEACHERS: Mapping[str, tuple[int, int]] = {"S": (64, 128), "M": (96, 192), "L": (192, 384), "XL": (320, 640)}
"""Width and hidden width of the dense teacher, by size; M is its default."""


def _as_it_is(student: StudentConfig) -> StudentConfig:
    return student


def _shared(student: StudentConfig) -> StudentConfig:
    """Return the student with half of its active experts shared by all tokens: the same cost where it has two a token."""
    router = student.router.model_copy(update={"settings": {**student.router.settings, "experts_per_token": 1}})
    return student.model_copy(update={"shared": student.hidden, "router": router})


def _whole(student: StudentConfig) -> StudentConfig:
    """Return a dense student with all that the experts hold at work on every token: what their capacity could be worth at most."""
    router = Choice(name="token-choice", settings={"experts_per_token": 1})
    held = student.experts * student.hidden + student.shared
    return student.model_copy(update={"experts": 1, "hidden": held, "shared": 0, "router": router})


def _narrow(student: StudentConfig) -> StudentConfig:
    """Return a dense student with an eighth of what works on a token: where it is as good, experts have nothing to be better at."""
    twin = dense_twin(student)
    return twin.model_copy(update={"hidden": max(1, twin.hidden // 8)})


ARMS: Mapping[str, Shape] = {
    "sparse": _as_it_is,
    "shared": _shared,
    "dense": dense_twin,
    "whole": _whole,
    "narrow": _narrow,
    **{f"teacher-{name}": FusionTeacher(*size).shape for name, size in TEACHERS.items()},
    **{f"teacher-{name}+text": FusionTeacher(*size, text="pretrained").shape for name, size in TEACHERS.items()},
}
ROW_FILE = "row.json"
_MADE = datetime(2030, 1, 1, tzinfo=UTC)
_DATA_SEED = 2026


class Row(Message):
    """One arm with one seed: on which cases it was right where a fold left them out, and what it is."""

    arm: str
    seed: int
    right: tuple[bool, ...]
    epoch: int
    parameters: int
    active: int
    operations: int
    seconds: float


@dataclasses.dataclass(frozen=True)
class Trial:
    """What all arms share."""

    folder: Path
    config: RunConfig
    material: Material
    readings: Readings
    taught: bool = False

    def row(self, arm: str, seed: int) -> Row:
        """Return an arm's row: the one that is kept, or one that is trained now."""
        shape = ARMS[arm](self.config.student)
        path = self.folder / "trials" / self._key(shape, seed)
        try:
            return Row.model_validate_json((path / ROW_FILE).read_bytes()).model_copy(update={"arm": arm})
        except (OSError, ValidationError):
            path.mkdir(parents=True, exist_ok=True)
        row = self._trained(arm, shape, seed, path)
        write_whole(path / ROW_FILE, row.model_dump_json().encode())
        for entry in path.iterdir():
            if entry.name != ROW_FILE:
                shutil.rmtree(entry, ignore_errors=True)
        return row

    def _trained(self, arm: str, shape: StudentConfig, seed: int, path: Path) -> Row:
        began, config = time.monotonic(), self.config.model_copy(update={"seed": seed})
        material = self.readings.of(shape)
        folds = make_folds(material.groups, material.labels_N.tolist(), config.folds, seed)
        around = self._around(path, material)
        loss = config.loss if self.taught else untaught(config.loss)
        among = self._around(path, self.material)
        lessons = teach(among, config, self.folder / "lessons", folds) if self.taught else []
        stages = [
            Stage(
                f"{arm}-{fold.number}", seed, fold.learn, fold.held, shape, loss, config.optim,
                tuple(one[fold.number - 1] for one in lessons), stream=fold.name,
            )
            for fold in folds
        ]  # fmt: skip
        results = [train_stage(around, stage) for stage in stages]
        epoch = best_epoch(folds, results, material.labels_N)
        found = out_of_fold(folds, results, epoch)
        right_N = np.zeros(material.size, dtype=bool)
        right_N[found.rows_N] = found.logits_NC.argmax(1) == material.labels_N[found.rows_N]
        return Row(
            arm=arm,
            seed=seed,
            right=tuple(bool(one) for one in right_N),
            epoch=epoch,
            parameters=results[0].parameters[0],
            active=results[0].parameters[1],
            operations=trunk_flops(shape),
            seconds=round(time.monotonic() - began, 1),
        )

    def _around(self, run: Path, material: Material) -> Surroundings:
        return Surroundings(
            run=run,
            material=material,
            device=choose_device(self.config.device),
            sink=_unheard,
            stopping=lambda: False,
            progress=lambda stage, done, total: None,
            check_rows=(),
            pinned=Pinned((), (), (), ()),
        )

    def _key(self, shape: StudentConfig, seed: int) -> str:
        told = {"loss", "optim", "folds", "threads", "device"} | ({"teachers"} if self.taught else set())
        settings = self.config.model_dump(mode="json", include=told)
        facts = [__version__, settings, shape.model_dump(mode="json"), seed, self.material.fingerprint]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:24]


def _untold(code: str, facts: Mapping[str, str | int | float]) -> None:
    """Let a fact pass, likewise."""


def _unheard(_: EventBody) -> None:
    """Let an event pass: nobody watches a trial."""


def markdown(rows: Sequence[Row], groups: Sequence[str], title: str) -> str:
    """Return the rows as a table for people, a line an arm, each held against the first on the seeds both have."""
    head = (
        "| shape | seeds | right, left out | by seed | points more than the first | verdict | parameters (active) "
        "| operations a token |"
    )
    lines = [title, "", head, "|" + "---|" * head.count(" | ") + "---|"]
    names = list(dict.fromkeys(row.arm for row in rows))
    first = {row.seed: row for row in rows if row.arm == names[0]}
    for name in names:
        own = [row for row in rows if row.arm == name]
        shares = [float(np.mean(row.right)) for row in own]
        paired = [row for row in own if row.seed in first]
        found = gain([row.right for row in paired], [first[row.seed].right for row in paired], groups)
        more = ["", ""] if name == names[0] else [str(found), found.verdict]
        size = f"{own[0].parameters} ({own[0].active})"
        cells = [name, str(len(own)), f"{np.mean(shares):.4f}", ", ".join(f"{share:.3f}" for share in shares)]
        lines.append("| " + " | ".join([*cells, *more, size, str(own[0].operations)]) + " |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Run the trial; 2 where a person can mend what is missing."""
    asked = _parser().parse_args(arguments)
    return exit_code(lambda: _make(asked))


def _make(asked: argparse.Namespace) -> int:
    arms, seeds = asked.arms.split(","), [int(seed) for seed in asked.seeds.split(",")]
    for arm in arms:
        if arm not in ARMS:
            raise UserError("bad-setting", key="arms", value=arm, detail=f"known are {', '.join(ARMS)}")
    folder: Path = asked.folder
    folder.mkdir(parents=True, exist_ok=True)
    held = hold(folder / "trial.lock")
    if held is None:
        raise UserError("bad-setting", key="folder", value=folder.name, detail="another trial is being made there")
    settings = dict(one.partition("=")[::2] for one in asked.settings)
    config = apply_settings(recipes.config(asked.recipe), {"threads": "1", "device": "cpu"} | settings)
    set_threads(config.threads)
    rows: list[Row] = []
    try:
        with tempfile.TemporaryDirectory(prefix="consilium-trial-") as made:  # teachers may read the cases once more
            trial = _trial(asked, config, Path(made))
            named = f"{asked.project.name if asked.project else asked.domain}, {trial.material.size} cases"
            school = "with its teachers" if trial.taught else "without teachers"
            title = f"Recipe {asked.recipe} {school}; {named}, sha256 {trial.material.fingerprint[:16]}."
            groups = _groups(trial.material)
            for seed in seeds:
                for arm in arms:
                    rows.append(trial.row(arm, seed))
                    shown = sorted(rows, key=lambda row: arms.index(row.arm))
                    write_whole(asked.out, markdown(shown, groups, title).encode())
                    sys.stderr.write(f"seed {seed}, {arm}: {np.mean(rows[-1].right):.4f} in {rows[-1].seconds:.0f} s\n")
    finally:
        held.release()
    sys.stdout.write(asked.out.read_text(encoding="utf-8"))
    return 0


def _groups(material: Material) -> list[str]:
    """Return the group of each case; cases by themselves where there are too few groups to draw from."""
    several = len(set(material.groups)) >= 30
    return [
        group if several and group else case_id
        for group, case_id in zip(material.groups, material.case_ids, strict=True)
    ]


def _trial(asked: argparse.Namespace, config: RunConfig, made: Path) -> Trial:
    """Return the trial on the cases asked for; the files of generated ones are written into `made`."""
    material, cache = _material(asked, config, made), LessonCache(asked.folder / "states")
    device = torch_device(choose_device(config.device))
    readings = Readings(material, config.student, cache, device, _untold, lambda done, total: None)
    return Trial(asked.folder.resolve(), config, material, readings, asked.taught)


def _material(asked: argparse.Namespace, config: RunConfig, made: Path) -> Material:
    """Return the training cases: of a project's newest data set, or generated ones."""
    if asked.project is not None:
        source = Source.of(asked.project, config.dataset)
        every = [Case.model_validate_json(line) for line in source.lines.splitlines()]
        return _prepared(every, source.dataset.labels, Blobs(ProjectFolder(asked.project).path / "blobs"), config)
    if asked.domain not in DOMAINS:
        raise UserError("bad-setting", key="domain", value=asked.domain, detail=f"known are {', '.join(DOMAINS)}")
    domain = DOMAINS[asked.domain]
    blobs = Blobs(made)
    cases = list(keep_cases(domain, "train", asked.cases, _DATA_SEED, blobs, "trial", _MADE))
    return _prepared(cases, domain.world.labels, blobs, config)


def _prepared(cases: Sequence[Case], labels: Sequence[Label], blobs: Blobs, config: RunConfig) -> Material:
    chosen = training_cases(cases, labels)
    preparation = fit_preparation(chosen, blobs, config.student)
    return prepare_material(chosen, labels, blobs, preparation, config.seed, lambda done, total: None)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engine.jobs.shape_trial", description="Compare shapes of student.")
    parser.add_argument("folder", type=Path, help="folder the rows are kept in; it is made")
    parser.add_argument("--out", type=Path, required=True, help="file the table is written to after every run")
    parser.add_argument("--project", type=Path, help="project whose newest data set is learned from")
    parser.add_argument("--domain", default="clinic", help="generated domain, where no project is named")
    parser.add_argument("--cases", type=int, default=2000, help="generated cases")
    parser.add_argument("--arms", default="sparse,dense", help=f"by commas, of {', '.join(ARMS)}")
    parser.add_argument("--seeds", default="1,2,3,4,5", help="seeds, by commas")
    parser.add_argument("--recipe", default="quick", help="recipe that every arm starts from")
    parser.add_argument("--taught", action="store_true", help="let the recipe's teachers teach every arm")
    parser.add_argument("--set", dest="settings", action="append", default=[], help="key=value, several times")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
