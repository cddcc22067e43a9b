"""Several teachers in one run: how they are named and set."""

from types import SimpleNamespace

import pytest
import torch

from engine.schema.config import Choice, LossConfig, RunConfig, apply_settings, choice_keys
from engine.teachers.lessons import Lessons
from engine.train.objective import Objective


def test_teachers_when_the_same_one_stands_twice_then_each_has_a_name_and_settings_of_its_own() -> None:
    config = apply_settings(RunConfig(recipe="distil"), {"teachers": "pretrained-text,fusion,pretrained-text"})
    config = apply_settings(
        config,
        {
            "teachers.pretrained-text-2.model": "other",
            "teachers.pretrained-text.weight": "2.5",
            "teachers.fusion.weight": "0.5",
        },
    )
    assert choice_keys(config.teachers) == ("pretrained-text", "fusion", "pretrained-text-2")
    assert [choice.settings for choice in config.teachers] == [{"weight": 2.5}, {"weight": 0.5}, {"model": "other"}]


def test_teachers_when_listed_anew_then_those_that_stay_keep_their_settings() -> None:
    choices = (Choice(name="fusion", settings={"epochs": 3}), Choice(name="pretrained-text", settings={"model": "m"}))
    config = apply_settings(RunConfig(recipe="distil", teachers=choices), {"teachers": "pretrained-text,fusion"})
    assert [(choice.name, choice.settings) for choice in config.teachers] == [
        ("pretrained-text", {"model": "m"}),
        ("fusion", {"epochs": 3}),
    ]


def _lessons(name: str, weight: float) -> Lessons:
    random = torch.Generator().manual_seed(len(name))
    answers_NVC = torch.randn(4, 8, 3, generator=random).log_softmax(-1)
    hidden_NVD = torch.randn(4, 8, 5, generator=random)
    return Lessons(name, None, answers_NVC, torch.ones(4, 8, dtype=torch.bool), hidden_NVD, weight)


def _parts(*lessons: Lessons) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    objective = Objective(LossConfig(), 0.0, lessons, 6)
    random = torch.Generator().manual_seed(3)
    outcome = SimpleNamespace(
        logits_BC=torch.randn(4, 3, generator=random),
        auxiliary_BMC=torch.randn(4, 3, 3, generator=random),
        present_BM=torch.ones(4, 3, dtype=torch.bool),
        fused_BD=torch.randn(4, 6, generator=random),
        own_BMD=torch.randn(4, 3, 6, generator=random),
    )
    return objective._lessons_of(outcome, torch.arange(4), torch.zeros(4, dtype=torch.long))  # type: ignore[arg-type]


def test_weight_when_one_then_changes_no_bit_and_when_two_then_counts_twice() -> None:
    plain, once, twice, nothing = (_parts(_lessons("one", weight)) for weight in (1.0, 1.0, 2.0, 0.0))
    for part in ("distil", "hidden"):
        assert torch.equal(plain[part], once[part])
        assert twice[part].item() == pytest.approx(2 * plain[part].item(), rel=1e-6)
        assert nothing[part].item() == 0
        assert plain[part].item() > 0
