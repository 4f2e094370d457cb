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
from learning.learn.templates import (
    ATLASSIAN,
    BULLETS,
    FRONT_MATTER,
    GITLAB,
    LABELS,
    OWNERS,
    PAGERDUTY,
    PLAIN,
    SRE,
    STATUS_PAGE,
)
from twiceshy.cli.main import run
from twiceshy.learning.learn.draft import retell
from twiceshy.learning.learn.incident_dates import DaySource, days_in
from twiceshy.learning.learn.plain_text import plain
from twiceshy.learning.learn.postmortem import NotReadable, read_postmortem
from twiceshy.lessons.lesson import ActionItem, Condition, Severity
from twiceshy.lessons.lesson_reader import read_lesson

TODAY = date(2026, 11, 21)


def said(text: str) -> list[str]:
    """Every word of a text, without the marks of Markdown."""
    return re.findall(r"[\w@+]+", text)


ALL = [SRE, PAGERDUTY, ATLASSIAN, GITLAB, PLAIN, STATUS_PAGE, LABELS, FRONT_MATTER, BULLETS, OWNERS]


@pytest.mark.parametrize("text", ALL)
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
        Condition("technical", "A latent bug."),
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


def test_a_status_page_saved_as_text() -> None:
    postmortem = read_postmortem(STATUS_PAGE)
    assert (postmortem.title, postmortem.day) == ("Acme Cloud Status", date(2019, 7, 2))
    assert postmortem.parts["story"].startswith("On Tuesday 2 July, 2019")
    assert postmortem.conditions == (
        Condition("technical", "The limit max_conn_lifetime was 0, which means forever."),
    )
    assert postmortem.mitigation == "They set max_conn_lifetime back and restarted the proxies."
    assert postmortem.actions == (ActionItem("Alert on max_conn_lifetime"),)
    assert "Jul 05, 2019 09:42" in postmortem.parts["rest"]


def test_bold_words_as_headings() -> None:
    postmortem = read_postmortem(LABELS)
    assert (postmortem.day, postmortem.severity) == (date(2024, 9, 15), None)
    assert postmortem.mitigation == "To solve it, each tenant was assigned a pool."
    assert [condition.text for condition in postmortem.conditions] == [
        "The pool was shared between tenants.",
        "The pool was shared because a test did so.",
    ]
    assert [action.what for action in postmortem.actions] == [
        "Improve the dashboard.",
        "Give __init__ a pool_size.",
    ]
    assert "- **10:35**: Root cause suspected in the network." in postmortem.parts["rest"]


def test_front_matter_is_kept_and_its_date_is_the_days_it_was_published() -> None:
    postmortem = read_postmortem(FRONT_MATTER)
    assert (postmortem.title, postmortem.day) == ("The queue froze", date(2023, 3, 4))
    assert postmortem.parts["story"] == (
        "One worker reads it.\n\n<!-- It stood under: Background -->"
    )
    assert postmortem.actions == (
        ActionItem("Bound the retries @ann", owner="@ann"),
        ActionItem("Page on age @bob", owner="@bob"),
    )
    assert FRONT_MATTER[: FRONT_MATTER.index("\n\n")] in postmortem.parts["rest"]
    without_story = FRONT_MATTER.replace("On March 4th, 2023 at 12:30 the", "The")
    published = read_postmortem(without_story)
    assert (published.day, published.day_source) == (date(2023, 3, 9), DaySource.PUBLISHED)


def test_labels_in_a_list_and_an_outage_that_ended_by_itself() -> None:
    postmortem = read_postmortem(BULLETS)
    assert (postmortem.title, postmortem.day) == ("Names were gone", date(2021, 4, 18))
    assert postmortem.mitigation == ""
    assert [action.what for action in postmortem.actions] == ["Ask before a plan deletes a zone"]
    assert "- **Time to repair**: 27m" in postmortem.parts["rest"]


