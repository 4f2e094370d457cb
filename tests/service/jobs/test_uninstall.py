"""The App is removed, or suspended: nothing is kept of who left, nothing is done for who is away,
nobody else notices.
"""

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS
from sqlalchemy.orm import Session

from github_double import GitHubDouble
from github_double.webhooks import comment_payload, pull_payload, recorded
from service.shop import BASE, BUG, CLEAN, Service, Shop
from twiceshy.github.registry_store import RegistryStore
from twiceshy.service import worker
from twiceshy.service.jobs import uninstall
from twiceshy.store.heads import Head, note_head
from twiceshy.store.installations import StoredRepository, forget_installation, forget_repositories
from twiceshy.store.notes import UNUSED, notes_under, set_note
from twiceshy.store.tables import (
    DismissalRow,
    FeedbackRow,
    FindingRow,
    NoteRow,
    PullRow,
    RunRow,
    WriteRow,
)


def told(
    service: Service,
    event: str,
    action: str,
    installation: int = 1,
    account: str = "acme",
    **more: Any,
) -> None:
    """GitHub tells of an installation, and it is acted upon."""
    values = json.loads(
        json.dumps(recorded()[event]["deleted" if event == "installation" else "added"])
    )
    values |= {"action": action, "repositories": [], **more}
    values["installation"] |= {"id": installation}
    values["installation"]["account"] |= {"login": account}
    assert service.deliver(event, values) == 202
    service.idle()


def ended(name: str) -> list[Any]:
    return DBOS.list_workflows(name=name, status=["SUCCESS", "ERROR"])


def settled_shop(service: Service, shop: Shop) -> None:
    """A pull request that was blocked, dismissed and closed, so that every table has something of
    it.
    """
    pull = shop.pull({"src/refund.py": BUG}, f"topic-{shop.github.id}")
    service.opened(pull)
    service.deliver(
        "issue_comment", comment_payload(pull, "/twiceshy dismiss INC-245 it is fine here", "maria")
    )
    assert service.check(pull, 2)["conclusion"] == "success"


def rows_of(service: Service, shop: Shop) -> list[Any]:
    rows: list[Any] = []
    for table in (PullRow, RunRow, FindingRow, FeedbackRow):
        rows += [row for row in service.rows(table) if row.repository == shop.github.id]
    account = shop.github.name.split("/")[0]
    rows += [row for row in service.rows(WriteRow) if f":{shop.github.id}/" in row.key]
    rows += [row for row in service.rows(DismissalRow) if row.account == account]
    rows += [row for row in service.rows(NoteRow) if row.name.endswith(shop.github.name)]
    return rows


def files_of(service: Service, installation: int) -> list[Path]:
    context = service.workflows.context
    folders = (
        context.registries.root / str(installation),
        context.index_folder / str(installation),
    )
    files: list[Path] = []
    for folder in folders:
        files += [path for path in folder.rglob("*") if path.is_file()]
    return files


