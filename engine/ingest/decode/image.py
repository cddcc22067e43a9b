"""Pictures as the model reads them: 8-bit grey or RGB PNG; the only module that knows Pillow.

Shapes: H height, W width, C channels (3, or none for grey).
"""

import functools
import io
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps, UnidentifiedImageError

from engine.schema.case import PartFacts, QualityFlag
from engine.schema.errors import UserError

LONGEST_SIDE = 1024
"""Pixels of the longer side of the decoded form; a larger picture is reduced."""
MEGAPIXELS_LIMIT = 64
PIXELS_LIMIT = MEGAPIXELS_LIMIT * 1_000_000
TINY_SIDE = 12
"""Pixels of the shorter side, below which a picture shows nothing."""
BLANK_SHARE = 0.002
"""Share of pixels that differ from the middle one by more than `BLANK_LEVELS`; less is a blank picture."""
BLANK_LEVELS = 16
BLURRED_SHARPNESS = 0.08
"""Sharpness (see `sharpness`) below which a picture counts as blurred."""
SHARPNESS_SIDE = 256
"""Longer side at which sharpness and emptiness are measured, so that they do not depend on the resolution."""

Image.MAX_IMAGE_PIXELS = None  # `_open` checks the size itself, with our limit and our error

Pixels = NDArray[np.uint8]
Colour = int | tuple[int, int, int]
Point = tuple[float, float]

_FORMATS = ("PNG", "JPEG")
_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, AttributeError, ArithmeticError)
"""What Pillow raises on damaged files, as seen under mutation."""


def decode(data: bytes, name: str) -> tuple[bytes, PartFacts, tuple[QualityFlag, ...]]:
    """Return the decoded form of a PNG or JPEG file, its facts (size as a person sees it) and its flags."""
    picture, size = _open(data, name)
    try:
        eight_bit = _eight_bit(picture)
    except _DAMAGE as error:
        raise UserError("damaged-image", name=name) from error
    pixels = np.asarray(_reduced(eight_bit))
    facts = PartFacts(width=size[0], height=size[1], channels=1 if pixels.ndim == 2 else 3)
    return encode_png(pixels), facts, _flags(pixels, size)


def encode_png(pixels: Pixels) -> bytes:
    """Return (H, W) grey or (H, W, 3) RGB values as a PNG without metadata."""
    target = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels, np.uint8)).save(target, "PNG", compress_level=4)
    return target.getvalue()


def encode_jpeg(pixels: Pixels, quality: int = 90) -> bytes:
    """Return (H, W) grey or (H, W, 3) RGB values as a JPEG without metadata."""
    target = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels, np.uint8)).save(target, "JPEG", quality=quality)
    return target.getvalue()


def read_png(data: bytes) -> Pixels:
    """Return the values of a decoded form: (H, W) grey or (H, W, 3) RGB; for our own files, not for those of strangers."""
    with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
        return np.array(picture if picture.mode in ("L", "RGB") else picture.convert("RGB"))


def _open(data: bytes, name: str) -> tuple[Image.Image, tuple[int, int]]:
    """Return a loaded picture, upright, and its size; a JPEG is decoded at the smallest scale that is still enough."""
    try:
        picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        width, height = picture.size
        if width * height > PIXELS_LIMIT:
            raise UserError("image-too-large", name=name, width=width, height=height, limit=MEGAPIXELS_LIMIT)
        picture.draft(None, (LONGEST_SIDE, LONGEST_SIDE))  # None keeps the mode
        sideways = picture.getexif().get(_ORIENTATION, 1) in _SIDEWAYS
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    except (UnidentifiedImageError, *_DAMAGE) as error:
        raise UserError("damaged-image", name=name) from error
    return upright, (height, width) if sideways else (width, height)


