import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from git_repository import Repo
from patience import HANG_SECONDS, wait_until
from samples import FIXED, REGISTRY, RENAMED, RULE, diff_of_new
from twiceshy.cli.main import run

Ran = tuple[int, str, str]
Command = Callable[..., Ran]


@pytest.fixture
def command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, repo: Repo
) -> Command:
    """Runs a command in the repository; gives its exit code, what it wrote, and what it said on
    standard error.
    """
    monkeypatch.chdir(repo.root)

    def go(*words: str) -> Ran:
        capsys.readouterr()
        code = run(list(words))
        out, err = capsys.readouterr()
        return code, out, err

    return go


@pytest.fixture
def topic(repo: Repo) -> Repo:
    """A branch that brings the incident back."""
    repo.commit({**REGISTRY, "services/pay/client.py": FIXED})
    repo.branch("topic").commit({"svc/hook.py": RENAMED})
    return repo


def test_a_change_that_brings_an_incident_back_is_blocked_and_drawn(
    command: Command, topic: Repo
) -> None:
    code, out, err = command("check", "--base", "main")
    assert (code, err) == (1, "")
    shown = out.rsplit("(", 1)[0].rstrip()  # the last line ends with times
    assert (
        shown
        == """\
 BLOCKS INC-245 A slow partner took checkout down (high, self-checked)  ────────────────────────────
  svc/hook.py:5  this block resembles INC-245

  │     3 +
  │     4 + def notify(basket):
  ┃     5 +     answer = requests.post(HOOK, json=basket.dict())
  │     6 +     answer.raise_for_status()
  │     7 +     return answer.json()

  INC-245, then
      reply = requests.post(PARTNER, json=order.dict())
      reply.raise_for_status()
  this change, now
      answer = requests.post(HOOK, json=basket.dict())
  what fixed it, not here
  +   reply = requests.post(PARTNER, json=order.dict(), timeout=(3.05, 10))

  What happened A slow partner held every worker until checkout stopped.
  What worked   Give every outgoing call a timeout, and a budget for the whole request.
  Why           Give this call a timeout.
  Also seen by  recall
  Read more     lessons/INC-245.md


1 lesson blocks this change"""
    )


def test_nothing_is_said_when_nothing_is_wrong(command: Command, topic: Repo) -> None:
    topic.git("checkout", "--quiet", "main")
    topic.branch("quiet").commit({"notes.txt": "hello\n"})
    assert command("check", "--base", "main") == (0, "", "")
    nothing = "twiceshy: nothing was judged: main changes nothing of its base\n"
    assert command("check", "--base", "main", "--head", "main") == (0, "", nothing)


@pytest.mark.parametrize(
    ("mode", "fail_on", "code"),
    [
        ("block", "never", 0),
        ("comment", "block", 0),
        ("comment", "comment", 1),
        ("comment", "high", 1),
        ("comment", "critical", 0),
        ("observe", "low", 0),
    ],
)
def test_fail_on_moves_the_line(
    command: Command, repo: Repo, mode: str, fail_on: str, code: int
) -> None:
    lesson = REGISTRY["lessons/INC-245.md"].replace("mode: block", f"mode: {mode}")
    repo.commit({**REGISTRY, "lessons/INC-245.md": lesson})
    repo.branch("topic").commit({"svc/hook.py": RENAMED})
    assert command("check", "--base", "main", "--fail-on", fail_on)[0] == code


def test_what_is_staged_is_judged_without_a_commit(command: Command, topic: Repo) -> None:
    topic.git("checkout", "--quiet", "main")
    topic.write({"svc/new.py": RENAMED})
    code, out, err = command("check", "--staged")
    assert (code, out) == (0, "")
    assert err == (
        "twiceshy: nothing was judged: nothing is staged; there is uncommitted work in 1 file; "
        "`twiceshy check --worktree` judges it\n"
    )
    topic.git("add", "svc/new.py")
    code, out, _ = command("check", "--staged", "--format", "json")
    assert (code, json.loads(out)["findings"][0]["path"]) == (1, "svc/new.py")


