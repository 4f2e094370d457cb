"""Durable steps: what a step gave is kept, so that a crash resumes behind it; waits and lost
answers are outlasted.

The engine is DBOS. A step never raises: what GitHub said becomes a value, so that it survives a
restart as it was.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from dbos import DBOS
from sqlalchemy.exc import OperationalError
from structlog import get_logger

from twiceshy.github.api import requests_sent
from twiceshy.github.errors import GitHubError, Limited, Lost
from twiceshy.service.faults import fault_of, message_of

FAULT = "Fault"
"""The kind of a stop that is nobody's fault but ours."""

log = get_logger()

MOST_ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


class StepFailed(Exception):
    """A step was refused, or GitHub gave no answer for too long. ``kind`` is the error's name."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


_calls: ContextVar[tuple[str, int]] = ContextVar("calls", default=("", 0))
"""Of which workflow, and how many: a thread runs one workflow after another."""


def calls_so_far() -> int:
    """Requests to GitHub that this workflow's steps have sent, those of before a restart too."""
    workflow, calls = _calls.get()
    return calls if workflow == DBOS.workflow_id else 0


def durably(
    name: str, act: Callable[[], Any], limited: Callable[[float], None] | None = None
) -> Any:
    """What ``act`` gives, tried until it is done. ``limited`` is told of a wait. Raises Stopped."""
    for attempt in range(MOST_ATTEMPTS):
        outcome = DBOS.run_step({"name": name}, _outcome, act, attempt)
        _calls.set((DBOS.workflow_id or "", calls_so_far() + outcome.get("calls", 0)))
        if "value" in outcome:
            return outcome["value"]
        if "wait" not in outcome:
            raise StepFailed(outcome["no"], outcome["message"])
        if limited and outcome["limited"]:
            limited(outcome["wait"])
        DBOS.sleep(outcome["wait"])
    raise StepFailed("Lost", f"{name}: GitHub gave no answer in {MOST_ATTEMPTS} tries")


def _outcome(act: Callable[[], Any], attempt: int) -> dict[str, Any]:
    before = requests_sent()
    outcome = _tried(act, attempt)
    return {**outcome, "calls": requests_sent() - before}


def _tried(act: Callable[[], Any], attempt: int) -> dict[str, Any]:
    try:
        return {"value": act()}
    except Limited as error:
        return {"wait": error.wait, "limited": True}
    except Lost:
        return {"wait": min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE), "limited": False}
    except GitHubError as error:
        return {"no": type(error).__name__, "message": str(error)}
    except OperationalError as error:  # the database is away: like GitHub, it comes back
        log.warning("database", error=message_of(error))
        return {"wait": min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE), "limited": False}
    except Exception as error:
        log.exception("fault")
        return {"no": FAULT, "message": f"this is a fault of twiceshy: {fault_of(error)}"}
