"""A registry's words are shown only to who may read them: to the pull request's readers, or with
its owner's consent.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from github_double import GitHubDouble, Pull
from github_double.webhooks import comment_payload
from service.shop import BASE, BUG, CLEAN, LESSON, RULE, Service, Shop
from twiceshy.service import doctor
from twiceshy.service.jobs import reading_rights
from twiceshy.store.tables import FindingRow
from twiceshy.verdicts.sharing import Share

SECRETS = ("Zanzibar", "zanzibar")
"""In every word a registry has: whoever reads it somewhere has read of the post-mortem."""

SECRET_LESSON = (
    LESSON.replace("A slow partner took checkout down", "Zanzibar was told to nobody")
    .replace("Give every outgoing call a timeout.", "Ask Zanzibar first.")
    .replace("wiki.acme.example/INC-245", "wiki.acme.example/zanzibar-breach")
    .replace("The partner answered", "Zanzibar answered")
    .replace("json=order.dict()", "json=order.zanzibar()")
)
SECRET_RULE = RULE.replace("This call waits forever", "Zanzibar waits forever").replace(
    "inc-245-timeout", "zanzibar-timeout"
)
SECRET_SCAR = """---
id: INC-246
title: Zanzibar lived here
date: 2026-05-15
severity: low
mode: comment
scars: ["src/app.py"]
---
Zanzibar.
"""
BROKEN = LESSON.replace("INC-245", "INC-300").replace("severity: high", "severity: zanzibar")
NAMES = "registries: [{path: .}, {repo: acme/secret}]\n"
NOT_USED = "registry acme/secret was not used"


@pytest.fixture
def secret(double: GitHubDouble, shop: Shop) -> Shop:
    """A private registry of the same account, named by the shop's settings."""
    secret = Shop(double, shop.git.root.parent / "secret", "acme/secret")
    secret.on_main(
        {
            "lessons/INC-245.md": None,
            "rules/inc-245.yaml": None,
            "lessons/2026-zanzibar.md": SECRET_LESSON,
            "rules/zanzibar.yaml": SECRET_RULE,
            "lessons/zanzibar-broken.md": BROKEN,
            "lessons/INC-246.md": SECRET_SCAR,
        }
    )
    shop.on_main({"lessons/INC-245.md": None, "rules/inc-245.yaml": None, ".twiceshy.yml": NAMES})
    return secret


@pytest.fixture(autouse=True)
def nothing_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_rights, "FRESH_SECONDS", 0.0)


def consent(secret: Shop, text: str) -> None:
    secret.on_main({".twiceshy.yml": f"share: [{text}]\n"})


def told(double: GitHubDouble, pull: Pull) -> str:
    """All that anybody can read at GitHub."""
    return json.dumps(
        [list(double.checks.values()), pull.comments, pull.reviews, pull.conversation], default=list
    )


def summary(check: dict[str, dict[str, str]]) -> str:
    return check["output"]["summary"].replace("\\", "")


@pytest.mark.parametrize("visibility", ["public", "internal", "private"])
def test_a_private_registry_is_quoted_nowhere_else(
    service: Service, shop: Shop, secret: Shop, double: GitHubDouble, visibility: str
) -> None:
    shop.github.visibility = visibility
    pull = shop.pull({"src/refund.py": BUG})
    check = service.opened(pull)
    assert NOT_USED in summary(check)
    assert pull.comments == [] and service.rows(FindingRow) == []
    assert not any(word in told(double, pull) for word in SECRETS)


def test_a_name_that_is_there_and_one_that_is_not_are_answered_alike(
    service: Service, shop: Shop, secret: Shop
) -> None:
    shop.github.visibility = "public"
    shop.on_main({".twiceshy.yml": NAMES + "  # and one that was never there\n"})
    there = service.opened(shop.pull({"src/refund.py": BUG}))
    shop.on_main({".twiceshy.yml": NAMES.replace("acme/secret", "acme/nobody")})
    nowhere = service.opened(shop.pull({"src/refund.py": BUG}, "other"))
    assert there["conclusion"] == nowhere["conclusion"]

    def lines(check: dict[str, dict[str, str]]) -> list[str]:
        return [line for line in summary(check).splitlines() if not line.startswith("<sub>")]

    assert [line.replace("acme/secret", "acme/nobody") for line in lines(there)] == lines(nowhere)


