from pathlib import Path

import numpy as np
import pytest
import torch

from engine.schema.config import Choice, StudentConfig
from engine.teachers.base import FoldRows
from engine.teachers.fusion import FusionTeacher, FusionTeacherConfig, _together, rescaled
from engine.teachers.probe import log_chances
from engine.train.folds import Fold
from tests.teachers import tiny


class Asked(Exception):
    """Ends a lesson at the moment the teacher would be trained."""


def _asked(folder: Path, calibrate: bool) -> FoldRows:
    seen: list[FoldRows] = []

    def train(shape: StudentConfig, fold: FoldRows, name: str, epochs: int) -> None:
        seen.append(fold)
        raise Asked

    rows = np.arange(24)
    room = tiny.room(folder, [i % 3 for i in range(24)], train=train)
    with pytest.raises(Asked):
        FusionTeacher(calibrate=calibrate).teach(room, Fold(1, rows[:18], rows[18:]))
    return seen[0]


def test_dense_teacher_when_calibrated_then_keeps_whole_groups_aside_and_never_touches_held_out_rows(
    tmp_path: Path,
) -> None:
    plain, calibrated = _asked(tmp_path, False), _asked(tmp_path, True)
    assert plain.learn.tolist() == list(range(18))
    aside = sorted(set(plain.learn.tolist()) - set(calibrated.learn.tolist()))
    assert aside == [row for row in range(18) if row % 3 == 0]
    assert calibrated.held.tolist() == plain.held.tolist()


def test_answers_when_too_sure_on_the_rows_kept_aside_then_all_become_less_sure_in_the_same_order() -> None:
    answers_NSC = torch.tensor([0.98, 0.01, 0.01]).log().expand(9, 8, 3)
    labels_N = np.arange(9) % 3
    found = rescaled(answers_NSC, np.full(9, 7), labels_N, np.array([0, 3, 4, 6, 8]))
    assert found.exp()[0, 0, 0].item() == pytest.approx(0.6, abs=0.01)
    assert torch.allclose(found.exp().sum(-1), torch.ones(9, 8))


@pytest.mark.parametrize(
    "settings", [{"text_model": "some/model"}, {"tuned_layers": 2}, {"image": "pretrained", "audio_model": "m"}]
)
def test_settings_when_they_name_an_encoder_that_would_not_be_kept_then_are_refused(
    settings: dict[str, object],
) -> None:
    with pytest.raises(ValueError, match=r"pretrained|encoder kept inside"):
        FusionTeacherConfig.model_validate(settings)
    assert (
        FusionTeacherConfig.model_validate({"text": "pretrained", "text_model": "m", "tuned_layers": 2}).tuned_layers
        == 2
    )


def test_shape_when_an_encoder_is_kept_then_only_that_kind_of_input_is_read_otherwise_than_by_the_student() -> None:
    settings = FusionTeacherConfig(image="pretrained", image_model="some/vit", tuned_layers=1).model_dump()
    settings.pop("weight")
    student = StudentConfig(text=Choice(name="pretrained"))
    shape = FusionTeacher(**settings).shape(student)
    assert shape.image == Choice(name="pretrained", settings={"model": "some/vit", "tuned_layers": 1})
    assert (shape.text, shape.audio, shape.experts) == (student.text, student.audio, 1)


def test_shape_when_the_student_has_other_layers_experts_and_widths_then_is_the_same_teacher() -> None:
    small = StudentConfig(width=32, hidden=16, layers=1, experts=4)
    shapes = [FusionTeacher(width=48, hidden=64, layers=3).shape(student) for student in (StudentConfig(), small)]
    assert shapes[0] == shapes[1]
    assert (shapes[0].width, shapes[0].hidden, shapes[0].layers, shapes[0].experts) == (48, 64, 3, 1)


@pytest.mark.parametrize("several", [False, True])
def test_members_when_they_answer_together_then_by_the_mean_of_their_probabilities(several: bool) -> None:
    random = torch.Generator().manual_seed(2)
    members = [{"answers_NSC": log_chances(torch.randn(5, 8, 3, generator=random), several)} for _ in range(3)]
    found_NSC = _together(members, several)["answers_NSC"]
    mean_NSC = sum(one["answers_NSC"].exp() for one in members) / 3
    assert torch.allclose(found_NSC.exp(), mean_NSC, atol=1e-6)
