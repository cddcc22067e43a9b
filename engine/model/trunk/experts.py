"""The experts of one sparse layer: gated feed-forward networks with stacked weights.

Shapes: T tokens, K experts a token, S = T K assignments, E experts, D width, H hidden width.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from engine.model.trunk.dispatch import feed_forward
from engine.model.trunk.routers.base import Routing

_BEFORE, _NOW = "into_EDH2", "into_EH2D"


def turned(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a student's weights by the names they have now: of older models A and B are turned."""
    found = dict(weights)
    for name in weights:
        if name.endswith(f".{_BEFORE}"):
            found[name.removesuffix(_BEFORE) + _NOW] = found.pop(name).transpose(1, 2).contiguous()
    return found


class Experts(nn.Module):
    """E networks x -> (silu(x A) * x B) C; no bias, so that all their work is matrix products.

    A and B are kept side by side and turned, `into_EH2D`: where an expert has few rows, a processor then reads them straight through.
    """

    def __init__(self, experts: int, width: int, hidden: int) -> None:
        super().__init__()
        into_EDH2 = nn.init.trunc_normal_(torch.empty(experts, width, 2 * hidden), std=width**-0.5)
        self.into_EH2D = nn.Parameter(into_EDH2.transpose(1, 2).contiguous())
        self.back_EHD = nn.Parameter(torch.empty(experts, hidden, width))
        nn.init.trunc_normal_(self.back_EHD, std=hidden**-0.5)

    @property
    def into_EDH2(self) -> Tensor:
        """A and B side by side, as the formula has them: a view of what is kept."""
        return self.into_EH2D.transpose(1, 2)

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
