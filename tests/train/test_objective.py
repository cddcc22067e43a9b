"""What a step is moved by: which parts there are, what they weigh when, and that what is off costs nothing."""

import pytest
import torch
from torch import Tensor

from engine.model.student import Outcome
from engine.schema.config import Choice, LossConfig, LossCurves
from engine.teachers.lessons import Lessons
from engine.train import balancing, relations
from engine.train.objective import ON_REQUEST, PARTS, Fewer, Objective
from engine.train.trainer import one_hidden
from tests.model.small_council import LABELS, mixed, student
from tests.preprocess.small_world import SMALL
from workbench.widgets.run_facts import PARTS as SHOWN

FEWER = Fewer(torch.zeros(5, LABELS), torch.ones(5, dtype=torch.bool))


def _outcome() -> Outcome:
    return student()(mixed(), None, True)


def _lessons() -> Lessons:
    dice = torch.Generator().manual_seed(1)
    answers_NVC = torch.randn(5, 2, LABELS, generator=dice).log_softmax(2)
    return Lessons("reader", "text", answers_NVC, torch.ones(5, 2).bool(), torch.randn(5, 2, 9, generator=dice))


def _dense() -> Lessons:
    """Return what a teacher of everything says, by subset, and where it looks."""
    dice = torch.Generator().manual_seed(3)
    answers_NVC, known_NV = torch.randn(5, 8, LABELS, generator=dice).log_softmax(2), torch.ones(5, 8).bool()
    maps_NVP = torch.randn(5, 8, 9, generator=dice)
    return Lessons("dense", None, answers_NVC, known_NV, maps_NVP=maps_NVP, mapped_NV=known_NV)


def _parts(config: LossConfig, lessons: tuple[Lessons, ...] = (), done: float = 0.0) -> dict[str, Tensor]:
    torch.manual_seed(2)
    objective = Objective(config, 0.0, lessons, SMALL.width)
    fewer = FEWER if config.more_not_worse else None
    rows_B, view_B = torch.arange(5), torch.tensor([0, 1, 0, 1, 0])
    return objective(_outcome(), mixed().labels_B, rows_B, view_B, done, fewer)


def test_objective_when_nothing_new_is_asked_then_has_the_parts_and_parameters_it_always_had() -> None:
    assert set(_parts(LossConfig())) == {"loss", *PARTS}
    assert not list(Objective(LossConfig(), 0.0, (), SMALL.width).parameters())


@pytest.mark.parametrize("name", [*PARTS, *ON_REQUEST])
def test_any_part_when_it_weighs_twice_as_much_then_moves_the_error_twice_as_far(name: str) -> None:
    nothing = dict.fromkeys(PARTS, 0.0) | {"global_experts": 256}
    once, twice = (_parts(LossConfig(**nothing | {name: weight}), (_lessons(), _dense())) for weight in (0.5, 1.0))
    assert once["loss"].item() == pytest.approx(0.5 * once[name].item())
    assert twice["loss"].item() == pytest.approx(2 * once["loss"].item())
    assert once[name].item() != 0


@pytest.mark.parametrize("name", [*PARTS, *ON_REQUEST])
def test_any_part_when_its_weight_moves_then_the_weight_is_told_and_counts(name: str) -> None:
    nothing = dict.fromkeys(PARTS, 0.0)
    config = LossConfig(**nothing | {name: 0.8}, over_time=LossCurves(**{name: "linear-down"}))
    parts = _parts(config, (_lessons(),), done=0.25)
    assert parts[f"weight_{name}"].item() == pytest.approx(0.6)
    assert parts["loss"].item() == pytest.approx(0.6 * parts[name].item())
    assert [key for key in parts if key.startswith("weight_")] == [f"weight_{name}"]


def test_the_window_when_it_lists_the_parts_then_knows_every_one() -> None:
    assert set(SHOWN) == {*PARTS, *ON_REQUEST}


def test_a_curve_when_its_part_has_no_weight_then_changes_nothing() -> None:
    moved = _parts(LossConfig(over_time=LossCurves(contrast="cosine", distil="linear-up")), done=0.3)
    assert set(moved) == {"loss", *PARTS, "weight_distil"}


