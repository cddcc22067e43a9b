import struct

import numpy as np
import pytest

from engine.ingest.decode import image
from engine.schema.errors import UserError
from tests.ingest import samples


def oriented(jpeg: bytes, orientation: int) -> bytes:
    tag = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tag
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def codes(data: bytes) -> list[str]:
    return [flag.code for flag in image.decode(data, "x")[2]]


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3)])
def test_a_png_when_written_and_read_then_keeps_every_value(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    assert np.array_equal(image.read_png(image.encode_png(pixels)), pixels)


def test_a_small_picture_when_decoded_then_is_unchanged() -> None:
    decoded, facts, flags = image.decode(samples.picture(), "x")
    assert np.array_equal(image.read_png(decoded), samples.drawing())
    assert (facts.width, facts.height, facts.channels, flags) == (64, 48, 3, ())


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_a_large_picture_when_decoded_then_its_longest_side_is_1024(kind: str) -> None:
    decoded, facts, _ = image.decode(samples.picture(kind, 3000, 1500), "x")
    assert image.read_png(decoded).shape == (512, 1024, 3)
    assert (facts.width, facts.height) == (3000, 1500)


def test_a_photograph_taken_sideways_when_decoded_then_stands_upright() -> None:
    half = np.zeros((40, 80), np.uint8)
    half[:, 40:] = 255
    decoded, facts, _ = image.decode(oriented(image.encode_jpeg(half), 6), "x")
    upright = image.read_png(decoded)
    assert upright.shape == (80, 40)
    assert (facts.width, facts.height) == (40, 80)
    assert upright[:30].mean() < 20
    assert upright[50:].mean() > 235


def test_metadata_when_decoded_then_is_gone() -> None:
    note = samples.chunk(b"tEXt", b"Comment\0name of the patient")
    data = samples.raw_png(8, 8, 8, 0, bytes(9 * 8), note)
    decoded, _, _ = image.decode(data, "x")
    assert b"patient" in data
    assert b"patient" not in decoded
    jpeg = oriented(samples.picture("jpeg"), 1)
    assert b"Exif" not in image.decode(jpeg, "x")[0]


def test_a_see_through_picture_when_decoded_then_lies_on_white() -> None:
    row = b"\0" + bytes([200, 0, 0, 0]) * 8 + bytes([200, 0, 0, 255]) * 8
    decoded, _, _ = image.decode(samples.raw_png(16, 16, 8, 6, row * 16), "x")
    pixels = image.read_png(decoded)
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[0, 15].tolist() == [200, 0, 0]


def test_a_picture_of_sixteen_bits_when_decoded_then_fills_the_range() -> None:
    rows = b"".join(b"\0" + struct.pack(">16H", *(1000 + 50 * x for x in range(16))) for _ in range(16))
    pixels = image.read_png(image.decode(samples.raw_png(16, 16, 16, 0, rows), "x")[0])
    assert pixels.dtype == np.uint8
    assert (pixels[0, 0], pixels[0, 15]) == (0, 255)
    assert np.all(np.diff(pixels[0].astype(int)) > 0)


def test_a_palette_picture_when_decoded_then_has_its_colours() -> None:
    palette = samples.chunk(b"PLTE", bytes([0, 0, 255, 255, 255, 0]))
    data = samples.raw_png(16, 16, 8, 3, (b"\0" + bytes([0] * 8 + [1] * 8)) * 16, palette)
    pixels = image.read_png(image.decode(data, "x")[0])
    assert pixels[3, 3].tolist() == [0, 0, 255]
    assert pixels[3, 12].tolist() == [255, 255, 0]


@pytest.mark.parametrize("kind", ["png", "jpeg"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_truncated_picture_when_decoded_then_is_called_damaged(kind: str, share: float) -> None:
    data = samples.picture(kind, 200, 200)
    with pytest.raises(UserError) as caught:
        image.decode(data[: int(len(data) * share)], "x.png")
    assert caught.value.code == "damaged-image"


def test_a_picture_of_too_many_pixels_when_decoded_then_is_refused_with_its_size() -> None:
    with pytest.raises(UserError) as caught:
        image.decode(samples.huge_png(), "x.png")
    assert caught.value.code == "image-too-large"
    assert (caught.value.parameters["width"], caught.value.parameters["limit"]) == (20_000, 64)


def test_a_compressed_comment_without_end_when_decoded_then_is_refused() -> None:
    import zlib

    bomb = samples.chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000), 9))
    with pytest.raises(UserError):
        image.decode(samples.raw_png(8, 8, 8, 0, bytes(72), bomb), "x.png")


