"""Real files of every kind, made on the spot, small and seeded."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from engine.ingest.decode import audio, image


def tone(rate: int = 8000, seconds: float = 0.5, hertz: float = 440.0, level: float = 0.3) -> NDArray[np.float32]:
    times = np.arange(int(rate * seconds)) / rate
    return (level * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def sound(container: str = "WAV", rate: int = 8000, seconds: float = 0.5) -> bytes:
    return audio.encode(tone(rate, seconds), rate, container)


def drawing(width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    canvas = image.Canvas(width, height, (250, 240, 230))
    canvas.ellipse((width * 0.2, height * 0.2, width * 0.7, height * 0.8), (180, 30, 40), (0, 0, 0))
    canvas.line([(0, 0), (width, height)], (10, 20, 120), 2)
    return canvas.pixels()


def picture(kind: str = "png", width: int = 64, height: int = 48) -> bytes:
    pixels = drawing(width, height)
    return image.encode_png(pixels) if kind == "png" else image.encode_jpeg(pixels)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def raw_png(width: int, height: int, bits: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def huge_png(side: int = 20_000) -> bytes:
    """Return a whole PNG of `side` x `side` black pixels: a few kilobytes that unfold to hundreds of megabytes."""
    return raw_png(side, side, 1, 0, bytes((side // 8 + 1) * side))


SEEDS: dict[str, bytes] = {
    "a.png": picture("png"),
    "a.jpg": picture("jpeg"),
    "a.wav": sound("WAV"),
    "a.flac": sound("FLAC"),
    "a.ogg": sound("OGG"),
    "a.mp3": sound("MP3"),
    "a.txt": "Cough for three days, 发烧三天。\n".encode(),
    "b.txt": "发烧三天，咳嗽有痰。".encode("gb18030"),
}
"""One healthy file of every kind, by name."""
