"""Today's lessons for what is open: on a recheck, at the installation, and when a lesson is merged;
paced and quiet.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from github_double import GitHubDouble, Pull
from github_double.webhooks import comment_payload, payload
from service.shop import BASE, BUG, Service, Shop
from twiceshy.github.events import Pushed, read_event
from twiceshy.publishing.values import Comment, Publication, PublishedFinding
from twiceshy.service.jobs import open_pulls, review
from twiceshy.store.tables import RegistryUseRow


@pytest.fixture
def bases(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The bases that were judged against. What a judging says is not the subject here: always the
    same two things.
    """
    seen: list[str] = []

    def judge(case: Any, *_: object) -> Publication:
        seen.append(case.base)
        prints = [f"{case.head[:18]}{number:02}" for number in range(4)]
        comments = [
            Comment("src/refund.py", 5, None, f"x\n<!-- twiceshy:{mark} -->", mark)
            for mark in prints
        ]
        published = [
            PublishedFinding(
                mark, mark, "INC-245", "rules", "src/refund.py", 5, 5, 1.0, "block", ""
            )
            for mark in prints
        ]
        return Publication("failure", "t", "s", comments=tuple(comments), findings=tuple(published))

    monkeypatch.setattr(review, "judge_apart", judge)
    yield seen


def old_pull(shop: Shop, branch: str = "old") -> Pull:
    """A pull request nobody told us of; the base branch has moved since it was opened."""
    pull = shop.pull({"src/refund.py": BUG}, branch)
    shop.on_main({f"src/since_{branch}.py": "x = 1\n"})
    assert pull.base_then != shop.github.sha("main")
    return pull


def pushed(shop: Shop, path: str, **more: Any) -> dict[str, Any]:
    push = payload(
        "push", "", shop.github, ref="refs/heads/main", after=shop.github.sha("main"), **more
    )
    push["commits"] = [{"added": [path], "removed": [], "modified": []}]
    return push


def test_recheck_on_a_pull_request_older_than_the_installation_uses_todays_base(
    service: Service, shop: Shop, bases: list[str]
) -> None:
    pull = old_pull(shop)
    service.deliver("issue_comment", comment_payload(pull, "/twiceshy recheck", "maria"))
    service.check(pull)
    assert bases == [shop.github.sha("main")]


def test_recheck_and_a_push_see_the_lessons_of_today(
    service: Service, shop: Shop, bases: list[str]
) -> None:
    pull = old_pull(shop)
    service.opened(pull)
    shop.on_main({"lessons/INC-300.md": BASE["lessons/INC-245.md"]})
    service.deliver("issue_comment", comment_payload(pull, "/twiceshy recheck", "maria"))
    service.check(pull, 2)
    shop.push(pull, {"src/more.py": "x = 1\n"})
    service.pushed(pull)
    assert bases[1:] == [shop.github.sha("main")] * 2


@pytest.mark.parametrize("fork", [False, True])
def test_a_rerun_finds_pull_requests_we_never_heard_of(
    service: Service, shop: Shop, bases: list[str], fork: bool
) -> None:
    pull = old_pull(shop)
    pull.fork = fork
    ask = payload("check_suite", "rerequested", shop.github)
    ask["check_suite"]["head_sha"] = pull.head
    service.deliver("check_suite", ask)
    service.check(pull)
    assert bases == [shop.github.sha("main")]


@pytest.mark.parametrize("how", ["created", "added"])
def test_at_the_installation_what_is_open_is_judged(
    service: Service, shop: Shop, bases: list[str], how: str
) -> None:
    pull = old_pull(shop)
    name = "installation" if how == "created" else "installation_repositories"
    delivered = payload(name, how, shop.github)
    del delivered["repository"]
    delivered["installation"] |= {"account": {"login": "acme"}}
    if how == "added":
        delivered["repositories_added"] = [
            {"id": shop.github.id, "full_name": "acme/shop", "name": "shop"}
        ]
    service.deliver(name, delivered)
    service.check(pull)
    assert len(pull.comments) == open_pulls.QUIET_COMMENTS, "quietly"


def test_when_a_lesson_is_merged_open_pull_requests_are_judged_and_nothing_is_said_again(
    service: Service, shop: Shop, bases: list[str]
) -> None:
    pull = old_pull(shop)
    service.opened(pull)
    said = len(pull.comments)
    shop.on_main({"lessons/INC-300.md": BASE["lessons/INC-245.md"]})
    service.deliver("push", pushed(shop, "lessons/INC-300.md"))
    service.check(pull, 2)
    assert (bases[-1], len(pull.comments)) == (shop.github.sha("main"), said)


def test_when_a_registrys_lessons_change_those_who_guard_with_it_are_judged(
    service: Service, shop: Shop, double: GitHubDouble, bases: list[str]
) -> None:
    lessons = Shop(double, shop.git.root.parent / "lessons", "acme/incident-lessons")
    shop.on_main({".twiceshy.yml": "registries: [{repo: Acme/Incident-Lessons}]\n"})
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    assert [(row.source, row.name) for row in service.rows(RegistryUseRow)] == [
        ("acme/incident-lessons", "acme/shop")
    ]
    lessons.on_main({"lessons/INC-300.md": BASE["lessons/INC-245.md"]})
    service.deliver("push", pushed(lessons, "lessons/INC-300.md"))
    service.check(pull, 2)


def test_a_push_that_changes_no_lesson_judges_nothing_that_is_open(
    service: Service, shop: Shop, double: GitHubDouble, bases: list[str]
) -> None:
    old_pull(shop)
    service.deliver("push", pushed(shop, "src/other.py"))
    seen = shop.pull({"src/refund.py": BUG}, "seen")
    service.opened(seen)
    assert double.made("GET", r"/pulls$") == []
    assert [len(double.checks_of(pull.head)) for pull in double.pulls.values()] == [0, 1]


def test_only_the_newest_of_many_are_judged_and_of_these_a_few_are_commented(
    service: Service,
    shop: Shop,
    double: GitHubDouble,
    bases: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(open_pulls, "MOST_OPEN", 3)
    monkeypatch.setattr(open_pulls, "MOST_COMMENTED", 1)
    opened = [old_pull(shop, f"old-{number}") for number in range(4)]
    shop.on_main({"lessons/INC-300.md": BASE["lessons/INC-245.md"]})
    service.deliver("push", pushed(shop, "lessons/INC-300.md"))
    double.wait(
        lambda: len([check for check in double.checks.values() if check["conclusion"]]) == 3
    )
    assert [len(double.checks_of(pull.head)) for pull in opened] == [0, 1, 1, 1]
    assert [len(pull.comments) for pull in opened] == [0, 0, 0, open_pulls.QUIET_COMMENTS]


def test_a_forced_push_tells_no_paths_and_is_looked_at(shop: Shop) -> None:

    push = pushed(shop, "src/other.py") | {"forced": True, "commits": []}
    event = read_event("push", push)
    assert isinstance(event, Pushed) and open_pulls.touches_lessons(event)
