"""What cannot be learned from, or written to: it is said as it is, and all is written or nothing."""

from pathlib import Path

import pytest

from git_repository import Repo
from twiceshy.cli import files
from twiceshy.cli.main import run
from twiceshy.cli.usage_error import UsageError
from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.todays_code import todays_code

BAD = "import requests\n\n\ndef charge(order):\n    return requests.post(PARTNER, json=order)\n"
GOOD = BAD.replace("json=order)", "json=order, timeout=3)")


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    repository = Repo(tmp_path / "shop")
    repository.commit({"pay.py": BAD})
    repository.commit({"pay.py": GOOD}, "fix: a timeout")
    monkeypatch.chdir(repository.root)
    monkeypatch.delenv("EDITOR", raising=False)
    return repository


def written(repo: Repo) -> list[str]:
    """What of lessons and rules lies in the folder."""
    found = [*repo.root.glob("lessons/*"), *repo.root.glob("rules/*")]
    return sorted(path.relative_to(repo.root).as_posix() for path in found)


def test_a_diff_that_is_not_applied_is_told_so(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write({"the fix.diff": repo.git("diff", "HEAD~1", "HEAD") + "\n"})
    repo.git("checkout", "-q", "HEAD~1")
    assert run(["learn", "the fix.diff"]) == 2
    assert (
        "the fix.diff is not applied here: pay.py stands as it was before the fix. Apply it "
        "(git apply 'the fix.diff'), then learn from it again"
    ) in " ".join(capsys.readouterr().err.split())
    assert written(repo) == []


def test_a_diff_of_another_state_is_told_so(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write({"fix.diff": repo.git("diff", "HEAD~1", "HEAD") + "\n", "pay.py": "import os\n"})
    assert run(["learn", "fix.diff"]) == 2
    assert "fix.diff is of another state: pay.py stands neither as it was before the fix nor" in (
        " ".join(capsys.readouterr().err.split())
    )
    assert written(repo) == []


@pytest.mark.parametrize("folder", ["lessons", "rules"])
def test_a_file_where_a_folder_should_be_stops_it_before_anything_is_written(
    folder: str, repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write({folder: "mine\n"})
    assert run(["learn", "HEAD"]) == 2
    assert f"{folder} is a file, and would have to be a folder: move it away" in (
        capsys.readouterr().err
    )
    assert (repo.root / folder).read_text() == "mine\n"
    assert written(repo) == []


def test_rules_that_are_there_are_never_written_over(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write({"rules/inc-7.yaml": "rules: []\n"})
    assert run(["learn", "HEAD", "--id", "INC-7"]) == 2
    assert "rules/inc-7.yaml exists and is never written over: choose another --id" in (
        capsys.readouterr().err
    )
    assert written(repo) == ["rules/inc-7.yaml"]


def test_the_next_number_is_one_that_no_rules_have(repo: Repo) -> None:
    repo.write({"rules/inc-7.yaml": "rules: []\n"})
    assert run(["learn", "HEAD"]) == 0
    assert "lessons/INC-8.md" in written(repo)


@pytest.mark.parametrize("words", ["x..y", "HEAD..y", "x...HEAD", "..y", "x.."])
def test_a_range_whose_ends_are_not_there_names_them(
    words: str, repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["learn", words]) == 2
    name = "x" if "x" in words else "y"
    told = capsys.readouterr().err
    assert f"no commit {name}: give a commit, a range A..B or a diff file" in told
    assert "--base" not in told
    assert written(repo) == []


def test_code_that_does_not_parse_is_shown_with_a_word_about_it(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = f"{GOOD}\n\n<<<<<<< ours\ndef other(:\n    return 1\n"
    repo.commit({"pay.py": broken})
    repo.commit({"pay.py": broken.replace("timeout=3", "timeout=4")})
    assert run(["learn", "HEAD"]) == 0
    told = capsys.readouterr().out
    assert "look closely: pay.py (a part of it is no python before and after the fix)\n" in told


def test_of_files_that_are_to_be_new_all_are_written_or_none(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    with pytest.raises(UsageError, match="b was written by somebody else meanwhile"):
        files.write_all_new({tmp_path / "a": "1", tmp_path / "b": "2"})
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def pair_of(path: str, bad: str) -> EvidencePair:
    return EvidencePair(path, "python", "charge", bad, bad.replace("order", "bill"), ())


def test_today_s_code_is_all_of_the_language_but_the_failure(repo: Repo) -> None:
    repo.commit({"a/b.py": "x = 1\n", "web.js": "x()\n", "vendor/v.py": "y = 1\n"})
    failed = BAD.split("\n\n\n")[1]
    assert dict(todays_code(repo.root, [pair_of("pay.py", failed)])) == {
        "pay.py": GOOD,
        "a/b.py": "x = 1\n",
    }
    repo.commit({"pay.py": BAD})
    assert list(todays_code(repo.root, [pair_of("pay.py", failed)])) == ["a/b.py"]


def test_where_there_is_no_room_what_shares_words_with_the_fix_is_kept(repo: Repo) -> None:
    others = {f"z{number}.py": f"unlike{number} = 1234567890\n" for number in range(9)}
    repo.commit({**others, "zz.py": "requests.post(HOME)\n"})
    code = todays_code(repo.root, [pair_of("gone.py", BAD)], most=125)
    assert set(code) == {"pay.py", "zz.py"}
    assert code.unread == 9
    assert len(code) + code.unread == 11


def test_what_was_not_read_in_time_is_counted(repo: Repo) -> None:
    code = todays_code(repo.root, [pair_of("pay.py", BAD)], seconds=0.0)
    assert (len(code), code.unread) == (0, 1)
