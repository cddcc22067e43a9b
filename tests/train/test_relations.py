"""The parts that compare cases: each against its formula spelled out in plain loops, in float64."""

import math
from collections.abc import Callable
from itertools import combinations

import pytest
import torch
from torch import Tensor

from engine.train import relations

EVERY = torch.ones(7, dtype=torch.bool)
SOME = torch.tensor([True, True, False, True, True, False, True])
TAU = torch.tensor(0.07, dtype=torch.float64)
Relation = Callable[[Tensor, Tensor, Tensor], Tensor]
BOTH = pytest.mark.parametrize("relation", [relations.relation_distance, relations.relation_angle])


def _random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def _huber(one: float, other: float) -> float:
    gap = abs(one - other)
    return gap**2 / 2 if gap < 1 else gap - 0.5


def _cosine(one: Tensor, other: Tensor) -> float:
    return float(one @ other / (one.norm() * other.norm()))


@pytest.mark.parametrize("known_B", [EVERY, SOME], ids=["every", "some"])
def test_distances_when_computed_then_are_hubers_of_distances_over_their_mean(known_B: Tensor) -> None:
    student_BD, teacher_BD = _random(7, 5), _random(7, 3, seed=1)
    pairs = [(i, j) for i, j in combinations(range(7), 2) if known_B[i] and known_B[j]]
    ours = [float((student_BD[i] - student_BD[j]).norm()) for i, j in pairs]
    theirs = [float((teacher_BD[i] - teacher_BD[j]).norm()) for i, j in pairs]
    means = sum(ours) / len(pairs), sum(theirs) / len(pairs)
    expected = sum(_huber(a / means[0], b / means[1]) for a, b in zip(ours, theirs, strict=True)) / len(pairs)
    assert relations.relation_distance(student_BD, teacher_BD, known_B).item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("known_B", [EVERY, SOME], ids=["every", "some"])
def test_angles_when_computed_then_are_hubers_of_cosines_at_each_corner(known_B: Tensor) -> None:
    student_BD, teacher_BD = _random(7, 5), _random(7, 3, seed=1)
    there = [i for i in range(7) if known_B[i]]
    found = []
    for j in there:
        for i, k in combinations([i for i in there if i != j], 2):
            ours, theirs = ((x[i] - x[j], x[k] - x[j]) for x in (student_BD, teacher_BD))
            found.append(_huber(_cosine(*ours), _cosine(*theirs)))
    expected = sum(found) / len(found)
    assert relations.relation_angle(student_BD, teacher_BD, known_B).item() == pytest.approx(expected, rel=1e-9)


@BOTH
def test_relations_when_vectors_are_turned_moved_and_stretched_then_do_not_notice(relation: Relation) -> None:
    student_BD = _random(7, 5)
    turned_BD = 3.7 * student_BD @ torch.linalg.qr(_random(5, 5, seed=2))[0] + _random(5, seed=3)
    assert relation(student_BD, turned_BD, EVERY).item() == pytest.approx(0, abs=1e-12)
    assert relation(student_BD, _random(7, 5, seed=4), EVERY).item() > 1e-3


@BOTH
def test_relations_when_cases_change_places_then_are_the_same(relation: Relation) -> None:
    student_BD, teacher_BD, order_B = _random(7, 5), _random(7, 3, seed=1), torch.tensor([3, 1, 6, 0, 2, 5, 4])
    moved = relation(student_BD[order_B], teacher_BD[order_B], SOME[order_B])
    assert moved.item() == pytest.approx(relation(student_BD, teacher_BD, SOME).item(), rel=1e-9)


@BOTH
@pytest.mark.parametrize("known", [0, 1])
def test_relations_when_too_few_are_known_then_are_zero_with_a_gradient_of_zero(relation: Relation, known: int) -> None:
    student_BD = _random(7, 5).requires_grad_()
    loss = relation(student_BD, _random(7, 3), torch.arange(7) < known)
    loss.backward()
    assert loss.item() == 0
    assert student_BD.grad is not None
    assert not student_BD.grad.any()


@BOTH
def test_relations_when_an_unknown_case_is_not_a_number_then_do_not_notice(relation: Relation) -> None:
    student_BD, teacher_BD = _random(7, 5), _random(7, 3, seed=1)
    expected = relation(student_BD, teacher_BD, SOME)
    junk_BD, leaf_BD = teacher_BD.clone(), student_BD.clone()
    junk_BD[~SOME], leaf_BD[~SOME] = math.nan, math.inf
    leaf_BD.requires_grad_()
    found = relation(leaf_BD, junk_BD, SOME)
    found.backward()
    assert torch.equal(found.detach(), expected)
    assert leaf_BD.grad is not None
    assert leaf_BD.grad.isfinite().all()


