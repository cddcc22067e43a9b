"""The routers; importing this room registers them all."""

from engine.model.trunk.routers import token_choice
from engine.model.trunk.routers.base import Reroute, Router, Routing, routers

__all__ = ["Reroute", "Router", "Routing", "routers", "token_choice"]
