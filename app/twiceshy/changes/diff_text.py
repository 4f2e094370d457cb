"""A diff's bytes as text, as the tools that write diffs leave them: colours, byte order marks,
UTF-16.

Pure and linear; never raises. Says nothing about what the text means.
"""

import codecs
import re
from collections.abc import Iterator

HEADER = re.compile(
    r"^(?:diff --(?:git|cc|combined) |--- .*\r?\n\+\+\+ |Index: .*\r?\n=+)", re.MULTILINE
)
"""Where a file of a diff begins, whatever wrote it."""

_COLOUR = re.compile("\x1b(?:\\[[0-9;:?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\))")
"""ECMA-48 control sequences (colours, "erase to the end of the line"), and links as terminals know
them.
"""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""UTF-32's little-endian mark begins with UTF-16's."""

_WIDE = ("utf-16-le", "utf-16-be")


def text_of(diff: str | bytes) -> str:
    """A diff as text without marks and colours; lone surrogates stand for stray bytes (PEP 383).

    Colours go only when a header stands beneath them: an escape sequence within a file's own lines
    is that file's.
    """
    text = _decoded(diff).removeprefix("\ufeff")
    if "\x1b" not in text:
        return text
    plain = _COLOUR.sub("", text)
    return plain if _headers(plain) > _headers(text) else text


def encodable(text: str) -> str:
    """Text whose only surrogates stand for stray bytes."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


def _decoded(diff: str | bytes) -> str:
    if isinstance(diff, str):
        return encodable(diff)
    for mark, encoding in _MARKS:
        if diff.startswith(mark):
            return _text(diff.removeprefix(mark), encoding)
    text = diff.decode("utf-8", "surrogateescape")
    if "\0" not in text or HEADER.search(text):
        return text
    return next((wide for wide in _wide(diff) if HEADER.search(_COLOUR.sub("", wide))), text)


def _wide(diff: bytes) -> Iterator[str]:
    """The bytes read as UTF-16 that has lost its mark."""
    for encoding in _WIDE:
        yield _text(diff, encoding)


def _text(raw: bytes, encoding: str) -> str:
    if encoding == "utf-8":
        return raw.decode(encoding, "surrogateescape")
    return raw.decode(encoding, "replace")


def _headers(text: str) -> int:
    return sum(1 for _ in HEADER.finditer(text))
