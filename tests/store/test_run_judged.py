"""Whether a run judged its change, of runs from before there was a column for it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

import twiceshy.store

TITLES = {
    "not analysed; neutral satisfies a required check (on_failure: neutral)": False,
    "not judged, and failure is asked for then (on_failure); not looked at: 1 file": True,
    "1 lesson blocks this change": True,
    "": True,
}


def test_old_runs_are_known_by_their_titles_once(tmp_path: Path) -> None:
    config = Config()
    folder = Path(twiceshy.store.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    insert = text(
        "INSERT INTO run (key, repository, name, head, conclusion, title, digest, seconds, calls, "
        "at) VALUES (:title, 1, 'acme/shop', 'a', 'neutral', :title, '', 1, 1, 1)"
    )
    with create_engine(f"sqlite:///{tmp_path / 'old.sqlite'}").connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        for title in TITLES:
            connection.execute(insert, {"title": title})
        command.upgrade(config, "0005")
        rows = connection.execute(text("SELECT title, judged FROM run"))
        assert {str(title): bool(judged) for title, judged in rows} == TITLES
        command.downgrade(config, "0004")
        command.upgrade(config, "head")
