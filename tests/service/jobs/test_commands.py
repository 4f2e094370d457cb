"""What counts as a command in a comment, and what it says."""

from datetime import date

import pytest

from twiceshy.service.jobs.command_parser import Command, NoEnd, commands_in, end_of

DISMISS = Command("dismiss", "INC-245", "the bank is fast")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("INC-245 because the bank is fast", DISMISS),
        ("INC-245 the bank is fast", DISMISS),
        ("`INC-245`: the bank is fast", DISMISS),
        ("“INC-245”, because the bank is fast", DISMISS),
        (
            "INC-245 everywhere because the bank is fast",
            Command("dismiss", "INC-245", "the bank is fast", everywhere=True),
        ),
        (
            "everywhere INC-245 because the bank is fast",
            Command("dismiss", "INC-245", "the bank is fast", everywhere=True),
        ),
        (
            "INC-245 until 2027-01-31 because the bank is fast",
            Command("dismiss", "INC-245", "the bank is fast", until="2027-01-31"),
        ),
        (
            "INC-245 because the bank is fast until 2027-01-31.",
            Command("dismiss", "INC-245", "the bank is fast", until="2027-01-31"),
        ),
        (
            "INC-245 until 2027-01-31 everywhere because the bank is fast",
            Command("dismiss", "INC-245", "the bank is fast", everywhere=True, until="2027-01-31"),
        ),
        ("INC-245 until later because x", Command("dismiss", "INC-245", "x", until="later")),
        ("INC-245 until", Command("dismiss", "INC-245", until="…")),
        # inside a reason these are words
        (
            "INC-245 because it is fast everywhere",
            Command("dismiss", "INC-245", "it is fast everywhere"),
        ),
        ("INC-245 because until then it is", Command("dismiss", "INC-245", "until then it is")),
        ("inc_2.4-5 x", Command("dismiss", "inc_2.4-5", "x")),
        ("INC\\-245 x", Command("dismiss", "INC-245", "x")),
        ("INC-245", Command("dismiss", "INC-245")),
        ("", Command("dismiss")),
    ],
)
def test_a_dismissal_is_read(written: str, meant: Command) -> None:
    assert commands_in(f"/twiceshy dismiss {written}") == (meant,)


def test_several_commands_are_several() -> None:
    text = (
        "Thanks.\r\n/twiceshy dismiss INC-1 a\r\n  /twiceshy undismiss INC-2 everywhere\r\n\r\n"
        "/twiceshy recheck now"
    )
    assert commands_in(text) == (
        Command("dismiss", "INC-1", "a"),
        Command("undismiss", "INC-2", everywhere=True),
        Command("recheck"),
    )
    assert (
        len(commands_in("\n\n".join(f"/twiceshy explain INC-{number}" for number in range(50))))
        == 10
    )


@pytest.mark.parametrize(
    "text",
    [
        "> /twiceshy recheck",
        "> maria wrote\n/twiceshy recheck",  # GitHub shows it as part of the quotation
        ">> /twiceshy recheck",
        "- > /twiceshy recheck",
        "```\n/twiceshy recheck\n```",
        "~~~~\n/twiceshy recheck",
        "    /twiceshy recheck",
        "\t/twiceshy recheck",
        "`/twiceshy recheck`",
        "`so\n/twiceshy recheck\nso`",
        "<!--\n/twiceshy recheck\n-->",
        "<details>\n/twiceshy recheck\n</details>",
        "# /twiceshy recheck",
        "write /twiceshy recheck",
        "/twiceshyrecheck",
        "/twiceshy",
        "",
    ],
)
def test_what_is_quoted_shown_as_code_or_hidden_is_nobodys_command(text: str) -> None:
    assert commands_in(text) == ()


def test_hostile_text_is_read_in_a_bounded_way() -> None:
    for text in ("`" * 2_000, "` `` " * 400, ">" * 1_990 + "/twiceshy", "[" * 1_990 + "/twiceshy"):
        assert commands_in(f"{text}\n\n/twiceshy recheck"[-2_000:]) in ((), (Command("recheck"),))


@pytest.mark.parametrize(
    ("until", "end"),
    [
        ("", None),
        ("2026-11-21", date(2026, 11, 21)),
        ("2028-11-21", date(2028, 11, 21)),
        ("2026-11-20", NoEnd.OVER),
        ("2028-11-22", NoEnd.TOO_FAR),
        ("9999-12-31", NoEnd.TOO_FAR),
        ("2027-02-29", NoEnd.NO_DAY),
        ("31.1.2027", NoEnd.NO_DAY),
        ("20270131", NoEnd.NO_DAY),
        ("2027-W05-1", NoEnd.NO_DAY),
        ("٢٠٢٧-01-31", NoEnd.NO_DAY),
        ("…", NoEnd.NO_DAY),
    ],
)
def test_an_end_is_a_day_to_come(until: str, end: date | NoEnd | None) -> None:
    assert end_of(Command("dismiss", "INC-1", "x", until=until), date(2026, 11, 21)) == end
