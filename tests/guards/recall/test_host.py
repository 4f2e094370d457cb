"""The host repository speaks: what stands all over it is no news, and a lesson must be surer."""

from pathlib import Path

import pytest

from changing import pair
from git_repository import Repo
from making import lesson
from recall_samples import PYTHON
from twiceshy.changes.git import branch_change
from twiceshy.guards.finding import GuardResult
from twiceshy.guards.recall.recall_guard import RecallCompiler, RecallGuard
from twiceshy.lessons.index import MemoryIndex, Unit

PATHS = [f"shop/part{number}/client.py" for number in range(6)]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.commit({"README.md": "a shop\n", "shop/total.py": PYTHON.unrelated})
    return repo


def written_by_everybody() -> dict[str, str | bytes | None]:
    """The failing code, under names of their own, in six places."""
    files: dict[str, str | bytes | None] = {}
    for number, path in enumerate(PATHS):
        files[path] = PYTHON.renamed.replace("notify", f"notify_{number}")
    return files


def index() -> MemoryIndex:
    told = lesson(evidence=pair(PYTHON.bad, PYTHON.good, PYTHON.path, PYTHON.language))
    return MemoryIndex([Unit(told, ())], [RecallCompiler()])


def brought_back(repo: Repo, text: str = PYTHON.bad, path: str = PYTHON.path) -> GuardResult:
    """What recall says of a branch that brings a text."""
    repo.branch("change")
    repo.commit({path: text})
    return RecallGuard().check(branch_change(repo.root, "main"), index())


def test_where_nothing_is_like_it_a_lesson_speaks_as_ever(repo: Repo) -> None:
    (finding,) = brought_back(repo).findings
    assert finding.score >= 0.9
    assert "normal here" not in finding.why


def test_where_its_shape_is_normal_it_must_be_surer_and_says_so(repo: Repo) -> None:
    (alone,) = brought_back(repo).findings
    repo.git("checkout", "--quiet", "main")
    repo.git("branch", "--quiet", "-D", "change")
    repo.commit(written_by_everybody())
    (finding,) = brought_back(repo).findings
    assert finding.score < alone.score
    assert finding.why.splitlines()[-1] == (
        "What is normal here: its shape stands in 6 other places (shop/part0/client.py:1, "
        "shop/part1/client.py:1, shop/part2/client.py:1, ...), so it must be surer."
    )


def test_the_places_the_change_itself_touches_do_not_count(repo: Repo) -> None:
    repo.commit({PYTHON.path: PYTHON.good.replace("(order)", "(bill)")})
    (finding,) = brought_back(repo).findings
    assert "normal here" not in finding.why


def test_the_changes_own_files_are_no_part_of_the_host(repo: Repo) -> None:
    repo.branch("change")
    repo.commit(written_by_everybody())
    repo.commit({PYTHON.path: PYTHON.bad})
    result = RecallGuard().check(branch_change(repo.root, "main"), index())
    assert result.findings
    assert all("normal here" not in finding.why for finding in result.findings)


def test_the_fixed_code_all_over_the_host_is_no_reason_to_doubt(repo: Repo) -> None:
    repo.commit(dict.fromkeys(PATHS, PYTHON.good))
    (finding,) = brought_back(repo).findings
    assert finding.score >= 0.9
    assert "normal here" not in finding.why


def test_what_was_counted_is_kept_for_the_next_check(repo: Repo, tmp_path: Path) -> None:
    repo.commit(written_by_everybody())
    repo.branch("change")
    repo.commit({PYTHON.path: PYTHON.bad})
    change = branch_change(repo.root, "main")
    first = RecallGuard(hosts=tmp_path / "hosts").check(change, index())
    second = RecallGuard(hosts=tmp_path / "hosts").check(change, index())
    assert first == second
    assert list((tmp_path / "hosts").glob("*.sqlite"))
