"""The one place that chooses device, number format, threads and seeds."""

import contextlib
import hashlib
import os

import torch

from engine.schema.catalog import DeviceInfo
from engine.schema.errors import UserError

DEVICES = ("auto", "cpu", "cuda")


def choose_device(name: str = "auto") -> DeviceInfo:
    """Return the device a run on `auto`, `cpu` or `cuda` uses; raises `bad-setting` where there is no such device."""
    if name not in DEVICES:
        raise UserError("bad-setting", key="device", value=name, detail=f"known are {', '.join(DEVICES)}")
    found = torch.cuda.is_available()
    if name == "cuda" and not found:
        raise UserError("bad-setting", key="device", value=name, detail="no CUDA GPU was found")
    threads = torch.get_num_threads()
    if name == "cpu" or not found:
        return DeviceInfo(kind="cpu", name="CPU", threads=threads)
    facts = torch.cuda.get_device_properties(0)
    return DeviceInfo(kind="cuda", name=facts.name, memory=facts.total_memory, threads=threads)


def torch_device(info: DeviceInfo) -> torch.device:
    """Return the torch device that `info` describes."""
    return torch.device(info.kind)


def autocast(info: DeviceInfo) -> contextlib.AbstractContextManager[object]:
    """Return the number format of forward passes: bfloat16 where it pays (CUDA), plain float32 on a CPU."""
    if info.kind == "cuda":
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return contextlib.nullcontext()


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def set_threads(requested: int, watched: bool = False) -> int:
    """Fix the CPU threads of this process and return their number.

    0 takes all cores, or all but one while a window watches: two busy threads on two cores make its frames late. The number
    belongs into the run's manifest, because it changes the last bits of every sum.
    """
    threads = requested or max(1, cores() - int(watched))
    torch.set_num_threads(threads)
    return threads


def derived_seed(seed: int, *stream: str | int) -> int:
    """Return a seed of its own for one use of randomness (`"sampler"`, step 12), independent of all other uses."""
    text = "/".join(map(str, (seed, *stream)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little") >> 1


def generator(seed: int, *stream: str | int) -> torch.Generator:
    """Return a CPU generator for one use of randomness; the same arguments give the same numbers on every machine."""
    return torch.Generator().manual_seed(derived_seed(seed, *stream))


def seed_everything(seed: int) -> None:
    """Seed torch's global generators, which initial weights and dropout draw from."""
    torch.manual_seed(seed)


def memory_in_use(info: DeviceInfo) -> int:
    """Return the bytes of GPU memory this process holds; 0 on a CPU."""
    return torch.cuda.memory_reserved() if info.kind == "cuda" else 0
