"""A device of one's own that computes on the CPU and refuses what a GPU refuses; for machines without one.

    python -m tests.pretend_gpu RUN_FOLDER      train as the worker would, on the pretended device

Tensors of two devices in one operation, random numbers of a generator of another device and a look at the numbers behind torch's back
end in torch's own errors, as they do on a GPU. What it cannot pretend: other kernels, other precision, another speed.
"""

import contextlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.utils._device import _device_constructors
from torch.utils._pytree import tree_leaves, tree_map_only
from torch.utils.backend_registration import _DummyBackendModule, _setup_privateuseone_for_python_backend

NAME = "pretended"
_MOVES = {"aten::copy_", "aten::_to_copy", "aten::_copy_from"}
_kept: list[torch.library.Library] = []
"""What takes back what it registered when it goes."""
_INDEXED = {"aten::index", "aten::index_put_", "aten::index_put", "aten::_index_put_impl_"}
"""What may take places that lie on the CPU, as a GPU's own do."""


class _Module(_DummyBackendModule):
    """What torch asks a kind of device."""

    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.bfloat16]


class Pretended(torch.Tensor):
    """A tensor that says it is elsewhere; `held` has its numbers."""

    held: torch.Tensor

    @staticmethod
    def __new__(cls: type["Pretended"], real: torch.Tensor) -> "Pretended":
        made: Pretended = torch.Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls, real.size(), strides=real.stride(), storage_offset=real.storage_offset(), dtype=real.dtype, device=f"{NAME}:0"
        )  # fmt: skip
        made.held = real
        return made

    @classmethod
    def __torch_dispatch__(
        cls, func: Any, types: object, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        return _done(func, args, dict(kwargs or {}))

    def tolist(self) -> Any:
        return self.held.tolist()

    def numpy(self, *, force: bool = False) -> Any:
        raise TypeError(f"can't convert {NAME} device type tensor to numpy. Use Tensor.cpu() first")

    def __array__(self, *_: object) -> Any:
        return self.numpy()

    def __deepcopy__(self, memo: dict[int, Any]) -> "Pretended":
        copied = Pretended(self.held.detach().clone())
        made = torch.nn.Parameter(copied, self.requires_grad) if isinstance(self, torch.nn.Parameter) else copied
        memo[id(self)] = made
        return made  # type: ignore[return-value]


def _done(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Do it on the CPU, if a GPU would do it."""
    given = [one for one in tree_leaves((args, kwargs)) if isinstance(one, torch.Tensor)]
    here = [one for one in given if isinstance(one, Pretended)]
    name = func._schema.name
    target = kwargs.get("device")
    if name not in _MOVES:
        others = [one for one in given if not isinstance(one, Pretended)]
        if name in _INDEXED and isinstance(args[0], Pretended):
            others = [one for one in others if not any(one is place for place in args[1])]
        if torch.Tag.pointwise in func.tags or name in _INDEXED:
            others = [one for one in others if one.dim()]
        if here and others:
            raise RuntimeError(f"Expected all tensors to be on the same device ({NAME} and cpu) in {name}")
        random = kwargs.get("generator")
        if random is not None and (here or (target is not None and torch.device(target).type == NAME)):
            raise RuntimeError(f"Expected a '{NAME}' device type for generator but found 'cpu' in {name}")
    if target is not None:
        kwargs["device"] = torch.device("cpu")
    real_args, real_kwargs = tree_map_only(Pretended, lambda one: one.held, (args, kwargs))
    made = func(*real_args, **real_kwargs)
    stays = bool(here) if target is None else torch.device(target).type == NAME
    if not stays:
        return made
    # What is changed in place is the same tensor afterwards.
    known = {id(one.held): one for one in here}
    return tree_map_only(torch.Tensor, lambda one: known[id(one)] if id(one) in known else Pretended(one), made)


def _moved(make: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    """Make it here and move it: torch's own way asks for storage of the device, or for room whose size it changes later."""

    def made(*given: Any, device: Any = None, **named: Any) -> torch.Tensor:
        found = make(*given, **named)
        return found if device is None else found.to(device)

    return made


def pretend() -> None:
    """Make the device known to torch, and let the engine take it where a GPU is asked for."""
    _setup_privateuseone_for_python_backend(NAME, _Module())
    library = torch.library.Library("_", "IMPL")
    library.fallback(lambda func, *args, **kwargs: _done(func, args, kwargs), "PrivateUse1")
    _kept.append(library)
    torch.inference_mode = torch.no_grad  # type: ignore[misc, assignment]  # of which views of a tensor of one's own have no version
    _device_constructors()  # it remembers the makers of tensors by what they are now
    for name in ("tensor", "arange"):
        setattr(torch, name, _moved(getattr(torch, name)))

    from engine import device
    from engine.schema.catalog import DeviceInfo

    real_place, real_format = device.torch_device, device.autocast
    info = DeviceInfo(kind="cuda", name="Pretended", memory=1 << 30, threads=1)
    device.choose_device = lambda name="auto": info if name != "cpu" else DeviceInfo(kind="cpu", name="CPU", threads=1)
    device.torch_device = lambda told: torch.device(NAME) if told.kind == "cuda" else real_place(told)
    device.autocast = lambda told: contextlib.nullcontext() if told.kind == "cuda" else real_format(told)
    device.memory_in_use = lambda told: 0


def main(arguments: list[str]) -> int:
    """Train; the exit code is the worker's."""
    pretend()
    from engine.jobs.worker import main as work

    return work(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
