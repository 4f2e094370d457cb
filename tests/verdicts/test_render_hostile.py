"""What a pull request or a lesson might hold to mislead a reader or break a format, and what each
form makes of it.
"""

import json
from dataclasses import replace
from typing import Any

import pytest

from making import finding, lesson
from twiceshy.lessons.lesson import Problem
from twiceshy.verdicts.render import FORMATS, render
from twiceshy.verdicts.render.escape import first_lines, one_line_path, plain_link, printable
from twiceshy.verdicts.render.escape import markdown as escaped
from twiceshy.verdicts.verdict import Action, Conclusion, JudgedFinding, Report

BLOCK = JudgedFinding(finding(), lesson(), Action.BLOCK, "0123456789abcdef")
REPORT = Report(Conclusion.FAILURE, (BLOCK,))


def claiming(**given: Any) -> Report:
    return replace(REPORT, findings=(replace(BLOCK, finding=finding(**given)),))


def sarif(report: Report) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(render(report, "sarif"))["runs"][0]
    return run


def test_marks_that_hide_or_turn_letters_are_shown_as_their_codes() -> None:
    assert printable("a\u061cb\xadc\u180ed\U000e0041e") == "a\\u061cb\\xadc\\u180ed\\U000e0041e"


def test_a_path_keeps_to_its_line_and_keeps_all_its_characters() -> None:
    assert one_line_path("a  b\n\tc\r\u202e.py") == "a  b\\x0a\\x09c\\x0d\\u202e.py"


def test_entities_and_formulas_are_text_in_markdown() -> None:
    assert escaped("&lt;b&gt; $x$") == "\\&lt;b\\&gt; \\$x\\$"


def test_only_a_whole_web_address_is_a_link() -> None:
    assert plain_link("https://wiki.example.org/INC-1?a=b#c")
    for address in (
        "our wiki",
        "javascript:alert(1)",
        "https://a b",
        "https://a\n",
        "https://a)",
        "https://a\u202eb",
    ):
        assert not plain_link(address)


def test_a_long_suggestion_is_cut_and_says_so() -> None:
    assert first_lines("aaaa\nb\nc\nd", 2, 3) == "aa…\nb\n… 2 more lines"
    assert first_lines("a\nb", 2, 3) == "a\nb"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("path", ["a\ud800.py", "a\udcff.py", "a\n::error::b", 'a,b:c "d" %25.py'])
def test_every_form_takes_every_path(form: str, path: str) -> None:
    assert render(claiming(path=path), form).encode()


def test_sarif_gives_a_path_as_the_bytes_git_has() -> None:
    places = [
        sarif(claiming(path=path))["results"][0]["locations"][0]["physicalLocation"][
            "artifactLocation"
        ]
        for path in ("a\udcff.py", "a\ud800.py", "dir/a b:%.py")
    ]
    assert [place["uri"] for place in places] == ["a%FF.py", "a%3F.py", "dir/a%20b%3A%25.py"]


def test_a_line_before_the_first_is_the_first() -> None:
    report = claiming(start_line=0, end_line=0)
    places = sarif(report)["results"][0]
    regions = [
        place["physicalLocation"]["region"]
        for place in (*places["locations"], *places["relatedLocations"])
    ]
    assert regions == [{"startLine": 1, "endLine": 1}] * 2
    assert ",line=1,endLine=1," in render(report, "github")


def test_a_sarif_fix_leaves_no_empty_line_behind() -> None:
    """A region without columns ends before the line's end: what replaces it brings none."""
    (fix,) = sarif(claiming(suggestion="a\n  b"))["results"][0]["fixes"]
    assert fix["artifactChanges"][0]["replacements"] == [
        {"deletedRegion": {"startLine": 10, "endLine": 12}, "insertedContent": {"text": "a\n  b"}}
    ]


def test_a_lesson_is_no_markup_in_its_sarif_rule() -> None:
    loud = lesson(
        title="<b>",
        summary="@everyone",
        mitigation="<img src=x> [a](http://e)",
        tags=("incident", "a", "a"),
    )
    report = replace(
        REPORT, findings=(replace(BLOCK, lesson=replace(loud, postmortem="our wiki, page 3")),)
    )
    (rule,) = sarif(report)["tool"]["driver"]["rules"]
    assert rule["help"]["markdown"] == (
        "@\u2060everyone\n\n**What worked:** \\<img src=x\\> \\[a\\]\\(http://e\\)"
    )
    assert rule["properties"]["tags"] == ["incident", "a"]
    assert "helpUri" not in rule


def test_sarif_says_when_a_guard_could_not_look() -> None:
    broken = Report(Conclusion.NEUTRAL, (), problems=(Problem("", 0, "the rules guard failed"),))
    done = [
        sarif(report)["invocations"][0]["executionSuccessful"]
        for report in (broken, REPORT, Report(Conclusion.SUCCESS, ()))
    ]
    assert done == [False, True, True]
