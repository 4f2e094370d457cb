"""What the benchmarks' miner draws from a history, here one of the tests' own."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from git_repository import Repo

ROOT = Path(__file__).parents[1]

CHARGE = """def charge(order):
    answer = post(PARTNER, json=order)
    if answer.ok:
        return answer.json()
    raise NotCharged(order)
"""
SAFE_CHARGE = CHARGE.replace("json=order", "json=order, timeout=3")
REFUND = """def refund(order):
    return post(PARTNER, json={"refund": order})
"""
Row = dict[str, Any]


@pytest.fixture
def past(tmp_path: Path) -> Repo:
    """Two years; only three commits are everyday changes, and only one tells of a fault."""
    repo = Repo(tmp_path / "shop")
    repo.commit({"pay.py": CHARGE, "package.json": '{"version": "1"}\n'}, "Begin", "2020-03-01")
    both = {"pay.py": SAFE_CHARGE, "test_pay.py": "def test_charge():\n    charge({})\n"}
    repo.commit(both, "Fix a hang when the partner is slow", "2020-05-01")
    added = {"refund.py": REFUND, "vendor/copied.py": REFUND, "README.md": "Refunds.\n"}
    repo.commit(added, "Refunds", "2021-02-01")
    repo.commit({"refund.py": None}, 'Revert "Refunds"', "2021-03-01")
    repo.commit({"package.json": '{"version": "2"}\n'}, "Version 2", "2021-04-01")
    told = f"# It was wrong.\n{SAFE_CHARGE}"
    repo.commit({"pay.py": None, "shop/pay.py": told}, "Fix a wrong place", "2021-05-01")
    return repo


def mined(past: Repo, what: str, *options: str) -> list[Row]:
    out = past.root.parent / f"{what}.jsonl.gz"
    command = (sys.executable, "-m", "benchmarks.mine", what, *options)
    place = f"shop={past.root}"
    subprocess.run((*command, "--out", out, place), cwd=ROOT, check=True, capture_output=True)
    with gzip.open(out, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def text_before(row: Row, path: str) -> str:
    stored = row["before_files"][path]
    if isinstance(stored, str):
        return stored
    lines = row["files"][path].split("\n")
    for start, end, removed in reversed(stored):
        lines[start:end] = removed
    return "\n".join(lines)


def test_everyday_changes_come_with_what_a_check_would_see(past: Repo) -> None:
    rows = {row["note"]: row for row in mined(past, "everyday")}
    fix, refunds, moved = (
        rows.pop(note)
        for note in ("Fix a hang when the partner is slow", "Refunds", "Fix a wrong place")
    )
    assert not rows
    assert fix["paths"] == ["pay.py", "test_pay.py"]
    assert fix["files"]["pay.py"] == SAFE_CHARGE
    assert text_before(fix, "pay.py") == CHARGE
    assert fix["base"] == past.git("rev-parse", f"{fix['commit']}^")
    assert refunds["paths"] == ["refund.py"]  # neither what is vendored nor prose
    assert refunds["before_files"] == {}
    assert text_before(moved, "pay.py") == SAFE_CHARGE


def test_the_same_is_drawn_again_and_in_parts(past: Repo) -> None:
    rows = mined(past, "everyday")
    first = mined(past, "everyday", "--most", "1")
    assert [*first, *mined(past, "everyday", "--first", "1")] == rows
    assert [row["date"][:4] for row in rows] == ["2020", "2021", "2021"]


def test_a_lesson_is_a_function_before_and_after_its_fix(past: Repo) -> None:
    (row,) = mined(past, "lessons")
    commit = row.pop("commit")
    assert row == {
        "id": f"shop-{commit[:12]}-1",
        "source": "git:shop",
        "project": "shop",
        "language": "python",
        "path": "pay.py",
        "title": "Fix a hang when the partner is slow",
        "bad": CHARGE.rstrip(),
        "good": SAFE_CHARGE.rstrip(),
        "parent": past.git("rev-parse", f"{commit}^"),
        "date": "2020-05-01",
        "func": "charge",
        "scope": "function",
        "origin": "natural",
    }


def test_a_host_is_what_stood_there_on_that_day(past: Repo) -> None:
    days = {row["date"]: row["commit"] for row in mined(past, "hosts")}
    new_year = past.git("log", "--format=%H", "--grep=Fix a hang")
    assert days == {"2021-01-01": new_year, "2021-05-01": past.git("rev-parse", "HEAD")}
