"""Writing touches what it was asked to touch, and not one byte more."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twiceshy.lessons.lesson import Evidence, Lesson, Mode, NoCheck, Severity, Side
from twiceshy.lessons.lesson_reader import read_lesson
from twiceshy.lessons.lesson_writer import (
    CannotWriteError,
    Value,
    add_evidence,
    new_lesson,
    set_key,
)
from twiceshy.lessons.positions import read_yaml

FULL = """\
---
id: INC-245
title: A slow partner took checkout down
date: 2026-05-14
severity: high               # low | medium | high | critical
mode: comment                # draft | observe | comment | block | retired
owner: "@acme/payments"
services: [checkout]
tags: [timeouts]
postmortem: https://wiki.acme.example/INC-245    # optional; without it the lesson file is the post-mortem
fix: 4f1c2aa                                     # commit or pull request that fixed it
applies_to: ["services/**/*.py"]                 # optional; default: every file of the evidence's language
scars: ["services/pay/client.py:charge"]
companions:                                      # optional; a pattern here is a plain regular expression on added lines
  - {when: "services/*/settings.py", require: "deploy/*/values.yaml", because: "the chart pins its own copy"}
no_check: null                                   # or why this lesson cannot be a check
mitigation: Give every outgoing call a timeout, and a budget for the whole request.
conditions:                                      # plural on purpose: one causal chain is a story, not an explanation
  - {kind: technical, text: "requests waits forever unless told otherwise"}
  - {kind: process,   text: "staging never sees a slow partner"}
  - {kind: knowledge, text: "the on-call did not know the pool had 8 workers"}
  - {kind: detection, text: "alerts watch error rate, not latency"}
actions:
  - what: Alert on p99 latency of outgoing calls over 2 s
    done_when: the alert fires in staging when a partner is slowed by hand
    owner: "@maria"
    due: 2026-05-28                              # within two weeks, or it is a project, not an action
    verify: Maria shows it firing at the team sync
    done: 2026-05-25
---
What happened, told as a story …

## Surprise      (what did we believe that turned out to be wrong?)

```python bad path=services/pay/client.py
def charge(order):
    return requests.post(PARTNER, json=order.dict())
```

