"""What preparation asks of a pretrained encoder that is kept inside a council: to read as it was trained to.

Shapes: L tokens, C channels, H height, W width, S samples.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.schema.model import InsideEncoder


class Reader(Protocol):
    """An encoder as far as it prepares what it is fed; each kind of encoder answers for its own modality alone."""

    @property
    def told(self) -> InsideEncoder:
        """What is written down of it."""
        ...

    def tokens(self, text: str, most: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return at most so many token ids of a text, and the characters each stands for, (L, 2)."""
        ...

    def picture(self, pixels_HWC: NDArray[np.uint8]) -> NDArray[np.float16]:
        """Return an RGB picture as the encoder is fed it, (C, H, W)."""
        ...

    def sound(self, wave_S: Tensor) -> NDArray[np.float32]:
        """Return a 16 kHz recording at the encoder's own rate, (S,)."""
        ...
