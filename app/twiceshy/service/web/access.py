"""Who may read what over HTTP: a token opens what gives text, whoever asks and from wherever. Reads
no database.

The address of who asks decides nothing: behind a proxy everybody comes from this machine, and what
a header says of where they come from, anybody can write. There are no cookies, so nobody's browser
can be made to ask in their name.
"""

import hmac
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from enum import StrEnum
from ipaddress import ip_address
from typing import Any

from fastapi import HTTPException, Request

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOCAL_NAMES = ("localhost", "localhost.localdomain")
FOR_EVERYBODY = ("/webhooks/", "/healthz", "/readyz")
"""Webhooks bear a signature, and what asks for health goes by addresses of its own."""

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
)
"""On every answer that does not say otherwise itself."""

NONE_IS_SET = "this needs a token, and none is set: set TWICESHY_API_TOKEN for the service"
NOT_BROUGHT = "this needs the token of TWICESHY_API_TOKEN: `Authorization: Bearer TOKEN`"


class Exposure(StrEnum):
    """Who is answered."""

    OPEN = "open"
    TOKEN = "token"  # noqa: S105 - no secret
    OFF = "off"


def same_secret(given: str, secret: str) -> bool:
    """Whether two texts are the same, in a time that does not tell how much of them is; whatever
    letters they hold.
    """
    return hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), secret.encode("utf-8", "surrogatepass")
    )


def token_check(token: str) -> Callable[[Request], None]:
    """A dependency that refuses whoever does not bring the token; everybody while there is none."""

    def check(request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        # header bytes are read as latin-1
        bearer = given.strip().encode("latin-1", "replace").decode("utf-8", "replace")
        if not token:
            raise _unauthorized(NONE_IS_SET)
        if scheme.lower() != "bearer" or not same_secret(bearer, token):
            raise _unauthorized(NOT_BROUGHT)

    return check


def exposure_check(exposure: Exposure, token: str) -> Callable[[Request], None]:
    """A dependency that answers as a setting says."""
    check = token_check(token)

    def expose(request: Request) -> None:
        if exposure is Exposure.OFF:
            raise HTTPException(404, "switched off")
        if exposure is Exposure.TOKEN:
            check(request)

    return expose


def _unauthorized(message: str) -> HTTPException:
    return HTTPException(401, message, {"WWW-Authenticate": "Bearer"})


class AccessMiddleware:
    """Stands before the application: headers on every answer, and no answer under a foreign name.

    A page elsewhere may give its own name this machine's address and have a browser ask (DNS
    rebinding). With the service's own address known, other names are refused; an address in numbers
    is nobody's name.
    """

    def __init__(self, app: App, host: str = "") -> None:
        self._app = app
        self._names = frozenset((*LOCAL_NAMES, host.lower())) if host else frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _completed(message.get("headers", ()))}
            await send(message)

        if self._is_foreign(scope):
            await _misdirected(send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)

    def _is_foreign(self, scope: Scope) -> bool:
        if not self._names or str(scope["path"]).startswith(FOR_EVERYBODY):
            return False
        name = host_name(_host(scope))
        return name not in self._names and not _is_address(name)


def _host(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"host":
            return str(value.decode("latin-1"))
    return ""


def host_name(host: str) -> str:
    """The name in a ``Host`` header, without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _completed(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    complete = list(headers)
    names = {name.lower() for name, _ in complete}
    for name, value in HEADERS:
        if name not in names:
            complete.append((name, value))
    return complete


async def _misdirected(send: Send) -> None:
    body = b'{"detail":"this service goes by another name: see TWICESHY_URL"}'
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    await send({"type": "http.response.body", "body": body})
