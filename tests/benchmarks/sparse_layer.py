"""One sparse layer, forward and backward, beside its peers: paired alternating rounds in one process; prints JSON.

    python -m tests.benchmarks.sparse_layer --threads 1 --tokens 4096 --experts 8,32,64 [--alone]

Every arm works on the same tokens with the same routing (st-moe-pytorch and mixture-of-experts route themselves, and drop tokens).
Shapes: T tokens, D width, H hidden width, E experts, K experts a token.
"""

import argparse
import dataclasses
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

# First of all: it puts the stand-in for torchaudio's compiled extension in place, without which transformers cannot be imported.
import engine.preprocess.audio  # noqa: F401
from engine.model.trunk.experts import Experts
from engine.model.trunk.routers import Routing

WIDTH, HIDDEN, PER_TOKEN = 256, 512, 2
ROUNDS, ROUNDS_OF_FLOOR, WARM = 21, 9, 2
ROUNDS_ALONE = 40
"""One case takes milliseconds: more rounds cost nothing, and a median of few would be luck."""
FAR, ROUNDS_FAR = 2.0, 5
"""Of an arm that takes more times the dense layer's time nobody asks whether it is ahead: fewer rounds tell how far behind it is."""
SLOW, SLOW_WARMING = 5.0, (100.0, 25.0)
"""An arm that takes more times the dense layer's time than this is measured no further. In its first steps, which ask for memory that
nobody has touched yet, it may take more: where that is dear every way to do it with many experts does."""

Step = Callable[[Tensor, Tensor], Tensor]


@dataclasses.dataclass(frozen=True)
class Arm:
    """One way to do it: `learns` are its weights, `work` the forward pass."""

    work: Callable[[Tensor], Tensor]
    learns: Sequence[Tensor]
    dtype: torch.dtype = torch.float32

    def step(self, x_TD: Tensor, dy_TD: Tensor) -> None:
        """One forward and one backward pass, gradients made anew as a training step makes them."""
        x_TD.grad = None
        for weight in self.learns:
            weight.grad = None
        self.work(x_TD).backward(dy_TD)

    def kept_bytes(self, x_TD: Tensor) -> int:
        """Bytes that are kept from the forward pass for the backward pass, beside the weights and the tokens themselves."""
        own = {tensor.untyped_storage().data_ptr() for tensor in (*self.learns, x_TD)}
        kept: dict[int, int] = {}

        def keep(tensor: Tensor) -> Tensor:
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in own:
                kept[storage.data_ptr()] = storage.nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            self.work(x_TD)
        return sum(kept.values())


def _feed(x: Tensor, into: Tensor, back: Tensor) -> Tensor:
    gate, value = (x @ into).chunk(2, -1)
    return (functional.silu(gate) * value) @ back


def dense(dtype: torch.dtype = torch.float32) -> Arm:
    """The dense feed-forward layer of the same active operations."""
    hidden = PER_TOKEN * HIDDEN
    into, back = (torch.randn(*shape) * 0.05 for shape in ((WIDTH, 2 * hidden), (hidden, WIDTH)))
    learns = [tensor.to(dtype).requires_grad_() for tensor in (into, back)]
    return Arm(lambda x_TD: _feed(x_TD, *learns), learns, dtype)


def arms(experts: int, experts_TK: Tensor, weights_TK: Tensor) -> dict[str, Arm]:
    """Return every way at hand, by name."""
    made: dict[str, Arm] = {}
    for dtype, name in ((torch.float32, "ours"), (torch.bfloat16, "ours, bf16")):
        layer = Experts(experts, WIDTH, HIDDEN).to(dtype)
        routing = Routing(weights_TK, experts_TK, torch.zeros(len(experts_TK), experts))
        made[name] = Arm(
            lambda x_TD, layer=layer, routing=routing: layer(x_TD, routing), [*layer.parameters(), weights_TK], dtype
        )
    made["torch grouped_mm"] = _grouped(experts, experts_TK, weights_TK)
    made |= {
        f"transformers {way}": _transformers(experts, experts_TK, weights_TK, way) for way in ("grouped_mm", "eager")
    }
    made["naive loop"] = _naive(experts, experts_TK, weights_TK)
    return made | _dropping(experts)


