"""Sounds to tokens: convolutions over time with the mel bands as channels, one token for each few frames and one for the whole.

Each band's mean over the sound is taken off first: what a microphone or a room adds everywhere says nothing. Every layer looks at
real frames only, so a sound gives the same tokens alone and beside a longer one.
Shapes: N sounds, F mel bands, T frames, L tokens, D width.
"""

import math

import torch
from torch import Tensor, nn

from engine.model.tokens import Tokens, all_real
from engine.preprocess.batch import AudioItems

_MOST_TOKENS = 32
_LEAST_HALVINGS = 2
_BELOW_GELU = -1.0
"""Less than GELU ever gives, so that what is not there is never the largest."""


def frames_per_token(frames: int) -> int:
    """Return how many frames one token stands for where the longest sound has `frames`."""
    return 1 << _halvings(frames)


def _halvings(frames: int) -> int:
    return max(_LEAST_HALVINGS, math.ceil(math.log2(max(1, frames) / _MOST_TOKENS)))


class FrameNorm(nn.Module):
    """Layer norm over the channels of each frame on its own: a frame's value never depends on its neighbours' number."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, x_NDT: Tensor) -> Tensor:
        """Return the frames, each with mean 0 and deviation 1 over its channels, scaled as learned."""
        normed: Tensor = self.norm(x_NDT.transpose(1, 2)).transpose(1, 2)
        return normed


class AudioEncoder(nn.Module):
    """One token for the whole sound, then one for each `frames_per_token` frames."""

    def __init__(self, bands: int, width: int, frames: int, dropout: float) -> None:
        super().__init__()
        halvings = _halvings(frames)
        self.strides = [2] * halvings + [1]
        sides = [5, *[3] * halvings]
        inner = [bands, *[width] * halvings]
        self.layers = nn.ModuleList(
            nn.Conv1d(channels, width, side, stride, side // 2, bias=False)
            for channels, side, stride in zip(inner, sides, self.strides, strict=True)
        )
        self.norms = nn.ModuleList(FrameNorm(width) for _ in self.strides)
        self.whole = nn.Linear(2 * width, width)
        self.places_LD = nn.Parameter(torch.randn(1 + math.ceil(frames / 2**halvings), width) * 0.02)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, audios: AudioItems) -> Tokens:
        """Return the tokens of every sound and which of them are real."""
        mask_NT = audios.mask_NT
        whole = all_real(mask_NT)  # where no sound is shorter than the longest, nothing has to be cleared
        x_NDT = _centred(audios.mels_NFT, None if whole else mask_NT)
        for layer, norm, stride in zip(self.layers, self.norms, self.strides, strict=True):
            mask_NT = mask_NT[:, ::stride]
            x_NDT = nn.functional.gelu(norm(layer(x_NDT)))
            x_NDT = x_NDT if whole else x_NDT * mask_NT[:, None]
        loudest_ND = (x_NDT if whole else x_NDT.masked_fill(~mask_NT[:, None], _BELOW_GELU)).amax(2)
        both_N2D = torch.cat([_mean(x_NDT, None if whole else mask_NT), loudest_ND], 1)
        whole_N1D = self.whole(self.dropout(both_N2D))[:, None]
        x_NLD = torch.cat([whole_N1D, self.dropout(x_NDT.transpose(1, 2))], 1)
        x_NLD = self.norm(x_NLD + self.places_LD[: x_NLD.shape[1]])
        mask_NL = nn.functional.pad(mask_NT, (1, 0), value=True)
        return Tokens(x_NLD, mask_NL, audios.owner_N, x_NDT, whole)


def _mean(x_NDT: Tensor, mask_NT: Tensor | None) -> Tensor:
    """Return the mean over the real frames; without a mask all are."""
    if mask_NT is None:
        return x_NDT.mean(2)
    return (x_NDT * mask_NT[:, None]).sum(2) / mask_NT.sum(1, keepdim=True).clamp(min=1)


def _centred(mels_NFT: Tensor, mask_NT: Tensor | None) -> Tensor:
    """Return the sounds without each band's mean over time."""
    centred_NFT = mels_NFT - _mean(mels_NFT, mask_NT)[..., None]
    return centred_NFT if mask_NT is None else centred_NFT * mask_NT[:, None]
