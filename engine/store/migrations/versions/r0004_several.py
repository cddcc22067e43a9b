"""Several labels a case, as the truth and as a person's own view; JSON, NULL where there are none."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the columns; every case that is there keeps its one answer."""
    op.execute("ALTER TABLE cases ADD COLUMN labels TEXT")
    op.execute("ALTER TABLE cases ADD COLUMN own_labels TEXT")
