"""Runs rules over texts with ``semgrep-core``, or with ``semgrep scan`` when the core cannot be
trusted.

Bounded in time and memory for each file and as a whole. Works on copies in a folder of its own:
nothing of the repository is touched, and no path of a stranger becomes a path here.
"""

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from twiceshy.changes.programs import clean_environment, isolated_python
from twiceshy.guards.semgrep import binary, nosemgrep
from twiceshy.guards.semgrep.binary import Semgrep
from twiceshy.lessons.lesson import Rule
from twiceshy.lessons.time_limits import Alarm, by_load

RULE_SECONDS = 5
"""For one rule on one file; Semgrep's own default. It goes by the clock, so it is stretched by the
machine's load.
"""

RULES_TIMED_OUT = 3
"""After so many the file is given up; Semgrep's own default."""

MEMORY_MIB = 2_000
RUN_SECONDS = 120
"""Of computing, for everything; a change that needs more is reported, not waited for."""

_FIRST_LINE = 512
"""Bytes; Linux itself reads 256 of it."""

JOBS = "1"
"""Two take twice the CPU and longer (300 files of celery, eslint, prometheus: 1.1 to 1.7 times, on
two cores).
"""

LONGEST_SUFFIX, LONGEST_MESSAGE = 11, 300

CANARY_RULE = (
    '{"id":"canary","languages":["python"],"severity":"ERROR","message":"$X",'
    '"pattern":"canary($X)"}'
)


@dataclass(frozen=True, slots=True)
class Target:
    """A text to judge: under which path, and in which of Semgrep's languages."""

    path: str
    text: str
    languages: frozenset[str]
    name: str = ""  # what matches call it; default: its path. Of no use to ``semgrep scan``


@dataclass(frozen=True, slots=True)
class Match:
    """One match; lines and columns are 1-based, the end is exclusive in its column."""

    rule: str
    path: str
    start_line: int
    start_col: int
    end_line: int
    end_col: int
    message: str
    metavars: tuple[tuple[str, str], ...] = ()
    fix: str | None = None
    ignored: bool = False  # by a nosemgrep comment


