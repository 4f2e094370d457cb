"""Post-mortems written elsewhere, in the shapes of well-known templates, as drafts of lessons: no
text is lost.
"""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Repo
from learning.learn.templates import ATLASSIAN, GITLAB, PAGERDUTY, PLAIN, SRE
from twiceshy.cli.main import run
from twiceshy.learning.learn.draft import retell
from twiceshy.learning.learn.postmortem import NotReadable, read_postmortem
from twiceshy.lessons.lesson import Condition, Severity
from twiceshy.lessons.lesson_reader import read_lesson

TODAY = date(2026, 11, 21)


def said(text: str) -> list[str]:
    """Every word of a text, without the marks of Markdown."""
    return re.findall(r"[\w@+]+", text)


@pytest.mark.parametrize("text", [SRE, PAGERDUTY, ATLASSIAN, GITLAB, PLAIN])
def test_no_text_is_lost_and_the_draft_can_be_read(text: str) -> None:
    made = retell(read_postmortem(text), "INC-1", TODAY)
    kept = said(made)
    missing = [word for word in set(said(text)) if kept.count(word) < said(text).count(word)]
    assert missing == []
    read = read_lesson(made, "lessons/INC-1.md")
    assert read.problems == ()
    assert read.lesson is not None
    assert retell(read_postmortem(text), "INC-1", TODAY) == made


def test_googles_shape() -> None:
    found = read_postmortem(SRE)
    assert (found.title, found.day) == (
        "Shakespeare Sonnet++ Postmortem (incident #465)",
        date(2015, 10, 21),
    )
    assert found.parts["story"].startswith("Shakespeare Search down for 66 minutes")
    assert found.mitigation == "Directed traffic to sacrificial cluster."
    assert found.conditions == (
        Condition("technical", "File descriptors leaked"),
        Condition("detection", "The alert fired late"),
    )
    [first, second] = found.actions
    assert (first.what, first.owner, first.due) == ("Update playbook", "@jennifer", None)
    assert (second.owner, second.due) == ("@martym", date(2015, 11, 2))
    assert "### Where we got lucky\n\n- A mailing list had a copy" in found.parts["Surprise"]
    assert found.parts["What went well"] == "- Monitoring quickly alerted us"
    assert found.parts["Response"].startswith("### Resolution\n\nDirected traffic")
    assert "### Timeline" in found.parts["rest"]
    assert "**Authors:** jennifer, martym" in found.parts["rest"]


def test_pagerdutys_shape() -> None:
    found = read_postmortem(PAGERDUTY)
    assert (found.severity, found.day) == (Severity.CRITICAL, date(2026, 3, 4))
    assert found.parts["story"].startswith("We ran out of connections.")
    assert found.parts["What went well"] == "### What Went Well?\n\n- The pager worked"
    assert "### What Didn't Go So Well?" in found.parts["Surprise"]
    assert [each.kind for each in found.conditions] == ["technical", "knowledge", "process"]


def test_atlassians_shape() -> None:
    found = read_postmortem(ATLASSIAN)
    assert found.parts["story"].startswith("Between 14:30 and 15:00")
    assert "### Leadup" in found.parts["story"]
    assert "### Five whys" in found.parts["Conditions"]
    assert "### Backlog check" in found.parts["Systemic"]
    assert [each.what for each in found.actions] == [
        "Give every call a timeout",
        "Alert on latency",
    ]


def test_gitlabs_shape() -> None:
    found = read_postmortem(GITLAB)
    assert (found.severity, found.owner, found.day) == (Severity.HIGH, "@maria", date(2026, 2, 1))
    assert "### What was difficult?" in found.parts["Surprise"]
    assert "| Metric | Value |" in found.parts["rest"]


def test_a_plain_text_is_the_story() -> None:
    found = read_postmortem(PLAIN)
    assert found.title == "The night the disk was full"
    assert found.parts["story"].startswith("The night the disk was full")
    assert (found.day, found.severity, found.actions) == (date(2026, 1, 3), None, ())


def test_code_is_not_taken_for_headings() -> None:
    text = "# A\n\n## Root cause\n\n```sh\n# Summary\nrm -rf x\n```\n\n~~~\n## Impact\n~~~\n"
    assert read_postmortem(text).parts == {
        "Conditions": "### Root cause\n\n```sh\n# Summary\nrm -rf x\n```\n\n~~~\n## Impact\n~~~"
    }


@given(st.text(alphabet="# ab*_:-=|`~\n@1.", max_size=300))
@settings(max_examples=300, deadline=None)
def test_no_text_raises_or_loses_words(text: str) -> None:
    try:
        found = read_postmortem(text)
    except NotReadable:
        return
    kept = said(" ".join([found.title, *found.parts.values()]))
    for word in set(said(text)):
        assert kept.count(word) >= said(text).count(word)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    made = Repo(tmp_path / "shop")
    bad = "import requests\n\n\ndef charge(order):\n    return requests.post(PARTNER, json=order)\n"
    made.commit({"pay.py": bad})
    made.commit({"pay.py": bad.replace("order)\n", "order, timeout=3)\n")}, "Give it a timeout")
    monkeypatch.chdir(made.root)
    monkeypatch.delenv("EDITOR", raising=False)
    (made.root / "pm.md").write_text(PAGERDUTY)
    return made


def test_a_fix_and_a_post_mortem_become_one_draft(
    shop: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["learn", "HEAD", "--from", "pm.md"]) == 0
    lesson = read_lesson((shop.root / "lessons/INC-1.md").read_text(), "lessons/INC-1.md").lesson
    assert lesson is not None
    assert (lesson.title, lesson.severity, len(lesson.evidence)) == (
        "Connections ran out",
        Severity.CRITICAL,
        2,
    )
    assert lesson.summary == "We ran out of connections."
    assert "<!-- The fix says: Give it a timeout -->" in lesson.body
    assert run(["lint", "lessons"]) == 0


def test_a_post_mortem_alone_says_that_it_guards_nothing(
    shop: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["learn", "--from", "pm.md", "--id", "PD-1"]) == 0
    assert "It shows no code yet, so it guards nothing" in capsys.readouterr().out
    assert run(["learn", "--from", "pm.md", "--id", "PD-1"]) == 2
    assert "lessons/PD-1.md exists and is never written over" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "words", "told"),
    [
        (
            b"\xff\xfe\x00",
            ("--from", "pm.md"),
            "pm.md is not UTF-8 text: export the post-mortem as Markdown first",
        ),
        (b"a\0b", ("--from", "pm.md"), "pm.md: it is not text: export it as Markdown first"),
        (b" \n", ("--from", "pm.md"), "pm.md: it is empty"),
        (b"x" * 300_001, ("--from", "pm.md"), "pm.md: over 300,000 characters"),
        (b"x", ("--from", "none.md"), "none.md cannot be read: No such file or directory"),
        (b"x", (), "name the commit that fixed it, or a post-mortem with --from FILE, or both"),
        (b"x", ("--add-to", "INC-1"), "name the commit that fixed the recurrence"),
        (
            b"x",
            ("HEAD", "--from", "pm.md", "--add-to", "INC-1"),
            "--id and --from are for a new lesson",
        ),
    ],
)
def test_what_cannot_be_read_says_what_to_give_instead(
    shop: Repo,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    words: tuple[str, ...],
    told: str,
) -> None:
    (shop.root / "pm.md").write_bytes(content)
    assert run(["learn", *words]) == 2
    assert told in capsys.readouterr().err
    assert not (shop.root / "lessons").exists()
