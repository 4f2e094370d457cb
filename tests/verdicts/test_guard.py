from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from git_repository import Repo
from samples import FAILING, FIXED, LESSON, REGISTRY, RENAMED, RULE, diff_of_new
from twiceshy import Guard
from twiceshy.changes.git import branch_change
from twiceshy.guards.recall.recall_guard import RECALL
from twiceshy.guards.rules import RULES
from twiceshy.guards.safeguards import SAFEGUARDS
from twiceshy.guards.scars import SCARS
from twiceshy.verdicts.settings import Settings
from twiceshy.verdicts.verdict import Action, Conclusion, Report


def registry(folder: Path, files: dict[str, str] | None = None) -> Path:
    for name, text in (files or REGISTRY).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def said(report: Report) -> list[tuple[str, str, str, int]]:
    return [
        (row.finding.guard.name, row.action, row.finding.path, row.finding.start_line)
        for row in report.findings
    ]


def test_the_promised_python_road_finds_the_incident_in_another_file_under_other_names(
    tmp_path: Path,
) -> None:
    guard = Guard.load(registry(tmp_path))
    diff = diff_of_new("svc/hook.py", RENAMED)
    report = guard.check(diff=diff, read=lambda path: RENAMED if path == "svc/hook.py" else None)
    assert report.conclusion == "failure"
    assert said(report)[0] == ("rules", "block", "svc/hook.py", 5)
    assert ("recall", "observe", "svc/hook.py", 5) in said(report)
    assert report.findings[0].also == ("recall",)
    assert report.to_dict()["conclusion"] == "failure"


def test_without_a_way_to_read_files_the_hunks_alone_are_judged(tmp_path: Path) -> None:
    report = Guard.load(registry(tmp_path)).check(diff=diff_of_new("svc/hook.py", RENAMED))
    assert said(report)[0] == ("rules", "block", "svc/hook.py", 5)


def test_the_fix_is_silent(tmp_path: Path) -> None:
    report = Guard.load(registry(tmp_path)).check(diff_of_new("a.py", FIXED), lambda _: FIXED)
    assert (report.conclusion, report.findings, report.problems) == (Conclusion.SUCCESS, (), ())


def test_taking_the_mitigation_out_is_seen_by_rules_recall_and_safeguards(repo: Repo) -> None:
    repo.commit({**REGISTRY, "services/pay/client.py": FIXED})
    repo.branch("topic").commit({"services/pay/client.py": FAILING})
    report = Guard.load(repo.root).judge(branch_change(repo.root, "main"))
    assert report.conclusion is Conclusion.FAILURE
    assert {judged.finding.guard for judged in report.findings} == {
        RULES,
        RECALL,
        SAFEGUARDS,
        SCARS,
    }
    assert [judged.action for judged in report.findings].count(Action.BLOCK) == 1


def test_a_rule_red_on_its_own_good_code_only_observes_loudly(tmp_path: Path) -> None:
    careless = RULE.replace("      - pattern-not: requests.post(..., timeout=$T, ...)\n", "")
    guard = Guard.load(registry(tmp_path, {"lessons/INC-245.md": LESSON, "rules/r.yaml": careless}))
    report = guard.check(diff_of_new("a.py", RENAMED), lambda _: RENAMED)
    assert report.conclusion is Conclusion.SUCCESS
    assert {judged.action for judged in report.findings} == {Action.OBSERVE}
    assert [str(problem) for problem in report.problems] == [
        "lessons/INC-245.md: lesson INC-245 only observes, because it failed its self-check: "
        "rule inc-245-timeout fires "
        "on its own good code (line 22 of lessons/INC-245.md)"
    ]


def test_a_rule_blind_to_its_own_bad_code_only_observes_loudly(tmp_path: Path) -> None:
    blind = RULE.replace("requests.post($URL, ...)", "requests.post(HOOK, ...)")
    guard = Guard.load(registry(tmp_path, {"lessons/INC-245.md": LESSON, "rules/r.yaml": blind}))
    report = guard.check(diff_of_new("a.py", RENAMED), lambda _: RENAMED)
    assert report.conclusion is Conclusion.SUCCESS
    assert "no rule of it catches its bad code (line 15 of" in str(report.problems[0])


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("[2]", "rule inc-245-timeout names no bad code of it in metadata.evidence"),
        ("[]", "rule inc-245-timeout names no bad code of it in metadata.evidence"),
        ("[1]", "no rule of it catches its bad code (line 15 of lessons/INC-245.md)"),
    ],
)
def test_a_rule_cannot_pass_by_answering_for_nothing(tmp_path: Path, named: str, said: str) -> None:
    blind = RULE.replace("requests.post($URL, ...)", "requests.post(HOOK, ...)")
    narrow = blind.replace("lesson: INC-245", f"lesson: INC-245, evidence: {named}")
    assert narrow.count("evidence") == 1
    guard = Guard.load(registry(tmp_path, {"lessons/INC-245.md": LESSON, "rules/r.yaml": narrow}))
    report = guard.check(diff_of_new("a.py", RENAMED), lambda _: RENAMED)
    assert {judged.action for judged in report.findings} == {Action.OBSERVE}
    assert str(report.problems[0]).endswith(said)


