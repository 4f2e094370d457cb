"""What programs may read, and who may ask."""

from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from github_double import GitHubDouble
from github_double.webhooks import pull_payload
from service.shop import API_TOKEN, BUG, Service, Shop
from twiceshy.service.web.access import Exposure
from twiceshy.service.web.site import web_app


def test_lessons_findings_and_outcomes(service: Service, shop: Shop, double: GitHubDouble) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    pull.close(merged=True)
    service.deliver("pull_request", pull_payload("closed", pull))
    double.wait(lambda: any(row.outcome for row in service.findings(pull)))
    client = service.client
    [lesson] = client.get("/api/v1/lessons").json()["lessons"]
    assert (lesson["id"], lesson["mode"], lesson["registry"]) == ("INC-245", "block", "acme/shop")
    assert lesson["figures"]["outcomes"] == {
        "prevented": 0,
        "escaped": 1,
        "dismissed": 0,
        "abandoned": 0,
    }
    whole = client.get("/api/v1/lessons/INC-245").json()
    assert [block["side"] for block in whole["evidence"]] == ["bad", "good"]
    assert client.get("/api/v1/lessons/INC-9").status_code == 404
    listed = client.get("/api/v1/findings").json()["findings"]
    assert [
        (row["repository"], row["guard"], row["action"], row["outcome"])
        for row in listed
        if row["shown"]
    ] == [("acme/shop", "rules", "block", "escaped")]
    assert client.get("/api/v1/findings", params={"lesson": "INC-9"}).json() == {"findings": []}
    assert client.get("/api/v1/findings", params={"before": listed[-1]["id"]}).json() == {
        "findings": []
    }
    assert client.get("/api/v1/findings", params={"most": 5_000}).status_code == 422
    outcomes = client.get("/api/v1/outcomes").json()
    assert (outcomes["outcomes"]["escaped"], outcomes["came_true"]) == (1, 0)
    assert all(set(row) == SCORE for row in outcomes["scores"])


SCORE = {"guard", "score", "outcome", "came_true", "count"}
NAMES = ("lessons", "lessons/INC-245", "findings", "outcomes")


def asked(service: Service, path: str, **headers: str) -> int:
    """As a proxy on the same machine brings it: from a loopback address, with whatever headers
    somebody wrote.
    """
    client = TestClient(web_app(service.workflows), client=("127.0.0.1", 50000))
    names = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, value in headers.items()
    ]
    return int(client.get(path, headers=names).status_code)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X_Forwarded_For": "127.0.0.1"},
        {"X_Forwarded_For": "203.0.113.7, 127.0.0.1", "X_Real_IP": "127.0.0.1"},
        {"Host": "localhost"},
        {"Host": "evil.example"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer a token that opens every lessoN"},
        {"Authorization": f"Basic {API_TOKEN}"},
        {"Authorization": f"Bearer {API_TOKEN} and more"},
        {"Authorization": "Bearer \u00e9"},
    ],
)
def test_nobody_reads_a_post_mortem_without_the_token(
    service: Service, headers: dict[str, str]
) -> None:
    for path in (*(f"/api/v1/{name}" for name in NAMES), "/metrics", "/openapi.json"):
        assert asked(service, path, **headers) == 401, path
    assert asked(service, "/", **headers) == 200


def test_without_a_token_of_its_own_the_service_gives_no_text_to_anybody(service: Service) -> None:
    set_to(service, api_token="")
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {API_TOKEN}"}):
        assert [asked(service, f"/api/v1/{name}", **headers) for name in NAMES] == [401] * 4
    answer = TestClient(web_app(service.workflows)).get("/api/v1/lessons")
    assert "set TWICESHY_API_TOKEN" in answer.json()["detail"]
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_may_hold_any_letter(service: Service) -> None:
    set_to(service, api_token="öffne dich, Sesam!")
    client = TestClient(web_app(service.workflows))
    raw = {b"Authorization": "Bearer öffne dich, Sesam!".encode()}
    assert client.get("/api/v1/outcomes", headers=raw).status_code == 200


def set_to(service: Service, **values: Any) -> None:
    service.workflows.context.environment = replace(service.workflows.context.environment, **values)


@pytest.mark.parametrize(
    ("exposure", "without", "with_token"),
    [(Exposure.OPEN, 200, 200), (Exposure.TOKEN, 401, 200), (Exposure.OFF, 404, 404)],
)
def test_figures_and_the_description_are_exposed_as_is_set(
    service: Service, exposure: Exposure, without: int, with_token: int
) -> None:
    set_to(service, metrics=exposure, openapi=exposure)
    for path in ("/metrics", "/openapi.json"):
        assert asked(service, path) == without
        assert asked(service, path, Authorization=f"Bearer {API_TOKEN}") == with_token


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("twiceshy.example.com", 200),
        ("TwiceShy.example.com:443", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("localhost:8000", 200),
        ("evil.example", 421),
        ("twiceshy.example.com.evil.example", 421),
        ("", 421),
    ],
)
def test_under_a_foreign_name_nothing_is_answered_but_health_and_webhooks(
    service: Service, host: str, status: int
) -> None:
    set_to(service, url="https://twiceshy.example.com")
    assert asked(service, "/", Host=host) == status
    assert (
        asked(service, "/api/v1/lessons", Host=host, Authorization=f"Bearer {API_TOKEN}") == status
    )
    assert asked(service, "/healthz", Host=host) == 200
    client = TestClient(web_app(service.workflows))
    assert client.post("/webhooks/github", headers={"Host": host}).status_code == 401


def test_every_answer_bears_what_browsers_heed(service: Service, shop: Shop) -> None:
    for path in ("/", "/healthz", "/api/v1/lessons", "/nowhere", "/metrics"):
        headers = service.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "form-action 'none'" in headers["content-security-policy"]


def test_the_page_shows_figures_and_no_name(service: Service, shop: Shop) -> None:
    service.opened(shop.pull({"src/refund.py": BUG}))
    text = TestClient(web_app(service.workflows)).get("/").text
    assert "Guarding 1 repository" in text
    assert not any(word in text for word in ("acme", "INC-245", "partner"))
