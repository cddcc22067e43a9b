"""Texts to tokens: a learned embedding of each word piece, its place, and its neighbours.

Shapes: N texts, L tokens, D width.
"""

import torch
from torch import Tensor, nn

from engine.model.tokens import Tokens, all_real
from engine.preprocess.batch import TextItems
from engine.preprocess.text import PADDING

_NEIGHBOURS = 3
"""Tokens one token sees in the encoder; the trunk sees them all."""


class TextEncoder(nn.Module):
    """One token for each token id."""

    def __init__(self, vocabulary: int, width: int, longest: int, dropout: float) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width, padding_idx=PADDING)
        self.places_LD = nn.Parameter(torch.randn(longest, width) * 0.02)
        self.neighbours = nn.Conv1d(width, width, _NEIGHBOURS, padding=_NEIGHBOURS // 2)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        with torch.no_grad():
            self.embedding.weight.mul_(0.1)

    def forward(self, texts: TextItems) -> Tokens:
        """Return a token for each id; what lies behind a text's end is zero and stays unseen."""
        whole = all_real(texts.mask_NL)
        x_NLD = self.dropout(self.embedding(texts.ids_NL) + self.places_LD[: texts.ids_NL.shape[1]])
        x_NLD = x_NLD if whole else x_NLD * texts.mask_NL[..., None]
        around_NLD: Tensor = self.neighbours(x_NLD.transpose(1, 2)).transpose(1, 2)
        return Tokens(self.norm(x_NLD + nn.functional.gelu(around_NLD)), texts.mask_NL, texts.owner_N, whole=whole)
