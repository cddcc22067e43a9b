"""Seeded augmentation of a whole batch at once, on the CPU: the same generator state and batch give the same result.

Shapes: N items of one modality, L tokens, C channels, H x W pixels, F mel bands, T frames.
"""

import dataclasses

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from engine.preprocess.batch import AudioItems, Batch, ImageItems, TextItems
from engine.preprocess.preparation import Preparation


@dataclasses.dataclass(frozen=True)
class Amounts:
    """How far each change goes at strength 1; chances are per token or per item."""

    word_dropout: float = 0.1
    word_replaced: float = 0.03
    word_moved: float = 1.0
    """Deviation of a word's new place, in words."""
    image_shift: float = 0.07
    """Farthest shift, as a share of the side; also the largest change of scale."""
    image_turn: float = 0.08
    """Largest turn in radians."""
    image_cutout: float = 0.3
    """Side of the blanked square, as a share of the side."""
    image_noise: float = 0.25
    image_contrast: float = 0.2
    flip: bool = False
    """Mirror half of the pictures; only where left and right mean the same."""
    sound_speed: float = 0.12
    sound_pitch: float = 0.08
    sound_shift: float = 0.1
    """Share of a sound that may be cut from its beginning."""
    sound_band: float = 0.15
    """Widest blanked band or time, as a share of all bands or frames."""
    sound_gain: float = 0.7
    """Deviation of the gain in nepers of power: about 3 dB."""
    sound_noise: float = 0.5
    """Chance of added pink noise."""
    noise_loudest: float = 1.0
    """Loudest such noise in nepers of power over the sound's mean; the faintest lies 4 below it."""


def augment(
    batch: Batch, preparation: Preparation, strength: float, generator: torch.Generator, amounts: Amounts | None = None
) -> Batch:
    """Return a changed copy of a batch on the CPU; strength 0 returns it as it is."""
    if strength <= 0:
        return batch
    amounts = amounts or Amounts()
    dice = _Dice(generator)
    return dataclasses.replace(
        batch,
        texts=_texts(batch.texts, amounts, strength, dice) if len(batch.texts.owner_N) else batch.texts,
        images=_images(batch.images, amounts, strength, dice) if len(batch.images.owner_N) else batch.images,
        audios=_audios(batch.audios, preparation, amounts, strength, dice)
        if len(batch.audios.owner_N)
        else batch.audios,
    )


class _Dice:
    """Random tensors of one generator."""

    def __init__(self, generator: torch.Generator) -> None:
        self.generator = generator

    def uniform(self, *shape: int) -> Tensor:
        """In [0, 1)."""
        return torch.rand(shape, generator=self.generator)

    def around(self, *shape: int) -> Tensor:
        """In [-1, 1)."""
        return 2 * self.uniform(*shape) - 1

    def normal(self, *shape: int) -> Tensor:
        """Mean 0, deviation 1."""
        return torch.randn(shape, generator=self.generator)


def _texts(texts: TextItems, amounts: Amounts, strength: float, dice: _Dice) -> TextItems:
    """Replace some words by others of the batch, leave some out, and let them move a little; one word always stays.

    Token states that an encoder kept inside made before go the same ways as their words.
    """
    ids_NL, mask_NL = texts.ids_NL, texts.mask_NL
    shape = (ids_NL.shape[0], ids_NL.shape[1])
    place_NL = torch.arange(ids_NL.numel()).view(shape)
    known = place_NL[mask_NL]
    others_NL = known[(dice.uniform(*shape) * len(known)).long()]
    from_NL = torch.where(dice.uniform(*shape) < strength * amounts.word_replaced, others_NL, place_NL)
    luck_NL = dice.uniform(*shape).masked_fill(~mask_NL, -1)
    kept_NL = mask_NL & ((luck_NL >= strength * amounts.word_dropout) | (luck_NL == luck_NL.amax(1, keepdim=True)))
    moved_NL = torch.arange(shape[1]) + strength * amounts.word_moved * dice.normal(*shape)
    order_NL = moved_NL.masked_fill(~kept_NL, torch.inf).argsort(dim=1, stable=True)
    mask_NL = torch.arange(shape[1]) < kept_NL.sum(1, keepdim=True)
    from_NL = from_NL.gather(1, order_NL)
    states_NLD = texts.states_NLD
    if states_NLD is not None:
        states_NLD = states_NLD.flatten(0, 1)[from_NL] * mask_NL[..., None]
    return dataclasses.replace(
        texts, ids_NL=ids_NL.flatten()[from_NL] * mask_NL, mask_NL=mask_NL, states_NLD=states_NLD
    )


