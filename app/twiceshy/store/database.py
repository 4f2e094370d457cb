"""Opens the database a URL names and brings its tables up to date. SQLite in a file, or PostgreSQL
for many machines.
"""

import sqlite3
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, make_url

from twiceshy.lessons.private_files import private_database
from twiceshy.lessons.time_limits import patient

BUSY_SECONDS = 30.0


def with_driver(url: str) -> str:
    """The URL with the driver we ship, whichever way people write PostgreSQL."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def open_database(url: str) -> Engine:
    """An engine whose tables are current. Raises SQLAlchemyError when the database cannot be
    reached.
    """
    file = sqlite_file(url)
    if file:
        private_database(file)
    engine = create_engine(
        with_driver(url), pool_pre_ping=True, hide_parameters=True, **_options(url)
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _careful)
    migrate(engine)
    return engine


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database; None for one in memory, one named as a URI, and another
    database.
    """
    parsed = make_url(with_driver(url))
    name = parsed.database or ""
    if (
        parsed.get_backend_name() != "sqlite"
        or name in ("", ":memory:")
        or name.startswith("file:")
    ):
        return None
    return Path(name)


def sqlite_folder(url: str) -> Path | None:
    """The folder of a SQLite file; None for another database."""
    file = sqlite_file(url)
    return file.parent if file else None


def prepare_sqlite(url: str) -> None:
    """Have a SQLite file that others open, too, keep a write-ahead log: its readers do not wait for
    its writer.
    """
    file = sqlite_file(url)
    if file:
        connection = sqlite3.connect(private_database(file))
        connection.execute("PRAGMA journal_mode = WAL")
        connection.close()


def migrate(engine: Engine) -> None:
    """Bring the tables up to date; one process at a time."""
    from alembic import command  # noqa: PLC0415 - only at start
    from alembic.config import Config  # noqa: PLC0415 - only at start

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_lock(7448015)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_unlock(7448015)")
        connection.commit()


def _options(url: str) -> dict[str, object]:
    if with_driver(url).startswith("sqlite"):
        return {"connect_args": {"timeout": patient(BUSY_SECONDS), "check_same_thread": False}}
    return {"pool_size": 10, "max_overflow": 20}


def _careful(connection: object, _record: object) -> None:
    """Readers do not wait for a writer, and a crash loses nothing that was said to be kept."""
    cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute(f"PRAGMA busy_timeout = {int(1000 * patient(BUSY_SECONDS))}")
    cursor.close()
