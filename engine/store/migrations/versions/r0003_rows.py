"""What the tables that came in said of their cases."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.execute(
        """CREATE TABLE rows (
            case_id TEXT NOT NULL PRIMARY KEY REFERENCES cases (case_id),
            body TEXT NOT NULL
        )"""
    )
