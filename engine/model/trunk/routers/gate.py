"""What a router scores tokens with: one row an expert, shared by the modalities, of each for itself, or of each with experts of its own.

Shapes: T tokens, D width, E experts, G gates (1, or one a modality), M modalities.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from engine.schema.base import MODALITIES, Config
from engine.schema.errors import UserError

Scope = Literal["joint", "per-modality", "disjoint"]
OUT_OF_REACH = -1e4
"""The score of an expert that is another modality's: its softmax is exactly 0 in float32, and its logarithm is finite."""


class GateConfig(Config):
    """Settings that all routers share."""

    experts_per_token: int = Field(2, ge=1, description="K. More experts a token cost more time and forget less.")
    scope: Scope = Field(
        "joint",
        description="`joint`: one gate for all inputs. `per-modality`: each kind of input has its own gate to the same experts. "
        "`disjoint`: each kind of input also has experts of its own.",
    )


class Gate(nn.Linear):
    """Scores of experts, computed in float32: half precision makes routing flicker.

    `disjoint` deals the experts out to the modalities in turn, in blocks whose sizes differ by one at most.
    """

    pool_ME: Tensor | None

    def __init__(self, width: int, experts: int, scope: Scope = "joint") -> None:
        gates = 1 if scope == "joint" else len(MODALITIES)
        super().__init__(width, gates * experts, bias=False)
        nn.init.normal_(self.weight, std=width**-0.5)
        self.experts, self.gates = experts, gates
        self.register_buffer("pool_ME", _pools(experts) if scope == "disjoint" else None, persistent=False)

    @property
    def reach(self) -> int:
        """How many experts a token may choose from, at least."""
        return self.experts if self.pool_ME is None else int(self.pool_ME.sum(1).amin())

    def slots(self, experts_per_token: int) -> int:
        """Return K where there are so many experts to choose from; else raise `bad-setting`."""
        if experts_per_token > self.reach:
            key, detail = "router.experts_per_token", f"there are only {self.reach} experts to choose from"
            raise UserError("bad-setting", key=key, value=experts_per_token, detail=detail)
        return experts_per_token

    def forward(self, x_TD: Tensor, modality_T: Tensor) -> Tensor:  # type: ignore[override]
        """Return the scores of each token for each expert, (T, E) in float32 (float64 for a stream in float64)."""
        with torch.autocast(x_TD.device.type, enabled=False):
            exact = torch.promote_types(x_TD.dtype, torch.float32)
            every_TC = self.score(x_TD.to(exact), self.weight.to(exact))
        if self.gates == 1:
            return every_TC
        own_TE = every_TC.view(-1, self.gates, self.experts)[torch.arange(len(x_TD), device=x_TD.device), modality_T]
        return own_TE if self.pool_ME is None else own_TE.masked_fill(~self.pool_ME[modality_T], OUT_OF_REACH)

    def out_of_reach(self, modality_T: Tensor) -> Tensor | None:
        """Return which experts are another modality's, (T, E); None where every token may go everywhere."""
        return None if self.pool_ME is None else ~self.pool_ME[modality_T]

    def score(self, x_TD: Tensor, rows_CD: Tensor) -> Tensor:
        """Return the score of each token for each row."""
        return nn.functional.linear(x_TD, rows_CD)

    @torch.no_grad()
    def seed(self, directions_SD: Tensor) -> None:
        """Replace the rows of the first S experts, in every gate, by these directions, as long as the rows were."""
        rows_GED = self.weight.view(self.gates, self.experts, -1)
        length = self.weight.norm(dim=1).mean()
        rows_GED[:, : len(directions_SD)] = length * nn.functional.normalize(directions_SD, dim=1)


class DistanceGate(Gate):
    """-||W_e - x||_2: the nearer a token lies to an expert's row, the higher its score (the Laplace gate of FuseMoE, arXiv:2402.03226)."""

    def score(self, x_TD: Tensor, rows_CD: Tensor) -> Tensor:
        """Return minus the distance of each token to each row."""
        return -torch.cdist(x_TD, rows_CD, compute_mode="donot_use_mm_for_euclid_dist")


def _pools(experts: int) -> Tensor:
    """Return which experts are whose, (M, E)."""
    number = len(MODALITIES)
    if experts < number:
        detail = f"each of {number} kinds of input needs one of its own"
        raise UserError("bad-setting", key="student.experts", value=experts, detail=detail)
    owner_E = torch.arange(experts) * number // experts
    return owner_E == torch.arange(number)[:, None]
