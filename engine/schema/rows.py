"""What a table said of a case when it last came in: by this an import of the same table knows its cases again."""

from engine.schema.base import Identifier, Message, Sha256


class RowSaid(Message):
    """One row as it was read. `inputs` are the originals in the row's order; `findings` is what it says of them, as text.

    `labels` is None in a table of one answer a case.
    """

    row: str
    label: str = ""
    labels: tuple[str, ...] | None = None
    group: str = ""
    split: str = ""
    inputs: tuple[Sha256, ...] = ()
    findings: str = ""


class KnownRow(Message):
    """A case of an imported table with what its row said."""

    case_id: Identifier
    dataset: Identifier
    said: RowSaid
