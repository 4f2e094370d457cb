"""``twiceshy calibrate``: whether scores keep what they promise on an organisation's own outcomes,
and thresholds that do. Writes two numbers into the settings when it is told to, and nothing else.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twiceshy.cli.usage_error import UsageError
from twiceshy.learning.calibrate import (
    ENOUGH,
    ENOUGH_OF_A_KIND,
    NEVER,
    Calibration,
    Judged,
    NoProposal,
    OutcomeRow,
    Tally,
    calibrated,
    sorted_out,
)
from twiceshy.verdicts.settings import FILE_NAME, RecallSettings, read_settings

if TYPE_CHECKING:
    from twiceshy.store.figures import ScoreCount

DATABASE = "TWICESHY_DATABASE_URL"
NEEDS = "calibrate needs scikit-learn: pip install 'twiceshy[calibrate]'"
PROMISED = RecallSettings()
"""What scores promise where nobody asks for anything else: that of the shipped thresholds."""

NOTHING = 1
"""The exit code when there are no thresholds to propose."""


@dataclass(frozen=True, slots=True)
class CalibrateOptions:
    """What to read, and what to do with it."""

    file: Path | None = None
    root: Path | None = None
    needed: int = ENOUGH
    promised: RecallSettings = PROMISED
    write: bool = False
    format: str = "text"


def calibrate(options: CalibrateOptions) -> int:
    """Print the reliability curve and the thresholds; gives the exit code. Raises UsageError."""
    if options.promised.comment_at > options.promised.block_at:
        raise UsageError("--block-precision must not be under --comment-precision")
    place = _settings_file(options)
    before = _text(place) if place else ""
    now = read_settings(before).recall
    judged = _judged(options)
    try:
        found = calibrated(judged, options.promised, options.needed)
    except ImportError as error:
        raise UsageError(f"{NEEDS} ({error.name} is missing)") from error
    if options.write and place and found.proposal:
        _write(place, before, found.proposal)
    written = options.write and found.proposal is not None
    if options.format == "json":
        print(json.dumps(_as_json(found, now, written=written), indent=2))
    else:
        print("\n".join(_lines(found, now, written=written)))
    return 0 if found.proposal else NOTHING


def _judged(options: CalibrateOptions) -> Judged:
    if options.file is not None:
        from twiceshy.cli.outcome_files import judged_in

        return judged_in(options.file)
    return sorted_out(map(_row, _stored()))


def _stored() -> "list[ScoreCount]":
    """What the App's store holds. Raises UsageError where there is none to read."""
    url = os.environ.get(DATABASE)
    if not url:
        raise UsageError(
            f"no outcomes are named: set {DATABASE} to the GitHub App's store, "
            "or give a FILE with what its /api/v1/outcomes answers"
        )
    try:
        from sqlalchemy import create_engine
        from sqlalchemy.exc import SQLAlchemyError
        from sqlalchemy.orm import Session

        from twiceshy.store.database import sqlite_file, with_driver
        from twiceshy.store.figures import scores
    except ImportError as error:
        from twiceshy.cli.serve import NEEDS as APP_NEEDS

        raise UsageError(f"{APP_NEEDS} ({error.name} is missing)") from error
    try:
        file = sqlite_file(url)
        if file is not None and not file.is_file():
            raise UsageError(f"there is no store of the GitHub App here ({file}): see {DATABASE}")
        engine = create_engine(with_driver(url))
        try:
            with Session(engine) as session:
                return scores(session)
        finally:
            engine.dispose()
    except SQLAlchemyError as error:
        first = str(error).split("\n", maxsplit=1)[0][:200]
        raise UsageError(
            f"the App's store cannot be read ({first}): check {DATABASE}, and start the App once"
        ) from error


def _row(row: "ScoreCount") -> OutcomeRow:
    return OutcomeRow(row.guard, row.score, row.outcome, row.came_true, row.count)


def _settings_file(options: CalibrateOptions) -> Path | None:
    """The repository's settings; None where there are none. Raises UsageError when they are to be
    written and cannot be.
    """
    from twiceshy.changes import git

    start = options.root or Path.cwd()
    place = (git.repository_root(start) or start) / FILE_NAME
    if place.is_file() and not (options.write and place.is_symlink()):
        return place
    if options.write:
        why = "is a link" if place.is_symlink() else "is not there"
        raise UsageError(
            f"{place} {why}: `twiceshy init` writes one, then thresholds can be written into it"
        )
    return None


def _text(place: Path) -> str:
    try:
        with place.open(encoding="utf-8", newline="") as stream:
            return stream.read()
    except UnicodeDecodeError as error:
        raise UsageError(f"{place} is not UTF-8: mend it first") from error


