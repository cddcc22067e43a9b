"""The student as a whole: what is absent is never seen, and every case is answered as if it were alone."""

import pytest
import torch

from engine.model.student import Outcome, build_student, count_parameters, routing_counts
from engine.model.trunk.routers import Reroute
from engine.preprocess.batch import collate
from engine.preprocess.preparation import PreparedCase
from engine.schema.config import Choice, StudentConfig
from engine.schema.errors import UserError
from tests.model.small_council import FUSIONS, LABELS, mixed, mixed_cases, student, with_fusion
from tests.preprocess.small_world import SMALL, preparation, prepared

CLOSE = 2e-5
"""Sums in another order differ in the last bits of float32."""


@pytest.fixture(autouse=True)
def _no_gradients() -> None:
    torch.manual_seed(0)


def same(one: Outcome, two: Outcome) -> bool:
    pairs = [(one.logits_BC, two.logits_BC), (one.fused_BD, two.fused_BD), (one.pooled_BMD, two.pooled_BMD)]
    return all(torch.allclose(a, b, atol=CLOSE) for a, b in pairs)


def test_a_batch_when_answered_then_every_output_has_its_shape_and_is_finite() -> None:
    outcome = student()(mixed())
    assert outcome.logits_BC.shape == (5, LABELS)
    assert outcome.fused_BD.shape == (5, SMALL.width)
    assert outcome.pooled_BMD.shape == (5, 3, SMALL.width)
    assert outcome.auxiliary_BMC.shape == (5, 3, LABELS)
    assert len(outcome.routing) == SMALL.layers
    tensors = (outcome.logits_BC, outcome.fused_BD, outcome.pooled_BMD, outcome.auxiliary_BMC)
    assert all(tensor.isfinite().all() for tensor in tensors)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_each_case_when_answered_alone_then_has_the_answer_it_has_in_a_batch(fusion: str) -> None:
    council = student(with_fusion(fusion))
    together = council(mixed())
    for row, case in enumerate(mixed_cases()):
        alone = council(collate([case], preparation()))
        assert torch.allclose(alone.logits_BC[0], together.logits_BC[row], atol=CLOSE)
        assert torch.allclose(alone.pooled_BMD[0], together.pooled_BMD[row], atol=CLOSE)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_a_hidden_modality_when_compared_with_an_absent_one_then_gives_the_same_answer(fusion: str) -> None:
    council, whole = student(with_fusion(fusion)), [prepared(seed=1), prepared(seed=2)]
    hidden = collate(whole, preparation()).hide(torch.tensor([[True, False, False], [False, True, True]]))
    absent = [PreparedCase((), whole[0].images, whole[0].audios), PreparedCase(whole[1].texts, (), ())]
    assert same(council(hidden), council(collate(absent, preparation())))


def test_a_hidden_modality_when_its_content_changes_then_the_answer_is_the_same_bit_for_bit() -> None:
    council, hidden_BM = student(), torch.tensor([[False, True, False]])
    one, other = prepared(seed=1), prepared(seed=9, images=2)
    batches = (
        collate([PreparedCase(one.texts, images, one.audios)], preparation()).hide(hidden_BM)
        for images in (one.images, other.images)
    )
    first, second = (council(batch).logits_BC for batch in batches)
    assert torch.equal(first, second)


def test_a_modality_alone_when_the_others_are_hidden_then_answers_as_before() -> None:
    council, batch = student(), mixed()
    whole = council(batch)
    for m in range(3):
        others_BM = torch.ones(5, 3, dtype=torch.bool)
        others_BM[:, m] = False
        alone = council(batch.hide(others_BM))
        there_B = batch.present_BM[:, m]
        assert torch.allclose(alone.own_BMD[there_B, m], whole.own_BMD[there_B, m], atol=CLOSE)
        assert torch.allclose(alone.auxiliary_BMC[there_B, m], whole.auxiliary_BMC[there_B, m], atol=CLOSE)
        assert not torch.allclose(alone.pooled_BMD[0, m], whole.pooled_BMD[0, m], atol=1e-3)


def test_an_absent_modality_when_routed_then_no_token_of_it_appears() -> None:
    outcome = student()(mixed())
    for case, present_M in enumerate(mixed().present_BM.tolist()):
        seen = set(outcome.modality_T[outcome.owner_T == case].tolist())
        assert seen == {m for m in range(3) if present_M[m]}


def test_the_counts_when_summed_then_are_k_times_the_tokens_of_each_modality() -> None:
    outcome = student()(mixed())
    counts_LEM = routing_counts(outcome)
    assert counts_LEM.shape == (SMALL.layers, SMALL.experts, 3)
    assert counts_LEM.dtype == torch.int64
    tokens_M = outcome.modality_T.bincount(minlength=3)
    assert torch.equal(counts_LEM.sum(1), (2 * tokens_M).expand(SMALL.layers, 3))
    brute = torch.zeros_like(counts_LEM)
    for layer, routing in enumerate(outcome.routing):
        for modality, experts in zip(outcome.modality_T.tolist(), routing.experts_TK.tolist(), strict=True):
            for expert in experts:
                brute[layer, expert, modality] += 1
    assert torch.equal(counts_LEM, brute)


def test_several_items_when_one_changes_then_the_answer_changes() -> None:
    council = student()
    one, two = prepared(texts=(5, 6), images=2, audios=(20, 30), seed=1), prepared(seed=2)
    plain = council(collate([one], preparation())).logits_BC
    for changed in (
        PreparedCase((one.texts[0], *two.texts), one.images, one.audios),
        PreparedCase(one.texts, (one.images[0], *two.images), one.audios),
        PreparedCase(one.texts, one.images, (one.audios[0], *two.audios)),
    ):
        assert not torch.allclose(council(collate([changed], preparation())).logits_BC, plain, atol=1e-4)


