"""Said once: whatever is pushed meanwhile, however many threads there are, whoever works beside us,
whoever deletes it.
"""

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from github_double import GitHubDouble, Pull
from github_double.webhooks import payload
from service.shop import BUG, FIX, Service, Shop, environment
from twiceshy.github.errors import Lost
from twiceshy.lessons.serial import as_json, from_json
from twiceshy.publishing.comment import marked
from twiceshy.publishing.differences import SilencedClaims, differences
from twiceshy.publishing.publication import broken
from twiceshy.publishing.values import Comment, PostedComment, Publication, PublishedFinding
from twiceshy.service.context import Context
from twiceshy.service.jobs import comment_sync, writer_lease
from twiceshy.service.jobs.comment_sync import Listed, post
from twiceshy.store import heads, leases
from twiceshy.store.database import open_database
from twiceshy.store.heads import Head
from twiceshy.store.tables import LeaseRow, SaidRow

PRINT, CLAIM = "a" * 20, "c" * 20
MARKED = f"said\n<!-- twiceshy:{PRINT} -->"


def wanted(fingerprint: str = PRINT, path: str = "src/refund.py") -> Publication:
    comment = Comment(path, 5, None, f"said\n<!-- twiceshy:{fingerprint} -->", fingerprint)
    finding = PublishedFinding(fingerprint, CLAIM, "INC-245", "rules", path, 5, 5, 1.0, "block", "")
    return Publication("failure", "1 lesson", "s", comments=(comment,), findings=(finding,))