def test_relations_when_there_is_a_teacher_then_compare_the_vectors_of_its_modality() -> None:
    outcome, lesson = _outcome(), _lessons()
    parts = _parts(LossConfig(relation_distance=1.0, relation_angle=1.0), (lesson,))
    assert lesson.hidden_NVD is not None
    taught_BD = lesson.hidden_NVD[torch.arange(5), torch.tensor([0, 1, 0, 1, 0])]
    for name in ("relation_distance", "relation_angle"):
        expected = getattr(relations, name)(outcome.own_BMD[:, 0], taught_BD, outcome.present_BM[:, 0])
        assert parts[name].item() == pytest.approx(expected.item(), rel=1e-5)


def test_relations_when_no_teacher_shows_hidden_vectors_then_are_zero() -> None:
    assert _parts(LossConfig(relation_distance=1.0, relation_angle=1.0))["relation_angle"].item() == 0


@pytest.mark.parametrize("learned", [True, False])
def test_contrast_when_its_temperature_is_fixed_then_it_takes_no_gradient(learned: bool) -> None:
    objective = Objective(LossConfig(contrast=1.0, contrast_learned=learned), 0.0, (), SMALL.width)
    parts = objective(_outcome(), mixed().labels_B, torch.arange(5), torch.zeros(5, dtype=torch.long))
    parts["contrast"].backward()
    learning = dict(objective.named_parameters())
    assert (learning["contrast.log_heat"].grad is not None) == learned
    assert learning["contrast.log_heat"].exp().item() == pytest.approx(1 / 0.07, rel=1e-5)
    assert learning["contrast.maps.0.weight"].grad is not None


def test_one_hidden_when_drawn_then_hides_exactly_one_where_two_are_left_to_choose_from() -> None:
    present_BM = torch.tensor([[bool(i & 1), bool(i & 2), bool(i & 4)] for i in range(8)]).repeat(200, 1)
    hidden_BM = one_hidden(present_BM, torch.Generator().manual_seed(0))
    several_B = present_BM.sum(1) >= 2
    assert torch.equal(hidden_BM.sum(1), several_B.long())
    assert not (hidden_BM & ~present_BM).any()
    shares_M = hidden_BM[present_BM.all(1)].float().mean(0)
    assert ((shares_M - 1 / 3).abs() < 0.12).all()


def test_the_balance_when_the_rest_is_in_half_precision_then_is_what_it_is_in_full() -> None:
    config = LossConfig(importance=1.0, local_entropy=1.0, global_entropy=1.0, modality_entropy=1.0)
    outcome, batch = _outcome(), mixed()
    objective = Objective(config, 0.0, (), SMALL.width)
    rows_B, view_B = torch.arange(5), torch.zeros(5, dtype=torch.long)
    plain = objective(outcome, batch.labels_B, rows_B, view_B)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = objective(outcome, batch.labels_B, rows_B, view_B)
    for name in ("balance", "importance", "local_entropy", "global_entropy", "modality_entropy", "router_z"):
        assert rough[name].item() == plain[name].item()


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("name", ["balance", "importance", "load"])
def test_a_balance_when_it_is_pooled_or_not_then_is_the_mean_of_just_that_over_the_layers(
    name: str, pooled: bool
) -> None:
    torch.manual_seed(5)
    outcome = student(SMALL.model_copy(update={"router": Choice(name="noisy-top-k")})).train()(mixed())
    assert {layer.chance_TE is None for layer in outcome.routing} == {False}
    objective = Objective(LossConfig(**{name: 1.0}, balance_pooled=pooled), 0.0, (), SMALL.width)
    parts = objective(outcome, mixed().labels_B, torch.arange(5), torch.zeros(5, dtype=torch.long))
    ways = {
        way: sum(getattr(balancing, name)(layer, outcome.modality_T, 3, way).item() for layer in outcome.routing)
        / len(outcome.routing)
        for way in (False, True)
    }
    assert parts[name].item() == pytest.approx(ways[pooled], rel=1e-5)
    assert ways[False] != pytest.approx(ways[True], rel=1e-4)
