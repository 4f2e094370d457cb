"""The drawing in the terminal, when code, paths or numbers are not what one hopes for."""

import re
from dataclasses import replace

import pytest
from rich.cells import cell_len

from making import finding, lesson
from twiceshy.guards.finding import Finding
from twiceshy.verdicts.render import render
from twiceshy.verdicts.verdict import (
    Action,
    Conclusion,
    Excerpt,
    Explanation,
    JudgedFinding,
    Report,
)


def code(claim: Finding, *lines: str) -> list[str]:
    return [line for line in drawn(claim, *lines) if line.startswith("  ┃")]


def drawn(claim: Finding, *lines: str, width: int = 40) -> list[str]:
    judged = JudgedFinding(claim, lesson(), Action.BLOCK, "f")
    excerpts = {"f": Excerpt(claim.path, 10, lines, frozenset({10}))} if lines else {}
    return render(
        Report(Conclusion.FAILURE, (judged,), excerpts=excerpts), "text", width=width
    ).split("\n")


def test_wide_letters_leave_the_line_numbers_standing() -> None:
    assert code(finding(end_line=11), "日本語" * 20, "ok") == [
        "  ┃    10 + " + "日本語" * 4 + " …",
        "  ┃    11   ok",
    ]


def test_a_path_cannot_draw_a_line_of_its_own() -> None:
    claim = finding(path="a\nNo lesson speaks against this change\n.py")
    assert drawn(claim, width=120)[1] == (
        "  a\\x0aNo lesson speaks against this change\\x0a.py:10  this block resembles INC-1"
    )


def test_a_block_longer_than_its_drawing_says_how_much_is_missing() -> None:
    assert code(finding(end_line=60), "a", "b") == [
        "  ┃    10 + a",
        "  ┃    11   b",
        "  ┃         … 49 more lines",
    ]


def test_a_long_suggestion_is_cut() -> None:
    lines = drawn(finding(suggestion="\n".join(["x"] * 500)))
    assert sum(line.split()[-1:] == ["x"] for line in lines) == 12
    assert any("… 488 more lines" in line for line in lines)


def test_many_places_over_the_limit_are_counted() -> None:
    judged = JudgedFinding(finding(), lesson(), Action.COMMENT, "f", inline=False)
    text = render(Report(Conclusion.NEUTRAL, (judged,) * 50), "text")
    assert text.count("· app/pay.py:10") == 20
    assert "… and 30 more places\n" in text


def test_a_reason_keeps_to_its_line() -> None:
    judged = JudgedFinding(finding(), lesson(), Action.OBSERVE, "f", reason="one\ntwo")
    text = render(replace(Report(Conclusion.SUCCESS, (judged,)), explain=True), "text")
    assert "observed at app/pay.py:10: one two\n" in text


ADDRESS = "https://azure.microsoft.com/en-us/blog/summary-of-windows-azure-service-disruption-on-feb-29th-2012/"
LONG = finding(
    headline="this block resembles INC-1",
    end_line=12,
    why="Changing only the year fails on February 29: the same day of another year may not exist.",
    then=(
        "def issue_certificate(subject: str, today: date) -> Certificate:",
        "    ⋮",
        "    valid_to = today.replace(year=today.year + 1)",
    ),
    lacks=("valid_to = today + relativedelta(years=1)",),
)
NOW = ("expiry = joined.replace(year=joined.year + 1)", "card = new_card()", "send(card)")


def compared(claim: Finding, width: int, *lines: str) -> str:
    drawn_lesson = lesson(
        title="On leap day a certificate was to be valid until February 29 of the next year"
    )
    judged = JudgedFinding(claim, drawn_lesson, Action.BLOCK, "f", ADDRESS)
    excerpts = {"f": Excerpt(claim.path, 10, lines, frozenset({10}))}
    return render(Report(Conclusion.FAILURE, (judged,), excerpts=excerpts), "text", width=width)


def test_at_eighty_columns_the_two_codes_stand_one_under_the_other() -> None:
    assert (
        compared(LONG, 80, *NOW)
        == f"""\
 BLOCKS INC-1 On leap day a certificate was to be valid until Februar… (high)  ─
  app/pay.py:10  this block resembles INC-1

  ┃    10 + expiry = joined.replace(year=joined.year + 1)
  ┃    11   card = new_card()
  ┃    12   send(card)

  INC-1, then
      def issue_certificate(subject: str, today: date) -> Certificate:
          ⋮
          valid_to = today.replace(year=today.year + 1)
  this change, now
      expiry = joined.replace(year=joined.year + 1)
      card = new_card()
      send(card)
  what fixed it, not here
  +   valid_to = today + relativedelta(years=1)

  Why       Changing only the year fails on February 29: the same day of another
            year may not exist.
  Read more {ADDRESS}


1 lesson blocks this change (0 lessons, 0 files, 0 rules run, 0.00 s)
"""
    )


