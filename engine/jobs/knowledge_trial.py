"""Whether knowledge earns its place: generated cases, few and more, learned without a file, with the right one and with a wrong one.

    python -m engine.jobs.knowledge_trial FOLDER --out FILE [--domain clinic] [--train 50,500] [--seeds 1,2,3] [--test 300] [--arms ...]

`wrong` gives every rule the label of another, `turned` every label of the whole file. Each run lies in `FOLDER/trials/<hash>/` and keeps
its `row.json`; killed, the trial goes on where it was, called again it computes nothing.
"""

import argparse
import dataclasses
import hashlib
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from engine import __version__
from engine.demo.dataset import keep_cases
from engine.demo.domains import DOMAINS
from engine.demo.generator import Generated
from engine.device import derived_seed
from engine.evaluate.gains import Gain, gain
from engine.evaluate.measures import wilson
from engine.jobs import recipes, train_job
from engine.jobs.by_hand import exit_code
from engine.jobs.run_folder import CASES_FILE, TASK_FILE, RunFolder
from engine.model.pretrained import Council, load_council
from engine.preprocess.batch import collate
from engine.schema import knowledge_file
from engine.schema.base import Message
from engine.schema.case import Case
from engine.schema.config import KnowledgeConfig, RunConfig, StudentConfig, apply_settings
from engine.schema.domain_folder import find, read_file
from engine.schema.errors import UserError
from engine.schema.knowledge import KNOWLEDGE_FILE, Knowledge, version_of
from engine.schema.knowledge_writing import dump
from engine.schema.worker import MODEL_FOLDER, Task
from engine.store.blobs import Blobs, write_whole
from engine.store.locks import hold
from engine.store.reading import in_order

ARMS = ("without", "right", "wrong", "turned")
ROW_FILE = "row.json"
_SMALL = StudentConfig(width=48, layers=2, heads=4, experts=4, hidden=48, image_size=48)
_BATCH = 16
_STEPS, _FEWEST_PASSES, _MOST_PASSES = 400, 12, 60
"""Steps a run takes, about: fewer cases are passed over more often, so that no arm starves."""
_TEST_SEED = 4711
_MADE = datetime(2030, 1, 1, tzinfo=UTC)


class Row(Message):
    """One run: which test cases it was right on, what it trusted, and its verdicts on the rules."""

    arm: str
    cases: int
    seed: int
    right: tuple[bool, ...]
    alpha: float = 0.0
    beta: float = 0.0
    verdicts: dict[str, int] = {}
    seconds: float = 0.0


