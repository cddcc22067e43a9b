"""Batches: items know their owner, padding is masked, and what is hidden was never there."""

import torch

from engine.preprocess.batch import UNKNOWN, Batch, collate
from tests.preprocess.small_world import preparation, prepared


def tensors(batch: Batch) -> list[torch.Tensor]:
    items = (batch.texts, batch.images, batch.audios)
    return [tensor for item in items for tensor in vars(item).values() if tensor is not None] + [batch.present_BM]


def test_cases_when_collated_then_each_item_knows_its_owner() -> None:
    cases = [prepared(texts=(5, 3), images=0), prepared(texts=(), images=2, audios=(10, 40)), prepared()]
    batch = collate(cases, preparation(), labels=[1, 0, 1], rows=[7, 8, 9])
    assert batch.texts.owner_N.tolist() == [0, 0, 2]
    assert batch.images.owner_N.tolist() == [1, 1, 2]
    assert batch.audios.owner_N.tolist() == [0, 1, 1, 2]
    assert batch.present_BM.tolist() == [[True, False, True], [False, True, True], [True, True, True]]
    assert batch.texts.mask_NL.sum(1).tolist() == [5, 3, 5]
    assert batch.audios.mask_NT.sum(1).tolist() == [40, 10, 40, 40]
    assert (batch.labels_B.tolist(), batch.rows_B.tolist()) == ([1, 0, 1], [7, 8, 9])


def test_cases_when_collated_then_pixels_and_mels_are_standardised_and_padding_is_zero() -> None:
    settings = preparation().model_copy(update={"image_mean": (0.4,), "image_std": (0.2,), "audio_std": 2.0})
    case = prepared(audios=(10, 40))
    batch = collate([case], settings)
    expected_HW = (case.images[0].pixels_HWC[..., 0] / 255 - 0.4) / 0.2
    assert torch.allclose(batch.images.pixels_NCHW[0, 0], torch.from_numpy(expected_HW).float(), atol=1e-5)
    assert torch.allclose(batch.audios.mels_NFT[0, :, :10], torch.from_numpy(case.audios[0].mel_FT).float() / 2)
    assert not batch.audios.mels_NFT[0, :, 10:].any()


def test_no_labels_when_collated_then_are_unknown() -> None:
    batch = collate([prepared(), prepared()], preparation())
    assert batch.labels_B.tolist() == batch.rows_B.tolist() == [UNKNOWN, UNKNOWN]


def test_a_hidden_modality_when_compared_with_an_absent_one_then_is_the_same_batch() -> None:
    hidden_BM = torch.tensor([[False, True, False], [True, False, True]])
    hidden = collate([prepared(seed=1), prepared(seed=2)], preparation()).hide(hidden_BM)
    whole = (prepared(seed=1), prepared(seed=2))
    absent = collate(
        [type(whole[0])(whole[0].texts, (), whole[0].audios), type(whole[1])((), whole[1].images, ())], preparation()
    )
    assert all(torch.equal(a, b) for a, b in zip(tensors(hidden), tensors(absent), strict=True))


def test_everything_when_hidden_then_no_item_is_left() -> None:
    batch = collate([prepared()], preparation()).hide(torch.ones(1, 3, dtype=torch.bool))
    assert not batch.present_BM.any()
    assert [len(items.owner_N) for items in (batch.texts, batch.images, batch.audios)] == [0, 0, 0]


def test_a_batch_when_moved_then_every_tensor_moves() -> None:
    moved = collate([prepared()], preparation()).to("meta")
    assert {tensor.device.type for tensor in [*tensors(moved), moved.labels_B, moved.rows_B]} == {"meta"}
