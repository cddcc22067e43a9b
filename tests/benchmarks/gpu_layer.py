"""One sparse layer on a GPU, forward and backward in bfloat16, beside its peers: alternating rounds in one process; prints JSON.

    python -m tests.benchmarks.gpu_layer [--tokens 65536 --width 1024 --hidden 4096 --experts 64]

Beside the layers stand what no layer can do without, the six grouped products alone, and the card's own rate for one large product.
Shapes: T tokens, D width, H hidden width, E experts, K experts a token, S = T K.
"""

import argparse
import gc
import json
import statistics
import sys
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

# First of all: it puts the stand-in for torchaudio's compiled extension in place, without which transformers cannot be imported.
import engine.preprocess.audio  # noqa: F401
from engine.model.trunk.experts import Experts
from engine.model.trunk.routers import Routing
from tests.benchmarks.sparse_layer import Arm

PER_TOKEN, ROUNDS, WARM = 2, 30, 5
DTYPE, GPU = torch.bfloat16, "cuda"


class Case:
    """One size of layer, with its tokens and their routing."""

    def __init__(self, tokens: int, width: int, hidden: int, experts: int) -> None:
        torch.manual_seed(experts)
        self.tokens, self.width, self.hidden, self.experts = tokens, width, hidden, experts
        self.experts_TK = torch.rand(tokens, experts, device=GPU).argsort(1)[:, :PER_TOKEN]
        self.weights_TK = torch.rand(tokens, PER_TOKEN, device=GPU, requires_grad=True)

    def tokens_TD(self) -> Tensor:
        return torch.randn(self.tokens, self.width, device=GPU).to(DTYPE)

    def arms(self) -> dict[str, Arm]:
        """Return every way at hand, by name."""
        return {
            "dense": self._dense(),
            "ours": self._ours(),
            "torch grouped_mm": self._grouped(),
            "transformers grouped_mm": self._transformers(),
        }

    def _weights(self, *shape: int) -> Tensor:
        return (torch.randn(*shape, device=GPU) * 0.05).to(DTYPE).requires_grad_()

    def _dense(self) -> Arm:
        hidden = PER_TOKEN * self.hidden
        into, back = self._weights(self.width, 2 * hidden), self._weights(hidden, self.width)

        def work(x_TD: Tensor) -> Tensor:
            gate, value = (x_TD @ into).chunk(2, -1)
            return (functional.silu(gate) * value) @ back

        return Arm(work, [into, back], DTYPE)

    def _ours(self) -> Arm:
        layer = Experts(self.experts, self.width, self.hidden).to(GPU, DTYPE)
        routing = Routing(self.weights_TK, self.experts_TK, torch.zeros(self.tokens, self.experts, device=GPU))
        return Arm(lambda x_TD: layer(x_TD, routing), [*layer.parameters(), self.weights_TK], DTYPE)

    def _grouped(self) -> Arm:
        layer = Experts(self.experts, self.width, self.hidden).to(GPU, DTYPE)

        def work(x_TD: Tensor) -> Tensor:
            flat = self.experts_TK.flatten()
            order = flat.argsort(stable=True)
            ends = flat.bincount(minlength=self.experts).cumsum(0).int()
            gate, value = functional.grouped_mm(x_TD[order // PER_TOKEN], layer.into_EDH2, offs=ends).chunk(2, 1)
            y_SD = functional.grouped_mm(functional.silu(gate) * value, layer.back_EHD, offs=ends)
            weighed_SD = y_SD * self.weights_TK.flatten()[order][:, None].to(DTYPE)
            return torch.zeros_like(x_TD).index_add(0, order // PER_TOKEN, weighed_SD)

        return Arm(work, [*layer.parameters(), self.weights_TK], DTYPE)

    def _transformers(self) -> Arm:
        from transformers.models.mixtral.configuration_mixtral import MixtralConfig
        from transformers.models.mixtral.modeling_mixtral import MixtralExperts

        config = MixtralConfig(
            hidden_size=self.width, intermediate_size=self.hidden,
            num_local_experts=self.experts, num_experts_per_tok=PER_TOKEN,
        )  # fmt: skip
        config._experts_implementation = "grouped_mm"
        layer: Any = MixtralExperts(config).to(GPU, DTYPE)
        for parameter in layer.parameters():
            nn.init.normal_(parameter, std=0.05)
        return Arm(
            lambda x_TD: layer(x_TD, self.experts_TK, self.weights_TK), [*layer.parameters(), self.weights_TK], DTYPE
        )

    def products(self) -> Callable[[], None]:
        """Return the layer's six grouped products alone, from and into rows that lie there sorted."""
        flat = self.experts_TK.flatten()
        ends = torch.bincount(flat, minlength=self.experts).cumsum(0).int()
        rows = self.tokens * PER_TOKEN
        x, dy, h, both = (torch.randn(rows, columns, device=GPU).to(DTYPE) for columns in (self.width, self.width, self.hidden, 2 * self.hidden))  # fmt: skip
        layer = Experts(self.experts, self.width, self.hidden).to(GPU, DTYPE)
        into, back = layer.into_EDH2.detach(), layer.back_EHD.detach()

        def once() -> None:
            for one, other in (
                (x, into), (h, back), (dy, back.transpose(1, 2)), (h.t(), dy), (both.t(), x), (both, into.transpose(1, 2))
            ):  # fmt: skip
                functional.grouped_mm(one, other, offs=ends)

        return once


def timed(ways: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Return the milliseconds of each way, round by round, the order turned round each time."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(rounds + WARM):
        for name, way in list(ways.items())[:: 1 if round_ % 2 == 0 else -1]:
            before, after = (torch.cuda.Event(enable_timing=True) for _ in "ab")
            torch.cuda.synchronize()
            before.record()
            way()
            after.record()
            torch.cuda.synchronize()
            found[name].append(before.elapsed_time(after))
    return {name: times[WARM:] for name, times in found.items()}


def rate_of_one_product(size: int = 8192) -> float:
    """Return the operations a second of one large product."""
    one, other = (torch.randn(size, size, device=GPU).to(DTYPE) for _ in "ab")
    times = timed({"product": lambda: one @ other})["product"]
    return 2 * size**3 / (1e-3 * statistics.median(times))


def peak_bytes(arm: Arm, x_TD: Tensor, dy_TD: Tensor) -> int:
    """Return the most memory a step takes beside what lay there before it."""
    arm.step(x_TD, dy_TD)
    for tensor in (x_TD, *arm.learns):
        tensor.grad = None
    gc.collect()
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    arm.step(x_TD, dy_TD)
    return torch.cuda.max_memory_allocated() - before


def measure(case: Case) -> dict[str, Any]:
    """Return the milliseconds of every arm, its time over the dense layer's and over ours round by round, and the memory of a step."""
    x_TD, dy_TD = case.tokens_TD().requires_grad_(), case.tokens_TD()
    arms = case.arms()
    ways: dict[str, Callable[[], object]] = {name: lambda arm=arm: arm.step(x_TD, dy_TD) for name, arm in arms.items()}  # type: ignore[misc]
    times = timed(ways | {"products": case.products()})
    operations = 18 * case.tokens * PER_TOKEN * case.width * case.hidden
    return {
        name: {
            "ms": statistics.median(found),
            "quartiles": statistics.quantiles(found, n=4),
            "throughput_of_dense": _paired(times["dense"], found),
            "over_ours": _paired(found, times["ours"]),
            "operations_a_second": operations / (1e-3 * statistics.median(found)),
            "peak_mb": peak_bytes(arms[name], x_TD, dy_TD) / 1e6 if name in arms else 0.0,
        }
        for name, found in times.items()
    }


def _paired(one: Sequence[float], other: Sequence[float]) -> float:
    return statistics.median(a / b for a, b in zip(one, other, strict=True))


def main(arguments: Sequence[str]) -> int:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser()
    for name, usual in (("tokens", 65536), ("width", 1024), ("hidden", 4096), ("experts", 64)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    asked = parser.parse_args(arguments)
    found = {
        "device": torch.cuda.get_device_name(),
        "torch": torch.__version__,
        "rate_of_one_product": rate_of_one_product(),
        "layer": measure(Case(asked.tokens, asked.width, asked.hidden, asked.experts)),
    }
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
