"""Pictures to tokens: a small convolutional stem, one token for each cell of a coarse grid, and one for the whole picture.

The token of the whole picture is a linear map of all cells of the finer grid: where something is counts there, not only that it is
somewhere. Shapes: N pictures, C channels, H x W pixels, G grid side, D width.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils import convert_conv2d_weight_memory_format

from engine.model.tokens import Tokens
from engine.preprocess.batch import ImageItems

_MOST_GRID, _MOST_CELLS = 6, 8
"""Sides: the grid of tokens has at most 6 x 6 of them; the whole picture is read from at most 8 x 8 cells."""
_SMALL = 40
"""Pictures up to this side begin with half of their size; larger ones with a quarter."""
_WHOLE_DROPOUT = 0.3
"""The whole picture has a weight for every cell and learns single pictures by heart if it may."""


def grid_side(size: int) -> int:
    """Return the side of the grid of tokens for pictures of `size` pixels."""
    return _halved(size, _MOST_GRID)


def _halved(size: int, most: int) -> int:
    while size > most:
        size = (size + 1) // 2
    return size


def _eights(channels: int) -> int:
    """Return whole groups of eight channels, which is what the norms take."""
    return max(8, channels // 8 * 8)


def _layer(inner: int, outer: int, side: int, stride: int) -> list[nn.Module]:
    convolution = nn.Conv2d(inner, outer, side, stride, side // 2, bias=False)
    return [convolution, nn.GroupNorm(outer // 8, outer), nn.GELU()]


class ImageEncoder(nn.Module):
    """One token for the whole picture, then one for each cell of the grid, row by row."""

    def __init__(self, channels: int, width: int, size: int, dropout: float) -> None:
        super().__init__()
        outer = _eights(width // 3)
        stride = 2 if size <= _SMALL else 4
        # A wide first look: it averages over noise before anything is decided.
        layers, inner, side = _layer(channels, outer, 7, stride), outer, (size + stride - 1) // stride
        while side > _MOST_CELLS:
            outer = min(_eights(width), 2 * outer)
            layers += _layer(inner, outer, 3, 2)
            inner, side = outer, (side + 1) // 2
        # Channels last: a fifth less time for convolutions on a CPU.
        self.stem = convert_conv2d_weight_memory_format(nn.Sequential(*layers), torch.channels_last)
        step = 1 if side <= _MOST_GRID else 2
        self.cells = nn.Conv2d(inner, width, step, step, padding=side % step)
        self.whole = nn.Linear(inner * side * side, width)
        self.places_LD = nn.Parameter(torch.randn(1 + grid_side(size) ** 2, width) * 0.1)
        self.norm = nn.LayerNorm(width)
        self.dropout, self.whole_dropout = nn.Dropout(dropout), nn.Dropout(max(dropout, _WHOLE_DROPOUT))

    def forward(self, images: ImageItems) -> Tokens:
        """Return the tokens of every picture."""
        seen_NCGG: Tensor = self.stem(images.pixels_NCHW.contiguous(memory_format=torch.channels_last))
        whole_ND = self.whole(self.whole_dropout(seen_NCGG.flatten(1)))
        cells_NLD = self.dropout(self.cells(seen_NCGG).flatten(2).transpose(1, 2))
        x_NLD = self.norm(torch.cat([whole_ND[:, None], cells_NLD], 1) + self.places_LD)
        mask_NL = torch.ones(x_NLD.shape[:2], dtype=torch.bool, device=x_NLD.device)
        return Tokens(x_NLD, mask_NL, images.owner_N, seen_NCGG, whole=True)
