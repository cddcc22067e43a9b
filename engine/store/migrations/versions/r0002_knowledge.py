"""Versions of the knowledge files of data sets."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.execute(
        """CREATE TABLE knowledge (
            dataset TEXT NOT NULL,
            version INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (dataset, version)
        )"""
    )
