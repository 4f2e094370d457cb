"""The past replayed: what a lesson would have said, and what of it was mended since."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import pytest

from git_repository import Repo
from service.shop import BUG, CLEAN, FIX, LESSON, RULE
from twiceshy.changes.git import commit_change
from twiceshy.changes.git_objects import Repository
from twiceshy.cli import backtest as backtest_command
from twiceshy.cli.main import run
from twiceshy.cli.timeline import timelines
from twiceshy.learning import backtest
from twiceshy.learning.backtest import recommended
from twiceshy.learning.backtest_cache import BacktestCache, CachedFinding
from twiceshy.lessons.sources import Folder
from twiceshy.verdicts.guard import Guard

RULES_ALONE = "recall: {comment_at: 1, block_at: 1}\n"
"""Resemblance is never sure enough."""


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    made = Repo(tmp_path / "shop")
    made.commit({"README.md": "a shop\n"}, "begin", "2026-01-01")
    made.commit({"src/refund.py": BUG}, "Refund", "2026-01-02")
    made.commit({"src/total.py": CLEAN}, "Total", "2026-04-01")
    made.commit({"src/other.py": BUG.replace("refund", "repay")}, "Repay", "2026-07-01")
    made.commit({"src/refund.py": FIX}, "Fix the refund that hung", "2026-10-01")
    made.commit(
        {"lessons/INC-245.md": LESSON, "rules/inc-245.yaml": RULE}, "The lesson", "2026-11-01"
    )
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return made


def replayed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["backtest", *words]) == 0
    return capsys.readouterr().out


def test_the_past_is_replayed(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = repo.git("rev-parse", "HEAD~4")[:10], repo.git("rev-parse", "HEAD~2")[:10]
    assert replayed(capsys) == (
        "lesson  spoke gone since lives on per 100 when         mode                \n"
        "INC-245     2          1        1    40.0 █······█···· observe (too often) \n"
        f"  {second} 2026-07-01 src/other.py:5 INC-245 (rules), lives on\n"
        f"  {first} 2026-01-02 src/refund.py:5 INC-245 (rules), gone since\n"
        "5 changes replayed, 2026-01-02 to 2026-11-01\n"
    )


def test_a_draft_is_replayed_as_if_it_observed_and_a_retired_lesson_is_not(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    place = repo.root / "lessons/INC-245.md"
    place.write_text(LESSON.replace("mode: block", "mode: draft  # not yet"))
    text = replayed(capsys)
    assert text.startswith(
        "lesson  spoke gone since lives on per 100 when         mode                \n"
        "INC-245     2          1        1    40.0 "
    )
    assert text.endswith(
        "5 changes replayed, 2026-01-02 to 2026-11-01\n"
        "INC-245: a draft, tried as if it observed: it guards nothing yet\n"
    )
    place.write_text(LESSON.replace("mode: block", "mode: retired"))
    other = LESSON.replace("INC-245", "INC-7").replace("mode: block", "mode: observe")
    (repo.root / "lessons/INC-7.md").write_text(other)
    text = replayed(capsys, "INC-245")
    assert text == (
        "5 changes replayed, 2026-01-02 to 2026-11-01\n"
        "INC-245: retired, so nothing of it was replayed\n"
    )


def test_a_part_is_held_against_the_code_before_its_oldest_commit(
    repo: Repo, tmp_path: Path
) -> None:
    guard = Guard([Folder(repo.root)], hosts=tmp_path / "hosts")
    changes = [commit_change(repo.root, f"HEAD~{age}") for age in range(3)]
    hosted = backtest._with_one_host(guard, changes)
    oldest = repo.git("rev-parse", "HEAD~3^{tree}")
    assert {change.host.identity for change in hosted if change.host} == {oldest}
    (kept,) = (tmp_path / "hosts").glob("*.sqlite")
    with closing(sqlite3.connect(kept)) as counted:
        assert counted.execute("SELECT tree, complete FROM meta").fetchall() == [(oldest, 1)]


def test_as_far_back_as_it_is_wanted(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert "1 changes replayed" in replayed(capsys, "--commits", "1")
    assert "3 changes replayed" in replayed(capsys, "--since", "HEAD~3")
    assert "5 changes replayed" in replayed(capsys, "INC-245", "--since", "2020-01-01")


def test_code_that_stands_but_was_mended_beside_it_does_not_live_on(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({".twiceshy.yml": RULES_ALONE})
    excused = RULE + "      - pattern-not-inside: |\n          with limited(): ...\n          ...\n"
    repo.commit({"rules/inc-245.yaml": excused}, "A limit does as well")
    assert "INC-245     2          1        1" in replayed(capsys)
    body = BUG.split("\n\n\n", 1)
    limited = body[0] + "\n\n\n" + body[1].replace(":\n", ":\n    with limited(): pass\n", 1)
    repo.commit({"src/other.py": limited.replace("refund", "repay")}, "Limit it")
    assert "src/other.py:5 INC-245 (rules), gone since" in replayed(capsys)


def test_a_merge_is_one_change_as_its_pull_request_was(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.branch("topic").commit({"src/later.py": BUG}, "begin later", "2026-11-02")
    repo.commit({"src/later.py": FIX}, "mend it before anybody saw", "2026-11-03")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge later", "topic")
    assert "INC-245     2 " in replayed(capsys)
    each = replayed(capsys, "--every-commit")
    assert "INC-245     3 " in each
    assert "src/later.py:5 INC-245 (rules), gone since" in each


def test_what_was_judged_is_not_judged_again(
    repo: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = replayed(capsys)
    judged: list[str] = []

    def watched(
        past: backtest.RepositoryHistory, commits: list[str]
    ) -> Iterator[backtest.FindingsByCommit]:
        judged.extend(commits)
        yield from real(past, commits)

    real = backtest._judged
    monkeypatch.setattr(backtest, "_judged", watched)
    assert replayed(capsys) == whole
    assert judged == []
    new = repo.commit({"src/total.py": CLEAN + "\n"}, "More", "2026-11-02")
    replayed(capsys)
    assert judged == [new]
    [kept] = (tmp_path / "cache/twiceshy/replays").glob("*.jsonl")
    kept.write_text(kept.read_text()[:40])  # as by an interruption
    judged.clear()
    replayed(capsys)
    assert len(judged) == 6
    (repo.root / "rules/inc-245.yaml").write_text(RULE.replace("timeout", "TIMEOUT"))
    judged.clear()
    replayed(capsys)
    assert len(judged) == 6, "another rule would have said other things"


def test_only_the_newest_replays_are_kept(tmp_path: Path) -> None:
    said = CachedFinding("INC-1", "a.py", 3, "rules", "f()")
    for number in range(25):
        BacktestCache(tmp_path, str(number)).add({"c": (said,), "d": (), "e": None})
    assert len(list(tmp_path.iterdir())) == 20
    assert BacktestCache(tmp_path, "24").read(["c", "d", "e", "f"]) == {
        "c": (said,),
        "d": (),
        "e": None,
    }
    assert BacktestCache(tmp_path, "new").read(["c"]) == {}
    assert BacktestCache(None, "24").read(["c"]) == {}
    (tmp_path / "file").write_text("")
    BacktestCache(tmp_path / "file", "x").add({"c": ()})  # cannot be kept, and nobody is harmed


def test_a_line_of_time_shows_when_and_how_often() -> None:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    often = [date(2026, 12, 30)] * 8
    lines = timelines(
        {"a": [first, *often], "b": [date(2026, 6, 1), date(2030, 1, 1)], "c": []}, first, last
    )
    assert lines == {"a": "▁··········█", "b": "····▁······▁", "c": "·" * 12}
    assert timelines({"a": [first]}, first, first) == {"a": "█···········"}


def test_of_a_large_registry_only_those_who_spoke_are_shown(
    repo: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = (
        LESSON.replace("INC-245", "OTHER")
        .replace("requests", "partner")
        .replace("partner.post", "partner.ask")
    )
    (repo.root / "lessons/OTHER.md").write_text(other)
    (repo.root / ".twiceshy.yml").write_text(RULES_ALONE)
    assert "OTHER       0" in replayed(capsys)
    monkeypatch.setattr(backtest_command, "MOST_LESSONS", 1)
    out = replayed(capsys)
    assert "INC-245     2" in out
    assert "OTHER" not in out
    assert "1 other lessons would have said nothing" in out


def test_without_a_history_there_is_nothing_to_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Repo(tmp_path / "new")
    made.commit({"lessons/INC-245.md": LESSON, "rules/inc-245.yaml": RULE})
    monkeypatch.chdir(made.root)
    assert (
        replayed(capsys) == "0 changes replayed: there is no history to hold the lessons against\n"
    )


def _git_of(root: Path) -> list[int]:
    repository = Repository.at(root)
    assert repository.info("HEAD")
    return [process.pid for process in repository._open.values()]


def test_processes_that_share_the_work_do_not_share_a_git(repo: Repo) -> None:
    """They would take each other's answers: a replay that hung until git was given up."""
    own = _git_of(repo.root)
    with ProcessPoolExecutor(1, get_context("fork")) as pool:
        others = pool.submit(_git_of, repo.root).result()
    assert own and others and set(own).isdisjoint(others)
    assert _git_of(repo.root) == own


def test_an_unknown_lesson_is_named(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backtest", "INC-9"]) == 2
    assert "no lesson INC-9 here" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spoke", "lives_on", "commits", "mode"),
    [
        (0, 0, 10, "comment"),
        (0, 0, 0, "observe (no history)"),
        (1, 0, 100, "comment"),
        (3, 2, 200, "observe (most lives on)"),
        (3, 0, 100, "observe (too often)"),
    ],
)
def test_a_mode_follows_from_what_was_said(
    spoke: int, lives_on: int, commits: int, mode: str
) -> None:
    assert recommended(spoke, lives_on, commits).text == mode
