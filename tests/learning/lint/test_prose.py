"""Honest writing: what lint says of a lesson that accuses, promises nothing, or tells no story."""

import pytest

from twiceshy.learning.lint.prose import honesty, vague_words
from twiceshy.lessons.lesson_reader import read_lesson

HEAD = """---
id: INC-1
title: A slow partner took checkout down
date: 2026-05-14
severity: {severity}
mode: observe
conditions:
  - {{kind: technical, text: "requests waits forever unless told otherwise"}}
  - {{kind: detection, text: "alerts watch error rate, not latency"}}
actions:
  - {{what: "{what}", owner: "@maria", due: {due}, done_when: "{when}", verify: "Maria shows it"}}
---
"""
BODY = """The partner answered in minutes and every worker waited.

## Response
An alert on latency detects it; a limit contains it; a switch restores the rest.

## What went well
Maria and Tom had the graph within a minute.

```python bad
def charge(order):
    return requests.post(PARTNER, json=order.dict())
```
"""


def advice(
    body: str = BODY,
    *,
    severity: str = "high",
    what: str = "Alert on p99",
    due: str = "2026-05-20",
    when: str = "it fired in staging",
) -> list[str]:
    text = HEAD.format(severity=severity, what=what, due=due, when=when) + body
    lesson = read_lesson(text, "lessons/INC-1.md").lesson
    assert lesson is not None
    return [str(advice).removeprefix("lessons/INC-1.md") for advice in honesty(lesson, text)]


def test_an_honest_lesson_needs_no_advice_and_people_may_be_named() -> None:
    assert advice() == []


@pytest.mark.parametrize(
    "said", ["should have known", "should\nhave known", "Human error", "was careless"]
)
def test_blame_is_found_where_it_stands(said: str) -> None:
    (message,) = advice(f"Tom {said} better.\n\n{BODY}")
    assert message.startswith(":13: style:")
    assert "judges a person and explains nothing: say what they saw and knew" in message


def test_code_and_comments_may_say_what_they_like() -> None:
    assert advice(BODY + "<!-- human error -->\n```text\nhuman error\n```\n") == []


def test_a_vague_action_is_told_what_a_good_one_looks_like() -> None:
    assert advice(what="Improve monitoring", when="") == [
        ':11: style: "Improve ..." ends nowhere: say what will be different and how one sees it, as in '
        '"alert when p99 of outgoing calls is over 2 s", done_when: "it fired in staging"',
        ":11: hint: an action without done_when is a wish: add done_when",
    ]
    assert advice(what="Improve monitoring") == []  # somebody said when it is done


def test_an_action_due_in_a_month_is_a_project() -> None:
    assert advice(due="2026-06-14") == [
        ":11: hint: due 31 days after: over two weeks it is a project. Take the first step as the action, and plan the "
        "rest as one"
    ]


def test_a_log_is_no_story() -> None:
    log = "".join(f"14:0{minute} something happened\n" for minute in range(5))
    assert advice(f"{log}\n{BODY}") == [
        ":13: style: a log, not a story: say what people believed at each turn and why it made sense; keep the "
        "timestamps in the post-mortem"
    ]


def test_questions_that_stand_unanswered_are_named_on_one_line() -> None:
    asked = "\n## Surprise\n\nWhat did we believe that turned out to be wrong?\n"
    assert advice(f"{BODY}{asked}\n## What went well\n\nWhat should stay as it is?\n") == [
        ":28: warning: not answered yet: Surprise, What went well (2 of 6). A question is no answer: "
        "write it, or take its heading away"
    ]


def test_a_date_nobody_said_is_asked_for() -> None:
    head = HEAD.replace(
        "2026-05-14", "2026-05-14  # not said; the day of this draft: when did it happen?"
    )
    text = (
        head.format(severity="high", what="Alert on p99", due="2026-05-20", when="it fired") + BODY
    )
    lesson = read_lesson(text, "lessons/INC-1.md").lesson
    assert lesson is not None
    assert [str(piece) for piece in honesty(lesson, text)] == [
        'lessons/INC-1.md:4: warning: the date is nobody\'s word: "when did it happen?" Set it, and '
        "take the comment away"
    ]


@pytest.mark.parametrize(
    "what",
    [
        "Assess if the limit is right",
        "Reflect on the process",
        "Bring down alert noise even more",
        "Investigate whether the pool leaks",
        "Be more careful with migrations",
        "Improve monitoring",
        "We should look into quotas",
        "- Ensure backups work",
        "Enhance the dashboards",
        "Document the steps where possible",
    ],
)
def test_an_action_that_changes_nothing_is_found(what: str) -> None:
    assert vague_words(what)


@pytest.mark.parametrize(
    "what",
    [
        "Alert when p99 of outgoing calls is over 2 s",
        "Reduce the timeout to 3 s",
        "Increase `max_connections` of the pool",
        "Add a canary stage to the rollout",
        "Improve the p99 of checkout under 300 ms",
        "Lower replica_lag_limit",
        "Ask before a plan deletes a zone",
        "Remove the old cron job",
        "Tryout environments get a quota",
    ],
)
def test_an_action_that_says_what_will_be_different_is_not(what: str) -> None:
    assert not vague_words(what)


def test_a_timeline_that_was_kept_is_no_log_told_as_a_story() -> None:
    log = "".join(f"14:0{minute} something happened\n" for minute in range(5))
    assert advice(f"{BODY}\n## Also in the post-mortem\n\n### Timeline\n\n{log}") == []


def test_one_cause_is_never_all_of_it() -> None:
    (message,) = advice(f"The root cause was a timeout.\n\n{BODY}")
    assert message.endswith(
        '"The root cause was": one chain is a story, not an explanation. What else had to be true?'
    )


def test_what_is_not_there_is_asked_for_by_severity() -> None:
    bare = "The partner answered in minutes.\n"
    assert advice(bare, severity="low") == []
    assert [line.split(": ", 2)[2][:40] for line in advice(bare)] == [
        "nothing about detection and containment ",
        "nothing that went well: what helped, and",
        "no evidence: show the code that failed a",
    ]
