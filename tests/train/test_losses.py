import math

import pytest
import torch
from torch.nn import functional

from engine.train import losses

GENERATOR = torch.Generator().manual_seed(0)


def _random(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=GENERATOR)


def test_distil_when_student_equals_teacher_then_is_zero_at_any_temperature() -> None:
    answers_BC = _random(5, 4).log_softmax(1)
    known_B = torch.ones(5, dtype=torch.bool)
    for temperature in (1.0, 2.0, 7.0):
        assert losses.distil(answers_BC, answers_BC, known_B, temperature).item() == pytest.approx(0, abs=1e-6)


def test_distil_when_temperature_is_one_then_is_the_plain_divergence() -> None:
    logits_BC, taught_BC = _random(6, 3), _random(6, 3).log_softmax(1)
    p_BC, q_BC = taught_BC.exp(), logits_BC.softmax(1)
    expected = (p_BC * (p_BC.log() - q_BC.log())).sum(1).mean()
    found = losses.distil(logits_BC, taught_BC, torch.ones(6, dtype=torch.bool), 1.0)
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)


def test_distil_when_temperature_grows_then_gradient_stays_on_its_scale() -> None:
    norms = []
    for temperature in (4.0, 40.0):
        logits_BC = _random(8, 5).requires_grad_()
        taught_BC = _random(8, 5).log_softmax(1)
        losses.distil(logits_BC, taught_BC, torch.ones(8, dtype=torch.bool), temperature).backward()
        assert logits_BC.grad is not None
        norms.append(logits_BC.grad.norm().item())
    assert 0.2 < norms[0] / norms[1] < 5


def test_distil_when_a_case_is_unknown_then_it_counts_neither_as_loss_nor_as_case() -> None:
    logits_BC, taught_BC = _random(4, 3), _random(4, 3).log_softmax(1)
    known_B = torch.tensor([True, False, True, False])
    alone = losses.distil(logits_BC[known_B], taught_BC[known_B], known_B[known_B], 2.0)
    assert losses.distil(logits_BC, taught_BC, known_B, 2.0).item() == pytest.approx(alone.item())


def test_means_when_nothing_is_known_then_are_zero_and_pass_a_gradient_of_zero() -> None:
    logits_BC = _random(4, 3).requires_grad_()
    loss = losses.distil(logits_BC, _random(4, 3), torch.zeros(4, dtype=torch.bool), 2.0)
    loss.backward()
    assert loss.item() == 0
    assert logits_BC.grad is not None
    assert logits_BC.grad.abs().max().item() == 0


def test_hidden_when_vectors_point_the_same_way_then_is_zero_whatever_their_length() -> None:
    vector_BD = _random(4, 6)
    known_B = torch.ones(4, dtype=torch.bool)
    assert losses.hidden(3 * vector_BD, vector_BD, known_B).item() == pytest.approx(0, abs=1e-6)
    assert losses.hidden(-vector_BD, vector_BD, known_B).item() == pytest.approx(2, abs=1e-6)


def test_auxiliary_when_a_modality_is_absent_then_its_junk_is_not_looked_at() -> None:
    logits_BMC = _random(3, 2, 4)
    labels_B = torch.tensor([0, 1, 2])
    present_BM = torch.tensor([[True, False], [True, True], [False, True]])
    junk_BMC = torch.where(present_BM[..., None], logits_BMC, torch.full_like(logits_BMC, float("nan")))
    pairs = [(b, m) for b in range(3) for m in range(2) if present_BM[b, m]]
    expected = sum(functional.cross_entropy(logits_BMC[b, m][None], labels_B[b][None]) for b, m in pairs) / len(pairs)
    found = losses.auxiliary(junk_BMC, labels_B, present_BM)
    assert found.item() == pytest.approx(float(expected), rel=1e-5)


def test_consistency_when_modalities_agree_then_is_zero_and_grows_with_disagreement() -> None:
    same_BMC = _random(4, 1, 5).expand(4, 3, 5)
    present_BM = torch.ones(4, 3, dtype=torch.bool)
    assert losses.consistency(same_BMC, present_BM).item() == pytest.approx(0, abs=1e-5)
    assert losses.consistency(_random(4, 3, 5) * 3, present_BM).item() > 0.1


def test_consistency_when_only_one_modality_is_there_then_asks_nothing() -> None:
    present_BM = torch.tensor([[True, False, False], [False, True, False]])
    assert losses.consistency(_random(2, 3, 5), present_BM).item() == 0


def test_consistency_when_cases_have_three_and_two_modalities_then_each_case_counts_once() -> None:
    logits_BMC = _random(4, 3, 5) * 3
    present_BM = torch.tensor([[True, True, True], [True, False, True], [False, True, True], [True, False, False]])
    of_cases = []
    for logits_MC, present_M in zip(logits_BMC[:3], present_BM[:3], strict=True):
        own_OC = logits_MC[present_M].softmax(1)
        mean_C = own_OC.mean(0)
        of_cases.append(float((own_OC * (own_OC / mean_C).log()).sum(1).mean()))
    assert losses.consistency(logits_BMC, present_BM).item() == pytest.approx(sum(of_cases) / 3, rel=1e-5)


