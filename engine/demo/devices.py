"""Scanners and microphones: what stands between a finding and the file. Training never meets those of the test half."""

import dataclasses

from engine.schema.case import Split


@dataclasses.dataclass(frozen=True)
class Scanner:
    """One X-ray machine: `gamma`, black and white level, sharpness, grain, uneven light, frame and side marker."""

    name: str
    gamma: float
    black: float
    white: float
    blur: int
    grain: float
    tilt: float
    frame: float
    rim: float
    marker: tuple[float, float]


@dataclasses.dataclass(frozen=True)
class Microphone:
    """One microphone: the band it passes (Hz), a resonance (Hz, gain), its hiss, mains hum and gain."""

    name: str
    low: float
    high: float
    peak: float
    boost: float
    hiss: float
    hum: float
    gain: float


SCANNERS = (
    Scanner("lumen-1", 1.00, 0.02, 0.98, 0, 0.020, 0.00, 0.00, 0.0, (0.80, -0.92)),
    Scanner("lumen-2", 0.80, 0.08, 0.96, 1, 0.015, 0.04, 0.04, 0.0, (-0.92, -0.92)),
    Scanner("arcus", 1.25, 0.00, 0.92, 0, 0.030, -0.04, 0.00, 0.0, (-0.90, 0.72)),
    Scanner("arcus-mobile", 0.90, 0.15, 0.80, 1, 0.035, 0.08, 0.06, 0.9, (0.78, -0.90)),
    Scanner("veritas", 1.10, 0.05, 1.00, 0, 0.012, 0.02, 0.00, 0.0, (0.82, 0.74)),
    Scanner("veritas-old", 0.75, 0.18, 0.85, 1, 0.040, -0.06, 0.08, 0.1, (-0.88, -0.88)),
    Scanner("norda", 1.35, 0.03, 1.00, 0, 0.018, 0.06, 0.03, 0.0, (0.76, -0.90)),
    Scanner("norda-ward", 0.95, 0.10, 0.88, 1, 0.028, -0.08, 0.00, 0.0, (-0.90, -0.92)),
    Scanner("kappa", 1.15, 0.00, 0.86, 1, 0.022, 0.00, 0.05, 0.8, (0.80, 0.70)),
    Scanner("kappa-film", 0.85, 0.12, 0.94, 0, 0.032, 0.05, 0.00, 0.0, (-0.92, 0.74)),
)
HELD_OUT_SCANNERS = (
    Scanner("solum", 1.05, 0.06, 0.94, 0, 0.026, -0.05, 0.05, 0.2, (0.79, -0.91)),
    Scanner("solum-mobile", 0.82, 0.13, 0.84, 1, 0.030, 0.06, 0.02, 0.0, (-0.91, 0.71)),
    Scanner("ostia", 1.28, 0.02, 0.97, 0, 0.016, 0.03, 0.00, 0.0, (0.81, 0.72)),
    Scanner("ostia-ward", 0.92, 0.09, 0.90, 1, 0.036, -0.07, 0.07, 0.7, (-0.90, -0.90)),
)
MICROPHONES = (
    Microphone("phone-a", 120, 6800, 1800, 1.5, 0.006, 0.000, 0.80),
    Microphone("phone-b", 200, 5200, 2600, 2.0, 0.010, 0.000, 0.60),
    Microphone("phone-c", 80, 7600, 1000, 1.2, 0.004, 0.002, 0.90),
    Microphone("tablet", 150, 6000, 3200, 1.8, 0.014, 0.004, 0.50),
    Microphone("headset", 100, 7000, 2200, 1.6, 0.003, 0.000, 0.85),
    Microphone("desk", 60, 7400, 700, 1.4, 0.012, 0.006, 0.45),
    Microphone("old-phone", 280, 4200, 1500, 2.2, 0.012, 0.003, 0.70),
    Microphone("clip-on", 90, 6600, 2900, 1.3, 0.007, 0.001, 0.65),
    Microphone("recorder", 50, 7800, 1300, 1.1, 0.005, 0.004, 0.75),
    Microphone("intercom", 240, 4800, 2000, 1.9, 0.016, 0.005, 0.55),
)
HELD_OUT_MICROPHONES = (
    Microphone("phone-d", 140, 6200, 2400, 1.7, 0.008, 0.001, 0.72),
    Microphone("door", 220, 5000, 1700, 1.8, 0.013, 0.004, 0.58),
    Microphone("laptop", 75, 7200, 1100, 1.4, 0.009, 0.003, 0.68),
    Microphone("car", 110, 5600, 2700, 1.5, 0.014, 0.002, 0.52),
)


def scanners(split: Split) -> tuple[Scanner, ...]:
    """Return the scanners of a split."""
    return SCANNERS if split == "train" else HELD_OUT_SCANNERS


def microphones(split: Split) -> tuple[Microphone, ...]:
    """Return the microphones of a split."""
    return MICROPHONES if split == "train" else HELD_OUT_MICROPHONES