def _images(images: ImageItems, amounts: Amounts, strength: float, dice: _Dice) -> ImageItems:
    """Shift, scale, turn and maybe mirror; change contrast and brightness; add noise; blank a square.

    States that an encoder kept inside made before stay as they are; what it is yet to see is changed in place of our own pixels.
    """
    if images.states_NLD is not None:
        return images
    x_NCHW = images.pixels_NCHW if images.fed_NCHW is None else images.fed_NCHW
    number, _, height, width = x_NCHW.shape
    angle_N = dice.around(number) * strength * amounts.image_turn
    scale_N = 1 + dice.around(number) * strength * amounts.image_shift
    mirror_N = 1 - 2 * (dice.uniform(number) < 0.5 * amounts.flip).float()
    cos_N, sin_N = angle_N.cos() * scale_N, angle_N.sin() * scale_N
    shift_N2 = dice.around(number, 2) * strength * amounts.image_shift * 2
    rows = [
        torch.stack([cos_N * mirror_N, -sin_N, shift_N2[:, 0]], 1),
        torch.stack([sin_N * mirror_N, cos_N, shift_N2[:, 1]], 1),
    ]
    grid_NHW2 = torch.nn.functional.affine_grid(torch.stack(rows, 1), list(x_NCHW.shape), align_corners=False)
    x_NCHW = grid_sample(x_NCHW, grid_NHW2, padding_mode="border", align_corners=False)
    tone_N2 = dice.around(number, 2)[:, :, None, None, None] * strength * amounts.image_contrast
    x_NCHW = x_NCHW * (1 + tone_N2[:, 0]) + tone_N2[:, 1]
    x_NCHW = x_NCHW + dice.uniform(number, 1, 1, 1) * strength * amounts.image_noise * dice.normal(*x_NCHW.shape)
    hole_NHW = (
        _stretch(height, amounts.image_cutout * strength, dice, number)[:, :, None]
        & _stretch(width, amounts.image_cutout * strength, dice, number)[:, None]
    )
    x_NCHW = x_NCHW.masked_fill(hole_NHW[:, None], 0.0)
    changed = {"pixels_NCHW": x_NCHW} if images.fed_NCHW is None else {"fed_NCHW": x_NCHW}
    return dataclasses.replace(images, **changed)


def _stretch(length: int, share: float, dice: _Dice, number: int) -> Tensor:
    """Return for each item which of `length` places lie in one random stretch of at most `share` of them, (N, length)."""
    wide_N = dice.uniform(number) * min(share, 1.0) * length
    start_N = dice.uniform(number) * (length - wide_N)
    places = torch.arange(length) + 0.5
    return (places >= start_N[:, None]) & (places < (start_N + wide_N)[:, None])


def _audios(audios: AudioItems, preparation: Preparation, amounts: Amounts, strength: float, dice: _Dice) -> AudioItems:
    """Change speed and pitch, cut the beginning, change the gain, add pink noise, blank a band and a time.

    What an encoder kept inside hears stays as it is.
    """
    if audios.states_NLD is not None or audios.wave_NS is not None:
        return audios
    mels_NFT, mask_NT = _warped(audios, amounts, strength, dice)
    number, bands, frames = mels_NFT.shape
    gain_N11 = dice.normal(number, 1, 1) * strength * amounts.sound_gain / preparation.audio_std
    mels_NFT = _noisy(mels_NFT + gain_N11, mask_NT, preparation, amounts, strength, dice)
    share = amounts.sound_band * strength
    blank_NFT = _stretch(bands, share, dice, number)[:, :, None] | _stretch(frames, share, dice, number)[:, None]
    mels_NFT = mels_NFT.masked_fill(blank_NFT, 0.0) * mask_NT[:, None]
    return dataclasses.replace(audios, mels_NFT=mels_NFT, mask_NT=mask_NT)


def _warped(audios: AudioItems, amounts: Amounts, strength: float, dice: _Dice) -> tuple[Tensor, Tensor]:
    """Read frame t and band f of each sound from t * speed + start and f * pitch; returns mels and mask."""
    number, bands, frames = audios.mels_NFT.shape
    length_N1 = audios.mask_NT.sum(1, keepdim=True).float()
    speed_N1 = 1 + dice.around(number, 1) * strength * amounts.sound_speed
    start_N1 = dice.uniform(number, 1) * strength * amounts.sound_shift * length_N1
    time_NT = torch.arange(frames) * speed_N1 + start_N1
    pitch_N1 = 1 + dice.around(number, 1) * strength * amounts.sound_pitch
    band_NF = torch.arange(bands) * pitch_N1
    across_NFT = (time_NT / max(frames - 1, 1) * 2 - 1)[:, None].expand(-1, bands, -1)
    down_NFT = (band_NF / max(bands - 1, 1) * 2 - 1)[:, :, None].expand(-1, -1, frames)
    grid_NFT2 = torch.stack([across_NFT, down_NFT], dim=-1)
    warped_N1FT = grid_sample(audios.mels_NFT[:, None], grid_NFT2, padding_mode="border", align_corners=True)
    mask_NT = (time_NT <= length_N1 - 1) | (torch.arange(frames) == 0)
    return warped_N1FT[:, 0] * mask_NT[:, None], mask_NT


def _noisy(
    mels_NFT: Tensor, mask_NT: Tensor, preparation: Preparation, amounts: Amounts, strength: float, dice: _Dice
) -> Tensor:
    """Add pink noise in power; over mel bands it is nearly even, because their width grows with their frequency."""
    number = mels_NFT.shape[0]
    mean_F1 = torch.tensor(preparation.audio_mean)[:, None]
    power_NFT = mels_NFT * preparation.audio_std + mean_F1
    weight_N1T = mask_NT[:, None] / mask_NT.sum(1)[:, None, None]
    level_N11 = (power_NFT * weight_N1T).sum(2, keepdim=True).mean(1, keepdim=True)
    level_N11 = level_N11 + amounts.noise_loudest - 4 * dice.uniform(number, 1, 1)
    noise_NFT = level_N11 + 0.5 * dice.normal(*mels_NFT.shape)
    noisy_NFT = (torch.logaddexp(power_NFT, noise_NFT) - mean_F1) / preparation.audio_std
    return torch.where(dice.uniform(number, 1, 1) < strength * amounts.sound_noise, noisy_NFT, mels_NFT)
