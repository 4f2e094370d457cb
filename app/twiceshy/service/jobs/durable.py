"""Durable steps: what a step gave is kept, so that a crash resumes behind it; waits and lost
answers are outlasted.

The engine is DBOS. A step never raises: what GitHub said becomes a value, so that it survives a
restart as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ParamSpec, TypeVar

from dbos import DBOS
from sqlalchemy.exc import OperationalError
from structlog import get_logger

from twiceshy.github.api import requests_sent
from twiceshy.github.errors import GitHubError, Limited, Lost
from twiceshy.lessons.serial import as_values, from_values, result_type
from twiceshy.service.faults import fault_of, message_of

FAULT = "Fault"
"""The kind of a stop that is nobody's fault but ours."""

MOST_ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

log = get_logger()


class StepFailed(Exception):
    """A step was refused, or GitHub gave no answer for too long. ``kind`` is the error's name."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What came of one attempt at a step, as the engine keeps it."""

    value: Any = None
    wait: float | None = None  # seconds until it is to be tried again
    failure: str = ""  # the error's name, when trying again is of no use
    message: str = ""
    requests: int = 0  # that were sent to GitHub


class Steps:
    """The steps of one workflow, and the requests to GitHub they have sent, those of before a
    restart too.
    """

    def __init__(self) -> None:
        self.requests = 0

    def run(
        self,
        name: str,
        function: Callable[Arguments, Result],
        *arguments: Arguments.args,
        **keywords: Arguments.kwargs,
    ) -> Result:
        """What the function gives, tried until it is done, and read back as what the function says
        that it gives. Raises StepFailed.
        """

        def act() -> Result:
            return function(*arguments, **keywords)

        for attempt in range(MOST_ATTEMPTS):
            values = DBOS.run_step({"name": name}, _attempt, act, attempt)
            outcome = from_values(values, StepOutcome)
            self.requests += outcome.requests
            if outcome.failure:
                raise StepFailed(outcome.failure, outcome.message)
            if outcome.wait is None:
                value: Result = from_values(outcome.value, result_type(function))
                return value
            DBOS.sleep(outcome.wait)
        raise StepFailed("Lost", f"{name}: GitHub gave no answer in {MOST_ATTEMPTS} tries")


def _attempt(act: Callable[[], object], attempt: int) -> dict[str, Any]:
    before = requests_sent()
    outcome = _outcome(act, attempt)
    values: dict[str, Any] = as_values(replace(outcome, requests=requests_sent() - before))
    return values


def _outcome(act: Callable[[], object], attempt: int) -> StepOutcome:
    pause = min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE)
    try:
        return StepOutcome(act())
    except Limited as error:
        return StepOutcome(wait=error.wait)
    except Lost:
        return StepOutcome(wait=pause)
    except GitHubError as error:
        return StepOutcome(failure=type(error).__name__, message=str(error))
    except OperationalError as error:  # the database is away: like GitHub, it comes back
        log.warning("database", error=message_of(error))
        return StepOutcome(wait=pause)
    except Exception as error:
        log.exception("fault")
        message = f"this is a fault of twiceshy: {fault_of(error)}"
        return StepOutcome(failure=FAULT, message=message)
