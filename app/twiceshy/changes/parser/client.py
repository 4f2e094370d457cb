"""Asks the parser's process, and lives on when it dies. Knows nothing of what is asked.

One process answers one question after the other; it is started when first needed, ends with the one who asks, and is
killed when an answer takes too long. Not for two threads at once: each judging opens its own.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from twiceshy.changes.parser.trees import can_parse

SECONDS = 3.0
"""For one text; a million characters of ordinary code take a fifth of it."""

MOST_DEATHS = 3
"""After so many nothing is parsed any more: somebody is making texts for it."""

_START = "import sys; sys.path[:] = sys.argv[1:]; from twiceshy.changes.parser.process import main; main()"
"""Without ``site``, which would look through every installed package: the paths come from us."""


class Parser:
    """A process that parses, started anew when it died. Close it when done."""

    def __init__(self, seconds: float = SECONDS, most_deaths: int = MOST_DEATHS) -> None:
        self.deaths = 0
        self._seconds = seconds
        self._most_deaths = most_deaths
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin to start the process, so that it is there when it is asked."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _START, *filter(None, sys.path)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip

    def ask(self, question: str, text: str, language: str | None) -> list[Any] | None:
        """The answer to one of ``process.QUESTIONS``; None without a grammar, over the limit, or when the parser died."""
        if not can_parse(text, language) or self.deaths >= self._most_deaths:
            return None
        self.start()
        answer = self._exchange(json.dumps([question, text, language]).encode())
        if answer is None:
            self.deaths += 1
            self.close()
        return answer

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _exchange(self, line: bytes) -> list[Any] | None:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return None
        alarm = threading.Timer(self._seconds, process.kill)
        alarm.start()
        try:
            process.stdin.write(line + b"\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            return None
        finally:
            alarm.cancel()
        return json.loads(answer) if answer.endswith(b"\n") else None


_current: ContextVar[Parser | None] = ContextVar("parser", default=None)


@contextmanager
def own_parser() -> Iterator[Parser]:
    """Within it one parser answers all that is asked; inside another it is that one."""
    outer = _current.get()
    if outer is not None:
        yield outer
        return
    parser = Parser()
    token = _current.set(parser)
    try:
        yield parser
    finally:
        _current.reset(token)
        parser.close()


def ask(question: str, text: str, language: str | None) -> list[Any] | None:
    """``Parser.ask`` of the parser at hand, or of one for this question alone."""
    if not can_parse(text, language):
        return None
    with own_parser() as parser:
        return parser.ask(question, text, language)
