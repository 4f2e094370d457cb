"""Setting it up and looking after it: the manifest flow, the doctor, health, figures, settings from
the environment.
"""

import re
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from dbos import DBOS
from fastapi.testclient import TestClient

from github_double import GitHubDouble
from patience import HANG_SECONDS
from service.processes import free_port
from service.shop import BUG, CLEAN, Service, Shop, environment
from twiceshy.service import doctor
from twiceshy.service.doctor import _semgrep
from twiceshy.service.environment import NotSetUp, read_environment, saved_credentials
from twiceshy.service.metrics import Metrics
from twiceshy.service.server import figures as served_figures
from twiceshy.service.web.setup import EVENTS, PERMISSIONS, setup_app
from twiceshy.service.worker import forget_old_work, slug_of
from twiceshy.store.feedback import FeedbackTotals
from twiceshy.store.precision import caution, demotion, lower_bound
from twiceshy.store.tables import RunRow

ROOT = Path(__file__).parents[3]


def test_one_click_makes_the_app_and_keeps_its_credentials(
    double: GitHubDouble, tmp_path: Path
) -> None:
    bare = environment(double, tmp_path)
    finished: list[bool] = []
    client = TestClient(setup_app(bare, "the-token", lambda: finished.append(True)))
    assert client.get("/setup").status_code == 403
    for token in ("é", "%E9", "%00", "%ED%A0%80", "the-tokeN", "the-token "):
        assert client.get(f"/setup?token={token}").status_code == 403
        assert client.get(f"/setup/done?code=c0de&state={token}").status_code == 403
    page = client.get("/setup", params={"token": "the-token"})
    state = re.search(r'state = "([^"]+)"', page.text)
    assert page.status_code == 200 and state
    app = {
        "id": 9,
        "slug": "twiceshy-acme",
        "pem": double.private_key,
        "webhook_secret": "s3cret",
        "html_url": "https://github.com/apps/twiceshy-acme",
    }
    double.manifests["c0de"] = app
    assert client.get("/setup/done", params={"code": "c0de", "state": "another"}).status_code == 403
    assert client.get("/setup/done", params={"code": "../x", "state": state[1]}).status_code == 403
    done = client.get("/setup/done", params={"code": "c0de", "state": state[1]})
    assert (done.status_code, finished) == (200, [True])
    assert "https://github.com/apps/twiceshy-acme/installations/new" in done.text
    assert saved_credentials(tmp_path)["webhook_secret"] == "s3cret"
    assert stat.S_IMODE((tmp_path / "app" / "private_key").stat().st_mode) == 0o600
    read = read_environment({}, tmp_path)
    assert (read.app_id, read.private_key.strip(), read.webhook_secret) == (
        9,
        double.private_key.strip(),
        "s3cret",
    )
    assert (
        client.get("/setup/done", params={"code": "c0de", "state": state[1]}).status_code == 502
    ), "a code is good once"


def test_no_secret_is_ever_shown(double: GitHubDouble, tmp_path: Path) -> None:
    values = environment(double, tmp_path)
    for secret in (double.private_key, double.webhook_secret, values.api_token):
        assert secret not in repr(values) and secret not in repr(values.app)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"TWICESHY_GITHUB_APP_ID": "mine"}, "TWICESHY_GITHUB_APP_ID is a number"),
        ({"TWICESHY_API_TOKEN": "letmein"}, "at least 16 characters"),
        ({"TWICESHY_METRICS": "yes"}, "TWICESHY_METRICS is open, token or off"),
        ({"TWICESHY_HOST_COPIES": "no"}, "TWICESHY_HOST_COPIES is 1 or 0"),
        ({"TWICESHY_OPENAPI": "1"}, "TWICESHY_OPENAPI is open, token or off"),
        ({"TWICESHY_URL": "twiceshy.example.com"}, "TWICESHY_URL is the service's own address"),
        ({"TWICESHY_REGISTRY_PUBLIC": "all"}, "TWICESHY_REGISTRY_PUBLIC is text, id or off"),
        (
            {"TWICESHY_GITHUB_PRIVATE_KEY_PATH": "/nowhere/key.pem"},
            "TWICESHY_GITHUB_PRIVATE_KEY_PATH: /nowhere/key.pem cannot be read",
        ),
    ],
)
def test_an_unusable_environment_says_what_to_write(
    tmp_path: Path, values: dict[str, str], message: str
) -> None:
    with pytest.raises(NotSetUp, match=re.escape(message)):
        read_environment(values, tmp_path)


