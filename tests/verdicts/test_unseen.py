"""Green means looked at: what was not looked at makes a verdict neutral and stands in its title."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from git_repository import Repo
from making import finding, lesson
from samples import LESSON, REGISTRY, RENAMED, diff_of_new
from twiceshy.changes.change import Change
from twiceshy.changes.diff_file import change_from_diff
from twiceshy.changes.git import branch_change
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.changes.parser.client import own_parser
from twiceshy.guards.finding import GuardResult
from twiceshy.guards.scars import SCARS
from twiceshy.lessons.index import Index
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.policy import conclude
from twiceshy.verdicts.render import FORMATS, render
from twiceshy.verdicts.settings import OnFailure, Settings, SettingsError, read_settings
from twiceshy.verdicts.unseen_line import unseen_line
from twiceshy.verdicts.verdict import Action, Conclusion, JudgedFinding, Report

LARGE = NotLookedAt(Unseen.FILE_TOO_LARGE, "db/schema.sql", "too many bytes", "9.1 MB")
TITLE = "not looked at: 1 file too large (db/schema.sql, 9.1 MB)"


def registry(folder: Path, files: Mapping[str, str] = REGISTRY) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


BLOCK = JudgedFinding(finding(), lesson(), Action.BLOCK, "0123456789abcdef")


def test_what_was_not_looked_at_is_neutral_and_never_softens_a_block() -> None:
    assert conclude([], [LARGE]) is Conclusion.NEUTRAL
    assert conclude([BLOCK], [LARGE]) is Conclusion.FAILURE
    assert conclude([]) is Conclusion.SUCCESS


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_of_a_report_says_so(form: str) -> None:
    report = Report(Conclusion.NEUTRAL, (), problems=(LARGE.problem,), not_looked_at=(LARGE,))
    text = render(report, form).replace("\\", "")
    if form in ("json", "sarif"):
        values = json.loads(text)
        said = values["problems"] if form == "json" else values["runs"][0]["invocations"]
        assert "too many bytes" in str(said)
        assert form == "json" or said[0]["executionSuccessful"] is False
    else:
        assert TITLE.lower() in text.lower()


def test_a_block_stands_first_and_the_rest_is_counted() -> None:
    more = tuple(NotLookedAt(Unseen.PARTLY_READ, f"{name}.py", "why") for name in "abcd")
    report = Report(Conclusion.FAILURE, (BLOCK,), not_looked_at=(LARGE, *more))
    assert render(report, "markdown").splitlines()[0].replace("\\", "") == (
        f"## twiceshy: 1 lesson blocks this change; {TITLE}, "
        "the rest of 4 files (a.py, b.py and 2 more)"
    )


def test_a_name_cannot_break_out_of_the_title() -> None:
    evil = NotLookedAt(Unseen.FILE_TOO_LARGE, "a\n::error::x\u202e" + "b" * 500, "why", "9.1 MB")
    line = unseen_line([evil])
    assert "\n" not in line
    assert len(line) < 150


def test_every_reason_has_its_words() -> None:
    for reason in Unseen:
        first, second = NotLookedAt(reason, "x", "why"), NotLookedAt(reason, "y", "why")
        assert unseen_line([first]).startswith("not looked at: ")
        assert unseen_line([first, second]).startswith("not looked at: ")


def test_a_file_over_the_setting_is_judged_by_its_hunks_and_said(repo: Repo) -> None:
    filler = "x = 1\n" * 20_000
    repo.commit({**REGISTRY, "a.py": filler})
    repo.branch("topic").commit({"a.py": f"{filler}{RENAMED}"})
    change = branch_change(repo.root, "main")
    assert Guard.load(repo.root).judge(change).not_looked_at == ()
    report = Guard.load(repo.root, Settings(max_file_bytes=100_000)).judge(change)
    assert report.conclusion is Conclusion.FAILURE, "its hunks were judged"
    assert [(part.reason, part.subject) for part in report.not_looked_at] == [
        (Unseen.FILE_TOO_LARGE, "a.py")
    ]


@pytest.mark.parametrize(
    "path", ["vendor/big.js", "package-lock.json", "docs/big.js", "big.min.js"]
)
def test_a_large_file_out_of_scope_is_no_reason(tmp_path: Path, path: str) -> None:
    guard = Guard.load(registry(tmp_path), Settings(ignore=("docs/**",), max_file_bytes=100_000))
    text = "x = 1\n" * 20_000
    assert guard.check(diff_of_new(path, text), lambda _: text).conclusion is Conclusion.SUCCESS
    change = change_from_diff(diff_of_new(path, text))
    unshown = (NotLookedAt(Unseen.NO_PATCH, path, "why"),)
    assert guard.judge(Change(change.files, not_looked_at=unshown)).conclusion is Conclusion.SUCCESS


def test_a_picture_is_out_of_scope_and_a_source_file_with_a_nul_is_not(repo: Repo) -> None:
    repo.commit(REGISTRY)
    repo.branch("topic").commit({"logo.png": b"\x89PNG\r\n\0\0"})
    guard = Guard.load(repo.root)
    assert guard.judge(branch_change(repo.root, "main")).conclusion is Conclusion.SUCCESS
    repo.commit({"pay.py": b"#\0\n" + RENAMED.encode()})
    report = guard.judge(branch_change(repo.root, "main"))
    assert (report.conclusion, [part.reason for part in report.not_looked_at]) == (
        Conclusion.NEUTRAL,
        [Unseen.NOT_TEXT],
    )


def test_code_that_ends_the_parser_is_no_green_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = Guard.load(registry(tmp_path))
    text = "def total(lines):\n    return sum(lines)\n"
    with own_parser() as parser:
        monkeypatch.setattr(
            parser, "_read_line", lambda _: b""
        )  # as when a text took too long, or ended it
        report = guard.check(diff_of_new("a.py", text), lambda _: text)
    assert (report.conclusion, [part.reason for part in report.not_looked_at]) == (
        Conclusion.NEUTRAL,
        [Unseen.PARSER_DIED],
    )


@pytest.mark.parametrize(
    "files", [{}, {"lessons/INC-245.md": LESSON.replace("severity: high", "severity: hihg")}]
)
def test_a_registry_of_which_nothing_guards_is_neutral_and_says_so(
    tmp_path: Path, files: dict[str, str]
) -> None:
    report = Guard.load(registry(tmp_path, files)).check(diff_of_new("a.py", "x = 1\n"))
    assert (report.conclusion, [part.reason for part in report.not_looked_at]) == (
        Conclusion.NEUTRAL,
        [Unseen.NO_LESSONS],
    )
    assert "no lesson" in str(report.to_dict()["problems"])


class Dying:
    kind = SCARS

    def check(self, change: Change, index: Index) -> GuardResult:
        raise MemoryError


@pytest.mark.parametrize(
    ("on_failure", "mode", "conclusion"),
    [
        (OnFailure.NEUTRAL, "block", Conclusion.NEUTRAL),
        (OnFailure.FAILURE, "block", Conclusion.FAILURE),
        (OnFailure.FAILURE, "comment", Conclusion.NEUTRAL),
    ],
)
def test_a_guard_that_died_concludes_as_the_settings_ask(
    tmp_path: Path, on_failure: OnFailure, mode: str, conclusion: Conclusion
) -> None:
    files = {**REGISTRY, "lessons/INC-245.md": LESSON.replace("mode: block", f"mode: {mode}")}
    guard = Guard.load(registry(tmp_path, files), Settings(on_failure=on_failure))
    others = [second for second in guard._guards if second.kind != SCARS]
    guard._guards = (*others, Dying())
    report = guard.check(diff_of_new("a.py", "x = 1\n"))
    assert report.conclusion is conclusion
    first = render(report, "markdown").splitlines()[0].replace("\\", "")
    assert ("asks for failure then (on_failure)" in first) is (conclusion is Conclusion.FAILURE)
    assert "what 1 guard sees, it failed (scars)" in first


def test_the_settings_have_sane_bounds() -> None:
    settings = read_settings("on_failure: failure\nmax_file_bytes: 5000000\n")
    assert (settings.on_failure, settings.max_file_bytes) == (OnFailure.FAILURE, 5_000_000)
    for wrong in (
        "max_file_bytes: 1",
        "max_file_bytes: 10000001",
        "max_file_bytes: yes",
        "on_failure: never",
    ):
        with pytest.raises(SettingsError):
            read_settings(wrong)