class FaultKind(StrEnum):
    """What a fault means for what was looked at."""

    RUN_FAILED = "run failed"
    RUN_LATE = "run late"
    GAVE_UP = "gave up"  # a rule on a file: time, memory, stack
    UNPARSED = "unparsed"  # the file, or a part of it
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SemgrepProblem:
    """What Semgrep could not do: of a rule, a path, or (neither) the whole run."""

    message: str
    rule: str | None = None
    path: str | None = None
    line: int = 0
    end_line: int = 0
    kind: FaultKind = FaultKind.OTHER


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of a run."""

    matches: tuple[Match, ...] = ()
    faults: tuple[SemgrepProblem, ...] = ()
    broken: bool = False  # the run did not finish: silence means nothing


SLOWER_NOTE = SemgrepProblem(
    "semgrep-core did not pass its test, so the slower `semgrep scan` ran; install semgrep==1.180.0"
)


class SemgrepMissing(Exception):
    """Semgrep is not there."""


@dataclass
class Engine:
    """Semgrep, found and tried."""

    semgrep: Semgrep = field(default_factory=binary.find)
    run_seconds: float = RUN_SECONDS
    rule_seconds: float | None = None  # by the clock; None: RULE_SECONDS, by the machine's load
    clock_seconds: float | None = None  # for a run; None: what ``Alarm`` gives it
    starts: int = 0  # processes started so far
    _cpu_seconds: float = 0.0  # what those that ended have taken of the processor

    def run(self, rules: Sequence[Rule], targets: Sequence[Target]) -> RunResult:
        """Every match of every rule in every target of its language. Raises Missing without a
        Semgrep.
        """
        with self.running(rules, targets) as finish:
            return finish()

    @contextlib.contextmanager
    def running(
        self, rules: Sequence[Rule], targets: Sequence[Target]
    ) -> Iterator[Callable[[], RunResult]]:
        """Start a run; what comes back waits for it. Nothing of it outlives the block. Raises as
        ``run`` does.
        """
        documents = [rule.document for rule in rules]
        if self.passes_canary():
            with self._core(documents, targets) as (finish, paths):
                yield lambda: _run_result(*finish(), paths)
            return
        if self.semgrep.scan is None:
            raise SemgrepMissing
        with self._scan(documents, targets) as finish:
            yield lambda: _with_note(finish(), SLOWER_NOTE)

    def passes_canary(self) -> bool:
        """Whether the core finds what it must in a file made for it; asked once for each build."""
        if self.semgrep.core is None:
            return False
        remembered = binary.remembered(self.semgrep)
        if remembered is not None:
            return remembered
        canary = Target("canary.py", "canary(1)\n", frozenset({"python"}))
        with self._core([CANARY_RULE], [canary]) as (finish, paths):
            ran = _run_result(*finish(), paths)
        passes = [(match.rule, match.start_line) for match in ran.matches] == [("canary", 1)]
        if passes or not ran.broken:  # a machine too busy to answer says nothing about the build
            binary.remember(self.semgrep, passes)
        return passes

    def match_seconds(
        self, rules: Sequence[Rule], targets: Sequence[Target]
    ) -> dict[tuple[str, str], float] | None:
        """How long each rule took on each target, parsing left out; None when the run did not
        finish.

        Nothing where the core cannot be asked.
        """
        if not self.passes_canary():
            return {}
        documents = [rule.document for rule in rules]
        with self._core(documents, targets, "-json_time") as (finish, paths):
            output, failed = finish()
            broken = _run_result(output, failed, paths).broken
            return None if broken else _match_seconds(output, paths)

    def cpu_seconds(self, rules: Sequence[Rule], targets: Sequence[Target]) -> float | None:
        """Processor time of a whole run, starting and parsing included; None when it did not
        finish.

        However busy the machine is, it is much the same: nothing of waiting is in it.
        """
        with self._core([rule.document for rule in rules], targets) as (finish, paths):
            before = self._cpu_seconds
            broken = _run_result(*finish(), paths).broken
            return None if broken else self._cpu_seconds - before

    def dump_prefilters(self, rules: Sequence[Rule]) -> bytes:
        """What ``-prefilter_of_rules`` prints; nothing when one of the rules does not parse."""
        with tempfile.TemporaryDirectory(prefix="twiceshy-") as folder:
            rules_file = _write_rules(Path(folder), [rule.document for rule in rules])
            command = [str(self.semgrep.core), "-prefilter_of_rules", str(rules_file)]
            with self._started(command, folder) as finish:
                return finish()[0]

    @contextlib.contextmanager
    def _core(
        self, documents: Sequence[str], targets: Sequence[Target], *options: str
    ) -> Iterator[tuple[Callable[[], tuple[bytes, str]], dict[str, str]]]:
        """What waits for the answer, and the targets' names by the paths in it."""
        with tempfile.TemporaryDirectory(prefix="twiceshy-") as name:
            folder = Path(name)
            copies = _write_copies(folder, targets)
            command = [
                *(str(self.semgrep.core), "-rules", str(_write_rules(folder, documents))),
                *("-targets", str(_write_targets(folder, copies))),
                *options,
                "-json_nodots",
                *("-timeout", self._rule_limit()),
                *("-timeout_threshold", str(RULES_TIMED_OUT)),
                *("-max_memory", str(MEMORY_MIB)),
                *("-j", JOBS),
                "-fast",
            ]
            paths = {copy: target.name or target.path for copy, target in copies.items()}
            with self._started(command, name) as finish:
                yield finish, paths

    @contextlib.contextmanager
    def _scan(
        self, documents: Sequence[str], targets: Sequence[Target]
    ) -> Iterator[Callable[[], RunResult]]:
        with tempfile.TemporaryDirectory(prefix="twiceshy-") as name:
            folder = Path(name)
            paths = _write_tree(folder, targets)
            command = [
                *_started_with(self.semgrep),
                "scan",
                "--json",
                "--metrics=off",
                "--disable-version-check",
                "--disable-nosem",
                "--no-git-ignore",
                "--quiet",
                *("--timeout", self._rule_limit()),
                *("--timeout-threshold", str(RULES_TIMED_OUT)),
                "--x-ignore-semgrepignore-files",
                *("--config", str(_write_rules(folder, documents))),
                ".",
            ]
            texts = {target.path: target.text for target in targets}
            with self._started(command, str(folder / "tree")) as finish:
                yield lambda: _with_suppressions(_run_result(*finish(), paths), texts)

    @contextlib.contextmanager
    def _started(
        self, command: Sequence[str], folder: str
    ) -> Iterator[Callable[[], tuple[bytes, str]]]:
        """Gives what waits for standard output, and why the run failed (empty when it did not)."""
        self.starts += 1
        environment = _environment(Path(folder), self.semgrep)
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            # not `wait(timeout)`, which looks only every 50 ms whether it is over
            alarm = Alarm(process, self.run_seconds, lambda: _kill(process), self.clock_seconds)

            def finish() -> tuple[bytes, str]:
                self._cpu_seconds += _wait(process)
                output.seek(0)
                return output.read(), f"it took over {self.run_seconds:g} s" if alarm.late else ""

            try:
                with alarm:
                    yield finish
            finally:
                _end(process)

    def _rule_limit(self) -> str:
        seconds = by_load(RULE_SECONDS) if self.rule_seconds is None else self.rule_seconds
        return str(math.ceil(seconds))


