"""Who may silence what, where: asked of the double as of GitHub, over findings as a judging
remembers them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from github_double import GitHubDouble, Pull
from github_double.webhooks import comment_payload, payload
from service.shop import BUG, Shop, environment
from twiceshy.github.events import (
    CommentCreated,
    RepositoryRef,
    RerunRequested,
    ThreadResolved,
    read_event,
)
from twiceshy.github.people import Permission, Writers, permission_of
from twiceshy.github.pulls import own_comments
from twiceshy.publishing.comment import marker
from twiceshy.publishing.values import PublishedFinding
from twiceshy.service.context import Context
from twiceshy.service.jobs import commands, reactions
from twiceshy.service.jobs.feedback_queries import dismissed_here, judged_here
from twiceshy.service.jobs.reactions import note_thumbs
from twiceshy.store import findings, heads
from twiceshy.store.database import open_database
from twiceshy.store.heads import Head
from twiceshy.store.tables import DismissalRow, FeedbackRow, FindingRow

PRINT, CLAIM = "f" * 20, "c" * 20
HIGH = PublishedFinding(
    PRINT,
    CLAIM,
    "INC-245",
    "rules",
    "src/refund.py",
    5,
    5,
    1.0,
    "block",
    severity="high",
    owner="@Olivia",
    registry="acme/shop",
)
MEDIUM = replace(HIGH, severity="medium", two_persons=False)


@dataclass
class Office:
    """A pull request whose findings are remembered, and people who comment on it."""

    context: Context
    shop: Shop
    pull: Pull

    @property
    def head(self) -> Head:
        repository = self.shop.github
        number, sha = self.pull.number, self.pull.head
        return Head(
            repository.installation, repository.id, repository.name, number, sha, self.pull.base_sha
        )

    @property
    def place(self) -> RepositoryRef:
        return RepositoryRef(
            self.shop.github.installation, self.shop.github.id, self.shop.github.name
        )

    def remember(self, *seen: PublishedFinding) -> None:
        head = self.head
        self.context.transaction(heads.note_head, head, 1.0)
        self.context.transaction(findings.remember, head, seen)

    def says(self, text: str, by: str = "maria") -> list[int]:
        """Somebody comments; gives the pull requests to be judged again."""
        number = next(self.shop.double.ids)
        user = {"login": by, "type": "User", "id": 5}
        self.pull.conversation.append({"id": number, "body": text, "user": user})
        said = CommentCreated(self.place, self.pull.number, number, by, text)
        return [head.number for head in commands.on_comment(self.context, said)]

    @property
    def answers(self) -> list[str]:
        rows = [row["body"] for row in self.pull.conversation if row["user"]["type"] == "Bot"]
        return [row.split("\n\n<!--")[0].replace("\\", "").replace("\u2060", "") for row in rows]

    def rows(self, table: type[Any]) -> list[Any]:
        with Session(self.context.engine) as session:
            return list(session.scalars(select(table)))

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(row.who, row.state) for row in self.rows(DismissalRow)]


def office(double: GitHubDouble, shop: Shop, folder: Path) -> Office:
    asked = environment(double, folder)
    folder.mkdir(exist_ok=True)
    context = Context(asked, open_database(asked.database_url), asked.app, double.slug)
    return Office(context, shop, shop.pull({"src/refund.py": BUG}))


@pytest.fixture
def acme_office(double: GitHubDouble, shop: Shop, tmp_path: Path) -> Iterator[Office]:
    opened = office(double, shop, tmp_path / "data")
    shop.github.collaborators |= {"robin": "write", "olivia": "read"}
    opened.remember(HIGH)
    yield opened
    opened.context.engine.dispose()


def elsewhere(acme_office: Office, name: str, folder: Path) -> Office:
    """Another repository with the same finding, over the same store."""
    shop = Shop(acme_office.shop.double, folder, name)
    another = Office(acme_office.context, shop, shop.pull({"src/refund.py": BUG}))
    another.remember(HIGH)
    return another


def test_a_permission_is_what_github_says_of_the_base_role(
    double: GitHubDouble, shop: Shop
) -> None:
    repository = shop.github
    repository.custom_roles = {"release-captain": "maintain", "auditor": "triage"}
    repository.collaborators = {
        "a": "admin",
        "m": "maintain",
        "w": "write",
        "t": "triage",
        "r": "read",
        "c": "release-captain",
        "u": "auditor",
    }
    double.users = {"member"}
    api = environment(double, Path()).app.installation(1)
    asked = {
        who: permission_of(api, "acme/shop", who) for who in (*"amwtrcu", "member", "nobody", "A")
    }
    write, read, none = Permission.WRITE, Permission.READ, Permission.NONE
    assert asked == {
        "a": Permission.ADMIN,
        "m": write,
        "w": write,
        "t": read,
        "r": read,
        "c": write,
        "u": read,
        "member": none,
        "nobody": none,
        "A": Permission.ADMIN,
    }
    repository.public = True
    assert permission_of(api, "acme/shop", "member") is read
    assert permission_of(api, "acme/not-installed", "a") is none


def test_people_are_asked_for_once_and_not_without_end(double: GitHubDouble, shop: Shop) -> None:
    writers = Writers(environment(double, Path()).app.installation(1), "acme/shop", 2)
    assert [writers.may_write(who) for who in ("maria", "eve", "Maria", "late")] == [
        True,
        False,
        True,
        False,
    ]
    assert len(double.made("GET", r"/permission$")) == 2


def test_a_dismissal_holds_where_the_right_was_asked_and_nowhere_else(
    acme_office: Office, tmp_path: Path
) -> None:
    prod = elsewhere(acme_office, "acme/prod", tmp_path / "prod")
    assert acme_office.says("/twiceshy dismiss INC-245 because the bank is fast") == [
        acme_office.pull.number
    ]
    [row] = dismissed_here(acme_office.context, acme_office.head)
    assert (row.claim, row.who, row.reason, row.alone) == (
        CLAIM,
        "maria",
        "the bank is fast",
        False,
    )
    assert dismissed_here(prod.context, prod.head) == ()


def test_everywhere_is_for_an_admin_of_the_lessons_own_registry(
    acme_office: Office, tmp_path: Path
) -> None:
    prod = elsewhere(acme_office, "acme/prod", tmp_path / "prod")
    lessons = Shop(acme_office.shop.double, tmp_path / "lessons", "acme/lessons")
    lessons.github.collaborators = {"maria": "write", "ada": "admin"}
    acme_office.shop.github.collaborators["maria"] = "admin"
    acme_office.remember(replace(HIGH, registry="acme/lessons"))
    assert acme_office.says("/twiceshy dismiss INC-245 everywhere because the bank is fast") == []
    assert acme_office.answers == [
        "Only an admin of acme/lessons can dismiss INC-245 everywhere. "
        "Without `everywhere` people with write access can, for acme/shop alone."
    ]
    assert acme_office.says(
        "/twiceshy dismiss INC-245 everywhere because the bank is fast", by="ada"
    )
    [row] = dismissed_here(prod.context, prod.head)
    assert (row.who, row.registry) == ("ada", "acme/lessons")
    other = elsewhere(acme_office, "other/prod", tmp_path / "other")
    assert dismissed_here(other.context, other.head) == ()
    assert acme_office.says("/twiceshy undismiss INC-245 everywhere") == []
    assert (
        acme_office.answers[-1]
        == "Only an admin of acme/lessons can revoke what is dismissed everywhere."
    )
    assert acme_office.says("/twiceshy undismiss INC-245 everywhere", by="ada") == [
        acme_office.pull.number,
        prod.pull.number,
    ]
    assert dismissed_here(prod.context, prod.head) == ()


@pytest.mark.parametrize("registry", ["famous:", "incidents:", ""])
def test_lessons_of_no_repository_are_nobodys_to_dismiss_everywhere(
    acme_office: Office, registry: str
) -> None:
    acme_office.shop.github.collaborators["maria"] = "admin"
    acme_office.remember(replace(HIGH, registry=registry))
    assert acme_office.says("/twiceshy dismiss INC-245 everywhere because the bank is fast") == []
    assert acme_office.answers == [
        "INC-245 comes from no repository, so nobody is the admin who could dismiss it everywhere. "
        "Without `everywhere` people with write access can, for acme/shop alone. "
        "Whoever runs the service can take it out of its folders."
    ]


def test_undismissing_speaks_again_counts_no_more_and_stays_in_the_record(
    acme_office: Office,
) -> None:
    acme_office.says("/twiceshy dismiss INC-245 until 2027-01-31 because the bank is fast")
    assert [(row.who, row.how) for row in acme_office.rows(FeedbackRow)] == [("maria", "dismissed")]
    assert acme_office.says("/twiceshy undismiss INC-245", by="eve") == []
    assert acme_office.states == [("maria", "standing")]
    assert acme_office.says("/twiceshy undismiss inc-245", by="robin") == [acme_office.pull.number]
    assert acme_office.answers == [
        "inc-245 speaks again in acme/shop. Revoked:\n\n"
        "- dismissed by maria at `src/refund.py` line 5, until 2027-01-31: the bank is fast"
    ]
    [row] = acme_office.rows(DismissalRow)
    assert (row.state, row.ended_by, acme_office.rows(FeedbackRow)) == ("revoked", "robin", [])
    assert not acme_office.rows(FindingRow)[0].wrong
    acme_office.says("/twiceshy undismiss INC-245")
    assert (
        acme_office.answers[-1]
        == "Nothing of INC-245 is dismissed in acme/shop (`… everywhere` is another matter)."
    )


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2020-01-31", "is over. Write a day to come, or leave it out."),
        ("2099-01-31", "is more than 2 years away. Write an earlier day, or leave it out."),
        ("soon", "is no day. Write it as `until 2027-01-31`, or leave it out."),
    ],
)
def test_an_impossible_end_is_answered_and_nothing_is_dismissed(
    acme_office: Office, until: str, said: str
) -> None:
    assert (
        acme_office.says(f"/twiceshy dismiss INC-245 until {until} because the bank is fast") == []
    )
    assert acme_office.answers == [f"Nothing is dismissed: `until {until}` {said}"]
    assert acme_office.rows(DismissalRow) == []


def test_an_author_alone_asks_and_a_second_person_confirms(acme_office: Office) -> None:
    assert acme_office.says("/twiceshy dismiss INC-245 because the bank is fast", by="robin") == []
    assert acme_office.answers == [
        "Recorded as a request: INC-245 is of severity high, and you wrote part of this change. "
        "A second person with "
        "write access, or the lesson's owner @Olivia, can confirm with "
        "`/twiceshy dismiss INC-245 because …`"
    ]
    assert dismissed_here(acme_office.context, acme_office.head) == ()
    assert (acme_office.states, acme_office.rows(FeedbackRow)) == ([("robin", "requested")], [])
    assert acme_office.says("/twiceshy recheck", by="robin") == [acme_office.pull.number]
    assert acme_office.says("/twiceshy undismiss INC-9", by="robin") == []
    assert dismissed_here(acme_office.context, acme_office.head) == ()
    assert acme_office.says("/twiceshy dismiss INC-245 because I measured it") == [
        acme_office.pull.number
    ]
    assert acme_office.states == [("robin", "replaced"), ("maria", "standing")]
    [row] = acme_office.rows(DismissalRow)[1:]
    assert (row.asked_by, row.alone) == ("robin", False)


def test_the_lessons_owner_confirms_without_write_access_unless_they_wrote_it(
    acme_office: Office,
) -> None:
    assert acme_office.says("/twiceshy dismiss INC-245 because I know the bank", by="olivia") == [
        acme_office.pull.number
    ]
    assert acme_office.states == [("olivia", "standing")]
    acme_office.pull.author = "Olivia"
    acme_office.says("/twiceshy undismiss INC-245")
    assert acme_office.says("/twiceshy dismiss INC-245 because I know the bank", by="olivia") == []
    assert acme_office.states[-1] == ("olivia", "requested")
    assert "owner" not in acme_office.answers[-1], "the owner cannot confirm to themselves"
    acme_office.shop.github.collaborators.pop("olivia")
    acme_office.says("/twiceshy undismiss INC-245")
    assert acme_office.says("/twiceshy dismiss INC-245 because I know the bank", by="olivia") == []
    assert len(acme_office.states) == 2, "who may not even read the repository is no owner there"


def test_a_teams_members_are_not_known(acme_office: Office) -> None:
    acme_office.remember(replace(HIGH, owner="@acme/payments"))
    acme_office.says("/twiceshy dismiss INC-245 because the bank is fast", by="robin")
    assert (
        acme_office.answers[0]
        .split("change. ")[1]
        .startswith(
            "A second person with write access "
            "(the owner is the team @acme/payments, whose members I am not told) can"
        )
    )


def test_who_commits_coauthors_or_pushes_is_an_author_too(acme_office: Office) -> None:
    acme_office.shop.github.collaborators |= dict.fromkeys(
        ("carol", "dave", "pat", "second"), "write"
    )
    acme_office.shop.double.emails = {"carol@x.example": "carol", "dave@x.example": "Dave"}
    author, message = (
        "--author=Carol <carol@x.example>",
        "more\n\nCo-authored-by: Dave <dave@x.example>",
    )
    acme_office.shop.git.git("commit", "--quiet", "--allow-empty", author, "-m", message)
    acme_office.pull.synchronize()
    acme_office.remember(HIGH)
    repository = acme_office.shop.github.id
    acme_office.context.transaction(heads.note_pusher, repository, acme_office.pull.number, "pat")
    for who in ("carol", "dave", "pat", "robin"):
        assert (
            acme_office.says("/twiceshy dismiss INC-245 because the bank is fast", by=who) == []
        ), who
    assert {state for _, state in acme_office.states} == {"requested", "replaced"}
    assert acme_office.says("/twiceshy dismiss INC-245 because the bank is fast", by="second") == [
        acme_office.pull.number
    ]


def test_a_change_with_too_many_commits_to_know_its_authors_has_no_second_person(
    acme_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twiceshy.github.authors.MOST_COMMITS", 100)
    acme_office.shop.git.git("checkout", "--quiet", "topic")
    for number in range(105):
        acme_office.shop.git.git("commit", "--quiet", "--allow-empty", "-m", f"{number}")
    acme_office.pull.synchronize()
    acme_office.remember(HIGH)
    assert acme_office.says("/twiceshy dismiss INC-245 because the bank is fast") == []
    assert acme_office.states == [("maria", "requested")]


def test_an_authors_word_elsewhere_does_not_lift_their_own_block(acme_office: Office) -> None:
    theirs = Office(
        acme_office.context,
        acme_office.shop,
        acme_office.shop.pull({"src/refund.py": BUG}, "theirs"),
    )
    theirs.pull.author = "maria"
    theirs.remember(HIGH)
    acme_office.says("/twiceshy dismiss INC-245 because the bank is fast")
    assert [row.alone for row in dismissed_here(acme_office.context, acme_office.head)] == [False]
    assert [row.alone for row in dismissed_here(acme_office.context, theirs.head)] == [True]
    acme_office.says("/twiceshy undismiss INC-245")
    acme_office.says("/twiceshy dismiss INC-245 because the bank is fast", by="robin")
    acme_office.says("/twiceshy dismiss INC-245 because the bank is fast")
    assert [row.alone for row in dismissed_here(acme_office.context, theirs.head)] == [False], (
        "robin asked, maria confirmed"
    )


def test_what_takes_one_person_takes_one(acme_office: Office) -> None:
    acme_office.remember(MEDIUM)
    assert acme_office.says("/twiceshy dismiss INC-245 because the bank is fast", by="robin") == [
        acme_office.pull.number
    ]
    [row] = dismissed_here(acme_office.context, acme_office.head)
    assert (row.who, row.alone) == ("robin", True), (
        "the judging decides anew, by its settings and the severity of then"
    )


def press(acme_office: Office, by: str) -> list[int]:
    event = RerunRequested(acme_office.place, acme_office.pull.head, "not-relevant", by)
    return [head.number for head in commands.on_button(acme_office.context, event)]


def test_the_button_is_held_to_the_same_rights(acme_office: Office) -> None:
    low = replace(MEDIUM, fingerprint="e" * 20, claim="d" * 20, lesson="INC-9", path="src/low.py")
    acme_office.remember(HIGH, low)
    assert press(acme_office, "eve") == []
    assert press(acme_office, "olivia") == [acme_office.pull.number], "the lesson's owner"
    acme_office.says("/twiceshy undismiss INC-245")
    acme_office.says("/twiceshy undismiss INC-9")
    before = len(acme_office.rows(DismissalRow))
    assert press(acme_office, "robin") == [acme_office.pull.number]
    states = {row.lesson: row.state for row in acme_office.rows(DismissalRow)[before:]}
    assert states == {"INC-245": "requested", "INC-9": "standing"}
    assert acme_office.answers[-1].startswith("Recorded as a request: INC-245 is of severity high")


def test_apps_and_edited_comments_are_not_heard(shop: Shop) -> None:
    pressed = payload(
        "check_run", "requested_action", shop.github, sender="other[bot]", sender_type="Bot"
    )
    pressed["requested_action"] = {"identifier": "not-relevant"}
    assert read_event("check_run", pressed) is None
    pull = shop.pull({"src/refund.py": BUG})
    for values in ({"action": "edited"}, {"action": "deleted"}, {"sender_type": "Bot"}):
        delivered = comment_payload(pull, "/twiceshy dismiss INC-245 x", "maria", **values)
        assert read_event("issue_comment", delivered) is None


def test_only_people_with_write_access_speak_by_resolving(acme_office: Office) -> None:
    for who in ("eve", "maria"):
        resolved = ThreadResolved(
            acme_office.place,
            acme_office.pull.number,
            "twiceshy[bot]",
            marker(PRINT),
            who,
            acme_office.shop.double.bot_id,
            "Bot",
        )
        commands.on_thread_resolved(acme_office.context, resolved)
    assert [(row.who, row.useful) for row in acme_office.rows(FeedbackRow)] == [("maria", True)]


def commented(acme_office: Office) -> None:
    user = {"login": "twiceshy[bot]", "type": "Bot", "id": acme_office.shop.double.bot_id}
    acme_office.pull.comments.append(
        {"id": 1, "body": f"Heads up\n\n{marker(PRINT)}", "user": user}
    )


def look(acme_office: Office) -> None:
    api = acme_office.context.api(1)
    note_thumbs(
        acme_office.context,
        acme_office.head,
        own_comments(api, acme_office.head.name, acme_office.head.number, "twiceshy"),
    )


def test_thumbs_are_peoples_with_write_access_by_name_and_can_be_taken_back(
    acme_office: Office,
) -> None:
    commented(acme_office)
    acme_office.shop.github.public = True
    acme_office.shop.double.users = {f"stranger-{number}" for number in range(9)}
    for who in (*acme_office.shop.double.users, "eve", "twiceshy[bot]", "Maria", "robin"):
        acme_office.pull.react(who)
    acme_office.pull.react("maria", "+1")
    look(acme_office)
    look(acme_office)
    words = [
        (row.who, row.useful, row.how, row.lesson_registry) for row in acme_office.rows(FeedbackRow)
    ]
    assert words == [
        ("Maria", False, "thumbs", "acme/shop"),
        ("robin", False, "thumbs", "acme/shop"),
    ]
    assert acme_office.rows(FindingRow)[0].wrong
    acme_office.pull.unreact("Maria")
    look(acme_office)
    assert [row.who for row in acme_office.rows(FeedbackRow)] == ["robin"]
    acme_office.shop.github.collaborators["robin"] = "read"
    look(acme_office)
    assert (acme_office.rows(FeedbackRow), acme_office.rows(FindingRow)[0].wrong) == ([], False)


def test_a_flood_of_thumbs_is_bounded_and_takes_nothing_away(
    acme_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reactions, "MOST_PEOPLE", 3)
    commented(acme_office)
    acme_office.pull.react("maria")
    look(acme_office)
    for number in range(60):
        acme_office.pull.react(f"stranger-{number}")
    before = len(acme_office.shop.double.made("GET", r"/permission$"))
    look(acme_office)
    assert len(acme_office.shop.double.made("GET", r"/permission$")) - before == 3
    assert [row.who for row in acme_office.rows(FeedbackRow)] == ["maria"]


def test_a_dismissers_thumb_is_no_second_word(acme_office: Office) -> None:
    commented(acme_office)
    acme_office.says("/twiceshy dismiss INC-245 because the bank is fast")
    acme_office.pull.react("maria")
    look(acme_office)
    acme_office.pull.unreact("maria")
    look(acme_office)
    assert [(row.who, row.how) for row in acme_office.rows(FeedbackRow)] == [("maria", "dismissed")]


def test_a_person_counts_once_over_many_findings_and_only_for_that_registry(
    acme_office: Office,
) -> None:
    many = [
        replace(HIGH, fingerprint=f"{number:020}", claim=f"{number:020}") for number in range(12)
    ]
    acme_office.remember(*many)
    acme_office.says("/twiceshy dismiss INC-245 because the bank is fast")
    [row] = judged_here(acme_office.context, acme_office.head)
    assert (row.registry, row.lesson, row.useful, row.all) == ("acme/shop", "INC-245", 0.0, 1)


def test_several_commands_in_one_comment_get_one_answer(acme_office: Office) -> None:
    again = acme_office.says(
        "/twiceshy dismiss INC-245 because the bank is fast\n"
        "/twiceshy recheck\n/twiceshy explain INC-9"
    )
    assert again == [acme_office.pull.number]
    assert acme_office.answers == [
        "INC-9 found nothing here: no rule matched, and nothing resembles it enough."
    ]
