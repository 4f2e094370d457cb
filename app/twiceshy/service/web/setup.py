"""Makes the App on GitHub through its manifest flow, and keeps the credentials. Open only while
there are none.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from fastapi import FastAPI, Request, Response

from twiceshy.service.environment import Environment, save
from twiceshy.service.web.access import AccessMiddleware, same_secret
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

OPEN_THE_ADDRESS = "Open the address `twiceshy serve` printed at its start: "
BEGIN_AGAIN = "Begin again at /setup."
NOT_HANDED_OVER = (
    "GitHub did not hand over the credentials ({error}): the code is good for one hour, once."
)
SAVED = (
    "The credentials are saved and the service starts now. Install the App where it is to guard:"
)


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
    app.add_middleware(AccessMiddleware)
    pages = _SetupPages(environment, token, done)
    app.get("/")(pages.home)
    app.get("/setup")(pages.start)
    app.get("/setup/done")(pages.finish)
    app.get("/healthz")(healthz)
    app.get("/readyz")(readyz)
    return app


def healthz() -> dict[str, str]:
    """Whether the process is alive."""
    return {"status": "waiting to be set up"}


def readyz(response: Response) -> dict[str, str]:
    """Never: there is nothing to verify a delivery with."""
    response.status_code = 503
    return {"status": "waiting to be set up: open /setup"}


@dataclass(frozen=True)
class _SetupPages:
    """The way to GitHub and back."""

    environment: Environment
    token: str
    done: Callable[[], None]
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def home(self) -> Response:
        """For whoever did not see the address."""
        return _message("Not set up yet", OPEN_THE_ADDRESS + "it makes the App.")

    def start(self, request: Request) -> Response:
        """The form that sends a person to GitHub."""
        if not same_secret(request.query_params.get("token", ""), self.token):
            return _message("Not from here", OPEN_THE_ADDRESS + "it carries a token.", status=403)
        url = self.environment.url or str(request.base_url).rstrip("/")
        site = self.environment.site
        return page(
            "setup.html",
            nonce=secrets.token_urlsafe(16),
            title="Set up",
            manifest=manifest(url),
            url=url,
            site=site,
            state=self.state,
            permissions=PERMISSIONS,
            action=f"{site}/settings/apps/new",
            form_action=site,
        )

    def finish(self, request: Request, code: str = "") -> Response:
        """Where GitHub sends that person back to, with a code for the credentials."""
        is_ours = same_secret(request.query_params.get("state", ""), self.state)
        if not is_ours or not _CODE.fullmatch(code):
            return _message("Not what was begun here", BEGIN_AGAIN, status=403)
        try:
            credentials = convert(self.environment.api_url, code)
        except (requests.RequestException, ValueError, KeyError) as error:
            failure = NOT_HANDED_OVER.format(error=type(error).__name__)
            return _message("Not set up", failure, BEGIN_AGAIN, status=502)
        save_credentials(self.environment.data_folder, credentials)
        self.done()
        link = f"{credentials['html_url']}/installations/new"
        return _message("The App is made", SAVED, link=link, link_text="Install it")


def _message(
    title: str, *lines: str, status: int = 200, link: str = "", link_text: str = ""
) -> Response:
    return page("message.html", status, title=title, lines=lines, link=link, link_text=link_text)


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
    app: dict[str, Any] = answer.json()
    if not app["webhook_secret"]:
        raise ValueError("GitHub gave no webhook secret")
    return {key: app[key] for key in ("id", "slug", "pem", "webhook_secret", "html_url")}


def save_credentials(data_folder: Path, credentials: dict[str, Any]) -> None:
    """Each in a file only we can read."""
    save(data_folder, "app_id", str(credentials["id"]))
    save(data_folder, "private_key", str(credentials["pem"]))
    save(data_folder, "webhook_secret", str(credentials["webhook_secret"]))
    save(data_folder, "slug", str(credentials["slug"]))
