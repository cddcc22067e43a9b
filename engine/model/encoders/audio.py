"""Sounds to tokens: convolutions over the log-mel, halving time until at most 32 tokens are left of the longest sound.

Every layer looks at real frames only, so a sound gives the same tokens alone and beside a longer one.
Shapes: N sounds, F mel bands, T frames, L tokens, C channels, D width.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.utils import convert_conv2d_weight_memory_format

from engine.model.tokens import Tokens
from engine.preprocess.batch import AudioItems

_MOST_TOKENS = 32
_LEAST_HALVINGS, _FREQUENCY_HALVINGS = 2, 3


def frames_per_token(frames: int) -> int:
    """Return how many frames one token stands for where the longest sound has `frames`."""
    return 1 << _halvings(frames)


def _halvings(frames: int) -> int:
    return max(_LEAST_HALVINGS, math.ceil(math.log2(max(1, frames) / _MOST_TOKENS)))


class ChannelNorm(nn.Module):
    """Layer norm over the channels of each cell on its own: a frame's value never depends on its neighbours' number."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, x_NCFT: Tensor) -> Tensor:
        """Return the cells, each with mean 0 and deviation 1 over its channels, scaled as learned."""
        normed: Tensor = self.norm(x_NCFT.movedim(1, -1)).movedim(-1, 1)
        return normed


class AudioEncoder(nn.Module):
    """One token for each `frames_per_token` frames."""

    def __init__(self, bands: int, width: int, frames: int, dropout: float) -> None:
        super().__init__()
        halvings = _halvings(frames)
        self.layers, self.norms = nn.ModuleList(), nn.ModuleList()
        self.strides: list[int] = []
        inner, outer, height = 1, max(8, width // 4 // 8 * 8), bands
        for i in range(max(_FREQUENCY_HALVINGS, halvings)):
            stride = (2 if i < _FREQUENCY_HALVINGS else 1, 2 if i < halvings else 1)
            self.layers.append(nn.Conv2d(inner, outer, 3, stride, 1, bias=False))
            self.norms.append(ChannelNorm(outer))
            self.strides.append(stride[1])
            inner, outer, height = outer, min(width, 2 * outer), math.ceil(height / stride[0])
        # Channels last: the norm over channels then reads memory in order.
        convert_conv2d_weight_memory_format(self.layers, torch.channels_last)
        self.out = nn.Linear(inner * height, width)
        self.places_LD = nn.Parameter(torch.randn(math.ceil(frames / 2**halvings), width) * 0.02)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, audios: AudioItems) -> Tokens:
        """Return the tokens of every sound and which of them are real."""
        x_NCFT, mask_NT = audios.mels_NFT[:, None], audios.mask_NT
        for layer, norm, stride in zip(self.layers, self.norms, self.strides, strict=True):
            mask_NT = mask_NT[:, ::stride]
            x_NCFT = nn.functional.relu(norm(layer(x_NCFT))) * mask_NT[:, None, None]
        cells_NLX = x_NCFT.permute(0, 3, 1, 2).flatten(2)
        x_NLD: Tensor = self.norm(self.dropout(self.out(cells_NLX)) + self.places_LD[: cells_NLX.shape[1]])
        return Tokens(x_NLD, mask_NT, audios.owner_N)
