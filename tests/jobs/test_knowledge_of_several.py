"""A knowledge file where a case may have several labels: each rule is held against its own label, whatever else a case has."""

from pathlib import Path

import numpy as np
import pytest

from engine.demo.planted import SEVERAL, ManyPlanted, plant_many
from engine.jobs.run_folder import CASES_FILE, TASK_FILE, RunFolder
from engine.jobs.train_job import run as train
from engine.model.pretrained import load_council
from engine.predict.predictor import Predictor
from engine.schema.config import KnowledgeConfig, LossConfig, OptimConfig
from engine.schema.knowledge import version_of
from engine.schema.knowledge_file import read
from engine.schema.knowledge_report import KnowledgeReport
from engine.schema.worker import Task
from engine.store.blobs import Blobs
from tests.train.runs import tiny_config

LABELS = tuple(SEVERAL.values())
TRAINED, ASKED = 96, 60
FILE = """
title: {{en: Planted colours}}
labels:
  cold: {{description: {{en: teal cobalt indigo azure navy}}}}
findings:
  blue: {{modality: text, phrases: {{en: [teal, cobalt, indigo, azure, navy]}}}}
  red: {{modality: text, phrases: {{en: [amber, copper, ochre, rust, sand]}}}}
rules:
  - {{finding: blue, label: cold, strength: {blue}}}
  - {{finding: red, label: cold, strength: {red}}}
  - {{finding: blue, label: high, strength: 1}}
specialists:
  - {{name: colours, title: {{en: Colours}}, labels: [cold], keywords: {{en: [cobalt]}}}}
"""


def _trained(folder: Path, blue: int, red: int) -> Path:
    """Train on planted cases with a file whose rules on colours have these strengths; return the model's folder."""
    project = folder / "project"
    blobs = Blobs(project / "blobs")
    blobs.folder.mkdir(parents=True)
    cases = [planted.case for planted in plant_many("train", TRAINED, 1, blobs, 0.0)]
    text = FILE.format(blue=blue, red=red).encode()
    told = version_of(read(text, [label.name for label in LABELS]), 1, blobs.put(text), "2030-01-01")
    run = project / "runs" / "train-several"
    run.mkdir(parents=True)
    config = tiny_config(
        knowledge=KnowledgeConfig(version="1"), teachers=(), loss=LossConfig(), optim=OptimConfig(epochs=4, batch=16)
    )
    task = Task(
        job_id=run.name,
        kind="train",
        project=str(project),
        labels=LABELS,
        answers="several",
        train=config,
        knowledge=told,
    )
    (run / TASK_FILE).write_text(task.model_dump_json(), encoding="utf-8")
    (run / CASES_FILE).write_text("".join(case.model_dump_json() + "\n" for case in cases), encoding="utf-8")
    train(RunFolder(run))
    return run / "final"


def _report(model: Path) -> KnowledgeReport:
    summary = load_council(model).summary
    assert summary is not None
    assert summary.knowledge is not None
    return summary.knowledge


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _trained(tmp_path_factory.mktemp("right"), 1, -1)


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _trained(tmp_path_factory.mktemp("wrong"), -1, 1)


def test_rules_when_cases_have_several_labels_are_each_judged_by_their_own_label(right: Path, wrong: Path) -> None:
    blue, red, beside = _report(right).rules
    assert (blue.verdict, red.verdict, beside.verdict) == ("agrees", "agrees", "unclear")
    assert (blue.share.value, blue.share_else.value) == (1.0, 0.0)
    assert abs(beside.gap.value) < 0.3
    assert [rule.verdict for rule in _report(wrong).rules[:2]] == ["disagrees", "disagrees"]


def test_trust_when_a_file_is_wrong_of_several_labels_is_next_to_none_and_beside_a_right_one_small(
    right: Path, wrong: Path
) -> None:
    assert _report(right).beta > 1
    assert _report(wrong).beta < 0.1 * _report(right).beta


def test_answers_when_told_alone_and_together_count_cases_with_all_labels_right(right: Path) -> None:
    report = _report(right)
    assert report.alone is not None
    assert report.together is not None
    assert report.data_only is not None
    assert report.together.n == report.data_only.n == TRAINED
    assert report.alone.n < TRAINED, "a case without a text is none that the file speaks of"
    # The file knows one of three labels; the other two are tossed coins to it.
    assert 0.05 < report.alone.value < 0.6


def test_specialist_when_named_by_one_of_several_labels_has_the_cases_that_bear_it(right: Path) -> None:
    (colours,) = _report(right).specialists
    bear = sum("cold" in (planted.case.labels or ()) for planted in _planted(right))
    assert bear <= colours.cases < TRAINED


def test_label_when_its_rules_are_right_is_told_better_than_few_cases_alone_teach(right: Path, wrong: Path) -> None:
    report = _report(right)
    assert report.together is not None
    assert report.data_only is not None
    assert report.together.value > report.data_only.value
    names = [label.name for label in LABELS]
    shares = []
    for model in (right, wrong):
        blobs = Blobs(model.parents[2] / "blobs")
        predictor = Predictor(load_council(model), "cpu")
        asked = [one for one in plant_many("test", ASKED, 2, blobs, 0.0) if "text" in one.present]
        told = [predictor.predict(one.case.parts, blobs, explain=False) for one in asked]
        chance_N = np.array([dict(zip(one.labels, one.probabilities, strict=True))[names[0]] for one in told])
        shares.append(float(((chance_N >= 0.5) == np.array([one.bits["text"] for one in asked])).mean()))
    assert shares[0] >= 0.95
    assert shares[0] > shares[1]


def _planted(model: Path) -> list[ManyPlanted]:
    return list(plant_many("train", TRAINED, 1, Blobs(model.parents[2] / "blobs"), 0.0))
