"""What a check costs: whole processes, timed in turn, printed as ratios of one run.

    python benchmarks/check.py            # 2,000 and 20,000 lessons and rules; takes some minutes
    python benchmarks/check.py --quick    # without the slow stock run (one YAML file a rule)

Makes its own repositories in a temporary folder. Needs git and an installed twiceshy; uses no
network.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

BIN = Path(sys.executable).parent


class Timed(NamedTuple):
    """Wall seconds (median), and the largest peak memory of one process in MiB."""

    seconds: float
    peak: float
    output: str


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="twiceshy-bench-"))
    try:
        measure(folder, options.quick, options.runs)
    finally:
        shutil.rmtree(folder)


def measure(folder: Path, quick: bool, runs: int) -> None:
    """All the figures the README and the notes quote."""
    small, large = folder / "small", folder / "large"
    cache = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    cache.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is compiled
    for root, count in ((small, 2_000), (large, 20_000)):
        make_repository(root, count)
        cold = timed([BIN / "twiceshy", "check", "--base", "main"], root, cache, 1, warm=False)
        print(
            f"{count:>6} lessons and rules: cold compile and check {cold.seconds:6.2f} s,"
            f" peak {cold.peak:4.0f} MiB"
        )
    words = ["check", "--base", "main", "--format", "json", "--fail-on", "never"]
    check: list[str | Path] = [BIN / "twiceshy", *words]
    few = timed(check, small, cache, runs)
    many = timed(check, large, cache, runs)
    findings = [len(json.loads(run.output)["findings"]) for run in (few, many)]
    print(
        f"warm check, one file, one match: {few.seconds:.3f} s at 2,000;"
        f" {many.seconds:.3f} s at 20,000 ({many.seconds / few.seconds:.2f}x),"
        f" peak {many.peak:.0f} MiB, findings {findings}"
    )
    run(["git", "checkout", "-q", "quiet"], small)
    quiet = timed(check, small, cache, runs)
    stats = json.loads(quiet.output)["stats"]
    print(
        f"warm check that no rule can match: {quiet.seconds:.3f} s, rules run {stats['rules_run']}"
    )
    run(["git", "checkout", "-q", "topic"], small)
    renewed(small, cache, check)
    stock(small, cache, few, quick)
    wide(folder / "wide", small, cache)


def renewed(root: Path, env: dict[str, str], check: Sequence[str | Path]) -> None:
    """One lesson changed on main: what the next check costs."""
    run(["git", "checkout", "-q", "main"], root)
    lesson = root / "lessons" / "INC-7.md"
    lesson.write_text(lesson.read_text().replace("budget", "budget of time"))
    run(["git", "commit", "-qam", "say it better"], root)
    run(["git", "checkout", "-q", "topic"], root)
    run(["git", "rebase", "-q", "main"], root)
    after = timed(check, root, env, 1, warm=False)
    print(f"one lesson of 2,000 changed: the next check takes {after.seconds:.2f} s")


def stock(root: Path, env: dict[str, str], ours: Timed, quick: bool) -> None:
    """The same file and rules under stock Semgrep."""
    words = [
        "scan",
        "--metrics=off",
        "--disable-version-check",
        "--config",
        "rules/",
        "src/topic.py",
    ]
    semgrep: list[str | Path] = [BIN / "semgrep", *words]
    env = {**env, "PATH": f"{BIN}:{env.get('PATH', '')}"}
    fast = timed([*semgrep, "--experimental"], root, env, 3)
    ratio = fast.seconds / ours.seconds
    print(f"semgrep scan --experimental: {fast.seconds:.2f} s, {ratio:.1f}x ours")
    if not quick:
        slow = timed(semgrep, root, env, 1, warm=False)
        print(f"semgrep scan: {slow.seconds:.1f} s, {slow.seconds / ours.seconds:.0f}x ours")


def wide(root: Path, registry: Path, env: dict[str, str]) -> None:
    """A change of 500 files and 20,000 added lines against 2,000 lessons."""
    root.mkdir()
    run(["git", "init", "-qb", "main"], root)
    for name in ("lessons", "rules"):
        shutil.copytree(registry / name, root / name)
    commit(root, "registry")
    run(["git", "checkout", "-qb", "topic"], root)
    for number in range(500):
        path = root / "src" / f"part_{number}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(long_function(number))
    commit(root, "a lot")
    check: list[str | Path] = [BIN / "twiceshy", "check", "--base", "main", "--fail-on", "never"]
    timed(check, root, env, 1, warm=False)
    took = timed(check, root, env, 1, warm=False)
    print(f"500 files, 20,000 added lines: {took.seconds:.1f} s, peak {took.peak:.0f} MiB")


def long_function(number: int) -> str:
    """40 lines, like no other function's."""
    lines = [f"def part_{number}(order):"]
    for line in range(39):
        lines.append(f"    total_{line} = compute_{line % 7}(order, {number}, {line})")
    return "\n".join(lines) + "\n"


