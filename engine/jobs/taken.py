"""A knowledge file that comes in with cases: read, kept, and left in the run folder as the data set's first version."""

from collections.abc import Sequence
from datetime import datetime

from engine.jobs.run_folder import RunFolder
from engine.schema import knowledge_file
from engine.schema.base import MODALITIES
from engine.schema.case import Label
from engine.schema.command import FindingCount
from engine.schema.errors import ErrorBody
from engine.schema.knowledge import plain_spelling, version_of
from engine.schema.worker import KNOWLEDGE_VERSION_FILE

_NAMES = 20
"""Names in one sentence."""


def unknown_findings(data: bytes, labels: Sequence[Label], named: Sequence[FindingCount]) -> tuple[ErrorBody, ...]:
    """Return which findings of a table a knowledge file does not have, a problem a kind of input; none where the file has faults."""
    checked = knowledge_file.check(data, [label.name for label in labels])
    told = []
    for kind in MODALITIES:
        known = checked.knowledge.spellings(kind)
        strange = [one.name for one in named if one.modality == kind and plain_spelling(one.name) not in known]
        if strange and not checked.faults:
            names = ", ".join(strange[:_NAMES]) + (" …" if len(strange) > _NAMES else "")
            told.append(ErrorBody(code="findings-unknown", parameters={"what": kind, "names": names}))
    return tuple(told)


def take_knowledge(
    folder: RunFolder, data: bytes, labels: Sequence[Label], created_at: datetime
) -> tuple[ErrorBody, ...]:
    """Keep a file that is whole; of one with faults nothing is taken, and they are returned."""
    checked = knowledge_file.check(data, [label.name for label in labels])
    if not checked.faults:
        made = version_of(checked.knowledge, 1, folder.blobs.put(data), created_at.isoformat(timespec="seconds"))
        folder.write(KNOWLEDGE_VERSION_FILE, made.model_dump_json(indent=1).encode())
    return checked.faults
