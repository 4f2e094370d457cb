"""From a fix to a draft: the code that failed and the code that fixed it, and nothing that does not
tell the story.
"""

from pathlib import Path

import pytest

from git_repository import Repo
from twiceshy.cli.main import run
from twiceshy.lessons.lesson_reader import read_lesson

BAD = """import requests


def charge(order):
    reply = requests.post(PARTNER, json=order)
    return reply


def other():
    return 1
"""
GOOD = BAD.replace("json=order)", "json=order, timeout=3)")


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    repository = Repo(tmp_path / "shop")
    repository.commit({"README.md": "a shop\n"}, "begin")
    repository.commit(
        {"pay/client.py": BAD, "pay/styles.py": "x = {  }\n"}, "Charge through the new partner"
    )
    repository.commit(
        {
            "pay/client.py": GOOD,
            "pay/styles.py": "x = {}\n",
            "tests/test_pay.py": "def test_it(): pass\n",
            "NEWS.md": "fixed\n",
            "pay/new.py": "y = 1\n",
        },
        "fix(pay): give the partner's call a timeout (#245)\n\nSee https://github.com/acme/shop/issues/244 and OPS-7.",
    )
    monkeypatch.chdir(repository.root)
    monkeypatch.delenv("EDITOR", raising=False)
    return repository


def test_a_fix_becomes_a_draft(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["learn", "HEAD"]) == 0
    text = (repo.root / "lessons/INC-1.md").read_text()
    fix, origin = repo.git("rev-parse", "HEAD"), repo.git("rev-parse", "HEAD~1")
    day = repo.git("log", "-1", "--format=%cs")
    assert (
        text
        == f"""---
id: INC-1
title: "give the partner's call a timeout (#245)"
date: {day}
severity: high
mode: draft
fix: {fix[:12]}
scars: ["pay/client.py:charge"]
---
What happened, told as a story: what did people see, and what did it cost them?

<!-- The fix says: fix(pay): give the partner's call a timeout (#245) -->
<!-- It mentions: #245, OPS-7, https://github.com/acme/shop/issues/244 -->

## Surprise

What did we believe that turned out to be wrong?

## Conditions

What made it possible?

<!-- The failing lines came on {day} with {origin[:12]}: Charge through the new partner -->

## Response

What would have let us detect sooner, contain faster, resolve with more confidence?

## Systemic

Is it possible elsewhere? What else looked like this?

## What went well

What should stay as it is?

```python bad path=pay/client.py
def charge(order):
    reply = requests.post(PARTNER, json=order)
    return reply
```

```python good
def charge(order):
    reply = requests.post(PARTNER, json=order, timeout=3)
    return reply
```
"""
    )
    assert read_lesson(text, "lessons/INC-1.md").problems == ()
    out = capsys.readouterr().out
    assert "evidence: pay/client.py, charge" in out
    assert "left out: tests/test_pay.py (a test)" in out
    assert "left out: pay/styles.py (only formatting or comments changed)" in out
    assert "left out: pay/new.py (the file was only added)" in out
    assert "left out: NEWS.md (prose)" in out


