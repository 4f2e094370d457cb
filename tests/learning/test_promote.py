"""Modes are earned one step at a time, and the lesson says how."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from git_repository import Repo
from service.shop import LESSON, RULE
from twiceshy.cli import promote as promoting
from twiceshy.cli.main import run

CALM = LESSON + (
    "\n## Response\nAn alert detects it, a limit contains it, a switch restores the rest.\n"
    "\n## What went well\nThe graph was there within a minute.\n"
)
BAD = "import requests\n\n\ndef refund(order):\n    return requests.post(BANK, json=order.dict())\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    made = Repo(tmp_path / "shop")
    made.commit({"README.md": "a shop\n"}, "begin")
    for number in range(40):
        made.commit({"notes.txt": f"{number}\n"}, "work")
    monkeypatch.chdir(made.root)
    return made


def learned(repo: Repo, mode: str, text: str = CALM) -> Path:
    text = text.replace("mode: block", f"mode: {mode}")
    repo.commit({"lessons/INC-245.md": text, "rules/a.yaml": RULE}, "learned")
    return repo.root / "lessons/INC-245.md"


@pytest.mark.parametrize(
    ("mode", "to"), [("draft", "observe"), ("observe", "comment"), ("comment", "block")]
)
def test_a_good_lesson_goes_up_one_step_and_says_why(
    repo: Repo, capsys: pytest.CaptureFixture[str], mode: str, to: str
) -> None:
    place = learned(repo, mode)
    assert run(["promote", "INC-245"]) == 0
    today = datetime.now(UTC).date()
    text = place.read_text()
    assert f"mode: {to}\n" in text
    assert f"\n## History\n- {today}: {mode} to {to}. " in text
    if mode != "draft":
        assert "verify caught 100% of its forms; backtest: it would have spoken 0 times in " in text
    assert f"INC-245: {mode} to {to}." in capsys.readouterr().out


def test_what_speaks_too_often_stays_where_it_is_unless_forced_with_a_reason(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b", "c"):
        repo.commit({f"src/{name}.py": BAD.replace("refund", name)}, name)
    place = learned(repo, "observe")
    before = place.read_text()
    assert run(["promote", "INC-245"]) == 1
    told = capsys.readouterr().err
    assert "backtest: it would have spoken 3 times in 44 commits, 0 of them mended since" in told
    assert "INC-245 stays in mode observe" in told
    assert place.read_text() == before
    assert run(["promote", "INC-245", "--force", "all three are next"]) == 0
    assert "observe to comment. Forced: all three are next\n" in place.read_text()
    assert run(["promote", "INC-245", "--force", "the last is mended"]) == 0
    history = place.read_text().split("## History\n")[1].splitlines()
    assert [line.split(". ", 1)[1] for line in history] == [
        "Forced: the last is mended",
        "Forced: all three are next",
    ]


def test_a_draft_that_still_asks_stays_a_draft(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    learned(
        repo, "draft", CALM + "\n## Surprise\n\nWhat did we believe that turned out to be wrong?\n"
    )
    assert run(["promote", "INC-245"]) == 1
    assert "lint: not answered yet: Surprise (1 of 6)" in capsys.readouterr().err


def test_there_is_no_step_above_block_and_none_for_the_unknown(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    learned(repo, "block")
    assert run(["promote", "INC-245"]) == 2
    assert run(["promote", "INC-9"]) == 2
    told = capsys.readouterr().err
    assert "is in mode block: there is no step up from it" in told
    assert "no lesson INC-9 in this repository" in told


def test_what_people_answered_keeps_a_lesson_where_it_is(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    learned(repo, "comment")
    monkeypatch.setattr(
        promoting, "verdicts", lambda root, budget: {"INC-245": "4 of 12 were not useful"}
    )
    assert run(["promote", "INC-245"]) == 1
    assert "feedback: 4 of 12 were not useful" in capsys.readouterr().err
