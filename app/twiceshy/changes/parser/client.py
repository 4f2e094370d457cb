"""Asks the parser's process, and lives on when it dies. Knows nothing of what is asked.

One process answers one question after the other; it is started when first needed, ends with the one
who asks, and is killed when an answer takes too long. Not for two threads at once: each judging
opens its own.
"""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from twiceshy.changes.parser.trees import can_parse
from twiceshy.changes.programs import clean_environment, isolated_python
from twiceshy.lessons.time_limits import patient

SECONDS = 3.0
"""Of computing for one text; a million characters of ordinary code take a fifth of it."""

CLOCK_FACTOR = 20
"""By the clock it may take so many times longer: a busy machine takes no tree away, a process that
hangs does.
"""

MOST_DEATHS = 3
"""After so many nothing is parsed any more: somebody is making texts for it."""

SENT_AHEAD = 60_000
"""Bytes; a question that fits into a pipe (64 KiB on Linux) can wait there while the one before is
answered.
"""

_START = (
    "import sys; seconds = float(sys.argv[1]); sys.path.extend(sys.argv[2:]); "
    "from twiceshy.changes.parser.process import main; main(seconds)"
)
"""Without ``site``, which would look through every installed package: the paths come from us, after
Python's own.
"""

Result = TypeVar("Result")
Question = tuple[str, str, str | None]
"""One of ``process.QUESTIONS``, a text, its language."""

Answer = list[Any] | None
"""None without a grammar, over the limit, or when the parser died of it."""


class Parser:
    """A process that parses, started anew when it died. Close it when done."""

    def __init__(self, seconds: float = SECONDS, most_deaths: int = MOST_DEATHS) -> None:
        self.deaths = 0
        self._seconds = seconds
        self._most_deaths = most_deaths
        self._process: subprocess.Popen[bytes] | None = None
        self._starter = 0  # the process that started it
        self._unread = b""

    def start(self) -> None:
        """Begin to start the process, so that it is there when it is asked."""
        if self._process is not None and self._starter != os.getpid():
            # we were forked: it is our parent's, and two must not ask it
            self._process, self._unread = None, b""
        if self._process is None:
            self._starter = os.getpid()
            packages = [str(Path(entry).absolute()) for entry in sys.path if entry]
            self._process = subprocess.Popen(
                isolated_python("-S", "-c", _START, str(self._seconds), *packages),
                cwd=os.sep,
                env=clean_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )

    def ask(self, question: str, text: str, language: str | None) -> Answer:
        """The answer to one question."""
        return self.ask_each([(question, text, language)], lambda answer: answer)[0]

    def ask_each(
        self, questions: Sequence[Question], use: Callable[[Answer], Result]
    ) -> list[Result]:
        """What ``use`` makes of each answer; meanwhile the process works on the next. ``use`` must
        not ask.
        """
        lines = [_line(question) for question in questions]
        results: list[Result] = []
        sent = 0  # so many of them are with the process, were answered, or were given up
        try:
            for number, line in enumerate(lines, start=1):
                if not line or self.deaths >= self._most_deaths:
                    results.append(use(None))
                    continue
                following = lines[number : number + 1]
                ahead = [later for later in following if 0 < len(later) <= SENT_AHEAD]
                for unsent in [line, *ahead][max(0, sent - number + 1) :]:
                    self._send(unsent)
                sent = number + len(ahead)
                answer = self._receive()
                if answer is None:
                    self._died()
                    sent = number
                results.append(use(answer))
        finally:
            if sent > len(results):  # somebody's answer is still to come: nobody else must get it
                self.close()
        return results

    def close(self) -> None:
        """End the process."""
        process, self._process, self._unread = self._process, None, b""
        if process is not None:
            process.kill()
            process.communicate()

    def _died(self) -> None:
        self.deaths += 1
        self.close()

    def _send(self, line: bytes) -> None:
        self.start()
        process = self._process
        # a process that died is noticed when it is waited for
        with suppress(OSError):
            left = memoryview(line)
            while left and process is not None and process.stdin is not None:
                left = left[process.stdin.write(left) or 0 :]

    def _receive(self) -> Answer:
        process = self._process
        if process is None or process.stdout is None:
            return None
        line = self._read_line(process.stdout.fileno())
        return json.loads(line) if line else None

    def _read_line(self, source: int) -> bytes:
        """The next whole line; nothing when the time is over or the process has ended."""
        until = time.monotonic() + patient(CLOCK_FACTOR * self._seconds)
        waiting = select.poll()  # not select(): a server has more than 1,024 files open
        waiting.register(source, select.POLLIN)
        parts = [self._unread]
        while b"\n" not in parts[-1]:
            ready = waiting.poll(max(0, int(1000 * (until - time.monotonic()))))
            part = os.read(source, 1 << 20) if ready else b""
            if not part:
                return b""
            parts.append(part)
        line, _, self._unread = b"".join(parts).partition(b"\n")
        return line


def _line(question: Question) -> bytes:
    """A question as the process reads it; empty for a text that has no tree."""
    _, text, language = question
    return json.dumps(question).encode() + b"\n" if can_parse(text, language) else b""


_current: ContextVar[Parser | None] = ContextVar("parser", default=None)


@contextmanager
def own_parser(lent: Parser | None = None) -> Iterator[Parser]:
    """Within it one parser answers all that is asked; inside another it is that one. A lent one is
    not closed after.
    """
    outer = _current.get()
    if outer is not None:
        yield outer
        return
    parser = lent or Parser()
    token = _current.set(parser)
    try:
        yield parser
    finally:
        _current.reset(token)
        if lent is None:
            parser.close()


def ask(question: str, text: str, language: str | None) -> Answer:
    """``Parser.ask`` of the parser at hand, or of one for this question alone."""
    return ask_each([(question, text, language)], lambda answer: answer)[0]


def ask_each(questions: Sequence[Question], use: Callable[[Answer], Result]) -> list[Result]:
    """``Parser.ask_each`` of the parser at hand, or of one for these questions alone."""
    if not any(can_parse(text, language) for _, text, language in questions):
        return [use(None) for _ in questions]
    with own_parser() as parser:
        return parser.ask_each(questions, use)
