"""What lint found is kept as long as nothing changed that it was found of, and drafts that guard
nothing yet are read all the same.
"""

from pathlib import Path

import pytest

from git_repository import Repo
from learning.learn.templates import OWNERS
from service.shop import BUG, LESSON, RULE
from twiceshy.cli import lint
from twiceshy.cli.main import run
from twiceshy.learning.lint.advice import Advice, Weight
from twiceshy.learning.lint.advice_cache import MOST_FILES, AdviceCache
from twiceshy.learning.lint.recognition import recognition


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    made = Repo(tmp_path / "shop")
    made.commit({"src/refund.py": BUG, "lessons/a.md": LESSON, "rules/a.yaml": RULE}, "begin")
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return made


def linted(capsys: pytest.CaptureFixture[str]) -> str:
    run(["lint"])
    return capsys.readouterr().out


def test_nothing_is_looked_at_again_until_registry_or_code_changes(
    repo: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    real = recognition

    def counting(*given: object) -> object:
        looked.append(1)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(lint, "recognition", counting)
    first = linted(capsys)
    assert linted(capsys) == first
    assert len(looked) == 1
    repo.commit({"src/other.py": BUG.replace("refund", "repay")}, "again")
    linted(capsys)
    assert len(looked) == 2
    (repo.root / "lessons/a.md").write_text(LESSON + "\nMore of the story.\n")
    linted(capsys)
    linted(capsys)
    assert len(looked) == 3


def test_what_is_damaged_is_found_again_and_the_oldest_goes(tmp_path: Path) -> None:
    advice = [Advice(Weight.STYLE, "lessons/ä.md", 3, "say it")]
    for number in range(MOST_FILES + 5):
        AdviceCache(tmp_path, str(number)).keep(advice)
    assert AdviceCache(tmp_path, str(MOST_FILES)).read() == advice
    kept = list((tmp_path / "advice").glob("*.json"))
    assert len(kept) == MOST_FILES
    for damaged in ("{", "[[1]]", '[["loud", "a", 1, "b"]]'):
        for path in kept:
            path.write_text(damaged)
        assert AdviceCache(tmp_path, str(MOST_FILES)).read() is None


def test_a_draft_that_guards_nothing_yet_is_read_all_the_same(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    (repo.root / "incident.md").write_text(OWNERS)
    assert run(["learn", "--from", "incident.md", "--id", "PM-1"]) == 0
    capsys.readouterr()
    run(["lint", "lessons/PM-1.md"])
    out = capsys.readouterr().out
    assert "lessons/PM-1.md:1: lesson PM-1 guards nothing yet" in out
    assert "warning: not answered yet: Surprise, Systemic, What went well (3 of 6)" in out