def _eight_bit(picture: Image.Image) -> Image.Image:
    """Return a picture as grey or RGB of 8 bits; see-through parts become white, 16-bit values fill the range."""
    if picture.mode.startswith("I") or picture.mode == "F":
        return Image.fromarray(_stretched(np.asarray(picture, np.float64)))
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        flat = Image.alpha_composite(paper, layer).convert("RGB")
        return flat.convert("L") if picture.mode in ("L", "LA", "La", "1") else flat
    if picture.mode in ("L", "RGB"):
        return picture
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _stretched(values_HW: NDArray[np.float64]) -> Pixels:
    """Map the lowest value to 0 and the highest to 255: detectors of 10, 12 and 16 bits all show."""
    low, high = float(values_HW.min()), float(values_HW.max())
    return np.round((values_HW - low) * (255.0 / max(high - low, 1.0))).astype(np.uint8)


def _reduced(picture: Image.Image, side: int = LONGEST_SIDE) -> Image.Image:
    """Return a picture whose longer side is at most `side`."""
    longest = max(picture.size)
    if longest <= side:
        return picture
    width, height = (max(1, round(length * side / longest)) for length in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _flags(pixels: Pixels, size: tuple[int, int]) -> tuple[QualityFlag, ...]:
    if min(size) < TINY_SIDE:
        return (QualityFlag(code="tiny-image", value=float(min(size))),)
    grey_HW = np.asarray(_reduced(Image.fromarray(pixels).convert("L"), SHARPNESS_SIDE), np.float32)
    drawn = drawn_share(grey_HW)
    if drawn < BLANK_SHARE:
        return (QualityFlag(code="blank-image", value=round(drawn, 5)),)
    sharp = sharpness(grey_HW)
    return (QualityFlag(code="blurred-image", value=round(sharp, 5)),) if sharp < BLURRED_SHARPNESS else ()


def drawn_share(grey_HW: NDArray[np.float32]) -> float:
    """Return the share of pixels that differ from the middle value by more than `BLANK_LEVELS`."""
    return float((np.abs(grey_HW - np.median(grey_HW)) > BLANK_LEVELS).mean())


def sharpness(grey_HW: NDArray[np.float32]) -> float:
    """Return the steepest edges (99.5th percentile of the gradient) over the range of values; 1 is a hard edge."""
    across = np.abs(np.diff(grey_HW, axis=1)).ravel()
    down = np.abs(np.diff(grey_HW, axis=0)).ravel()
    low, high = np.percentile(grey_HW, (0.5, 99.5))
    steep = np.percentile(np.concatenate((across, down)), 99.5)
    return float(steep / max(high - low, 1.0))


@functools.cache
def chinese_font() -> Path | None:
    """Return a font file of this computer that has Chinese characters, or None."""
    roots = {"win32": _WINDOWS_FONTS, "darwin": _MAC_FONTS}.get(sys.platform, _LINUX_FONTS)
    found = (path for folder, pattern in roots for path in sorted(Path(folder).rglob(pattern)) if path.is_file())
    return next(found, None)


_WINDOWS_FONTS = (
    ("C:/Windows/Fonts", "msyh.tt*"),
    ("C:/Windows/Fonts", "simsun.tt*"),
    ("C:/Windows/Fonts", "simhei.ttf"),
)
_MAC_FONTS = (("/System/Library/Fonts", "PingFang.ttc"), ("/System/Library/Fonts", "STHeiti*.ttc"))
_LINUX_FONTS = tuple(("/usr/share/fonts", name) for name in ("wqy-*.ttc", "NotoSansCJK*", "NotoSansSC*", "SourceHan*"))


@functools.lru_cache(maxsize=64)
def font(size: int, chinese: bool = False) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's own scalable font, or the computer's Chinese one where it is asked for and there is one."""
    path = chinese_font() if chinese else None
    return ImageFont.truetype(str(path), size) if path else ImageFont.load_default(size)


class Canvas:
    """A picture to draw on, in pixels from the upper left; drawn `fine` times larger and reduced, so edges are smooth."""

    def __init__(self, width: int, height: int, colour: Colour = 255, fine: int = 2) -> None:
        self.fine = fine
        mode = "L" if isinstance(colour, int) else "RGB"
        self._image = Image.new(mode, (width * fine, height * fine), colour)
        self._pen = ImageDraw.Draw(self._image)

    @classmethod
    def over(cls, pixels: Pixels, fine: int = 1) -> "Canvas":
        """Return a canvas that begins as a picture, for drawing on it."""
        height, width = pixels.shape[:2]
        canvas = cls(width, height, 0 if pixels.ndim == 2 else (0, 0, 0), fine)
        canvas._image.paste(Image.fromarray(pixels).resize(canvas._image.size, Image.Resampling.BICUBIC))
        return canvas

    def line(self, points: list[Point], colour: Colour, width: float = 1.0) -> None:
        """Draw connected lines with round joints."""
        self._pen.line(self._scaled(points), colour, max(1, round(width * self.fine)), joint="curve")

    def ellipse(
        self,
        box: tuple[float, float, float, float],
        fill: Colour | None,
        outline: Colour | None = None,
        width: float = 1.0,
    ) -> None:
        """Draw an ellipse into the box (left, top, right, bottom)."""
        self._pen.ellipse(self._box(box), fill, outline, max(1, round(width * self.fine)))

    def rectangle(
        self,
        box: tuple[float, float, float, float],
        fill: Colour | None,
        outline: Colour | None = None,
        radius: float = 0.0,
    ) -> None:
        """Draw a rectangle, with round corners where a radius is given."""
        self._pen.rounded_rectangle(self._box(box), radius * self.fine, fill, outline, self.fine)

    def polygon(self, points: list[Point], fill: Colour | None, outline: Colour | None = None) -> None:
        """Draw a closed shape."""
        self._pen.polygon(self._scaled(points), fill, outline, self.fine)

    def arc(
        self, box: tuple[float, float, float, float], start: float, end: float, colour: Colour, width: float = 1.0
    ) -> None:
        """Draw a part of an ellipse, clockwise from `start` to `end` degrees, where 0 is at three o'clock."""
        self._pen.arc(self._box(box), start, end, colour, max(1, round(width * self.fine)))

    def text(self, at: Point, words: str, colour: Colour, size: float = 12.0, chinese: bool = False) -> None:
        """Write words, their upper left at a point."""
        letters = font(max(1, round(size * self.fine)), chinese)
        self._pen.text((at[0] * self.fine, at[1] * self.fine), words, colour, letters)

    def blur(self, radius: float) -> None:
        """Blur everything drawn so far; the radius is the Gaussian's sigma in pixels."""
        self._image = self._image.filter(ImageFilter.GaussianBlur(radius * self.fine))
        self._pen = ImageDraw.Draw(self._image)

    def turn(self, degrees: float, colour: Colour) -> None:
        """Turn everything drawn so far counter-clockwise about the middle; corners that come free get the colour."""
        self._image = self._image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=colour)
        self._pen = ImageDraw.Draw(self._image)

    def pixels(self) -> Pixels:
        """Return what was drawn: (H, W) grey or (H, W, 3) RGB."""
        if self.fine == 1:
            return np.array(self._image)
        return np.array(self._image.reduce(self.fine))

    def _scaled(self, points: list[Point]) -> list[Point]:
        return [(x * self.fine, y * self.fine) for x, y in points]

    def _box(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        left, top, right, bottom = box
        return left * self.fine, top * self.fine, right * self.fine, bottom * self.fine


def blurred(pixels: Pixels, radius: float) -> Pixels:
    """Return a picture blurred by a Gaussian of sigma `radius` pixels."""
    return np.array(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)))


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return a picture at another size."""
    return np.array(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def noisy(pixels: Pixels, generator: np.random.Generator, sigma: float) -> Pixels:
    """Return a picture with Gaussian noise of `sigma` levels."""
    values = pixels.astype(np.float32) + generator.normal(0.0, sigma, pixels.shape).astype(np.float32)
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
