"""Is it possible elsewhere? The whole tree, once told, not told again."""

import json
from pathlib import Path

import pytest

from git_repository import Repo
from service.shop import BUG, CLEAN, LESSON, RULE
from twiceshy.cli.main import run


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    made = Repo(tmp_path / "shop")
    made.commit(
        {
            "lessons/INC-245.md": LESSON,
            "rules/inc-245.yaml": RULE,
            "src/refund.py": BUG,
            "src/total.py": CLEAN,
            "vendor/copied.py": BUG,
            ".github/CODEOWNERS": "* @acme/all\nsrc/ @acme/payments # they pay\n",
        },
    )
    made.write({"src/untracked.py": BUG})
    monkeypatch.chdir(made.root)
    return made


def swept(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = run(["sweep", *words])
    return code, capsys.readouterr().out


def test_every_tracked_place_is_told_with_its_owner(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert swept(capsys) == (
        1,
        "src/refund.py:5 INC-245 A slow partner took checkout down  rules 1.00 @acme/payments\n1 place\n",
    )
    assert swept(capsys, "src/total.py") == (0, "nothing here looks like a past failure\n")
    assert swept(capsys, "--lesson", "INC-245", "src")[0] == 1


def test_what_is_known_is_not_told_again(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    kept = swept(capsys, "--update-baseline")
    assert kept == (0, ".twiceshy-baseline.json holds 1 place; they are not told again\n")
    assert swept(capsys) == (0, "nothing here looks like a past failure, 1 place known\n")
    repo.write({"src/refund.py": "# moved down\n" + BUG, "src/total.py": BUG})
    assert swept(capsys)[1].splitlines()[0].startswith("src/total.py:5 INC-245")
    (repo.root / ".twiceshy-baseline.json").write_text("[]")
    assert run(["sweep"]) == 2


def test_programs_get_it_too(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(swept(capsys, "--format", "json")[1])
    assert [(each["path"], each["start_line"]) for each in found["findings"]] == [
        ("src/refund.py", 5)
    ]
    assert json.loads(swept(capsys, "--format", "sarif")[1])["version"] == "2.1.0"


@pytest.mark.parametrize("words", [["--lesson", "INC-9"], ["nowhere"], ["/etc"]])
def test_what_is_not_there_is_named(repo: Repo, words: list[str]) -> None:
    assert run(["sweep", *words]) == 2
