"""After an incident: what the registry of the day said of its cause, and what would have made it
louder.
"""

from pathlib import Path

import pytest

from git_repository import Repo
from service.shop import LESSON, RULE
from twiceshy.cli.main import run

BAD = "import requests\n\n\ndef refund(order):\n    return requests.post(BANK, json=order.dict())\n"
GOOD = BAD.replace(".dict())", ".dict(), timeout=3)")
CHECK = "    if store.already_paid(order.id):\n        return None\n"
PAY = (
    "from shop import store, bank\n\n\ndef pay(order):\n    log.info(order.id)\n"
    f"{CHECK}    return bank.transfer(order.id, order.total)\n"
)
GUARDED = f"""---
id: INC-7
title: Orders were paid twice
date: 2026-05-14
severity: high
mode: block
mitigation: Ask the store before paying.
---
The queue gave an order twice.

```python bad path=src/pay.py
{PAY.replace(CHECK, "")}```

```python good
{PAY}```
"""


def history(root: Path, registry: dict[str, str], *, later: dict[str, str] | None = None) -> Repo:
    """A registry, the change that caused the incident, its fix, and what was learned since."""
    repo = Repo(root)
    repo.commit({"README.md": "a shop\n", **registry}, "begin")
    repo.commit({"src/refund.py": BAD}, "Refund through the bank")
    repo.commit({"src/refund.py": GOOD}, "fix: the bank was slow")
    if later:
        repo.commit(later, "learned")
    return repo


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop").mkdir()
    monkeypatch.chdir(tmp_path / "shop")


def told(capsys: pytest.CaptureFixture[str], fix: str = "HEAD") -> list[str]:
    assert run(["autopsy", fix]) == 0
    return capsys.readouterr().out.splitlines()


def short(repo: Repo, ref: str) -> str:
    return repo.git("rev-parse", "--short=12", ref)


def day(repo: Repo) -> str:
    return repo.git("log", "-1", "--format=%cs")