def test_secrets_may_stand_in_files_and_keys_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    (tmp_path / "token").write_text("sixteen letters!\n")
    values = {
        "TWICESHY_API_TOKEN_PATH": str(tmp_path / "token"),
        "TWICESHY_GITHUB_WEBHOOK_SECRET_PATH": str(tmp_path / "secret"),
        "TWICESHY_GITHUB_APP_ID": "7",
        "TWICESHY_GITHUB_PRIVATE_KEY": "BEGIN\\nEND",
        "TWICESHY_REGISTRY": "/a:/b",
    }
    read = read_environment(values, tmp_path)
    assert (read.api_token, read.webhook_secret, read.private_key, read.registries) == (
        "sixteen letters!",
        "s3cret",
        "BEGIN\nEND",
        (Path("/a"), Path("/b")),
    )


def examined(values: Any) -> dict[str, bool]:
    return {answer.subject: answer.well for answer in doctor.examine(values)}


def test_the_doctor_finds_a_good_set_up_good(
    double: GitHubDouble, shop: Shop, tmp_path: Path
) -> None:
    subjects = (
        "database, deliveries given up, semgrep, webhook secret, "
        "clock, credentials, permissions, events, webhook"
    )
    assert examined(environment(double, tmp_path)) == dict.fromkeys(
        [*subjects.split(", "), "installations"], True
    )


def test_the_doctor_names_what_is_wrong_and_what_to_do(
    double: GitHubDouble, tmp_path: Path
) -> None:
    good = environment(double, tmp_path)
    nobody = examined(replace(good, app_id=1, webhook_secret=""))
    assert (nobody["webhook secret"], nobody["credentials"]) == (False, False)
    assert (
        examined(replace(good, database_url="postgresql://nobody@127.0.0.1:1/x"))["database"]
        is False
    )
    double.deliveries = [
        {
            "id": 1,
            "guid": "a",
            "status_code": 502,
            "status": "failed to connect",
            "event": "push",
            "delivered_at": "2026-11-20T10:00:00Z",
            "redelivery": False,
        }
    ]
    answers = {diagnosis.subject: diagnosis for diagnosis in doctor.examine(good)}
    assert answers["webhook"].seen == "the last delivery failed with 502 failed to connect"
    assert answers["installations"].well is False
    assert all(diagnosis.mend for diagnosis in answers.values() if not diagnosis.well)


def test_health_readiness_figures_and_the_page(service: Service, shop: Shop) -> None:
    service.opened(shop.pull({"src/refund.py": BUG}))
    assert service.client.get("/healthz").json() == {"status": "ok"}
    assert service.client.get("/readyz").json() == {"status": "ready"}
    figures = service.client.get("/metrics").text
    assert 'twiceshy_deliveries_total{answer="202",event="pull_request"} 1.0' in figures
    assert 'twiceshy_findings_total{action="block",lesson="INC-245"} 1.0' in figures
    assert "twiceshy_review_seconds_count 1.0" in figures
    assert "twiceshy_queue_length 0.0" in figures
    page = service.client.get("/")
    assert "Guarding 1 repository" in page.text
    assert "script-src 'none'" in page.headers["content-security-policy"]


def test_requests_to_github_are_counted_by_verb_and_answer_and_by_run(
    service: Service, shop: Shop, double: GitHubDouble
) -> None:
    service.opened(shop.pull({"src/total.py": CLEAN}, "first"))
    before = len(double.calls)
    service.opened(shop.pull({"src/refund.py": BUG}, "second"))
    first, second = sorted(service.rows(RunRow), key=lambda run: run.number)  # a table has no order
    tokens = len(double.made("POST", "/access_tokens$"))  # PyGithub's own, before a request of ours
    opened = len(
        double.made("POST", "/check-runs$")
    )  # ahead of the run, where the queue for that was quicker
    of_second = len(double.calls) - before
    assert of_second - 1 <= second.calls <= of_second, "its own, not the installation's"
    all_runs = len(double.calls) - tokens - len(double.made("GET", "^/app"))
    assert all_runs - opened <= first.calls + second.calls <= all_runs
    double.fail("GET", r"/files$", status=502)
    service.opened(shop.pull({"src/more.py": CLEAN}, "third"))
    figures = service.client.get("/metrics").text
    assert 'twiceshy_github_calls_total{answer="failed",verb="GET"} 1.0' in figures
    counted = re.findall(r"^twiceshy_github_calls_total\{.*\} (\d+)", figures, re.MULTILINE)
    assert sum(map(int, counted)) == len(double.calls) - tokens - len(double.made("GET", "^/app$"))


