"""What may have done its work, and why; what people answered in the App speaks against a lesson,
too.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from git_repository import Repo
from making import lesson
from twiceshy.changes.git_history import origin_of
from twiceshy.cli.app_feedback import verdicts
from twiceshy.learning.retire import Today, languages_here, reasons
from twiceshy.lessons.lesson import Evidence, Expiry, Mode, NoCheck, Scar, Side
from twiceshy.store.database import open_database
from twiceshy.store.feedback import Feedback, note_feedback

OLD = replace(
    lesson("OLD"), date=date(2020, 1, 1), evidence=(Evidence(Side.BAD, "python", "f()\n", 0, 1),)
)
FILES = {"a.py": "f()\n", "go.mod": "module shop\n\ngo 1.22\n"}
NOW = Today(date(2026, 1, 1), frozenset(FILES), frozenset({"python"}), {}, FILES.get, {})


@pytest.mark.parametrize(
    ("today", "why"),
    [
        (NOW, ()),
        (replace(NOW, languages=frozenset({"go"})), ("no python is left here",)),
        (
            replace(NOW, dead_words={"OLD": ["charge", "partner"]}),
            ("no file here holds a name of its failing code any more (charge, partner)",),
        ),
        (replace(NOW, answers={"OLD": "5 of 10 were wrong"}), ("5 of 10 were wrong",)),
    ],
)
def test_a_lesson_is_proposed_for_retirement_with_the_evidence(
    today: Today, why: tuple[str, ...]
) -> None:
    assert reasons(OLD, today) == why


@pytest.mark.parametrize(
    ("expiry", "why"),
    [
        (
            Expiry(when="go.mod: go >= 1.22", because="loop variables are per iteration."),
            ("its condition has come: go.mod says go 1.22 (loop variables are per iteration)",),
        ),
        (Expiry(when="go.mod: go >= 1.23"), ()),
        (Expiry(when="package.json: request absent"), ()),  # nobody can tell: the file is not here
        (
            Expiry(day=date(2026, 1, 1)),
            ("its condition has come: it was to hold until 2026-01-01",),
        ),
        (Expiry(day=date(2026, 1, 2)), ()),
    ],
)
def test_a_lesson_whose_end_has_come_is_proposed(expiry: Expiry, why: tuple[str, ...]) -> None:
    assert reasons(replace(OLD, expires=expiry), NOW) == why


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("a.py", ()),
        ("*.py", ()),
        ("moved/from/a.py", ()),  # to where a.py is now
        ("b.py", ("the places that failed are gone (b.py)",)),
    ],
)
def test_a_place_is_gone_when_no_file_bears_its_name(path: str, why: tuple[str, ...]) -> None:
    assert reasons(replace(OLD, scars=(Scar(path),)), NOW) == why


def test_what_does_not_guard_is_not_retired() -> None:
    silent = replace(NOW, languages=frozenset({"go"}))
    assert reasons(replace(OLD, mode=Mode.DRAFT), silent) == ()
    assert reasons(replace(OLD, no_check=NoCheck("third_party", "it was theirs")), silent) == ()


def test_a_registry_of_its_own_has_no_languages_to_miss() -> None:
    assert languages_here([OLD], ["README.md", "ci.yml"]) == frozenset()
    assert languages_here([OLD], ["a.py", "b.go"]) == {"python", "go"}


@pytest.mark.parametrize(
    "url",
    [
        "git@github.com:acme/shop.git",
        "https://github.com/acme/shop",
        "ssh://git@ghe.acme.example/acme/shop.git/",
    ],
)
def test_a_clone_knows_what_it_is_a_clone_of(repo: Repo, url: str) -> None:
    assert origin_of(repo.root) is None
    repo.git("remote", "add", "origin", url)
    assert origin_of(repo.root) == "acme/shop"
    repo.git("remote", "set-url", "origin", "/srv/git/shop.git")
    assert origin_of(repo.root) is None


def test_what_people_answered_speaks_against_a_lesson(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verdicts(repo.root, 0.1) == {}
    url = f"sqlite:///{tmp_path / 'app.sqlite'}"
    engine = open_database(url)
    with Session(engine) as session:
        for number in range(12):
            who, mine = f"person-{number}", "acme/shop"
            note_feedback(
                session,
                Feedback("acme", 1, 1, f"f{number}", "INC-1", who, number > 3, "thumbs", mine),
            )
            note_feedback(
                session, Feedback("acme", 2, 1, f"f{number}", "INC-2", "ann", False, "thumbs", mine)
            )
            note_feedback(
                session,
                Feedback("acme", 3, 1, f"f{number}", "INC-3", who, False, "thumbs", "acme/other"),
            )
        session.commit()
    engine.dispose()
    monkeypatch.setenv("TWICESHY_DATABASE_URL", url)
    assert verdicts(repo.root, 0.1) == {}
    assert "nobody knows whose lessons these are" in capsys.readouterr().err
    repo.git("remote", "add", "origin", "git@github.com:acme/shop.git")
    told = {"INC-1": "33% of what 12 people judged was not useful, over the noise budget of 10%"}
    assert verdicts(repo.root, 0.1) == told
    assert verdicts(repo.root, 0.5) == {}
    repo.git("remote", "set-url", "origin", "git@github.com:other/shop.git")
    assert verdicts(repo.root, 0.1) == {}
    monkeypatch.setenv("TWICESHY_DATABASE_URL", f"sqlite:///{tmp_path / 'none' / 'app.sqlite'}")
    assert verdicts(repo.root, 0.1) == {}
    assert (
        "TWICESHY_DATABASE_URL could not be asked what people answered" in capsys.readouterr().err
    )
