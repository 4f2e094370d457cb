"""The store of dismissals: its record, its migration, its list on page, API and command line."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

import twiceshy.store
from github_double import GitHubDouble
from making import lesson
from service.shop import environment
from twiceshy.cli.main import run
from twiceshy.lessons.lesson import Lesson, Severity
from twiceshy.service.context import Context
from twiceshy.service.jobs.feedback_memory import memory_of, registry_of
from twiceshy.service.sandbox.launcher import DismissedHere, JudgedHere, JudgeRequest, RegistryRef
from twiceshy.service.web import api_v1, pages
from twiceshy.store import dismissals, feedback
from twiceshy.store.database import open_database, with_driver
from twiceshy.store.dismissals import Silenced, Where, Word
from twiceshy.store.feedback import Feedback, FeedbackTotals, LessonName
from twiceshy.store.precision import demotion
from twiceshy.store.tables import DismissalState
from twiceshy.verdicts.settings import (
    DismissSettings,
    Lifting,
    Settings,
    SettingsError,
    read_settings,
)

SHOP = Where(7, "acme/shop", 12)
ALL = Where(7, "acme/shop", 12, everywhere=True, registry="acme/lessons")
CODE = Silenced("c" * 20, "INC-245", "src/refund.py", 5)
MARIA = Word("maria", "the bank is <b>fast</b>")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'twiceshy.sqlite'}"


@pytest.fixture
def session(url: str) -> Iterator[Session]:
    engine = open_database(url)
    with Session(engine) as opened:
        yield opened
        opened.commit()
    engine.dispose()


def test_the_last_word_on_a_place_counts_and_twice_is_once(session: Session) -> None:
    tomorrow = dismissals.today() + timedelta(1)
    for word in (MARIA, MARIA, Word("robin", "for a day", tomorrow)):
        dismissals.give(session, SHOP, CODE, word)
    rows = dismissals.listed(session, ended=True)
    assert [(row.who, row.state) for row in rows] == [("robin", "standing"), ("maria", "replaced")]
    assert [row.who for row in dismissals.holding(session, "acme", 7, tomorrow)] == ["robin"]
    assert dismissals.holding(session, "acme", 7, tomorrow + timedelta(1)) == [], (
        "it ends with its last day"
    )


def test_a_request_holds_nowhere_and_takes_nothing_from_what_stands(session: Session) -> None:
    asked = Word("robin", "please", alone=True, state=DismissalState.REQUESTED)
    dismissals.give(session, SHOP, CODE, MARIA)
    dismissals.give(session, SHOP, CODE, asked)
    assert [row.who for row in dismissals.holding(session, "acme", 7, date(2026, 1, 1))] == [
        "maria"
    ]


def test_one_place_says_nothing_of_another(session: Session) -> None:
    dismissals.give(session, SHOP, CODE, MARIA)
    dismissals.give(session, ALL, CODE, Word("ada", "everywhere"))
    day = date(2026, 1, 1)
    assert [row.who for row in dismissals.holding(session, "acme", 7, day)] == ["maria", "ada"]
    assert [row.who for row in dismissals.holding(session, "Acme", 8, day)] == ["ada"]
    assert dismissals.holding(session, "other", 9, day) == []


def migrated(url: str, steps: list[str], old: list[str]) -> Engine:
    engine = create_engine(url)
    config = Config()
    config.set_main_option(
        "script_location", str(Path(twiceshy.store.__file__).parent / "migrations")
    )
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for line in old:
            connection.execute(text(line))
        for step in steps:
            (command.upgrade if step > "0001" else command.downgrade)(config, step)
        connection.commit()
    return engine


def finding(
    number: int, repository: int, name: str, claim: str, fingerprint: str, wrong: bool = False
) -> str:
    return (
        "INSERT INTO finding (id, repository, name, number, fingerprint, claim, lesson, guard, path, "
        "start_line, "
        "end_line, score, action, shown, standing, wrong, head, first_head, at) VALUES "
        f"({number}, {repository}, '{name}', {number}, '{fingerprint}', '{claim}', "
        "'INC-245', 'rules', 'a.py', 1, 1, "
        f"1, 'block', true, true, {str(wrong).lower()}, 'h', 'h', 1)"
    )


def answer(number: int, repository: int, fingerprint: str, who: str, how: str) -> str:
    return (
        "INSERT INTO answer "
        "(repository, number, fingerprint, who, account, lesson, useful, how, at) VALUES "
        f"({repository}, {number}, '{fingerprint}', '{who}', 'acme', 'INC-245', false, '{how}', 1)"
    )


OLD = [
    *(
        f"INSERT INTO dismissal VALUES ('acme', '{claim}', 'INC-245', 'maria', 'fast', 1)"
        for claim in ("c1", "c2")
    ),
    finding(1, 7, "acme/sandbox", "c1", "f1", wrong=True),
    finding(2, 8, "acme/prod", "c1", "f2", wrong=True),
    finding(3, 9, "acme/site", "c3", "f3", wrong=True),
    answer(1, 7, "f1", "maria", "dismissed"),
    answer(2, 8, "f2", "robin", "resolved"),
    answer(3, 9, "f3", "reactions", "thumbs"),
]


def test_old_dismissals_hold_where_they_were_given(url: str) -> None:
    check_migration(url)


def test_the_same_on_postgresql(postgres_database: str) -> None:
    check_migration(with_driver(postgres_database))


def check_migration(url: str) -> None:
    engine = migrated(url, ["0002"], OLD)
    with Session(engine) as session:
        rows = sorted(dismissals.listed(session, ended=True), key=lambda row: row.claim)
        assert [(row.claim, row.state, row.name, row.who) for row in rows] == [
            ("c1", "standing", "acme/sandbox", "maria"),
            ("c2", "revoked", "", "maria"),
        ]
        assert [row.claim for row in dismissals.holding(session, "acme", 7, date(2026, 1, 1))] == [
            "c1"
        ]
        assert dismissals.holding(session, "acme", 8, date(2026, 1, 1)) == []
        wrong = session.execute(
            text("SELECT number FROM finding WHERE wrong ORDER BY number")
        ).scalars()
        assert list(wrong) == [1, 2], "a thumb of nobody's is no word"
        assert session.execute(text("SELECT count(*) FROM answer")).scalar() == 2
        dismissals.give(session, SHOP, CODE, MARIA)
        session.commit()
    engine.dispose()


def test_the_migration_goes_back(url: str) -> None:
    engine = migrated(url, ["0002", "0001"], OLD)
    with engine.connect() as connection:
        assert list(connection.execute(text("SELECT account, claim FROM dismissal"))) == [
            ("acme", "c1")
        ]
    engine.dispose()


def opinion(
    who: str, number: int, useful: bool, registry: str = "acme/shop", how: str = "dismissed"
) -> Feedback:
    return Feedback("acme", 1, number, f"f{number}", "INC-245", who, useful, how, registry)


def test_ten_people_are_ten_names(session: Session) -> None:
    for number in range(60):
        feedback.note_feedback(session, opinion("intern", number, useful=False))
    for number in range(9):
        feedback.note_feedback(
            session, opinion(f"person-{number}", 100 + number, useful=number != 0)
        )
        feedback.note_feedback(
            session, opinion("outcome", 200 + number, useful=True, how="outcome")
        )
    judged = feedback.feedback_by_lesson(session, "acme")[LessonName("acme/shop", "INC-245")]
    assert judged == FeedbackTotals(8, 10, 9)
    assert demotion(judged, 0.10) == (
        1,
        "20% of what 10 people judged was not useful, over the noise budget of 10%",
    )
    assert demotion(FeedbackTotals(0, 9), 0.10) is None


def case(
    dismissed: tuple[DismissedHere, ...] = (), judged: tuple[JudgedHere, ...] = ()
) -> JudgeRequest:
    shelves = (
        RegistryRef("/a", "acme/shop", "", "acme/shop"),
        RegistryRef("/b", "acme/lessons", "acme/lessons:", "acme/lessons"),
        RegistryRef("/c", "incidents", "incidents:"),
    )
    return JudgeRequest((), {}, None, "", "", "", shelves, "", dismissed, judged, (), "")


LESSONS = {
    "INC-1": lesson(id="INC-1", source="lessons/INC-1.md", severity=Severity.HIGH),
    "INC-2": lesson(id="INC-2", source="acme/lessons:lessons/INC-2.md", severity=Severity.MEDIUM),
    "INC-3": lesson(id="INC-3", source="incidents:lessons/INC-3.md"),
    "INC-4": lesson(id="INC-4", source="famous:lessons/INC-4.md"),
}


def test_a_lessons_registry_is_where_it_was_read() -> None:
    names = [registry_of(lesson, case().shelves) for lesson in LESSONS.values()]
    assert names == ["acme/shop", "acme/lessons", "incidents:", "famous:"]


def lessons(name: str) -> Lesson | None:
    return LESSONS.get(name)


@pytest.mark.parametrize(
    ("name", "registry", "alone", "holds"),
    [
        ("INC-1", "", False, True),
        ("INC-1", "", True, False),  # high: never an author alone
        ("INC-2", "", True, True),
        ("INC-2", "acme/lessons", False, True),
        ("INC-1", "acme/lessons", False, False),  # another registry's lesson of the same id
        ("INC-2", "acme/sandbox", False, False),
        ("INC-9", "", False, False),
    ],
)
def test_a_dismissal_holds_for_its_registrys_lesson_said_by_enough(
    name: str, registry: str, alone: bool, holds: bool
) -> None:
    word = DismissedHere("claim", name, registry, alone, "maria", "fast")
    assert ("claim" in memory_of(case((word,)), Settings(), lessons).dismissed) is holds


def test_judging_a_sandboxs_lesson_says_nothing_of_another_of_the_same_id() -> None:
    rows = tuple(JudgedHere(registry, "INC-2", 0.0, 20, 0) for registry in ("acme/sandbox", ""))
    assert memory_of(case(judged=rows), Settings(), lessons).demoted == {}
    rows = (JudgedHere("acme/lessons", "INC-2", 0.0, 20, 0),)
    assert memory_of(case(judged=rows), Settings(), lessons).demoted["INC-2"][0] == 2


def test_who_may_dismiss_is_a_setting_of_the_base_branch() -> None:
    read = read_settings("dismiss: {high: anyone_with_write, low: owner_or_second_person}").dismiss
    assert read == DismissSettings(
        low=Lifting.OWNER_OR_SECOND_PERSON, high=Lifting.ANYONE_WITH_WRITE
    )
    assert [read.takes_two(severity) for severity in Severity] == [True, False, False, True]
    word = DismissedHere("claim", "INC-1", "", True, "robin", "fast")
    assert "claim" in memory_of(case((word,)), Settings(dismiss=read), lessons).dismissed


@pytest.mark.parametrize(
    "text", ["anyone", "{severe: anyone_with_write}", "{high: everybody}", "{high: [a]}", "{1: x}"]
)
def test_a_setting_that_says_nothing_is_told_what_to_say(text: str) -> None:
    with pytest.raises(SettingsError) as problem:
        read_settings(f"dismiss: {text}")
    assert "write {SEVERITY: anyone_with_write or owner_or_second_person}" in str(problem.value)


def filled(url: str) -> None:
    engine = open_database(url)
    with Session(engine) as session, session.begin():
        dismissals.give(session, SHOP, CODE, MARIA)
        dismissals.give(session, ALL, CODE, Word("ada", "everywhere", date(2999, 1, 31)))
        dismissals.revoke(session, [1], "robin", "comment")
    engine.dispose()


def listed(arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = run(["dismissals", *arguments.split()])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_the_command_lists_who_where_why_and_how_to_revoke_it(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TWICESHY_DATABASE_URL", url)
    code, said = listed("", capsys)
    assert (code, "no store of the GitHub App" in said) == (2, True)
    open_database(url).dispose()
    assert listed("", capsys) == (
        0,
        "Nothing is dismissed: every lesson speaks as its mode allows.\n",
    )
    filled(url)
    day = dismissals.today().isoformat()
    code, said = listed("", capsys)
    assert (code, said) == (
        0,
        "INC-245 everywhere in acme, given on acme/shop#12 (standing)\n"
        f"  ada, {day}, until 2999-01-31: everywhere\n"
        "  code: src/refund.py:5\n"
        "  to revoke: an admin of acme/lessons writes /twiceshy undismiss INC-245 everywhere "
        "on a pull request of acme\n"
        "\n",
    )
    assert (
        "INC-245 acme/shop, given on acme/shop#12 (revoked by robin)"
        in listed("--ended", capsys)[1]
    )
    assert listed("--lesson INC-9", capsys)[1].startswith("Nothing is dismissed of INC-9: ")
    [row] = json.loads(listed("--format json --repository Acme/Shop", capsys)[1])["dismissals"]
    assert (row["who"], row["until"], row["path"], row["state"]) == (
        "ada",
        "2999-01-31",
        "src/refund.py",
        "standing",
    )


def test_a_store_that_cannot_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.sqlite").write_text("no database")
    for database in (f"sqlite:///{tmp_path / 'x.sqlite'}", "nonsense", "oracle9://x"):
        monkeypatch.setenv("TWICESHY_DATABASE_URL", database)
        code, said = listed("", capsys)
        assert (code, "the App's store cannot be read" in said, "fault" in said) == (
            2,
            True,
            False,
        ), said


def test_page_and_api_list_them_to_whom_the_api_answers(
    double: GitHubDouble, tmp_path: Path
) -> None:
    from fastapi import FastAPI  # noqa: PLC0415 - this test alone

    asked = environment(double, tmp_path)
    filled(asked.database_url)
    context = Context(asked, open_database(asked.database_url), asked.app, "twiceshy")
    app = FastAPI()
    app.include_router(api_v1.router(context))
    app.include_router(pages.router(context))
    near, far = (
        TestClient(app, headers=headers)
        for headers in ({"Authorization": f"Bearer {asked.api_token}"}, {})
    )
    assert [row["who"] for row in near.get("/api/v1/dismissals").json()["dismissals"]] == ["ada"]
    ended = near.get("/api/v1/dismissals", params={"ended": True, "lesson": "inc-245"}).json()[
        "dismissals"
    ]
    assert [(row["who"], row["state"], row["ended_by"]) for row in ended] == [
        ("ada", "standing", ""),
        ("maria", "revoked", "robin"),
    ]
    page = near.get("/dismissals").text
    assert "INC-245 everywhere in acme" in page
    assert (
        "To revoke it an admin of acme/lessons writes /twiceshy undismiss INC-245 everywhere"
        in page
    )
    assert [far.get(path).status_code for path in ("/dismissals", "/api/v1/dismissals")] == [
        401,
        401,
    ]
    context.transaction(dismissals.revoke, [2], "ada", "comment")
    assert "Nothing is dismissed" in near.get("/dismissals").text
    context.engine.dispose()
