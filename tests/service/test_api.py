"""What programs may read, and who may ask."""

from fastapi.testclient import TestClient

from github_double import GitHubDouble
from github_double.webhooks import pull_payload
from service.shop import BUG, CLEAN, Service, Shop
from twiceshy.service.web import web_app


def test_lessons_findings_and_outcomes(service: Service, shop: Shop, double: GitHubDouble) -> None:
    pull = shop.pull({"src/refund.py": BUG})
    service.opened(pull)
    pull.close(merged=True)
    service.deliver("pull_request", pull_payload("closed", pull))
    double.wait(lambda: any(row.outcome for row in service.findings(pull)))
    here = TestClient(web_app(service.desk), client=("127.0.0.1", 50000))
    [lesson] = here.get("/api/v1/lessons").json()["lessons"]
    assert (lesson["id"], lesson["mode"], lesson["registry"]) == ("INC-245", "block", "acme/shop")
    assert lesson["figures"]["outcomes"] == {"prevented": 0, "escaped": 1, "dismissed": 0, "abandoned": 0}
    whole = here.get("/api/v1/lessons/INC-245").json()
    assert [block["side"] for block in whole["evidence"]] == ["bad", "good"]
    assert here.get("/api/v1/lessons/INC-9").status_code == 404
    found = here.get("/api/v1/findings").json()["findings"]
    assert [(row["repository"], row["guard"], row["action"], row["outcome"]) for row in found if row["shown"]] == [
        ("acme/shop", "rules", "block", "escaped")
    ]
    assert here.get("/api/v1/findings", params={"lesson": "INC-9"}).json() == {"findings": []}
    assert here.get("/api/v1/findings", params={"before": found[-1]["id"]}).json() == {"findings": []}
    assert here.get("/api/v1/findings", params={"most": 5_000}).status_code == 422
    outcomes = here.get("/api/v1/outcomes").json()
    assert (outcomes["outcomes"]["escaped"], outcomes["came_true"]) == (1, 0)


def test_nobody_elsewhere_reads_a_post_mortem(service: Service, shop: Shop) -> None:
    service.opened(shop.pull({"src/total.py": CLEAN}))
    far = TestClient(web_app(service.desk), client=("203.0.113.7", 50000))
    names = ("lessons", "lessons/INC-245", "findings", "outcomes")
    answers = [far.get(f"/api/v1/{name}") for name in names]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert far.get("/").status_code == 200
