"""Bringing a project's database to this version's tables: a copy first, then the migrations."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect

from engine.schema.errors import UserError

NEWEST = "0004"
"""Newest revision in `migrations/versions`; a test holds the two together."""
_MIGRATIONS = Path(__file__).parent / "migrations"


def to_newest(engine: Engine, path: Path) -> None:
    """Run the missing migrations; raises `project-newer` where a later Consilium made the database."""
    with engine.connect() as connection:
        revision = _revision(connection)
    if revision == NEWEST:
        return
    if revision is not None:
        if revision > NEWEST:
            raise UserError("project-newer")
        _keep_copy(engine, path, revision)
    _migrate(engine)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def _keep_copy(engine: Engine, path: Path, revision: str) -> None:
    """Leave a whole copy beside the database; VACUUM INTO needs to run outside of a transaction."""
    copy = path.with_name(f"{path.name}.before-{NEWEST}-from-{revision}")
    copy.unlink(missing_ok=True)  # a copy that an interrupted upgrade left may be torn
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("VACUUM INTO ?", (str(copy),))
    finally:
        raw.close()


def _migrate(engine: Engine) -> None:
    from alembic import command  # alembic takes 0.1 s to import, and a project that is up to date never needs it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