@dataclasses.dataclass(frozen=True)
class Trial:
    """What all runs share: where they lie, what is generated, what they are tested on."""

    folder: Path
    domain: Generated
    test: tuple[Case, ...]
    settings: Mapping[str, str]

    @property
    def blobs(self) -> Blobs:
        """Where the parts of the cases lie."""
        return Blobs(self.folder / "blobs")

    def row(self, arm: str, cases: int, seed: int) -> Row:
        """Return a run's row: the one that is kept, or one that is made now."""
        knowledge = told_by(self.domain.name, arm, seed)
        config = self._config(cases, seed, knowledge is not None)
        text = dump(knowledge) if knowledge is not None else ""
        path = self.folder / "trials" / self._key(config, cases, text)
        try:
            return Row.model_validate_json((path / ROW_FILE).read_bytes())
        except (OSError, ValidationError):
            path.mkdir(parents=True, exist_ok=True)
        version = None
        if knowledge is not None:
            version = version_of(knowledge, 1, self.blobs.put(text.encode()), _MADE.isoformat())
        learned = keep_cases(self.domain, "train", cases, seed, self.blobs, f"trial-{seed}", _MADE)
        task = Task(
            job_id=f"trial-{path.name}",
            kind="train",
            project=str(self.folder),
            labels=self.domain.world.labels,
            synthetic=True,
            train=config,
            knowledge=version,
        )
        write_whole(path / CASES_FILE, b"".join(case.model_dump_json().encode() + b"\n" for case in learned))
        write_whole(path / TASK_FILE, task.model_dump_json(indent=1).encode())
        train_job.run(_TrialRun(path))
        row = self._measured(path / MODEL_FOLDER, arm, cases, seed)
        write_whole(path / ROW_FILE, row.model_dump_json().encode())
        for name in ("checkpoints", "stages", MODEL_FOLDER):
            shutil.rmtree(path / name, ignore_errors=True)
        return row

    def _config(self, cases: int, seed: int, knowing: bool) -> RunConfig:
        steps = max(1, cases // _BATCH)
        passes = min(_MOST_PASSES, max(_FEWEST_PASSES, round(_STEPS / steps)))
        base = recipes.config("quick")
        optim = base.optim.model_copy(update={"batch": _BATCH, "epochs": passes})
        own = {"student": _SMALL, "optim": optim, "seed": seed, "threads": 1, "device": "cpu"}
        known = {"knowledge": KnowledgeConfig(version="1")} if knowing else {}
        return apply_settings(base.model_copy(update=own | known), self.settings)

    def _key(self, config: RunConfig, cases: int, text: str) -> str:
        tested = [self.domain.name, cases, [case.case_id for case in self.test], text]
        # Without a file nothing depends on how one would be used.
        settings = config.model_dump(mode="json", exclude=None if text else {"knowledge"})
        whole = json.dumps([__version__, settings, tested], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()[:24]

    def _measured(self, model: Path, arm: str, cases: int, seed: int) -> Row:
        council = load_council(model)
        right = tuple(bool(one) for one in right_on(council, self.test, self.blobs))
        summary = council.summary
        report = summary.knowledge if summary is not None else None
        seconds = round(summary.seconds, 1) if summary is not None else 0.0
        if report is None:
            return Row(arm=arm, cases=cases, seed=seed, right=right, seconds=seconds)
        said = [rule.verdict for rule in report.rules]
        return Row(
            arm=arm,
            cases=cases,
            seed=seed,
            right=right,
            alpha=report.alpha,
            beta=report.beta,
            verdicts={verdict: said.count(verdict) for verdict in said},
            seconds=seconds,
        )


class _TrialRun(RunFolder):
    """A run folder that the trial itself watches; no service does."""

    def orphaned(self, minutes: float) -> bool:
        return False


def told_by(domain: str, arm: str, seed: int) -> Knowledge | None:
    """Return the knowledge file of an arm; None for `without`. Raises `domain-unknown` where none ships."""
    folder = find(domain)
    if arm == "without":
        return None
    names = DOMAINS[domain].world.names()
    told = knowledge_file.read(read_file(folder, KNOWLEDGE_FILE), names)
    return told if arm == "right" else turned(told, names, seed, whole=arm == "turned")


def turned(told: Knowledge, labels: Sequence[str], seed: int, whole: bool) -> Knowledge:
    """Return a file whose rules (or, with `whole`, all of it) name another label each time, none its own."""
    random = np.random.default_rng(derived_seed(seed, "turned"))
    order = random.permutation(len(labels))
    other = {labels[order[i]]: labels[order[(i + 1) % len(labels)]] for i in range(len(labels))}
    wrong = told.model_copy(
        update={"rules": tuple(rule.model_copy(update={"label": other[rule.label]}) for rule in told.rules)}
    )
    if not whole:
        return wrong
    named = (one.model_copy(update={"labels": tuple(other[name] for name in one.labels)}) for one in told.specialists)
    described = {other[name]: entry for name, entry in told.labels.items()}
    return wrong.model_copy(update={"labels": described, "specialists": tuple(named)})


@torch.inference_mode()
def right_on(council: Council, cases: Sequence[Case], blobs: Blobs) -> NDArray[np.bool_]:
    """Return for each case whether the council's first answer is the true one."""
    names = [label.name for label in council.labels]
    prepared = list(in_order(lambda case: council.preparation.prepare(case.parts, blobs), cases))
    logits_NC = council.student(collate(prepared, council.preparation)).logits_BC
    truth_N = np.array([names.index(case.label) for case in cases])
    return np.asarray(logits_NC.argmax(1).numpy() == truth_N)


def markdown(rows: Sequence[Row], groups: Sequence[str], title: str) -> str:
    """Return the rows as a table for people, a line an arm and number of cases."""
    lines = [
        title,
        "",
        "| training cases | file | seeds | right on the test cases | points more than without | descriptions, rules trusted | "
        "rules: borne out, contradicted, open, too rare |",
        "|---|---|---|---|---|---|---|",
    ]
    kinds = dict.fromkeys((row.cases, row.arm) for row in rows)
    for cases, arm in kinds:
        own = [row for row in rows if (row.cases, row.arm) == (cases, arm)]
        bare = {row.seed: row for row in rows if (row.cases, row.arm) == (cases, "without")}
        paired = [row for row in own if row.seed in bare]
        more = str(_gain(paired, bare, groups)) if paired and arm != "without" else ""
        lines.append(f"| {cases} | {arm} | {len(own)} | {_shares(own)} | {more} | {_trusted(own)} | {_verdicts(own)} |")
    return "\n".join(lines) + "\n"


def _gain(rows: Sequence[Row], bare: Mapping[int, Row], groups: Sequence[str]) -> Gain:
    return gain([row.right for row in rows], [bare[row.seed].right for row in rows], groups)


def _shares(rows: Sequence[Row]) -> str:
    each = [float(np.mean(row.right)) for row in rows]
    whole = wilson(sum(sum(row.right) for row in rows), sum(len(row.right) for row in rows))
    return f"{whole.value:.3f} ({', '.join(f'{share:.3f}' for share in each)})"


def _trusted(rows: Sequence[Row]) -> str:
    if rows[0].arm == "without":
        return ""
    return f"{np.mean([row.alpha for row in rows]):.2f}, {np.mean([row.beta for row in rows]):.2f}"


def _verdicts(rows: Sequence[Row]) -> str:
    if rows[0].arm == "without":
        return ""
    told = ("agrees", "disagrees", "unclear", "few")
    return ", ".join(f"{np.mean([row.verdicts.get(verdict, 0) for row in rows]):.1f}" for verdict in told)


def main(arguments: Sequence[str]) -> int:
    """Run the trial; 2 where a person can mend what is missing."""
    asked = _parser().parse_args(arguments)
    return exit_code(lambda: _make(asked))


def _make(asked: argparse.Namespace) -> int:
    arms = asked.arms.split(",")
    unknown = [arm for arm in arms if arm not in ARMS]
    if unknown or asked.domain not in DOMAINS:
        key, value, known = ("arms", unknown[0], ARMS) if unknown else ("domain", asked.domain, tuple(DOMAINS))
        raise UserError("bad-setting", key=key, value=value, detail=f"known are {', '.join(known)}")
    folder: Path = asked.folder
    (folder / "blobs").mkdir(parents=True, exist_ok=True)
    held = hold(folder / "trial.lock")
    if held is None:
        detail = "another trial is being made there"
        raise UserError("bad-setting", key="folder", value=folder.name, detail=detail)
    domain = DOMAINS[asked.domain]
    blobs = Blobs(folder / "blobs")
    test = tuple(keep_cases(domain, "test", asked.test, _TEST_SEED, blobs, "trial-test", _MADE))
    groups = [case.group for case in test]
    trial = Trial(folder.resolve(), domain, test, dict(one.partition("=")[::2] for one in asked.settings))
    title = (
        f"Knowledge file of {asked.domain}; {asked.test} test cases, worded unlike the training cases; shares by seed."
    )
    rows: list[Row] = []
    try:
        for cases in map(int, asked.train.split(",")):
            for seed in map(int, asked.seeds.split(",")):
                for arm in arms:
                    rows.append(trial.row(arm, cases, seed))
                    shown = sorted(rows, key=lambda row: (row.cases, arms.index(row.arm)))
                    write_whole(asked.out, markdown(shown, groups, title).encode())
                    sys.stderr.write(f"{cases} cases, seed {seed}, {arm}: {np.mean(rows[-1].right):.3f}\n")
    finally:
        held.release()
    sys.stdout.write(asked.out.read_text(encoding="utf-8"))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engine.jobs.knowledge_trial", description="Try a knowledge file.")
    parser.add_argument("folder", type=Path, help="folder the runs are kept in; it is made")
    parser.add_argument("--out", type=Path, required=True, help="file the table is written to after every run")
    parser.add_argument("--domain", default="clinic", help="generated domain whose file is tried")
    parser.add_argument("--train", default="50,500", help="numbers of training cases, by commas")
    parser.add_argument("--seeds", default="1,2,3", help="seeds, by commas")
    parser.add_argument("--test", type=int, default=300, help="test cases, the same for all runs")
    parser.add_argument("--arms", default="without,right,wrong", help=f"by commas, of {', '.join(ARMS)}")
    parser.add_argument("--set", dest="settings", action="append", default=[], help="key=value, several times")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
