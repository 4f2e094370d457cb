"""Judging without a process of its own, for tests whose subject is what comes of it.

A process that imports everything takes more of the processor than all the rest of such a test. What
goes in and out is the same JSON; registries that are alike are compiled once for all tests.
"""

from contextvars import Context
from dataclasses import replace
from pathlib import Path

from twiceshy.lessons.serial import as_json, from_json
from twiceshy.publishing.values import Publication
from twiceshy.service.sandbox.judge import judge
from twiceshy.service.sandbox.launcher import SECONDS, JudgeRequest, judge_apart


class JudgeInThisProcess:
    """Stands in for ``judge_apart``."""

    def __init__(self, cache: Path) -> None:
        self._cache = str(cache)

    def __call__(self, case: JudgeRequest, seconds: float = SECONDS) -> Publication:
        """What ``judge_apart`` gives. A time limit and a failure are a process's: it does those."""
        if seconds != SECONDS:
            return judge_apart(case, seconds)
        try:
            # an empty context, as a process has: no parser of anybody else's
            return Context().run(_judge_json, replace(case, cache=self._cache))
        except Exception:  # noqa: BLE001 - whatever it is, it is to look as it looks from outside
            return judge_apart(case, seconds)


def _judge_json(case: JudgeRequest) -> Publication:
    read_back = from_json(as_json(case), JudgeRequest)
    return from_json(as_json(judge(read_back)), Publication)
