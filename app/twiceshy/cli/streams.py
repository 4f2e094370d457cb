"""Standard output and standard error that never end a command: a reader that went away, a full
disk, a closed descriptor.

What cannot be written is dropped; whether that is a fault is for ``main`` to say, at the end and
with the exit code that the command earned. Nothing heavy is imported here: it runs before anything
else.
"""

import codecs
import errno
import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_DRAWN = {
    "│": "|",
    "┃": "|",
    "─": "-",
    "━": "-",
    "█": "#",
    "░": ".",
    "●": "*",
    "○": "o",
    "·": ".",
    "✔": "+",
    "✘": "x",
    "…": "...",
    "’": "'",
    "‘": "'",
    "“": "'",
    "”": "'",
    "–": "-",
    "—": "-",
    "→": "->",
}
"""For terminals and logs that know ASCII alone; everything else is shown as its code, as JSON
writes it.
"""

ERRORS = "twiceshy"


class Sink(io.FileIO):
    """A descriptor that takes everything: ``failed`` says why something was lost."""

    failed: OSError | None = None

    def write(self, data: "ReadableBuffer") -> int:
        """Write, or drop what cannot be written."""
        while self.failed is None:
            try:
                written: int | None = super().write(data)
            except OSError as error:
                self.failed = error
                break
            if written is not None:
                return written
            # somebody made the descriptor non-blocking: wait until it takes more
            _wait(self.fileno())
        return memoryview(data).nbytes


def guard_streams() -> tuple[Sink, Sink]:
    """Put such streams in the place of Python's own; gives those of standard output and standard
    error.
    """
    _fill_gaps()
    codecs.register_error(ERRORS, _spelled)
    out, err = Sink(1, "w", closefd=False), Sink(2, "w", closefd=False)
    sys.stdout = _text(out, sys.stdout)
    sys.stderr = _text(err, sys.stderr)
    return out, err


def lost(sink: Sink) -> str:
    """Why output was lost that somebody waits for; empty when nothing was, or when nobody waits any
    more.
    """
    if sink.failed is None or sink.failed.errno == errno.EPIPE:  # as in `twiceshy check | head`
        return ""
    return sink.failed.strerror or str(sink.failed)


def _fill_gaps() -> None:
    """Open what was closed (``>&-``) on nothing: the next file to be opened would get its number,
    and its output.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number is this one


def _text(sink: Sink, replaced: object) -> io.TextIOWrapper:
    encoding = getattr(replaced, "encoding", None) or "utf-8"
    buffered = io.BufferedWriter(sink)
    return io.TextIOWrapper(
        buffered, encoding, ERRORS, line_buffering=sink.fileno() != 1 or sink.isatty()
    )


def _spelled(error: UnicodeError) -> tuple[str, int]:
    """Another spelling of what an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_DRAWN.get(char) or _code(char) for char in lacking), error.end


def _code(char: str) -> str:
    number = ord(char)
    if number <= 0xFFFF:  # noqa: PLR2004 - beyond it JSON writes two codes
        return f"\\u{number:04x}"
    high, low = divmod(number - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def _wait(descriptor: int) -> None:
    import select

    waiting = select.poll()
    waiting.register(descriptor, select.POLLOUT)
    waiting.poll()