@pytest.mark.parametrize("sigma", [0.0, 2.0, 4.0])
def test_a_page_without_anything_on_it_when_decoded_then_is_flagged_blank(sigma: float) -> None:
    page = image.noisy(np.full((300, 200), 235, np.uint8), np.random.default_rng(2), sigma)
    assert codes(image.encode_png(page)) == ["blank-image"]


def test_a_page_with_one_line_of_writing_when_decoded_then_is_not_blank() -> None:
    canvas = image.Canvas(400, 300)
    canvas.text((20, 100), "Invoice 4711, paid twice", 0, 20)
    assert codes(image.encode_png(canvas.pixels())) == []


def test_a_picture_when_blurred_more_and_more_then_loses_sharpness_until_it_is_flagged() -> None:
    pixels = samples.drawing(640, 480)
    sharpness = [image.sharpness(image.blurred(pixels, r)[..., 1].astype(np.float32)) for r in (0.5, 2, 6, 12)]
    assert sharpness == sorted(sharpness, reverse=True)
    assert codes(image.encode_png(pixels)) == []
    assert codes(image.encode_png(image.blurred(pixels, 20))) == ["blurred-image"]


def test_a_picture_of_few_pixels_when_decoded_then_is_flagged_tiny_but_a_photograph_of_28_is_not() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (28, 28), np.uint8)
    assert codes(image.encode_png(noise)) == []
    assert codes(image.encode_png(noise[:8])) == ["tiny-image"]


def test_a_canvas_when_drawn_on_then_shows_every_shape_where_it_was_put() -> None:
    canvas = image.Canvas(100, 80, (255, 255, 255))
    canvas.rectangle((10, 10, 30, 30), (255, 0, 0))
    canvas.polygon([(60, 10), (90, 10), (75, 30)], (0, 255, 0))
    canvas.arc((10, 40, 40, 70), 0, 360, (0, 0, 255), 4)
    canvas.text((55, 45), "Ag", (0, 0, 0), 24)
    pixels = canvas.pixels()
    assert pixels.shape == (80, 100, 3)
    assert pixels[20, 20].tolist() == [255, 0, 0]
    assert pixels[15, 75].tolist() == [0, 255, 0]
    assert pixels[55, 12].tolist() == [0, 0, 255]
    assert pixels[45:75, 55:].min() < 60
    assert pixels[75, 5].tolist() == [255, 255, 255]


def test_a_canvas_when_turned_and_blurred_then_still_takes_lines() -> None:
    canvas = image.Canvas(40, 40, 255)
    canvas.rectangle((0, 0, 20, 40), 0)
    canvas.turn(90, 255)
    canvas.blur(0.5)
    canvas.line([(0, 5), (40, 5)], 128, 3)
    pixels = canvas.pixels()
    assert pixels[30, 20] < 30
    assert pixels[12, 20] > 220
    assert abs(int(pixels[5, 20]) - 128) < 20


def test_a_canvas_over_a_picture_when_nothing_is_drawn_then_is_that_picture() -> None:
    pixels = samples.drawing()
    assert np.array_equal(image.Canvas.over(pixels).pixels(), pixels)


def test_chinese_words_when_a_font_has_them_then_differ_from_each_other() -> None:
    if image.chinese_font() is None:
        pytest.skip("SKIPPED: this computer has no Chinese font")
    drawn = []
    for words in ("咳嗽", "发烧"):
        canvas = image.Canvas(80, 40)
        canvas.text((2, 2), words, 0, 30, chinese=True)
        drawn.append(canvas.pixels())
    assert np.abs(drawn[0].astype(int) - drawn[1]).mean() > 5
