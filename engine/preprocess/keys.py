"""One name for what a thing was made from: a sha256 over its parts."""

import hashlib
import json

from torch import Tensor


def content_key(*parts: object) -> str:
    """Return a sha256 over parts that are written as JSON (bytes and tensors by their own hash)."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(_bytes(part))
        digest.update(b"\0")
    return digest.hexdigest()


def _bytes(part: object) -> bytes:
    if isinstance(part, bytes):
        return part
    if isinstance(part, Tensor):
        return part.detach().cpu().contiguous().numpy().tobytes()
    return json.dumps(part, sort_keys=True).encode()
