"""One installation's door to GitHub: a request goes out, a value or one of the errors comes back.
Retries nothing.

PyGithub brings authentication, tokens and transport; its own retries are off, because it sends a
write again that may have been done, and its fixed pauses are off, because ``pacing`` keeps the
installation's budget.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from twiceshy.github.errors import Forbidden, Gone, Limited, Lost, Refused, Unauthorized
from twiceshy.github.pacing import Pacer

if TYPE_CHECKING:
    from github import Github
    from github.Auth import AppAuth

API_VERSION = "2022-11-28"
"""Sent always, and understood by Enterprise:
https://docs.github.com/en/rest/about-the-rest-api/api-versions
"""

TIMEOUT_SECONDS = 20
PAGE = 100
"""The most GitHub gives at once."""

LEAST_WAIT = 60.0
"""After a secondary limit that names no time:
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

LONGEST_WAIT = 3_700.0
"""A primary limit is over within the hour; a clock that says otherwise is wrong."""

_NEXT = re.compile(r'<([^<>]*)>;\s*rel="next"')
_CONTENT = ("/reviews", "/comments", "/reactions")
_URGENT = ("/check-runs",)
_LIMIT_WORDS = ("rate limit", "abuse detection", "submitted too quickly")

Heard = Callable[[str, str], None]
"""Is told of every request: its verb, and how it was answered (``Answered``)."""


class Answered(StrEnum):
    """How a request ended."""

    OK = "ok"
    REFUSED = "refused"
    LIMITED = "limited"
    FAILED = "failed"  # GitHub's own fault
    NOTHING = "nothing"  # no answer came


def tell_nobody(_verb: str, _answered: str) -> None:
    """A ``Heard`` that counts nothing."""


_sent: ContextVar[int] = ContextVar("sent", default=0)


def requests_sent() -> int:
    """How many requests were sent from here (this thread, this context) so far: the difference is
    what an act took.
    """
    return _sent.get()


@dataclass(frozen=True)
class App:
    """Who we are to GitHub."""

    id: int
    private_key: str = field(repr=False)
    url: str = "https://api.github.com"
    heard: Heard = tell_nobody

    @cached_property
    def auth(self) -> "AppAuth":
        """Signs our requests as the App."""
        from github import Auth  # noqa: PLC0415 - half a second, and only for who talks to GitHub

        return Auth.AppAuth(self.id, self.private_key)

    def installation(self, number: int, pacer: Pacer | None = None) -> "Api":
        """GitHub as one installation of the App sees it."""
        token = partial(self.auth.get_installation_auth, number)
        return Api(lambda: self._client(token()), pacer, self.id, number, self.heard)

    def reading_token(self, installation: int, repository: int) -> str:
        """A token that reads the code of one repository and nothing else, for an hour. Raises a
        GitHubError.

        https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
        """
        path = f"/app/installations/{installation}/access_tokens"
        asked = {"repository_ids": [repository], "permissions": {"contents": "read"}}
        return str(self.itself().send("POST", path, asked, writes=False)["token"])

    def itself(self) -> "Api":
        """GitHub as the App itself sees it: its installations, its deliveries."""
        return Api(lambda: self._client(self.auth), heard=self.heard)

    def _client(self, auth: Any) -> "Github":
        from github import Github  # noqa: PLC0415 - see ``auth``

        return Github(
            auth=auth,
            base_url=self.url,
            timeout=TIMEOUT_SECONDS,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            user_agent="twiceshy",
            api_version=API_VERSION,
            lazy=True,
        )


