"""Has every guard look at a change: one failing guard does not take the others down with it.
Decides nothing.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from twiceshy.changes.change import Change
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.guards.finding import ChangeGuard, GuardName, GuardResult, SlowGuard
from twiceshy.lessons.disk import IndexDamaged
from twiceshy.lessons.index import Index
from twiceshy.lessons.progress import Progress


@dataclass(frozen=True, slots=True)
class TimedResult:
    """What a guard has to say, and the seconds it was waited for."""

    guard: GuardName
    look: GuardResult
    seconds: float


def run_guards(
    guards: Sequence[ChangeGuard], change: Change, index: Index, progress: Progress
) -> tuple[TimedResult, ...]:
    """What each guard says, in their order. Slow ones are begun first and asked last: the others
    look meanwhile.

    Raises IndexDamaged: no guard can do without the index.
    """
    spent = dict.fromkeys((guard.name for guard in guards), 0.0)

    def timed(guard: ChangeGuard, act: Callable[[], GuardResult | None]) -> GuardResult | None:
        started = time.perf_counter()
        try:
            return act()
        except IndexDamaged:
            raise
        except Exception as error:  # noqa: BLE001 - see the module
            return _failed(guard, error)
        finally:
            spent[guard.name] += time.perf_counter() - started

    with ExitStack() as stack:
        waiting: dict[GuardName, Callable[[], GuardResult]] = {}

        def begin(guard: SlowGuard) -> None:
            waiting[guard.name] = stack.enter_context(guard.begun(change, index))

        slow = [guard for guard in guards if isinstance(guard, SlowGuard)]
        looks = {guard.name: timed(guard, partial(begin, guard)) for guard in slow}
        for guard in sorted(guards, key=lambda each: each.name in looks):
            progress(f"{guard.name}: looking at the change", 0, 1)
            if looks.get(guard.name) is None:
                looks[guard.name] = timed(
                    guard, waiting.get(guard.name) or partial(guard.look, change, index)
                )
            progress(f"{guard.name}: looking at the change", 1, 1)
    return tuple(
        TimedResult(guard.name, looks[guard.name] or GuardResult(), spent[guard.name])
        for guard in guards
    )


def _failed(guard: ChangeGuard, error: Exception) -> GuardResult:
    message = f"the {guard.name} guard failed ({type(error).__name__}: {error}); the others went on. Please report it"
    return GuardResult(not_looked_at=(NotLookedAt(Unseen.GUARD_FAILED, str(guard.name), message),))
