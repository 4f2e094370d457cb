"""What people said of places where a past failure stands: the sweep's baseline, read and written.

Pure: takes and gives texts. Whoever judges a change reads it from the base, so that a change cannot
speak for itself.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from twiceshy.lessons.lesson import Problem

BASELINE = ".twiceshy-baseline.json"

MOST_CHARACTERS, MOST_ROWS = 4_000_000, 20_000
"""Of a baseline; who knows of more places has another problem than the next one."""


MOST_PROBLEMS = 20
"""That are told at once."""


class Word(StrEnum):
    """A person's word on a place."""

    NORMAL = "normal"  # this is how code is written here, and no mistake
    UNMENDED = "unmended"  # the same mistake, not mended yet


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A row of the baseline."""

    fingerprint: str
    lesson: str
    path: str
    word: Word | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """The places that are known, and what is wrong with the rows that were left out."""

    places: tuple[KnownPlace, ...] = ()
    problems: tuple[Problem, ...] = ()

    def said(self, word: Word, lesson: str) -> tuple[str, ...]:
        """The paths of a lesson's places on which this is the word, one for each place."""
        rows = [place for place in self.places if place.word is word and place.lesson == lesson]
        return tuple(place.path for place in rows)


def read_baseline(text: str | None) -> Baseline:
    """The baseline in a text, empty without one. Never raises: what cannot be used is in
    ``problems``, with its line.
    """
    if text is None:
        return Baseline()
    if len(text) > MOST_CHARACTERS:
        return _refused(0, f"over {MOST_CHARACTERS:,} characters: sweep fewer lessons or paths")
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        return _refused(error.lineno, f"is no JSON: {error.msg}; {_ANEW}")
    except (ValueError, RecursionError):  # a number of thousands of digits, or very deep brackets
        return _refused(0, f"is no JSON that sweep wrote: {_ANEW}")
    rows = document.get("known") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        return _refused(1, f"has no list `known`: {_ANEW}")
    if len(rows) > MOST_ROWS:
        return _refused(1, f"over {MOST_ROWS:,} places: sweep fewer lessons or paths")
    return _baseline(rows, text)


def renewed(
    before: Baseline, found: Sequence[KnownPlace], was_swept: Callable[[KnownPlace], bool]
) -> tuple[KnownPlace, ...]:
    """The baseline after a sweep: what was found, with the word people had on it, and what was not
    looked for. What is no longer found is gone, but what they called normal stays so.
    """
    words = {place.fingerprint: place.word for place in before.places}
    places = [replace(place, word=words.get(place.fingerprint)) for place in found]
    here = {place.fingerprint for place in found}
    for place in before.places:
        stays = place.word is Word.NORMAL or not was_swept(place)
        if stays and place.fingerprint not in here:
            places.append(place)
    return tuple(places)


def write_baseline(places: Iterable[KnownPlace]) -> str:
    """The text of a baseline, in an order that makes small differences."""
    rows: list[dict[str, str]] = []
    for place in sorted(places, key=lambda place: (place.path, place.lesson, place.fingerprint)):
        row = {"fingerprint": place.fingerprint, "lesson": place.lesson, "path": place.path}
        rows.append(row | ({"word": str(place.word)} if place.word else {}))
    return json.dumps({"schema": 1, "known": rows}, indent=1) + "\n"


_ANEW = f"mend it, or remove {BASELINE} and write it anew with twiceshy sweep --update-baseline"
_KEYS = frozenset({"fingerprint", "lesson", "path", "word"})


def _refused(line: int, message: str) -> Baseline:
    return Baseline(problems=(Problem(BASELINE, line, message),))


def _baseline(rows: Sequence[Any], text: str) -> Baseline:
    wrong: dict[int, str] = {}
    places: list[KnownPlace] = []
    for number, row in enumerate(rows):
        if message := _mistake(row):
            wrong[number] = message
        else:
            places.append(_place(row))
    return Baseline(tuple(places), tuple(_problems(wrong, text)))


def _mistake(row: Any) -> str:
    """What is wrong with a row; empty when nothing is."""
    if not isinstance(row, dict) or not all(isinstance(value, str) for value in row.values()):
        return f"a place is texts under fingerprint, lesson and path: {_ANEW}"
    if unknown := sorted(row.keys() - _KEYS):
        return f"unknown key `{unknown[0][:40]}`: a place has fingerprint, lesson, path and word"
    if missing := sorted(_KEYS - {"word"} - row.keys()):
        return f"a place without `{missing[0]}`: {_ANEW}"
    if row.get("word", Word.NORMAL) not in list(Word):
        return (
            f'`word` is "normal" (this is how code is written here) or "unmended" (the same '
            f'mistake, not mended yet), not "{row["word"][:40]}"'
        )
    return ""


def _place(row: Mapping[str, str]) -> KnownPlace:
    word = Word(row["word"]) if "word" in row else None
    return KnownPlace(row["fingerprint"], row["lesson"], row["path"], word)


def _problems(wrong: Mapping[int, str], text: str) -> list[Problem]:
    """The problems with their lines, for which alone the text is read a second time: JSON is
    YAML.
    """
    if not wrong:
        return []
    from twiceshy.lessons.positions import read_yaml  # noqa: PLC0415 - only for what is wrong

    document = read_yaml(text, BASELINE)
    problems: list[Problem] = []
    for number, message in list(wrong.items())[:MOST_PROBLEMS]:
        at = document.line(("known", number, "word"))
        problems.append(Problem(BASELINE, at, message))
    return problems
