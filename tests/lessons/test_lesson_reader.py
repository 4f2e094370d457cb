from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import LESSON
from twiceshy.lessons.lesson import (
    ActionItem,
    Companion,
    Condition,
    Evidence,
    Expiry,
    Mode,
    NoCheck,
    Scar,
    Severity,
    Side,
)
from twiceshy.lessons.lesson_reader import blocks, read_lesson, summary
from twiceshy.lessons.lesson_writer import new_lesson

FULL = """---
id: INC-245
title: A slow partner took checkout down
date: 2026-05-14
severity: high               # low | medium | high | critical
mode: comment                # draft | observe | comment | block | retired
owner: "@acme/payments"
services: [checkout]
tags: [timeouts]
postmortem: https://wiki.acme.example/INC-245    # optional
fix: 4f1c2aa
applies_to: ["services/**/*.py"]
scars: ["services/pay/client.py:charge"]
companions:
  - {when: "services/*/settings.py", require: "deploy/*/values.yaml", because: "the chart pins its own copy"}
no_check: null
mitigation: Give every outgoing call a timeout, and a budget for the whole request.
conditions:
  - {kind: technical, text: "requests waits forever unless told otherwise"}
  - {kind: detection, text: "alerts watch error rate, not latency"}
actions:
  - what: Alert on p99 latency of outgoing calls over 2 s
    done_when: the alert fires in staging when a partner is slowed by hand
    owner: "@maria"
    due: 2026-05-28
    verify: Maria shows it firing at the team sync
    done: 2026-05-25
---
What happened, told as a **story** with a [link](https://example.org). More.

## Surprise

```python bad path=services/pay/client.py
def charge(order):
    return requests.post(PARTNER, json=order.dict())
```

````markdown
```python bad
not evidence: it stands in a longer fence
```
````

```python good
def charge(order):
    return requests.post(PARTNER, json=order.dict(), timeout=(3.05, 10))
```
"""


def problems(text: str) -> list[str]:
    read = read_lesson(text, "lessons/INC.md")
    assert read.lesson is None
    return [str(problem) for problem in read.problems]


def test_a_whole_lesson_is_read_with_exact_lines() -> None:
    read = read_lesson(FULL, "lessons/INC-245.md")
    assert read.problems == ()
    lesson = read.lesson
    assert lesson is not None
    assert (lesson.id, lesson.date, lesson.severity, lesson.mode) == (
        "INC-245",
        date(2026, 5, 14),
        Severity.HIGH,
        Mode.COMMENT,
    )
    assert lesson.summary == "What happened, told as a story with a link."
    assert (lesson.owner, lesson.services, lesson.tags, lesson.fix) == (
        "@acme/payments",
        ("checkout",),
        ("timeouts",),
        "4f1c2aa",
    )
    assert lesson.scars == (Scar("services/pay/client.py", "charge"),)
    assert lesson.companions == (
        Companion("services/*/settings.py", "deploy/*/values.yaml", "the chart pins its own copy"),
    )
    assert lesson.conditions[1] == Condition("detection", "alerts watch error rate, not latency")
    assert lesson.actions == (
        ActionItem(
            "Alert on p99 latency of outgoing calls over 2 s",
            "the alert fires in staging when a partner is slowed by hand",
            "@maria",
            date(2026, 5, 28),
            "Maria shows it firing at the team sync",
            date(2026, 5, 25),
        ),
    )
    bad, good = lesson.evidence
    assert bad == Evidence(
        Side.BAD,
        "python",
        "def charge(order):\n    return requests.post(PARTNER, json=order.dict())\n",
        0,
        34,
        "services/pay/client.py",
    )
    assert (good.side, good.pair, good.line) == (Side.GOOD, 0, 45)
    assert FULL.split("\n")[bad.line - 1] == "def charge(order):"
    assert FULL.split("\n")[good.line - 1] == "def charge(order):"


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    assert read_lesson("\ufeff" + FULL.replace("\n", "\r\n"), "a.md") == read_lesson(FULL, "a.md")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "severity: high",
            "severty: high",
            [
                (
                    "lessons/INC.md:2: `severity`: missing; every lesson needs id, title, "
                    "date, severity and mode"
                ),
                "lessons/INC.md:5: `severty`: unknown key; did you mean `severity`?",
            ],
        ),
        (
            "date: 2026-05-14",
            "date: 14 May",
            ["lessons/INC.md:4: `date`: '14 May' is not a date; write it as 2026-05-14"],
        ),
        (
            "date: 2026-05-14",
            "date: 2026-02-31",
            ["lessons/INC.md:4: `date`: '2026-02-31' is not a date; write it as 2026-05-14"],
        ),
        (
            "mode: block",
            "mode: loud",
            [
                (
                    "lessons/INC.md:6: `mode`: 'loud' is not known; write one of draft, "
                    "observe, comment, block or retired"
                )
            ],
        ),
        (
            "mode: block",
            "mode: block\nmode: comment",
            ["lessons/INC.md:7: `mode` stands here and in line 6: keep one of them"],
        ),
        (
            "mode: block",
            "mode: block\ntags: [a, b",
            [
                (
                    "lessons/INC.md:8: not valid YAML: while parsing a flow sequence did not "
                    "find expected ',' or ']'"
                )
            ],
        ),
        (
            "title: A slow",
            "title: A: slow",
            [
                "lessons/INC.md:3: not valid YAML: mapping values are not allowed in "
                "this context; put a text that holds a "
                "colon into quotes"
            ],
        ),
        (
            "because:",
            "becuase:",
            ["lessons/INC.md:10: `companions.0.becuase`: unknown key; did you mean `because`?"],
        ),
        (
            "mode: block",
            "mode: block\nno_check: bad luck",
            [
                "lessons/INC.md:7: `no_check`: write `REASON: a sentence`, where REASON "
                "is one of no_code_cause, "
                "third_party, capacity, human_process, needs_runtime, too_rare",
                "lessons/INC.md:7: `no_check.because`: String should have at least 1 character",
            ],
        ),
        (
            "```python bad",
            "```bad",
            [
                "lessons/INC.md:14: evidence needs its language before `bad`, like ```python bad",
                (
                    "lessons/INC.md:21: a `good` block without a `bad` one before it: put "
                    "the bad first"
                ),
            ],
        ),
        (
            "```python bad",
            "```pythn bad",
            [
                "lessons/INC.md:14: unknown language `pythn` of evidence; did you mean `python`?",
                (
                    "lessons/INC.md:21: a `good` block without a `bad` one before it: put "
                    "the bad first"
                ),
            ],
        ),
        (
            "---\nid",
            "id",
            [
                "lessons/INC.md:1: no front matter: start the file with `---`, the keys "
                "id, title, date, severity, mode, "
                "and `---`"
            ],
        ),
    ],
)
def test_every_mistake_is_named_with_its_line_and_the_mend(
    old: str, new: str, expected: list[str]
) -> None:
    assert sorted(problems(LESSON.replace(old, new, 1))) == sorted(expected)


