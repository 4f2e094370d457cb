"""The past replayed: what a lesson would have said, and what of it was mended since."""

from pathlib import Path

import pytest

from conftest import Repo
from service.shop import BUG, CLEAN, FIX, LESSON, RULE
from twiceshy.cli.main import run
from twiceshy.learning.backtesting import recommended


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    made = Repo(tmp_path / "shop")
    made.commit({"README.md": "a shop\n"}, "begin")
    made.commit({"src/refund.py": BUG}, "Refund")
    made.commit({"src/total.py": CLEAN}, "Total")
    made.commit({"src/other.py": BUG.replace("refund", "repay")}, "Repay")
    made.commit({"src/refund.py": FIX}, "Fix the refund that hung")
    made.commit({"lessons/INC-245.md": LESSON, "rules/inc-245.yaml": RULE}, "The lesson")
    monkeypatch.chdir(made.root)
    return made


def replayed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["backtest", *words]) == 0
    return capsys.readouterr().out


def test_the_past_is_replayed(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = repo.git("rev-parse", "HEAD~4")[:10], repo.git("rev-parse", "HEAD~2")[:10]
    assert replayed(capsys) == (
        "lesson   spoke  gone since  lives on  per 100  mode                 \n"
        "INC-245      2           1         1     40.0  observe (too often)  \n"
        f"  {second} src/other.py:5 INC-245 (rules), lives on\n"
        f"  {first} src/refund.py:5 INC-245 (rules), gone since\n"
        "5 commits replayed\n"
    )


def test_as_far_back_as_it_is_wanted(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert "1 commits replayed" in replayed(capsys, "--commits", "1")
    assert "3 commits replayed" in replayed(capsys, "--since", "HEAD~3")
    assert "5 commits replayed" in replayed(capsys, "INC-245", "--since", "2020-01-01")


def test_an_unknown_lesson_is_named(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backtest", "INC-9"]) == 2
    assert "no lesson INC-9 here" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spoke", "lives_on", "commits", "mode"),
    [
        (0, 0, 10, "comment"),
        (1, 0, 100, "comment"),
        (3, 2, 200, "observe (most lives on)"),
        (3, 0, 100, "observe (too often)"),
    ],
)
def test_a_mode_follows_from_what_was_said(spoke: int, lives_on: int, commits: int, mode: str) -> None:
    assert recommended(spoke, lives_on, commits) == mode
