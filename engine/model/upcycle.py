"""Sparse upcycling: every expert of a layer starts as a copy of a dense model's feed-forward network (arXiv:2212.05055).

What the dense model learned is kept; only the routers are fresh. Noise sets the copies apart, for equal experts get equal gradients.
Shapes: E experts, and whatever a parameter holds behind them.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from engine.model.student import Student
from engine.model.trunk.experts import Experts
from engine.model.trunk.routers import Router
from engine.schema.config import StudentConfig
from engine.schema.errors import UserError


def upcycled_shape(dense: StudentConfig, asked: StudentConfig) -> StudentConfig:
    """Return the dense model's shape with the experts and the router asked for; raises `bad-setting` where it is not dense."""
    if dense.experts != 1:
        detail = f"the model it starts from already has {dense.experts} experts a layer"
        raise UserError("bad-setting", key="upcycle", value="true", detail=detail)
    return dense.model_copy(update={"experts": asked.experts, "router": asked.router})


def upcycled(
    dense: Mapping[str, Tensor], sparse: Student, noise: float, generator: torch.Generator
) -> dict[str, Tensor]:
    """Return weights for `sparse` from those of a dense student of the same widths; its routers stay as they are.

    `noise` is a share of the deviation of each weight matrix. At 0 the sparse student answers as the dense one wherever a token's
    weights sum to 1, up to the rounding of that sum.
    """
    experts = _names(sparse, Experts)
    routers = _names(sparse, Router)
    found = {}
    for name, own in sparse.state_dict().items():
        if name in experts:
            found[name] = _copies(dense[name], own.shape[0], noise, generator)
        else:
            found[name] = (own if name in routers else dense[name]).clone()
    return found


def _copies(one_1X: Tensor, experts: int, noise: float, generator: torch.Generator) -> Tensor:
    """Return E copies, each with noise of its own."""
    copies_EX = one_1X.expand(experts, *one_1X.shape[1:]).clone()
    drawn_EX = torch.randn(copies_EX.shape, generator=generator).to(copies_EX)
    return copies_EX + noise * one_1X.std() * drawn_EX


def _names(student: Student, kind: type[torch.nn.Module]) -> set[str]:
    """Return the names of all weights that lie in modules of a kind."""
    found = ((name, module) for name, module in student.named_modules() if isinstance(module, kind))
    return {f"{name}.{own}" for name, module in found for own in module.state_dict()}
