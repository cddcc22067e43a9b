"""How large a pretrained teacher is, known also where nothing of it is loaded.

The headers of its files do not tell: they count the decoder, the other half of a two-sided model, or a head that never reads.
"""

from collections.abc import Callable

import torch
from torch import nn

from engine.pretrained import door
from engine.teachers.base import Classroom
from engine.teachers.lessons import content_key


def counted(room: Classroom, fingerprint: str, kind: door.Kind, loaded: Callable[[], nn.Module]) -> int:
    """Return the number of parameters of what `loaded` gives, which is asked only where no lesson of the room's tells it."""
    key = content_key("parameters", fingerprint, kind)
    kept = room.cache.get(key, lambda: {"parameters": torch.tensor(sum(p.numel() for p in loaded().parameters()))})
    return int(kept["parameters"])