@pytest.mark.apart  # what the judging keeps in its folder is the subject
def test_uninstalling_deletes_all_that_is_kept_and_nothing_of_others(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    other = Shop(double, shop.git.root.parent / "other", "other/shop", installation=2)
    settled_shop(service, shop)
    settled_shop(service, other)
    before = len(rows_of(service, other)), len(files_of(service, 2))
    kinds = {type(row) for row in rows_of(service, shop)}
    tables = (PullRow, RunRow, FindingRow, FeedbackRow, WriteRow, DismissalRow, NoteRow)
    assert kinds == set(tables)
    assert files_of(service, 1)
    told(
        service,
        "installation",
        "deleted",
        repositories=[{"id": shop.github.id, "full_name": "acme/shop"}],
    )
    assert (rows_of(service, shop), files_of(service, 1)) == ([], [])
    assert (len(rows_of(service, other)), len(files_of(service, 2))) == before
    judged = [work.workflow_id for work in (*ended("judge"), *ended("judge queue"))]
    assert judged
    assert not any(name.startswith(f"judge:{shop.github.id}/") for name in judged)


def test_who_is_gone_is_done_nothing_for(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    told(service, "installation", "deleted")
    service.deliver("pull_request", pull_payload("opened", shop.pull({"src/refund.py": BUG})))
    service.idle()
    for_somebody = [
        call for call in double.calls if call.by != "app"
    ]  # as itself the App may still be catching up
    assert (for_somebody, len(ended("receive")), service.rows(PullRow)) == ([], 2, [])


def test_a_suspended_installation_is_paused_and_goes_on_when_it_is_let_in_again(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    service.opened(shop.pull({"src/total.py": CLEAN}, "first"))
    before = len(rows_of(service, shop))
    told(service, "installation", "suspend")
    pull = shop.pull({"src/refund.py": BUG}, "second")
    service.deliver("pull_request", pull_payload("opened", pull))
    service.idle()
    assert (double.checks_of(pull.head), len(rows_of(service, shop))) == ([], before)
    told(service, "installation", "unsuspend")
    assert service.opened(pull)["conclusion"] == "failure"


@pytest.mark.apart  # what the judging keeps in its folder is the subject
def test_a_repository_that_is_taken_away_is_forgotten_and_its_neighbour_is_not(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    neighbour = Shop(double, shop.git.root.parent / "neighbour", "acme/neighbour")
    settled_shop(service, shop)
    service.opened(neighbour.pull({"src/refund.py": BUG}, "there"))
    before = [type(row) for row in rows_of(service, neighbour)]
    gone = [{"id": shop.github.id, "full_name": "acme/shop"}]
    told(service, "installation_repositories", "removed", repositories_removed=gone)
    assert [row for row in rows_of(service, shop) if not isinstance(row, DismissalRow)] == []
    left = [type(row) for row in rows_of(service, neighbour)]
    assert left == [kind for kind in before if kind is not DismissalRow], (
        "which was given in the other one"
    )
    again = service.opened(neighbour.pull({"src/again.py": BUG}, "again"))
    assert again["conclusion"] == "failure", "a dismissal holds where it was given"


def test_an_account_that_installed_again_meanwhile_keeps_what_is_its_own(service: Service) -> None:
    with Session(service.workflows.context.engine) as session:
        note_head(session, Head(2, 7, "acme/shop", 1, "a" * 40, "b" * 40), 1.0)
        note_head(session, Head(1, 8, "acme/old", 1, "a" * 40, "b" * 40), 1.0)
        forgotten = forget_installation(session, 1, "acme", [])
        assert forgotten == [StoredRepository(8, "acme/old")]
        assert [pull.name for pull in session.query(PullRow)] == ["acme/shop"]


def test_what_is_noted_of_registries_goes_with_who_named_them(service: Service) -> None:
    with Session(service.workflows.context.engine) as session:
        for name in ("acme/shop", "acme/shop2", "acme/web", "other/shop"):
            set_note(session, f"{UNUSED}{name} them/lessons", "no_consent")
        forget_repositories(session, [StoredRepository(7, "acme/shop")])
        left = [f"{name} them/lessons" for name in ("acme/shop2", "acme/web", "other/shop")]
        assert sorted(notes_under(session, UNUSED)) == left
        forget_installation(session, 1, "acme", [])
        assert list(notes_under(session, UNUSED)) == left[2:]


@pytest.mark.apart  # what the judging keeps in its folder is the subject
def test_copies_nobody_uses_go_and_the_newest_and_those_in_use_stay(
    service: Service, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = service.workflows.context
    for number in range(3):
        shop.on_main({"lessons/INC-245.md": BASE["lessons/INC-245.md"] + f"\n{number}\n"})
        service.opened(shop.pull({f"src/total_{number}.py": CLEAN}, f"topic-{number}"))
    copies = [path for path in context.registries.root.glob("*/*/*") if path.is_dir()]
    assert len(copies) == 3
    uninstall.tidy(context)
    assert all(copy.is_dir() for copy in copies), "each was used a moment ago"
    for copy in copies:
        os.utime(copy, (0, 0))
    index = next(path for path in context.index_folder.rglob("*.sqlite"))
    os.utime(index, (0, 0))
    with Session(context.engine) as session:
        in_use = set(notes_under(session, "registry:").values())
    uninstall.tidy(context)
    left = [path for path in context.registries.root.glob("*/*/*") if path.is_dir()]
    assert {str(path) for path in left} >= in_use
    assert len(left) <= 2
    assert not index.exists()
    assert service.opened(shop.pull({"src/refund.py": BUG}, "after"))["conclusion"] == "failure"


def test_a_half_made_copy_is_swept_and_a_folder_being_swept_is_out_of_the_way(
    tmp_path: Path,
) -> None:
    store = RegistryStore(tmp_path)
    half = tmp_path / "1" / "abc" / ".making-x"
    half.mkdir(parents=True)
    assert store.sweep((), time.time() - 60) == 0, "somebody may be making it"
    os.utime(half, (0, 0))
    assert store.sweep((), time.time() - 60) == 1
    assert list((tmp_path / "1" / "abc").iterdir()) == []


def test_an_earlier_layout_s_copies_stop_no_sweep(tmp_path: Path) -> None:
    """There a registry's files lay where copies lie now."""
    (tmp_path / "0123abcd" / "lessons").mkdir(parents=True)
    (tmp_path / "0123abcd" / "tokens.json").write_text("{}")
    assert RegistryStore(tmp_path).sweep((), time.time() - 60) == 0


def test_a_heart_beats_on_whatever_tidying_stumbles_over(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process whose heart stops is taken for dead, and its work is done again by others."""
    beats = []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            beats.append(timeout)
            return len(beats) == 2

    def fail(_: object) -> None:
        raise NotADirectoryError("tokens.json")

    monkeypatch.setattr(uninstall, "tidy", fail)
    worker._beat(service.workflows.context, Stop(), alone=False)
    assert len(beats) == 2


def test_who_left_keeps_no_door(service: Service) -> None:
    context = service.workflows.context
    before = context.opener(77)
    context.forget(77)
    assert context.opener(77) is not before


def test_another_machine_deletes_its_copies_of_who_is_gone(service: Service, shop: Shop) -> None:
    told(service, "installation", "deleted")
    stale = service.workflows.context.registries.root / "1" / "abc" / "def" / "lessons"
    stale.mkdir(parents=True)
    uninstall.tidy(service.workflows.context)
    assert files_of(service, 1) == []
    assert not stale.exists()
