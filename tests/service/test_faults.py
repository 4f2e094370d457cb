"""What the log says of a fault: enough to mend it, and never a secret or a lesson's text."""

import json
import sys

import pydantic
import pytest
import structlog

from github_double.double import PRIVATE_KEY
from service.shop import BUG, Service, Shop
from twiceshy.service.faults import fault_of, message_of, scrubbed, show_faults
from twiceshy.service.jobs import review
from twiceshy.service.logs import set_up_logs
from twiceshy.service.sandbox import launcher


def failing() -> None:
    try:
        json.loads("{")
    except ValueError as error:
        raise KeyError("no such thing") from error


def caught() -> BaseException:
    try:
        failing()
    except KeyError as error:
        return error
    raise AssertionError


def test_a_fault_has_its_kind_message_trace_and_cause() -> None:
    fault = fault_of(caught())
    assert str(fault) == "KeyError: 'no such thing'"
    assert any(
        row.startswith("caused by JSONDecodeError: Expecting property name") for row in fault.trace
    )
    assert fault.trace[-1].endswith(" failing")
    assert f"{__file__}:" in fault.trace[-1]


def test_a_log_line_of_an_exception_is_whole_and_plain(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(for_a_person=False)
    try:
        structlog.get_logger().error("fault", exc_info=caught())
        line = json.loads(capsys.readouterr().err.splitlines()[-1])
    finally:
        structlog.reset_defaults()
    assert (line["event"], line["error"], line["message"]) == (
        "fault",
        "KeyError",
        "'no such thing'",
    )
    assert line["trace"]
    assert "exc_info" not in line


def test_the_exception_being_handled_is_shown_too() -> None:
    try:
        failing()
    except KeyError:
        shown = show_faults(None, "error", {"exc_info": True, "event": "fault"})
        assert (shown["error"], sys.exc_info()[0]) == ("KeyError", KeyError)


@pytest.mark.parametrize(
    "text",
    [
        f"cannot read {PRIVATE_KEY}",
        "bad token ghs_16C7e42F292c6912E7710c838347Ae178B4a",
        "Authorization: Bearer s3cret-value",
        "postgresql://robin:s3cret@db.example/twiceshy is away",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI0NzExIn0.c2VjcmV0",
    ],
)
def test_no_secret_is_said(text: str) -> None:
    said = scrubbed(text)
    assert "***" in said
    for secret in ("s3cret", "16C7e42F", "c2VjcmV0", PRIVATE_KEY.splitlines()[3]):
        assert secret not in said
    assert show_faults(None, "info", {"event": "x", "reason": text})["reason"] == said


def test_no_text_of_a_lesson_is_said() -> None:
    class Model(pydantic.BaseModel):
        number: int

    with pytest.raises(pydantic.ValidationError) as error:
        Model.model_validate({"number": "The partner answered in minutes"})
    assert "partner" not in message_of(error.value)
    assert "partner" not in message_of(
        ValueError("while parsing a block\n  The partner answered in minutes")
    )
    assert "partner" not in message_of(
        RuntimeError("INSERT failed [parameters: ('The partner answered',)]")
    )


@pytest.mark.apart
def test_a_judging_that_fails_says_why_and_where_in_the_log_and_only_why_in_the_check(
    service: Service, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[dict[str, object]] = []

    class Log:
        def error(self, event: str, **values: object) -> None:
            said.append({"event": event, **values})

    def torn(request: launcher.JudgeRequest) -> bytes:
        return b'{"files": 3}'

    monkeypatch.setattr(review, "log", Log())
    monkeypatch.setattr(launcher, "as_json", torn)
    check = service.opened(shop.pull({"src/refund.py": BUG}))
    assert check["conclusion"] == "neutral"
    assert "judging this change failed: ValueError" in check["output"]["summary"].replace("\\", "")
    [line] = said
    assert "judging this change failed: ValueError" in str(line["reason"])
    assert any("from_json" in row for row in line["trace"])  # type: ignore[attr-defined]
