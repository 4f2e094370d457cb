"""Whether the comments that silence lessons in a repository's code still say why and until when.
Pure; silences nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from twiceshy.changes.ignore_comments import PROSE, ignores, wrong_with
from twiceshy.learning.lint.advice import Advice, Weight


def advice_on_ignores(
    texts: Mapping[str, str], known: Callable[[str], bool], today: date
) -> Iterator[Advice]:
    """What to write instead, by file and line. ``texts``: by path; ``known``: whether an id is a
    lesson's.
    """
    for path, text in texts.items():
        if path.lower().endswith(PROSE):
            continue
        for ignore in ignores(enumerate(text.split("\n"), 1), today):
            wrong = wrong_with(ignore, known, today)
            if wrong:
                yield Advice(Weight.WARNING, path, ignore.line, wrong)
