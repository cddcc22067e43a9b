"""Augmentation: seeded, shaped as before, never inventing a word or a frame, and fast."""

import torch

from engine.preprocess.augment import Amounts, augment
from engine.preprocess.batch import Batch, collate
from tests.preprocess.small_world import preparation, prepared
from tests.preprocess.test_batch import tensors


def batch_of(cases: int = 16) -> Batch:
    return collate([prepared(texts=(3 + i % 5,), audios=(20 + i,), seed=i) for i in range(cases)], preparation())


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_seed_when_used_twice_then_gives_the_same_batch_and_another_seed_another() -> None:
    one, two, other = (augment(batch_of(), preparation(), 1.0, seeded(s)) for s in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(tensors(one), tensors(two), strict=True))
    assert not torch.equal(one.images.pixels_NCHW, other.images.pixels_NCHW)
    assert not torch.equal(one.audios.mels_NFT, other.audios.mels_NFT)


def test_strength_0_when_asked_then_changes_nothing() -> None:
    batch = batch_of()
    assert augment(batch, preparation(), 0.0, seeded(1)) is batch


def test_a_batch_when_changed_then_the_original_is_untouched() -> None:
    batch, same = batch_of(), batch_of()
    augment(batch, preparation(), 2.0, seeded(1))
    assert all(torch.equal(a, b) for a, b in zip(tensors(batch), tensors(same), strict=True))


def test_texts_when_changed_hard_then_keep_a_word_and_use_only_words_of_the_batch() -> None:
    batch = batch_of()
    changed = augment(batch, preparation(), 1.0, seeded(3), Amounts(word_dropout=1.0, word_replaced=0.5))
    assert (changed.texts.mask_NL.sum(1) >= 1).all()
    assert set(changed.texts.ids_NL[changed.texts.mask_NL].tolist()) <= set(
        batch.texts.ids_NL[batch.texts.mask_NL].tolist()
    )
    assert not changed.texts.ids_NL[~changed.texts.mask_NL].any()


def test_words_when_only_moved_then_are_the_same_words() -> None:
    batch = batch_of()
    changed = augment(
        batch, preparation(), 1.0, seeded(3), Amounts(word_dropout=0.0, word_replaced=0.0, word_moved=2.0)
    )
    assert torch.equal(changed.texts.ids_NL.sort(1).values, batch.texts.ids_NL.sort(1).values)
    assert not torch.equal(changed.texts.ids_NL, batch.texts.ids_NL)


def test_sounds_when_changed_then_stay_finite_keep_a_frame_and_are_silent_beyond_their_end() -> None:
    for seed in range(20):
        changed = augment(batch_of(), preparation(), 2.0, seeded(seed)).audios
        assert changed.mels_NFT.isfinite().all()
        assert (changed.mask_NT.sum(1) >= 1).all()
        assert not (changed.mels_NFT * ~changed.mask_NT[:, None]).any()


def test_pictures_when_no_mirror_is_allowed_then_left_stays_left() -> None:
    batch = batch_of()
    batch.images.pixels_NCHW[:] = -1.0
    batch.images.pixels_NCHW[..., 10:] = 1.0

    def share_mirrored(flip: bool) -> float:
        changed = augment(batch, preparation(), 1.0, seeded(0), Amounts(flip=flip, image_cutout=0.0)).images.pixels_NCHW
        return float((changed[..., :10].mean((1, 2, 3)) > changed[..., 10:].mean((1, 2, 3))).float().mean())

    assert share_mirrored(False) == 0
    assert 0.1 < share_mirrored(True) < 0.9


def test_a_batch_without_any_item_when_changed_then_is_still_one() -> None:
    empty = batch_of(1).hide(torch.ones(1, 3, dtype=torch.bool))
    assert augment(empty, preparation(), 1.0, seeded(0)).size == 1
