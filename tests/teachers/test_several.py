"""Teachers where a case may have several labels: each log-probability is that of its label by itself."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.teachers.fusion import FusionTeacher
from engine.teachers.lessons import Lessons, average
from engine.teachers.probe import calibrated, crossed_answers, each_by_itself, log_chances, log_odds
from engine.teachers.soft_labels import SoftLabels
from engine.train.folds import Fold
from tests.teachers import tiny

ROWS = np.arange(200)
FOLD = Fold(1, ROWS[:150], ROWS[150:])
MARKS_NC = np.random.default_rng(3).integers(0, 2, (200, 3))


class Present:
    """A batch of which only the modalities that are there matter."""

    present_BM = torch.tensor([[True, False, False]] * 200)


def test_probe_when_labels_lie_in_directions_of_their_own_answers_each_and_never_from_a_row_it_learned(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(0)
    vectors_NVD = torch.from_numpy(np.concatenate([2.0 * MARKS_NC - 1, rng.normal(size=(200, 5))], 1)[:, None]).float()
    vectors_NVD += torch.from_numpy(rng.normal(0, 0.7, vectors_NVD.shape)).float()
    marks_NC = MARKS_NC.copy()
    marks_NC[:20] = 1 - marks_NC[:20]  # rows whose truth is turned round: a probe that had seen them would follow it
    room = tiny.room(tmp_path, marks_NC.tolist())
    chances_NC = crossed_answers(vectors_NVD, torch.ones(200, dtype=torch.bool), room, FOLD)[:, 0].exp().numpy()
    assert ((chances_NC[20:] >= 0.5) == MARKS_NC[20:]).mean() > 0.85
    assert ((chances_NC[:20] >= 0.5) == MARKS_NC[:20]).mean() > 0.8
    sums = chances_NC.sum(1)
    assert sums.min() < 0.7
    assert sums.max() > 2.3


def test_answers_of_several_when_too_sure_are_calibrated_by_one_temperature_and_keep_their_order() -> None:
    rng = np.random.default_rng(1)
    truth_NC = rng.normal(0, 1.5, (4000, 3))
    marks_NC = (rng.random((4000, 3)) < 1 / (1 + np.exp(-truth_NC))).astype(np.int64)
    found_NC = calibrated(3.0 * truth_NC[:, None], marks_NC, np.arange(4000))[:, 0].double()
    assert np.polyfit(truth_NC.ravel(), log_odds(found_NC).numpy().ravel(), 1)[0] == pytest.approx(1.0, abs=0.08)


def test_scores_that_compete_when_made_chances_of_each_are_calibrated_whatever_their_scale_and_each_labels_share() -> (
    None
):
    rng = np.random.default_rng(2)
    truth_NC = rng.normal(0, 1.5, (6000, 4)) + np.array([-2.0, 0.0, 1.0, -1.0])
    marks_NC = (rng.random((6000, 4)) < 1 / (1 + np.exp(-truth_NC))).astype(np.int64)
    scores_NC = (
        0.2 * (truth_NC - np.array([-2.0, 0.0, 1.0, -1.0])) - 30
    )  # how often a label holds is nothing a model knows
    found_NC = each_by_itself(scores_NC, marks_NC, np.arange(3000))
    new_NC = log_odds(found_NC[3000:]).numpy()
    slope, offset = np.polyfit(truth_NC[3000:].ravel(), new_NC.ravel(), 1)
    assert slope == pytest.approx(1.0, abs=0.08)
    assert offset == pytest.approx(0.0, abs=0.1)
    assert torch.allclose(each_by_itself(scores_NC + 7, marks_NC, np.arange(3000)), found_NC, atol=1e-3)


def test_scores_that_compete_when_nothing_tells_labels_apart_become_the_share_of_all() -> None:
    found_NC = each_by_itself(
        np.random.default_rng(0).normal(size=(9, 3)), np.ones((9, 3), np.int64), np.arange(9)
    ).exp()
    assert found_NC.min() == found_NC.max()
    assert 0.95 < found_NC.min() < 1
    assert each_by_itself(np.zeros((4, 2)), np.zeros((4, 2), np.int64), np.arange(0)).exp().max() == pytest.approx(0.5)


def test_log_odds_when_taken_of_log_chances_are_the_logits_again_even_near_certainty() -> None:
    logits = torch.tensor([-12.0, -3.0, 0.0, 0.5, 12.0])
    assert torch.allclose(log_odds(log_chances(logits, several=True)).float(), logits, rtol=1e-4)
    assert torch.isfinite(log_odds(log_chances(torch.tensor([-1e4, 1e4]), several=True))).all()


def test_average_of_several_teachers_is_the_mean_chance_of_each_label() -> None:
    def lesson(chances: list[float]) -> Lessons:
        return Lessons("t", None, torch.tensor([[chances]]).log(), torch.ones(1, 1, dtype=torch.bool))

    mean = average([lesson([0.2, 0.9]), lesson([0.6, 0.7])]).answers_NVC.exp()
    assert torch.allclose(mean[0, 0], torch.tensor([0.4, 0.8]))


def test_dense_teacher_of_several_when_too_sure_of_what_it_left_out_becomes_less_sure_of_each_label(
    tmp_path: Path,
) -> None:
    answers_NSC = torch.tensor([0.99, 0.99, 0.01]).log().expand(18, 8, 3)
    marks_NC = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 0]] * 6)
    present = SimpleNamespace(present_BM=torch.ones(18, 3, dtype=torch.bool))
    room = tiny.room(tmp_path, marks_NC.tolist(), batches=lambda shape: [present])
    rows = np.arange(18)
    folds = [Fold(1, rows[9:], rows[:9]), Fold(2, rows[:9], rows[9:])]
    lessons = [Lessons("fusion", None, answers_NSC, torch.ones(18, 8, dtype=torch.bool))] * 2
    for one in FusionTeacher(calibrate=True).calibrated(room, folds, lessons):
        found = one.answers_NVC.exp()
        assert found[0, 0, 0].item() == pytest.approx(found[0, 0, 1].item())
        assert found[0, 0, 0].item() == pytest.approx(2 / 3, abs=0.02)
        assert found[0, 0, 2].item() == pytest.approx(1 / 3, abs=0.02)


def test_file_of_several_when_rows_do_not_add_up_to_one_is_read_column_by_column(tmp_path: Path) -> None:
    file = tmp_path / "soft.csv"
    rows = [
        f"case-{i},{0.9 - 0.8 * (1 - a)},{0.9 - 0.8 * (1 - b)},{0.9 - 0.8 * (1 - c)}"
        for i, (a, b, c) in enumerate(MARKS_NC)
    ]
    file.write_text("\n".join(["case_id,card,transfer,charge twice", *rows]), encoding="utf-8")
    room = tiny.room(tmp_path / "lessons", MARKS_NC.tolist(), batches=lambda shape: [Present()])
    lessons = SoftLabels(file=str(file)).teach(room, FOLD)
    chances_NC = lessons.answers_NVC[:, 1].exp().numpy()
    assert ((chances_NC >= 0.5) == MARKS_NC).all()
    assert bool(lessons.known_NV[:, 1].all())