def test_a_diff_file_is_judged_with_and_without_its_checkout(
    command: Command, topic: Repo, tmp_path: Path
) -> None:
    diff = tmp_path / "change.diff"
    diff.write_text(diff_of_new("svc/hook.py", RENAMED))
    for words in (("--root", str(topic.root)), ("--registry", str(topic.root))):
        code, out, _ = command("check", "--diff", str(diff), "--format", "json", *words)
        assert (code, json.loads(out)["findings"][0]["start_line"]) == (1, 5)


def test_a_diff_cut_in_half_is_judged_as_far_as_it_goes(
    command: Command, topic: Repo, tmp_path: Path
) -> None:
    diff = tmp_path / "change.diff"
    text = diff_of_new("svc/hook.py", RENAMED)
    diff.write_text(text[: text.index("+    answer.raise")])
    code, out, _ = command("check", "--diff", str(diff), "--registry", ".", "--format", "json")
    report = json.loads(out)
    assert (code, report["findings"][0]["guard"]) == (1, "rules")
    assert any("ends inside this hunk" in problem["message"] for problem in report["problems"])


def test_a_diff_too_large_for_memory_is_refused(
    command: Command, topic: Repo, tmp_path: Path
) -> None:
    diff = tmp_path / "change.diff"
    diff.write_text(diff_of_new("a.py", "x = 1\n" * 4_000_000))
    code, _, err = command("check", "--diff", str(diff), "--registry", ".")
    assert (code, "the limit is 20,000,000: check it in parts" in err) == (2, True)


def test_large_binary_and_deep_files_do_not_stop_the_others(command: Command, topic: Repo) -> None:
    topic.commit(
        {
            "big.py": "x = 1\n" * 400_000,
            "line.py": f"y = '{'a' * 1_000_000}'\nrequests.post(u)\n",
            "deep.yaml": "- " * 5_000,
            "deep.py": "(" * 20_000,
            "nul.py": b"a = 1\n\0\n",
        }
    )
    code, out, _ = command("check", "--base", "main", "--format", "json")
    report = json.loads(out)
    assert code == 1
    blocked = {finding["path"] for finding in report["findings"] if finding["action"] == "block"}
    assert blocked == {"svc/hook.py", "line.py"}
    assert {problem["path"] for problem in report["problems"]} >= {"big.py", "nul.py"}


def test_a_change_cannot_switch_off_its_own_guard(command: Command, topic: Repo) -> None:
    quiet = REGISTRY["lessons/INC-245.md"].replace("mode: block", "mode: retired")
    topic.commit(
        {
            "lessons/INC-245.md": quiet,
            ".twiceshy.yml": "ignore: ['**']\n",
            "rules/inc-245.yaml": None,
        }
    )
    assert command("check", "--base", "main")[0] == 1


def test_who_branched_off_before_a_lesson_was_learned_is_held_to_it_all_the_same(
    command: Command, repo: Repo
) -> None:
    repo.commit({"README.md": "old\n"})
    repo.branch("topic").commit({"svc/hook.py": RENAMED})
    repo.git("checkout", "--quiet", "main")
    repo.commit(REGISTRY)
    repo.git("checkout", "--quiet", "topic")
    assert command("check", "--base", "main")[0] == 1
    assert command("check")[0] == 1
    assert command("check", "--base", "main..topic")[0] == 1


def test_settings_on_the_base_count(command: Command, repo: Repo) -> None:
    repo.commit({**REGISTRY, ".twiceshy.yml": "block_at: critical\n"})
    repo.branch("topic").commit({"svc/hook.py": RENAMED})
    code, out, _ = command("check", "--base", "main", "--format", "json")
    assert (code, json.loads(out)["conclusion"]) == (0, "neutral")


def test_broken_settings_are_named_with_their_lines(command: Command, repo: Repo) -> None:
    repo.commit({".twiceshy.yml": "blok_at: high\nmax_comments: many\nrecall: {comment_at: 2}\n"})
    repo.branch("topic").commit({"svc/hook.py": RENAMED})
    assert command("check", "--base", "main") == (
        2,
        "",
        """\
twiceshy: .twiceshy.yml:1: `blok_at`: unknown; did you mean `block_at`?
.twiceshy.yml:2: `max_comments`: write a whole number from 0 to 30
.twiceshy.yml:3: `recall`: write a number from 0 to 1
""",
    )