def test_the_incidents_date_comes_first_and_a_table_has_owner_due_and_state() -> None:
    postmortem = read_postmortem(OWNERS)
    assert (postmortem.day, postmortem.day_source) == (date(2022, 12, 22), DaySource.INCIDENT)
    assert (postmortem.severity, postmortem.mitigation) == (Severity.HIGH, "")
    assert postmortem.conditions == (
        Condition("technical", "One queue: for bulk_mail and for all others"),
    )
    assert postmortem.actions == (
        ActionItem("Split bulk_mail off (DONE)", owner="Mail team", due=date(2023, 1, 4)),
        ActionItem("Alert on age, see runbook", owner="@carl"),
    )


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("March 4th, 2021", date(2021, 3, 4)),
        ("4 Mar 2021", date(2021, 3, 4)),
        ("2021/03/04", date(2021, 3, 4)),
        ("2012-07-30T02:33:00Z", date(2012, 7, 30)),
        ("on the 31st of January 2017", date(2017, 1, 31)),
        ("Sunday 2 June, 2019", date(2019, 6, 2)),
        ("Monday May 10th (UTC), 2021", date(2021, 5, 10)),
        ("July 30 and 31, 2012", date(2012, 7, 30)),
        ("Dec 28 – Dec 31, 2022", date(2022, 12, 28)),
        ("31-Jan-2017", date(2017, 1, 31)),
        ("1/31/2017", date(2017, 1, 31)),
        ("4/21/23-4/25/23", date(2023, 4, 21)),
        ("04.03.2021", date(2021, 3, 4)),
        ("04/05/2021", None),  # in May or in April
        ("31 February 2021", None),
        ("May 2021", None),
        ("On 17. November", None),
        ("v2021.3.4", None),
        ("ip-10-0-32-54", None),
        ("10 August 1628", None),
    ],
)
def test_days_are_read_however_they_are_spelled_and_never_guessed(
    text: str, day: date | None
) -> None:
    assert days_in(f"It failed {text}.")[:1] == ([day] if day else [])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("- **Set** `max_conn_lifetime` to _30_ s", "Set max_conn_lifetime to 30 s"),
        ("max_conn_lifetime and other_name_x", "max_conn_lifetime and other_name_x"),
        (
            "the `__init__` of __init__, *args, **kwargs",
            "the __init__ of __init__, *args, **kwargs",
        ),
        ("**Enable `foo_bar` now**: yes", "Enable foo_bar now: yes"),
        ("*very **bold** text*", "very bold text"),
        ("[Add *x*](https://a.b/c_d_e) to [y][2]", "Add x to y"),
        ("2 * 3 * 4", "2 * 3 * 4"),
    ],
)
def test_identifiers_keep_their_underscores(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_an_action_in_a_post_mortem_without_a_day_gives_it_none() -> None:
    text = "# Down\n\nIt was down.\n\n## Action Items\n\n- Add a limit, due 2026-05-01\n"
    postmortem = read_postmortem(text)
    assert (postmortem.day, postmortem.actions[0].due) == (None, date(2026, 5, 1))
    assert retell(postmortem, "INC-1", TODAY).startswith(
        "---\nid: INC-1\ntitle: Down\n"
        "date: 2026-11-21  # not said; the day of this draft: when did it happen?\n"
    )
    dated = read_postmortem(text, "2026-04-17-down.md")
    assert (dated.day, dated.day_source) == (date(2026, 4, 17), DaySource.FILE)


def test_code_is_not_taken_for_headings() -> None:
    text = "# A\n\n## Root cause\n\n```sh\n# Summary\nrm -rf x\n```\n\n~~~\n## Impact\n~~~\n"
    assert read_postmortem(text).parts == {
        "Conditions": "### Root cause\n\n```sh\n# Summary\nrm -rf x\n```\n\n~~~\n## Impact\n~~~"
    }


LINES = st.sampled_from(
    [
        "---",
        "+++",
        "# A",
        "Summary",
        "**Impact**: a_b",
        "- **Fix**:",
        "b: 1",
        "```",
        "",
        "| a | b |",
        "Fix: c",
        "1) d",
    ]
)


@given(
    st.one_of(
        st.text(alphabet="# ab*_:-=|`~+\n@1.", max_size=300),
        st.lists(LINES, max_size=20).map("\n".join),
    )
)
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
    assert capsys.readouterr().out == (
        "Wrote lessons/PD-1.md, a draft: its words stand under the questions they answer.\n"
        "  date: 2026-03-04 (said to be the incident's)\n"
        "  severity: critical\n"
        "  mitigation: Rolled back.\n"
        "  conditions: 3, actions: 2\n"
        "  It shows no code yet, so it guards nothing: add a ```LANGUAGE bad and a ```LANGUAGE "
        "good block, or say with no_check why it cannot be a check\n"
    )
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
