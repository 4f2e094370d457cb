"""Examines a set-up: each question has an answer and, where something is wrong, what to do about
it. Changes nothing.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from twiceshy.github.api import Api, App
from twiceshy.github.errors import GitHubError
from twiceshy.guards.semgrep import binary
from twiceshy.guards.semgrep.core import Engine
from twiceshy.service.environment import Environment, NotSetUp
from twiceshy.service.jobs.reading_rights import unused_registries
from twiceshy.service.web.setup import EVENTS, PERMISSIONS
from twiceshy.store import missed_deliveries
from twiceshy.store.database import open_database
from twiceshy.store.notes import UNUSED, notes_under

MOST_SKEW_SECONDS = 30
"""GitHub takes a token that was issued up to a minute ago; more than half of that is near the edge.
"""

HEARD_BY_ITSELF = frozenset({"check_run", "check_suite"})
"""Apps with checks permission hear these without asking."""

MOST_UNUSED = 10
MOST_NAMED = 5

SUCCESS = range(200, 300)

_MEND_GIVEN_UP = (
    "find them under Advanced in the App's settings; push again, or comment /twiceshy recheck on"
    " those pull requests"
)
_MEND_WEBHOOK = "check the webhook's address in the App's settings, and that GitHub can reach it"
_MEND_SEMGREP = "pip install semgrep==1.180.0"

_LEVELS = ("none", "read", "write", "admin")


@dataclass(frozen=True, slots=True)
class AppDiagnosis:
    """What was examined, whether it is well, what was seen, and what to do when it is not."""

    subject: str
    well: bool
    seen: str
    mend: str = ""


def examine(environment: Environment) -> Iterator[AppDiagnosis]:
    """Every answer, in the order in which a person would mend things."""
    yield _tried(
        "database",
        lambda: _database(environment),
        "check TWICESHY_DATABASE_URL and that the server runs",
    )
    yield from _registries(environment)
    yield _tried("deliveries given up", lambda: _given_up(environment), _MEND_GIVEN_UP)
    yield _semgrep()
    yield _secret(environment)
    try:
        app = environment.app
    except NotSetUp as error:
        yield AppDiagnosis("credentials", False, "not set", str(error))
        return
    yield _tried(
        "clock",
        lambda: _clock(environment),
        "set this machine's clock (NTP): GitHub refuses our tokens otherwise",
    )
    yield from _app(app)


def _tried(subject: str, act: Callable[[], str], mend: str) -> AppDiagnosis:
    try:
        return AppDiagnosis(subject, True, act())
    except (SQLAlchemyError, GitHubError, requests.RequestException, OSError, ValueError) as error:
        return AppDiagnosis(subject, False, str(error).split("\n", maxsplit=1)[0][:200], mend)


def _database(environment: Environment) -> str:
    engine = open_database(environment.database_url)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    engine.dispose()
    return f"{engine.dialect.name} answers, tables are current"


def _registries(environment: Environment) -> Iterator[AppDiagnosis]:
    """Registries that pull requests' settings name and that do not guard there; well, for it is
    their owners' choice.
    """
    try:
        engine = open_database(environment.database_url)
    except (SQLAlchemyError, OSError, ValueError):
        return  # said already
    with Session(engine) as session:
        unused = unused_registries(notes_under(session, UNUSED))
    engine.dispose()
    if unused:
        more = f" and {len(unused) - MOST_UNUSED} more" if len(unused) > MOST_UNUSED else ""
        yield AppDiagnosis(
            "registries", True, f"named and not used: {'; '.join(unused[:MOST_UNUSED])}{more}"
        )


def _given_up(environment: Environment) -> str:
    """Deliveries that failed each time they were asked for again."""
    engine = open_database(environment.database_url)
    with Session(engine) as session:
        rows = missed_deliveries.given_up(session, MOST_NAMED + 1)
    engine.dispose()
    if not rows:
        return "none"
    names = []
    for row in rows[:MOST_NAMED]:
        names.append(f"{row.event} {row.guid} (answered {row.status}, {row.tries} tries)")
    raise ValueError(", ".join(names) + (" and more" if len(rows) > MOST_NAMED else ""))


def _semgrep() -> AppDiagnosis:
    semgrep = binary.find()
    if semgrep.core is None and semgrep.scan is None:
        return AppDiagnosis("semgrep", False, "not found", _MEND_SEMGREP)
    release = semgrep.release
    if release == semgrep.version:
        release = f"of an unknown version, {semgrep.core or semgrep.scan}"
    if not Engine().passes_canary():
        slow = f"{release} is not driven directly, checks are slow"
        return AppDiagnosis("semgrep", False, slow, _MEND_SEMGREP)
    return AppDiagnosis("semgrep", True, f"{release}, driven directly")


def _secret(environment: Environment) -> AppDiagnosis:
    if environment.webhook_secret:
        return AppDiagnosis("webhook secret", True, "set")
    return AppDiagnosis(
        "webhook secret",
        False,
        "not set: every delivery is refused",
        "set TWICESHY_GITHUB_WEBHOOK_SECRET",
    )


def _clock(environment: Environment) -> str:
    answer = requests.get(f"{environment.api_url}/rate_limit", timeout=20)
    skew = time.time() - parsedate_to_datetime(answer.headers["Date"]).timestamp()
    if abs(skew) > MOST_SKEW_SECONDS:
        raise ValueError(f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} GitHub")
    return f"within {abs(skew):.0f} s of GitHub's"


def _app(app: App) -> Iterator[AppDiagnosis]:
    api = app.itself()
    try:
        registration: Mapping[str, Any] = api.get("/app")
    except (GitHubError, ValueError) as error:
        yield AppDiagnosis(
            "credentials",
            False,
            str(error),
            "check TWICESHY_GITHUB_APP_ID and that the private key is this App's",
        )
        return
    yield AppDiagnosis("credentials", True, f"GitHub knows us as {registration['slug']}")
    yield _permissions(registration)
    yield _events(registration)
    yield _tried("webhook", lambda: _webhook(api), _MEND_WEBHOOK)
    yield _tried("installations", lambda: _installations(api), "install the App: see its page")


def _permissions(registration: Mapping[str, Any]) -> AppDiagnosis:
    granted = registration.get("permissions") or {}
    lacking = []
    for name, level, _ in PERMISSIONS:
        if _LEVELS.index(str(granted.get(name, "none"))) < _LEVELS.index(level):
            lacking.append(f"{name}: {level}")
    if lacking:
        return AppDiagnosis(
            "permissions",
            False,
            f"lacking {', '.join(lacking)}",
            "grant them in the App's settings, then accept them in each installation",
        )
    return AppDiagnosis("permissions", True, "all that is needed")


def _events(registration: Mapping[str, Any]) -> AppDiagnosis:
    subscribed = set(registration.get("events") or ())
    lacking = sorted(set(EVENTS) - subscribed - HEARD_BY_ITSELF)
    if lacking:
        return AppDiagnosis(
            "events",
            False,
            f"not subscribed to {', '.join(lacking)}",
            "subscribe in the App's settings",
        )
    return AppDiagnosis("events", True, "all that is needed")


def _webhook(api: Api) -> str:
    deliveries: list[Mapping[str, Any]] = api.get("/app/hook/deliveries", per_page=20)
    if not deliveries:
        return "no delivery yet"
    last = deliveries[0]
    if not _arrived(last):
        status = f"{last.get('status_code')} {last.get('status')}"
        raise ValueError(f"the last delivery failed with {status}")
    failed = sum(not _arrived(delivery) for delivery in deliveries)
    return f"the last delivery arrived; {failed} of the last {len(deliveries)} did not"


def _arrived(delivery: Mapping[str, Any]) -> bool:
    return int(delivery.get("status_code") or 0) in SUCCESS


def _installations(api: Api) -> str:
    installations: list[Mapping[str, Any]] = api.get("/app/installations", per_page=100)
    if not installations:
        raise ValueError("installed nowhere")
    suspended = []
    for installation in installations:
        if installation.get("suspended_at"):
            suspended.append(str(installation["account"]["login"]))
    names = f", of these suspended: {', '.join(suspended)}" if suspended else ""
    return f"{len(installations)}{names}"
