"""The source article's own layout: `text.csv` with texts and answers, pictures in `images/`, sounds in `audio/` beside it.

A file belongs to the row whose case id is its name without ending, or begins its name before `_` or `-` (`c7_left.png`, `c7_2.png`);
else to the one whose id differs by capital letters alone, or is the number at the end of its name (id `7`, `img_007.png`).
Only where the table has no case ids, the number at the end of a name counts the rows: from 0 where any file has the number 0, otherwise
from 1 (`img_001.png` is the first row). Where numbers are missing that cannot be known for sure, and is said.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from engine.ingest.containers import named_modality
from engine.ingest.importers.base import Importer, Source, importers
from engine.ingest.importers.paths import relative_path
from engine.ingest.importers.sidecar import read_sidecar
from engine.ingest.importers.table import FILES_LIMIT, Files, Table, planned, read_table, roles_of
from engine.schema.base import Config, Modality
from engine.schema.command import ColumnRoles, ImportPlan
from engine.schema.errors import ErrorBody, UserError

_FOLDERS: dict[str, Modality] = {
    **dict.fromkeys(("images", "image", "imgs", "pictures", "photos"), "image"),
    **dict.fromkeys(("audio", "audios", "sounds", "recordings", "wavs"), "audio"),
}
_LAID: tuple[Modality, Modality] = ("image", "audio")
_LAST_NUMBER = re.compile(r"(\d{1,9})\D*$")
_PIECES = re.compile(r"[_-]")

K = TypeVar("K", str, int)
Listed = Mapping[Modality, list[str]]
FilesOf = Callable[[int, dict[str, str]], Files]


@importers.register(
    "folder", Config, "A table of texts beside folders of images and sounds.", "文本表格及其旁边的图像、声音文件夹。"
)
class FolderImporter(Importer):
    """Plans a table that names no files, with the files that lie around it."""

    def recognises(self, source: Source) -> bool:
        """Whether there are folders of files, and a table without columns for them."""
        if not any(_files_in(source.listing).values()):
            return False
        try:
            roles = roles_of(read_table(source.manifest, source.name), source.roles, read_sidecar(source.sidecar))
        except UserError:
            return False  # the table importer says what is wrong with it
        return not (roles.image or roles.audio)

    def plan(self, source: Source) -> ImportPlan:
        """Return the plan; files that belong to no row are counted."""
        table = read_table(source.manifest, source.name)
        sidecar = read_sidecar(source.sidecar)
        roles = roles_of(table, source.roles, sidecar)
        ids, listed = _case_ids(table, roles), _files_in(source.listing)
        files_of, unsure = _by_name(listed, ids, roles.case_id) if ids else _by_number(listed, table)
        made = planned(table, sidecar, roles, files_of)
        unmatched = sum(map(len, listed.values())) - len(made.paths)
        if unmatched:
            unsure.append(ErrorBody(code="manifest-files-unmatched", parameters={"count": unmatched}))
        return made.model_copy(update={"problems": (*made.problems, *unsure)})


def _by_name(listed: Listed, ids: frozenset[str], column: str) -> tuple[FilesOf, list[ErrorBody]]:
    """Return whose files lie there, by the case ids of a table: of that there is no doubt."""
    found = {modality: _named(paths, ids) for modality, paths in listed.items()}

    return lambda _row, cells: _files(found, cells[column].strip()), []


def _by_number(listed: Listed, table: Table) -> tuple[FilesOf, list[ErrorBody]]:
    """Return whose files lie there where rows are only counted, and that this is not sure where numbers are missing."""
    found = {modality: _numbered(paths) for modality, paths in listed.items()}
    first = 0 if any(0 in numbers for numbers in found.values()) else 1  # one for all folders: they count the same rows
    number_of = {row: first + place for place, (row, _) in enumerate(table.rows)}
    whole = set(number_of.values())
    unsure = any(numbers and numbers.keys() != whole for numbers in found.values())
    told = ErrorBody(code="manifest-files-counted", parameters={"first": first})
    return lambda row, _cells: _files(found, number_of[row]), [told] if unsure else []


def _files_in(listing: Iterable[str]) -> dict[Modality, list[str]]:
    """Return the safe paths of files in the layout's folders, whose ending fits, by modality."""
    found: dict[Modality, list[str]] = {"image": [], "audio": []}
    for path in map(relative_path, listing):
        folder = _FOLDERS.get(path.partition("/")[0].lower()) if path and "/" in path else None
        if path and folder and named_modality(path) == folder:
            found[folder].append(path)
    return found


def _case_ids(table: Table, roles: ColumnRoles) -> frozenset[str]:
    if not roles.case_id:
        return frozenset()
    column = table.header.index(roles.case_id)
    return frozenset(cells[column].strip() for _, cells in table.rows if column < len(cells)) - {""}


def _named(paths: list[str], ids: frozenset[str]) -> dict[str, list[str]]:
    """Return files by the case id that they are named after; a file that might be two cases' is nobody's."""
    alike, numbers = _alone(ids, str.casefold), _alone((one for one in ids if one.isdecimal()), int)
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        stem = _stem(path)
        begun = _beginnings(stem)
        exact = next((beginning for beginning in begun if beginning in ids), None)
        owner = exact or next((alike[one.casefold()] for one in begun if one.casefold() in alike), None)
        if owner is None and (number := _LAST_NUMBER.search(stem)):
            owner = numbers.get(int(number[1]))
        if owner is not None:
            found[owner].append(path)
    return found


def _alone(ids: Iterable[str], key: Callable[[str], K]) -> dict[K, str]:
    """Return ids by a key, without those that share theirs with another."""
    shared: dict[K, list[str]] = defaultdict(list)
    for one in ids:
        shared[key(one)].append(one)
    return {told: some[0] for told, some in shared.items() if len(some) == 1}


def _numbered(paths: list[str]) -> dict[int, list[str]]:
    """Return files by the number at the end of their name."""
    found: dict[int, list[str]] = defaultdict(list)
    for path in sorted(paths):
        if number := _LAST_NUMBER.search(_stem(path)):
            found[int(number[1])].append(path)
    return found


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _beginnings(stem: str) -> list[str]:
    """Return a name and what stands before each `_` and `-` in it, the longest first."""
    return [stem, *(stem[: cut.start()] for cut in reversed(list(_PIECES.finditer(stem))))]


def _files(found: Mapping[Modality, Mapping[K, list[str]]], key: K) -> Files:
    images, audios = (found[modality].get(key, []) for modality in _LAID)
    return Files(tuple(images[:FILES_LIMIT]), tuple(audios[:FILES_LIMIT]))
