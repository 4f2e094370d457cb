"""A registry's folder as it would be if its drafts observed, so that a draft can be tried. For
commands that try lessons; no check reads it.
"""

import re
from collections.abc import Mapping, Sequence

from twiceshy.lessons.sources import Content, Folder, SourceFile, SourceKind

_FRONT = re.compile(rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n.*?^---", re.DOTALL | re.MULTILINE)
_DRAFT = re.compile(
    rb"^(mode[ \t]*:[ \t]*)([\"']?)draft\2(?=[ \t]*(?:#[^\r\n]*)?\r?$)", re.MULTILINE
)


class DraftFolder(Folder):
    """A folder whose lessons in mode draft read as if they were in mode observe."""

    @property
    def label(self) -> str:
        return f"{super().label} with its drafts"

    def read(self, files: Sequence[SourceFile]) -> Mapping[str, Content]:
        contents = dict(super().read(files))
        for file in files:
            content = contents[file.path]
            if file.kind is SourceKind.LESSON and isinstance(content, bytes):
                contents[file.path] = _observing(content)
        return contents


def _observing(content: bytes) -> bytes:
    front = _FRONT.match(content)
    if front is None:
        return content
    return _DRAFT.sub(rb"\1observe", front[0], count=1) + content[front.end() :]