def test_a_worker_shows_its_figures_at_a_port_of_its_own() -> None:
    metrics, port = Metrics(), free_port()
    metrics.count_call("GET", "ok")
    with served_figures(metrics, "127.0.0.1", port):
        answer = httpx2.get(f"http://127.0.0.1:{port}/metrics", timeout=HANG_SECONDS)
        assert 'twiceshy_github_calls_total{answer="ok",verb="GET"} 1.0' in answer.text
    with pytest.raises(httpx2.HTTPError):
        httpx2.get(f"http://127.0.0.1:{port}/metrics", timeout=HANG_SECONDS)
    with served_figures(metrics, "127.0.0.1", 0):
        pass


def test_tables_are_written_with_full_synchronisation(service: Service) -> None:
    with service.workflows.context.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_doctor_names_semgreps_release() -> None:
    [answer] = [_semgrep()]
    assert re.match(r"\d+\.\d+\.\d+, driven directly$", answer.seen)


def test_work_that_ended_long_ago_is_forgotten(service: Service, shop: Shop) -> None:
    service.opened(shop.pull({"src/total.py": CLEAN}))
    forget_old_work()
    assert len(DBOS.list_workflows()) == 3, "taken in, its check opened, judged"
    forget_old_work(days=-1)
    assert DBOS.list_workflows() == []


def test_a_service_that_was_up_once_starts_while_github_is_down(
    double: GitHubDouble, tmp_path: Path
) -> None:
    values = environment(double, tmp_path)
    assert slug_of(values) == "twiceshy"
    double.fail("GET", "/app$", status=502, times=9)
    assert slug_of(values) == "twiceshy"


def test_the_documentation_names_every_variable_permission_and_event() -> None:
    text = (ROOT / "docs/github-app.md").read_text()
    source = (ROOT / "app/twiceshy/service/environment.py").read_text()
    names = {
        f"TWICESHY_{name}" for name in re.findall(r'"([A-Z]+(?:_[A-Z]+)+|REGISTRY)"', source)
    } - {"TWICESHY_"}
    assert [name for name in sorted(names) if name not in text] == []
    assert [name for name, _, _ in PERMISSIONS if name not in text] == []
    assert len(EVENTS) == 8


def test_the_compose_file_runs_a_web_process_two_workers_and_a_database() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert (
        services["web"]["command"][0],
        services["worker"]["command"],
        services["worker"]["deploy"],
    ) == (
        "serve",
        ["worker"],
        {"replicas": 2},
    )
    assert "postgres" in services["database"]["image"]


def test_a_lower_bound_is_wilsons() -> None:
    assert lower_bound(0, 0) == 0.0
    assert round(lower_bound(10, 10), 3) == 0.787
    assert round(lower_bound(50, 100), 3) == 0.419


@pytest.mark.parametrize(
    ("useful", "count", "steps"),
    [(9, 9, None), (0, 9, None), (9, 10, None), (8, 10, 1), (0, 10, 2)],
)
def test_a_lesson_falls_by_what_is_known(useful: int, count: int, steps: int | None) -> None:
    fallen = demotion(FeedbackTotals(useful, count), 0.10)
    assert (fallen[0] if fallen else None) == steps


@pytest.mark.parametrize(
    ("useful", "count", "moved"),
    [
        (0, 0, None),
        (1, 2, None),
        (0, 1, (0.35, "100% of what one person judged was not useful")),
        (3, 3, (-0.69, "100% of what 3 people judged was useful")),
        (0, 50, (1.0, "100% of what 50 people judged was not useful")),
    ],
)
def test_opinions_move_a_lesson_s_threshold_within_bounds(
    useful: int, count: int, moved: tuple[float, str] | None
) -> None:
    shift = caution(FeedbackTotals(useful, count))
    assert (shift and (round(shift[0], 2), shift[1])) == moved