def make_repository(root: Path, count: int) -> None:
    """A repository with so many lessons, each with evidence and a rule, and two branches beside
    main.
    """
    for name in ("lessons", "rules", "src"):
        (root / name).mkdir(parents=True)
    run(["git", "init", "-qb", "main"], root)
    for number in range(count):
        (root / "lessons" / f"INC-{number}.md").write_text(lesson(number))
        (root / "rules" / f"inc-{number}.yaml").write_text(rule(number))
    (root / "src" / "topic.py").write_text(
        "import partner_3\n\n\ndef charge(order):\n    return order\n"
    )
    commit(root, "registry")
    run(["git", "checkout", "-qb", "topic"], root)
    (root / "src" / "topic.py").write_text(
        "import partner_3\n\n\ndef charge(order):\n"
        "    reply = partner_3.send_3(order.ref_3, retries_3=0)\n    return reply\n"
    )
    commit(root, "bring it back")
    run(["git", "checkout", "-qb", "quiet", "main"], root)
    (root / "src" / "topic.py").write_text(
        "def charge(order):\n    amount = order\n    return amount\n"
    )
    commit(root, "nothing to see")
    run(["git", "checkout", "-q", "topic"], root)


def lesson(number: int) -> str:
    """A lesson of its own: other names, other calls."""
    call = f"partner_{number}.send_{number}(order.ref_{number}, retries_{number}=0"
    return f"""---
id: INC-{number}
title: Partner {number} took checkout down
date: 2026-05-14
severity: high
mode: block
mitigation: Give every call to partner {number} a budget.
---
Partner {number} was slow and every worker waited for it.

```python bad path=services/p{number}.py
def charge_{number}(order):
    reply = {call})
    audit_{number}(reply)
    return reply
```

```python good
def charge_{number}(order):
    reply = {call}, budget_{number}=3)
    audit_{number}(reply)
    return reply
```
"""


def rule(number: int) -> str:
    """Its rule: several shapes of the call, guards around it, metadata.

    1,400 bytes, the mean of the 1,932 rule files of semgrep/semgrep-rules.
    """
    return f"""rules:
  - id: inc-{number}-budget
    languages: [python]
    severity: ERROR
    message: >-
      Give the call to partner {number} a budget: without one a slow partner
      holds the worker until every worker waits.
    metadata:
      lesson: INC-{number}
      category: reliability
      technology: [partner-{number}]
      cwe: ["CWE-400: Uncontrolled Resource Consumption"]
      confidence: HIGH
      likelihood: MEDIUM
      impact: HIGH
      subcategory: [audit]
      license: Commons Clause License Condition v1.0[LGPL-2.1-only]
      owasp: [A04:2021 - Insecure Design, A06:2025 - Insecure Design]
      references:
        - https://wiki.example.org/INC-{number}
        - https://docs.example.org/partner/{number}/timeouts
    patterns:
      - pattern-either:
          - pattern: partner_{number}.send_{number}(...)
          - pattern: partner_{number}.client.send_{number}(...)
          - pattern: $CLIENT.partner_{number}.send_{number}(...)
          - pattern: partner_{number}.send_{number}_async($REF, ..., retries_{number}=$N, ...)
          - pattern: from partner_{number} import send_{number}
      - pattern-not: partner_{number}.send_{number}(..., budget_{number}=$B, ...)
      - pattern-not: $CLIENT.partner_{number}.send_{number}(..., budget_{number}=$B, ...)
      - pattern-not-inside: |
          with deadline_{number}($T):
              ...
      - pattern-not-inside: |
          @retried_{number}(...)
          def $NAME(...):
              ...
      - pattern-not-inside: |
          def $TEST(..., dry_run, ...):
              ...
"""


def timed(
    command: Sequence[str | Path], cwd: Path, env: dict[str, str], runs: int, warm: bool = True
) -> Timed:
    """Median wall seconds of so many runs, after one that does not count."""
    if warm:
        subprocess.run(command, cwd=cwd, env=env, capture_output=True, check=False)
    seconds, output = [], ""
    for _ in range(runs):
        started = time.perf_counter()
        process = subprocess.run(
            command, cwd=cwd, env=env, capture_output=True, text=True, check=False
        )
        seconds.append(time.perf_counter() - started)
        output = process.stdout
    return Timed(median(seconds), peak_of(command, cwd, env), output)


def peak_of(command: Sequence[str | Path], cwd: Path, env: dict[str, str]) -> float:
    """Peak memory of the largest process of one more run, from a child of our own so that runs do
    not mix.
    """
    script = (
        "import resource,subprocess,sys;subprocess.run(sys.argv[1:],capture_output=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    words = [sys.executable, "-c", script, *map(str, command)]
    process = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=True)
    return int(process.stdout) / 1024


def commit(root: Path, message: str) -> None:
    """Everything, under a name of no one."""
    run(["git", "add", "-A"], root)
    run(["git", "commit", "-qm", message], root)


def run(command: Sequence[str], cwd: Path) -> None:
    """Or stop."""
    who = {
        "GIT_AUTHOR_NAME": "b",
        "GIT_AUTHOR_EMAIL": "b@example.org",
        "GIT_COMMITTER_NAME": "b",
        "GIT_COMMITTER_EMAIL": "b@example.org",
    }
    subprocess.run(command, cwd=cwd, check=True, env={**os.environ, **who})


if __name__ == "__main__":
    main()