_ITS_OWN = ("SEMGREP_", "GIT_")
"""What configures it, and the git that ``semgrep scan`` starts: neither has anything to do with the
texts at hand.
"""


def _environment(folder: Path, semgrep: Semgrep) -> dict[str, str]:
    """Nothing that configures Semgrep, or what Semgrep starts, but what is written here."""
    environment = clean_environment()
    for name in list(environment):
        if name.startswith(_ITS_OWN):
            del environment[name]
    programs = [str(program.parent) for program in (semgrep.scan, semgrep.core) if program]
    return {
        **environment,
        "SEMGREP_SEND_METRICS": "off",
        "SEMGREP_ENABLE_VERSION_CHECK": "0",
        "SEMGREP_SETTINGS_FILE": str(folder.parent / "no-settings.yml"),
        "PYTHONSAFEPATH": "1",
        "PYTHONNOUSERSITE": "1",
        "PATH": os.pathsep.join([*programs, environment.get("PATH", os.defpath)]),
    }


def _started_with(semgrep: Semgrep) -> list[str]:
    """The ``semgrep`` installed beside us is a program of our own Python, so isolated; another one
    as it is.
    """
    scan = semgrep.scan
    if scan is None:
        raise SemgrepMissing
    if scan.parent != Path(sys.executable).parent:
        return [str(scan)]
    with scan.open("rb") as stream:
        first_line = stream.readline(_FIRST_LINE)
    return isolated_python(str(scan)) if b"python" in first_line else [str(scan)]


def _wait(process: subprocess.Popen[bytes]) -> float:
    """Wait for a process; the seconds of processor time that it and its children took, 0 when
    nobody knows any more.
    """
    if process.returncode is not None or not hasattr(os, "wait4"):
        process.wait()
        return 0.0
    try:
        _, status, used = os.wait4(process.pid, 0)
    except ChildProcessError:
        process.wait()
        return 0.0
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _end(process: subprocess.Popen[bytes]) -> None:
    """No process of the run outlives it, whatever ended it."""
    _kill(process)
    process.wait()


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "replace"))


def _write_rules(folder: Path, documents: Sequence[str]) -> Path:
    path = folder / "rules.json"
    path.write_text('{"rules":[' + ",".join(documents) + "]}", encoding="utf-8", errors="replace")
    return path


def _write_copies(folder: Path, targets: Sequence[Target]) -> dict[str, Target]:
    """A copy of each target under a number; the targets by their copies' paths."""
    copies: dict[str, Target] = {}
    for number, target in enumerate(targets):
        copy = folder / f"{number}{_suffix(target.path)}"
        _write(copy, target.text)
        copies[str(copy)] = target
    return copies


def _write_targets(folder: Path, copies: Mapping[str, Target]) -> Path:
    """The list of what ``semgrep-core`` is to look at: each target once for each of its
    languages.
    """
    rows: list[object] = []
    for copy, target in copies.items():
        path = {"fpath": copy, "ppath": f"/{target.path}"}
        for language in sorted(target.languages):
            row = {"path": path, "analyzer": language, "products": ["sast"]}
            rows.append(["CodeTarget", row])
    file = folder / "targets.json"
    file.write_text(json.dumps(["Targets", rows]), encoding="utf-8", errors="replace")
    return file


def _write_tree(folder: Path, targets: Sequence[Target]) -> dict[str, str]:
    """A copy of each target under its own path in ``tree``; the targets' paths by those that
    ``semgrep scan`` will name.
    """
    paths: dict[str, str] = {}
    for target in targets:
        copy = (folder / "tree" / target.path).resolve()
        if copy.is_relative_to(folder):
            copy.parent.mkdir(parents=True, exist_ok=True)
            _write(copy, target.text)
            if target.text.startswith("#!"):
                # it looks at the first line of executable files only; nothing runs it
                copy.chmod(0o700)
            paths[str(PurePosixPath(target.path))] = target.path
    return paths


def _suffix(path: str) -> str:
    """A safe ending for a copy: Semgrep looks at it here and there."""
    suffix = PurePosixPath(path).suffix
    return suffix if suffix[1:].isalnum() and len(suffix) <= LONGEST_SUFFIX else ""


