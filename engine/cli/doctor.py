"""`doctor`: looks whether everything Consilium needs is there and works, and says what to do where not."""

import dataclasses
import subprocess
import sys
from typing import Any

from engine.schema.errors import EngineFault

_SECONDS = 60.0
"""Longest time a check may take: a cold disk loads torch in twenty."""

_LIBRARIES = (
    "alembic", "charset_normalizer", "fastapi", "httpx", "numpy", "PIL", "psutil", "pydantic", "safetensors", "sklearn",
    "soundfile", "sqlalchemy", "torch", "transformers", "typer", "uvicorn", "yaml",
)  # fmt: skip
_WINDOW_LIBRARIES = ("PySide6.QtWidgets", "pyqtgraph", "qtawesome", "superqt")

_SAY_VERSION = "import importlib; m = importlib.import_module({name!r}); print(getattr(m, '__version__', 'there'))"


@dataclasses.dataclass(frozen=True)
class Check:
    """One thing to look at: a piece of Python run in a process of its own, whose last line is the finding."""

    name: str
    code: str
    needed: bool = True
    advice: str = "run the set-up again (make setup)"


@dataclasses.dataclass(frozen=True)
class Finding:
    """What a check found."""

    name: str
    good: bool
    needed: bool
    found: str


CHECKS: tuple[Check, ...] = (
    Check("python", "import sys; assert sys.version_info >= (3, 11); print(sys.version.split()[0])"),
    *(Check(name, _SAY_VERSION.format(name=name)) for name in _LIBRARIES),
    Check("torchaudio", "from engine.preprocess import audio; print('there')"),
    *(Check(name, _SAY_VERSION.format(name=name), needed=False) for name in _WINDOW_LIBRARIES),
    Check(
        "sqlite",
        "from engine.store.database import sqlite_version as v; assert tuple(map(int, v().split('.'))) >= (3, 35); print(v())",
        advice="Python's SQLite is older than 3.35; use a newer Python",
    ),
    Check("device", "from engine.device import choose_device; print(choose_device().sentence())"),
    Check(
        "gpu kernels",
        "import torch; from engine.model.trunk.grouped import compiled; there = torch.cuda.is_available()\n"
        "assert not there or compiled() is not None; print('compiled here' if there else 'not needed: no GPU')",
        needed=False,
        advice="Triton, or the C compiler that it needs, is missing: training on this GPU works, but more slowly",
    ),
    Check(
        "sandbox",
        "from engine.ingest.sandbox import Sandbox\nwith Sandbox() as s: h = s.held()\nprint(', '.join(n for n, v in h.model_dump().items() if v) or 'no limits')",
    ),
    Check(
        "teacher",
        "import engine.teachers.pretrained as t; print('MiniLM, weights as pinned,', t.default_source().fingerprint()[:8])",
        needed=False,
        advice="the default teacher is missing or damaged: make setup installs it",
    ),
    Check("assets", "from engine.schema.places import assets; print(assets())"),
    Check(
        "chinese font",
        "import os; os.environ['QT_QPA_PLATFORM'] = 'offscreen'\n"
        "from PySide6.QtGui import QFontDatabase, QGuiApplication; a = QGuiApplication([])\n"
        "W = QFontDatabase.WritingSystem.SimplifiedChinese; f = QFontDatabase.families(W); assert f; print(f[0])",
        needed=False,
        advice="no font holds Chinese letters: apt-get install fonts-wqy-microhei",
    ),
)


def doctor() -> dict[str, Any]:
    """Check the installation; exit 1 where something that is needed fails."""
    findings = [_show(examined(check), check) for check in CHECKS]
    broken = [finding.name for finding in findings if finding.needed and not finding.good]
    if broken:
        raise EngineFault("internal", detail=f"the self-check failed for {', '.join(broken)}")
    return {"checks": {finding.name: finding.found for finding in findings}, "good": True}


def examined(check: Check) -> Finding:
    """Run one check in a process of its own: a library that crashes on import takes nothing with it."""
    command = [sys.executable, "-W", "ignore", "-c", check.code]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Finding(check.name, False, check.needed, f"no answer in {_SECONDS:.0f} s")
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    return Finding(
        check.name, done.returncode == 0, check.needed, lines[-1] if lines else f"ended with {done.returncode}"
    )


def _show(finding: Finding, check: Check) -> Finding:
    mark = "ok  " if finding.good else "FAIL" if finding.needed else "warn"
    print(f"{mark}  {finding.name:<20} {finding.found}")
    if not finding.good:
        print(f"      {check.advice}")
    return finding
