"""Makes the App on GitHub through its manifest flow, and keeps the credentials. Open only while
there are none.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from fastapi import FastAPI, Request, Response

from twiceshy.service.environment import Environment, save
from twiceshy.service.web.access import Front, same_secret
from twiceshy.service.web.pages import page

PERMISSIONS = (
    ("metadata", "read", "asked of every App"),
    ("contents", "read", "to read the change, the lessons and the rules"),
    ("pull_requests", "write", "to review"),
    ("checks", "write", "to conclude its check, which can hold a merge"),
    ("issues", "read", "to hear /twiceshy commands"),
    ("merge_queues", "read", "to answer a merge queue"),
    ("statuses", "write", "rulesets ask it of whoever a required check is expected from"),
)
EVENTS = (
    "pull_request",
    "merge_group",
    "issue_comment",
    "pull_request_review_comment",
    "pull_request_review_thread",
    "push",
    "check_run",
    "check_suite",
)
SECONDS = 20
_CODE = re.compile(r"[A-Za-z0-9_-]{1,200}")


def manifest(url: str) -> dict[str, Any]:
    """What the App is to be: its webhook, its permissions, its events."""
    return {
        "name": "twiceshy",
        "url": url,
        "hook_attributes": {"url": f"{url}/webhooks/github", "active": True},
        "redirect_url": f"{url}/setup/done",
        "public": False,
        "description": "Holds every pull request against the lessons of past incidents.",
        "default_permissions": {name: level for name, level, _ in PERMISSIONS},
        "default_events": list(EVENTS),
    }


def setup_app(environment: Environment, token: str, done: Callable[[], None]) -> FastAPI:
    """The service while it has no credentials. ``token`` opens the page; ``done`` is called when
    they are saved.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Front)
    state = secrets.token_urlsafe(24)

    @app.get("/")
    def home() -> Response:
        lines = ["Open the address `twiceshy serve` printed at its start: it makes the App."]
        return page("message.html", title="Not set up yet", link="", lines=lines)

    @app.get("/setup")
    def start(request: Request) -> Response:
        if not same_secret(request.query_params.get("token", ""), token):
            return page(
                "message.html",
                403,
                title="Not from here",
                link="",
                lines=[
                    "Open the address `twiceshy serve` printed at its start: it carries a token."
                ],
            )
        url = environment.url or str(request.base_url).rstrip("/")
        return page(
            "setup.html",
            nonce=secrets.token_urlsafe(16),
            title="Set up",
            manifest=manifest(url),
            url=url,
            site=environment.site,
            state=state,
            permissions=PERMISSIONS,
            action=f"{environment.site}/settings/apps/new",
            form_action=environment.site,
        )

    @app.get("/setup/done")
    def finish(request: Request, code: str = "") -> Response:
        if not same_secret(request.query_params.get("state", ""), state) or not _CODE.fullmatch(
            code
        ):
            return page(
                "message.html",
                403,
                title="Not what was begun here",
                link="",
                lines=["Begin again at /setup."],
            )
        try:
            made = convert(environment.api_url, code)
        except (requests.RequestException, ValueError, KeyError) as error:
            lines = [
                f"GitHub did not hand over the credentials ({type(error).__name__}): the code is good for one hour, once."
            ]
            return page(
                "message.html",
                502,
                title="Not set up",
                link="",
                lines=[*lines, "Begin again at /setup."],
            )
        save_credentials(environment.data_folder, made)
        done()
        lines = [
            "The credentials are saved and the service starts now. Install the App where it is to guard:"
        ]
        link = f"{made['html_url']}/installations/new"
        return page(
            "message.html", title="The App is made", lines=lines, link=link, link_text="Install it"
        )

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "waiting to be set up"}

    @app.get("/readyz")
    def readyz(response: Response) -> dict[str, str]:
        response.status_code = 503
        return {"status": "waiting to be set up: open /setup"}

    return app


def convert(api_url: str, code: str) -> dict[str, Any]:
    """The new App's credentials for a manifest's code. Raises RequestException, ValueError,
    KeyError.
    """
    answer = requests.post(
        f"{api_url}/app-manifests/{code}/conversions",
        timeout=SECONDS,
        allow_redirects=False,
        headers={"Accept": "application/vnd.github+json"},
    )
    answer.raise_for_status()
    made: dict[str, Any] = answer.json()
    if not made["webhook_secret"]:
        raise ValueError("GitHub gave no webhook secret")
    return {key: made[key] for key in ("id", "slug", "pem", "webhook_secret", "html_url")}


def save_credentials(data_folder: Path, made: dict[str, Any]) -> None:
    """Each in a file only we can read."""
    names = {
        "app_id": "id",
        "private_key": "pem",
        "webhook_secret": "webhook_secret",
        "slug": "slug",
    }
    for name, key in names.items():
        save(data_folder, name, str(made[key]))