def test_an_owner_shares_the_text(service: Service, shop: Shop, secret: Shop) -> None:
    consent(secret, "{to: acme/*, as: text}")
    pull = shop.pull({"src/refund.py": BUG})
    assert service.opened(pull)["conclusion"] == "failure"
    assert "Zanzibar was told to nobody" in pull.comments[0]["body"]


def test_a_pattern_does_not_cover_a_repository_that_is_public_by_now(
    service: Service, shop: Shop, secret: Shop, double: GitHubDouble
) -> None:
    consent(secret, "{to: acme/*, as: text}, {to: acme/shop, as: text}")
    shop.github.visibility = "public"
    pull = shop.pull({"src/refund.py": BUG})
    assert NOT_USED in summary(service.opened(pull))
    consent(secret, "{to: acme/shop, as: text, public: true}")
    assert service.opened(shop.pull({"src/refund.py": BUG}, "other"))["conclusion"] == "failure"


def test_an_id_alone_tells_that_it_speaks_where_and_how_loud_and_nothing_else(
    service: Service, shop: Shop, secret: Shop, double: GitHubDouble
) -> None:
    consent(secret, "{to: acme/shop, as: id}")
    proposed = LESSON.replace("INC-245", "INC-301").replace("severity: high", "severity: hihg")
    files = {
        "src/refund.py": BUG,
        "src/app.py": "import os\nprint(os)\n",
        "lessons/INC-301.md": proposed,
    }
    pull = shop.pull(dict(files))
    check = service.opened(pull)
    assert check["conclusion"] == "failure"
    [comment] = pull.comments
    assert comment["body"].startswith("**Heads up: INC\\-245 speaks here.** [INC\\-245](")
    assert f"{double.url}/acme/secret/tree/HEAD/lessons)" in comment["body"]
    assert "(high, block)" in comment["body"] and "**It blocks this merge.**" in comment["body"]
    assert "`src/refund.py` line 5" in check["output"]["summary"]
    assert "acme/secret: something of a registry cannot be used" in summary(check)
    service.deliver("issue_comment", comment_payload(pull, "/twiceshy explain INC-245", "maria"))
    double.wait(lambda: any(comment["user"]["type"] == "Bot" for comment in pull.conversation))
    answer = pull.conversation[-1]["body"]
    assert "`src/refund.py` line 5: block" in answer and "score" not in answer
    everything = told(double, pull)
    for word in (*SECRETS, "score", "timeout", "recall", "2026-05-14", "rules"):
        assert word not in everything, word
    assert "0 lessons held against" in check["output"]["summary"]


def test_an_id_links_to_its_file_when_the_name_tells_no_more(
    service: Service, shop: Shop, secret: Shop
) -> None:
    secret.on_main({"lessons/2026-zanzibar.md": None, "lessons/INC-245.md": SECRET_LESSON})
    consent(secret, "{to: acme/shop, as: id}")
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    assert "/acme/secret/blob/HEAD/lessons/INC-245.md)" in pull.comments[0]["body"]


def test_a_rule_that_is_not_shared_says_nothing_through_a_lesson_that_is(
    service: Service, shop: Shop, secret: Shop, double: GitHubDouble
) -> None:
    """The shop's own lesson with the secret registry's rule, whose message is the registry's."""
    secret.on_main({"lessons/2026-zanzibar.md": None})
    shop.on_main({"lessons/INC-245.md": LESSON})
    consent(secret, "{to: acme/shop, as: id}")
    pull = shop.pull({"src/refund.py": BUG})
    assert service.opened(pull)["conclusion"] == "failure"
    assert not any(word in told(double, pull) for word in SECRETS)


def test_an_internal_registry_is_for_members_alone(
    service: Service, shop: Shop, secret: Shop
) -> None:
    secret.github.visibility = "internal"
    for branch, outsiders in (("guest", 1), ("unknown", None)):
        shop.github.outsiders = outsiders
        assert NOT_USED in summary(service.opened(shop.pull({"src/refund.py": BUG}, branch)))
    shop.github.outsiders = 0
    assert service.opened(shop.pull({"src/refund.py": BUG}, "members"))["conclusion"] == "failure"


def test_a_public_registry_guards_everybody(service: Service, shop: Shop, secret: Shop) -> None:
    secret.github.visibility = "public"
    shop.github.visibility = "public"
    assert service.opened(shop.pull({"src/refund.py": BUG}))["conclusion"] == "failure"


