"""What a change itself brings to escape a lesson is said, and a lesson that blocks asks for a
reason and an end.
"""

import json
from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from git_repository import Repo
from samples import FAILING, FIXED, LESSON, REGISTRY, RENAMED, diff_of_new
from twiceshy import Guard
from twiceshy.changes.change import Change
from twiceshy.changes.diff_file import change_from_diff
from twiceshy.changes.git import branch_change
from twiceshy.changes.not_looked_at import Unseen
from twiceshy.guards.recall.recall_guard import RECALL
from twiceshy.guards.rules import RULES
from twiceshy.guards.safeguards import SAFEGUARDS
from twiceshy.lessons.lesson import Severity
from twiceshy.publishing.publication import publication
from twiceshy.verdicts import file_selection
from twiceshy.verdicts.render import render
from twiceshy.verdicts.settings import DismissSettings, Lifting, Settings
from twiceshy.verdicts.verdict import Action, Conclusion, JudgedFinding, Report

TODAY = date(2026, 11, 21)
CALL = "    answer = requests.post(HOOK, json=basket.dict())"
IGNORE = "# twiceshy: ignore INC-245 until 2027-01-31 because the hook is on this machine"
SUPPRESSED = RENAMED.replace(CALL, f"{CALL}  # nosemgrep")
COMMENT = {**REGISTRY, "lessons/INC-245.md": LESSON.replace("mode: block", "mode: comment")}


def registry(folder: Path, files: dict[str, str] | None = None) -> Path:
    for name, text in (files or REGISTRY).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def brings(texts: dict[str, str]) -> Change:
    return change_from_diff(
        "".join(diff_of_new(path, text) for path, text in texts.items()), texts.get
    )


def judged(
    folder: Path, change: Change, files: dict[str, str] | None = None, **settings: object
) -> Report:
    guard = Guard.load(registry(folder, files), Settings(**settings))  # type: ignore[arg-type]
    return guard.judge(change, today=TODAY)


def by_rules(report: Report) -> JudgedFinding:
    (row,) = [row for row in report.findings if row.finding.guard is RULES]
    return row


def everywhere(report: Report, words: str) -> None:
    """In text, Markdown, the check, and as a notice."""
    change = Change(())
    published = publication(report, change, "https://github.com/acme/shop")
    assert words in render(report, "text", width=500)
    assert words in render(report, "markdown").replace("\\", "")
    assert words in published.summary.replace("\\", "")
    assert [
        note for note in published.annotations if note.level == "notice" and words in note.message
    ]
    assert "::notice file=" in render(report, "github")


def test_a_suppressed_finding_is_listed_with_who_suppressed_it(tmp_path: Path) -> None:
    report = judged(tmp_path, brings({"svc/hook.py": SUPPRESSED}), COMMENT)
    row = by_rules(report)
    assert (row.action, row.without_escape) == (Action.OBSERVE, Action.COMMENT)
    everywhere(
        report,
        "INC-245 is silenced at svc/hook.py:5 by `nosemgrep` in line 5, which this change adds",
    )
    by_name = publication(report, Change(()), "https://github.com/acme/shop", "mona").summary
    assert "which this change by @\u2060mona adds" in by_name


def test_the_json_report_says_by_what_a_finding_is_silenced(tmp_path: Path) -> None:
    report = json.loads(
        render(judged(tmp_path, brings({"svc/hook.py": SUPPRESSED}), COMMENT), "json")
    )
    (row,) = [row for row in report["findings"] if row["guard"] == "rules"]
    assert (row["action"], row["escape"]) == (
        "observe",
        {
            "kind": "nosemgrep",
            "line": 5,
            "added": True,
            "because": None,
            "until": None,
            "instead_of": "comment",
        },
    )
    schema = Path(file_selection.__file__).parent / "schemas" / "report-1.json"
    assert list(Draft202012Validator(json.loads(schema.read_text())).iter_errors(report)) == []


def test_nosemgrep_does_not_lift_a_block(tmp_path: Path) -> None:
    report = judged(tmp_path, brings({"svc/hook.py": SUPPRESSED}))
    row = by_rules(report)
    assert (report.conclusion, row.action) == (Conclusion.FAILURE, Action.BLOCK)
    wanted = "a lesson that blocks asks for `twiceshy: ignore INC-245 until YYYY-MM-DD because ...`"
    assert wanted in row.finding.why
    assert wanted in render(report, "text", width=500)


