"""Host snapshots: the commit that a project's default branch stood at, once a year.

A lesson is held against the code around it; so a benchmark needs the tree of that day.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from benchmarks.mine.histories import History, first_parents

Row = dict[str, Any]


def host_rows(past: History) -> Iterator[Row]:
    """A row for the first day of each year that the history knows, and one for its last commit."""
    commits = first_parents(past)
    if not commits:
        return
    newest = max(day for _, day in commits)
    oldest = min(day for _, day in commits)
    new_years = [date(year, 1, 1) for year in range(oldest.year + 1, newest.year + 1)]
    for day in [*new_years, newest]:
        commit = next((name for name, made in commits if made <= day), None)
        if commit:
            yield {
                "project": past.project,
                "date": day.isoformat(),
                "commit": commit,
                "git_dir": str(past.git_dir),
            }
