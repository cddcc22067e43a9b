"""AdamW with its state as plain tensors, so that it lies in safetensors like everything else."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn


def build_optimizer(
    named: Iterable[tuple[str, nn.Parameter]], rate: float, decay: float, shares: Mapping[str, float] | None = None
) -> torch.optim.AdamW:
    """Return AdamW (arXiv:1711.05101) over the parameters that learn; vectors (norms, biases, places) are not decayed.

    `shares` gives parameters whose names begin so a share of the learning rate, which their groups carry as `share`.
    """
    learning = [(name, parameter) for name, parameter in named if parameter.requires_grad]
    groups = _groups([p for name, p in learning if not name.startswith(tuple(shares or ()))], decay, 1.0)
    for prefix, share in (shares or {}).items():
        groups += _groups([p for name, p in learning if name.startswith(prefix)], decay, share)
    # fused: a third of the time of the default on a CPU.
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=rate, betas=(0.9, 0.98), fused=True)


def _groups(learning: Sequence[nn.Parameter], decay: float, share: float) -> list[dict[str, Any]]:
    return [
        {"params": [p for p in learning if p.ndim >= 2], "weight_decay": decay, "share": share},
        {"params": [p for p in learning if p.ndim < 2], "weight_decay": 0.0, "share": share},
    ]


def pack_state(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return the optimiser's state as one flat mapping."""
    state = optimizer.state_dict()["state"]
    return {f"optimizer:{place}:{name}": tensor for place, kept in state.items() for name, tensor in kept.items()}


def unpack_state(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Give the optimiser back the state that `pack_state` flattened; raises `ValueError` where it is that of other parameters.

    The optimiser itself would take moments of another shape without a word, and step into the wrong weights.
    """
    whole = optimizer.state_dict()
    shapes = [parameter.shape for group in optimizer.param_groups for parameter in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        kind, _, rest = name.partition(":")
        if kind == "optimizer":
            place, _, entry = rest.partition(":")
            if tensor.dim() and tensor.shape != shapes[int(place)]:
                raise ValueError(
                    f"a state of shape {tuple(tensor.shape)} for a parameter of {tuple(shapes[int(place)])}"
                )
            state.setdefault(int(place), {})[entry] = tensor.clone()
    optimizer.load_state_dict({**whole, "state": state})
