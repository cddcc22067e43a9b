"""The tables of `project.sqlite`; `migrations/` makes them, the modules beside this one read and write them.

Messages that are only ever read whole are kept as their JSON; what is searched, sorted or counted has a column.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text, text

metadata = MetaData()

facts = Table(
    "facts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

datasets = Table(
    "datasets",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("dataset", Text, nullable=False, unique=True),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)

cases = Table(
    "cases",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("case_id", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("dataset", Text, nullable=False),
    Column("group", Text, nullable=False),
    Column("split", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("own_view", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("synthetic", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("parts_version", Integer, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("trashed", Integer, nullable=False, server_default="0"),
    Column("searched", Text, nullable=False),
    Column("prediction_id", Text),
    Column("answer", Text),
    Column("labels", Text),
    Column("own_labels", Text),
    sqlite_autoincrement=True,
)
Index("cases_shown", cases.c.trashed, cases.c.number)
Index("cases_by_source", cases.c.trashed, cases.c.source, cases.c.number)
Index("cases_by_split", cases.c.trashed, cases.c.split, cases.c.number)
Index("cases_by_dataset", cases.c.dataset, cases.c.number)

parts = Table(
    "parts",
    metadata,
    Column("part_id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("cases.case_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("removed", Integer, nullable=False, server_default="0"),
    Column("body", Text, nullable=False),
)
Index("parts_of_case", parts.c.case_id, parts.c.position)

predictions = Table(
    "predictions",
    metadata,
    Column("prediction_id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("cases.case_id"), nullable=False),
    Column("model_id", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("body", Text, nullable=False),
)
Index("predictions_of_case", predictions.c.case_id, predictions.c.at)

jobs = Table(
    "jobs",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("job_id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("read", Integer, nullable=False, server_default="0"),
    Column("resumes", Integer, nullable=False, server_default="0"),
    Column("control", Text, nullable=False, server_default="run"),
    sqlite_autoincrement=True,
)
Index("jobs_by_state", jobs.c.state, jobs.c.number)

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("job", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("events_of_job", events.c.job, events.c.seq)
Index("events_once", events.c.job, events.c.n, unique=True, sqlite_where=text("n > 0"))

models = Table(
    "models",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("model_id", Text, nullable=False, unique=True),
    Column("trashed", Integer, nullable=False, server_default="0"),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)

knowledge = Table(
    "knowledge",
    metadata,
    Column("dataset", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("body", Text, nullable=False),
)

rows = Table(
    "rows",
    metadata,
    Column("case_id", Text, ForeignKey("cases.case_id"), primary_key=True),
    Column("body", Text, nullable=False),
)

commands = Table(
    "commands",
    metadata,
    Column("command_id", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("at", Text, nullable=False),
)
