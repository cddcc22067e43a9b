"""P4 of the scorecard: the sparse layer on a GPU beside the dense one and its peers; prints the table."""

import json
import os
import subprocess
import sys

import pytest
import torch

from engine.schema.worker import worker_environment
from tests.conftest import ROOT

pytestmark = [
    pytest.mark.skipif("PYTEST_XDIST_WORKER" in os.environ, reason="a figure is measured on a machine that does nothing else: make bench"),
    pytest.mark.skipif(not torch.cuda.is_available(), reason="SKIPPED: no CUDA GPU on this machine"),
]  # fmt: skip

PEERS = ("torch grouped_mm", "transformers grouped_mm")


@pytest.mark.timeout(600)
def test_layer_on_a_gpu_when_held_against_its_peers_then_is_ahead_of_them_and_near_the_dense_one() -> None:
    command = [sys.executable, "-m", "tests.benchmarks.gpu_layer"]
    done = subprocess.run(command, cwd=ROOT, env=worker_environment(), capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    rate, layer = found["rate_of_one_product"], found["layer"]
    print(f"\n{found['device']}, torch {found['torch']}, one large product {rate / 1e12:.0f} TFLOP/s")
    print(
        "| | ms (quartiles) | throughput of dense | over ours | share of the product's rate | MB at most |\n|---|---|---|---|---|---|"
    )
    for name, told in layer.items():
        low, _, high = told["quartiles"]
        print(
            f"| {name} | {told['ms']:.2f} ({low:.2f} to {high:.2f}) | {told['throughput_of_dense']:.3f} | {told['over_ours']:.3f}"
            f" | {told['operations_a_second'] / rate:.2f} | {told['peak_mb']:.0f} |"
        )
    assert layer["ours"]["throughput_of_dense"] >= 0.85
    assert all(layer[name]["over_ours"] >= 1.0 for name in PEERS)
    assert layer["transformers grouped_mm"]["over_ours"] >= 1.3
