"""Routers in two processes that train together: both go on, and what steers the choice without a gradient stays the same in both."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.model.trunk.routers import routers
from tests.conftest import ROOT

_RANK = """
import json, sys, torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel
from engine.model.trunk.experts import Experts
from engine.model.trunk.routers import routers
from engine.model.trunk.routers.choice import TopKRouter
rank, store, out = int(sys.argv[1]), sys.argv[2], sys.argv[3]
torch.set_num_threads(1)
distributed.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)

class Layer(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.router = routers[name].build(12, 6, experts_per_token=2)
        self.experts = Experts(6, 12, 7)
        if isinstance(self.router, TopKRouter):
            self.router.bias_step, self.router.is_steered = 0.1, name != "noisy-top-k"
    def forward(self, x_TD, modality_T):
        routing = self.router(x_TD, modality_T)
        return self.experts(x_TD, routing), routing

def both(value):
    found = [torch.zeros_like(value) for _ in range(2)]
    distributed.all_gather(found, value.contiguous())
    return torch.stack(found).tolist()

told = {}
for name in routers.names():
    torch.manual_seed(0)
    layer = Layer(name)
    shared = DistributedDataParallel(layer, broadcast_buffers=False)
    dice, counts, lowest = torch.Generator().manual_seed(1 + rank), [], []
    for tokens in (20 + 3 * rank, 20 * rank, 25):  # in the second step the first process has none
        x_TD = torch.randn(tokens, 12, generator=dice) + rank
        modality_T = torch.arange(tokens) % 3
        y_TD, routing = shared(x_TD, modality_T)
        layer.zero_grad()
        y_TD.square().sum().backward()  # and no balance
        counts_EM = torch.stack([routing.chosen_TE[modality_T == m].sum(0) for m in range(3)], 1).long()
        layer.router.rebalance(counts_EM)
        counts.append(counts_EM)
        share = max(1, round(2 * tokens / 6))
        if tokens:
            lowest.append(routing.logits_TE.detach().softmax(1).topk(share, dim=0).values[-1])
        else:
            lowest.append(torch.full((6,), -1.0))
    told[name] = {
        "buffers": {key: both(value.float()) for key, value in layer.router.named_buffers() if value is not None},
        "gradients": {key: both(value.grad) for key, value in layer.named_parameters()},
        "counts": both(torch.stack(counts)),
        "lowest": both(torch.stack(lowest)),
    }
if rank == 0:
    open(out, "w").write(json.dumps(told))
distributed.barrier()  # whoever is done first would cut the other one off
distributed.destroy_process_group()
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not torch.distributed.is_available(), reason="this torch has no distributed training"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what two processes found after three steps of each router, as [first, second]."""
    place = tmp_path_factory.mktemp("shared")
    command, out = [sys.executable, "-c", _RANK], place / "told"
    ranks = [subprocess.Popen([*command, str(rank), str(place / "store"), str(out)], cwd=ROOT) for rank in (0, 1)]
    try:
        assert [rank.wait(60) for rank in ranks] == [0, 0]
    finally:
        for rank in ranks:
            rank.kill()
    found: dict[str, Any] = json.loads(Path(out).read_text())
    return found


@pytest.mark.parametrize("name", routers.names())
def test_any_router_when_two_processes_train_it_without_a_balance_then_both_end_up_the_same(
    name: str, told: dict[str, Any]
) -> None:
    for part in ("buffers", "gradients"):
        for key, (first, second) in told[name][part].items():
            assert first == second, (part, key)


@pytest.mark.parametrize("name", ["token-choice", "distance", "dynamic-k"])
def test_the_bias_when_two_processes_train_then_is_that_of_all_their_tokens(name: str, told: dict[str, Any]) -> None:
    alone = routers[name].build(12, 6, experts_per_token=2, bias_step=0.1)
    for counts_EM in torch.tensor(told[name]["counts"]).sum(0):
        alone.rebalance(counts_EM)
    bias_ME = torch.tensor(told[name]["buffers"]["bias_ME"][0])
    assert bias_ME.any()
    assert torch.equal(bias_ME, alone.get_buffer("bias_ME"))


def test_the_bars_when_two_processes_train_then_follow_the_mean_of_those_that_had_tokens(told: dict[str, Any]) -> None:
    steps = torch.tensor(told["expert-choice"]["lowest"]).transpose(0, 1)
    # The first steps weigh in as a mean; who had no token has no lowest score.
    wanted_E = torch.stack([lowest_RE[lowest_RE[:, 0] >= 0].mean(0) for lowest_RE in steps]).mean(0)
    assert torch.allclose(torch.tensor(told["expert-choice"]["buffers"]["bar_E"][0]), wanted_E, atol=1e-6)
    assert told["expert-choice"]["buffers"]["steps"] == [3.0, 3.0]
