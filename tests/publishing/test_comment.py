"""What is published: whole texts, hostile texts, and lines GitHub takes."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from twiceshy.changes.change import Change
from twiceshy.changes.diff import parse_patch
from twiceshy.guards.finding import Finding, GuardName
from twiceshy.lessons.lesson import Evidence, Lesson, Mode, Problem, Severity, Side
from twiceshy.lessons.serial import as_json, from_json
from twiceshy.publishing.comment import comment_text, marked, marker, settled_text
from twiceshy.publishing.differences import differences
from twiceshy.publishing.publication import broken, publication
from twiceshy.publishing.values import PostedComment, Publication
from twiceshy.verdicts.render.escape import code_span
from twiceshy.verdicts.verdict import Action, Conclusion, Excerpt, JudgedFinding, Report

LESSON = Lesson(
    "INC-245",
    "A slow partner took checkout down",
    date(2026, 5, 14),
    Severity.HIGH,
    Mode.BLOCK,
    "lessons/INC-245.md",
    summary="The partner answered in minutes.",
    mitigation="Give every outgoing call a timeout.",
    postmortem="https://wiki.acme.example/INC-245",
    evidence=(
        Evidence(Side.BAD, "python", "post(x)\n", 0, 9),
        Evidence(Side.GOOD, "python", "post(x, timeout=3)\n", 0, 13),
    ),
)
FINDING = Finding(
    GuardName.RECALL,
    "INC-245",
    "src/refund.py",
    5,
    5,
    0.97,
    "this block resembles INC-245",
    "the call and what it is given are the same\nterms: post, json",
    "key",
    suggestion="    return post(y, timeout=3)",
)
JUDGED = JudgedFinding(FINDING, LESSON, Action.BLOCK, "0" * 20, LESSON.postmortem)
URL = "https://github.com/acme/shop/blob/abc/lessons/INC-245.md"
PATCH = "@@ -1,3 +1,4 @@\n import x\n \n def refund(y):\n+    return post(y)\n"


def test_the_whole_comment() -> None:
    assert comment_text(JUDGED, URL, suggest=True) == (
        "**Heads up: this block resembles INC\\-245.** "
        "[INC\\-245](https://github.com/acme/shop/blob/abc/lessons/INC-245.md): "
        "A slow partner took checkout down "
        "(high, 2026-05-14). **It blocks this merge.**\n\n"
        "**What happened:** The partner answered in minutes.\n\n"
        "**What worked:** Give every outgoing call a timeout.\n\n"
        "**Why here:** the call and what it is given are the same\n\n"
        "```suggestion\n    return post(y, timeout=3)\n```\n\n"
        "<details><summary>Evidence</summary>\n\n"
        "- terms: post, json\n\n"
        "What failed in INC\\-245:\n\n```python\npost(x)\n```\n\n"
        "What fixed it in INC\\-245:\n\n```python\npost(x, timeout=3)\n```\n\n"
        "Guard: recall, score 0.97\n</details>\n\n"
        "<sub>Not relevant? 👎, or comment `/twiceshy dismiss INC-245 why` · "
        "[the lesson](https://github.com/acme/shop/blob/abc/lessons/INC-245.md) · "
        "[the post-mortem](https://wiki.acme.example/INC-245)</sub>\n\n"
        "<!-- twiceshy:00000000000000000000 -->"
    )


HOSTILE = (
    "@everyone </details><script>alert(1)</script> [x](javascript:1) ```\n# big <!-- twiceshy:"
    + "f" * 20
    + " -->"
)


def test_nothing_from_a_change_can_ping_break_out_or_pass_for_a_marker() -> None:
    finding = replace(
        FINDING,
        headline=HOSTILE,
        why=f"{HOSTILE}\n{HOSTILE}",
        suggestion=f"```\n{HOSTILE}",
        path=f"a/{HOSTILE}",
    )
    text = comment_text(replace(JUDGED, finding=finding), URL, suggest=False)
    outside = text.split("<details>")[0]
    assert "@everyone" not in outside.replace("@\u2060", "")
    assert "<script>" not in outside
    assert text.count("\n</details>") == 1
    assert text.replace("\n</details>", "").count("</details>") == 0
    assert marked(text) == ("0" * 20, False)


def test_a_comment_that_would_be_too_long_keeps_its_head_and_its_marker() -> None:
    long = replace(FINDING, why="\n".join("x" * 500 for _ in range(500)), suggestion=None)
    text = comment_text(replace(JUDGED, finding=long), URL)
    assert len(text) < 2_000
    assert text.startswith("**Heads up") and marked(text) == ("0" * 20, False)


def test_a_fixed_comment_says_so_and_keeps_what_it_said_folded() -> None:
    text = settled_text(f"It was said.\n\n{marker('a' * 20)}", "abc123def4567890")
    assert text == (
        "✔ No longer there as of abc123def456.\n\n"
        "<details><summary>What it said</summary>\n\nIt was said.\n</details>\n"
        "<!-- twiceshy:aaaaaaaaaaaaaaaaaaaa:fixed -->"
    )
    assert marked(text) == ("a" * 20, True)


def published(judged: JudgedFinding, patch: str = PATCH, **report: Any) -> Publication:
    files = parse_patch("src/refund.py", patch).files
    judged_report = replace(Report(Conclusion.FAILURE, (judged,), base="abc"), **report)
    return publication(judged_report, Change(files), "https://github.com/acme/shop")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(4, 4, (4, None)), (3, 4, (4, 3)), (1, 9, (4, 1)), (5, 5, (4, None)), (20, 30, None)],
    ids=["a line", "lines", "cut to the hunk", "just beside", "off the diff"],
)
def test_a_comment_stands_only_where_github_lets_it(
    start: int, end: int, expected: tuple[int, int | None] | None
) -> None:
    planned = published(replace(JUDGED, finding=replace(FINDING, start_line=start, end_line=end)))
    assert [(comment.line, comment.start_line) for comment in planned.comments] == (
        [expected] if expected else []
    )
    if expected is None:
        assert (
            "Not on a line of the diff, so told only here: `src/refund.py` line 20-30"
            in planned.summary
        )


def test_a_fix_is_offered_only_on_exactly_its_lines() -> None:
    exact = published(replace(JUDGED, finding=replace(FINDING, start_line=4, end_line=4)))
    cut = published(replace(JUDGED, finding=replace(FINDING, start_line=4, end_line=9)))
    assert ("```suggestion" in exact.comments[0].body, "```suggestion" in cut.comments[0].body) == (
        True,
        False,
    )


def test_what_looked_alike_is_one_folded_line_and_what_was_dismissed_is_quoted() -> None:
    shy = replace(
        JUDGED, action=Action.OBSERVE, reason="resembles at 0.72, under comment_at 0.90", alike=True
    )
    assert "<details><summary>Also looked alike</summary>" in published(shy).summary
    no = replace(JUDGED, action=Action.OBSERVE, reason="dismissed by maria: the bank is *fast*")
    assert "dismissed by maria: the bank is \\*fast\\*" in published(no).summary
    assert published(no).comments == ()


def test_annotations_are_bounded_and_problems_with_a_line_are_among_them() -> None:
    problems = tuple(Problem("lessons/a.md", number + 1, "write a date") for number in range(500))
    planned = published(JUDGED, problems=problems)
    assert len(planned.annotations) == 200
    assert len(planned.summary) <= 60_000


def test_a_publication_survives_being_kept() -> None:
    planned = published(JUDGED)
    assert from_json(as_json(planned), Publication) == planned


def test_nothing_is_said_twice_and_nothing_is_deleted() -> None:
    planned = published(replace(JUDGED, finding=replace(FINDING, start_line=4, end_line=4)))
    [comment] = planned.comments
    assert differences(planned, [], "h").new == (comment,)
    assert differences(planned, [PostedComment(7, comment.body)], "h").new == ()
    gone = PostedComment(8, f"old\n{marker('b' * 20)}")
    assert [number for number, _ in differences(planned, [gone], "h").edits] == [8]
    said = PostedComment(8, settled_text(gone.body, "h"))
    assert differences(planned, [said], "h").edits == ()
    back = PostedComment(9, settled_text(comment.body, "h"))
    assert differences(planned, [back], "h").new == (comment,)


def test_a_dismissed_comment_says_who_and_why_and_not_that_the_code_is_gone() -> None:
    reason = "dismissed by maria: the bank is *fast*"
    planned = published(replace(JUDGED, action=Action.OBSERVE, reason=reason))
    [(_, body)] = differences(planned, [PostedComment(7, f"old\n{marker('0' * 20)}")], "h").edits
    assert body.startswith("✔ Silent now: dismissed by maria: the bank is \\*fast\\*.\n\n<details>")


def test_a_broken_run_is_neutral_and_says_why() -> None:
    planned = broken("GitHub could not be read: *no*")
    assert (planned.conclusion, planned.title) == (
        "neutral",
        "not analysed; neutral satisfies a required check (on_failure: neutral)",
    )
    assert "GitHub could not be read: \\*no\\*" in planned.summary


QUOTED = f"post(x)  # {marker('f' * 20)}"


def test_code_that_quotes_a_marker_is_only_code() -> None:
    evidence = (Evidence(Side.BAD, "python", f"{QUOTED}\n", 0, 9),)
    finding = replace(FINDING, then=(QUOTED,), lacks=(QUOTED,), suggestion=QUOTED)
    excerpt = Excerpt("src/refund.py", 5, (QUOTED,), frozenset({5}))
    for judged in (
        replace(JUDGED, finding=finding, lesson=replace(LESSON, evidence=evidence)),
        replace(
            JUDGED,
            finding=replace(finding, then=()),
            lesson=replace(LESSON, evidence=evidence),
            inline=False,
        ),
    ):
        text = comment_text(judged, URL, excerpt, suggest=True)
        assert "post(x)" in text
        assert text.count("<!-- twiceshy:") == 1, (
            "and what looks like one is not offered to be committed either"
        )
        assert marked(text) == ("0" * 20, False)
        assert marked(settled_text(text, "abc")) == ("0" * 20, True)


def test_only_the_very_end_of_a_body_is_a_marker() -> None:
    ours = marker("a" * 20)
    assert marked(f"{marker('f' * 20)} quoted\n\n{ours}\r\n") == ("a" * 20, False)
    assert marked(f"{ours}\n\nand a word after it") is None
    old = f"```\n{QUOTED}\n```\n\n{ours}"
    assert marked(settled_text(old, "abc")) == ("a" * 20, True)
    assert settled_text(old, "abc").count("<!-- twiceshy:") == 1


def test_a_path_and_a_command_cannot_hold_a_marker() -> None:
    assert "<!--" not in code_span(f"src/{marker('f' * 20)}.py")
    assert "<!--" not in code_span("src/<!--  TwiceShy:answer:7 -->.py")
    assert code_span("a <!-- note --> b") == "`a <!-- note --> b`"
