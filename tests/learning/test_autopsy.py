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


def test_a_lesson_that_spoke_was_overridden(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history(tmp_path / "shop", {"lessons/INC-245.md": LESSON, "rules/a.yaml": RULE})
    first, second, third = told(capsys)
    assert first.startswith("HEAD mends what came with ")
    assert first.endswith("Refund through the bank")
    assert second == "The lessons of that day: covered and overridden"
    assert third.startswith(
        "  INC-245 at src/refund.py:5, by rules: it would have blocked: find out how it was merged"
    )


def test_a_lesson_that_only_observed_was_too_quiet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history(
        tmp_path / "shop",
        {
            "lessons/INC-245.md": LESSON.replace("mode: block", "mode: observe"),
            "rules/a.yaml": RULE,
        },
    )
    assert told(capsys)[1:] == [
        "The lessons of that day: covered but too quiet",
        "  INC-245 at src/refund.py:5, by rules: its lesson is in observe mode: set its mode to comment once verify and "
        "backtest allow",
    ]


def test_what_was_learned_since_is_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history(
        tmp_path / "shop",
        {".twiceshy.yml": "registries: [{path: .}]\n"},
        later={"lessons/INC-245.md": LESSON, "rules/a.yaml": RULE},
    )
    lines = told(capsys, "HEAD~1")
    assert lines[1:3] == [
        "The lessons of that day: not covered",
        "Today's lessons: covered and overridden",
    ]


def test_what_nobody_covered_asks_for_a_lesson(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history(tmp_path / "shop", {".twiceshy.yml": "registries: [{path: .}]\n"})
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
