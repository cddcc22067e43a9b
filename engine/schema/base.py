"""The two bases every message and every configuration shares, and the scalar types they are built from."""

import base64
import math
import secrets
import struct
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Modality = Literal["text", "image", "audio"]
MODALITIES: tuple[Modality, ...] = ("text", "image", "audio")
"""The modalities in their fixed order; index m in every array that has a modality axis."""

Answering = Literal["one", "several"]
"""Whether a case has exactly one answer, or any number of labels at once, none among them."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
"""An id made by us: safe as a file name and in a URL, never what a person typed."""
ShortText = Annotated[str, Field(max_length=400)]

_FORMATS = {"int64": "q", "int32": "i", "float32": "f", "uint8": "B"}


def new_id(prefix: str) -> str:
    """Return a fresh identifier such as `run-3f9c1a72b4d0`; 48 random bits."""
    return f"{prefix}-{secrets.token_hex(6)}"


class Message(BaseModel):
    """A frozen message; an unknown field is an error, so two versions never half-understand each other."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Config(BaseModel):
    """A frozen, keyword-only configuration; each field carries a description, which is the form's help."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Array(Message):
    """A small array (at most 64 KB) on its way through the API: base64 of little-endian C order, with its shape."""

    dtype: Literal["int64", "int32", "float32", "uint8"]
    shape: tuple[int, ...]
    data: str = Field(max_length=90_000)

    @classmethod
    def pack(cls, values: Sequence[int] | Sequence[float], shape: tuple[int, ...], dtype: str = "int64") -> Self:
        """Pack flat `values` (C order) of the given shape."""
        raw = struct.pack(f"<{len(values)}{_FORMATS[dtype]}", *values)
        return cls.model_validate({"dtype": dtype, "shape": shape, "data": base64.b64encode(raw).decode("ascii")})

    def raw(self) -> bytes:
        """Return the bytes, for `numpy.frombuffer` or `QImage`."""
        return base64.b64decode(self.data)

    def flat(self) -> list[float]:
        """Return the values as a flat list in C order."""
        return list(struct.unpack(f"<{math.prod(self.shape)}{_FORMATS[self.dtype]}", self.raw()))

    @model_validator(mode="after")
    def _fits(self) -> Self:
        expected = math.prod(self.shape) * struct.calcsize("<" + _FORMATS[self.dtype])
        if len(self.raw()) != expected:
            raise ValueError(f"shape {self.shape} needs {expected} bytes, got {len(self.raw())}")
        return self