def _grouped(experts: int, experts_TK: Tensor, weights_TK: Tensor) -> Arm:
    layer = Experts(experts, WIDTH, HIDDEN)

    def work(x_TD: Tensor) -> Tensor:
        flat = experts_TK.flatten()
        order = flat.argsort(stable=True)
        ends = flat.bincount(minlength=experts).cumsum(0).int()
        gate, value = functional.grouped_mm(x_TD[order // PER_TOKEN], layer.into_EDH2, offs=ends).chunk(2, 1)
        y_SD = functional.grouped_mm(functional.silu(gate) * value, layer.back_EHD, offs=ends)
        return torch.zeros_like(x_TD).index_add(0, order // PER_TOKEN, y_SD * weights_TK.flatten()[order][:, None])

    return Arm(work, [*layer.parameters(), weights_TK])


def _transformers(experts: int, experts_TK: Tensor, weights_TK: Tensor, way: str) -> Arm:
    from transformers.models.mixtral.configuration_mixtral import MixtralConfig
    from transformers.models.mixtral.modeling_mixtral import MixtralExperts

    config = MixtralConfig(
        hidden_size=WIDTH, intermediate_size=HIDDEN, num_local_experts=experts, num_experts_per_tok=PER_TOKEN
    )
    config._experts_implementation = way
    layer = MixtralExperts(config)
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=0.05)
    return Arm(lambda x_TD: layer(x_TD, experts_TK, weights_TK), [*layer.parameters(), weights_TK])


def _naive(experts: int, experts_TK: Tensor, weights_TK: Tensor) -> Arm:
    layer = Experts(experts, WIDTH, HIDDEN)

    def work(x_TD: Tensor) -> Tensor:
        y_TD = torch.zeros_like(x_TD)
        for expert in range(experts):
            token_n, place_n = (experts_TK == expert).nonzero(as_tuple=True)
            worked_nD = _feed(x_TD[token_n], layer.into_EDH2[expert], layer.back_EHD[expert])
            y_TD = y_TD.index_add(0, token_n, worked_nD * weights_TK[token_n, place_n, None])
        return y_TD

    return Arm(work, [*layer.parameters(), weights_TK])


def _dropping(experts: int) -> dict[str, Arm]:
    """Return the libraries that are installed of those that have a capacity and drop what is beyond it."""
    found: dict[str, Arm] = {}
    try:
        from mixture_of_experts import MoE

        # Two matrices instead of three: 768 wide they take the same operations.
        layer: Any = MoE(WIDTH, num_experts=experts, hidden_dim=HIDDEN * 3 // 2)
        found["mixture-of-experts"] = Arm(lambda x_TD: layer(x_TD[None])[0][0], list(layer.parameters()))
    except ImportError:
        sys.stderr.write("mixture-of-experts is not installed\n")
    try:
        from st_moe_pytorch import MoE as StMoe

        other: Any = StMoe(WIDTH, num_experts=experts, expert_hidden_mult=HIDDEN * 3 // 2 // WIDTH)
        found["st-moe-pytorch"] = Arm(lambda x_TD: other(x_TD[None])[0][0], list(other.parameters()))
    except ImportError:
        sys.stderr.write("st-moe-pytorch is not installed\n")
    return found


def measure(tokens: int, experts: int, alone: bool) -> dict[str, dict[str, float]]:
    """Return for every arm its time over that of the dense layer, round by round: median and quartiles; with it milliseconds and memory."""
    torch.manual_seed(experts)
    experts_TK = torch.rand(tokens, experts).argsort(1)[:, :PER_TOKEN]
    weights_TK = torch.rand(tokens, PER_TOKEN, requires_grad=True)
    every = {"dense": dense(), "dense, bf16": dense(torch.bfloat16)} | arms(experts, experts_TK, weights_TK)
    if alone:
        every = {name: arm for name, arm in every.items() if "mixture" not in name and "st-moe" not in name}
    given = {dtype: torch.randn(tokens, WIDTH).to(dtype).requires_grad_() for dtype in (torch.float32, torch.bfloat16)}
    back = {dtype: torch.randn(tokens, WIDTH).to(dtype) for dtype in given}
    times: dict[str, list[float]] = {name: [] for name in every}
    for round_ in range((ROUNDS_ALONE if alone else ROUNDS) + WARM):
        # Turned round each time: what an arm leaves behind in memory and caches meets others in turn.
        order = list(every.items())[:: 1 if round_ % 2 == 0 else -1]
        for name, arm in order:
            if round_ and not alone and _is_told(times[name], times["dense"]):
                continue
            began = time.perf_counter()
            if alone:
                with torch.inference_mode():
                    arm.work(given[arm.dtype])
            else:
                arm.step(given[arm.dtype], back[arm.dtype])
            times[name].append(time.perf_counter() - began)
    return {
        name: _told(found, times["dense"])
        | {"ours_over_it": _over(times["ours"], found)}
        | {"kept_mb": 0.0 if alone else every[name].kept_bytes(given[every[name].dtype]) / 1e6}
        for name, found in times.items()
    }


def _is_told(found: Sequence[float], base: Sequence[float]) -> bool:
    """Tell whether an arm needs no more rounds: it is far behind, and that was seen often enough."""
    ratio = min(one / it for one, it in zip(found, base, strict=False))
    if len(found) <= WARM:
        return ratio > SLOW_WARMING[len(found) - 1]
    return ratio > SLOW or (ratio > FAR and len(found) >= ROUNDS_FAR + WARM)


def _over(ours: Sequence[float], other: Sequence[float]) -> float:
    """Return the median of what ours takes over what another takes in the same round: what a round is like counts for neither."""
    pairs = list(zip(ours, other, strict=False))
    return statistics.median(one / it for one, it in pairs[WARM:] or pairs)


def _told(found: Sequence[float], base: Sequence[float]) -> dict[str, float]:
    ratios = [one / other for one, other in zip(found, base, strict=False)][WARM:]
    ratios = ratios or [min(found) / statistics.median(base)]  # so slow that it was measured once
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else (ratios[0],) * 3
    return {"ratio": middle, "low": low, "high": high, "ms": 1e3 * statistics.median(found), "rounds": len(ratios)}


def floor(tokens: int, experts: int, dtype: torch.dtype = torch.float32, alone: bool = False) -> tuple[float, float]:
    """Return the milliseconds of the layer's six products alone (two of them where nothing is learned), and with the bending between.

    Expert by expert, from and into rooms that stay in the cache: nothing is looked up, gathered, weighted by token or added up. No
    layer can do without these products; the bending is what the dense layer does as well.
    """
    rows = tokens * PER_TOKEN // experts
    layer = Experts(experts, WIDTH, HIDDEN).to(dtype)
    into, back = layer.into_EDH2.detach(), layer.back_EHD.detach()
    dinto, dback = torch.empty_like(into), torch.empty_like(back)
    x, dy, both, h, dh = (_rows(rows, columns, dtype) for columns in (WIDTH, WIDTH, 2 * HIDDEN, HIDDEN, HIDDEN))
    x_out, both_out, h_out, room = (_rows(rows, columns, dtype) for columns in (WIDTH, 2 * HIDDEN, HIDDEN, HIDDEN))
    (gate, value), (dgate, dvalue) = both.chunk(2, 1), both_out.chunk(2, 1)

    def once(bends: bool) -> None:
        for e in range(experts):
            torch.mm(x, into[e], out=both_out)
            if bends:
                torch.ops.aten.silu.out(gate, out=room)
                room.mul_(value)
            torch.mm(h, back[e], out=x_out)
        for e in range(0 if alone else experts):
            torch.mm(dy, back[e].t(), out=h_out)
            if bends:
                torch.ops.aten.silu.out(gate, out=room)
                torch.mul(room, value, out=dvalue)
                torch.mul(dh, room, out=dvalue)
                torch.mul(dh, value, out=room)
                torch.ops.aten.silu_backward.grad_input(room, gate, grad_input=dgate)
            torch.mm(h.t(), dy, out=dback[e])
            torch.mm(both, into[e].t(), out=x_out)
            torch.mm(x.t(), both, out=dinto[e])

    found: dict[bool, list[float]] = {False: [], True: []}
    for _ in range((ROUNDS_ALONE if alone else ROUNDS_OF_FLOOR) + WARM):
        for bends, times in found.items():
            began = time.perf_counter()
            once(bends)
            times.append(1e3 * (time.perf_counter() - began))
    return statistics.median(found[False][WARM:]), statistics.median(found[True][WARM:])


def _rows(rows: int, columns: int, dtype: torch.dtype) -> Tensor:
    """Return rows that do not all begin in the same places of the cache."""
    return torch.randn(rows, columns + 16).to(dtype)[:, :columns]


def main(arguments: Sequence[str]) -> int:
    """Measure, and print one JSON object by number of experts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=4096)
    parser.add_argument("--experts", default="8,32,64")
    parser.add_argument("--alone", action="store_true", help="one case by itself: the forward pass alone")
    asked = parser.parse_args(arguments)
    torch.set_num_threads(asked.threads)
    found: dict[str, Any] = {}
    for experts in map(int, asked.experts.split(",")):
        found[str(experts)] = measure(asked.tokens, experts, asked.alone)
        for dtype, name in ((torch.float32, "products"), (torch.bfloat16, "products, bf16")):
            plain, bent = floor(asked.tokens, experts, dtype, asked.alone)
            found[str(experts)] |= {name: {"ms": plain}, f"{name}, bent": {"ms": bent}}
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