def _write(place: Path, before: str, recall: RecallSettings) -> None:
    from twiceshy.cli.files import replace_file
    from twiceshy.lessons.lesson_writer import CannotWriteError
    from twiceshy.verdicts.settings_writer import with_recall

    try:
        changed = with_recall(before, recall)
    except CannotWriteError as error:
        raise UsageError(f"{place} was left as it is: {error}") from error
    if changed != before:
        replace_file(place, changed)


def _lines(found: Calibration, now: RecallSettings, *, written: bool) -> Iterator[str]:
    judged = found.judged
    yield _counted(judged)
    for why, count in sorted(judged.left_out.items()):
        yield f"Left out: {count:,} {why}."
    if judged.count:
        yield ""
        yield "promised   findings      right   share   truly (95%)"
        yield from map(_bin, found.curve)
    yield ""
    if found.proposal is None:
        yield _why_not(found)
        return
    yield from _proposed(found, found.proposal, now)
    yield ""
    if written:
        yield f"Written to {FILE_NAME}. It holds once it is merged."
    else:
        yield f"`--write` writes them into {FILE_NAME}; nothing was changed."


def _counted(judged: Judged) -> str:
    if not judged.count:
        return "No finding by resemblance has an outcome that tells whether it was right."
    return (
        f"{judged.count:,} findings by resemblance have an outcome that tells: "
        f"{judged.right:,} right, {judged.wrong:,} wrong."
    )


def _bin(row: Tally) -> str:
    low, high = row.between
    return (
        f"{row.promised:8.3f} {row.count:10,} {row.right:10,} {row.share:7.0%}"
        f"   {low:.0%} to {high:.0%}"
    )


def _proposed(found: Calibration, proposal: RecallSettings, now: RecallSettings) -> Iterator[str]:
    yield "To keep what is promised:"
    rows = (
        ("comment_at", now.comment_at, proposal.comment_at, found.promised.comment_at),
        ("block_at", now.block_at, proposal.block_at, found.promised.block_at),
    )
    for name, before, after, promise in rows:
        yield f"  {name} {after:.3f} instead of {before:.3f}: right {promise:.0%} of the time there"
        yield f"    {_from_there(found, after)}"


def _from_there(found: Calibration, threshold: float) -> str:
    if threshold >= NEVER:
        return "no score is surely right so often: nothing blocks by resemblance alone"
    above = found.judged.from_score(threshold)
    if not above.count:
        return "nothing so sure was judged yet"
    low, high = above.between
    share = f"{above.right:,} of {above.count:,}"
    return f"from there on {share} were right, truly {low:.0%} to {high:.0%}"


def _why_not(found: Calibration) -> str:
    judged = found.judged
    sentences = {
        NoProposal.TOO_FEW: (
            f"No thresholds are proposed: it takes {found.needed:,} findings that were judged, "
            f"and {judged.count:,} were."
        ),
        NoProposal.ONE_KIND: (
            f"No thresholds are proposed: it takes {min(ENOUGH_OF_A_KIND, found.needed)} of both "
            f"kinds, and {judged.right:,} were right, {judged.wrong:,} wrong."
        ),
        NoProposal.NO_ORDER: (
            "No thresholds are proposed: higher scores were not right more often, so no threshold "
            "helps. Look at which lessons are dismissed: `twiceshy dismissals`."
        ),
        NoProposal.OUT_OF_REACH: (
            f"No thresholds are proposed: no score was right {found.promised.comment_at:.0%} of "
            "the time. Look at which lessons are dismissed: `twiceshy dismissals`."
        ),
    }
    return sentences[found.why_not] if found.why_not else ""


def _as_json(found: Calibration, now: RecallSettings, *, written: bool) -> dict[str, Any]:
    judged = found.judged
    return {
        "judged": judged.count,
        "right": judged.right,
        "wrong": judged.wrong,
        "left_out": {why.name.lower(): count for why, count in sorted(judged.left_out.items())},
        "curve": [_bin_fields(row) for row in found.curve],
        "promised": asdict(found.promised),
        "now": asdict(now),
        "proposal": asdict(found.proposal) if found.proposal else None,
        "why_not": str(found.why_not or ""),
        "written": written,
    }


def _bin_fields(row: Tally) -> dict[str, Any]:
    low, high = row.between
    return {
        "from": row.least,
        "promised": round(row.promised, 4),
        "findings": row.count,
        "right": row.right,
        "low": round(low, 4),
        "high": round(high, 4),
    }