def test_more_not_worse_when_computed_then_is_what_more_inputs_lose_and_nothing_where_they_gain() -> None:
    logits_BC, fewer_BC, labels_B = _random(6, 4), _random(6, 4), torch.tensor([0, 1, 2, 3, 0, 1])
    known_B = torch.tensor([True, True, False, True, True, True])
    lost = []
    for more_C, less_C, label in zip(logits_BC[known_B], fewer_BC[known_B], labels_B[known_B].tolist(), strict=True):
        lost.append(max(0.0, float(more_C.logsumexp(0) - more_C[label] - less_C.logsumexp(0) + less_C[label])))
    assert 0 < lost.count(0.0) < 5
    found = losses.more_not_worse(logits_BC, fewer_BC, labels_B, known_B)
    assert found.item() == pytest.approx(sum(lost) / 5, rel=1e-5)


def test_more_not_worse_when_moved_down_then_betters_more_inputs_and_leaves_fewer_as_they_are() -> None:
    logits_BC, fewer_BC = torch.zeros(2, 3, requires_grad=True), torch.zeros(2, 3, requires_grad=True)
    sharp_BC = fewer_BC + torch.tensor([[2.0, 0.0, 0.0]])
    losses.more_not_worse(
        logits_BC, sharp_BC, torch.zeros(2, dtype=torch.long), torch.ones(2, dtype=torch.bool)
    ).backward()
    assert logits_BC.grad is not None
    assert (logits_BC.grad[:, 0] < 0).all()
    assert fewer_BC.grad is None


def test_binary_when_compared_with_a_plain_loop_then_is_the_mean_over_labels_and_cases() -> None:
    logits_BC, labels_B = _random(7, 4), torch.tensor([0, 3, 1, 2, 0, 0, 3])
    told = 0.0
    for logits_C, label in zip(logits_BC.double().tolist(), labels_B.tolist(), strict=True):
        for c, logit in enumerate(logits_C):
            chance = 1 / (1 + math.exp(-logit))
            told -= math.log(chance if c == label else 1 - chance) / (7 * 4)
    assert losses.binary(logits_BC, labels_B).item() == pytest.approx(told, rel=1e-5)


def test_ordinal_when_compared_with_a_plain_loop_then_is_the_squared_distance_of_the_cumulated_chances() -> None:
    logits_BC, labels_B = _random(6, 5), torch.tensor([0, 4, 2, 1, 3, 2])
    told = 0.0
    for chances_C, label in zip(logits_BC.double().softmax(1).tolist(), labels_B.tolist(), strict=True):
        for c in range(5):
            told += (sum(chances_C[: c + 1]) - (1.0 if c >= label else 0.0)) ** 2 / (4 * 6)
    assert losses.ordinal(logits_BC, labels_B).item() == pytest.approx(told, rel=1e-5)


def test_ordinal_when_an_answer_is_further_off_then_costs_more() -> None:
    sure = torch.eye(5) * 20
    costs = [losses.ordinal(sure[c : c + 1], torch.tensor([0])).item() for c in range(5)]
    assert costs == sorted(costs)
    assert costs[0] == pytest.approx(0, abs=1e-6)
    assert costs[4] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_class_weights_when_given_counts_then_have_mean_one_over_the_cases_and_favour_the_rare(strength: float) -> None:
    counts_C = torch.tensor([900, 90, 10, 0])
    weight_C = losses.class_weights(counts_C, strength)
    assert (weight_C * counts_C).sum().item() == pytest.approx(1000)
    assert (weight_C[0] / weight_C[2]).item() == pytest.approx((10 / 900) ** strength, rel=1e-5)
    assert weight_C[3] == 0


def test_hard_when_weighted_fully_then_every_answer_counts_alike_however_rare() -> None:
    labels_B = torch.tensor([0] * 9 + [1])
    weight_C = losses.class_weights(torch.bincount(labels_B), 1.0)
    logits_BC = _random(10, 2)
    each_B = functional.cross_entropy(logits_BC, labels_B, reduction="none")
    expected = (each_B[:9].mean() + each_B[9]) / 2
    assert losses.hard(logits_BC, labels_B, 0.0, weight_C).item() == pytest.approx(expected.item(), rel=1e-5)


def _marks() -> torch.Tensor:
    return torch.tensor([[1, 0, 1], [0, 0, 0]])


