"""A progress bar on standard error, only for a person at a terminal and only when the work takes a
while.
"""

import sys
import threading
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE_SECONDS = 0.7
"""Before this nobody wonders whether anything happens."""


class Bar(AbstractContextManager["Bar"]):
    """A ``lessons.progress.Progress`` that draws itself: what is being done now, a line each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: dict[str, tuple[int, int]] = {}
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._patience = threading.Timer(PATIENCE_SECONDS, self._begin)
        self._patience.daemon = True
        self._ended = False

    def __enter__(self) -> "Bar":
        if sys.stderr.isatty():
            self._patience.start()
        return self

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show how far the work is."""
        with self._lock:
            self._state[what] = (done, total)
            if self._progress:
                self._show(what)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._patience.cancel()
        with self._lock:
            self._ended = True
            if self._progress:
                self._progress.stop()

    def _begin(self) -> None:
        """Draw what is under way; work that says nothing for a while is seen to go on all the
        same.
        """
        progress = _progress()
        with self._lock:
            if self._ended:
                return
            self._progress = progress
            progress.start()
            for what, (done, total) in self._state.items():
                if done < total:
                    self._show(what)

    def _show(self, what: str) -> None:
        done, total = self._state[what]
        if self._progress and what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total)
        if self._progress:
            self._progress.update(
                self._tasks[what], completed=done, total=total, visible=done < total
            )


def _progress() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)