def test_a_case_without_anything_when_answered_then_gets_the_learned_tokens_answer() -> None:
    council = student()
    nothing = council(collate([PreparedCase()], preparation())).logits_BC
    hidden = council(mixed().hide(torch.ones(5, 3, dtype=torch.bool))).logits_BC
    assert nothing.isfinite().all()
    assert torch.allclose(hidden, nothing.expand(5, -1), atol=CLOSE)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_every_parameter_when_cases_are_learned_from_then_gets_a_finite_gradient(fusion: str) -> None:
    council = student(with_fusion(fusion)).train()
    batch = mixed()
    outcome = council(batch)
    loss = torch.nn.functional.cross_entropy(outcome.logits_BC, batch.labels_B) + outcome.auxiliary_BMC.square().mean()
    loss.backward()
    for name, parameter in council.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


def test_a_few_cases_when_learned_then_are_known_by_heart() -> None:
    council, batch = student().train(), mixed()
    optimizer = torch.optim.AdamW(council.parameters(), lr=5e-3)
    for _ in range(60):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(council(batch).logits_BC, batch.labels_B).backward()
        optimizer.step()
    assert torch.equal(council.eval()(batch).logits_BC.argmax(1), batch.labels_B)


def test_an_experts_tokens_when_sent_on_then_its_layer_loses_it_and_the_answer_changes() -> None:
    council, batch = student(), mixed()
    plain = council(batch)
    busiest = int(routing_counts(plain)[1].sum(1).argmax())
    sent = council(batch, Reroute(layer=1, expert=busiest))
    assert routing_counts(sent)[1, busiest].sum() == 0
    assert torch.equal(routing_counts(sent)[0], routing_counts(plain)[0])
    assert not torch.allclose(sent.logits_BC, plain.logits_BC, atol=1e-6)


def test_parameters_when_counted_then_idle_experts_are_not_active() -> None:
    council = student()
    total, active = count_parameters(council)
    assert total == sum(p.numel() for p in council.parameters())
    one_expert = SMALL.width * 2 * SMALL.hidden + SMALL.hidden * SMALL.width
    assert total - active == SMALL.layers * (SMALL.experts - 2) * one_expert


def test_a_dense_trunk_when_built_with_one_expert_then_all_parameters_are_active() -> None:
    dense = SMALL.model_copy(
        update={"experts": 1, "hidden": 32, "router": Choice(name="token-choice", settings={"experts_per_token": 1})}
    )
    council = student(dense)
    total, active = count_parameters(council)
    assert total == active
    outcome = council(mixed())
    assert all(torch.equal(r.weights_TK, torch.ones_like(r.weights_TK)) for r in outcome.routing)


def test_weights_when_drawn_from_the_same_seed_then_are_the_same() -> None:
    one, two, other = student(seed=1), student(seed=1), student(seed=2)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert not torch.equal(next(one.parameters()), next(other.parameters()))


@pytest.mark.parametrize(
    "change", [{"heads": 3}, {"experts": 1}, {"fusion": Choice(name="sum")}, {"router": Choice(name="x")}]
)
def test_an_impossible_configuration_when_built_then_is_a_sentence(change: dict[str, object]) -> None:
    with pytest.raises(UserError) as caught:
        build_student(SMALL.model_copy(update=change), preparation(), LABELS)
    assert caught.value.code == "bad-setting"


@pytest.mark.parametrize(("side", "frames"), [(8, 10), (28, 75), (96, 400), (33, 801)])
def test_any_size_of_input_when_built_for_then_gives_few_tokens(side: int, frames: int) -> None:
    settings = preparation(side, frames)
    council = build_student(StudentConfig(width=32, heads=2, experts=2, hidden=8), settings, LABELS).eval()
    case = prepared(images=0, audios=(frames,))
    batch = collate([case], settings)
    grid = council.encoders["image"].get_parameter("places_LD").shape[0]
    assert grid <= 37
    assert (council(batch).modality_T == 2).sum() <= 32


def test_a_step_when_taken_in_bfloat16_then_answers_nearly_the_same_and_gradients_stay_float32() -> None:
    council, batch = student(), mixed()
    exact = council(batch)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = council(batch)
    assert rough.logits_BC.dtype == rough.auxiliary_BMC.dtype == torch.float32
    assert torch.allclose(rough.logits_BC, exact.logits_BC, atol=0.1)
    assert all(routing.logits_TE.dtype == torch.float32 for routing in rough.routing)
    rough.logits_BC.square().sum().backward()
    assert {p.grad.dtype for p in council.parameters() if p.grad is not None} == {torch.float32}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="SKIPPED: no CUDA GPU on this machine")
def test_a_gpu_when_it_answers_then_agrees_with_the_cpu() -> None:
    wide = SMALL.model_copy(update={"width": 32, "hidden": 32})
    council, batch = student(wide), mixed()
    on_cpu = council(batch)
    with torch.autocast("cuda", dtype=torch.bfloat16):
        on_gpu = council.to("cuda")(batch.to("cuda"))
    assert torch.allclose(on_gpu.logits_BC.cpu(), on_cpu.logits_BC, atol=0.1)
    on_gpu.logits_BC.square().sum().backward()
    assert torch.equal(routing_counts(on_gpu).sum((1, 2)).cpu(), routing_counts(on_cpu).sum((1, 2)))
