"""One block of the trunk: attention over all tokens of a case, then its experts on each token.

Shapes: B cases, L tokens of a case, T real tokens of the batch, D width, H heads, X width of a head.
"""

from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from engine.model.tokens import Layout
from engine.model.trunk.experts import Experts, SharedExpert
from engine.model.trunk.routers.base import Reroute, Router, Routing


class CaseAttention(nn.Module):
    """Self-attention within each case, over the tokens of all its modalities together."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"width {width} is not a multiple of {heads} heads")
        self.heads = heads
        self.query_key_value = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x_TD: Tensor, layout: Layout) -> Tensor:
        """Return the attended stream; only attention itself sees padding, behind a mask."""
        padded_BL3D = layout.pad(self.query_key_value(x_TD))
        query_BHLX, key_BHLX, value_BHLX = (
            part.reshape(*part.shape[:2], self.heads, -1).transpose(1, 2) for part in padded_BL3D.chunk(3, dim=2)
        )
        mask_B11L = None
        if not layout.is_full:
            mask_BL = layout.mask_BL
            mask_BL[:, 0] = True  # a case without any token would otherwise be a softmax over nothing
            mask_B11L = mask_BL[:, None, None]
        seen_BHLX = scaled_dot_product_attention(query_BHLX, key_BHLX, value_BHLX, mask_B11L)
        out: Tensor = self.out(layout.unpad(seen_BHLX.transpose(1, 2).flatten(2)))
        return out

    def scores(self, x_TD: Tensor, layout: Layout) -> Tensor:
        """Return Q K^T / sqrt(d) averaged over the heads and the tokens of each pair of modalities, (B, M, M).

        A score is linear in its query and in its key, so the mean over all pairs of tokens is the score of the mean tokens.
        """
        query_BMD, key_BMD, _ = self.query_key_value(layout.mean_BMD(x_TD)).chunk(3, dim=2)
        scale: float = self.heads * (x_TD.shape[1] // self.heads) ** 0.5
        scores_BMM: Tensor = query_BMD @ key_BMD.transpose(1, 2) / scale
        return scores_BMM


class Block(nn.Module):
    """Attention and experts, each behind a norm. Attention has a way around it; the experts only `bypass` of one.

    With a whole way around the experts of the last layer they hardly matter: whoever takes a token, most of it arrives anyway.
    """

    def __init__(
        self,
        attention: CaseAttention,
        router: Router,
        experts: Experts,
        width: int,
        dropout: float,
        bypass: float = 1.0,
        shared: SharedExpert | None = None,
    ) -> None:
        super().__init__()
        self.bypass, self.shared = bypass, shared
        self.attention, self.router, self.experts = attention, router, experts
        self.norm_attention, self.norm_experts = nn.LayerNorm(width), nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x_TD: Tensor, layout: Layout, reroute: Reroute | None = None) -> tuple[Tensor, Routing]:
        """Return the stream after this block, and who worked on it."""
        x_TD = x_TD + self.dropout(self.attention(self.norm_attention(x_TD), layout))
        normed_TD = self.norm_experts(x_TD)
        routing: Routing = self.router(normed_TD, layout.modality_T, reroute)
        worked_TD = self.experts(normed_TD, routing)
        if self.shared is not None:
            worked_TD = worked_TD + self.shared(normed_TD)
        return self.bypass * x_TD + self.dropout(worked_TD), routing

    def scores(self, x_TD: Tensor, layout: Layout) -> Tensor:
        """Return how much each modality of a case asks for each other one here, before the softmax, (B, M, M)."""
        return self.attention.scores(self.norm_attention(x_TD), layout)
