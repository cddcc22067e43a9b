"""Pictures to tokens: a small convolutional stem down to a grid of at most 6 x 6.

Shapes: N pictures, C channels, H x W pixels, G grid side, D width.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils import convert_conv2d_weight_memory_format

from engine.model.tokens import Tokens
from engine.preprocess.batch import ImageItems

_MOST_GRID = 6
"""The grid is halved until its side is at most this."""
_SMALL = 40
"""Pictures up to this side get one layer at full size: their details are few pixels wide. Larger ones begin with a quarter."""


def grid_side(size: int) -> int:
    """Return the side of the grid of tokens for pictures of `size` pixels."""
    while size > _MOST_GRID:
        size = (size + 1) // 2
    return size


def _eights(channels: int) -> int:
    """Return whole groups of eight channels, which is what the norms take."""
    return max(8, channels // 8 * 8)


def _layer(inner: int, outer: int, stride: int) -> list[nn.Module]:
    side = 2 * (stride // 2) + 1 if stride > 2 else 3  # neighbouring cells overlap
    convolution = nn.Conv2d(inner, outer, side, stride, side // 2, bias=False)
    return [convolution, nn.GroupNorm(outer // 8, outer), nn.ReLU()]


class ImageEncoder(nn.Module):
    """One token for each cell of the grid, row by row."""

    def __init__(self, channels: int, width: int, size: int, dropout: float) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inner, side = channels, size
        outer = _eights(width // 4)
        if size <= _SMALL:
            layers += _layer(inner, outer, 1)
            inner = outer
        else:
            layers += _layer(inner, 2 * outer, 4)
            inner, outer, side = 2 * outer, 2 * outer, (side + 3) // 4
        while side > _MOST_GRID:
            layers += _layer(inner, outer, 2) + _layer(outer, outer, 1)
            inner, outer, side = outer, min(_eights(width), 2 * outer), (side + 1) // 2
        # Channels last: a fifth less time for convolutions on a CPU.
        self.stem = convert_conv2d_weight_memory_format(nn.Sequential(*layers), torch.channels_last)
        self.out = nn.Linear(inner, width)
        self.places_LD = nn.Parameter(torch.randn(side * side, width) * 0.02)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, images: ImageItems) -> Tokens:
        """Return the cells of every picture as tokens."""
        cells_NDGG: Tensor = self.stem(images.pixels_NCHW.contiguous(memory_format=torch.channels_last))
        x_NLD = self.norm(self.dropout(self.out(cells_NDGG.flatten(2).transpose(1, 2))) + self.places_LD)
        mask_NL = torch.ones(x_NLD.shape[:2], dtype=torch.bool, device=x_NLD.device)
        return Tokens(x_NLD, mask_NL, images.owner_N)
