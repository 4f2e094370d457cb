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
    """Two years; four of the commits are everyday changes, and one tells of a fault."""
    repo = Repo(tmp_path / "shop")
    data = {"package.json": '{"version": "1"}\n', "Dockerfile": "FROM python:3.13.1\n"}
    repo.commit({"pay.py": CHARGE, **data}, "Begin", "2020-03-01")
    both = {"pay.py": SAFE_CHARGE, "test_pay.py": "def test_charge():\n    charge({})\n"}
    repo.commit(both, "Fix a hang when the partner is slow", "2020-05-01")
    added = {"refund.py": REFUND, "vendor/copied.py": REFUND, "README.md": "Refunds.\n"}
    repo.commit(added, "Refunds", "2021-02-01")
    repo.commit({"refund.py": None}, 'Revert "Refunds"', "2021-03-01")
    repo.commit({"package.json": '{"version": "2"}\n'}, "Version 2", "2021-04-01")
    repo.commit({"Dockerfile": "FROM python:3.14.0\n"}, "Python 3.14", "2021-04-02")
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
    fix = rows.pop("Fix a hang when the partner is slow")
    refunds, moved = rows.pop("Refunds"), rows.pop("Fix a wrong place")
    assert {note: row["subkind"] for note, row in rows.items()} == {"Python 3.14": "version"}
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
    assert [row["date"][:4] for row in rows] == ["2020", "2021", "2021", "2021"]


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


def test_a_window_begins_and_ends_alike_on_both_sides(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "shop")
    lines = ["def long(order):", *(f"    step_{number}(order)" for number in range(200))]
    repo.commit({"long.py": "\n".join(lines) + "\n"})
    fixed = [*lines[:100], "    check(order)", *lines[100:]]
    repo.commit({"long.py": "\n".join(fixed) + "\n"}, "Fix a crash without a check")
    (row,) = mined(repo, "lessons")
    assert row["scope"] == "window"
    assert row["bad"].split("\n") == lines[100 - 12 : 100 + 12]
    assert row["good"].split("\n") == fixed[100 - 12 : 100 + 1 + 12]


def test_what_is_configured_is_a_hunk_and_a_version_tells_nothing(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "shop")
    service = "kind: Service\nspec:\n  port: 80\n  image: shop:1.2.3\n"
    repo.commit({"service.yaml": service})
    repo.commit({"service.yaml": service.replace("1.2.3", "1.2.4")}, "Fix a crash with 1.2.3")
    mended = service.replace("1.2.3", "1.2.4").replace("80", "8080")
    repo.commit({"service.yaml": mended}, "Fix a wrong port")
    (row,) = mined(repo, "lessons")
    assert (row["title"], row["scope"], row["func"]) == ("Fix a wrong port", "hunk", "")
    assert row["good"] == mended.rstrip()


def test_a_host_is_what_stood_there_on_that_day(past: Repo) -> None:
    days = {row["date"]: row["commit"] for row in mined(past, "hosts")}
    new_year = past.git("log", "--format=%H", "--grep=Fix a hang")
    assert days == {"2021-01-01": new_year, "2021-05-01": past.git("rev-parse", "HEAD")}