def test_one_broken_lesson_is_named_and_the_others_guard(tmp_path: Path) -> None:
    broken = LESSON.replace("INC-245", "INC-7").replace("severity: high", "severity: hihg")
    guard = Guard.load(registry(tmp_path, {**REGISTRY, "lessons/INC-7.md": broken}))
    report = guard.check(diff_of_new("a.py", RENAMED), lambda _: RENAMED)
    assert report.conclusion is Conclusion.FAILURE
    assert [str(problem) for problem in report.problems] == [
        "lessons/INC-7.md:5: `severity`: 'hihg' is not known; "
        "write one of low, medium, high or critical"
    ]


def test_generated_vendored_and_lock_files_are_left_out_and_named(tmp_path: Path) -> None:
    guard = Guard.load(registry(tmp_path))
    paths = ("vendor/a.py", "app/a_pb2.py", "poetry.lock", "docs/a.py")
    diff = "".join(diff_of_new(path, RENAMED) for path in paths)
    guard.settings = Settings(ignore=("docs/**",))
    report = guard.check(diff, lambda _: RENAMED, explain=True)
    assert report.shown == ()
    assert [(explanation.subject, explanation.reason) for explanation in report.skipped] == [
        ("vendor/a.py", "vendored"),
        ("app/a_pb2.py", "generated"),
        ("poetry.lock", "a lock file"),
        ("docs/a.py", "ignored by .twiceshy.yml"),
    ]


def test_a_change_cannot_declare_a_standing_file_generated(repo: Repo) -> None:
    repo.commit({**REGISTRY, "a.py": "x = 1\n"})
    repo.branch("topic").commit(
        {"a.py": f"# @generated\n{RENAMED}", "b.py": f"# @generated\n{RENAMED}"}
    )
    report = Guard.load(repo.root).judge(branch_change(repo.root, "main"))
    assert {judged.finding.path for judged in report.shown} == {"a.py"}


@pytest.mark.parametrize(
    ("path", "lesson", "reason"),
    [
        (
            "a.py",
            LESSON.replace("mode: block", "mode: draft"),
            "a draft: set its mode to observe, comment or block",
        ),
        ("a.py", LESSON.replace("mode: block", "mode: retired"), "retired"),
        ("a.py", LESSON.replace("mode: block", "mode: observe"), "its lesson is in observe mode"),
        (
            "a.py",
            LESSON.replace("mode: block", "mode: block\napplies_to: web/**"),
            "out of scope: applies to web/**",
        ),
        ("a.go", LESSON, "nothing in the diff looks like it"),
    ],
)
def test_explain_says_why_a_lesson_kept_silent(
    tmp_path: Path, path: str, lesson: str, reason: str
) -> None:
    guard = Guard.load(registry(tmp_path, {"lessons/INC-245.md": lesson, "rules/r.yaml": RULE}))
    report = guard.check(diff_of_new(path, RENAMED), lambda _: RENAMED, explain=True)
    assert report.shown == ()
    assert [(explanation.subject, explanation.reason) for explanation in report.lessons] == [
        ("INC-245", reason)
    ]


def test_a_moved_finding_is_old_and_a_second_copy_is_new(repo: Repo) -> None:
    other = "import requests\n\n\ndef ping(url):\n    return requests.post(url)\n"
    repo.commit({**REGISTRY, "a.py": other})
    moved = other.replace(
        "def ping(url):\n    return", "def ping(url):\n    if url:\n        return"
    )
    repo.branch("moved").commit({"a.py": moved})
    report = Guard.load(repo.root).judge(branch_change(repo.root, "main"))
    assert [
        (judged.action, judged.reason)
        for judged in report.findings
        if judged.finding.guard == RULES
    ] == [(Action.OBSERVE, "it was there before this change")]
    repo.commit({"a.py": moved + "\n\ndef pong(url):\n    return requests.post(url)\n"})
    report = Guard.load(repo.root).judge(branch_change(repo.root, "main"))
    assert [judged.action for judged in report.findings if judged.finding.guard == RULES] == [
        Action.BLOCK
    ]


def test_an_edit_to_a_lesson_counts_at_the_next_load(tmp_path: Path) -> None:
    registry(tmp_path)
    diff = diff_of_new("a.py", RENAMED)
    assert Guard.load(tmp_path).check(diff, lambda _: RENAMED).conclusion is Conclusion.FAILURE
    (tmp_path / "lessons/INC-245.md").write_text(LESSON.replace("mode: block", "mode: comment"))
    assert Guard.load(tmp_path).check(diff, lambda _: RENAMED).conclusion is Conclusion.NEUTRAL
    (tmp_path / "rules/inc-245.yaml").unlink()
    (tmp_path / "lessons/INC-245.md").unlink()
    assert Guard.load(tmp_path).check(diff, lambda _: RENAMED).stats.lessons == 0


def test_a_missing_registry_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError,
        match="no registry folder .*nowhere: give a folder that holds lessons/ or rules/",
    ):
        Guard.load(tmp_path / "nowhere")


def test_one_guard_judges_in_two_threads_at_once_and_forgives_deaths_from_change_to_change(
    tmp_path: Path,
) -> None:
    guard = Guard.load(registry(tmp_path))
    deadly = diff_of_new("a.yaml", "- " * 400)
    for _ in range(4):
        guard.check(deadly, {"a.yaml": "- " * 400}.get)

    def judged() -> list[tuple[str, str, str, int]]:
        return said(guard.check(diff_of_new("svc/hook.py", RENAMED), {"svc/hook.py": RENAMED}.get))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: judged(), range(8)))
    assert answers == [answers[0]] * 8
    assert ("recall", "observe", "svc/hook.py", 5) in answers[0]
