"""What programs may read: lessons, findings, outcomes. Answers to who brings the token, and to
nobody else.

A lesson may be a post-mortem of a private repository; whoever may not read that must not read it
here.
"""

from collections.abc import Iterator
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


def router(context: Context) -> APIRouter:
    """The API over the store and the registries at hand."""
    check = token_check(context.environment.api_token)
    made = APIRouter(prefix="/api/v1", dependencies=[Depends(check)])

    @made.get("/lessons")
    def lessons() -> dict[str, Any]:
        tallies = context.transaction(figures.tallies)
        rows = [_row(name, lesson, tallies) for name, lesson in _lessons(context)]
        return {"lessons": sorted(rows, key=lambda row: (row["id"], row["registry"]))}

    @made.get("/lessons/{lesson_id}")
    def lesson(lesson_id: str) -> dict[str, Any]:
        tallies = context.transaction(figures.tallies)
        for name, each in _lessons(context):
            if each.id == lesson_id:
                return {**_row(name, each, tallies), **_whole(each)}
        raise HTTPException(404, f"no lesson {lesson_id} in the registries at hand")

    @made.get("/findings")
    def findings(
        most: int = Query(50, ge=1, le=MOST),
        before: int = 0,
        lesson: str = "",
        repository: str = "",
    ) -> dict[str, Any]:
        rows = context.transaction(figures.findings, most, before, lesson, repository)
        return {"findings": [_finding(row) for row in rows]}

    @made.get("/dismissals")
    def dismissals(repository: str = "", lesson: str = "", ended: bool = False) -> dict[str, Any]:
        rows = context.transaction(dismissal_list, repository, lesson, ended=ended)
        return {"dismissals": rows}

    @made.get("/outcomes")
    def outcomes() -> dict[str, Any]:
        tallies = context.transaction(figures.tallies)
        total = dict.fromkeys(figures.OUTCOMES, 0)
        for tally in tallies.values():
            total = {
                name: count + (tally.outcomes or {}).get(name, 0) for name, count in total.items()
            }
        came_true = sum(tally.came_true for tally in tallies.values())
        return {
            "outcomes": total,
            "came_true": came_true,
            "lessons": {name: asdict(each) for name, each in tallies.items()},
        }

    return made


def _lessons(context: Context) -> Iterator[tuple[str, Lesson]]:
    """Every lesson of the folders the service guards with, and of the repositories it has read,
    with its registry.
    """
    kept = context.transaction(notes_under, REGISTRY)
    folders = [(str(folder), folder) for folder in context.environment.registries]
    folders += [(name, Path(folder)) for name, folder in sorted(kept.items())]
    for name, folder in folders:
        for lesson in read_registry((folder,)).lessons if folder.is_dir() else ():
            yield name, lesson


def _row(registry: str, lesson: Lesson, tallies: dict[str, Tally]) -> dict[str, Any]:
    plain = ("id", "title", "summary", "mitigation", "owner", "postmortem", "source")
    return {
        **{name: getattr(lesson, name) for name in plain},
        "date": lesson.date.isoformat(),
        "severity": lesson.severity,
        "mode": lesson.mode,
        "services": lesson.services,
        "tags": lesson.tags,
        "registry": registry,
        "figures": asdict(
            tallies.get(lesson.id, Tally(outcomes=dict.fromkeys(figures.OUTCOMES, 0)))
        ),
    }


def _whole(lesson: Lesson) -> dict[str, Any]:
    names = (
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
    return {name: value for name, value in asdict(lesson).items() if name in names}


def _finding(row: FindingRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in FINDING_FIELDS}
    return {"repository": values.pop("name"), "pull_request": values.pop("number"), **values}
