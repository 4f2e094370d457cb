"""What people complain of in guards like this one, and our answer to each.

1 too many comments: here. 2 the same comment again, 3 comments that outlive the fix:
test_review.test_what_stands_is_not_said_again_and_what_is_gone_is_said_to_be_gone. 4 findings off
the hunks, or a refused review: test_comment.test_a_comment_stands_only_where_github_lets_it,
test_degraded.test_a_review_that_is_refused… 5 consequences on old lines: here. 6 forks:
test_review.test_a_fork_is_judged_like_any_other. 7 a required check that never comes: here. 8 merge
queues: test_answers.test_a_merge_queue_gets…. 9 slowness: here. 10 old findings: here. 11 a block
that cannot be cleared: here. 12 "no" is forgotten: test_answers.test_a_dismissal_is_green_at_once….
13 limits that look like a verdict: here. 14 large changes passed over in silence: here. 15 one
broken rule discredits all: here.
"""

import re

from github_double import GitHubDouble
from github_double.webhooks import comment_payload, pull_payload
from service.shop import BUG, CLEAN, LESSON, RULE, Service, Shop
from twiceshy.changes.change import Status
from twiceshy.changes.diff import parse_patch
from twiceshy.github.pulls import ChangedFile, _not_looked_at, _with_patches
from twiceshy.verdicts.unseen_line import unseen_line


def test_1_at_most_five_comments_and_an_unproven_lesson_keeps_silent(
    service: Service, shop: Shop
) -> None:
    wrong = (
        RULE.replace("inc-245-timeout", "inc-246")
        .replace("INC-245", "INC-246")
        .replace("requests.post(...)", "requests.get(...)")
    )
    shop.on_main(
        {"lessons/INC-246.md": LESSON.replace("INC-245", "INC-246"), "rules/inc-246.yaml": wrong}
    )
    calls = "".join(
        f"\n\ndef refund_{n}(ticket):\n    return requests.post(BANK_{n}, json=ticket.dict())\n"
        for n in range(8)
    )
    pull = shop.pull(
        {
            "src/refund.py": "import requests\n"
            + calls
            + "\n\ndef look():\n    return requests.get(BANK)\n"
        }
    )
    check = service.opened(pull)
    assert len(pull.comments) == 5
    assert (
        len([note for note in check["annotations"] if note["annotation_level"] == "failure"]) == 8
    )
    assert {note["title"].split(":")[0] for note in check["annotations"]} == {"INC-245"}


def test_5_a_removed_safeguard_is_seen_though_no_line_was_added(
    service: Service, shop: Shop
) -> None:
    guarded = LESSON.split("```python good\n")[1].split("```")[0]
    shop.on_main({"services/pay/client.py": guarded})
    pull = shop.pull(
        {"services/pay/client.py": guarded.replace(",\n", "\n").replace(", timeout=(3.05, 10)", "")}
    )
    check = service.opened(pull)
    assert check["conclusion"] == "failure"


def test_7_the_check_is_there_before_anything_is_read(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    service.opened(shop.pull({"src/total.py": CLEAN}))
    about = [
        call for call in double.calls if call.path.startswith("/repos/") or call.path == "/graphql"
    ]
    assert (about[0].verb, about[0].path) == ("POST", "/repos/acme/shop/check-runs")


def test_9_what_it_cost_is_shown_in_the_check(service: Service, shop: Shop) -> None:
    check = service.opened(shop.pull({"src/total.py": CLEAN}))
    assert re.search(r"1 lesson held against 1 file in \d\.\d s", check["output"]["summary"])


def test_10_what_stood_there_before_is_not_reported(service: Service, shop: Shop) -> None:
    shop.on_main({"src/refund.py": BUG})
    pull = shop.pull({"src/refund.py": BUG + "\n\ndef total(lines):\n    return sum(lines)\n"})
    assert (service.opened(pull)["conclusion"], pull.comments) == ("success", [])


def test_11_only_the_check_blocks_and_one_word_clears_it(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    assert service.opened(pull)["conclusion"] == "failure"
    assert [review["state"] for review in pull.reviews] == ["COMMENTED"]
    service.deliver(
        "issue_comment",
        comment_payload(pull, "/twiceshy dismiss INC-245 measured, it is fine", "maria"),
    )
    assert service.check(pull, 2)["conclusion"] == "success"


def test_13_a_limit_is_never_a_verdict(service: Service, shop: Shop, double: GitHubDouble) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    meanwhile: list[tuple[str, str | None]] = []

    def note() -> None:
        meanwhile.extend(
            (check["status"], check["conclusion"]) for check in double.checks_of(pull.head)
        )

    double.fail("GET", r"/files$", status=429, headers={"Retry-After": "1"})
    double.fail("GET", r"/files$", status=429, headers={"Retry-After": "1"}, then=note)
    service.deliver("pull_request", pull_payload("opened", pull))
    double.wait(lambda: len(double.made("GET", r"/files$")) >= 2)
    assert meanwhile == [("in_progress", None)]
    assert service.check(pull)["conclusion"] == "failure"


def test_14_a_large_change_is_judged_in_part_and_the_rest_is_named(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    files: dict[str, str | bytes | None] = {
        f"src/part_{number:03}.py": CLEAN for number in range(130)
    }
    pull = shop.pull({**files, "src/z_large.py": "x = 1\n" * 120_000, "src/zz_refund.py": BUG})
    check = service.opened(pull)
    assert check["conclusion"] == "failure"
    assert check["output"]["title"].endswith(
        "not looked at: 1 file without a diff (src/z_large.py)"
    )
    assert "src/z_large.py: not inspected: GitHub gives no diff of it" in check["output"][
        "summary"
    ].replace("\\", "")
    patch = "@@ -0,0 +1 @@\n+x"
    many = [ChangedFile(f"a{number}.py", Status.ADDED, None, patch) for number in range(3_000)]
    [unseen] = _not_looked_at(many, [], {}, 3_101)
    assert unseen_line([unseen]) == "not looked at: too many files (101 of 3,101 files or more)"
    assert list(_not_looked_at(many, [], {}, 3_000)) == []


def test_15_one_broken_rule_is_named_and_the_others_guard(service: Service, shop: Shop) -> None:
    shop.on_main(
        {
            "rules/broken.yaml": RULE.replace("inc-245-timeout", "broken").replace(
                "requests.post(...)", "requests.post(("
            )
        }
    )
    check = service.opened(shop.pull({"src/refund.py": BUG}))
    assert check["conclusion"] == "failure"
    assert "rule broken is left out: Semgrep cannot read it" in check["output"]["summary"].replace(
        "\\", ""
    )


def test_a_new_file_whose_diff_github_leaves_out_is_judged_by_its_text() -> None:
    """Of a deleted, a modified and a binary one nothing is made up."""
    text = f"{CLEAN * 3}{BUG}"
    files = [
        ChangedFile("new.py", Status.ADDED, None, None),
        ChangedFile("old.py", Status.MODIFIED, None, None),
        ChangedFile("logo.png", Status.ADDED, None, None),
    ]
    new, *others = _with_patches(files, {"new.py": text, "old.py": text, "logo.png": text})
    [file] = parse_patch(new.path, new.patch or "", new.status).files
    assert "\n".join(line.text for line in file.added) + "\n" == text
    assert others == files[1:]
    assert [
        unseen.subject for unseen in _not_looked_at([new, *others], ["new.py"], {"new.py": text}, 3)
    ] == ["old.py"]
