"""The fields of a run's form, made from `RunConfig` itself: limits and help from the schema, titles from one table.

A field's `key` is the dotted path that `--set` takes, so form and command line say the same.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from engine.jobs.wording import WORDINGS, Wording
from engine.model.encoders.choices import ENCODERS
from engine.model.fusion import fusions
from engine.model.trunk.routers import routers
from engine.registry import Registry
from engine.schema.base import Config
from engine.schema.catalog import FormField
from engine.schema.config import Choice, RunConfig, Setting, choice_keys
from engine.teachers import teachers

Kind = Literal["integer", "number", "text", "choice", "flag"]

_CHOICES: Mapping[str, Registry[Any]] = {
    "student.router": routers,
    "student.fusion": fusions,
    **{f"student.{modality}": registry for modality, registry in ENCODERS.items()},
}
"""Fields that name an entry of a registry."""
_NAMED: Mapping[str, tuple[str, ...]] = {"device": ("auto", "cpu", "cuda")}
_TEACHERS = "teachers"
_LEFT_OUT = frozenset({"recipe", "dataset", "start_from", "then", "pinned"})
"""What the window asks in its own way, or the recipe decides."""
_KINDS: Mapping[type, Kind] = {bool: "flag", int: "integer", float: "number", str: "text"}


def form_fields(config: RunConfig) -> tuple[FormField, ...]:
    """Return the fields of the form, with the values of `config` as defaults."""
    return tuple(_fields(config, ""))


def _fields(config: Config, prefix: str) -> Iterator[FormField]:
    for name, info in type(config).model_fields.items():
        key = f"{prefix}{name}"
        value = getattr(config, name)
        if key in _LEFT_OUT:
            continue
        if key in _CHOICES:
            yield from _choice_fields(key, info, value, _CHOICES[key])
        elif key == _TEACHERS:
            yield from _teacher_fields(info, value)
        elif isinstance(value, Config):
            yield from _fields(value, f"{key}.")
        else:
            yield _field(key, info, value, _NAMED.get(key) or _literals(info))


def _choice_fields(key: str, info: FieldInfo, chosen: Choice, registry: Registry[Any]) -> Iterator[FormField]:
    """Yield the field that names the entry, and the settings of every entry: those of the chosen one as they are, others' defaults."""
    yield _field(key, info, chosen.name, registry.names())
    for name in registry.names():
        settings = registry.settings(chosen if name == chosen.name else Choice(name=name))
        yield from (field.model_copy(update={"entry": name}) for field in _settings(key, settings))


def _teacher_fields(info: FieldInfo, chosen: tuple[Choice, ...]) -> Iterator[FormField]:
    """Yield the list of teachers by name, and the settings of each; nothing for a recipe without teachers."""
    if chosen:
        yield _field(_TEACHERS, info, ",".join(choice.name for choice in chosen), ())
    for name, choice in zip(choice_keys(chosen), chosen, strict=True):
        yield from _settings(f"{_TEACHERS}.{name}", teachers.settings(choice))


def _settings(key: str, settings: Config) -> Iterator[FormField]:
    for name, own in type(settings).model_fields.items():
        yield _field(f"{key}.{name}", own, getattr(settings, name), _literals(own))


def _literals(info: FieldInfo) -> tuple[str, ...]:
    """Return what may be chosen where the annotation names it."""
    return tuple(map(str, get_args(info.annotation))) if get_origin(info.annotation) is Literal else ()


def _field(key: str, info: FieldInfo, default: Setting, choices: tuple[str, ...]) -> FormField:
    wording = WORDINGS.get(key) or Wording(_spoken(key), "", "")
    return FormField(
        key=key,
        title=wording.title,
        title_zh=wording.title_zh,
        help=info.description or "",
        help_zh=wording.help_zh,
        kind="choice" if choices else _kind(info, default),
        default=default,
        minimum=_limit(info, "ge", "gt"),
        maximum=_limit(info, "le", "lt"),
        choices=choices,
        advanced=not wording.basic,
        section=key.split(".")[0] if "." in key else "run",
    )


def _kind(info: FieldInfo, default: Setting) -> Kind:
    """Return the kind by the annotation, because the default of a number may be written without a point."""
    annotated = info.annotation if isinstance(info.annotation, type) else None
    return _KINDS.get(annotated or type(default), _KINDS[type(default)])


def _limit(info: FieldInfo, *names: str) -> float | None:
    """Return the limit that pydantic enforces; the form may offer an open limit itself, the engine then refuses it."""
    for mark in info.metadata:
        for name in names:
            limit = getattr(mark, name, None)
            if limit is not None:
                return float(limit)
    return None


def _spoken(key: str) -> str:
    """Return a title for a setting that the table does not know: a plug-in's own."""
    return key.split(".")[-1].replace("_", " ").capitalize()
