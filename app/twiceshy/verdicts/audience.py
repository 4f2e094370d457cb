"""Who reads what the command line says here, as far as the environment tells, and what of a fetched
registry they may see.

At a person's own prompt it is the person, who fetched the registry and so may read it. A job's log
is read by whoever may read the repository it runs for, a server's hook by whoever pushes. Asks
nobody: where it is not known who reads, only a lesson's id is shown.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twiceshy.verdicts.sharing import (
    Reader,
    Share,
    Shared,
    Visibility,
    readable_by_all,
    share_for,
)

_MARKS = (
    "CI",
    "GITHUB_ACTIONS",
    "JENKINS_URL",
    "TEAMCITY_VERSION",
    "TF_BUILD",
    "CODEBUILD_BUILD_ID",
    "bamboo_planKey",
    "GO_PIPELINE_LABEL",
)
"""What a service that runs jobs sets: most set CI; Jenkins, TeamCity, Azure Pipelines, AWS
CodeBuild, Bamboo and GoCD do not.

https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables
https://www.jetbrains.com/help/teamcity/predefined-build-parameters.html
https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables
https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
https://github.com/watson/ci-info/blob/master/vendors.json
"""

MOST_BYTES = 10_000_000
"""Of an event: https://docs.github.com/en/webhooks/webhook-events-and-payloads has 25 MB."""


def is_job(environment: Mapping[str, str]) -> bool:
    """Whether a machine runs us, and others read what we say: a job's log, or whoever pushes to a
    server whose hook this is.

    https://git-scm.com/docs/git-receive-pack#_quarantine_environment
    """
    if environment.get("GIT_QUARANTINE_PATH"):
        return True
    marks = (environment.get(name, "").lower() for name in _MARKS)
    return any(mark not in ("", "0", "false") for mark in marks)


def share_here(
    environment: Mapping[str, str], registry: Shared, default_branch: bool = True
) -> Share | None:
    """What of a registry may be shown here; None: nothing, so it is not used.

    ``default_branch``: whether it was read from the branch for which its owner's consent holds.
    """
    if not is_job(environment) or registry.visibility is Visibility.PUBLIC:
        return Share.TEXT
    reader = reader_of(environment)
    if reader is None:
        return Share.ID
    share = share_for(reader, registry)
    consented = default_branch or readable_by_all(reader, registry)
    return share if consented else None


def reader_of(environment: Mapping[str, str]) -> Reader | None:
    """The repository whose readers can read this job's log; None when that is not known.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    """
    name, event = environment.get("GITHUB_REPOSITORY"), environment.get("GITHUB_EVENT_PATH")
    if not name or not event:
        return None
    repository = _event(Path(event)).get("repository")
    if not isinstance(repository, dict) or repository.get("full_name") != name:
        return None
    visibility = _visibility(repository)
    number = repository.get("id")
    if visibility is None:
        return None
    return Reader(number if isinstance(number, int) else 0, name, visibility)


def _visibility(repository: Mapping[str, Any]) -> Visibility | None:
    visibility, private = repository.get("visibility"), repository.get("private")
    if visibility in list(Visibility):
        return Visibility(visibility)
    if private in (True, False):
        return Visibility.PRIVATE if private else Visibility.PUBLIC
    return None


def _event(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as stream:
            event = json.loads(stream.read(MOST_BYTES))
    except (OSError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}
