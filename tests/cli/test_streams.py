"""The real program at the end of a pipe that nobody reads, on a full disk, without streams, stopped
while it begins.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from git_repository import Repo
from samples import FIXED, REGISTRY, RENAMED

PROGRAM = f"{sys.executable} -I -m twiceshy"


@pytest.fixture
def topic(repo: Repo) -> Repo:
    repo.commit({**REGISTRY, "services/pay/client.py": FIXED})
    repo.branch("topic").commit({"svc/hook.py": RENAMED})
    return repo


def shell(folder: Path, line: str, **environment: str) -> tuple[int, str, str]:
    """A line of bash, in which ``twiceshy`` is the program, with its exit code even before a
    pipe.
    """
    words = f'set -o pipefail; twiceshy() {{ {PROGRAM} "$@"; }}; {line}'
    env = {**os.environ, **environment}
    done = subprocess.run(
        ["bash", "-c", words], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("output", ["text", "json", "sarif", "markdown", "github"])
@pytest.mark.parametrize("reader", ["true", "head -1", "exec 0<&-"])
def test_a_reader_that_goes_away_does_not_change_the_verdict(
    topic: Repo, output: str, reader: str
) -> None:
    code, _, err = shell(topic.root, f"twiceshy check --base main --format {output} | ({reader})")
    assert (code, err) == (1, "")


def test_a_reader_that_goes_away_within_a_large_report_does_not_either(topic: Repo) -> None:
    topic.commit({f"svc/hook{number}.py": RENAMED for number in range(60)})
    code, out, err = shell(
        topic.root, "twiceshy check --base main --format json --explain | head -1"
    )
    assert (code, out, err) == (1, "{\n", "")
    assert (
        shell(topic.root, "twiceshy check --base main --fail-on never --format json | head -1")[0]
        == 0
    )


@pytest.mark.parametrize(
    "closed", [">&-", "2>&-", ">&- 2>&-", ">&- 2>&- <&-", "2>/dev/full", ">&- 2>/dev/full"]
)
def test_without_streams_the_verdict_stands(topic: Repo, closed: str) -> None:
    code, _, err = shell(topic.root, f"twiceshy check --base main {closed}")
    assert (code, err) == (1, "")
    assert shell(topic.root, f"twiceshy check --base main --head main {closed}")[0] == 0
    assert shell(topic.root, f"twiceshy check --base nope {closed}")[0] == 2


@pytest.mark.parametrize(
    "words",
    ["--format json", "--format text", "--output /dev/full", "--report /dev/full >/dev/null"],
)
def test_a_report_that_finds_no_room_is_said(topic: Repo, words: str) -> None:
    full = "" if "/dev/full" in words else ">/dev/full"
    code, out, err = shell(topic.root, f"twiceshy check --base main {words} {full}")
    assert (code, out) == (2, "")
    assert err.startswith("twiceshy: the ")
    assert err.endswith(": No space left on device\n")


@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "--version",
        "lint",
        "verify",
        "coverage",
        "search partner",
        "relatives",
        "schema",
        "sweep",
        "backtest",
        "doctor",
        "init",
        "autopsy HEAD",
    ],
)
def test_no_command_shows_a_traceback_where_it_cannot_write(
    topic: Repo, words: str, tmp_path: Path
) -> None:
    for closed in (">/dev/full", ">&-", ">&- 2>&-", "| true"):
        code, _, err = shell(topic.root, f"twiceshy {words} {closed}")
        assert code in (0, 1, 2), (closed, err)
        assert "Traceback" not in err
        assert "fault of twiceshy" not in err
    (tmp_path / "file").write_text("")
    for name, value in (
        ("XDG_CACHE_HOME", str(tmp_path / "file")),
        ("HOME", "/nonexistent"),
        ("PYTHONIOENCODING", "ascii"),
    ):
        code, _, err = shell(topic.root, f"twiceshy {words}", **{name: value})
        assert code in (0, 1, 2), (name, err)
        assert "Traceback" not in err
        assert "fault of twiceshy" not in err


@pytest.mark.parametrize("code_page", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_without_unicode_reads_the_report_all_the_same(
    topic: Repo, code_page: str
) -> None:
    topic.commit({"svc/größe.py": RENAMED})
    code, _, err = shell(topic.root, "twiceshy check --base main", PYTHONIOENCODING=code_page)
    assert (code, err) == (1, "")
    words = [*PROGRAM.replace("-I ", "").split(), "check", "--base", "main", "--format", "json"]
    env = {**os.environ, "PYTHONIOENCODING": code_page}
    raw = subprocess.run(words, cwd=topic.root, env=env, capture_output=True, check=False).stdout
    paths = {finding["path"] for finding in json.loads(raw.decode(code_page))["findings"]}
    assert "svc/größe.py" in paths


def test_without_a_reader_s_answer_standard_input_is_no_empty_diff(topic: Repo) -> None:
    code, _, err = shell(topic.root, "twiceshy check --diff - <&-")
    assert (code, err) == (2, "twiceshy: there is no diff to read: standard input is closed\n")


def test_a_pipe_may_be_the_diff_file(topic: Repo) -> None:
    assert shell(topic.root, "twiceshy check --registry . --diff <(git diff main topic)")[0] == 1
    assert shell(topic.root, "git diff main topic | twiceshy check --registry . --diff -")[0] == 1
    code, _, err = shell(topic.root, "twiceshy check --registry . --diff /dev/zero")
    assert (code, "check it in parts" in err) == (2, True)


def _interrupted(folder: Path, words: list[str], number: int) -> tuple[int, str, int]:
    """A program that gets an interrupt when it has imported so many modules; its exit code, what it
    said, and how many.
    """
    process = subprocess.Popen(
        words,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heed_interrupts,  # noqa: PLW1509 - a background job ignores them
    )
    said, modules, begun = [], 0, False
    assert process.stderr
    with process:
        for line in process.stderr:
            if not line.startswith("import time:"):
                said.append(line)
                continue
            begun = begun or "twiceshy.cli" in line
            modules += begun
            if begun and modules == number:
                process.send_signal(signal.SIGINT)
    return process.returncode, "".join(said), modules


def console_script() -> list[str]:
    return [str(Path(sys.executable).parent / "twiceshy")]


@pytest.mark.parametrize(
    "start", [lambda: ["-m", "twiceshy"], console_script], ids=["module", "script"]
)
@pytest.mark.parametrize("number", [9, 17, 30, 60, 120, 180, 230])
def test_an_interrupt_during_the_imports_ends_quietly(
    topic: Repo, start: Callable[[], list[str]], number: int
) -> None:
    words = [sys.executable, "-I", "-X", "importtime", *start(), "check", "--base", "main"]
    code, said, modules = _interrupted(topic.root, words, number)
    assert modules >= number
    assert (code in (130, -signal.SIGINT), said) == (
        True,
        "twiceshy: stopped\n",
    )  # a shell says 130 of both


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
