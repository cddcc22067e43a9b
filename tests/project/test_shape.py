"""Linter, types and import contracts as tests: nobody has to remember to run them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_linter_when_run_finds_nothing() -> None:
    result = _run(sys.executable, "-m", "ruff", "check", ".")
    assert result.returncode == 0, result.stdout


def test_formatter_when_run_would_change_nothing() -> None:
    result = _run(sys.executable, "-m", "ruff", "format", "--check", ".")
    assert result.returncode == 0, result.stdout


@pytest.mark.timeout(600)
def test_types_when_checked_strictly_hold() -> None:
    result = _run(sys.executable, "-m", "mypy")
    assert result.returncode == 0, result.stdout


def test_import_contracts_when_checked_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    result = _run(str(lint), "--no-cache")
    assert result.returncode == 0, result.stdout