def test_nosemgrep_on_the_line_before_does_not_lift_a_block(tmp_path: Path) -> None:
    report = judged(
        tmp_path,
        brings({"svc/hook.py": RENAMED.replace(CALL, f"    # nosem: inc-245-timeout\n{CALL}")}),
    )
    assert by_rules(report).action is Action.BLOCK
    assert "`nosemgrep` in line 5, which this change adds" in by_rules(report).finding.why


def test_new_code_under_an_old_suppression_is_said(repo: Repo) -> None:
    """The comment went in with an earlier change that had nothing to suppress."""
    repo.commit({**COMMENT, "a.py": "import requests\n# nosemgrep\nx = 1\n"})
    repo.branch("topic").commit(
        {"a.py": "import requests\n# nosemgrep\nrequests.post(HOOK, json=1)\nx = 1\n"}
    )
    report = Guard.load(repo.root).judge(branch_change(repo.root, "main"), today=TODAY)
    assert "by `nosemgrep` in line 2, which stood there before" in render(report, "text", width=300)


def test_a_suppression_that_stood_at_base_with_its_finding_is_quiet(repo: Repo) -> None:
    suppressed = FAILING.replace("order.dict())", "order.dict())  # nosemgrep")
    repo.commit({**REGISTRY, "a.py": suppressed})
    moved = "if True:\n" + "".join(
        f"    {line}\n" if line else "\n" for line in suppressed.splitlines()
    )
    repo.branch("topic").commit({"a.py": moved})
    report = Guard.load(repo.root).judge(
        branch_change(repo.root, "main"), today=TODAY, explain=True
    )
    assert [row for row in report.escapes if row.finding.guard is RULES] == []
    assert "nosemgrep at a.py:" in render(report, "text", width=300)


@pytest.mark.parametrize("where", ["line", "before"])
def test_an_ignore_with_reason_and_end_silences_every_guard_at_its_place(
    tmp_path: Path, where: str
) -> None:
    text = RENAMED.replace(
        CALL, f"{CALL}  {IGNORE}" if where == "line" else f"    {IGNORE}\n{CALL}"
    )
    report = judged(tmp_path, brings({"svc/hook.py": text}), COMMENT)
    assert (report.conclusion, report.shown) == (Conclusion.SUCCESS, ())
    assert {row.finding.guard for row in report.escapes} == {RULES, RECALL}
    everywhere(report, "because the hook is on this machine in line 5, which this change adds")


def test_an_author_alone_does_not_lift_a_grave_block(tmp_path: Path) -> None:
    report = judged(tmp_path, brings({"svc/hook.py": RENAMED.replace(CALL, f"{CALL}  {IGNORE}")}))
    assert (report.conclusion, by_rules(report).action) == (Conclusion.FAILURE, Action.BLOCK)
    assert "somebody else who may dismiss it has to agree" in by_rules(report).finding.why


def test_an_author_s_own_ignore_is_enough_where_the_settings_say_so(tmp_path: Path) -> None:
    rights = DismissSettings(high=Lifting.ANYONE_WITH_WRITE)
    ignored = brings({"svc/hook.py": RENAMED.replace(CALL, f"{CALL}  {IGNORE}")})
    assert judged(tmp_path, ignored, dismiss=rights).conclusion is Conclusion.SUCCESS


def test_an_ignore_that_stood_at_base_lifts_a_grave_block_and_is_listed(repo: Repo) -> None:
    before = RENAMED.replace(CALL, f"    {IGNORE}\n    answer = HOOK")
    repo.commit({**REGISTRY, "hook.py": before})
    repo.branch("topic").commit({"hook.py": before.replace("    answer = HOOK", CALL)})
    report = Guard.load(repo.root).judge(branch_change(repo.root, "main"), today=TODAY)
    assert (report.conclusion, report.shown) == (Conclusion.SUCCESS, ())
    assert "in line 5, which stood there before" in render(report, "text", width=300)


