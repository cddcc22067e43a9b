"""The wheel holds everything: it is built, installed outside the checkout and asked from there."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

ASK = """
import json, engine, workbench
from engine.schema.places import assets
folder = assets()
print(json.dumps({
    "engine": engine.__file__, "workbench": workbench.__file__, "assets": str(folder),
    "files": sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()),
}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel once, without a network."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install it into a folder of its own."""
    target = tmp_path_factory.mktemp("installed")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
        str(wheel),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return target


def _python(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=installed, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.xdist_group("wheel")
def test_wheel_when_installed_elsewhere_brings_its_assets(installed: Path) -> None:
    result = _python(installed, "-c", ASK)
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    for place in ("engine", "workbench", "assets"):
        assert Path(told[place]).is_relative_to(installed)
    files = set(told["files"])
    assert "translations/consilium_zh_CN.qm" in files
    assert any(name.startswith("manual/") for name in files)
    for domain in ("clinic", "support"):
        assert f"models/{domain}/model.safetensors" in files
    assert any(name.startswith("cases/") for name in files)


@pytest.mark.xdist_group("wheel")
def test_wheel_when_installed_elsewhere_makes_a_demo_project(installed: Path, tmp_path: Path) -> None:
    result = _python(installed, "-m", "engine", "demo", str(tmp_path / "demo"), "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1])["model"]


@pytest.mark.xdist_group("wheel")
def test_wheel_when_opened_holds_licence_and_entry_points(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        entry = next(name for name in names if name.endswith("entry_points.txt"))
        text = archive.read(entry).decode()
    assert any(name.endswith("LICENSE") for name in names)
    assert "consilium-engine = engine.__main__:main" in text
    assert "consilium = workbench.__main__:main" in text
