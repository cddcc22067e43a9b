"""P1 to P3 of the scorecard: the sparse layer beside its peers, over the dense layer of the same active operations; prints the tables."""

import json
import os
import subprocess
import sys

import pytest

from engine.schema.worker import worker_environment
from tests.conftest import ROOT

PEERS = (
    "torch grouped_mm",
    "transformers grouped_mm",
    "transformers eager",
    "naive loop",
    "mixture-of-experts",
    "st-moe-pytorch",
)

pytestmark = pytest.mark.skipif(
    "PYTEST_XDIST_WORKER" in os.environ, reason="a figure is measured on a machine that does nothing else: make bench"
)
Found = dict[str, dict[str, dict[str, float]]]


def measured(*options: str) -> Found:
    """Measure in a process of its own, in the environment that every process that computes has."""
    command = [sys.executable, "-m", "tests.benchmarks.sparse_layer", *options]
    done = subprocess.run(command, cwd=ROOT, env=worker_environment(), capture_output=True, text=True, check=True)
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


FLOORS = {
    "products": "products alone",
    "products, bent": "and bending",
    "products, bf16": "bf16 products alone",
    "products, bf16, bent": "and bending",
}
"""What no layer of this kind can do without, and how it is headed."""


def shown(title: str, found: Found) -> None:
    """Print a table: the ratio to the dense layer (median, quartiles), and what is kept for the way back."""
    print(f"\n{title}; time over the dense layer's: median (quartiles), MB kept for the backward pass")
    names = list(dict.fromkeys(name for arms in found.values() for name in arms if name not in FLOORS))
    floors = [name for name in FLOORS if any(name in arms for arms in found.values())]
    heads = [*names, *(FLOORS[name] for name in floors)]
    print("| experts | " + " | ".join(heads) + " |\n|" + "---|" * (len(heads) + 1))
    for experts, arms in found.items():
        base = arms["dense"]["ms"]
        cells = [_cell(arms.get(name)) for name in names] + [f"{arms[name]['ms'] / base:.2f}" for name in floors]
        print(f"| {experts} ({base:.0f} ms dense) | " + " | ".join(cells) + " |")


def _cell(told: dict[str, float] | None) -> str:
    if told is None:
        return "-"
    spread = f" ({told['low']:.2f} to {told['high']:.2f})" if told["rounds"] > 1 else " (once)"
    return f"{told['ratio']:.2f}{spread}, {told['kept_mb']:.0f} MB"


@pytest.mark.timeout(3000)
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("tokens", [4096, 2048])
def test_layer_when_held_against_its_peers_then_is_ahead_of_every_one(tokens: int, threads: int) -> None:
    found = measured("--threads", str(threads), "--tokens", str(tokens), "--experts", "8,32,64,128,256")
    shown(f"T {tokens}, {threads} thread(s)", found)
    for experts in ("8", "32", "64"):
        over = {name: told["ours_over_it"] for name, told in found[experts].items() if name in PEERS}
        print(f"{experts} experts, ours over each: " + ", ".join(f"{name} {ratio:.3f}" for name, ratio in over.items()))
        assert max(over.values()) <= (1.0 if tokens == 4096 else 1.03), f"{experts} experts: {over}"


@pytest.mark.timeout(3000)
def test_layer_when_it_has_more_experts_then_one_case_alone_is_answered_by_those_it_needs() -> None:
    found = measured("--threads", "1", "--tokens", "260", "--experts", "8,64", "--alone")
    shown("One case of 260 tokens, forward alone, 1 thread", found)
    over = {name: arms["ours_over_it"] for name, arms in found["64"].items() if name in PEERS}
    assert max(over.values()) <= 1.0, over
