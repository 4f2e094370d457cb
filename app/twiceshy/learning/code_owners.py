"""Who owns a file, as the repository's CODEOWNERS has it. Reads that one file.

GitHub's documentation, "About code owners".
"""

from collections.abc import Callable, Iterator, Sequence

from twiceshy.changes.change import Reader
from twiceshy.changes.globs import matches_any

PLACES = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS")

_Rule = tuple[str, tuple[str, ...]]


Owners = Callable[[str], tuple[str, ...]]
"""The owners of a path, as they are written there."""


def code_owners(read: Reader) -> Owners:
    """Tells the owners of a path; nobody where there is no such file."""
    rules: Sequence[_Rule] = ()
    for name in PLACES:
        text = read(name)
        if text is not None:
            rules = tuple(_rules(text))
            break

    def owners(path: str) -> tuple[str, ...]:
        return _owners_of(path, rules)

    return owners


def _rules(text: str) -> Iterator[_Rule]:
    for line in text.splitlines():
        words = line.split("#", maxsplit=1)[0].split()
        if words:
            yield words[0], tuple(words[1:])


def _owners_of(path: str, rules: Sequence[_Rule]) -> tuple[str, ...]:
    """Of the last rule that matches, as GitHub has it."""
    for pattern, owners in reversed(rules):
        if matches_any((pattern,), path):
            return owners
    return ()
