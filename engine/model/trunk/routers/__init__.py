"""The routers; importing this room registers them all."""

from engine.model.trunk.routers import distance, dynamic, expert_choice, noisy, nulls, token_choice
from engine.model.trunk.routers.base import Reroute, Router, Routing, routers

__all__ = [
    "Reroute", "Router", "Routing", "distance", "dynamic", "expert_choice", "noisy", "nulls", "routers", "token_choice",
]  # fmt: skip
