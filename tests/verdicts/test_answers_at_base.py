"""What people wrote of a lesson in the repository's own code counts as their answer."""

from datetime import date
from pathlib import Path

import pytest

from changing import pair
from git_repository import Repo
from making import lesson
from recall_samples import PYTHON
from twiceshy import Guard
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git import branch_change
from twiceshy.changes.git_host import BareHostTree, GitHostTree
from twiceshy.changes.ignore_comments import MARK
from twiceshy.cli.main import run
from twiceshy.guards.baseline import BASELINE, KnownPlace, Word, write_baseline
from twiceshy.lessons.lesson_writer import new_lesson
from twiceshy.verdicts import answers_at_base
from twiceshy.verdicts.settings import RecallSettings, Settings
from twiceshy.verdicts.verdict import Action, Report
from twiceshy.workspace import Workspace

TODAY = date(2026, 11, 21)
SETTINGS = Settings(recall=RecallSettings(comment_at=0.96))
LESSON = new_lesson(
    lesson("INC-1", evidence=pair(PYTHON.bad, PYTHON.good, PYTHON.path, PYTHON.language))
)
IGNORE = "# twiceshy: ignore INC-1 until 2999-01-31 because our partner never hangs"
HOOK = "shop/hook.py"
ALIKE = """def notify(basket):
    answer = requests.post(PARTNER, json=basket.dict())
    log(answer)
    answer.raise_for_status()
    return answer.text
"""
"""Scores 0.97: over the default of 0.90, under what a dismissal of as much asks for."""

ANSWERED = ALIKE.replace("notify", "tell_hook").replace(
    "    answer", f"    {IGNORE}\n    answer", 1
)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.commit({"lessons/INC-1.md": LESSON, "shop/total.py": PYTHON.unrelated})
    return repo


def brought(repo: Repo, *files: dict[str, str | bytes | None]) -> Repo:
    """The repository on a branch that brings the failure back in other words."""
    repo.branch("change")
    repo.commit({"shop/notify.py": ALIKE})
    for change in files:
        repo.commit(change)
    return repo


def judged(repo: Repo, tmp_path: Path) -> tuple[Action, str]:
    """What is done about the one likeness, and why not more."""
    guard = Guard.load(repo.root, cache=tmp_path / "cache")
    return about(guard.judge(branch_change(repo.root, "main"), today=TODAY))


def about(report: Report) -> tuple[Action, str]:
    (row,) = [row for row in report.findings if row.finding.path == "shop/notify.py"]
    return row.action, row.reason


SPOKEN = (Action.COMMENT, "resembles at 0.97, under block_at 0.98")
NORMAL_HERE = (Action.COMMENT, "resembles at 0.94, under block_at 0.98")
DISMISSED = "which it asks for here: dismissed as wrong once, by the comment in shop/hook.py"


def test_without_a_comment_it_speaks(repo: Repo, tmp_path: Path) -> None:
    assert judged(brought(repo), tmp_path) == SPOKEN


def test_a_comment_at_the_base_asks_for_more_than_what_it_silences(
    repo: Repo, tmp_path: Path
) -> None:
    repo.commit({HOOK: ANSWERED})
    observed = Action.OBSERVE, f"resembles at 0.94, under comment_at 0.98, {DISMISSED}:2"
    assert judged(brought(repo), tmp_path) == observed


def test_a_comment_that_silences_nothing_asks_for_more_than_the_least_that_is_said(
    repo: Repo, tmp_path: Path
) -> None:
    repo.commit({HOOK: f"x = 1  {IGNORE}\n"})
    guard = Workspace.from_commit(repo.root, "main", SETTINGS).open(cache=tmp_path / "cache")
    report = guard.judge(branch_change(brought(repo).root, "main"), today=TODAY)
    assert about(report) == (
        Action.OBSERVE,
        f"resembles at 0.97, under comment_at 0.98, {DISMISSED}:1",
    )


@pytest.mark.parametrize(
    "comment",
    [
        IGNORE.replace("2999-01-31", "2026-11-20"),
        IGNORE.replace("until 2999-01-31 ", ""),
        IGNORE.replace("INC-1", "INC-2"),
    ],
    ids=["that has ended", "without an end", "on another lesson"],
)
def test_a_comment_that_does_not_count_asks_for_nothing(
    repo: Repo, tmp_path: Path, comment: str
) -> None:
    repo.commit({HOOK: ANSWERED.replace(IGNORE, comment)})
    assert judged(brought(repo), tmp_path) == NORMAL_HERE


