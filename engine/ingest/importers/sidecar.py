"""`dataset.yaml`, the file beside a manifest that says what its columns and answers mean.

title: Cough clinic, spring          licence: CC BY 4.0          domain: clinic
task: Name the illness               synthetic: false
labels:                              columns: {text: note, image: [front, side], audio: sound, label: dx}
  - {name: flu, en: Influenza, zh: 流感}
  - cold                             group: patient_id
answers: several                     (with `columns: {flags: [edema, mass]}` for a column of 0 and 1 a label)
"""

from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from engine.schema.case import Label
from engine.schema.command import ColumnRoles
from engine.schema.errors import UserError
from engine.schema.plain_yaml import PlainLoader

BYTES_LIMIT = 256 * 1024
LABELS_LIMIT = 500
_SEVERAL = ("text", "image", "audio", "flags", "image_findings", "audio_findings")
"""Roles that several columns may have."""
DOMAIN_ID = r"^$|^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"


class Sidecar(BaseModel):
    """What a `dataset.yaml` says; keys of others (source, notes) are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    title: str = Field("", max_length=400)
    task: str = Field("", max_length=2000)
    licence: str = Field("", max_length=400)
    synthetic: bool = False
    domain: str = Field("", pattern=DOMAIN_ID)
    labels: tuple[Label, ...] = Field((), max_length=LABELS_LIMIT)
    columns: ColumnRoles = ColumnRoles()

    @model_validator(mode="before")
    @classmethod
    def _spellings(cls, value: Any) -> Any:
        """Take `license` for `licence`, and a `group` beside the columns for one among them."""
        if not isinstance(value, dict):
            raise ValueError("the file is no mapping")
        read = {**value, "licence": value.get("licence", value.get("license", ""))}
        group = value.get("group", value.get("group_column"))
        columns = value.get("columns", {})
        if isinstance(group, str) and isinstance(columns, dict):
            read["columns"] = columns = {"group": group, **columns}
        if "answers" in value and isinstance(columns, dict):
            read["columns"] = {"answers": value["answers"], **columns}
        return {key: entry for key, entry in read.items() if entry is not None}

    @field_validator("columns", mode="before")
    @classmethod
    def _columns(cls, value: Any) -> Any:
        """Let one column stand for a list of one."""
        if not isinstance(value, dict):
            return value
        return {key: (entry,) if key in _SEVERAL and isinstance(entry, str) else entry for key, entry in value.items()}

    @field_validator("labels", mode="before")
    @classmethod
    def _labels(cls, value: Any) -> Any:
        """Take a list of names or of mappings, or a mapping from names to English wordings or to both wordings."""
        if isinstance(value, dict):
            value = [
                {"name": name, **(wording if isinstance(wording, dict) else {"en": wording or ""})}
                for name, wording in value.items()
            ]
        if not isinstance(value, list):
            return value
        return [_label(entry) for entry in value]

    @field_validator("labels")
    @classmethod
    def _once(cls, value: tuple[Label, ...]) -> tuple[Label, ...]:
        if len({label.name for label in value}) != len(value):
            raise ValueError("a label is named twice")
        return value


def _label(entry: Any) -> Any:
    """Return one label's fields; YAML reads a bare number as one, a table never does."""
    if isinstance(entry, dict):
        return {key: str(wording) for key, wording in entry.items() if key in ("name", "en", "zh", "description")}
    return {"name": str(entry)}


def read_sidecar(data: bytes | None) -> Sidecar:
    """Return what a sidecar says, or the empty one where there is none; raises `sidecar-unreadable`."""
    if data is None:
        return Sidecar()
    if len(data) > BYTES_LIMIT:
        raise UserError("sidecar-unreadable", detail=f"more than {BYTES_LIMIT // 1024} KB")
    try:
        loader = PlainLoader(data.decode("utf-8-sig"))
        try:
            return Sidecar.model_validate(loader.get_single_data() or {})
        finally:
            loader.dispose()
    except ValidationError as error:
        detail = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:3])
        raise UserError("sidecar-unreadable", detail=detail) from error
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError, TypeError) as error:
        raise UserError("sidecar-unreadable", detail="not valid YAML") from error
