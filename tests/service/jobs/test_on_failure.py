"""Judging that dies or is late: said in the first line, and concluded as on_failure asks."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from github_double import GitHubDouble
from samples import LESSON
from service.shop import BUG, CLEAN, UNJUDGED, Service, Shop
from twiceshy.changes.change import Status
from twiceshy.github.pulls import ChangedFile
from twiceshy.publishing.publication import failed
from twiceshy.service.environment import NotSetUp, read_environment
from twiceshy.service.jobs import on_failure
from twiceshy.service.sandbox import launcher
from twiceshy.service.sandbox.launcher import JudgeRequest, NotJudged, RegistryRef, judge_apart
from twiceshy.verdicts.settings import OnFailure

ASKED = "not analysed, and failure is asked for then (on_failure: failure)"
NO_BLOCK = "not analysed; neutral, as no lesson blocks here (on_failure: failure)"


def case(folder: Path) -> JudgeRequest:
    patch = "@@ -0,0 +1,1 @@\n+x = 1"
    files = (ChangedFile("a.py", Status.ADDED, None, patch),)
    return JudgeRequest(
        files, {"a.py": "x = 1\n"}, None, "", "b", "h", (), "https://x/y", (), (), (), str(folder)
    )


def killed(command: Any, **given: Any) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command, **given)
    process.kill()
    return process


def starved(command: Any, **given: Any) -> subprocess.Popen[bytes]:
    """With less memory than Python needs to begin."""
    return subprocess.Popen(["sh", "-c", 'ulimit -v 20000; exec "$@"', "sh", *command], **given)


class Starting:
    """``subprocess`` as the judging knows it, with another way to start a process."""

    PIPE, DEVNULL, TimeoutExpired = subprocess.PIPE, subprocess.DEVNULL, subprocess.TimeoutExpired

    def __init__(self, start: Callable[..., subprocess.Popen[bytes]]) -> None:
        self.Popen = start


@pytest.mark.parametrize("start", [killed, starved])
def test_a_judging_that_dies_is_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    monkeypatch.setattr(launcher, "subprocess", Starting(start))
    with pytest.raises(NotJudged, match="failed"):
        judge_apart(case(tmp_path))


def test_a_judging_that_is_late_is_not_judged(tmp_path: Path) -> None:
    with pytest.raises(NotJudged, match="took over 0 s"):
        judge_apart(case(tmp_path), seconds=0.0)


@pytest.mark.parametrize(
    ("asked", "blocks", "conclusion", "title"),
    [
        (OnFailure.NEUTRAL, True, "neutral", UNJUDGED),
        (OnFailure.FAILURE, True, "failure", ASKED),
        (OnFailure.FAILURE, False, "neutral", NO_BLOCK),
    ],
)
def test_the_first_line_says_what_on_failure_is(
    asked: OnFailure, blocks: bool, conclusion: str, title: str
) -> None:
    unjudged = failed("it died", asked, blocks=blocks)
    assert (unjudged.conclusion, unjudged.title) == (conclusion, title)
    assert "it died" in unjudged.summary


@pytest.mark.parametrize(
    ("mode", "blocks"), [("block", True), ("comment", False), ('"block"', True)]
)
def test_whether_a_lesson_may_block_is_read_off_the_files(
    tmp_path: Path, mode: str, blocks: bool
) -> None:
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "INC-245.md").write_text(LESSON.replace("mode: block", f"mode: {mode}"))
    assert on_failure.may_block([RegistryRef(str(tmp_path), "shop")]) is blocks


def test_a_mode_after_much_front_matter_or_of_a_file_in_capitals_counts(tmp_path: Path) -> None:
    """No limit on what stands before it: ``on_failure`` would be passed over for that."""
    (tmp_path / "lessons").mkdir()
    head, body = LESSON.replace("mode: block\n", "").split("\n---\n", 1)
    conditions = "".join(
        f'  - {{kind: process, text: "condition {number} of very many"}}\n' for number in range(200)
    )
    text = f"{head}\nconditions:\n{conditions}mode: MODE\n---\n{body}\nmode: block\n"
    (tmp_path / "lessons" / "INC-245.MD").write_text(text.replace("MODE", "comment"))
    assert not on_failure.may_block([RegistryRef(str(tmp_path), "shop")]), (
        "what stands in the story is no mode"
    )
    (tmp_path / "lessons" / "INC-245.MD").write_text(text.replace("MODE", "block"))
    assert on_failure.may_block([RegistryRef(str(tmp_path), "shop")])


def test_the_strictest_holds_and_a_broken_file_asks_for_nothing() -> None:
    assert on_failure.strictest([OnFailure.NEUTRAL, OnFailure.FAILURE]) is OnFailure.FAILURE
    assert on_failure.strictest([OnFailure.NEUTRAL]) is OnFailure.NEUTRAL
    assert on_failure.said_by("on_failure: failure\n") is OnFailure.FAILURE
    assert [on_failure.said_by(text) for text in (None, "on_failure: [", "")] == [
        OnFailure.NEUTRAL
    ] * 3


def test_the_operator_s_word_is_one_of_two(tmp_path: Path) -> None:
    assert (
        read_environment({"TWICESHY_ON_FAILURE": "failure"}, tmp_path).on_failure
        is OnFailure.FAILURE
    )
    with pytest.raises(NotSetUp, match="neutral, failure"):
        read_environment({"TWICESHY_ON_FAILURE": "block"}, tmp_path)


@pytest.mark.apart  # it is the process that is killed
@pytest.mark.parametrize("who", ["repository", "organisation", "operator"])
def test_a_dead_judging_fails_the_check_where_somebody_asks_for_it(
    service: Service, shop: Shop, double: GitHubDouble, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    if who == "repository":
        shop.on_main({".twiceshy.yml": "on_failure: failure\n"})
    elif who == "organisation":
        organisation = Shop(double, shop.git.root.parent / "github", "acme/.github")
        organisation.on_main({".twiceshy.yml": "on_failure: failure\n"})
        shop.on_main({".twiceshy.yml": "on_failure: neutral\n"})
    else:
        object.__setattr__(service.workflows.context.environment, "on_failure", OnFailure.FAILURE)
    monkeypatch.setattr(launcher, "subprocess", Starting(killed))
    check = service.opened(shop.pull({"src/refund.py": BUG}))
    assert (check["conclusion"], check["output"]["title"]) == ("failure", ASKED)


def test_a_hostile_lesson_ends_nothing(service: Service, shop: Shop) -> None:
    check = service.opened(
        shop.pull({f"lessons/{'n' * 240}.md": "no lesson", "src/refund.py": BUG})
    )
    assert check["conclusion"] == "failure"
    assert "no front matter" in check["output"]["summary"]


def test_a_new_file_without_a_line_is_looked_at(service: Service, shop: Shop) -> None:
    """GitHub gives no diff of it, and there is none."""
    check = service.opened(shop.pull({"src/pay/__init__.py": "", "src/total.py": CLEAN}))
    assert check["conclusion"] == "success", check["output"]


def test_more_files_than_github_lists_are_no_green_verdict(service: Service, shop: Shop) -> None:
    pull = shop.pull({"src/total.py": CLEAN})
    pull.changed_files = 3_101
    check = service.opened(pull)
    title = "not looked at: too many files (3,100 of 3,101 files or more)"
    assert (check["conclusion"], check["output"]["title"]) == ("neutral", title)


def test_a_repository_whose_registry_gives_no_lesson_is_neutral(
    service: Service, shop: Shop
) -> None:
    gone: dict[str, str | bytes | None] = dict.fromkeys(
        ["lessons/INC-245.md", "rules/inc-245.yaml"]
    )
    shop.on_main({**gone, ".twiceshy.yml": "registries: [{path: .}]\n"})
    check = service.opened(shop.pull({"src/total.py": CLEAN}))
    title = "not looked at: anything, because no lesson guards here"
    assert (check["conclusion"], check["output"]["title"]) == ("neutral", title)