def test_a_light_lesson_that_blocks_is_lifted_by_its_authors_word(tmp_path: Path) -> None:
    text = RENAMED.replace(CALL, f"{CALL}  {IGNORE}")
    light = {**REGISTRY, "lessons/INC-245.md": LESSON.replace("severity: high", "severity: low")}
    report = judged(tmp_path, brings({"svc/hook.py": text}), light, block_at=Severity.LOW)
    assert (report.conclusion, by_rules(report).without_escape) == (
        Conclusion.SUCCESS,
        Action.BLOCK,
    )


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        (
            "# twiceshy: ignore INC-245",
            "gives no day until when it holds, so it does not count: write",
        ),
        (
            "# twiceshy: ignore INC-245 until 2027-01-31",
            "gives no reason, so it does not count: write",
        ),
        (
            "# twiceshy: ignore INC-245 until 2026-01-31 because x",
            "has ended, so it does not count: write",
        ),
        (
            "# twiceshy: ignore INC-254 until 2027-01-31 because x",
            "names INC-254, which is no lesson here",
        ),
    ],
)
def test_an_ignore_that_does_not_count_says_what_to_write(
    tmp_path: Path, comment: str, said: str
) -> None:
    report = judged(tmp_path, brings({"svc/hook.py": RENAMED.replace(CALL, f"{CALL}  {comment}")}))
    assert report.conclusion is Conclusion.FAILURE
    (problem,) = report.problems
    assert (problem.path, problem.line) == ("svc/hook.py", 5)
    assert said in problem.message


def test_an_ignore_for_over_a_year_counts_and_is_asked_about(tmp_path: Path) -> None:
    text = RENAMED.replace(CALL, f"{CALL}  {IGNORE.replace('2027', '2037')}")
    report = judged(tmp_path, brings({"svc/hook.py": text}), COMMENT)
    assert report.shown == ()
    assert "holds for over a year" in str(report.problems)


def test_an_ignore_put_in_for_later_is_named(tmp_path: Path) -> None:
    report = judged(
        tmp_path,
        brings({"svc/hook.py": FIXED + IGNORE + "\n", "docs/how.md": f"Write `{IGNORE}`.\n"}),
    )
    (problem,) = report.problems
    assert (problem.path, problem.line) == ("svc/hook.py", 8)
    assert "silences nothing today" in problem.message


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("vendor/hook.py", RENAMED, "vendored"),
        ("node_modules/a/hook.py", RENAMED, "vendored"),
        ("third_party/hook.py", RENAMED, "vendored"),
        ("app/hook_pb2.py", RENAMED, "generated"),
        ("app/hook.py", f"# @generated\n{RENAMED}", "generated"),
        ("app/hook.py", f"# Code generated by hand. DO NOT EDIT.\n{RENAMED}", "generated"),
    ],
)
def test_a_new_file_out_of_sight_is_neutral_where_a_lesson_would_block(
    tmp_path: Path, path: str, text: str, reason: str
) -> None:
    report = judged(tmp_path, brings({path: text}))
    assert (report.conclusion, report.shown) == (Conclusion.NEUTRAL, ())
    line = 1 + text.split("\n").index(CALL)
    everywhere(
        report, f"{path} is new and skipped ({reason}): INC-245 would have spoken at line {line}"
    )
    assert (
        publication(report, Change(()), "u").title
        == "a lesson would block in a new file that is skipped"
    )


def test_where_a_lesson_would_only_comment_it_is_one_line_and_success(tmp_path: Path) -> None:
    report = judged(tmp_path, brings({"vendor/hook.py": RENAMED}), COMMENT)
    assert report.conclusion is Conclusion.SUCCESS
    assert render(report, "text", width=300).count("would have spoken") == 1


def test_what_the_base_ignores_by_hand_is_a_line_and_no_more(tmp_path: Path) -> None:
    report = judged(tmp_path, brings({"docs/hook.py": RENAMED}), ignore=("docs/**",))
    assert report.conclusion is Conclusion.SUCCESS
    assert "docs/hook.py is new and skipped (ignored by .twiceshy.yml)" in render(
        report, "text", width=300
    )


