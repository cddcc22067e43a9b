"""The experts of one sparse layer: gated feed-forward networks with stacked weights.

Shapes: T tokens, K experts a token, S = T K assignments, E experts, D width, H hidden width.
"""

import torch
from torch import Tensor, nn

from engine.model.trunk.dispatch import feed_forward
from engine.model.trunk.routers.base import Routing


class Experts(nn.Module):
    """E networks x -> (silu(x A) * x B) C; no bias, so that all their work is matrix products."""

    def __init__(self, experts: int, width: int, hidden: int) -> None:
        super().__init__()
        self.into_EDH2 = nn.Parameter(torch.empty(experts, width, 2 * hidden))
        self.back_EHD = nn.Parameter(torch.empty(experts, hidden, width))
        nn.init.trunc_normal_(self.into_EDH2, std=width**-0.5)
        nn.init.trunc_normal_(self.back_EHD, std=hidden**-0.5)

    @property
    def number(self) -> int:
        """E."""
        return self.back_EHD.shape[0]

    def forward(self, x_TD: Tensor, routing: Routing) -> Tensor:
        """Return what each token's experts make of it, weighted as the router says."""
        return feed_forward(
            x_TD, routing.weights_TK, routing.experts_TK, self.into_EDH2, self.back_EHD, routing.partial
        )


class SharedExpert(nn.Module):
    """One network of the same kind that every token passes, chosen by nobody (DeepSeekMoE, arXiv:2401.06066).

    What all tokens need is learned once, from all of them; the chosen experts are left with what only some need.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.into_DH2 = nn.Parameter(torch.empty(width, 2 * hidden))
        self.back_HD = nn.Parameter(torch.empty(hidden, width))
        nn.init.trunc_normal_(self.into_DH2, std=width**-0.5)
        nn.init.trunc_normal_(self.back_HD, std=hidden**-0.5)

    def forward(self, x_TD: Tensor) -> Tensor:
        """Return what it makes of every token."""
        gate_TH, value_TH = (x_TD @ self.into_DH2.to(x_TD.dtype)).chunk(2, dim=1)
        y_TD: Tensor = (nn.functional.silu(gate_TH) * value_TH) @ self.back_HD.to(x_TD.dtype)
        return y_TD
