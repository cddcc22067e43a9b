"""What a handful of dropped or chosen files is: one case, several cases, tables, and what cannot be opened."""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from engine.schema.base import Modality

OPENS: Final[dict[str, Modality]] = {
    ".txt": "text", ".png": "image", ".jpg": "image", ".jpeg": "image",
    ".wav": "audio", ".flac": "audio", ".mp3": "audio", ".ogg": "audio",
}  # fmt: skip
"""Endings of the files that open today; the engine looks at the content as well."""
TABLES: Final = frozenset({".csv", ".tsv"})
_MOST_FILES: Final = 5_000
_OF_THE_SYSTEM: Final = frozenset({"thumbs.db", "desktop.ini"})
"""What a file manager leaves in folders by itself; nobody misses it."""


@dataclasses.dataclass(frozen=True)
class Handful:
    """Files sorted into what they may become; `unknown` do not open, wherever they lay."""

    inputs: tuple[Path, ...] = ()
    tables: tuple[Path, ...] = ()
    unknown: tuple[Path, ...] = ()
    from_folder: bool = False

    def is_one_case(self) -> bool:
        """Tell whether there is at most one file a kind, all from one folder where a folder was given."""
        folders = {path.parent for path in self.inputs}
        return _is_complete(self.inputs) and (not self.from_folder or len(folders) == 1)

    def title(self) -> str:
        """Return what one case of all the files would be called: their common name, or their folder's."""
        stems = {path.stem for path in self.inputs}
        if len(stems) == 1:
            return stems.pop()
        folders = {path.parent.name for path in self.inputs}
        return folders.pop() if len(folders) == 1 else ""

    def by_name(self) -> dict[str, tuple[Path, ...]]:
        """Split the inputs into cases: a folder with one file a kind is one, else files of one name (`p1.txt`, `p1.png`) are."""
        folders: dict[Path, list[Path]] = {}
        for path in self.inputs:
            folders.setdefault(path.parent, []).append(path)
        groups: list[tuple[str, tuple[Path, ...]]] = []
        for folder, paths in folders.items():
            if self.from_folder and _is_complete(paths):
                groups.append((folder.name, tuple(paths)))
                continue
            stems: dict[str, list[Path]] = {}
            for path in paths:
                stems.setdefault(path.stem.lower(), []).append(path)
            groups += [(found[0].stem, tuple(found)) for found in stems.values()]
        return _uniquely_named(groups)


def _is_complete(paths: Sequence[Path]) -> bool:
    """Tell whether there are files, and at most one a kind."""
    kinds = [kind_of(path) for path in paths]
    return bool(kinds) and len(kinds) == len(set(kinds))


def _uniquely_named(groups: list[tuple[str, tuple[Path, ...]]]) -> dict[str, tuple[Path, ...]]:
    """Return the groups by name, numbering names that occur again."""
    named: dict[str, tuple[Path, ...]] = {}
    for name, paths in groups:
        again = sum(known == name or known.startswith(f"{name} (") for known in named)
        named[f"{name} ({again + 1})" if again else name] = paths
    return named


def kind_of(path: Path) -> Modality | None:
    """Return what kind of input a file's ending promises; None where it does not open today."""
    return OPENS.get(path.suffix.lower())


def sort_files(paths: Iterable[Path]) -> Handful:
    """Sort paths, looking into folders (hidden files left out, at most 5,000)."""
    inputs: list[Path] = []
    tables: list[Path] = []
    unknown: list[Path] = []
    folders = False
    for path in paths:
        found = [path]
        if path.is_dir():
            folders = True
            found = [
                inner
                for inner in sorted(path.rglob("*"))[:_MOST_FILES]
                if inner.is_file() and not inner.name.startswith(".")
            ]
        for file in found:
            if kind_of(file) is not None:
                inputs.append(file)
            elif file.suffix.lower() in TABLES:
                tables.append(file)
            elif file.name.lower() not in _OF_THE_SYSTEM:
                unknown.append(file)
    return Handful(tuple(inputs), tuple(tables), tuple(unknown), folders)


def name_filter() -> str:
    """Return the endings as a file dialog wants them."""
    return " ".join(f"*{ending}" for ending in (*OPENS, *sorted(TABLES)))
