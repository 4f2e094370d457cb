"""Post-mortems written elsewhere, in the shapes of well-known templates, as drafts of lessons: no
text is lost.
"""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_repository import Repo
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
    draft = retell(read_postmortem(text), "INC-1", TODAY)
    words = said(draft)
    missing = [word for word in set(said(text)) if words.count(word) < said(text).count(word)]
    assert missing == []
    read = read_lesson(draft, "lessons/INC-1.md")
    assert read.problems == ()
    assert read.lesson is not None
    assert retell(read_postmortem(text), "INC-1", TODAY) == draft


def test_googles_shape() -> None:
    postmortem = read_postmortem(SRE)
    assert (postmortem.title, postmortem.day) == (
        "Shakespeare Sonnet++ Postmortem (incident #465)",
        date(2015, 10, 21),
    )
    assert postmortem.parts["story"].startswith("Shakespeare Search down for 66 minutes")
    assert postmortem.mitigation == "Directed traffic to sacrificial cluster."
    assert postmortem.conditions == (
        Condition("technical", "File descriptors leaked"),
        Condition("detection", "The alert fired late"),
    )
    [first, second] = postmortem.actions
    assert (first.what, first.owner, first.due) == ("Update playbook", "@jennifer", None)
    assert (second.owner, second.due) == ("@martym", date(2015, 11, 2))
    assert "### Where we got lucky\n\n- A mailing list had a copy" in postmortem.parts["Surprise"]
    assert postmortem.parts["What went well"] == "- Monitoring quickly alerted us"
    assert postmortem.parts["Response"].startswith("### Resolution\n\nDirected traffic")
    assert "### Timeline" in postmortem.parts["rest"]
    assert "**Authors:** jennifer, martym" in postmortem.parts["rest"]


def test_pagerdutys_shape() -> None:
    postmortem = read_postmortem(PAGERDUTY)
    assert (postmortem.severity, postmortem.day) == (Severity.CRITICAL, date(2026, 3, 4))
    assert postmortem.parts["story"].startswith("We ran out of connections.")
    assert postmortem.parts["What went well"] == "### What Went Well?\n\n- The pager worked"
    assert "### What Didn't Go So Well?" in postmortem.parts["Surprise"]
    assert [condition.kind for condition in postmortem.conditions] == [
        "technical",
        "knowledge",
        "process",
    ]


def test_atlassians_shape() -> None:
    postmortem = read_postmortem(ATLASSIAN)
    assert postmortem.parts["story"].startswith("Between 14:30 and 15:00")
    assert "### Leadup" in postmortem.parts["story"]
    assert "### Five whys" in postmortem.parts["Conditions"]
    assert "### Backlog check" in postmortem.parts["Systemic"]
    assert [action.what for action in postmortem.actions] == [
        "Give every call a timeout",
        "Alert on latency",
    ]


def test_gitlabs_shape() -> None:
    postmortem = read_postmortem(GITLAB)
    assert (postmortem.severity, postmortem.owner, postmortem.day) == (
        Severity.HIGH,
        "@maria",
        date(2026, 2, 1),
    )
    assert "### What was difficult?" in postmortem.parts["Surprise"]
    assert "| Metric | Value |" in postmortem.parts["rest"]


def test_a_plain_text_is_the_story() -> None:
    postmortem = read_postmortem(PLAIN)
    assert postmortem.title == "The night the disk was full"
    assert postmortem.parts["story"].startswith("The night the disk was full")
    assert (postmortem.day, postmortem.severity, postmortem.actions) == (date(2026, 1, 3), None, ())


def test_code_is_not_taken_for_headings() -> None:
    text = "# A\n\n## Root cause\n\n```sh\n# Summary\nrm -rf x\n```\n\n~~~\n## Impact\n~~~\n"
    assert read_postmortem(text).parts == {
        "Conditions": "### Root cause\n\n```sh\n# Summary\nrm -rf x\n```\n\n~~~\n## Impact\n~~~"
    }


@given(st.text(alphabet="# ab*_:-=|`~\n@1.", max_size=300))
@settings(max_examples=300, deadline=None)
def test_no_text_raises_or_loses_words(text: str) -> None:
    try:
        postmortem = read_postmortem(text)
    except NotReadable:
        return
    words = said(" ".join([postmortem.title, *postmortem.parts.values()]))
    for word in set(said(text)):
        assert words.count(word) >= said(text).count(word)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    repository = Repo(tmp_path / "shop")
    bad = "import requests\n\n\ndef charge(order):\n    return requests.post(PARTNER, json=order)\n"
    repository.commit({"pay.py": bad})
    repository.commit(
        {"pay.py": bad.replace("order)\n", "order, timeout=3)\n")}, "Give it a timeout"
    )
    monkeypatch.chdir(repository.root)
    monkeypatch.delenv("EDITOR", raising=False)
    (repository.root / "pm.md").write_text(PAGERDUTY)
    return repository


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
