"""The size budget: small functions, small files, few arguments, a docstring for every module."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

FILES = sorted(path for room in ("engine", "workbench") for path in (ROOT / room).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def _length(function: Function) -> int:
    """Lines from `def` to the end, the docstring left out."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


@pytest.mark.parametrize("path", FILES + TESTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_file_when_counted_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_functions_when_counted_are_short() -> None:
    lengths = {f"{path.relative_to(ROOT)}:{f.lineno} {f.name}": _length(f) for path in FILES for f in _functions(path)}
    too_long = {name: length for name, length in lengths.items() if length > 60}
    assert not too_long
    assert statistics.median(lengths.values()) <= 8
    assert statistics.quantiles(lengths.values(), n=10)[-1] <= 30


def test_constructors_when_counted_take_at_most_8_arguments() -> None:
    crowded = []
    for path in FILES:
        for function in _functions(path):
            taken = function.args
            count = len(taken.posonlyargs) + len(taken.args) + len(taken.kwonlyargs) - 1
            if function.name == "__init__" and count > 8:
                crowded.append(f"{path.relative_to(ROOT)}:{function.lineno} takes {count}")
    assert not crowded


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_module_when_opened_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_names_when_listed_hold_no_drawers() -> None:
    drawers = {"utils", "util", "misc", "common", "helpers", "helper", "manager"}
    assert not [path for path in FILES if drawers & set(path.relative_to(ROOT).with_suffix("").parts)]


def test_marks_when_searched_leave_nothing_for_later() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "X" * 3)
    found = [path for path in FILES + TESTS if any(mark in path.read_text(encoding="utf-8") for mark in marks)]
    assert not found
