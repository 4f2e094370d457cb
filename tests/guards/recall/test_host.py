"""The host repository speaks: what stands all over it is no news, and a lesson must be surer."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from changing import pair
from git_repository import Repo
from making import lesson
from recall_samples import PYTHON
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git import branch_change
from twiceshy.cli.main import run
from twiceshy.guards import host_words
from twiceshy.guards.baseline import BASELINE, KnownPlace, Word, write_baseline
from twiceshy.guards.finding import GuardResult
from twiceshy.guards.host_words import HostWords
from twiceshy.guards.recall.recall_guard import RecallCompiler, RecallGuard
from twiceshy.lessons.index import MemoryIndex, Unit
from twiceshy.verdicts.guard import Guard

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


def said(word: Word, *paths: str) -> dict[str, str | bytes | None]:
    """A baseline with a person's word on places of the lesson."""
    places = [KnownPlace(f"f{number}", "INC-1", path, word) for number, path in enumerate(paths)]
    return {BASELINE: write_baseline(places)}


def test_the_same_mistake_that_is_not_mended_yet_is_no_reason_to_doubt(repo: Repo) -> None:
    (alone,) = brought_back(repo).findings
    repo.git("checkout", "--quiet", "main")
    repo.git("branch", "--quiet", "-D", "change")
    repo.commit({**written_by_everybody(), **said(Word.UNMENDED, *PATHS)})
    (finding,) = brought_back(repo).findings
    assert finding.score > 0.8 * alone.score  # its words are common here all the same
    assert finding.why.splitlines()[-1] == (
        "What is normal here: 6 places that are not mended yet do not count."
    )


def test_what_a_person_calls_normal_counts_as_several_places(repo: Repo) -> None:
    (alone,) = brought_back(repo).findings
    repo.git("checkout", "--quiet", "main")
    repo.git("branch", "--quiet", "-D", "change")
    repo.commit(said(Word.NORMAL, "shop/total.py", "shop/other.py"))
    (finding,) = brought_back(repo).findings
    assert finding.score < alone.score
    assert finding.held_back == "2 places are said to be normal here, so it must be surer"


def test_a_change_cannot_bring_a_word_for_itself(repo: Repo) -> None:
    (alone,) = brought_back(repo).findings
    repo.commit(said(Word.NORMAL, *PATHS))
    (finding,) = RecallGuard().check(branch_change(repo.root, "main"), index()).findings
    assert finding == alone


def test_a_baseline_that_cannot_be_read_is_said_and_counts_as_none(repo: Repo) -> None:
    repo.commit({BASELINE: "{"})
    result = brought_back(repo)
    assert result.findings[0].held_back == ""
    assert [problem.path for problem in result.problems] == [BASELINE]


LESSON = f"""---
id: INC-1
title: A slow partner took checkout down
date: 2026-05-14
severity: high
mode: comment
---
It waited.

```python bad path={PYTHON.path}
{PYTHON.bad}```

```python good
{PYTHON.good}```
"""


def registry(tmp_path: Path) -> Path:
    folder = tmp_path / "registry"
    (folder / "lessons").mkdir(parents=True)
    (folder / "lessons/INC-1.md").write_text(LESSON)
    return folder


def test_a_python_caller_names_the_host(repo: Repo, tmp_path: Path) -> None:
    repo.commit(written_by_everybody())
    repo.branch("change")
    repo.commit({PYTHON.path: PYTHON.bad})
    diff = repo.git("diff", "main", "change") + "\n"
    folder, cache = registry(tmp_path), tmp_path / "cache"
    alone = Guard.load(folder, cache=cache).check(diff)
    here = Guard.load(folder, cache=cache, host=repo.root).check(diff)
    (finding,) = [judged.finding for judged in here.findings]
    assert finding.score < alone.findings[0].finding.score
    assert finding.held_back == (
        "its shape stands in 6 other places (shop/part0/client.py:1, shop/part1/client.py:1, "
        "shop/part2/client.py:1, ...), so it must be surer"
    )
    with pytest.raises(FileNotFoundError):
        Guard.load(folder, cache=cache, host=tmp_path / "nowhere")
    with pytest.raises(ChangeError):
        Guard.load(folder, cache=cache, host=folder)


def test_a_checkout_that_holds_the_change_already_is_not_held_against_it(
    repo: Repo, tmp_path: Path
) -> None:
    before = repo.git("rev-parse", "HEAD")
    repo.git("branch", "--quiet", "-m", "main", "trunk")  # no default branch to tell
    repo.commit({PYTHON.path: PYTHON.bad})
    diff = repo.git("diff", before, "HEAD") + "\n"
    report = Guard.load(registry(tmp_path), cache=tmp_path / "cache", host=repo.root).check(diff)
    assert [judged.finding.held_back for judged in report.findings] == [""]


