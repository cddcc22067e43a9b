"""Whether a council is right more often than logistic regression on the same inputs, by an exact McNemar test on the validation rows.

Beside it stand the council's balanced accuracy and its calibration error with its bootstrap interval, on the same rows.

    python -m engine.jobs.regression_trial PROJECT MODEL [MODEL ...] [--dataset NAME]

The regression learns from the training rows of the data set and chooses its penalty there, whole groups left out in turn; each model
and the regression then answer the same validation rows once. Shapes: N cases, C labels.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.device import choose_device
from engine.evaluate.council import council_answers
from engine.evaluate.measures import balanced_accuracy, calibration_error_interval, wilson
from engine.evaluate.regression import Features, fit_regression, parting
from engine.jobs.by_hand import exit_code
from engine.jobs.table import Source
from engine.model.pretrained import load_council
from engine.schema.case import Case
from engine.schema.errors import UserError
from engine.schema.model import Interval
from engine.store.blobs import Blobs
from engine.store.project import ProjectFolder


def main(arguments: Sequence[str]) -> int:
    """Print the comparison; 2 where a person can mend what is missing."""
    asked = _parser().parse_args(arguments)
    return exit_code(lambda: _compare(asked))


def _compare(asked: argparse.Namespace) -> int:
    source = Source.of(asked.project, asked.dataset)
    folder = ProjectFolder(asked.project).path
    if source.dataset.answers == "several":
        raise UserError(
            "bad-setting", key="dataset", value=source.dataset.dataset, detail="it has several labels a case"
        )
    known = {label.name: number for number, label in enumerate(source.dataset.labels)}
    every = [Case.model_validate_json(line) for line in source.lines.splitlines()]
    labelled = [case for case in every if case.label in known and case.readable()]
    train, held = ([case for case in labelled if case.split == split] for split in ("train", "val"))
    if not train or not held:
        raise UserError("no-training-data")
    blobs = Blobs(folder / "blobs")
    features = Features(blobs)
    labels_N = np.array([known[case.label] for case in train])
    truth_N = np.array([known[case.label] for case in held])
    both_ND = features.of([*train, *held])  # at once: what one of them wholly lacks takes its place in both
    regression = fit_regression(both_ND[: len(train)], labels_N, [case.group for case in train])
    plain_N = regression.predict(both_ND[len(train) :]) == truth_N
    penalty = regression.named_steps["logisticregression"].C
    sys.stdout.write(f"{source.dataset.dataset}: {len(train)} cases learned from, {len(held)} for validation\n")
    sys.stdout.write(f"logistic regression (C = {penalty:g}): {_share(plain_N)}\n")
    for model in asked.models:
        council = load_council(folder / "models" / model)
        if not known.keys() <= {label.name for label in council.labels}:
            raise UserError(
                "bad-setting", key="model", value=model, detail="it does not know all labels of the data set"
            )
        answers, _ = council_answers(council, held, blobs, choose_device("cpu"))
        answers_N = answers.probabilities_NC.argmax(1)
        right_N = answers_N == answers.labels_N
        parted = parting(right_N, plain_N)
        error = calibration_error_interval(answers.probabilities_NC, answers.labels_N)
        sys.stdout.write(
            f"{model}: {_share(right_N)}; it alone right {parted.first}, the regression alone {parted.second}, "
            f"McNemar p = {parted.p_value:.2g}; balanced {balanced_accuracy(answers.labels_N, answers_N):.3f}; "
            f"ECE {error.value:.3f} (95 % of bootstraps {error.low:.3f} to {error.high:.3f})\n"
        )
    return 0


def _share(right_N: NDArray[np.bool_]) -> str:
    share: Interval = wilson(int(right_N.sum()), len(right_N))
    return f"{share.value:.3f} ({share.low:.3f} to {share.high:.3f})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m engine.jobs.regression_trial", description="Hold models against logistic regression."
    )
    parser.add_argument("project", type=Path, help="the project folder")
    parser.add_argument("models", nargs="+", help="ids of models of the project")
    parser.add_argument("--dataset", default="", help="the data set; empty takes the newest")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
