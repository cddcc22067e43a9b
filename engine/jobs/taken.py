"""A knowledge file that comes in with cases: read, kept, and left in the run folder as the data set's first version."""

from collections.abc import Sequence
from datetime import datetime

from engine.jobs.run_folder import RunFolder
from engine.schema import knowledge_file
from engine.schema.case import Label
from engine.schema.errors import ErrorBody
from engine.schema.knowledge import version_of
from engine.schema.worker import KNOWLEDGE_VERSION_FILE


def take_knowledge(
    folder: RunFolder, data: bytes, labels: Sequence[Label], created_at: datetime
) -> tuple[ErrorBody, ...]:
    """Keep a file that is whole; of one with faults nothing is taken, and they are returned."""
    checked = knowledge_file.check(data, [label.name for label in labels])
    if not checked.faults:
        made = version_of(checked.knowledge, 1, folder.blobs.put(data), created_at.isoformat(timespec="seconds"))
        folder.write(KNOWLEDGE_VERSION_FILE, made.model_dump_json(indent=1).encode())
    return checked.faults
