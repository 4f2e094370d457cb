"""What the App takes for its own: by who wrote it and where it stands, never because a text says
so.
"""

import pytest

from github_double import GitHubDouble
from service.shop import BUG, FIX, Service, Shop
from twiceshy.github import sending
from twiceshy.publishing.comment import marked, marker
from twiceshy.publishing.values import Comment

OTHER = marker("f" * 20)
QUOTING = BUG.replace("ticket.dict())", f"ticket.dict())  # {OTHER}")


def test_code_with_a_marker_gets_one_comment_that_is_known_again(
    service: Service, shop: Shop
) -> None:
    pull = shop.pull({"src/refund.py": QUOTING})
    service.opened(pull)
    assert "twiceshy:" + "f" * 20 in pull.comments[0]["body"], "the code is quoted"
    shop.push(pull, {"src/refund.py": "# a line above\n" + QUOTING})
    service.pushed(pull)
    assert len(pull.comments) == 1
    shop.push(pull, {"src/refund.py": FIX})
    service.pushed(pull)
    assert pull.comments[0]["body"].startswith("✔ No longer there")


@pytest.mark.parametrize(
    "somebody",
    [
        {"login": "twiceshy[bot]", "type": "Bot", "id": 98},
        {"login": "twiceshy", "type": "User", "id": 99},
        {"login": "twiceshy2[bot]", "type": "Bot", "id": 99},
    ],
    ids=["who took the name", "a person", "another App"],
)
def test_a_marker_by_anybody_else_silences_nobody(
    service: Service, shop: Shop, somebody: dict[str, object]
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    other = shop.pull({"src/refund.py": BUG}, "other")
    other.comments.append({**pull.comments[0], "id": 1, "user": somebody})
    service.opened(other)
    assert len(other.comments) == 2


def test_a_body_that_somebody_edited_is_no_longer_ours(service: Service, shop: Shop) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    other = shop.pull({"src/other.py": BUG}, "other")
    ours = {**pull.comments[0], "id": 1, "path": "src/other.py"}
    mark = marked(pull.comments[0]["body"])
    service.opened(other)
    again = marked(other.comments[0]["body"])
    assert mark and again and mark != again
    ours["body"] = ours["body"].replace(mark[0], again[0])
    third = shop.pull({"src/other.py": BUG}, "third")
    third.comments.append({**ours, "editor": {"login": "mallory", "type": "User", "id": 3}})
    service.opened(third)
    assert len(third.comments) == 2
    fourth = shop.pull({"src/other.py": BUG}, "fourth")
    fourth.comments.append({**ours, "editor": ours["user"]})
    service.opened(fourth)
    assert len(fourth.comments) == 1


def test_another_apps_check_under_our_name_and_key_is_not_ours(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    api = service.workflows.context.api(1)
    check = sending.open_check(api, "acme/shop", pull.head, "a-key")
    assert sending.find_check(api, "acme/shop", pull.head, "a-key", double.app_id) == check
    double.checks[check]["app"] = {"id": 15368, "slug": "github-actions"}
    assert sending.find_check(api, "acme/shop", pull.head, "a-key", double.app_id) is None


def test_an_answer_that_quotes_a_mark_is_not_the_answer_it_quotes(
    service: Service, shop: Shop
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    api, mark = service.workflows.context.api(1), "<!-- twiceshy:answer:7 -->"
    sending.answer(
        api,
        "acme/shop",
        pull.number,
        f"you wrote {mark}, which I do not know\n\n<!-- twiceshy:answer:8 -->",
    )
    assert sending.find_answer(api, "acme/shop", pull.number, mark, "twiceshy") is None
    number = sending.answer(api, "acme/shop", pull.number, f"so be it\n\n{mark}")
    assert sending.find_answer(api, "acme/shop", pull.number, mark, "twiceshy") == number


def test_a_review_without_lines_is_found_again_however_much_of_it_was_cut(
    service: Service, shop: Shop
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    api = service.workflows.context.api(1)
    long = "x" * 50_000
    comments = [
        Comment(f"src/{OTHER}`.py", 5, None, f"{long}\n\n{marker('a' * 20)}", "a" * 20),
        Comment("src/b.py", 5, None, f"{long}\n\n{marker('b' * 20)}", "b" * 20),
    ]
    number = sending.post_alone(api, "acme/shop", pull.number, pull.head, comments)
    assert pull.reviews[0]["body"].count("<!-- twiceshy:") == 1
    fingerprints = [comment.fingerprint for comment in comments]
    review = sending.find_alone(api, "acme/shop", pull.number, fingerprints, "twiceshy")
    assert review == number
