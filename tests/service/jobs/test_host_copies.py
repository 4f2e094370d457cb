"""The code that stands in a repository: copied beside the reviews, renewed by pushes, and what is
normal in it is said. Over git's own server, which lets in the token that GitHub gave.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from git_over_https import basic, git_over_https
from github_double import GitHubDouble
from github_double.webhooks import payload
from service.jobs.test_uninstall import told
from service.shop import BUG, CLEAN, Service, Shop
from twiceshy.changes import remote_git
from twiceshy.changes.remote_git import RemoteAddress
from twiceshy.service import host_store
from twiceshy.service.context import Context
from twiceshy.service.jobs import host_copies, review, uninstall
from twiceshy.service.jobs.host_copies import Outcome
from twiceshy.service.sandbox.launcher import HostRef, JudgeRequest

AGAIN = """import requests

def charge(order):
    return requests.post(PARTNER, json=order.dict())
"""
"""What once failed, to the letter."""

NORMAL = "its shape stands in another place (src/part.py:1)"
"""What a review says where the code of before stands once."""


def serve(shop: Shop, bare: Path) -> None:
    """As GitHub has it: whatever branch the shop works on, HEAD is the default one."""
    bare.mkdir(parents=True)
    for name in ("objects", "refs"):
        (bare / name).symlink_to(shop.git.root / ".git" / name)
    (bare / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    (bare / "HEAD").write_text("ref: refs/heads/main\n")


@pytest.fixture(autouse=True)
def _served(
    double: GitHubDouble, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The shop's repository over https, for whoever has a token for it alone."""
    folder = tmp_path / "served"
    serve(shop, folder / "acme" / "shop.git")
    configuration = tmp_path / "gitconfig"
    configuration.write_text(f'[http]\n\tsslCAInfo = "{folder / "certificate.pem"}"\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    monkeypatch.setattr(host_copies, "PUSH_SECONDS", 0.01)

    def admits(shown: str, path: str) -> bool:
        theirs = {token for token, ids in double.narrow_tokens.items() if ids == {shop.github.id}}
        return path.startswith("/acme/shop.git/") and shown in map(basic, theirs)

    with git_over_https(folder, "nobody's") as server:
        server.admits = admits

        def remote_of(_context: Context, name: str) -> RemoteAddress:
            return RemoteAddress(f"{server.url}/{name}.git")

        monkeypatch.setattr(host_copies, "remote_of", remote_of)
        yield


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[JudgeRequest]:
    """All that is judged."""
    cases: list[JudgeRequest] = []
    judge = vars(review)["judge_apart"]

    def recorded(case: JudgeRequest, seconds: float) -> object:
        cases.append(case)
        return judge(case, seconds)

    monkeypatch.setattr(review, "judge_apart", recorded)
    return cases


@pytest.fixture
def common(shop: Shop) -> Shop:
    """The shop without its rule, where the failing code stands once already."""
    function = BUG[BUG.index("def ") :]
    shop.on_main({"rules/inc-245.yaml": None, "src/part.py": function})
    return shop


def opened(service: Service, shop: Shop, branch: str) -> str:
    """What is said of a pull request that brings the failing code, without Markdown's escapes."""
    pull = shop.pull({"src/refund.py": AGAIN}, branch)
    service.opened(pull)
    return "".join(comment["body"] for comment in pull.comments).replace("\\", "")


def folder_of(service: Service, shop: Shop) -> Path:
    return service.workflows.context.hosts.place(1, shop.github.id)


def copies(service: Service, shop: Shop) -> list[str]:
    folder = folder_of(service, shop)
    return sorted(path.name for path in folder.glob("*") if path.is_dir())


def commits(judged: list[JudgeRequest]) -> list[str | None]:
    """Beside which commit each was judged."""
    return [case.host.commit if case.host else None for case in judged]


def pushed(service: Service, shop: Shop) -> None:
    head = shop.github.sha("main")
    push = payload("push", "", shop.github, ref="refs/heads/main", after=head)
    push["installation"]["id"] = 1
    assert service.deliver("push", push) == 202
    service.idle()


def outcomes(service: Service) -> dict[str, int]:
    counts: dict[str, int] = {}
    for sample in next(iter(service.workflows.context.metrics.host_copies.collect())).samples:
        if sample.name.endswith("_total"):
            counts[sample.labels["outcome"]] = int(sample.value)
    return counts


@pytest.mark.apart  # the judging's own process reads the copy
def test_the_first_review_goes_without_and_the_next_knows_what_is_normal(
    service: Service, common: Shop
) -> None:
    first = opened(service, common, "first")
    assert ("resembles" in first, NORMAL in first) == (True, False)
    assert copies(service, common) == [common.github.sha("main")]
    second = opened(service, common, "second")
    assert NORMAL in second, second
    assert outcomes(service) == {Outcome.FETCHED: 1}
    counted = service.workflows.context.index_folder / "1" / "hosts"
    assert list(counted.glob("*.sqlite")), "kept for the next, under the installation"


def test_a_push_renews_the_copy_that_is_used(
    service: Service, shop: Shop, judged: list[JudgeRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed(service, shop)
    assert copies(service, shop) == [], "nobody uses one"
    service.opened(shop.pull({"src/total.py": CLEAN}, "first"))
    before = shop.github.sha("main")
    after = shop.on_main({"src/more.py": CLEAN})
    pushed(service, shop)
    assert copies(service, shop) == sorted([before, after]), "one may still be read"
    service.opened(shop.pull({"src/total.py": CLEAN}, "second"))
    assert commits(judged) == [None, after]
    monkeypatch.setattr(host_store, "IN_USE_SECONDS", -1.0)
    pushed(service, shop)
    assert copies(service, shop) == [after]


def test_an_old_copy_is_renewed_behind_the_review_that_finds_it(
    service: Service, shop: Shop, judged: list[JudgeRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shop.github.sha("main")
    service.opened(shop.pull({"src/total.py": CLEAN}, "first"))
    after = shop.on_main({"src/more.py": CLEAN})
    service.opened(shop.pull({"src/total.py": CLEAN}, "second"))
    assert copies(service, shop) == [before], "it is fresh for an hour"
    monkeypatch.setattr(host_store, "OLD_SECONDS", -1.0)
    service.opened(shop.pull({"src/total.py": CLEAN}, "third"))
    assert copies(service, shop) == sorted([before, after])
    assert commits(judged) == [None, before, before]


def test_what_a_pull_request_brings_is_never_the_host(
    service: Service, shop: Shop, judged: list[JudgeRequest]
) -> None:
    main = shop.on_main({"rules/inc-245.yaml": None})
    everywhere = {f"src/part{number}.py": BUG for number in range(6)}
    for branch in ("first", "second"):
        pull = shop.pull({"src/refund.py": AGAIN, **everywhere}, branch)
        service.opened(pull)
        assert pull.comments
        assert not any("other place" in comment["body"] for comment in pull.comments)
    assert copies(service, shop) == [main]
    folder = folder_of(service, shop)
    assert judged[1].host == HostRef(str(folder / main), main, str(folder))


def test_the_token_reads_one_repository_and_stands_nowhere(
    service: Service, shop: Shop, double: GitHubDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    service.opened(shop.pull({"src/total.py": CLEAN}))
    (token,) = double.narrow_tokens
    assert double.narrow_tokens[token] == {shop.github.id}
    data = service.workflows.context.environment.data_folder
    written = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    logged = "".join(capsys.readouterr())
    assert "host fetched" in logged
    for secret in (token, basic(token).split()[1]):
        assert secret.encode() not in written
        assert secret not in logged


def test_it_goes_with_the_repository_and_with_the_installation(
    service: Service, shop: Shop
) -> None:
    service.opened(shop.pull({"src/total.py": CLEAN}, "first"))
    assert copies(service, shop)
    row = {"id": shop.github.id, "full_name": "acme/shop"}
    told(service, "installation_repositories", "removed", repositories_removed=[row])
    assert not folder_of(service, shop).exists()
    service.opened(shop.pull({"src/total.py": CLEAN}, "second"))
    assert copies(service, shop)
    told(service, "installation", "deleted", repositories=[row])
    assert not folder_of(service, shop).parent.exists()


def test_what_may_not_be_read_any_more_is_deleted(service: Service, shop: Shop) -> None:
    service.opened(shop.pull({"src/total.py": CLEAN}))
    shop.github.installation = 2
    pushed(service, shop)
    assert copies(service, shop) == []
    assert outcomes(service) == {Outcome.FETCHED: 1, Outcome.LOST: 1}


def test_what_is_too_large_is_judged_without_and_not_asked_for_each_time(
    service: Service, common: Shop, double: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_git, "MOST_BYTES", 10)
    for branch in ("first", "second"):
        assert "resembles" in opened(service, common, branch)
    assert (copies(service, common), len(double.narrow_tokens)) == ([], 1)
    assert outcomes(service) == {Outcome.FAILED: 1}


def test_a_damaged_copy_changes_nothing_that_is_said(
    service: Service, common: Shop, judged: list[JudgeRequest]
) -> None:
    first = opened(service, common, "first")
    for pack in folder_of(service, common).rglob("*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(b"no pack")
    assert opened(service, common, "second") == first
    assert commits(judged) == [None, common.github.sha("main")]


def test_whoever_switches_it_off_keeps_no_code(service: Service, shop: Shop) -> None:
    service.opened(shop.pull({"src/total.py": CLEAN}, "first"))
    context = service.workflows.context
    context.environment = replace(context.environment, host_copies=False)
    uninstall.tidy(context)
    assert not folder_of(service, shop).exists()
    service.opened(shop.pull({"src/total.py": CLEAN}, "second"))
    assert not folder_of(service, shop).exists()
