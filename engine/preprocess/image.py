"""Pictures: a decoded PNG to 8-bit pixels at the model's size.

Shapes: H height, W width, C channels (1 grey, 3 RGB).
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import interpolate

from engine.ingest.decode.image import read_png

Pixels = NDArray[np.uint8]
"""(H, W, C)."""


def read_pixels(png: bytes, channels: int) -> Pixels:
    """Return the pixels of a decoded picture with 1 or 3 channels; colours become grey by their luminance (BT.601)."""
    pixels_HWC = as_three_axes(read_png(png))
    if pixels_HWC.shape[2] == channels:
        return pixels_HWC
    if channels == 3:
        return np.repeat(pixels_HWC, 3, axis=2)
    grey_HW = pixels_HWC[..., :3].astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return grey_HW.round().astype(np.uint8)[..., None]


def as_three_axes(pixels: Pixels) -> Pixels:
    """Return (H, W, C) for pixels that may lack the channel axis."""
    return pixels[..., None] if pixels.ndim == 2 else pixels


def scale_to(pixels_HWC: Pixels, size: int) -> Pixels:
    """Return the picture stretched to a square of `size` pixels; smaller ones are averaged down without aliasing."""
    if pixels_HWC.shape[:2] == (size, size):
        return pixels_HWC
    image_1CHW = torch.from_numpy(np.ascontiguousarray(pixels_HWC)).permute(2, 0, 1)[None].float()
    scaled_1CHW = interpolate(image_1CHW, size=(size, size), mode="bilinear", antialias=True, align_corners=False)
    return scaled_1CHW[0].permute(1, 2, 0).round().clamp(0, 255).to(torch.uint8).numpy()
