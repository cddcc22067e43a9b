"""Pictures to tokens: a small convolutional stem down to a grid of at most 6 x 6.

Shapes: N pictures, C channels, H x W pixels, G grid side, D width.
"""

import torch
from torch import Tensor, nn

from engine.model.tokens import Tokens
from engine.preprocess.batch import ImageItems

_MOST_GRID = 6
"""The grid is halved until its side is at most this."""
_SMALL = 40
"""Pictures up to this side get one layer at full size: their details are few pixels wide."""


def grid_side(size: int) -> int:
    """Return the side of the grid of tokens for pictures of `size` pixels."""
    while size > _MOST_GRID:
        size = (size + 1) // 2
    return size


def _layer(inner: int, outer: int, stride: int) -> list[nn.Module]:
    return [nn.Conv2d(inner, outer, 3, stride, 1, bias=False), nn.GroupNorm(outer // 8, outer), nn.ReLU()]


class ImageEncoder(nn.Module):
    """One token for each cell of the grid, row by row."""

    def __init__(self, channels: int, width: int, size: int, dropout: float) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inner, side = channels, size
        outer = max(8, width // 4 // 8 * 8)
        if size <= _SMALL:
            layers += _layer(inner, outer, 1)
            inner = outer
        while side > _MOST_GRID:
            layers += _layer(inner, outer, 2) + _layer(outer, outer, 1)
            inner, outer, side = outer, min(width, 2 * outer), (side + 1) // 2
        self.stem = nn.Sequential(*layers)
        self.out = nn.Linear(inner, width)
        self.places_LD = nn.Parameter(torch.randn(side * side, width) * 0.02)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, images: ImageItems) -> Tokens:
        """Return the cells of every picture as tokens."""
        cells_NDGG: Tensor = self.stem(images.pixels_NCHW)
        x_NLD = self.norm(self.dropout(self.out(cells_NDGG.flatten(2).transpose(1, 2))) + self.places_LD)
        mask_NL = torch.ones(x_NLD.shape[:2], dtype=torch.bool, device=x_NLD.device)
        return Tokens(x_NLD, mask_NL, images.owner_N)