def test_binary_when_several_labels_hold_then_is_the_mean_over_all_cases_and_labels() -> None:
    logits_BC = torch.tensor([[2.0, -1.0, 0.5], [-3.0, 0.0, 1.0]])
    # By hand: ln(1 + e^-2), ln(1 + e^-1), ln(1 + e^-0.5); ln(1 + e^-3), ln 2, ln(1 + e^1).
    expected = (0.126928 + 0.313262 + 0.474077 + 0.048587 + 0.693147 + 1.313262) / 6
    assert losses.binary(logits_BC, _marks()).item() == pytest.approx(expected, abs=1e-5)
    weight_C = torch.tensor([3.0, 1.0, 1.0])
    weighed = losses.binary(logits_BC, _marks(), weight_C=weight_C).item()
    assert weighed == pytest.approx(expected + 2 * 0.126928 / 6, abs=1e-5)


def test_distil_when_several_labels_hold_then_is_the_bernoulli_divergence_computed_by_hand() -> None:
    taught_BC = torch.tensor([[0.8, 0.1]]).log()
    logits_BC = torch.tensor([[0.0, 1.0]])
    known_B = torch.ones(1, dtype=torch.bool)
    # T = 1: KL(0.8 || 0.5) = 0.8 ln 1.6 + 0.2 ln 0.4 = 0.192745; KL(0.1 || 0.731059) = 0.1 ln 0.136788 + 0.9 ln 3.346536 = 0.888179.
    plain = losses.distil(logits_BC, taught_BC, known_B, 1.0, several=True)
    assert plain.item() == pytest.approx((0.192745 + 0.888179) / 2, abs=1e-5)
    # T = 2: log-odds 1.386294 and -2.197225 are halved to the chances 2/3 and 1/4, the student's to 1/2 and 0.622459.
    # 4 ((2/3 ln 4/3 + 1/3 ln 2/3) + (1/4 ln 0.401632 + 3/4 ln 1.986541)) / 2 = 4 (0.056633 + 0.286750) / 2.
    softened = losses.distil(logits_BC, taught_BC, known_B, 2.0, several=True)
    assert softened.item() == pytest.approx(4 * (0.056633 + 0.286750) / 2, abs=1e-4)


def test_bernoulli_divergence_when_differentiated_then_its_gradient_is_that_of_its_numbers() -> None:
    first = torch.randn(3, 4, dtype=torch.float64)
    second = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda other: losses.bernoulli_divergence(first, other), (second,))
    losses.bernoulli_divergence(first, second).sum().backward()  # type: ignore[no-untyped-call]
    assert torch.allclose(second.grad, second.detach().sigmoid() - first.sigmoid())  # type: ignore[arg-type]


def test_parts_for_several_labels_when_one_is_looked_at_then_the_others_do_not_move_it() -> None:
    marks_BC, present_BM = _marks(), torch.tensor([[True, False, True], [True, True, False]])
    logits_BMC = _random(2, 3, 3).requires_grad_()
    own_BMC = logits_BMC[..., 1:2].detach().requires_grad_()
    for whole, own in (
        (losses.auxiliary(logits_BMC, marks_BC, present_BM), losses.auxiliary(own_BMC, marks_BC[:, 1:2], present_BM)),
        (losses.consistency(logits_BMC, present_BM, True), losses.consistency(own_BMC, present_BM, True)),
    ):
        (of_all,) = torch.autograd.grad(whole, logits_BMC)
        (of_one,) = torch.autograd.grad(own, own_BMC)
        assert of_one.abs().sum() > 0
        assert torch.allclose(of_all[..., 1] * 3, of_one[..., 0], atol=1e-6)


def test_more_not_worse_when_several_labels_hold_then_is_what_the_mean_error_of_a_case_grows_by() -> None:
    logits_BC, fewer_BC, marks_BC = _random(2, 3), _random(2, 3), _marks()
    grown_B = [
        functional.binary_cross_entropy_with_logits(more, marks.float())
        - functional.binary_cross_entropy_with_logits(less, marks.float())
        for more, less, marks in zip(logits_BC, fewer_BC, marks_BC, strict=True)
    ]
    expected = sum(max(0.0, float(one)) for one in grown_B) / 2
    found = losses.more_not_worse(logits_BC, fewer_BC, marks_BC, torch.ones(2, dtype=torch.bool))
    assert found.item() == pytest.approx(expected, abs=1e-6)


def test_consistency_when_several_labels_hold_and_modalities_agree_then_is_zero() -> None:
    logits_BMC = _random(4, 1, 3).expand(4, 3, 3)
    present_BM = torch.ones(4, 3, dtype=torch.bool)
    assert losses.consistency(logits_BMC, present_BM, several=True).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("strength", "expected"), [(0.0, [1, 1, 1]), (1.0, [9, 0.25, 1]), (0.5, [3, 0.5, 1])])
def test_positive_weights_when_a_label_is_rare_then_its_being_there_counts_more(
    strength: float, expected: list[float]
) -> None:
    counts_2C = torch.tensor([[10, 80, 0], [90, 20, 100]])
    assert losses.positive_weights(counts_2C, strength).tolist() == pytest.approx(expected)
