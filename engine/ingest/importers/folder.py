"""The source article's own layout: `text.csv` with texts and answers, pictures in `images/`, sounds in `audio/` beside it.

A file belongs to the row whose case id is its name without ending, or begins its name before `_` or `-` (`c7_left.png`, `c7_2.png`).
Where no file is named after a case id, the number at the end of its name counts the rows: from 0 where one of the folder's
files has the number 0, otherwise from 1 (`img_001.png` is the first row).
"""

import re
from collections import defaultdict
from collections.abc import Iterable

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
_LAST_NUMBER = re.compile(r"(\d{1,9})\D*$")
_PIECES = re.compile(r"[_-]")

Matched = dict[str | int, list[str]]
"""Case id or index of a row -> its files."""


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
        ids = _case_ids(table, roles)
        found = {modality: _match(paths, ids) for modality, paths in _files_in(source.listing).items()}
        index_of = {number: index for index, (number, _) in enumerate(table.rows)}

        def files_of(row: int, cells: dict[str, str]) -> Files:
            keys = (cells.get(roles.case_id, "").strip(), index_of[row])
            return Files(*(_of_row(found[modality], keys) for modality in ("image", "audio")))

        made = planned(table, sidecar, roles, files_of)
        unmatched = sum(map(len, _files_in(source.listing).values())) - len(made.paths)
        if not unmatched:
            return made
        problem = ErrorBody(code="manifest-files-unmatched", parameters={"count": unmatched})
        return made.model_copy(update={"problems": (*made.problems, problem)})


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


def _match(paths: list[str], ids: frozenset[str]) -> Matched:
    """Return files by case id where at least one is named so, otherwise by row index."""
    by_id: Matched = defaultdict(list)
    numbered: dict[int, list[str]] = defaultdict(list)
    for path in sorted(paths):
        stem = path.rpartition("/")[2].rpartition(".")[0]
        owner = next((beginning for beginning in _beginnings(stem) if beginning in ids), None)
        if owner is not None:
            by_id[owner].append(path)
        if number := _LAST_NUMBER.search(stem):
            numbered[int(number[1])].append(path)
    if by_id:
        return by_id
    first = 0 if 0 in numbered else 1
    return {number - first: files for number, files in numbered.items()}


def _beginnings(stem: str) -> list[str]:
    """Return a name and what stands before each `_` and `-` in it, the longest first."""
    return [stem, *(stem[: cut.start()] for cut in reversed(list(_PIECES.finditer(stem))))]


def _of_row(matched: Matched, keys: tuple[str, int]) -> tuple[str, ...]:
    return tuple(next((matched[key] for key in keys if key in matched), ())[:FILES_LIMIT])