def a_context(double: GitHubDouble, folder: Path) -> Context:
    """One process's: with another's it shares nothing but the store."""
    folder.mkdir(exist_ok=True)
    values = environment(double, folder)
    return Context(values, open_database(values.database_url), values.app, double.slug)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when somebody asks for a pen that another holds."""
    refused, take = threading.Event(), leases.take

    def watched(*arguments: Any, **named: Any) -> str | None:
        token = take(*arguments, **named)
        if token is None:
            refused.set()
        return token

    monkeypatch.setattr(leases, "take", watched)
    return refused


def a_head(context: Context, shop: Shop, pull: Pull, heard_at: float = 1.0) -> Head:
    head = Head(1, shop.github.id, "acme/shop", pull.number, pull.head, pull.base_sha)
    generation = context.transaction(heads.note_head, head, heard_at)
    return Head(
        **{**{name: getattr(head, name) for name in head.__slots__}, "generation": generation}
    )


def test_what_is_not_listed_but_was_said_or_deleted_is_not_new() -> None:
    said = SilencedClaims(frozenset({PRINT}))
    assert differences(wanted(), [], "h", said).new == ()
    elsewhere = wanted("b" * 20, "src/other.py")
    assert differences(elsewhere, [], "h", said).new == elsewhere.comments
    assert differences(elsewhere, [], "h", SilencedClaims(claims=frozenset({CLAIM}))).new == (), (
        "deleted, for that code"
    )
    settled = [PostedComment(3, MARKED.replace(" -->", ":fixed -->"))]
    assert differences(wanted(), settled, "h", said).new == wanted().comments, "it came back"


def test_a_judging_that_failed_says_of_nothing_that_it_is_gone() -> None:
    assert differences(broken("the process died"), [PostedComment(3, MARKED)], "h").edits == ()
    stored = from_json(as_json(broken("the process died")), Publication)
    assert differences(stored, [PostedComment(3, MARKED)], "h").edits == ()


def test_a_push_while_the_review_is_being_sent_says_nothing_twice(
    double: GitHubDouble, shop: Shop, tmp_path: Path, waits: threading.Event
) -> None:
    """Two processes: the second looked before the first's review had arrived, and is asked to say
    the same.
    """
    pull = shop.pull({"src/refund.py": BUG})
    first, second = a_context(double, tmp_path / "data"), a_context(double, tmp_path / "data")
    head = a_head(first, shop, pull)
    sending = threading.Event()

    def during() -> None:
        sending.set()
        waits.wait(120)

    double.fail(
        "POST", r"/reviews$", status=502, after=True, then=during
    )  # it arrived, and its answer is lost
    older_writer = threading.Thread(target=lambda: _speak_until_heard(first, head))
    older_writer.start()
    assert sending.wait(120)
    shop.push(pull, {"src/more.py": "x = 1\n"})
    newer = a_head(second, shop, pull, heard_at=2.0)
    newer_writer = threading.Thread(target=lambda: _speak_until_heard(second, newer))
    newer_writer.start()
    assert waits.wait(120)
    older_writer.join(120)
    newer_writer.join(120)
    assert len([comment for comment in pull.comments if marked(comment["body"])]) == 1
    assert len(double.made("POST", r"/reviews$")) == 1


def _speak_until_heard(context: Context, head: Head) -> None:
    for _ in range(9):
        try:
            post(context, head, wanted(), Listed())
        except Lost:
            continue
        return


def test_who_lost_the_pen_writes_nothing(double: GitHubDouble, shop: Shop, tmp_path: Path) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    slow, other = a_context(double, tmp_path / "data"), a_context(double, tmp_path / "data")
    head = a_head(slow, shop, pull)
    with writer_lease.writing(slow, f"pull:{head.repository}/{head.number}") as pen:
        slow.transaction(leases.free_of, [slow.name])  # taken for dead while it was paused
        post(other, head, wanted(), Listed())
        try:
            pen.check()
        except Lost as lost:
            assert "another process writes" in str(lost)
        else:
            raise AssertionError("it may not write any more")
    assert len(pull.comments) == 1


def test_after_a_hundred_further_threads_nothing_is_said_again(
    service: Service, shop: Shop
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    with_store_lost(service)
    for number in range(130):
        pull.comments.append(
            {**pull.comments[0], "id": 90_000 + number, "body": "why?", "user": person("eve")}
        )
    shop.push(pull, {"src/refund.py": "# a line above\n" + BUG})
    service.pushed(pull)
    assert len(ours(pull)) == 1
    shop.push(pull, {"src/refund.py": FIX})
    service.pushed(pull)
    [comment] = ours(pull)
    assert comment["body"].startswith("✔ No longer there"), (
        "and what is gone is said of it all the same"
    )


def test_a_pull_request_older_than_the_store_is_adopted(service: Service, shop: Shop) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    with_store_lost(service)
    shop.push(pull, {"src/more.py": "x = 1\n"})
    service.pushed(pull)
    assert len(ours(pull)) == 1
    [row] = service.rows(SaidRow)
    assert (row.state, row.comment) == ("standing", pull.comments[0]["id"])


def test_a_comment_a_person_deleted_is_never_said_again_and_still_blocks(
    service: Service, shop: Shop
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    pull.delete_comment()
    for number in range(2):
        shop.push(pull, {"src/more.py": f"x = {number}\n"})
        assert service.pushed(pull)["conclusion"] == "failure"
    shop.push(pull, {"src/refund.py": None, "src/moved.py": BUG})
    assert service.pushed(pull)["conclusion"] == "failure"
    assert pull.comments == []
    assert {row.state for row in service.rows(SaidRow)} == {"deleted"}


def test_who_deleted_it_is_remembered(service: Service, shop: Shop) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    gone = pull.delete_comment()
    delivered = payload("pull_request_review_comment", "deleted", shop.github, sender="eve")
    delivered["pull_request"]["number"] = pull.number
    delivered["comment"] |= {"id": gone["id"], "body": gone["body"], "user": gone["user"]}
    service.deliver("pull_request_review_comment", delivered)
    shop.double.wait(lambda: any(row.deleted_by for row in service.rows(SaidRow)))
    [row] = service.rows(SaidRow)
    assert (row.state, row.deleted_by) == ("deleted", "eve")
    shop.push(pull, {"src/more.py": "x = 1\n"})
    service.pushed(pull)
    assert pull.comments == []


def test_two_deliveries_by_two_processes_open_one_check(
    double: GitHubDouble, shop: Shop, tmp_path: Path, waits: threading.Event
) -> None:
    from twiceshy.service.jobs.send_once import send_once  # noqa: PLC0415 - the test's subject

    sent: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def send() -> int:
        begun.set()
        go_on.wait(120)
        sent.append(1)
        return 7

    contexts = [a_context(double, tmp_path / "data") for _ in range(2)]
    threads = [
        threading.Thread(target=lambda context=context: send_once(context, "k", send, lambda: None))
        for context in contexts
    ]
    threads[0].start()
    assert begun.wait(120)
    threads[1].start()
    assert waits.wait(120)
    go_on.set()
    for thread in threads:
        thread.join(120)
    assert sent == [1]


def ours(pull: Pull) -> list[dict[str, Any]]:
    return [comment for comment in pull.comments if comment["user"]["type"] == "Bot"]


def person(name: str) -> dict[str, Any]:
    return {"login": name, "type": "User", "id": 8}


def with_store_lost(service: Service) -> None:
    service.workflows.context.transaction(Session.execute, delete(SaidRow))


def test_a_new_pull_request_with_nothing_to_say_takes_no_pen(
    double: GitHubDouble, shop: Shop, tmp_path: Path
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    context = a_context(double, tmp_path / "data")
    head = a_head(context, shop, pull)
    assert post(context, head, Publication("success", "t", "s"), Listed())
    with Session(context.engine) as session:
        assert list(session.scalars(select(LeaseRow.name))) == []
    assert comment_sync.known_before(context, head) == ()