def test_a_repository_without_lessons_is_guarded_by_the_famous_incidents(
    command: Command, repo: Repo
) -> None:
    repo.commit({"a.txt": "x\n"})
    text = "from datetime import date\n\n\ndef f(d):\n    return date(d.year + 1, d.month, d.day)\n"
    repo.branch("topic").commit({"a.py": text})
    code, out, _ = command("check", "--base", "main", "--format", "json")
    report = json.loads(out)
    assert (code, report["findings"][0]["lesson"]["id"]) == (1, "AZURE-2012-02-29")
    assert report["stats"]["lessons"] >= 8


def test_one_run_writes_every_form_it_is_asked_for(
    command: Command, topic: Repo, tmp_path: Path
) -> None:
    files = {name: tmp_path / name for name in ("report", "summary", "sarif")}
    files["summary"].write_text("before\n")
    words = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    code, out, _ = command(
        "check", "--base", "main", "--format", "github", "--output", str(tmp_path / "log"), *words
    )
    assert (code, out) == (1, "")
    assert (tmp_path / "log").read_text().startswith("::error file=svc/hook.py")
    assert json.loads(files["report"].read_text())["schema"] == 1
    assert json.loads(files["sarif"].read_text())["version"] == "2.1.0"
    assert files["summary"].read_text().startswith("before\n## twiceshy: 1 lesson blocks")


def test_a_report_that_cannot_be_written_is_said(command: Command, topic: Repo) -> None:
    code, _, err = command("check", "--base", "main", "--output", "/nowhere/report")
    assert (code, err) == (
        2,
        "twiceshy: the report could not be written to /nowhere/report: No such file or directory\n",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check", "--base", "nope"), "--base nope does not exist here"),
        (("check", "--base", "--output"), "--base"),
        (
            ("check", "--staged", "--base", "main"),
            "--staged and --base or --head each name a change: give one of them",
        ),
        (("check", "--diff", "missing.diff"), "no diff file missing.diff"),
        (("check", "--registry", "missing"), "no registry folder missing"),
        (("check", "--format", "yaml"), "'yaml' is not one of"),
        (("lint", "missing"), "no such file or folder: missing"),
        (("schema", "x"), "no schema of 'x': write lesson or report"),
    ],
)
def test_wrong_use_is_told_what_to_do_instead(
    command: Command, topic: Repo, words: tuple[str, ...], said: str
) -> None:
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    assert said in " ".join(err.replace("│", " ").split())


def test_a_repository_without_commits_is_told_so(command: Command) -> None:
    code, _, err = command("check")
    assert (code, "no commits yet" in err) == (2, True)