def test_a_range_and_a_diff_file_do_as_well(repo: Repo, tmp_path: Path) -> None:
    assert run(["learn", "HEAD~1..HEAD", "--id", "INC-7"]) == 0
    (tmp_path / "fix.diff").write_text(repo.git("diff", "HEAD~1", "HEAD") + "\n")
    assert run(["learn", str(tmp_path / "fix.diff")]) == 0
    assert sorted(path.name for path in (repo.root / "lessons").iterdir()) == [
        "INC-7.md",
        "INC-8.md",
    ]
    first, second = ((repo.root / f"lessons/INC-{number}.md").read_text() for number in (7, 8))
    assert first.split("```python bad")[1] == second.split("```python bad")[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["learn", "HEAD~2"], "HEAD~2 is the first commit"),
        (["learn", "nothing"], "no commit nothing: give a commit, a range A..B or a diff file"),
        (
            ["learn", "https://github.com/acme/shop/pull/9"],
            "no merge of https://github.com/acme/shop/pull/9 in this",
        ),
        (["learn", "HEAD", "--id", "../x"], "cannot be an id"),
        (
            ["learn", "HEAD~1"],
            "holds no code that failed and was fixed: pay/client.py: the file was only added",
        ),
    ],
)
def test_what_cannot_be_learned_from_says_what_to_do(
    repo: Repo, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert run(words) == 2
    assert message in capsys.readouterr().err
    assert not (repo.root / "lessons").exists()


def test_a_lesson_is_never_written_over(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write({"lessons/INC-1.md": "mine\n"})
    assert run(["learn", "HEAD", "--id", "INC-1"]) == 2
    assert "lessons/INC-1.md exists and is never written over" in capsys.readouterr().err
    assert (repo.root / "lessons/INC-1.md").read_text() == "mine\n"
    assert [path.name for path in (repo.root / "lessons").iterdir()] == ["INC-1.md"]


def test_a_recurrence_is_added_to_the_lesson_it_repeats(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["learn", "HEAD"]) == 0
    place = repo.root / "lessons/INC-1.md"
    first = place.read_text()
    other = BAD.replace("charge", "refund").replace("PARTNER", "BANK")
    repo.commit({"pay/refund.py": other}, "Refund")
    repo.commit(
        {"pay/refund.py": other.replace("json=order)", "json=order, timeout=3)")}, "It was back"
    )
    assert run(["learn", "HEAD", "--add-to", "INC-1"]) == 0
    text = place.read_text()
    assert text.startswith(first)
    lesson = read_lesson(text, "lessons/INC-1.md").lesson
    assert lesson is not None
    assert [(block.side, block.path, block.pair) for block in lesson.evidence] == [
        ("bad", "pay/client.py", 0),
        ("good", None, 0),
        ("bad", "pay/refund.py", 1),
        ("good", None, 1),
    ]
    assert "INC-1.md has 1 more piece of evidence" in capsys.readouterr().out
    assert run(["learn", "HEAD", "--add-to", "INC-1"]) == 2
    assert "the lesson shows all code of HEAD already" in capsys.readouterr().err
    assert place.read_text() == text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["learn", "HEAD", "--add-to", "INC-9"], "no lesson INC-9 in lessons/"),
        (["learn", "HEAD", "--add-to", "INC-9", "--id", "INC-8"], "give one of them"),
    ],
)
def test_evidence_is_added_to_a_known_lesson_only(
    repo: Repo, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert repo.root.is_dir()
    assert run(words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("message", "url"),
    [
        ("Give it a timeout (#245)", "https://github.com/acme/shop/pull/245/files"),
        (
            "Merge pull request #245 from ann/timeout",
            "https://github.acme.example/acme/shop/pull/245",
        ),
        (
            "Merge branch\n\nSee merge request acme/shop!245",
            "https://gitlab.com/acme/shop/-/merge_requests/245",
        ),
    ],
)
def test_a_merged_pull_request_is_found_by_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, message: str, url: str
) -> None:
    repository = Repo(tmp_path / "shop")
    repository.commit({"pay.py": BAD})
    repository.branch("ann").commit({"pay.py": GOOD}, "mend")
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "--no-ff", "-m", message, "ann")
    repository.commit({"other.py": "x = 1\n"}, "Something else (#2450)")
    monkeypatch.chdir(repository.root)
    assert run(["learn", url]) == 0
    assert "timeout=3" in (repository.root / "lessons/INC-1.md").read_text()


def test_a_pull_request_that_is_not_merged_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = Repo(tmp_path / "there")
    there.commit({"pay.py": BAD})
    there.branch("ann").commit({"pay.py": GOOD}, "mend")
    there.git("update-ref", "refs/pull/7/head", "ann")
    there.git("checkout", "-q", "main")
    there.commit({"other.py": "x = 1\n"}, "meanwhile")
    there.git("branch", "-q", "-D", "ann")
    there.git("clone", "-q", str(there.root), str(tmp_path / "here"))
    monkeypatch.chdir(tmp_path / "here")
    assert run(["learn", "https://github.com/acme/shop/pull/7"]) == 0
    text = (tmp_path / "here/lessons/INC-1.md").read_text()
    assert "timeout=3" in text
    assert "other.py" not in text
    assert run(["learn", "https://github.com/acme/shop/pull/8"]) == 2
    assert (
        "origin does not give refs/pull/8/head: is this a clone of acme/shop?"
        in capsys.readouterr().err
    )


def test_a_shallow_clone_says_what_to_fetch(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.root}", str(tmp_path / "cut"))
    monkeypatch.chdir(tmp_path / "cut")
    assert run(["learn", "HEAD"]) == 2
    assert (
        "this clone is shallow and does not hold what stood before HEAD" in capsys.readouterr().err
    )


def test_of_many_files_a_few_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = Repo(tmp_path / "wide")
    repository.commit({f"m{number}.py": BAD for number in range(40)})
    repository.commit({f"m{number}.py": GOOD for number in range(40)}, "everywhere")
    monkeypatch.chdir(repository.root)
    assert run(["learn", "HEAD"]) == 0
    out = capsys.readouterr().out
    assert out.count("left out: ") == 10
    assert "  and 27 more files\n" in out


def test_a_pull_request_of_another_repository_is_not_taken_for_ones_own(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.git("remote", "add", "origin", "git@github.com:acme/shop.git")
    assert run(["learn", "https://github.com/acme/other/pull/245"]) == 2
    assert "belongs to acme/other, this is a clone of acme/shop" in capsys.readouterr().err
    assert run(["learn", "https://github.com/ann/Shop/pull/245"]) == 0  # a fork has the same name