def test_a_file_moved_out_of_sight_is_judged(repo: Repo) -> None:
    repo.commit({**REGISTRY, "app/client.py": FIXED + "# some more\n" * 9})
    repo.branch("topic").commit(
        {"app/client.py": None, "vendor/client.py": FAILING + "# some more\n" * 9}
    )
    change = branch_change(repo.root, "main")
    assert change.files[0].status == "renamed"
    report = Guard.load(repo.root).judge(change, today=TODAY)
    assert report.conclusion is Conclusion.NEUTRAL
    assert {row.finding.guard for row in report.escapes} >= {
        RULES,
        SAFEGUARDS,
    }


def test_what_stood_out_of_sight_at_base_stays_there_in_silence(repo: Repo) -> None:
    repo.commit(
        {**REGISTRY, "vendor/a.py": FIXED, "app/a_pb2.py": FIXED, "b.py": f"# @generated\n{FIXED}"}
    )
    changed = {"vendor/a.py": FAILING, "app/a_pb2.py": FAILING, "b.py": f"# @generated\n{FAILING}"}
    repo.branch("topic").commit(changed)
    report = Guard.load(repo.root).judge(branch_change(repo.root, "main"), today=TODAY)
    assert (report.conclusion, report.findings) == (Conclusion.SUCCESS, ())


def test_a_mark_put_into_a_standing_file_hides_nothing_where_only_the_head_is_known(
    tmp_path: Path,
) -> None:
    before, after = FIXED.splitlines(), f"# @generated\n{FAILING}".splitlines()
    diff = (
        "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1,7 +1,8 @@\n+# @generated\n"
        f" {before[0]}\n \n \n {before[3]}\n-{before[4]}\n+{after[5]}\n {before[5]}\n {before[6]}\n"
    )
    report = judged(tmp_path, change_from_diff(diff, {"a.py": "\n".join(after) + "\n"}.get))
    assert report.conclusion is Conclusion.FAILURE


def test_a_large_drop_is_counted_and_costs_no_more_than_its_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_selection, "MOST_FILES", 3)
    report = judged(tmp_path, brings({f"vendor/a{number}.py": RENAMED for number in range(40)}))
    text = render(report, "text", width=500)
    assert report.conclusion is Conclusion.NEUTRAL
    assert len({row.finding.path for row in report.escapes}) == 3
    assert (
        "too large or too many, or without a line that is shown, "
        "to be held against lessons all the same: "
        "vendor/a3.py, vendor/a4.py, vendor/a5.py and 34 more" in text
    )


def test_a_large_drop_without_a_lesson_that_blocks_stays_green(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_selection, "LARGEST", 10)
    report = judged(tmp_path, brings({"vendor/a.py": RENAMED}), COMMENT)
    assert report.conclusion is Conclusion.SUCCESS
    assert "too large or too many" in render(report, "text", width=500)


def test_many_hidden_places_are_told_in_a_few_lines(tmp_path: Path) -> None:
    report = judged(tmp_path, brings({f"vendor/a{number}.py": RENAMED for number in range(40)}))
    text = render(report, "text", width=500)
    assert text.count("would have spoken") == 20
    assert "and 20 more like these" in text


@pytest.mark.parametrize(
    "hidden", [RENAMED + "\0\n", RENAMED + "x = 1\n" * 1_700_000], ids=["a NUL byte", "10 MB"]
)
def test_a_new_skipped_source_file_of_which_no_line_is_shown_is_not_green(
    repo: Repo, hidden: str
) -> None:
    repo.commit({**REGISTRY, "svc/a.py": FIXED})
    repo.branch("topic").commit({"vendor/a.py": hidden})
    report = Guard.load(repo.root).judge(branch_change(repo.root, "main"), today=TODAY)
    assert report.conclusion is Conclusion.NEUTRAL
    assert [part.reason for part in report.not_looked_at] == [Unseen.SKIPPED]
    assert "without a line that is shown" in report.problems[0].message


def test_a_new_skipped_picture_is_green(repo: Repo) -> None:
    repo.commit({**REGISTRY, "svc/a.py": FIXED})
    repo.branch("topic").commit({"vendor/a.png": "\0\n"})
    report = Guard.load(repo.root).judge(branch_change(repo.root, "main"), today=TODAY)
    assert (report.conclusion, report.problems) == (Conclusion.SUCCESS, ())