def test_outside_a_repository_the_command_says_where_to_go(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = command("check")
    assert (code, "is not in a git repository" in err) == (2, True)


def test_init_writes_what_check_and_lint_take(command: Command, repo: Repo) -> None:
    assert command("init") == (
        0,
        """\
wrote  .twiceshy.yml
wrote  lessons/INC-1.md
wrote  rules/INC-1.yaml
wrote  .github/workflows/twiceshy.yml

Next: make lessons/INC-1.md yours, commit, and run `twiceshy check` on a branch.
""",
        "",
    )
    assert command("lint")[0] == 0
    code, out, _ = command("init")
    assert (code, out.count("kept")) == (0, 4)
    repo.commit({}, "set up")
    repo.branch("topic").commit({"svc/hook.py": RENAMED})
    code, out, _ = command("check", "--base", "main", "--explain", "--format", "json")
    report = json.loads(out)
    assert (code, report["findings"][0]["lesson"]["id"], report["findings"][0]["action"]) == (
        0,
        "INC-1",
        "observe",
    )


def test_lint_asks_for_the_reason_and_the_end_of_what_silences_a_lesson(
    command: Command, repo: Repo
) -> None:
    repo.commit(
        {
            **REGISTRY,
            "a.py": "pay()\npay()  # twiceshy: ignore INC-245\n",
            "docs/a.md": "# twiceshy: ignore\n",
        }
    )
    code, out, _ = command("lint")
    (line,) = [line for line in out.splitlines() if "ignore" in line]
    assert code == 0
    assert line.startswith(
        "a.py:2: warning: this `twiceshy: ignore` gives no day until when it holds"
    )


def test_lint_names_file_line_and_mend(command: Command, repo: Repo) -> None:
    broken = RULE.replace("requests.post($URL, ...)", "requests.post(((").replace(
        "inc-245", "other"
    )
    repo.write(
        {
            **REGISTRY,
            "rules/broken.yaml": broken,
            "rules/lost.yaml": RULE.replace("INC-245", "INC-254").replace("inc-245-", "x-"),
        }
    )
    code, out, err = command("lint")
    assert code == 1
    assert out.splitlines()[0].startswith(
        "rules/broken.yaml:2: rule other-timeout is left out: Semgrep cannot read it"
    )
    assert (
        out.splitlines()[1]
        == "rules/lost.yaml:2: rule x-timeout names no known lesson: INC-254; did you mean INC-245?"
    )
    assert err == "1 lesson, 2 rules: 2 problems in 2 files, 3 pieces of advice\n"
    assert out.splitlines()[2].startswith("lessons/INC-245.md: hint: ")
    assert command("lint", "lessons")[0] == 0  # advice fails nothing


def test_coverage_says_what_guards_each_lesson(command: Command, repo: Repo) -> None:
    lesson = REGISTRY["lessons/INC-245.md"]
    human = """---
id: H
title: Nobody answered
date: 2026-01-01
severity: low
mode: comment
no_check: 'human_process: the pager was off'
---
"""
    late = lesson.replace("INC-245", "LATE").replace(
        "mode: block",
        "mode: block\nactions:\n  - {what: Alert on latency, due: 2020-01-01, owner: '@maria'}",
    )
    repo.write({**REGISTRY, "lessons/H.md": human, "lessons/LATE.md": late})
    code, out, _ = command("coverage")
    text = " ".join(out.split())
    assert code == 0
    assert "3 lessons, guarded by" in text
    assert "a rule that passed its self-check 1" in text
    assert "resemblance to its evidence 1" in text
    assert "cannot be a check: H Nobody answered (human_process: the pager was off)" in text
    assert "overdue since 2020-01-01: LATE: Alert on latency (@maria)" in text


def test_coverage_tells_proven_from_stale_and_failed(command: Command, repo: Repo) -> None:
    repo.write({**REGISTRY, "services/pay/client.py": FIXED})
    repo.git("add", "--all")
    assert command("verify")[0] == 0
    assert "a check that is proven 1" in " ".join(command("coverage")[1].split())
    assert "proven" in command("search", "partner")[1]
    rule = repo.root / "rules/inc-245.yaml"
    rule.write_text(rule.read_text().replace("Give this call a timeout", "Give it a timeout"))
    text = " ".join(command("coverage")[1].split())
    assert "a rule that passed its self-check 1" in text
    assert (
        "proof is stale: INC-245: rule inc-245-timeout has changed (twiceshy verify INC-245)"
        in text
    )
    rule.write_text(
        rule.read_text().replace("      - pattern-not: requests.post(..., timeout=$T, ...)\n", "")
    )
    assert command("verify")[0] == 1
    assert (
        "not proven: INC-245: the fixed code, the fix itself (twiceshy verify INC-245)"
        in command("coverage")[1]
    )
    assert "unproven" in command("search", "partner")[1]


def test_coverage_proposes_what_could_be_retired(command: Command, repo: Repo) -> None:
    lesson = REGISTRY["lessons/INC-245.md"]
    bound = lesson.replace("INC-245", "BOUND").replace(
        "mode: block", 'mode: block\napplies_to: ["legacy/**"]'
    )
    repo.commit({**REGISTRY, "lessons/BOUND.md": bound, "a.py": FIXED})
    out = command("coverage")[1].replace("\n", " ")
    assert "could be retired: BOUND: it applies to legacy/**, and no file here is like that" in out
    assert (
        "could be retired: INC-245: the places that failed are gone (services/pay/client.py)" in out
    )
    repo.commit({"services/pay/client.py": FIXED})
    assert "could be retired: INC-245" not in command("coverage")[1]


def test_a_proven_resemblance_is_no_check_that_is_proven(command: Command, repo: Repo) -> None:
    repo.write({"lessons/INC-245.md": REGISTRY["lessons/INC-245.md"]})
    repo.write({"services/pay/client.py": FIXED})
    repo.git("add", "--all")
    assert command("verify")[0] == 0
    text = " ".join(command("coverage")[1].split())
    assert "resemblance that is proven 1" in text
    assert "a check that is proven" not in text


def test_coverage_proposes_what_has_ended_and_whose_code_is_gone(
    command: Command, repo: Repo
) -> None:
    lesson = REGISTRY["lessons/INC-245.md"]
    ends = 'mode: block\nexpires: {when: "go.mod: go >= 1.22", because: loops are safe}'
    dead = (
        lesson.replace("INC-245", "DEAD")
        .replace("scars:", "tags:")
        .replace("requests.post(PARTNER", "partnerlib.charge_card(PARTNERLIB_URL")
        .replace("def charge(order)", "def charge_by_partnerlib(purchase)")
        .replace("order.dict()", "purchase.as_partnerlib()")
        .replace("raise_for_status", "raise_for_partnerlib")
    )
    repo.commit(
        {
            "lessons/INC-245.md": lesson.replace("mode: block", ends),
            "lessons/DEAD.md": dead,
            "services/pay/client.py": FIXED,
            "go.mod": "module shop\n\ngo 1.22\n",
        }
    )
    out = command("coverage")[1]
    assert (
        "could be retired: INC-245: its condition has come: go.mod says go 1.22 (loops are safe)"
        in out
    )
    assert "could be retired: DEAD: no file here holds a name of its failing code any more" in out


def test_lint_says_of_an_end_what_to_mend(command: Command, repo: Repo) -> None:
    lesson = REGISTRY["lessons/INC-245.md"]

    def ending(name: str, end: str) -> str:
        return lesson.replace("INC-245", name).replace(
            "mode: block", f"mode: block\nexpires: {end}"
        )

    repo.commit(
        {
            "lessons/A.md": ending("A", '{when: "go.mod: go >= 1.22", because: loops}'),
            "lessons/B.md": ending("B", '{when: "api/go.mod: go >= 1.22", because: loops}'),
            "lessons/C.md": ending("C", "2099-01-31"),
            "go.mod": "module shop\n\ngo 1.22\n",
        }
    )
    out = command("lint")[1].splitlines()
    assert [line for line in out if "expires" in line] == [
        "lessons/A.md: hint: its end has come: go.mod says go 1.22 (loops); set `mode: retired`, "
        "or mend `expires`",
        "lessons/B.md: warning: `expires: api/go.mod: go >= 1.22` can never be due: there is no "
        "api/go.mod here",
        "lessons/C.md: hint: `expires` has no reason: add `because: …`, for whoever is to retire it",
    ]


def test_search_finds_lessons_by_words_and_by_code(command: Command, repo: Repo) -> None:
    repo.write(REGISTRY)
    for words in (("slow partner",), ("requests.post(PARTNER)",)):
        code, out, _ = command("search", *words)
        assert (code, out.splitlines()[0]) == (0, "INC-245  A slow partner took checkout down")
    assert command("search", "zebra")[1] == "nothing among 1 lesson shares a word with that\n"


@pytest.mark.parametrize("of", ["lesson", "report"])
def test_the_schemas_are_schemas(command: Command, of: str) -> None:
    code, out, _ = command("schema", of)
    assert code == 0
    Draft202012Validator.check_schema(json.loads(out))


def test_every_report_keeps_the_published_schema(command: Command, topic: Repo) -> None:
    schema = json.loads(command("schema", "report")[1])
    for words in ((), ("--explain",)):
        report = json.loads(command("check", "--base", "main", "--format", "json", *words)[1])
        Draft202012Validator(schema).validate(report)


def test_a_lesson_in_the_repository_has_the_address_of_its_forge(
    command: Command, topic: Repo
) -> None:
    assert (
        json.loads(command("check", "--base", "main", "--format", "json")[1])["findings"][0][
            "lesson"
        ]["url"]
        is None
    )
    topic.git("remote", "add", "origin", "https://robin:s3cret@github.com/acme/shop.git")
    page = f"https://github.com/acme/shop/blob/{topic.git('rev-parse', 'main')}/lessons/INC-245.md"
    for form in ("json", "markdown", "text"):
        code, out, _ = command("check", "--base", "main", "--format", form)
        assert (code, page in out, "s3cret" in out) == (1, True, False)


def test_the_demo_tells_its_story(command: Command, tmp_path: Path) -> None:
    code, out, err = command("demo", "--keep", str(tmp_path / "kept"))
    assert (code, err) == (0, "")
    assert "  membership/renewals.py:14  this block resembles AZURE-2012-02-29\n" in out
    address = "https://azure.microsoft.com/en-us/blog/summary-of-windows-azure-service-disruption-on-feb-29th-2012/"
    assert f"  Read more     {address}\n" in out, "whole, on one line, at every width"
    assert "The merge is blocked (1 place). Found by: recall, rules." in out
    assert "the guard is silent, the merge is free" in out
    assert command("demo", "--keep", str(tmp_path / "kept"))[0] == 2


def test_help_teaches(command: Command) -> None:
    code, out, _ = command("check", "--help")
    assert code == 0
    for word in ("--staged", "--explain", "Exit codes: 0 nothing blocks, 1 something blocks"):
        assert word in " ".join(out.replace("│", " ").split())


def test_an_unwritable_cache_is_said_and_the_check_goes_on(topic: Repo, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "file")}
    words = [sys.executable, "-m", "twiceshy", "check", "--base", "main"]
    done = subprocess.run(
        words, cwd=topic.root, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "the index could not be kept" in " ".join(done.stdout.split())
    assert "BLOCKS INC-245" in done.stdout
    assert done.stderr == ""


def test_a_full_disk_costs_time_and_nothing_else(topic: Repo, tmp_path: Path) -> None:
    """No file may grow over 16 KiB, as on a disk with no more room: the index does not fit, the
    verdict stands.
    """
    measured = {
        name for name in os.environ if name.startswith("COVERAGE_")
    }  # it has no room either
    env = {name: value for name, value in os.environ.items() if name not in measured}
    env["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    words = f"ulimit -f 16; {sys.executable} -m twiceshy check --base main"
    done = subprocess.run(
        ["bash", "-c", words], cwd=topic.root, env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "the index could not be kept" in " ".join(done.stdout.split())
    assert list((tmp_path / "cache" / "twiceshy" / "index").iterdir()) == []


def test_an_error_begins_no_command_of_a_pipeline(
    topic: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """GitHub takes a line of the log that begins with ``::`` for a command; a path may hold any
    character.
    """
    monkeypatch.chdir(topic.root)
    assert run(["check", "--base", "main", "--registry", "no\n ::error::such\n##[add-mask]a"]) == 2
    err = capsys.readouterr().err
    assert ":\u2060:error::such\n##\u2060[add-mask]a" in err


def test_an_interrupt_ends_without_a_traceback(topic: Repo, tmp_path: Path) -> None:
    """The compilation of many lessons is interrupted; nothing half-made is left behind."""
    for number in range(400):
        name = f"INC-{1000 + number}"
        topic.write({f"lessons/{name}.md": REGISTRY["lessons/INC-245.md"].replace("INC-245", name)})
    topic.commit({})
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    words = [sys.executable, "-m", "twiceshy", "check", "--base", "HEAD~1"]
    process = subprocess.Popen(
        [*words, "--registry", "."],
        cwd=topic.root,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # a background job would ignore the interrupt
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - above
    )
    folder = tmp_path / "cache" / "twiceshy" / "index"
    wait_until(lambda: process.poll() is not None or list(folder.glob(".making-*")))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=HANG_SECONDS)
    assert (process.returncode, err) == (130, b"twiceshy: stopped\n")
    assert list(folder.glob(".making-*")) == []
