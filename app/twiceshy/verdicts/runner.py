"""Has every guard look at a change: one failing guard does not take the others down with it.
Decides nothing.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from twiceshy.changes.change import Change
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.guards.finding import ChangeGuard, GuardKind, GuardResult, SlowGuard
from twiceshy.lessons.disk import IndexDamaged
from twiceshy.lessons.index import Index
from twiceshy.lessons.progress import Progress


@dataclass(frozen=True, slots=True)
class TimedResult:
    """What a guard has to say, and the seconds it was waited for."""

    guard: GuardKind
    result: GuardResult
    seconds: float


def run_guards(
    guards: Sequence[ChangeGuard], change: Change, index: Index, progress: Progress
) -> tuple[TimedResult, ...]:
    """What each guard says, in their order. Slow ones are begun first and asked last: the others
    look meanwhile.

    Raises IndexDamaged: no guard can do without the index.
    """
    with ExitStack() as stack:
        runs = [_Run(guard, change, index, stack) for guard in guards]
        for run in runs:
            run.begin()
        for run in sorted(runs, key=lambda run: run.is_slow):
            progress(f"{run.guard.kind.name}: looking at the change", 0, 1)
            run.finish()
            progress(f"{run.guard.kind.name}: looking at the change", 1, 1)
    return tuple(TimedResult(run.guard.kind, run.result, run.seconds) for run in runs)


class _Run:
    """One guard at work on a change: begun, and asked for its result."""

    def __init__(self, guard: ChangeGuard, change: Change, index: Index, stack: ExitStack) -> None:
        self.guard = guard
        self.is_slow = isinstance(guard, SlowGuard)
        self.result = GuardResult()
        self.seconds = 0.0
        self._change = change
        self._index = index
        self._stack = stack
        self._ask: Callable[[], GuardResult] | None = None

    def begin(self) -> None:
        """Have a slow guard begin; the others begin when they are asked."""
        self._timed(self._begin)

    def finish(self) -> None:
        """Ask for the result; a guard that could not begin has given its own already."""
        self._timed(self._finish)

    def _begin(self) -> None:
        if isinstance(self.guard, SlowGuard):
            started = self.guard.start(self._change, self._index)
            self._ask = self._stack.enter_context(started)
        else:
            self._ask = self._look

    def _look(self) -> GuardResult:
        return self.guard.check(self._change, self._index)

    def _finish(self) -> None:
        if self._ask:
            self.result = self._ask()

    def _timed(self, act: Callable[[], None]) -> None:
        started = time.perf_counter()
        try:
            act()
        except IndexDamaged:
            raise
        except Exception as error:  # noqa: BLE001 - one failing guard must not end the others
            self.result = _failed(self.guard, error)
        finally:
            self.seconds += time.perf_counter() - started


def _failed(guard: ChangeGuard, error: Exception) -> GuardResult:
    name = guard.kind.name
    message = (
        f"the {name} guard failed ({type(error).__name__}: {error}); the others went on. "
        "Please report it"
    )
    return GuardResult(not_looked_at=(NotLookedAt(Unseen.GUARD_FAILED, name, message),))
