import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from making import finding, lesson
from twiceshy.guards.recall.recall_guard import RECALL
from twiceshy.lessons.lesson import Mode, Problem, Severity
from twiceshy.verdicts.render import FORMATS, render
from twiceshy.verdicts.render import markdown as markdown_form
from twiceshy.verdicts.render.escape import code_span, fenced, one_line, printable
from twiceshy.verdicts.render.escape import markdown as escaped
from twiceshy.verdicts.render.github import data, value
from twiceshy.verdicts.verdict import (
    Action,
    Conclusion,
    Excerpt,
    Explanation,
    JudgedFinding,
    Report,
    Seconds,
    Stats,
)

LESSON = lesson(
    title="A slow partner took checkout down",
    summary="A slow partner held every worker until checkout stopped.",
    mitigation="Give every outgoing call a timeout.",
    postmortem="https://wiki.example.org/INC-1",
    tags=("timeouts",),
)
CODE = (
    "",
    "def charge(order):",
    "    reply = requests.post(PARTNER)",
    "    return reply.json()",
    "",
)
BLOCK = JudgedFinding(
    finding(
        start_line=11,
        end_line=11,
        headline="this is what INC-1 was about",
        why="Give this call a timeout.",
        rule="r",
        suggestion="    reply = requests.post(PARTNER, timeout=10)",
    ),
    LESSON,
    Action.BLOCK,
    "0123456789abcdef",
    LESSON.postmortem,
    also=("recall",),
)
COMMENT = JudgedFinding(
    finding(
        RECALL,
        lesson="INC-2",
        path="web/a b.js",
        start_line=3,
        end_line=5,
        score=0.93,
        headline="this block resembles INC-2",
        why="What decided: `a . b`\n90% of it is here.",
    ),
    lesson("INC-2", mode=Mode.COMMENT, title="Two"),
    Action.COMMENT,
    "fedcba9876543210",
)
OBSERVED = replace(
    COMMENT,
    action=Action.OBSERVE,
    reason="it was there before this change",
    fingerprint="observed00000000",
)
REPORT = Report(
    Conclusion.FAILURE,
    (BLOCK, COMMENT, OBSERVED),
    "b" * 40,
    "a" * 40,
    (Problem("lessons/X.md", 3, "no date: write one"),),
    Stats(2, 3, 40, 30, 1, Seconds(0.01, 0.1, 0.02, 0.25)),
    excerpts={BLOCK.fingerprint: Excerpt("app/pay.py", 9, CODE, frozenset({10, 11}))},
)
QUIET = Report(Conclusion.SUCCESS, (), stats=Stats(lessons=40, files=2))

HOSTILE = (
    "x```\n| <script>@everyone \x1b[31m\u202e ::error::%0A </details> [a](javascript:b) \ud800"
)
NASTY = replace(
    REPORT,
    findings=tuple(
        replace(
            judged,
            lesson=replace(judged.lesson, title=HOSTILE, summary=HOSTILE, mitigation=HOSTILE),
            finding=replace(
                judged.finding,
                path="a,b:c d\n%.py",
                why=HOSTILE,
                headline=HOSTILE,
                suggestion=HOSTILE,
            ),
        )
        for judged in REPORT.findings
    ),
    problems=(Problem("p\n::error::", 1, HOSTILE),),
    excerpts={BLOCK.fingerprint: Excerpt("a.py", 9, (HOSTILE, "````"), frozenset({10}))},
)