def test_explain_names_the_places_that_held_a_lesson_back(
    repo: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = "recall: {comment_at: 0.999, block_at: 1.0}\n"
    repo.commit({**written_by_everybody(), ".twiceshy.yml": settings})
    repo.branch("change")
    repo.commit({PYTHON.path: PYTHON.renamed})
    patch = tmp_path / "change.diff"
    patch.write_text(repo.git("diff", "main", "change") + "\n")
    words = ["check", "--diff", str(patch), "--root", str(repo.root), "--explain"]
    assert run([*words, "--registry", str(registry(tmp_path))]) == 0
    _, explained = capsys.readouterr().out.split("Why the others kept silent")
    told = " ".join(explained.split())
    observed, places = told.split("; ", 1)
    assert observed.startswith("INC-1 observed at services/pay/client.py:2: resembles at ")
    assert places.startswith(
        "its shape stands in 6 other places (shop/part0/client.py:1, shop/part1/client.py:1, "
        "shop/part2/client.py:1, ...), so it must be surer"
    )


def test_a_lesson_that_fell_silent_says_which_places_did_it_and_how_much_was_counted(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_words, "MOST_FILES", 6)
    repo.commit(written_by_everybody())
    repo.branch("change")
    repo.commit({PYTHON.path: PYTHON.renamed})
    change = branch_change(repo.root, "main")
    (finding,) = RecallGuard().check(change, index()).findings
    result = RecallGuard(worth_telling=finding.score + 0.0002).check(change, index())
    assert result.findings == ()
    assert result.silent is not None
    told = result.silent["INC-1"]
    assert told.startswith("resembles services/pay/client.py:1 at ")
    assert ": too little to tell (its shape stands in " in told
    assert told.endswith("; counted in 6 of 7 files), so it must be surer)")


def test_coverage_tells_once_where_a_failure_stands(
    repo: Repo,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    repo.commit(
        {**written_by_everybody(), **said(Word.UNMENDED, PATHS[0]), "lessons/INC-1.md": LESSON}
    )
    monkeypatch.chdir(repo.root)
    assert run(["coverage"]) == 0
    assert (
        "INC-1 stands in 5 other places (shop/part1/client.py:1, shop/part2/client.py:1, "
        "shop/part3/client.py:1, ...) here: mend them, or say that they are normal "
        "(twiceshy sweep --update-baseline); 1 place not mended yet\n"
    ) in capsys.readouterr().out
    assert run(["coverage", "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["lessons"]
    assert row["stands"] == {
        "count": 5,
        "places": [
            {"path": path, "start_line": 1, "end_line": row["stands"]["places"][0]["end_line"]}
            for path in PATHS[1:4]
        ],
        "normal": 0,
        "unmended": 1,
        "files": 8,
        "of_files": 8,
    }


def _kept(repo: Repo, folder: Path) -> tuple[GuardResult, Path]:
    """What recall says with the host's words kept, and where they are."""
    repo.commit(written_by_everybody())
    result = _again(repo, folder)
    (file,) = folder.glob("*.sqlite")
    return result, file


def _again(repo: Repo, folder: Path) -> GuardResult:
    if "change" not in repo.git("branch", "--list", "change"):
        repo.branch("change")
        repo.commit({PYTHON.path: PYTHON.bad})
    return RecallGuard(hosts=folder).check(branch_change(repo.root, "main"), index())


def test_a_host_that_is_damaged_within_silences_nobody(repo: Repo, tmp_path: Path) -> None:
    sound, file = _kept(repo, tmp_path / "hosts")
    with closing(sqlite3.connect(file)) as kept:
        (size,) = kept.execute("PRAGMA page_size").fetchone()
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'word'"
        (page,) = kept.execute(query).fetchone()
    content = bytearray(file.read_bytes())
    content[(page - 1) * size : page * size] = b"\xff" * size  # opening it shows nothing
    file.write_bytes(bytes(content))
    assert _again(repo, tmp_path / "hosts") == sound
    assert _again(repo, tmp_path / "hosts") == sound
    with closing(sqlite3.connect(file)) as kept:
        assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_host_that_another_process_holds_silences_nobody(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_words, "_BUSY_SECONDS", 0.01)
    sound, file = _kept(repo, tmp_path / "hosts")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        counts = HostWords.counts

        def held(words: HostWords, wanted: Iterable[str]) -> dict[str, int]:
            """The other process begins to write once this one has opened the file."""
            if not other.in_transaction:
                other.execute("BEGIN EXCLUSIVE")
            return counts(words, wanted)

        monkeypatch.setattr(HostWords, "counts", held)
        assert _again(repo, tmp_path / "hosts") == sound


def test_what_was_noted_of_contents_that_are_gone_goes(repo: Repo, tmp_path: Path) -> None:
    _, file = _kept(repo, tmp_path / "hosts")

    def noted() -> int:
        with closing(sqlite3.connect(file)) as kept:
            return int(kept.execute("SELECT COUNT(*) FROM note").fetchone()[0])

    assert noted() == len(PATHS)
    repo.git("checkout", "--quiet", "main")
    repo.commit(dict.fromkeys(PATHS[1:]))
    repo.git("branch", "--quiet", "-D", "change")
    _again(repo, tmp_path / "hosts")
    assert noted() == 1