def test_a_lesson_that_spoke_was_overridden(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = history(tmp_path / "shop", {"lessons/INC-245.md": LESSON, "rules/a.yaml": RULE})
    cause = short(repo, "HEAD~1")
    assert told(capsys) == [
        f"HEAD mends what came with {cause} of {day(repo)}: Refund through the bank",
        "The lessons of that day: covered and overridden",
        "  INC-245 at src/refund.py:5, by rules: it would have blocked: find out how it was merged "
        "all the same, and whether the check is required",
        "Today's lessons: would have spoken",
        "  INC-245 at src/refund.py:5, by rules: it would have blocked",
        f"The rule of INC-245 would have spoken on {cause}",
    ]


def test_a_lesson_that_only_observed_was_too_quiet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = LESSON.replace("mode: block", "mode: observe")
    history(tmp_path / "shop", {"lessons/INC-245.md": quiet, "rules/a.yaml": RULE})
    said = (
        "  INC-245 at src/refund.py:5, by rules: its lesson is in observe mode: set its mode to "
        "comment once verify and backtest allow"
    )
    assert told(capsys)[1:] == [
        "The lessons of that day: covered but too quiet",
        said,
        "Today's lessons: would have been too quiet",
        said,
    ]


def test_nobody_overrode_what_was_learned_since(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learned = {"lessons/INC-245.md": LESSON, "rules/a.yaml": RULE}
    repo = history(tmp_path / "shop", {}, later=learned)
    assert told(capsys, "HEAD~1")[1:] == [
        "The lessons of that day: there were none",
        "Today's lessons: would have spoken",
        "  INC-245 at src/refund.py:5, by rules: it would have blocked",
        f"The rule of INC-245 would have spoken on {short(repo, 'HEAD~2')}",
    ]


def test_the_lesson_of_this_very_fix_is_no_surprise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = history(tmp_path / "shop", {})
    fix = short(repo, "HEAD")
    own = LESSON.replace("mode: block", f"mode: block\nfix: '{fix}'")
    repo.commit({"lessons/INC-245.md": own, "rules/a.yaml": RULE}, "learned")
    assert told(capsys, fix)[2:] == [
        "Today's lessons: would have spoken",
        "  INC-245 at src/refund.py:5, by rules: it was learned from this very fix",
    ]


def test_what_nobody_covered_asks_for_a_lesson(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history(tmp_path / "shop", {".twiceshy.yml": "registries: [{path: .}]\n"})
    assert told(capsys)[1:] == [
        "The lessons of that day: there were none",
        "Today's lessons: not covered",
        "Write the lesson: twiceshy learn HEAD",
    ]


def test_who_removed_the_safeguard_is_found_from_the_fix_that_puts_it_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The fix only adds a line, so nobody can be blamed for one: it is the deletion that counts."""
    repo = Repo(tmp_path / "shop")
    repo.commit({"lessons/INC-7.md": GUARDED, "src/pay.py": PAY}, "begin")
    repo.commit({"src/pay.py": PAY.replace(CHECK, "")}, "Simplify the client")
    cause = short(repo, "HEAD")
    repo.commit({"src/pay.py": PAY.replace(CHECK, "") + "\n\ndef later():\n    return 1\n"}, "More")
    repo.commit({"src/pay.py": PAY}, "fix: orders were paid twice")
    lines = told(capsys)
    at = lines.index(
        f"HEAD puts back 2 lines that went with {cause} of {day(repo)}: Simplify the client"
    )
    assert lines[at + 1] == "The lessons of that day: covered and overridden"
    assert lines[at + 2].startswith("  INC-7 at src/pay.py:")
    assert "by safeguards" in lines[at + 2]
    assert lines[-1] == f"The safeguard of INC-7 would have spoken on {cause}"


def test_the_lessons_of_that_day_are_those_of_the_branch_it_was_merged_into(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The branch was begun before the lesson was written, and merged after it."""
    repo = Repo(tmp_path / "shop")
    repo.commit({"README.md": "a shop\n"}, "begin")
    repo.branch("refund").commit({"src/refund.py": BAD}, "Refund through the bank")
    repo.git("checkout", "--quiet", "main")
    repo.commit({"lessons/INC-245.md": LESSON, "rules/a.yaml": RULE}, "learned")
    repo.git("merge", "--quiet", "--no-ff", "-m", "Merge refund", "refund")
    repo.commit({"src/refund.py": GOOD}, "fix: the bank was slow")
    assert told(capsys)[1] == "The lessons of that day: covered and overridden"


def test_what_a_lesson_says_of_another_place_covers_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    far = "".join(f"\n\ndef step_{n}(order):\n    return order + {n}\n" for n in range(20))
    wrong = "\n\ndef total(order):\n    return order.net - order.tax\n"
    repo = Repo(tmp_path / "shop")
    repo.commit({"lessons/INC-245.md": LESSON, "rules/a.yaml": RULE}, "begin")
    repo.commit({"src/refund.py": BAD + far + wrong}, "Refund through the bank")
    repo.commit({"src/refund.py": BAD + far + wrong.replace(" - ", " + ")}, "fix: taxes")
    assert told(capsys)[1:] == [
        "The lessons of that day: not covered",
        "Today's lessons: not covered",
        "Write the lesson: twiceshy learn HEAD",
    ]


def test_code_as_old_as_the_repository_had_no_lesson(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = Repo(tmp_path / "shop")
    repo.commit({"src/refund.py": BAD}, "begin")
    repo.commit({"src/refund.py": GOOD}, "fix")
    assert run(["autopsy", "HEAD"]) == 2
    assert "as old as the repository" in capsys.readouterr().err


def test_a_scar_covers_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    front = LESSON.split("```", maxsplit=1)[0].replace(
        "mode: block", 'mode: comment\nscars: ["src/*.py"]'
    )
    history(tmp_path / "shop", {"lessons/INC-245.md": front})
    assert told(capsys)[1] == "The lessons of that day: not covered"
