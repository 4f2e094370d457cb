"""Who reads what we say here decides what of a fetched registry is shown."""

import json
from pathlib import Path

import pytest

from twiceshy.verdicts.audience import is_job, reader_of, share_here
from twiceshy.verdicts.sharing import Reader, Share, Shared, Visibility, consent_from

CLOSED = Shared(9, "acme/lessons", Visibility.PRIVATE)
CONSENTED = Shared(
    9, "acme/lessons", Visibility.PRIVATE, (consent_from("acme/shop", "text", False),)
)


def job(folder: Path, repository: object) -> dict[str, str]:
    event = folder / "event.json"
    event.write_text(json.dumps({"repository": repository}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_EVENT_PATH": str(event),
    }


@pytest.mark.parametrize(
    ("environment", "others_read"),
    [
        ({}, False),
        ({"CI": "false"}, False),
        ({"CI": "true"}, True),
        ({"CI": "woodpecker"}, True),
        ({"GITHUB_ACTIONS": "true"}, True),
        ({"JENKINS_URL": "https://ci.acme.example/"}, True),
        ({"TEAMCITY_VERSION": "2026.1"}, True),
        ({"TF_BUILD": "True"}, True),
        ({"CODEBUILD_BUILD_ID": "shop:1"}, True),
        ({"bamboo_planKey": "SHOP"}, True),
        ({"GO_PIPELINE_LABEL": "7"}, True),
        ({"GIT_QUARANTINE_PATH": "/srv/repo.git/objects/incoming"}, True),
    ],
)
def test_a_job_and_a_server_s_hook_speak_to_others(
    environment: dict[str, str], others_read: bool
) -> None:
    assert is_job(environment) is others_read
    assert share_here(environment, CLOSED) is (Share.ID if others_read else Share.TEXT)


@pytest.mark.parametrize(
    ("facts", "visibility"),
    [
        ({"visibility": "internal", "private": True}, Visibility.INTERNAL),
        ({"private": True}, Visibility.PRIVATE),
        ({"private": False}, Visibility.PUBLIC),
    ],
)
def test_the_event_tells_who_reads_the_log(
    tmp_path: Path, facts: dict[str, object], visibility: Visibility
) -> None:
    environment = job(tmp_path, {"full_name": "acme/shop", "id": 7, **facts})
    assert reader_of(environment) == Reader(7, "acme/shop", visibility)


@pytest.mark.parametrize(
    "repository",
    [None, [], {"full_name": "acme/other", "private": True}, {"full_name": "acme/shop"}],
)
def test_of_another_or_an_untold_repository_nobody_knows(
    tmp_path: Path, repository: object
) -> None:
    environment = job(tmp_path, repository)
    assert reader_of(environment) is None
    assert share_here(environment, CONSENTED) is Share.ID


def test_consent_holds_for_the_default_branch_alone(tmp_path: Path) -> None:
    environment = job(tmp_path, {"full_name": "acme/shop", "id": 7, "private": True})
    assert share_here(environment, CLOSED) is None
    assert share_here(environment, CONSENTED) is Share.TEXT
    assert share_here(environment, CONSENTED, default_branch=False) is None
    own = Shared(7, "acme/shop", Visibility.PRIVATE)
    assert share_here(environment, own, default_branch=False) is Share.TEXT