def _with_note(ran: RunResult, note: SemgrepProblem) -> RunResult:
    return RunResult(ran.matches, (note, *ran.faults), ran.broken)


def _with_suppressions(ran: RunResult, texts: Mapping[str, str]) -> RunResult:
    """``semgrep scan`` leaves suppressed matches out; asked for all of them, it does not say which
    those are.
    """
    lines: dict[str, list[str]] = {}
    matches: list[Match] = []
    for match in ran.matches:
        if match.path not in lines:
            lines[match.path] = texts.get(match.path, "").split("\n")
        ignored = nosemgrep.suppresses(lines[match.path], match.start_line, match.rule)
        matches.append(replace(match, ignored=ignored))
    return replace(ran, matches=tuple(matches))


def _run_result(output: bytes, failed: str, names: dict[str, str]) -> RunResult:
    try:
        answer = json.loads(output)
        matches = tuple(_match(raw, names) for raw in answer["results"])
        faults = tuple(_problem(raw, names) for raw in answer["errors"])
    except (ValueError, KeyError, TypeError):
        kind = FaultKind.RUN_LATE if failed else FaultKind.RUN_FAILED
        message = f"Semgrep did not finish: {failed or 'it gave no answer'}; rules were not checked"
        return RunResult((), (SemgrepProblem(message, kind=kind),), True)
    return RunResult(matches, faults, bool(failed))


def _match_seconds(output: bytes, names: dict[str, str]) -> dict[tuple[str, str], float]:
    """By rule and target, the longest; a target stands there once for each of its languages."""
    longest: dict[tuple[str, str], float] = {}
    try:
        time = json.loads(output)["time"]
        for row in time["targets"]:
            for rule, seconds in zip(time["rules"], row["match_times"], strict=True):
                about = _rule_id(rule), _path(row["path"], names)
                longest[about] = max(longest.get(about, 0.0), float(seconds))
    except (ValueError, KeyError, TypeError):
        return {}
    return longest


def _match(raw: Any, names: dict[str, str]) -> Match:
    extra = raw["extra"]
    return Match(
        rule=_rule_id(raw["check_id"]),
        path=_path(raw["path"], names),
        start_line=raw["start"]["line"],
        start_col=raw["start"]["col"],
        end_line=raw["end"]["line"],
        end_col=raw["end"]["col"],
        message=str(extra.get("message", "")),
        metavars=_metavars(extra.get("metavars", {})),
        fix=extra.get("fix"),
        ignored=bool(extra.get("is_ignored")),
    )


def _metavars(raw: Any) -> tuple[tuple[str, str], ...]:
    metavars: list[tuple[str, str]] = []
    for name, value in raw.items():
        metavars.append((name, str(value.get("abstract_content", ""))))
    return tuple(sorted(metavars))


_GAVE_UP = (
    "Timeout",
    "Out of memory",
    "Stack overflow",
    "Too many matches",
    "Fixpoint timeout",
    "Fatal error",
    "Internal matching error",
)
_UNPARSED = (
    "Lexical error",
    "Syntax error",
    "Other syntax error",
    "AST builder error",
    "PartialParsing",
)
_FAULTS = {
    **dict.fromkeys(_GAVE_UP, FaultKind.GAVE_UP),
    **dict.fromkeys(_UNPARSED, FaultKind.UNPARSED),
}
"""By ``error_type``, as the wheel's ``semgrep_output_v1`` spells them."""


def _problem(raw: Any, names: dict[str, str]) -> SemgrepProblem:
    location = raw.get("location") or {}
    path = location.get("path") or raw.get("path")
    message = " ".join(str(raw.get("message") or raw.get("error_type") or "").split())
    kind = raw.get("error_type") or raw.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    line = (location.get("start") or {}).get("line", 0)
    end_line = (location.get("end") or {}).get("line", line)
    target = _path(path, names) if path else None
    rule = raw.get("rule_id")
    return SemgrepProblem(
        f"{kind}: {message[:LONGEST_MESSAGE]}",
        _rule_id(rule) if rule else None,
        target if target != path else None,
        line,
        end_line,
        _FAULTS.get(str(kind), FaultKind.OTHER),
    )


def _path(path: str, names: dict[str, str]) -> str:
    return names.get(path, names.get(path.removeprefix("./"), path))


def _rule_id(check_id: str) -> str:
    """``semgrep scan`` puts the folders of the rules file before the id; the file here stands in a
    folder of no name.
    """
    if "twiceshy-" not in check_id:
        return check_id
    return check_id.rsplit("twiceshy-", 1)[-1].split(".", 1)[-1]
