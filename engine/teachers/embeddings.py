"""What a frozen model makes of single texts, pictures or sounds, kept item by item in shards: nothing is computed twice.

A kill loses at most the shard that was being computed; a damaged shard counts as absent and is computed again.
Shapes: N items, D numbers an item (the width of a vector, or one score a label), L tokens of an item, T tokens of all.
"""

import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from engine.teachers.lessons import LessonCache, content_key

CHUNK = 512
"""Items in a shard, written at once; a kill loses at most so many."""
AT_ONCE = 64
"""Items that are computed between two words of how far it is: what the encoders take at once anyway."""
_NAME_BYTES = 32


class Embeddings:
    """The vectors of one teacher; `embed` computes those that are missing.

    Vectors are kept in half precision unless `exact`. `announce` is told how many items will be computed, before the first one is.
    """

    def __init__(
        self,
        cache: LessonCache,
        teacher: str,
        embed: Callable[[Sequence[str]], Tensor],
        *,
        kind: str = "texts",
        exact: bool = False,
        announce: Callable[[int], None] | None = None,
    ) -> None:
        self._cache, self._teacher, self._embed = cache, teacher, embed
        self._exact, self._announce = exact, announce
        self._index = cache.folder / f"{kind}-{teacher[:16]}"

    def of(self, texts: Sequence[str], progress: Callable[[int, int], None]) -> Tensor:
        """Return one vector an item, in float32; the same item is embedded once, however often it occurs."""
        return torch.stack(self.each(texts, progress)).float()

    def each(self, texts: Sequence[str], progress: Callable[[int, int], None]) -> list[Tensor]:
        """Return what is kept of each item."""
        known = self._known()
        names = [_name(text) for text in texts]
        missing = list(
            dict.fromkeys((name, text) for name, text in zip(names, texts, strict=True) if name not in known)
        )
        if missing:
            self._tell([text for _, text in missing])
        # Texts of like length together: a batch is padded to its longest.
        missing.sort(key=lambda item: (len(item[1]), item[0]))
        for start in range(0, len(missing), CHUNK):
            known |= self._add(missing[start : start + CHUNK], functools.partial(_tell, progress, start, len(missing)))
        return [known[name] for name in names]

    def _add(self, chunk: Sequence[tuple[str, str]], progress: Callable[[int], None]) -> dict[str, Tensor]:
        """Compute and keep a shard, and say after every batch how far it is: a slow teacher must not seem dead."""
        batches: list[dict[str, Tensor]] = []
        for start in range(0, len(chunk), AT_ONCE):
            progress(start)
            batches.append(self._made([text for _, text in chunk[start : start + AT_ONCE]]))
        made = {name: torch.cat([batch[name] for batch in batches]) for name in batches[0]}
        names = [name for name, _ in chunk]
        key = content_key("embeddings", self._teacher, names)
        self._cache.keep(key, {"names_N32": _pack(names), **made})
        self._index.mkdir(parents=True, exist_ok=True)
        (self._index / key).touch()
        return dict(zip(names, self._items(made), strict=True))

    def _known(self) -> dict[str, Tensor]:
        known: dict[str, Tensor] = {}
        for entry in _files(self._index):
            kept = self._cache.find(entry.name)
            if kept is not None:
                known |= zip(_unpack(kept["names_N32"]), self._items(kept), strict=True)
        return known

    def _tell(self, missing: Sequence[str]) -> None:
        """Tell what will be computed."""
        if self._announce is not None:
            self._announce(len(missing))

    def _made(self, texts: Sequence[str]) -> dict[str, Tensor]:
        """Return what a shard of these items holds beside their names."""
        vectors_ND = self._embed(texts).cpu()
        return {"vectors_ND": vectors_ND.float() if self._exact else vectors_ND.half()}

    def _items(self, kept: Mapping[str, Tensor]) -> Iterable[Tensor]:
        """Return a shard item by item."""
        return kept["vectors_ND"]


class TokenStates(Embeddings):
    """Several vectors an item, (L, D), in half precision; items may differ in how many they have."""

    def __init__(
        self,
        cache: LessonCache,
        encoder: str,
        states: Callable[[Sequence[str]], Sequence[Tensor]],
        *,
        kind: str,
        announce: Callable[[Sequence[str]], None],
    ) -> None:
        super().__init__(cache, encoder, _no_vectors, kind=kind)
        self._states, self._tell_of = states, announce

    def _tell(self, missing: Sequence[str]) -> None:
        self._tell_of(missing)

    def _made(self, texts: Sequence[str]) -> dict[str, Tensor]:
        found = [states_LD.cpu().half() for states_LD in self._states(texts)]
        return {"states_TD": torch.cat(found), "lengths_N": torch.tensor([len(states_LD) for states_LD in found])}

    def _items(self, kept: Mapping[str, Tensor]) -> Iterable[Tensor]:
        return torch.split(kept["states_TD"], kept["lengths_N"].tolist())


def _tell(progress: Callable[[int, int], None], before: int, total: int, done: int) -> None:
    """Tell of a part of the whole: what comes before it counts as done."""
    progress(before + done, total)


def _no_vectors(texts: Sequence[str]) -> Tensor:
    raise ValueError("items of several states have no single vector")


def size_on_disk(items: int, width: int, exact: bool = False) -> int:
    """Return about how many bytes the shards of so many items take."""
    return items * (width * (4 if exact else 2) + _NAME_BYTES)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _name(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()


def _pack(names: Sequence[str]) -> Tensor:
    return torch.tensor([list(bytes.fromhex(name)) for name in names], dtype=torch.uint8)


def _unpack(names_N32: Tensor) -> list[str]:
    return [bytes(row).hex() for row in names_N32.tolist()]