def test_when_the_comment_goes_so_does_what_it_asked_for(repo: Repo, tmp_path: Path) -> None:
    repo.commit({HOOK: ANSWERED})
    repo.commit({HOOK: ANSWERED.replace(f"    {IGNORE}\n", "")})
    assert judged(brought(repo), tmp_path) == NORMAL_HERE


@pytest.mark.parametrize("path", ["docs/hook.md", "vendor/hook.py"])
def test_what_nobody_wrote_as_code_here_is_no_answer(repo: Repo, tmp_path: Path, path: str) -> None:
    repo.commit({path: ANSWERED})
    action, _ = judged(brought(repo), tmp_path)
    assert action is Action.COMMENT


def test_a_change_cannot_bring_an_answer_for_itself(repo: Repo, tmp_path: Path) -> None:
    assert judged(brought(repo, {HOOK: ANSWERED}), tmp_path)[0] is Action.COMMENT


def test_nor_can_a_diff_that_is_checked_out_already(repo: Repo, tmp_path: Path) -> None:
    before = repo.git("rev-parse", "HEAD")
    repo.git("branch", "--quiet", "-m", "main", "trunk")  # no default branch to tell
    repo.commit({HOOK: ANSWERED, "shop/notify.py": ALIKE})
    diff = repo.git("diff", before, "HEAD") + "\n"
    guard = Guard.load(repo.root, cache=tmp_path / "cache", host=repo.root)
    assert about(guard.check(diff))[0] is Action.COMMENT


def test_attributes_of_the_work_tree_hide_no_answer(repo: Repo, tmp_path: Path) -> None:
    repo.commit({HOOK: ANSWERED})
    brought(repo, {".gitattributes": "* binary\n"})
    assert judged(repo, tmp_path)[0] is Action.OBSERVE


def test_explain_says_who_asked_for_more(
    repo: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit({HOOK: ANSWERED})
    monkeypatch.chdir(brought(repo).root)
    assert run(["check", "--base", "main", "--explain"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert (
        "INC-1 observed at shop/notify.py:2: resembles at 0.94, under comment_at 0.98, "
        f"{DISMISSED}:2"
    ) in told


def test_a_persons_word_in_the_baseline_counts_on_the_command_line(
    repo: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = KnownPlace("f1", "INC-1", "shop/total.py", Word.NORMAL)
    repo.commit({BASELINE: write_baseline([place])})
    monkeypatch.chdir(brought(repo).root)
    assert run(["check", "--base", "main", "--explain"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "1 place is said to be normal here, so it must be surer" in told


def test_answers_that_were_not_all_heard_are_named(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers_at_base, "MOST_FILES", 1)
    repo.commit({HOOK: ANSWERED, "shop/a.py": f"x = 1  {IGNORE}\n"})
    guard = Guard.load(repo.root, cache=tmp_path / "cache")
    report = guard.judge(branch_change(brought(repo).root, "main"), today=TODAY)
    assert [problem.message for problem in report.problems] == [
        "not all `twiceshy: ignore` comments of this repository were heard: over 1 files hold one, "
        "and the first alone were read. What people called wrong with one may be said again"
    ]
    monkeypatch.setattr(answers_at_base, "SECONDS", 0.0)
    report = guard.judge(branch_change(repo.root, "main"), today=TODAY)
    assert [problem.message for problem in report.problems] == [
        "not all `twiceshy: ignore` comments of this repository were heard: git grep took over 0 s "
        "and was stopped: is the repository on a slow or unreachable disk?. What people called "
        "wrong with one may be said again"
    ]


def test_a_copy_without_its_large_files_answers_for_the_others(repo: Repo, tmp_path: Path) -> None:
    repo.commit({HOOK: ANSWERED, "shop/large.py": f"{IGNORE}\n" + "x = 1\n" * 1_000})
    repo.git("config", "uploadpack.allowFilter", "true")
    copy = tmp_path / "copy"
    filtered = ("--bare", "--no-local", "--filter=blob:limit=2000", repo.root.as_uri())
    repo.git("clone", "--quiet", *filtered, str(copy))
    repo.git("--git-dir", str(copy), "config", "--unset", "remote.origin.promisor")
    repo.git("--git-dir", str(copy), "config", "--unset", "remote.origin.partialclonefilter")
    commit = repo.git("rev-parse", "HEAD")
    tree = BareHostTree(copy, commit, "shop")
    assert [file.path for file in tree.holding(MARK, 10.0)] == [HOOK]


def test_a_commit_that_is_not_there_is_no_silence(repo: Repo) -> None:
    with pytest.raises(ChangeError, match="git grep failed"):
        list(GitHostTree(repo.root, "0" * 40).holding(MARK, 10.0))
