"""The double as an HTTP server: authentication, faults, validation, then one of the answers."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jwt

from github_double import openapi
from github_double.answers import Answer, Refusal, answer
from github_double.graph import graphql

if TYPE_CHECKING:
    from github_double.double import GitHubDouble


class Server:
    """Runs in a thread of its own."""

    def __init__(self, double: "GitHubDouble") -> None:
        handler = type("Handler", (_Handler,), {"double": double})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    double: "GitHubDouble"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's
        pass

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

    def _serve(self) -> None:
        double, asked_at = self.double, time.monotonic()
        parts = urlsplit(self.path)
        path, query = unquote(parts.path), dict(parse_qsl(parts.query))
        length = int(self.headers.get("content-length") or 0)
        raw = self.rfile.read(length)
        by = ""
        status, body = 0, None
        headers: dict[str, str] = {}
        time.sleep(double.latency)
        fault = double.fault_for(self.command, path, after=False)
        try:
            if fault:
                status, body, headers = self._fault(fault)
            else:
                by = self._who(path)
                answered = self._answer(path, query, json.loads(raw) if raw else None, by)
                status, body, headers = answered.status, answered.body, answered.headers
                lost = double.fault_for(self.command, path, after=True)
                if lost:
                    status, body, headers = self._fault(lost)
        except Refusal as refusal:
            status, body = (
                refusal.status,
                {"message": refusal.message, "documentation_url": "https://docs.github.com/rest"},
            )
        with double.lock:
            from github_double.double import Call

            double.calls.append(Call(self.command, path, status, asked_at, by))
        self._send(status, body, headers)

    def _fault(self, fault: Any) -> tuple[int, Any, dict[str, str]]:
        time.sleep(fault.stall)
        if fault.then:
            fault.then()
        return fault.status, dict(fault.body), dict(fault.headers)

    def _send(self, status: int, body: Any, headers: dict[str, str]) -> None:
        if status == 0:  # cut the connection
            self.close_connection = True
            self.connection.close()
            return
        data = b"" if status == 204 else json.dumps(body).encode()
        try:
            self.send_response(status)
            sent = {
                "Content-Type": "application/json; charset=utf-8",
                "X-GitHub-Request-Id": "D0:0B1E",
                "x-ratelimit-limit": "5000",
                "x-ratelimit-remaining": str(self.double.remaining),
                "x-ratelimit-reset": str(int(time.time()) + 3600),
                "Content-Length": str(len(data)),
                **headers,
            }
            for name, value in sent.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
        except OSError:  # the one who asked is gone
            self.close_connection = True

    def _who(self, path: str) -> str:
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        if path.startswith("/app-manifests/") or path == "/rate_limit":
            return "nobody"
        if kind.lower() not in ("bearer", "token") or not token:
            raise Refusal(401, "Requires authentication")
        if token.count(".") == 2:
            try:
                claims = jwt.decode(
                    token,
                    self.double.public_key,
                    algorithms=["RS256"],
                    options={"require": ["iat", "exp"]},
                )
            except jwt.PyJWTError as error:
                raise Refusal(401, "A JSON web token could not be decoded") from error
            if str(claims["iss"]) != str(self.double.app_id) or claims["exp"] - time.time() > 600:
                raise Refusal(401, "'Issuer' claim or expiration is wrong")
            return "app"
        installation, until = self.double.tokens.get(token, (0, 0.0))
        if not installation or until < time.time():
            raise Refusal(401, "Bad credentials")
        return str(installation)

    def _answer(self, path: str, query: dict[str, str], body: Any, by: str) -> Answer:
        double = self.double
        if path in ("/graphql", "/api/graphql"):
            return Answer(200, graphql(double, body["query"], body.get("variables") or {}, by))
        template = openapi.route_of(path)
        if template is None:
            double.violations.append(f"{self.command} {path} is not in the description")
            raise Refusal(404, "Not Found")
        faults = openapi.request_faults(self.command, template, body)
        if faults:
            double.violations.append(f"request {self.command} {path}: {faults}")
            raise Refusal(422, f"Invalid request. {faults}")
        with double.lock:
            answered = answer(double, self.command, template, path, query, body, by)
        wrong = openapi.answer_faults(self.command, template, answered.status, answered.body)
        if wrong:
            double.violations.append(f"answer to {self.command} {path}: {wrong}")
        return answered
