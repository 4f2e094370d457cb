"""What programs may read: lessons, findings, outcomes. Answers to who brings the token, and to
nobody else.

A lesson may be a post-mortem of a private repository; whoever may not read that must not read it
here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Query

from twiceshy.lessons.lesson import Lesson
from twiceshy.lessons.registry import read_registry
from twiceshy.service.context import Context
from twiceshy.service.web.access import token_check
from twiceshy.store import figures
from twiceshy.store.dismissal_list import dismissal_list
from twiceshy.store.figures import Tally
from twiceshy.store.notes import REGISTRY, notes_under
from twiceshy.store.tables import FindingRow

MOST = 200
FINDING_FIELDS = (
    "id",
    "name",
    "number",
    "fingerprint",
    "lesson",
    "guard",
    "path",
    "start_line",
    "end_line",
    "score",
    "action",
    "shown",
    "standing",
    "outcome",
    "came_true",
    "head",
    "at",
)
WHOLE_FIELDS = (
    "applies_to",
    "scars",
    "companions",
    "no_check",
    "conditions",
    "actions",
    "evidence",
    "fix",
    "body",
)
"""What is given of one lesson besides what every row has."""


def router(context: Context) -> APIRouter:
    """The API over the store and the registries at hand."""
    check = token_check(context.environment.api_token)
    routes = APIRouter(prefix="/api/v1", dependencies=[Depends(check)])

    @routes.get("/lessons")
    def lessons() -> dict[str, Any]:
        tallies = context.transaction(figures.tallies)
        rows = [_row(name, lesson, tallies) for name, lesson in _lessons(context)]
        return {"lessons": sorted(rows, key=lambda row: (row["id"], row["registry"]))}

    @routes.get("/lessons/{lesson_id}")
    def lesson(lesson_id: str) -> dict[str, Any]:
        tallies = context.transaction(figures.tallies)
        for registry, candidate in _lessons(context):
            if candidate.id == lesson_id:
                return {**_row(registry, candidate, tallies), **_whole(candidate)}
        raise HTTPException(404, f"no lesson {lesson_id} in the registries at hand")

    @routes.get("/findings")
    def findings(
        most: int = Query(50, ge=1, le=MOST),
        before: int = 0,
        lesson: str = "",
        repository: str = "",
    ) -> dict[str, Any]:
        rows = context.transaction(figures.findings, most, before, lesson, repository)
        return {"findings": [_finding(row) for row in rows]}

    @routes.get("/dismissals")
    def dismissals(repository: str = "", lesson: str = "", ended: bool = False) -> dict[str, Any]:
        rows = context.transaction(dismissal_list, repository, lesson, ended=ended)
        return {"dismissals": rows}

    @routes.get("/outcomes")
    def outcomes() -> dict[str, Any]:
        tallies = context.transaction(figures.tallies)
        return {
            "outcomes": _total(tallies),
            "came_true": sum(tally.came_true for tally in tallies.values()),
            "lessons": {lesson: asdict(tally) for lesson, tally in tallies.items()},
            "scores": [asdict(row) for row in context.transaction(figures.scores)],
        }

    return routes


def _total(tallies: Mapping[str, Tally]) -> dict[str, int]:
    total = dict.fromkeys(figures.OUTCOMES, 0)
    for tally in tallies.values():
        for outcome in total:
            total[outcome] += (tally.outcomes or {}).get(outcome, 0)
    return total


def _lessons(context: Context) -> Iterator[tuple[str, Lesson]]:
    """Every lesson of the folders the service guards with, and of the repositories it has read,
    with its registry.
    """
    fetched = context.transaction(notes_under, REGISTRY)
    folders = [(str(folder), folder) for folder in context.environment.registries]
    folders += [(repository, Path(folder)) for repository, folder in sorted(fetched.items())]
    for registry, folder in folders:
        if not folder.is_dir():
            continue
        for lesson in read_registry((folder,)).lessons:
            yield registry, lesson


def _row(registry: str, lesson: Lesson, tallies: Mapping[str, Tally]) -> dict[str, Any]:
    no_figures = Tally(outcomes=dict.fromkeys(figures.OUTCOMES, 0))
    return {
        "id": lesson.id,
        "title": lesson.title,
        "summary": lesson.summary,
        "mitigation": lesson.mitigation,
        "owner": lesson.owner,
        "postmortem": lesson.postmortem,
        "source": lesson.source,
        "date": lesson.date.isoformat(),
        "severity": lesson.severity,
        "mode": lesson.mode,
        "services": lesson.services,
        "tags": lesson.tags,
        "registry": registry,
        "figures": asdict(tallies.get(lesson.id, no_figures)),
    }


def _whole(lesson: Lesson) -> dict[str, Any]:
    return {name: value for name, value in asdict(lesson).items() if name in WHOLE_FIELDS}


def _finding(row: FindingRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in FINDING_FIELDS}
    return {"repository": values.pop("name"), "pull_request": values.pop("number"), **values}