@BOTH
def test_relations_when_differentiated_then_agree_with_differences(relation: Relation) -> None:
    teacher_BD = _random(7, 3, seed=1)
    assert torch.autograd.gradcheck(lambda x_BD: relation(x_BD, teacher_BD, SOME), (_random(7, 4).requires_grad_(),))


@BOTH
def test_relations_when_two_cases_are_the_same_then_stay_finite(relation: Relation) -> None:
    student_BD = _random(7, 4)
    student_BD[1] = student_BD[0]
    student_BD.requires_grad_()
    relation(student_BD, _random(7, 3), EVERY).backward()
    assert student_BD.grad is not None
    assert student_BD.grad.isfinite().all()


def test_angles_when_the_batch_is_large_then_only_its_first_cases_take_part() -> None:
    cases = relations.MOST_RELATED + 5
    student_BD = _random(cases, 2)
    moved_BD = torch.cat([student_BD[: relations.MOST_RELATED], _random(5, 2, seed=9)])
    assert relations.relation_angle(student_BD, moved_BD, torch.ones(cases, dtype=torch.bool)).item() == 0


PRESENT = torch.tensor([[1, 1, 1], [1, 1, 0], [0, 1, 1], [1, 1, 1], [1, 0, 0], [1, 1, 0], [0, 0, 0]], dtype=torch.bool)


def test_contrast_when_computed_then_is_the_mean_of_both_ways_over_pairs_that_exist() -> None:
    x_BMD = _random(7, 3, 4)
    values = []
    for a, b in combinations(range(3), 2):
        cases = [i for i in range(7) if PRESENT[i, a] and PRESENT[i, b]]
        scores = [[_cosine(x_BMD[i, a], x_BMD[j, b]) / float(TAU) for j in cases] for i in cases]
        for table in (scores, [list(column) for column in zip(*scores, strict=True)]):
            rows = [math.log(sum(map(math.exp, row))) - row[place] for place, row in enumerate(table)]
            values.append(sum(rows) / len(rows))
    assert relations.contrast(x_BMD, PRESENT, TAU).item() == pytest.approx(sum(values) / len(values), rel=1e-9)


def test_contrast_when_an_absent_modality_is_not_a_number_then_does_not_notice() -> None:
    x_BMD = _random(7, 3, 4)
    junk_BMD = torch.where(PRESENT[..., None], x_BMD, math.nan).requires_grad_()
    found = relations.contrast(junk_BMD, PRESENT, TAU)
    found.backward()
    assert torch.equal(found.detach(), relations.contrast(x_BMD, PRESENT, TAU))
    assert junk_BMD.grad is not None
    assert junk_BMD.grad.isfinite().all()


def test_contrast_when_no_two_cases_have_both_then_is_zero_with_a_gradient_of_zero() -> None:
    alone_BM = torch.eye(3, dtype=torch.bool)[torch.arange(7) % 3]
    x_BMD = torch.where(alone_BM[..., None], _random(7, 3, 4), math.inf).requires_grad_()
    loss = relations.contrast(x_BMD, alone_BM, TAU)
    assert loss.item() == 0
    loss.backward()
    assert x_BMD.grad is not None
    assert torch.equal(x_BMD.grad, torch.zeros_like(x_BMD))


def test_contrast_when_each_case_finds_its_own_then_is_near_zero_and_chance_is_the_log_of_the_cases() -> None:
    same_BMD = _random(7, 1, 64).expand(7, 3, 64)
    everyone = torch.ones(7, 3, dtype=torch.bool)
    assert relations.contrast(same_BMD, everyone, TAU).item() < 0.01
    alike_BMD = torch.ones(7, 3, 64, dtype=torch.float64)
    assert relations.contrast(alike_BMD, everyone, TAU).item() == pytest.approx(math.log(7))


def test_contrast_when_differentiated_then_agrees_with_differences_also_in_its_temperature() -> None:
    inputs = (_random(7, 3, 4).requires_grad_(), torch.tensor(0.5, dtype=torch.float64, requires_grad=True))
    assert torch.autograd.gradcheck(lambda x_BMD, tau: relations.contrast(x_BMD, PRESENT, tau), inputs)
