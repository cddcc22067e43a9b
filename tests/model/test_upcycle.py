"""Upcycling: without noise nothing is lost, with noise the experts part ways, and what cannot be upcycled is refused."""

import dataclasses

import pytest
import torch

from engine.model.student import Student
from engine.model.upcycle import upcycled, upcycled_shape
from engine.preprocess.batch import Batch
from engine.schema.config import Choice, StudentConfig
from engine.schema.errors import UserError
from tests.model.small_council import mixed, student
from tests.preprocess.small_world import SMALL


def _routed(slots: int) -> Choice:
    return Choice(name="token-choice", settings={"experts_per_token": slots})


DENSE = SMALL.model_copy(update={"experts": 1, "router": _routed(1)})


def _sparse(experts: int, slots: int, noise: float = 0.0) -> Student:
    shape = upcycled_shape(DENSE, StudentConfig(experts=experts, router=_routed(slots)))
    made = student(shape, seed=9)
    dice = torch.Generator().manual_seed(4)
    made.load_state_dict(upcycled(student(DENSE).state_dict(), made, noise, dice))
    return made.eval()


@torch.inference_mode()
@pytest.mark.parametrize(("experts", "slots"), [(2, 2), (4, 2), (8, 3)])
def test_upcycled_student_when_there_is_no_noise_then_answers_as_the_dense_one(experts: int, slots: int) -> None:
    dense, sparse = (one.double()(_doubled()) for one in (student(DENSE), _sparse(experts, slots)))
    # The router's weights are float32 and sum to 1 only to its rounding; all else is exact.
    assert torch.allclose(sparse.logits_BC, dense.logits_BC, atol=2e-6, rtol=0)
    assert torch.allclose(sparse.fused_BD, dense.fused_BD, atol=2e-6, rtol=0)


@torch.inference_mode()
def test_upcycled_student_when_all_experts_weigh_alike_then_answers_as_the_dense_one_to_the_bit() -> None:
    sparse = _sparse(4, 2)
    for name, parameter in sparse.named_parameters():
        if ".router." in name:
            parameter.zero_()
    assert torch.equal(sparse(mixed()).logits_BC, student(DENSE)(mixed()).logits_BC)


def _doubled() -> Batch:
    batch = mixed()
    return dataclasses.replace(
        batch,
        images=dataclasses.replace(batch.images, pixels_NCHW=batch.images.pixels_NCHW.double()),
        audios=dataclasses.replace(batch.audios, mels_NFT=batch.audios.mels_NFT.double()),
    )


def test_upcycled_experts_when_there_is_noise_then_differ_by_that_share_of_the_weights_deviation() -> None:
    plain, noisy = (dict(_sparse(4, 2, noise).named_parameters()) for noise in (0.0, 0.1))
    for name, parameter in plain.items():
        if ".experts." in name:
            assert torch.equal(parameter[0], parameter[3])
            assert not torch.equal(noisy[name][0], noisy[name][3])
            share = float((noisy[name] - parameter).detach().std() / parameter.detach().std())
            assert share == pytest.approx(0.1, rel=0.1)
        else:
            assert torch.equal(parameter, noisy[name])


def test_upcycled_routers_when_made_then_are_the_fresh_ones() -> None:
    fresh = student(upcycled_shape(DENSE, StudentConfig(experts=4, router=_routed(2))), seed=9)
    gates = {name: tensor for name, tensor in fresh.state_dict().items() if ".router." in name}
    assert gates
    assert all(torch.equal(_sparse(4, 2).state_dict()[name], tensor) for name, tensor in gates.items())


def test_a_model_with_several_experts_when_asked_to_be_upcycled_then_is_refused() -> None:
    with pytest.raises(UserError, match="already has 4 experts"):
        upcycled_shape(SMALL.model_copy(update={"experts": 4}), SMALL)