class Api:
    """GitHub, asked with one token, from any thread. ``left`` is what GitHub said remains this
    hour.
    """

    def __init__(
        self,
        client: Callable[[], "Github"],
        pacer: Pacer | None = None,
        app: int | None = None,
        installation: int = 0,
        heard: Heard = tell_nobody,
    ) -> None:
        self.installation = installation
        self.app = app
        self._client = client
        self._heard = heard
        self._bots: dict[str, int | None] = {}
        self._requester = client().requester
        self._pacer = pacer or Pacer()
        # GitHub asks for it, and PyGithub's connection has room for one request only
        self._one_at_a_time = threading.Lock()
        self.left: int | None = None

    def get(self, path: str, **parameters: str | int) -> Any:
        """The answer of a GET."""
        return self.send("GET", path, parameters=parameters)

    def bot_id(self, slug: str) -> int | None:
        """The number of the account an App writes under, asked once; None when GitHub does not know
        it.

        https://docs.github.com/en/rest/users/users#get-a-user
        """
        if slug not in self._bots:
            try:
                self._bots[slug] = int(self.get(f"/users/{slug}%5Bbot%5D")["id"])
            except Gone:
                self._bots[slug] = None
        return self._bots[slug]

    def wrote(self, slug: str, login: str, kind: str, number: int) -> bool:
        """Whether an author, as GitHub tells of them, is the App of this name: a bot, by its name
        and by its number.

        A name alone is not enough: an App that was renamed leaves its old one to whoever takes it.
        """
        if kind != "Bot" or login.removesuffix("[bot]") != slug:
            return False
        ours = self.bot_id(slug)
        return ours is None or ours == number

    def pages(self, path: str, most: int, **parameters: str | int) -> Iterator[Any]:
        """The items of a paged list, at most so many."""
        for page in range(1, -(-most // PAGE) + 1):
            items = self.get(path, per_page=PAGE, page=page, **parameters)
            yield from items
            if len(items) < PAGE:
                return

    def linked(self, path: str, most: int, name: str = "", **more: str | int) -> Iterator[Any]:
        """The items of a list that is paged by its ``Link`` header alone, in GitHub's order, no
        further page after so many.

        ``name``: the key under which an answer that is no list holds them.
        """
        given = 0
        for answer in self.linked_pages(path, -(-most // PAGE), per_page=PAGE, **more):
            items = answer[name] if name else answer
            yield from items
            given += len(items)
            if given >= most:
                return

    def linked_pages(self, path: str, most: int, **more: str | int) -> Iterator[Any]:
        """At most so many answers, from each to the next by its ``Link`` header.

        https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
        """
        parameters: dict[str, str | int] = dict(more)
        for _ in range(most):
            answer, headers = self._ask("GET", path, None, parameters)
            yield answer
            following = next_page(str(headers.get("link", "")))
            if following is None:
                return
            parameters = {**parameters, **following}

    def graphql(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The ``data`` of a query; parts GitHub could not give are None in it. Raises when there is
        no data at all.
        """
        answer = self.send(
            "POST",
            self._requester.graphql_url,
            {"query": query, "variables": variables},
            writes=False,
        )
        if answer.get("data") is not None:
            return dict(answer["data"])
        errors = answer.get("errors") or [{}]
        message = str(errors[0].get("message", ""))
        if errors[0].get("type") == "NOT_FOUND":
            raise Gone(message)
        if errors[0].get("type") == "RATE_LIMITED":
            raise Limited(LEAST_WAIT)
        raise Lost(f"GraphQL: {message}")

    def send(
        self,
        verb: str,
        path: str,
        body: dict[str, Any] | None = None,
        parameters: dict[str, str | int] | None = None,
        writes: bool | None = None,
    ) -> Any:
        """Send one request. A token that GitHub knows no longer is renewed once. Raises one of
        ``errors``.
        """
        return self._ask(verb, path, body, parameters, writes=writes)[0]

    def _ask(
        self,
        verb: str,
        path: str,
        body: dict[str, Any] | None,
        parameters: dict[str, str | int] | None,
        writes: bool | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """The answer of one request, and its headers."""
        if writes is None:
            writes = verb != "GET"
        try:
            return self._send(verb, path, body, parameters, writes=writes)
        except Unauthorized:
            self._requester = self._client().requester
            return self._send(verb, path, body, parameters, writes=False)

    def _send(
        self,
        verb: str,
        path: str,
        body: dict[str, Any] | None,
        parameters: dict[str, str | int] | None,
        *,
        writes: bool,
    ) -> tuple[Any, dict[str, Any]]:
        import requests  # noqa: PLC0415 - comes with PyGithub
        from github import GithubException  # noqa: PLC0415 - see ``App.auth``

        posted = writes and verb == "POST"
        self._pacer.wait(
            writes=writes,
            content=posted and path.endswith(_CONTENT),
            urgent=posted and path.endswith(_URGENT),
        )
        _sent.set(_sent.get() + 1)
        try:
            with self._one_at_a_time:
                answer = self._requester.requestJson(
                    verb, path, parameters=dict(parameters or {}), input=body
                )
        except GithubException as error:
            # only from getting a token: requestJson itself checks nothing
            headers = dict(error.headers or {})
            self._heard(verb, _answered(error.status, headers))
            raise _error(error.status, headers, error.message or str(error.data)) from error
        except (requests.RequestException, OSError) as error:
            self._heard(verb, Answered.NOTHING)
            raise Lost(f"no answer to {verb} {path}: {type(error).__name__}") from error
        status, headers, text = answer
        remaining = str(headers.get("x-ratelimit-remaining", ""))
        self.left = int(remaining) if remaining.isdecimal() else self.left
        self._heard(verb, _answered(status, headers, text))
        return _answer(status, headers, text), headers


def next_page(link: str) -> dict[str, str | int] | None:
    """The parameters of the next page that a ``Link`` header names; None on the last page. Pure."""
    following = _NEXT.search(link)
    return dict(parse_qsl(urlsplit(following[1]).query)) if following else None


def _answered(status: int, headers: dict[str, Any], text: str = "") -> Answered:
    if status < HTTPStatus.BAD_REQUEST:
        return Answered.OK
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Answered.FAILED
    return Answered.LIMITED if _is_limit(status, headers, text) else Answered.REFUSED


def _answer(status: int, headers: dict[str, Any], text: str) -> Any:
    good = status < HTTPStatus.MULTIPLE_CHOICES
    try:
        value = json.loads(text) if text else {}
    except ValueError as error:
        if good:
            raise Lost("GitHub's answer is no JSON") from error
        value = {}
    if good:
        return value
    raise _error(status, headers, _message(value))


def _message(value: Any) -> str:
    """What GitHub says of a refusal, with the details it may give."""
    if not isinstance(value, dict):
        return ""
    message, details = str(value.get("message", "")), value.get("errors")
    return f"{message} {json.dumps(details)}".strip() if details else message.strip()


def _error(status: int, headers: dict[str, Any], message: str) -> Exception:
    """The error a status means.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    if _is_limit(status, headers, message):
        return Limited(_wait(headers))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Lost(f"GitHub answered {status}")
    if status == HTTPStatus.NOT_FOUND:
        return Gone(message or "not found")
    if status == HTTPStatus.UNAUTHORIZED:
        return Unauthorized(message)
    if status == HTTPStatus.FORBIDDEN:
        return Forbidden(message)
    return Refused(status, message)


def _is_limit(status: int, headers: dict[str, Any], message: str) -> bool:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    if status != HTTPStatus.FORBIDDEN:
        return False
    is_named = any(words in message.lower() for words in _LIMIT_WORDS)
    return is_named or _exhausted(headers) or bool(headers.get("retry-after"))


def _exhausted(headers: dict[str, Any]) -> bool:
    return str(headers.get("x-ratelimit-remaining", "")) == "0"


def _wait(headers: dict[str, Any]) -> float:
    after, reset = str(headers.get("retry-after", "")), str(headers.get("x-ratelimit-reset", ""))
    if after.isdecimal():
        return min(float(after), LONGEST_WAIT)
    if _exhausted(headers) and reset.isdecimal():
        return min(max(float(reset) - time.time(), 1.0), LONGEST_WAIT)
    return LEAST_WAIT
