"""Pictures: size and colour change, what is seen does not."""

import numpy as np

from engine.ingest.decode.image import encode_png
from engine.preprocess.image import read_pixels, scale_to
from tests.preprocess.small_world import picture


def test_a_grey_picture_when_read_grey_or_in_colour_then_is_the_same_picture() -> None:
    pixels_HW = picture(0)
    png = encode_png(pixels_HW)
    assert np.array_equal(read_pixels(png, 1)[..., 0], pixels_HW)
    assert np.array_equal(read_pixels(png, 3), np.repeat(pixels_HW[..., None], 3, axis=2))


def test_a_coloured_picture_when_read_grey_then_green_is_brighter_than_blue() -> None:
    pixels_HWC = np.zeros((1, 2, 3), dtype=np.uint8)
    pixels_HWC[0, 0, 1] = pixels_HWC[0, 1, 2] = 255
    assert read_pixels(encode_png(pixels_HWC), 1).ravel().tolist() == [150, 29]


def test_a_picture_when_scaled_down_then_keeps_its_mean_and_when_of_the_size_then_is_untouched() -> None:
    pixels_HWC = picture(1, side=96, colour=True)
    small_HWC = scale_to(pixels_HWC, 24)
    assert small_HWC.shape == (24, 24, 3)
    assert abs(small_HWC.mean() - pixels_HWC.mean()) < 1.5
    assert small_HWC.std() < pixels_HWC.std() / 2  # noise is averaged, not sampled
    assert scale_to(pixels_HWC, 96) is pixels_HWC
