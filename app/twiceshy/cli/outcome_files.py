"""Reads outcomes out of a file: what ``/api/v1/outcomes`` and ``/api/v1/findings`` answer, or CSV
with the same names. A dict becomes a value here; what cannot be read is counted, and not guessed.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from twiceshy.cli.usage_error import UsageError
from twiceshy.learning.calibrate import Judged, OutcomeRow, sorted_out

MOST_JSON = 100_000_000
"""Bytes: JSON is read whole. CSV is read line by line, and may have any length."""

GUARD = "recall"
"""The guard of rows that name none."""

_WANTED = (
    "give what /api/v1/outcomes of the App answers, or JSON or CSV with `score` and `outcome`"
    " (prevented, escaped, dismissed, abandoned), perhaps `guard`, `came_true` and `count`"
)


def judged_in(file: Path) -> Judged:
    """What a file says of scores. Raises UsageError for one that holds no outcomes."""
    try:
        if file.suffix.lower() == ".csv":
            with file.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
                return _sorted_out(_csv_rows(stream, file))
        if file.stat().st_size > MOST_JSON:
            raise UsageError(f"{file} has over {MOST_JSON // 1_000_000} MB: give it as CSV")
        return _sorted_out(_json_rows(file))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}") from error


def _csv_rows(stream: Iterable[str], file: Path) -> Iterator[object]:
    reader = csv.DictReader(stream)
    try:
        if not {"score", "outcome"} <= set(reader.fieldnames or ()):
            raise UsageError(f"{file} has no columns `score` and `outcome`: {_WANTED}")
        yield from reader
    except csv.Error as error:
        raise UsageError(f"{file}, line {reader.line_num}: not CSV ({error}): {_WANTED}") from error


def _json_rows(file: Path) -> Iterable[object]:
    try:
        value = json.loads(file.read_text(encoding="utf-8-sig", errors="replace"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is not JSON ({error}): {_WANTED}") from error
    if isinstance(value, Mapping):
        value = value.get("scores", value.get("findings"))
    if not isinstance(value, list):
        raise UsageError(f"{file} holds no list of outcomes: {_WANTED}")
    return value


def _sorted_out(values: Iterable[object]) -> Judged:
    unusable = 0

    def rows() -> Iterator[OutcomeRow]:
        nonlocal unusable
        for value in values:
            row = _row(value)
            if row is not None:
                yield row
            elif not _is_open(value):
                unusable += 1

    judged = sorted_out(rows())
    return judged.with_unusable(unusable)


def _is_open(value: object) -> bool:
    """Whether a row is a finding that was not said, or whose pull request has not ended: it has no
    outcome, which is no mistake.
    """
    return isinstance(value, Mapping) and "score" in value and not value.get("outcome")


def _row(value: object) -> OutcomeRow | None:
    """A row as a value; None when it cannot be read, or has no outcome."""
    if not isinstance(value, Mapping):
        return None
    outcome = value.get("outcome")
    if not isinstance(outcome, str) or not outcome:
        return None
    try:
        score, count = float(value.get("score") or 0), int(value.get("count") or 1)
    except (TypeError, ValueError, OverflowError):
        return None
    return OutcomeRow(
        str(value.get("guard") or GUARD), score, outcome, _is_true(value.get("came_true")), count
    )


def _is_true(value: Any) -> bool:
    """The API gives the commit that mended it, a table may say yes or no."""
    return str(value or "").strip().lower() not in ("", "0", "false", "no", "none", "null")
