"""The first tables."""

from alembic import op

revision = "0001"
down_revision = None

_STATEMENTS = (
    """CREATE TABLE cases (
        number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        case_id TEXT NOT NULL,
        title TEXT NOT NULL,
        dataset TEXT NOT NULL,
        "group" TEXT NOT NULL,
        split TEXT NOT NULL,
        label TEXT NOT NULL,
        own_view TEXT NOT NULL,
        source TEXT NOT NULL,
        synthetic INTEGER NOT NULL,
        version INTEGER NOT NULL,
        parts_version INTEGER NOT NULL,
        created_at TEXT NOT NULL,
        trashed INTEGER DEFAULT '0' NOT NULL,
        searched TEXT NOT NULL,
        prediction_id TEXT,
        answer TEXT,
        UNIQUE (case_id)
    )""",
    "CREATE INDEX cases_by_dataset ON cases (dataset, number)",
    "CREATE INDEX cases_by_source ON cases (trashed, source, number)",
    "CREATE INDEX cases_by_split ON cases (trashed, split, number)",
    "CREATE INDEX cases_shown ON cases (trashed, number)",
    """CREATE TABLE commands (
        command_id TEXT NOT NULL,
        digest TEXT NOT NULL,
        reply TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (command_id)
    )""",
    """CREATE TABLE datasets (
        number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        dataset TEXT NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (dataset)
    )""",
    """CREATE TABLE events (
        seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        job TEXT NOT NULL,
        n INTEGER NOT NULL,
        body TEXT NOT NULL
    )""",
    "CREATE INDEX events_of_job ON events (job, seq)",
    "CREATE UNIQUE INDEX events_once ON events (job, n) WHERE n > 0",
    """CREATE TABLE facts (
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (name)
    )""",
    """CREATE TABLE jobs (
        number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        job_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        task TEXT NOT NULL,
        body TEXT NOT NULL,
        read INTEGER DEFAULT '0' NOT NULL,
        resumes INTEGER DEFAULT '0' NOT NULL,
        control TEXT DEFAULT 'run' NOT NULL,
        UNIQUE (job_id)
    )""",
    "CREATE INDEX jobs_by_state ON jobs (state, number)",
    """CREATE TABLE models (
        number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        model_id TEXT NOT NULL,
        trashed INTEGER DEFAULT '0' NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (model_id)
    )""",
    """CREATE TABLE parts (
        part_id TEXT NOT NULL,
        case_id TEXT NOT NULL,
        position INTEGER NOT NULL,
        removed INTEGER DEFAULT '0' NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (part_id),
        FOREIGN KEY(case_id) REFERENCES cases (case_id)
    )""",
    "CREATE INDEX parts_of_case ON parts (case_id, position)",
    """CREATE TABLE predictions (
        prediction_id TEXT NOT NULL,
        case_id TEXT NOT NULL,
        model_id TEXT NOT NULL,
        at TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (prediction_id),
        FOREIGN KEY(case_id) REFERENCES cases (case_id)
    )""",
    "CREATE INDEX predictions_of_case ON predictions (case_id, at)",
)


def upgrade() -> None:
    """Make the tables and their indexes."""
    for statement in _STATEMENTS:
        op.execute(statement)
