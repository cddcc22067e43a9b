"""The fusions; importing this room registers them all."""

from engine.model.fusion import attention, concat, gated, tensor, weighted_sum
from engine.model.fusion.base import Fusion, fusions

__all__ = ["Fusion", "attention", "concat", "fusions", "gated", "tensor", "weighted_sum"]
