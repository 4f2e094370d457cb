"""What people said of places: read with file and line, bounded, written in one order."""

import json

import pytest

from twiceshy.guards import baseline as module
from twiceshy.guards.baseline import (
    Baseline,
    KnownPlace,
    Word,
    read_baseline,
    renewed,
    write_baseline,
)

ONE = KnownPlace("f1", "INC-1", "a.py", Word.NORMAL)
TWO = KnownPlace("f2", "INC-1", "b.py", Word.UNMENDED)
BARE = KnownPlace("f3", "INC-2", "a.py")


def test_what_is_written_is_read_again() -> None:
    text = write_baseline([TWO, BARE, ONE])
    assert read_baseline(text) == Baseline((ONE, BARE, TWO))
    assert write_baseline([ONE, TWO, BARE]) == text


def test_a_lesson_s_words_are_asked_by_lesson() -> None:
    baseline = Baseline((ONE, TWO, BARE))
    assert baseline.said(Word.NORMAL, "INC-1") == ("a.py",)
    assert baseline.said(Word.UNMENDED, "INC-1") == ("b.py",)
    assert baseline.said(Word.NORMAL, "INC-2") == ()


def test_without_a_file_nobody_said_anything() -> None:
    assert read_baseline(None) == Baseline()


ROW = '{"fingerprint": "f", "lesson": "L", "path": "p"'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", ".twiceshy-baseline.json:1: is no JSON: Expecting property name"),
        ("[]", ".twiceshy-baseline.json:1: has no list `known`: "),
        ("[" * 100_000, ".twiceshy-baseline.json: is no JSON that sweep wrote: "),
        ('{"known": [\n{"lesson": "L", "path": "p"}]}', ".json:2: a place without `fingerprint`"),
        ('{"known": [\n\n7]}', ".json:3: a place is texts under fingerprint, lesson and path"),
        (f'{{"known": [\n{ROW},\n"words": "x"}}]}}', ".json:2: unknown key `words`"),
        (f'{{"known": [\n{ROW},\n"word": "ok"}}]}}', '.json:3: `word` is "normal" (this is how'),
        (f'{{"known": [\n{ROW},\n"word": null}}]}}', ".json:3: a place is texts under"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text: str, message: str) -> None:
    baseline = read_baseline(text)
    assert baseline.places == ()
    assert message in str(baseline.problems[0])


def test_a_wrong_row_does_not_silence_the_others() -> None:
    rows = json.loads(write_baseline([ONE, TWO]))
    rows["known"][0]["word"] = "fine"
    baseline = read_baseline(json.dumps(rows))
    assert baseline.places == (TWO,)
    assert len(baseline.problems) == 1


def test_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    text = write_baseline([ONE, TWO])
    monkeypatch.setattr(module, "MOST_ROWS", 1)
    assert "over 1 places" in str(read_baseline(text).problems[0])
    monkeypatch.setattr(module, "MOST_CHARACTERS", 10)
    assert "over 10 characters" in str(read_baseline(text).problems[0])


def test_an_update_keeps_words_and_what_was_not_looked_for() -> None:
    before = Baseline((ONE, TWO, BARE))
    found = KnownPlace("f2", "INC-1", "moved.py")
    assert renewed(before, [found], lambda _: True) == (
        KnownPlace("f2", "INC-1", "moved.py", Word.UNMENDED),
        ONE,
    )
    assert set(renewed(before, [], lambda place: place.lesson == "INC-1")) == {ONE, BARE}