def test_a_consent_is_read_from_the_default_branch_and_for_it(
    service: Service, shop: Shop, secret: Shop
) -> None:
    consent(secret, "{to: acme/*, as: text}")
    secret.git.git("branch", "old")
    secret.on_main({".twiceshy.yml": "share: []\n"})
    shop.on_main({".twiceshy.yml": "registries: [{repo: acme/secret, ref: old}]\n"})
    assert NOT_USED in summary(service.opened(shop.pull({"src/refund.py": BUG}, "a")))
    consent(secret, "{to: acme/*, as: text}")
    assert NOT_USED in summary(service.opened(shop.pull({"src/refund.py": BUG}, "b")))
    shop.on_main({".twiceshy.yml": "registries: [{repo: acme/secret, ref: main}]\n"})
    assert service.opened(shop.pull({"src/refund.py": BUG}, "c"))["conclusion"] == "failure"


def test_broken_settings_of_a_registry_share_nothing(
    service: Service, shop: Shop, secret: Shop
) -> None:
    secret.on_main({".twiceshy.yml": "share: [{to: acme/*, as: text}]\nblock_att: high\n"})
    assert NOT_USED in summary(service.opened(shop.pull({"src/refund.py": BUG})))


def test_a_fork_of_the_base_is_read_by_the_readers_of_the_base(
    service: Service, shop: Shop, secret: Shop
) -> None:
    """What counts is where it is shown: the base repository, by the name it has now."""
    consent(secret, "{to: acme/shop, as: text}")
    pull = shop.pull({"src/refund.py": BUG})
    pull.fork = True
    assert service.opened(pull)["conclusion"] == "failure"
    moved = Shop(shop.double, shop.git.root.parent / "moved", "eve/shop")
    moved.on_main({"lessons/INC-245.md": None, "rules/inc-245.yaml": None, ".twiceshy.yml": NAMES})
    assert NOT_USED in summary(service.opened(moved.pull({"src/refund.py": BUG})))


def test_the_operator_is_told_which_registries_are_not_used(
    service: Service, shop: Shop, secret: Shop
) -> None:
    service.opened(shop.pull({"src/total.py": CLEAN}))

    def seen() -> str:
        answers = doctor.examine(service.workflows.context.environment)
        return next((answer.seen for answer in answers if answer.subject == "registries"), "")

    assert seen() == "named and not used: acme/secret on acme/shop (not shared)"
    shop.on_main({".twiceshy.yml": "registries: [{path: .}]\n"})
    service.opened(shop.pull({"src/total.py": CLEAN}, "other"))
    assert seen() == ""


@pytest.mark.parametrize("share", [Share.TEXT, Share.ID, None])
def test_the_operator_decides_what_public_repositories_show_of_the_folders(
    service: Service, shop: Shop, double: GitHubDouble, tmp_path: Path, share: Share | None
) -> None:
    folder = tmp_path / "operators"
    for name, text in {"lessons/INC-245.md": SECRET_LESSON, "rules/a.yaml": SECRET_RULE}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    environment = replace(
        service.workflows.context.environment, registries=(folder,), registry_public=share
    )
    service.workflows.context.environment = environment
    without: dict[str, str | bytes | None] = {".twiceshy.yml": "{}\n"}
    for name in BASE:
        if name.startswith(("lessons", "rules")):
            without[name] = None
    shop.on_main(without)
    private = shop.pull({"src/refund.py": BUG}, "private")
    service.opened(private)
    assert "Zanzibar" in private.comments[0]["body"]
    shop.github.visibility = "public"
    double.checks.clear()
    public = shop.pull({"src/other.py": BUG}, "public")
    service.opened(public)
    assert ("Zanzibar" in told(double, public)) is (share is Share.TEXT)
    assert len(public.comments) == (0 if share is None else 1)
    assert str(folder) not in told(double, public)


def test_a_file_where_a_registry_s_folder_should_be_ends_no_judging(
    service: Service, shop: Shop, secret: Shop
) -> None:
    gone = ("lessons/2026-zanzibar.md", "lessons/zanzibar-broken.md", "lessons/INC-246.md")
    secret.on_main(dict.fromkeys(gone))
    (secret.git.root / "lessons").rmdir()
    secret.on_main({"lessons": "a file", ".twiceshy.yml": "share: [{to: acme/shop, as: text}]\n"})
    check = service.opened(shop.pull({"src/refund.py": BUG}))
    assert "not analysed" not in check["output"]["title"], check["output"]
    blob = secret.git.git("rev-parse", "HEAD:lessons").strip()
    assert secret.github.double.made("GET", f"/git/trees/{blob}") == [], "it is no tree"
