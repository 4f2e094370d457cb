"""``twiceshy dismissals``: what is silenced, by whom, where, until when, and how to revoke it.
Reads only.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twiceshy.cli.serve import NEEDS
from twiceshy.cli.usage_error import UsageError

DATABASE = "TWICESHY_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class DismissalsOptions:
    """What to list, and how."""

    repository: str = ""
    lesson: str = ""
    ended: bool = False
    format: str = "text"


def show_dismissals(options: DismissalsOptions) -> None:
    """Print the list. Raises UsageError where there is no store to read."""
    rows = _read(options)
    if options.format == "json":
        print(json.dumps({"dismissals": rows}, indent=2))
        return
    from twiceshy.verdicts.render.escape import printable

    for line in _lines(rows, options):
        print(printable(line))


def _read(options: DismissalsOptions) -> list[dict[str, Any]]:
    try:
        from sqlalchemy.exc import SQLAlchemyError

        from twiceshy.store.database import sqlite_file
        from twiceshy.store.dismissal_list import dismissals_in
    except ImportError as error:
        raise UsageError(f"{NEEDS} ({error.name} is missing)") from error
    url = _url()
    try:
        file = sqlite_file(url)
        if file is not None and not file.is_file():
            nothing = f"there is no store of the GitHub App here ({file})"
            raise UsageError(f"{nothing}: set {DATABASE} to the one it uses")
        return dismissals_in(url, options.repository, options.lesson, ended=options.ended)
    except SQLAlchemyError as error:
        first = str(error).split("\n", maxsplit=1)[0][:200]
        raise UsageError(
            f"the App's store cannot be read ({first}): check {DATABASE}, and start the App once"
        ) from error


def _url() -> str:
    """The App's own default, without reading its credentials."""
    from platformdirs import user_data_path

    named = os.environ.get(DATABASE)
    return named or f"sqlite:///{Path(user_data_path('twiceshy')) / 'twiceshy.sqlite'}"


def _lines(rows: Sequence[dict[str, Any]], options: DismissalsOptions) -> Sequence[str]:
    if not rows:
        asked = [options.lesson, f"in {options.repository}" if options.repository else ""]
        about = " ".join(filter(None, asked))
        return [
            f"Nothing is dismissed{' of ' + about if about else ''}: every lesson speaks as its "
            "mode allows."
        ]
    return [line for row in rows for line in _entry(row)]


def _entry(row: dict[str, Any]) -> Sequence[str]:
    where = (
        f"everywhere in {row['account']}" if row["everywhere"] else row["repository"] or "nowhere"
    )
    given = f", given on {row['repository']}#{row['pull_request']}" if row["pull_request"] else ""
    code = f"{row['path']}:{row['start_line']}" if row["path"] else "its code place was not kept"
    until = f"until {row['until']}" if row["until"] else "until the code changes"
    asked = f", asked for by {row['asked_by']}" if row["asked_by"] else ""
    ended = f" by {row['ended_by']}" if row["ended_by"] else ""
    return [
        f"{row['lesson']} {where}{given} ({row['state']}{ended})",
        f"  {row['who']}{asked}, {row['given'][:10]}, {until}: {row['reason']}",
        f"  code: {code}",
        *_asked(row),
        f"  to revoke: {row['revoke']}" if row["revoke"] else "  holds no more",
        "",
    ]


def _asked(row: dict[str, Any]) -> Sequence[str]:
    if row["asks_for"] is None:
        return []
    return [f"  asks for {row['asks_for']:.2f} of what resembles it there: {row['asks_because']}"]
