"""What this engine can do, as data: the window builds its forms from it and names no router and no fusion itself."""

from typing import Literal

from pydantic import Field

from engine.schema.base import Message
from engine.schema.config import RunConfig, Setting


class Entry(Message):
    """One registered implementation: a router, a fusion, a teacher, an importer."""

    registry: str
    name: str
    summary: str
    summary_zh: str = ""


class FormField(Message):
    """One field of a form: `key` is the dotted path in `RunConfig`, as `--set` takes it."""

    key: str
    title: str
    title_zh: str = ""
    help: str
    help_zh: str = ""
    kind: Literal["integer", "number", "text", "choice", "flag"]
    default: Setting
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    advanced: bool = True
    section: str = ""
    entry: str = Field(
        "", description="Entry of a registry whose setting it is; empty where it does not depend on a choice."
    )


class RecipeInfo(Message):
    """A recipe: a named set of defaults for one kind of run."""

    name: str
    title: str
    title_zh: str
    summary: str
    summary_zh: str
    fields: tuple[FormField, ...]
    needs_model: bool = False
    config: RunConfig | None = Field(None, description="The recipe whole; a form changes only the fields it shows.")


class DeviceInfo(Message):
    """The device a run would use; `memory` in bytes, 0 where there is no GPU."""

    kind: Literal["cpu", "cuda"]
    name: str
    memory: int = 0
    threads: int = 1

    def sentence(self) -> str:
        """Return it as a person reads it: the GPU's name and memory, or that there is none."""
        if self.kind == "cuda":
            return f"{self.name}, {self.memory / 2**30:.0f} GB"
        return f"no GPU: CPU ({self.threads} threads)"


class Catalog(Message):
    """Registries, recipes and devices of the running engine."""

    version: str
    entries: tuple[Entry, ...]
    recipes: tuple[RecipeInfo, ...]
    device: DeviceInfo
