"""The pages people look at. Figures only: a lesson's text is read where its repository is."""

import time
from pathlib import Path
from statistics import median
from typing import Any

from fastapi import APIRouter, Depends, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from twiceshy.publishing.publication import NOT_ANALYSED
from twiceshy.service.context import Context
from twiceshy.service.web.access import token_check
from twiceshy.store.dismissal_list import dismissal_list
from twiceshy.store.dismissals import MOST_LISTED
from twiceshy.store.tables import FindingRow, PullRow, RunRow

DAYS = 7
OUTCOMES = ("prevented", "escaped", "dismissed", "abandoned")

_folder = FileSystemLoader(Path(__file__).parent / "templates")
_templates = Environment(loader=_folder, autoescape=True, undefined=StrictUndefined)


def page(
    name: str, status: int = 200, nonce: str = "", form_action: str = "'none'", **values: Any
) -> Response:
    """A page, with headers that let nothing foreign in; a form may send to ``form_action`` alone."""
    text = _templates.get_template(name).render(nonce=nonce, **values)
    script = f"'nonce-{nonce}'" if nonce else "'none'"
    form = f"form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src {script}; {form}"
    return Response(text, status, {"Content-Security-Policy": policy}, "text/html; charset=utf-8")


def router(context: Context) -> APIRouter:
    """The pages over the store."""
    made = APIRouter(include_in_schema=False)

    @made.get("/")
    def home() -> Response:
        return page("home.html", **context.transaction(_figures))

    @made.get("/dismissals", dependencies=[Depends(token_check(context.environment.api_token))])
    def dismissals() -> Response:
        """Reasons and places are not figures: they are shown to whom the API answers."""
        rows = context.transaction(dismissal_list)
        return page("dismissals.html", title="Dismissals", rows=rows, most=MOST_LISTED)

    return made


def _figures(session: Session) -> dict[str, Any]:
    since = time.time() - DAYS * 86_400
    rows = session.execute(
        select(FindingRow.outcome, func.count())
        .where(FindingRow.outcome.is_not(None))
        .group_by(FindingRow.outcome)
    )
    counted = {str(name): int(count) for name, count in rows}
    seconds = list(session.scalars(select(RunRow.seconds).where(RunRow.at > since)))
    broken = (
        select(func.count())
        .select_from(RunRow)
        .where(RunRow.at > since, RunRow.title.startswith(NOT_ANALYSED))
    )
    return {
        "title": "Overview",
        "repositories": session.scalar(select(func.count(PullRow.repository.distinct()))) or 0,
        "outcomes": {name: counted.get(name, 0) for name in OUTCOMES},
        "came_true": session.scalar(
            select(func.count()).select_from(FindingRow).where(FindingRow.came_true.is_not(None))
        )
        or 0,
        "runs": len(seconds),
        "median": median(seconds) if seconds else 0.0,
        "broken": session.scalar(broken) or 0,
        "days": DAYS,
    }