def test_the_text_says_everything_a_person_needs() -> None:
    assert (
        render(REPORT, "text")
        == """\
 BLOCKS INC-1 A slow partner took checkout down (high)  ────────────────────────────────────────────
  app/pay.py:11  this is what INC-1 was about

  │     9
  │    10 + def charge(order):
  ┃    11 +     reply = requests.post(PARTNER)
  │    12       return reply.json()
  │    13

  What happened A slow partner held every worker until checkout stopped.
  What worked   Give every outgoing call a timeout.
  Why           Give this call a timeout.
  Instead           reply = requests.post(PARTNER, timeout=10)
  Also seen by  recall
  Read more     https://wiki.example.org/INC-1

 HEADS UP INC-2 Two (high)  ────────────────────────────────────────────────────────────────────────
  web/a b.js:3  this block resembles INC-2
  Why       What decided: `a . b`
            90% of it is here.
  Read more lessons/INC-2.md

! lessons/X.md:3: no date: write one

1 lesson blocks this change, 1 more worth a look (40 lessons, 2 files, 1 rule run, 0.25 s)
"""
    )


def test_the_text_is_empty_when_all_is_well_and_explains_when_asked() -> None:
    assert render(QUIET, "text") == ""
    explained = replace(
        QUIET,
        explain=True,
        lessons=(Explanation("INC-1", "retired"),),
        skipped=(Explanation("a.lock", "a lock file"),),
    )
    assert (
        render(explained, "text")
        == """\

Why the others kept silent
INC-1   retired
a.lock  not looked at: a lock file

No lesson speaks against this change (40 lessons, 2 files, 0 rules run, 0.00 s)
"""
    )


def test_what_is_over_the_limit_takes_one_line() -> None:
    brief = replace(REPORT, findings=(BLOCK, replace(COMMENT, inline=False)), problems=())
    assert "· web/a b.js:3  this block resembles INC-2  lessons/INC-2.md\n" in render(brief, "text")


def test_colour_is_for_terminals() -> None:
    assert "\x1b[" in render(REPORT, "text", color=True)
    assert "\x1b[" not in render(REPORT, "text")


def test_the_json_report_is_the_contract() -> None:
    values = json.loads(render(REPORT, "json"))
    assert list(values) == ["schema", "conclusion", "base", "head", "findings", "problems", "stats"]
    assert values["findings"][0] == {
        "lesson": {
            "id": "INC-1",
            "title": "A slow partner took checkout down",
            "severity": "high",
            "url": "https://wiki.example.org/INC-1",
        },
        "guard": "rules",
        "rule": "r",
        "path": "app/pay.py",
        "start_line": 11,
        "end_line": 11,
        "score": 1.0,
        "action": "block",
        "headline": "this is what INC-1 was about",
        "why": "Give this call a timeout.",
        "mitigation": "Give every outgoing call a timeout.",
        "suggestion": "    reply = requests.post(PARTNER, timeout=10)",
        "fingerprint": "0123456789abcdef",
    }
    assert [row["action"] for row in values["findings"]] == ["block", "comment", "observe"]
    assert values["problems"] == [{"path": "lessons/X.md", "message": "line 3: no date: write one"}]
    assert values["stats"]["seconds"] == {"load": 0.01, "rules": 0.1, "recall": 0.02, "total": 0.25}


@pytest.mark.parametrize(
    "report",
    [REPORT, QUIET, NASTY, replace(REPORT, explain=True, skipped=(Explanation("a", "b"),))],
)
def test_json_and_sarif_keep_their_schemas(report: Report) -> None:
    from twiceshy.cli.schema import report_schema  # noqa: PLC0415 - the schema as users get it

    Draft202012Validator(report_schema()).validate(json.loads(render(report, "json")))
    Sarif.model_validate_json(render(report, "sarif"))