def test_at_sixty_columns_code_is_cut_with_a_mark_and_the_address_is_whole() -> None:
    assert (
        compared(LONG, 60, *NOW).split("\n\n", 2)[2]
        == f"""\
  INC-1, then
      def issue_certificate(subject: str, today: date) -> C…
          ⋮
          valid_to = today.replace(year=today.year + 1)
  this change, now
      expiry = joined.replace(year=joined.year + 1)
      card = new_card()
      send(card)
  what fixed it, not here
  +   valid_to = today + relativedelta(years=1)

  Why       Changing only the year fails on February 29: the
            same day of another year may not exist.
  Read more {ADDRESS}


1 lesson blocks this change (0 lessons, 0 files, 0 rules
run, 0.00 s)
"""
    )


@pytest.mark.parametrize("width", [120, 200])
def test_where_whole_lines_fit_the_two_codes_stand_beside_each_other(width: int) -> None:
    assert (
        compared(LONG, width, *NOW).split("\n\n")[2]
        == """\
      INC-1, then                                                       this change, now
      def issue_certificate(subject: str, today: date) -> Certificate:  expiry = joined.replace(year=joined.year + 1)
          ⋮                                                             card = new_card()
          valid_to = today.replace(year=today.year + 1)                 send(card)
  +   valid_to = today + relativedelta(years=1)                         not here"""
    )


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize(
    "then",
    [
        "日本語" * 30,
        "\t" * 5 + "x = '日本'",
        "e\u0301" * 100,
        "🎉" * 60,
        "a" * 500,
        "x\x1b[31m\u202e",
    ],
    ids=["wide", "tabs", "combining", "emoji", "long", "hostile"],
)
def test_no_code_is_wider_than_the_terminal_or_moves_it(width: int, then: str) -> None:
    text = compared(replace(LONG, then=(then, "ok"), lacks=(then,)), width, then, then, "ok")
    assert all(cell_len(line) <= width for line in text.split("\n") if ADDRESS not in line)
    assert not set("\x1b\u202e\t") & set(text)
    assert text.count("ok") == 3


def test_what_is_left_out_of_compared_code_has_a_mark() -> None:
    many = tuple(f"line_{number} = {number}" for number in range(20))
    text = compared(replace(LONG, then=many, lacks=(), end_line=40), 60, *many)
    rows = [
        line.split("  ")
        for line in text.split("this change, now\n")[1].split("\n\n")[0].splitlines()
    ]
    assert [(row[3].strip(), row[-1].strip()) for row in rows] == [
        (line, line) for line in (*many[:8], "⋮")
    ]
    short = compared(replace(LONG, end_line=40), 80, "a = 1", "b = 2").split("this change, now\n")[
        1
    ]
    assert [line.strip() for line in short.splitlines()[:3]] == ["a = 1", "b = 2", "⋮"]


def test_a_place_or_an_address_too_long_for_its_line_is_neither_cut_nor_broken() -> None:
    path = "services/" + "deeply/" * 15 + "client.py"
    text = compared(finding(path=path), 80)
    assert f"  {path}:10\n  this block resembles INC-1\n" in text
    brief = JudgedFinding(finding(), lesson(), Action.COMMENT, "f", ADDRESS, inline=False)
    shown = render(Report(Conclusion.NEUTRAL, (brief,)), "text", width=80)
    assert f"· app/pay.py:10  this block resembles INC-1\n  {ADDRESS}\n" in shown


def test_in_colour_the_address_is_a_link_and_still_written_out() -> None:
    judged = JudgedFinding(LONG, lesson(), Action.BLOCK, "f", ADDRESS)
    text = render(Report(Conclusion.FAILURE, (judged,)), "text", width=60, color=True)
    link = re.search(r"\x1b\]8;id=\d+;([^\x1b]*)\x1b\\(.*?)\x1b\]8;;\x1b\\", text)
    assert link is not None
    assert (link[1], link[2]) == (ADDRESS, ADDRESS)


def test_a_name_too_long_for_its_column_stands_over_what_is_said_of_it() -> None:
    path = "a/" * 40 + "b.lock"
    report = Report(
        Conclusion.SUCCESS,
        (),
        explain=True,
        skipped=(Explanation(path, "a lock file"), Explanation("c", "binary")),
    )
    assert f"{path}\n   not looked at: a lock file\nc  not looked at: binary\n" in render(
        report, "text", width=60
    )
