"""What people answered to a lesson's comments, out of the App's database, where this machine is
told of one.

Reads only, brings no tables up to date, and never fails a command: without an answer it says so and
there is none.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from twiceshy.changes.git_history import origin_of

if TYPE_CHECKING:
    from twiceshy.store.feedback import FeedbackTotals, LessonName

DATABASE = "TWICESHY_DATABASE_URL"


def verdicts(root: Path, noise_budget: float) -> Mapping[str, str]:
    """By lesson, why people's answers speak against it; lessons that nobody or too few judged are
    not there.
    """
    url = os.environ.get(DATABASE)
    if not url:
        return {}
    registry = origin_of(root)
    if registry is None:
        why = "without a remote `origin` nobody knows whose lessons these are"
        print(f"{DATABASE} is left out: {why}", file=sys.stderr)
        return {}
    from twiceshy.store.precision import demotion

    against: dict[str, str] = {}
    for name, totals in _feedback(url, registry.partition("/")[0]).items():
        fallen = demotion(totals, noise_budget)
        if fallen and name.registry.lower() == registry.lower():
            against[name.lesson] = fallen[1]
    return against


def _feedback(url: str, account: str) -> "Mapping[LessonName, FeedbackTotals]":
    """What the database holds; nothing, and it is said, when it cannot be asked."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.orm import Session

    from twiceshy.store.database import with_driver
    from twiceshy.store.feedback import feedback_by_lesson

    try:
        engine = create_engine(with_driver(url))
        with Session(engine) as session:
            feedback = feedback_by_lesson(session, account)
        engine.dispose()
    except SQLAlchemyError as error:
        why = str(error.args[0] if error.args else error).splitlines()[0][:200]
        message = f"{DATABASE} could not be asked what people answered ({why}): it is left out"
        print(message, file=sys.stderr)
        return {}
    return feedback