def test_a_lesson_that_cannot_be_a_check_says_why_in_one_text() -> None:
    text = LESSON.replace(
        "mode: block", 'mode: block\nno_check: "third_party: it was their outage"'
    )
    lesson = read_lesson(text, "a.md").lesson
    assert lesson is not None
    assert lesson.no_check == NoCheck("third_party", "it was their outage")


def test_aliases_cannot_stand_for_billions_of_values() -> None:
    laughs = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))
    (problem,) = problems(f"---\na0: &a0 [x, x]\n{laughs}\n---\n")
    assert "over 100,000 values or 40 levels, aliases counted" in problem


def test_an_unclosed_block_reaches_to_the_end() -> None:
    assert [(block.info, block.code) for block in blocks("~~~py bad\nx\ny")] == [
        ("py bad", "x\ny\n")
    ]


def test_the_summary_is_the_storys_first_sentence_or_nothing() -> None:
    assert summary("\nIt broke. Then more.\n") == "It broke."
    assert summary("## Surprise\nNo story.") == ""
    assert len(summary("word " * 100)) == 200


@given(st.text(max_size=400))
def test_no_text_raises(text: str) -> None:
    read_lesson(text, "a.md")
    read_lesson(f"---\n{text}\n---\n{text}", "a.md")


@pytest.mark.parametrize(
    ("written", "expires"),
    [
        ("2027-01-31", Expiry(day=date(2027, 1, 31))),
        ('"go.mod: go >= 1.22"', Expiry(when="go.mod: go >= 1.22")),
        (
            '{when: "go.mod: go >= 1.22", because: loops}',
            Expiry(when="go.mod: go >= 1.22", because="loops"),
        ),
        ("{when: 2027-01-31, because: loops}", Expiry(day=date(2027, 1, 31), because="loops")),
    ],
)
def test_a_lesson_may_end(written: str, expires: Expiry) -> None:
    text = LESSON.replace("mode: block", f"mode: block\nexpires: {written}")
    lesson = read_lesson(text, "lessons/INC.md").lesson
    assert lesson is not None
    assert lesson.expires == expires
    again = read_lesson(new_lesson(lesson), "lessons/INC.md").lesson
    assert again == lesson


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (
            "soon",
            "`expires.when`: 'soon' is no condition; write `FILE: NAME >= VERSION`, `FILE: NAME > "
            "VERSION` or `FILE: NAME absent`, or a date as 2027-01-31",
        ),
        ("{when: 5}", "`expires.when`: 5 is neither a date nor a condition"),
        ("{because: loops}", "`expires.when`: missing"),
        ("{wen: 2027-01-31}", "`expires.wen`: unknown key; did you mean `when`?"),
    ],
)
def test_an_end_that_nobody_can_tell_says_what_to_write(written: str, problem: str) -> None:
    text = LESSON.replace("mode: block", f"mode: block\nexpires: {written}")
    problems = read_lesson(text, "lessons/INC.md").problems
    assert any(problem in str(row) for row in problems), problems
