"""What a draft asks is nobody's story."""

import pytest

from making import lesson
from twiceshy.lessons.lesson_reader import summary
from twiceshy.lessons.lesson_writer import new_lesson
from twiceshy.lessons.questions import ASK_STORY, QUESTIONS, paragraphs, prose
from twiceshy.lessons.search import search

DRAFT = new_lesson(lesson()).split("---\n")[2]
FENCED = "```python bad\n# <!-- not ours -->\n\ncharge(order)\n```"
ANSWERED = f"""{ASK_STORY}

<!-- The fix says: Give it a timeout
over two lines -->

## Surprise

What did we believe
that turned out to be wrong? We thought that the *pool* was endless.

## Conditions

What made it possible?

{FENCED}

## What else

Nobody was told.
"""


def test_a_draft_that_nobody_wrote_on_says_nothing() -> None:
    assert [title for title, _ in QUESTIONS] == [row.lstrip("# ") for row in paragraphs(DRAFT)]
    assert prose(DRAFT) == ""
    assert summary(DRAFT) == ""


def test_what_people_wrote_is_kept_and_what_they_were_asked_is_not() -> None:
    assert list(paragraphs(ANSWERED)) == [
        "## Surprise",
        "We thought that the *pool* was endless.",
        "## Conditions",
        FENCED,
        "## What else",
        "Nobody was told.",
    ]
    assert prose(ANSWERED) == (
        "We thought that the *pool* was endless.\n\n## What else\n\nNobody was told."
    )


@pytest.mark.parametrize(
    ("body", "first"),
    [
        (f"{ASK_STORY}\n\n<!-- It mentions: #12 -->\n\nIt was *slow*. Very.\n", "It was slow."),
        (f"{ASK_STORY} It was slow.\n", "It was slow."),
        (f"{ASK_STORY}\n\n## Surprise\n\nIt was slow.\n", ""),
        (f"{ASK_STORY}\n\n{FENCED}\n", ""),
        ("<!-- never closed", ""),
    ],
)
def test_the_story_begins_where_a_person_began_it(body: str, first: str) -> None:
    assert summary(body) == first


def test_a_lesson_is_not_found_by_what_its_draft_asked() -> None:
    draft = lesson(body=ANSWERED)
    assert not search("believe elsewhere possible mentions timeout", [draft])
    assert search("endless pool", [draft])
    assert search("charge(order)", [draft])


def test_a_fence_that_is_never_closed_goes_to_the_end() -> None:
    body = f"It was slow.\n\n````python\n```\n\n{ASK_STORY}\n"
    assert list(paragraphs(body)) == ["It was slow.", f"````python\n```\n\n{ASK_STORY}\n"]


def test_hostile_text_takes_no_time() -> None:
    for text in ("```\n" * 100_000, "<!--" * 100_000, "~~~x\n" * 100_000, "`" * 500_000):
        assert list(paragraphs(text)) is not None
