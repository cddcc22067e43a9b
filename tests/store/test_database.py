"""The database: durable, upgraded with a copy kept, refused when it is newer."""

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from engine.schema.errors import EngineFault, UserError
from engine.store import cases, facts, knowledge, upgrade
from engine.store.database import Database
from engine.store.tables import metadata


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "project.sqlite"


def test_database_when_made_holds_every_table_that_the_code_names(path: Path) -> None:
    database = Database(path)
    try:
        made = database.now(
            lambda c: {t: {x["name"] for x in inspect(c).get_columns(t)} for t in inspect(c).get_table_names()}
        )
        indexes = database.now(lambda c: {i["name"] for t in metadata.tables for i in inspect(c).get_indexes(t)})
    finally:
        database.close()
    assert made.keys() - {"alembic_version"} == metadata.tables.keys()
    for name, table in metadata.tables.items():
        assert made[name] == {column.name for column in table.columns}, name
        assert {index.name for index in table.indexes} <= indexes


def test_database_when_opened_is_durable_and_checks_foreign_keys(path: Path) -> None:
    database = Database(path)
    try:
        pragmas = {
            name: database.now(lambda c, name=name: c.exec_driver_sql(f"PRAGMA {name}").scalar())
            for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
        }
    finally:
        database.close()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0}


def test_write_when_it_raises_leaves_nothing_behind(path: Path) -> None:
    database = Database(path)

    def half(connection: object) -> None:
        facts.put(connection, "a", "1")  # type: ignore[arg-type]
        raise UserError("conflict")

    try:
        with pytest.raises(UserError):
            database.now(half)
        assert database.now(facts.get, "a") == ""
        database.now(facts.put, "a", "2")
        database.now(facts.put, "a", "3")
        assert database.now(facts.get, "a") == "3"
    finally:
        database.close()


def test_newest_revision_when_compared_with_the_migrations_is_their_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(upgrade.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [upgrade.NEWEST]


def test_database_when_made_by_a_newer_version_is_refused_and_not_changed(path: Path) -> None:
    Database(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(UserError) as refused:
        Database(path)
    assert refused.value.code == "project-newer"
    assert path.read_bytes() == before


def test_database_when_upgraded_keeps_its_rows_and_a_whole_copy_of_the_older_one(path: Path) -> None:
    _made_by(path, "0001")
    database = Database(path)
    try:
        assert database.now(facts.get, "kept") == "yes"
        assert database.now(knowledge.versions, "set").versions == ()
    finally:
        database.close()
    copy = path.with_name(f"project.sqlite.before-{upgrade.NEWEST}-from-0001")
    with sqlite3.connect(copy) as raw:
        assert raw.execute("SELECT value FROM facts WHERE name = 'kept'").fetchone() == ("yes",)
        assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()


def test_database_when_upgraded_keeps_the_one_answer_of_its_cases_and_takes_several(path: Path) -> None:
    _made_by(path, "0002")
    with sqlite3.connect(path) as raw:
        raw.execute(
            'INSERT INTO cases (case_id, title, dataset, "group", split, label, own_view, source, synthetic, version, '
            "parts_version, created_at, searched) VALUES "
            "('case-1', 'old', 'set', '', 'train', 'flu', 'cold', 'imported', 0, 1, 1, '2026-01-01T00:00:00Z', 'old flu')"
        )
    raw.close()
    database = Database(path)
    try:
        old = database.now(cases.find, "case-1")
        assert (old.label, old.labels, old.own_view, old.own_labels) == ("flu", None, "cold", None)
        assert old.truth() == ("flu",)
        database.now(cases.add, cases.fresh("case-2", "new").model_copy(update={"labels": ("mass", "水肿")}))
        database.now(cases.add, cases.fresh("case-3", "none of them").model_copy(update={"labels": ()}))
        new, none = database.now(cases.find, "case-2"), database.now(cases.find, "case-3")
        assert (new.labels, new.truth()) == (("mass", "水肿"), ("mass", "水肿"))
        assert (none.labels, none.truth(), database.now(cases.find, "case-1").labels) == ((), (), None)
        changed = database.now(cases.change, "case-2", own_labels=())
        assert (changed.own_labels, changed.seen(), none.seen()) == ((), True, False)
        assert database.now(cases.page, "水肿", 0, 9, "all").total == 1
    finally:
        database.close()


def _made_by(path: Path, revision: str) -> None:
    """Make a database as an older version did, with one fact in it."""
    config = Config()
    config.set_main_option("script_location", str(Path(upgrade.__file__).parent / "migrations"))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        facts.put(connection, "kept", "yes")
    engine.dispose()


def test_database_when_damaged_says_so_instead_of_serving_it(path: Path) -> None:
    Database(path).close()
    path.write_bytes(b"this is no database at all, but it is long enough to look at" * 100)
    with pytest.raises(EngineFault):
        Database(path)