def test_a_sarif_alert_stands_on_one_added_line_with_its_span_beside_it() -> None:
    wide = replace(BLOCK, finding=replace(BLOCK.finding, start_line=9, end_line=12))
    (run,) = json.loads(render(replace(REPORT, findings=(wide, COMMENT, OBSERVED)), "sarif"))[
        "runs"
    ]
    first, second = run["results"]
    assert first["locations"][0]["physicalLocation"]["region"] == {"startLine": 10, "endLine": 10}
    assert first["relatedLocations"][0]["physicalLocation"]["region"] == {
        "startLine": 9,
        "endLine": 12,
    }
    assert first["partialFingerprints"] == {
        "twiceshy/v1": "0123456789abcdef",
        "primaryLocationLineHash": "0123456789abcdef:1",
    }
    assert (first["level"], second["level"]) == ("error", "warning")
    assert first["relatedLocations"][0]["id"] == 1
    assert first["message"]["text"].startswith(
        "this is what INC-1 was about: [the failing code](1). Give this call"
    )
    assert second["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "web/a%20b.js"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["INC-1", "INC-2"]
    assert (
        run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
        == "lessons/X.md:3: no date: write one"
    )


@pytest.mark.parametrize(
    ("severity", "action", "level", "problem", "score"),
    [
        (Severity.CRITICAL, Action.BLOCK, "error", "error", "9.5"),
        (Severity.HIGH, Action.COMMENT, "warning", "warning", "8.0"),
        (Severity.MEDIUM, Action.COMMENT, "warning", "warning", "5.5"),
        (Severity.LOW, Action.COMMENT, "note", "recommendation", "2.0"),
    ],
)
def test_sarif_levels_agree(
    severity: Severity, action: Action, level: str, problem: str, score: str
) -> None:
    said = replace(BLOCK, action=action, lesson=replace(LESSON, severity=severity))
    log = render(replace(REPORT, findings=(said,)), "sarif")
    Sarif.model_validate_json(log)
    (run,) = json.loads(log)["runs"]
    (rule,), (result,) = run["tool"]["driver"]["rules"], run["results"]
    assert (result["level"], rule["defaultConfiguration"]["level"]) == (level, level)
    assert (rule["properties"]["problem.severity"], rule["properties"]["security-severity"]) == (
        problem,
        score,
    )


def test_a_lesson_that_is_said_twice_has_its_loudest_level_in_sarif() -> None:
    quiet = replace(BLOCK, action=Action.COMMENT)
    (run,) = json.loads(render(replace(REPORT, findings=(quiet, BLOCK)), "sarif"))["runs"]
    assert [rule["defaultConfiguration"]["level"] for rule in run["tool"]["driver"]["rules"]] == [
        "error"
    ]
    assert [result["level"] for result in run["results"]] == ["warning", "error"]


def test_no_text_makes_a_link_in_a_sarif_message() -> None:
    linked = replace(
        BLOCK, finding=replace(BLOCK.finding, headline="[a](1)", why="[b](https://evil.example)")
    )
    (run,) = json.loads(render(replace(REPORT, findings=(linked,)), "sarif"))["runs"]
    assert (
        run["results"][0]["message"]["text"].count("](")
        - run["results"][0]["message"]["text"].count("\\](")
        == 1
    )


def test_a_lesson_that_is_a_file_has_its_own_address_everywhere() -> None:
    page = "https://github.com/acme/shop/blob/bbbb/lessons/INC-2.md"
    report = REPORT.with_addresses(lambda source: page if source == "lessons/INC-2.md" else None)
    findings = json.loads(render(report, "json"))["findings"]
    assert [row["lesson"]["url"] for row in findings] == [
        "https://wiki.example.org/INC-1",
        page,
        page,
    ]
    (run,) = json.loads(render(report, "sarif"))["runs"]
    assert run["tool"]["driver"]["rules"][1]["helpUri"] == page
    assert f"  Read more {page}\n" in render(report, "text")
    assert f"[INC\\-2]({page})" in render(report, "markdown")
    assert page in render(report, "github")


def test_annotations_are_one_command_a_line() -> None:
    assert render(REPORT, "github") == (
        "::error file=app/pay.py,line=11,endLine=11,"
        "title=INC-1%3A A slow partner took checkout down"
        "::Heads up: this is what INC-1 was about.%0AGive this call a timeout."
        "%0AWhat worked: Give every outgoing call a timeout.%0A"
        "https://wiki.example.org/INC-1\n"
        "::warning file=web/a b.js,line=3,endLine=5,title=INC-2%3A Two"
        "::Heads up: this block resembles INC-2.%0AWhat "
        "decided: `a . b`%0A90% of it is here.%0Alessons/INC-2.md\n".replace("90%", "90%25")
        + "::notice file=lessons/X.md,line=3,title=twiceshy::no date: write one\n"
    )


def test_ten_of_a_kind_are_shown_and_the_rest_is_counted() -> None:
    many = replace(
        REPORT, findings=(BLOCK,) * 12 + (COMMENT,) * 3, problems=(Problem("a", 1, "b"),) * 11
    )
    lines = render(many, "github").splitlines()
    kinds = [line.split(" ")[0].removeprefix("::") for line in lines]
    assert [kinds.count(kind) for kind in ("error", "warning", "notice")] == [10, 3, 10]
    assert lines[-1] == "::notice title=twiceshy::4 more in the summary of this job"


@given(st.text())
def test_no_text_ends_a_workflow_command_or_starts_another(text: str) -> None:
    assert not set("\r\n") & set(data(text) + value(text))
    assert not set(":,") & set(value(text))


def test_the_summary_shows_what_matters_and_folds_the_rest() -> None:
    assert (
        render(replace(REPORT, findings=(BLOCK,)), "markdown")
        == """\
## twiceshy: 1 lesson blocks this change

### 🛑 blocks: [INC\\-1](https://wiki.example.org/INC-1) A slow partner took checkout down

Heads up: this is what INC\\-1 was about. `app/pay.py` line 11

**What happened:** A slow partner held every worker until checkout stopped.

**What worked:** Give every outgoing call a timeout.

<details><summary>Why this matched</summary>

- Give this call a timeout.

```python

def charge(order):
    reply = requests.post(PARTNER)
    return reply.json()
```

Suggested instead:

```python
    reply = requests.post(PARTNER, timeout=10)
```

Guard: rules, fingerprint `0123456789abcdef`
</details>

<details><summary>1 problem on the way</summary>

- lessons/X.md:3: no date: write one
</details>

<sub>40 lessons held against 2 files in 0.2 s; 0 observed, not shown.</sub>
"""
    )


def test_a_summary_over_the_limit_is_cut_after_a_whole_finding() -> None:
    many = replace(REPORT, findings=(BLOCK,) * 40)
    text = markdown_form.render(many, 6_000)
    assert len(text.encode()) <= 6_000
    assert re.search(r"… and \d+ more that did not fit here", text)
    assert text.count("<details>") == text.count("</details>")


def test_nothing_hostile_leaves_its_place() -> None:
    text = render(NASTY, "markdown")
    outside = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert "<script>" not in outside
    assert not re.search(r"@everyone", outside)
    assert outside.count("</details>") == outside.count("<details>")
    assert "](javascript" not in outside
    unsuggested = replace(
        NASTY,
        findings=tuple(
            replace(judged, finding=replace(judged.finding, suggestion=None))
            for judged in NASTY.findings
        ),
    )
    for form in FORMATS:
        rendered = render(NASTY, form)
        rendered.encode()
        assert "\x1b" not in rendered
        # what a machine applies is kept as it is: JSON as a whole, and the text of a suggestion
        assert form == "json" or "\u202e" not in render(unsuggested, form)
    assert all(line.startswith("::") for line in render(NASTY, "github").splitlines())
    assert len(render(NASTY, "github").splitlines()) == 3


def test_escapes_keep_the_text_readable() -> None:
    assert printable("a\x1b[31mb\u202ec\td\ne") == "a\\x1b[31mb\\u202ec\td\ne"
    assert one_line("  a\n b  ", 10) == "a b"
    assert one_line("x" * 20, 5) == "xxxx…"
    assert code_span("a`b") == "``a`b``"
    assert fenced("a\n```\nb") == "````\na\n```\nb\n````"
    assert escaped("*a* <b> @c") == "\\*a\\* \\<b\\> @\u2060c"
