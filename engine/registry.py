"""The one plug-in mechanism: a name, a class, its configuration and one sentence on what it is for."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from pydantic import ValidationError

from engine.schema.base import Config
from engine.schema.catalog import Entry
from engine.schema.config import Choice
from engine.schema.errors import UserError

T = TypeVar("T")
Decorated = TypeVar("Decorated")


@dataclasses.dataclass(frozen=True)
class Registered(Generic[T]):
    """One registered implementation."""

    name: str
    build: Callable[..., T]
    config: type[Config]
    summary: str
    summary_zh: str


class Registry(Generic[T]):
    """Name -> implementation, in the order of registration."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, Registered[T]] = {}

    def register(
        self, name: str, config: type[Config], summary: str, summary_zh: str = ""
    ) -> Callable[[Decorated], Decorated]:
        """Return a decorator that adds a class (or a factory) under `name`; raises on a second one of that name."""

        def add(built: Decorated) -> Decorated:
            if name in self._entries:
                raise ValueError(f"{self.kind} {name!r} is registered twice")
            self._entries[name] = Registered(name, built, config, summary, summary_zh)  # type: ignore[arg-type]
            return built

        return add

    def __getitem__(self, name: str) -> Registered[T]:
        try:
            return self._entries[name]
        except KeyError:
            known = ", ".join(self._entries)
            raise UserError("bad-setting", key=self.kind, value=name, detail=f"known are {known}") from None

    def __iter__(self) -> Iterator[Registered[T]]:
        return iter(self._entries.values())

    def names(self) -> tuple[str, ...]:
        """Return the registered names."""
        return tuple(self._entries)

    def settings(self, choice: Choice) -> Config:
        """Return the validated settings of a choice; raises `UserError` naming every field that is wrong."""
        try:
            return self[choice.name].config.model_validate(choice.settings)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            detail = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise UserError("bad-setting", key=f"{self.kind}.{key}", value=str(first["input"]), detail=detail) from None

    def entries(self) -> tuple[Entry, ...]:
        """Return the registry as catalog entries."""
        return tuple(Entry(registry=self.kind, name=e.name, summary=e.summary, summary_zh=e.summary_zh) for e in self)
