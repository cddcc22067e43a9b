"""Where the files that ship with Consilium lie: beside the code in a checkout, in `consilium_assets` once installed."""

from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def assets() -> Path:
    """Return the folder of icons, translations, the manual, the demo models and the sample cases."""
    for name in ("assets", "consilium_assets"):
        if (_ROOT / name).is_dir():
            return _ROOT / name
    raise FileNotFoundError("the installation lacks its assets; install Consilium again")