```python good
def charge(order):
    return requests.post(PARTNER, json=order.dict(), timeout=(3.05, 10))
```
"""
KEYS = (
    "id",
    "title",
    "severity",
    "mode",
    "owner",
    "services",
    "scars",
    "companions",
    "no_check",
    "mitigation",
    "actions",
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def front(text: str) -> dict[str, object]:
    document = read_yaml(text.replace("\r\n", "\n").split("---\n", 2)[1], "s")
    assert document.problems == ()
    return dict(document.value)


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that differ between the common start and the common end."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return old, new


@pytest.mark.parametrize(
    ("key", "value", "old", "new"),
    [
        (
            "mode",
            "block",
            ["mode: comment                # draft | observe | comment | block | retired\n"],
            ["mode: block                # draft | observe | comment | block | retired\n"],
        ),
        ("owner", "@b", ['owner: "@acme/payments"\n'], ['owner: "@b"\n']),
        ("tags", ["a", "b: c"], ["tags: [timeouts]\n"], ['tags: [a, "b: c"]\n']),
        ("date", date(2026, 1, 2), ["date: 2026-05-14\n"], ["date: 2026-01-02\n"]),
    ],
)
def test_a_key_is_set_where_it_stands_and_its_comment_stays(
    key: str, value: Value, old: list[str], new: list[str]
) -> None:
    assert changed(FULL, set_key(FULL, key, value)) == (old, new)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\n", "a: 1\nk: v\n"),
        ("a: 1\n# last word\n", "a: 1\n# last word\nk: v\n"),
        ("", "k: v\n"),
        ("  a: 1\n", "  a: 1\n  k: v\n"),
        ("{a: 1}\n", "{a: 1, k: v}\n"),
        ("k:\na: 1\n", "k: v\na: 1\n"),
        ("k:\n- a\n- b\n# about a\na: 1\n", "k: v\n# about a\na: 1\n"),
        ("k: # why\n- a\n- b\na: 1\n", "k: # why\n  v\na: 1\n"),
        ("k: |\n  text\n\n  more\n\n# about a\na: 1\n", "k: v\n\n# about a\na: 1\n"),
        ("k:   'x'   # why\n", "k:   v   # why\n"),
        ('{"k":"x","a":1}\n', '{"k": v,"a":1}\n'),
    ],
)
def test_every_way_to_write_a_value_is_replaced_whole(before: str, after: str) -> None:
    assert set_key(f"---\n{before}---\nbody\n", "k", "v") == f"---\n{after}---\nbody\n"


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from([*KEYS, "new_key"]),
    st.one_of(
        TEXTS,
        st.lists(TEXTS, max_size=3),
        st.none(),
        st.dates(),
        st.dictionaries(TEXTS, TEXTS, max_size=2),
    ),
    st.booleans(),
)
def test_what_was_set_is_read_back_and_every_other_line_is_the_same(
    key: str, value: Value, windows: bool
) -> None:
    before = FULL.replace("\n", "\r\n") if windows else FULL
    after = set_key(before, key, value)
    assert front(after) == {**front(before), key: value}
    old, new = changed(before, after)
    assert all(line in before.splitlines(keepends=True) for line in old)
    assert len(new) <= 1 + (key == "companions")
    assert after.count("\r\n") == after.count("\n") * windows


@pytest.mark.parametrize(
    "text",
    [
        "no front matter",
        "---\na: [\n---\n",
        "---\na: 1\na: 2\n---\n",
        "---\n- a\n---\n",
        "---\na: *b\n---\n",
    ],
)
def test_front_matter_that_cannot_be_read_is_not_written(text: str) -> None:
    with pytest.raises(CannotWriteError):
        set_key(text, "k", "v")


def test_evidence_is_added_at_the_end_with_a_fence_longer_than_any_inside() -> None:
    text = add_evidence(FULL, "````md\nx", "", "python", "a/b.py")
    assert text == FULL + "\n`````python bad path=a/b.py\n````md\nx\n`````\n\n```python good\n```\n"
    read = read_lesson(text, "s")
    assert read.lesson is not None
    assert read.lesson.evidence[2:] == (
        Evidence(Side.BAD, "python", "````md\nx\n", 1, 46, "a/b.py"),
        Evidence(Side.GOOD, "python", "", 1, 51),
    )


@pytest.mark.parametrize(("text", "path"), [(FULL, "a b.py"), (FULL + "```go bad\n", "a.py")])
def test_evidence_that_could_not_be_read_back_is_not_added(text: str, path: str) -> None:
    with pytest.raises(CannotWriteError):
        add_evidence(text, "x", "y", "python", path)


@settings(deadline=None, max_examples=60)
@given(TEXTS.filter(lambda text: "\r" not in text), TEXTS.filter(lambda text: "\r" not in text))
def test_any_code_comes_back_as_it_was_given(bad: str, good: str) -> None:
    read = read_lesson(add_evidence(FULL, bad, good, "go"), "s")
    assert read.lesson is not None
    codes = [block.code for block in read.lesson.evidence[2:]]
    assert codes == [
        code + "\n" if code and not code.endswith("\n") else code for code in (bad, good)
    ]


def test_a_lesson_with_a_body_is_written_and_read_back_the_same() -> None:
    lesson = read_lesson(FULL, "a.md").lesson
    assert lesson is not None
    again = read_lesson(new_lesson(lesson), "a.md").lesson
    assert again is not None
    moved = tuple(block.line for block in again.evidence)
    assert again.evidence != () and moved != ()
    assert set_evidence(again, ()) == set_evidence(lesson, ())
    assert [block.code for block in again.evidence] == [block.code for block in lesson.evidence]


def set_evidence(lesson: Lesson, evidence: tuple[Evidence, ...]) -> dict[str, object]:
    return {name: getattr(lesson, name) for name in Lesson.__slots__ if name != "evidence"} | {
        "evidence": evidence
    }


def test_a_new_lesson_holds_the_questions_and_its_evidence() -> None:
    lesson = Lesson(
        "N-1",
        "It: broke",
        date(2026, 1, 2),
        Severity.LOW,
        Mode.OBSERVE,
        "lessons/N-1.md",
        no_check=NoCheck("too_rare", "once in ten years"),
        evidence=(Evidence(Side.BAD, "go", "x\n", 0, 0, "a.go"),),
    )
    assert new_lesson(lesson) == (
        '---\nid: N-1\ntitle: "It: broke"\ndate: 2026-01-02\nseverity: low\nmode: observe\n'
        'no_check: "too_rare: once in ten years"\n---\nWhat happened, told as a story …\n\n'
        "## Surprise\n\nWhat did we believe that turned out to be wrong?\n\n"
        "## Conditions\n\nWhat made it possible?\n\n"
        "## Response\n\nWhat would have let us detect sooner, contain faster, resolve "
        "with more confidence?\n\n"
        "## Systemic\n\nIs it possible elsewhere? What else looked like this?\n\n"
        "## What went well\n\nWhat should stay as it is?\n\n```go bad path=a.go\nx\n```\n"
    )
    assert read_lesson(new_lesson(lesson), "s").problems == ()
