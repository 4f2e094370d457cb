"""The drawing in the terminal, when code, paths or numbers are not what one hopes for."""

from dataclasses import replace

from making import finding, lesson
from twiceshy.guards.finding import Finding
from twiceshy.verdicts.render import render
from twiceshy.verdicts.verdict import Action, Conclusion, Excerpt, Judged, Report


def code(found: Finding, *lines: str) -> list[str]:
    return [line for line in drawn(found, *lines) if line.startswith("  ┃")]


def drawn(found: Finding, *lines: str, width: int = 40) -> list[str]:
    judged = Judged(found, lesson(), Action.BLOCK, "f")
    excerpts = {"f": Excerpt(found.path, 10, lines, frozenset({10}))} if lines else {}
    return render(Report(Conclusion.FAILURE, (judged,), excerpts=excerpts), "text", width=width).split("\n")


def test_wide_letters_leave_the_line_numbers_standing() -> None:
    assert code(finding(end_line=11), "日本語" * 20, "ok") == [
        "  ┃    10 + " + "日本語" * 4 + " …",
        "  ┃    11   ok",
    ]


def test_a_path_cannot_draw_a_line_of_its_own() -> None:
    found = finding(path="a\nNo lesson speaks against this change\n.py")
    assert drawn(found, width=120)[1] == (
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
    judged = Judged(finding(), lesson(), Action.COMMENT, "f", inline=False)
    text = render(Report(Conclusion.NEUTRAL, (judged,) * 50), "text")
    assert text.count("· app/pay.py:10") == 20
    assert "… and 30 more places\n" in text


def test_a_reason_keeps_to_its_line() -> None:
    judged = Judged(finding(), lesson(), Action.OBSERVE, "f", reason="one\ntwo")
    text = render(replace(Report(Conclusion.SUCCESS, (judged,)), explain=True), "text")
    assert "observed at app/pay.py:10: one two\n" in text
