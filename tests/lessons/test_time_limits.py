"""Limits go by what was computed: waiting for a core costs nobody a verdict, and what hangs is
ended all the same.
"""

import subprocess
import sys

import pytest

from patience import HANG_SECONDS
from twiceshy.lessons.time_limits import Alarm, by_load, computed_seconds, patient

BUSY = "while True: pass"
IDLE = "import sys; sys.stdin.read()"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{BUSY}'])"


def ended_by(code: str, seconds: float, clock_seconds: float | None = None) -> bool:
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, start_new_session=True
    )
    with Alarm(process, seconds, process.kill, clock_seconds) as alarm:
        process.wait(HANG_SECONDS)
    assert process.stdin is not None
    process.stdin.close()
    return alarm.late


def test_what_computes_too_long_is_ended() -> None:
    assert ended_by(BUSY, 0.2)


def test_what_its_children_compute_counts_too() -> None:
    process = subprocess.Popen([sys.executable, "-c", PARENT], start_new_session=True)
    try:
        with Alarm(process, 0.5, process.kill) as alarm:
            process.wait(HANG_SECONDS)
        assert alarm.late
    finally:
        subprocess.run(["pkill", "-KILL", "--session", str(process.pid)], check=False)


def test_what_hangs_without_computing_is_ended_by_the_clock() -> None:
    assert ended_by(IDLE, HANG_SECONDS, 0.2)


def test_what_ended_in_time_is_not_late_whenever_it_is_asked() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    rung: list[bool] = []
    with Alarm(process, 60.0, lambda: rung.append(True), HANG_SECONDS) as alarm:
        process.wait(HANG_SECONDS)
    assert (alarm.late, rung) == (False, [])


def test_what_ends_while_its_time_is_counted_is_not_late(monkeypatch: pytest.MonkeyPatch) -> None:
    process = subprocess.Popen(["sleep", str(HANG_SECONDS)])

    def end(_: int) -> None:
        process.kill()
        process.wait(HANG_SECONDS)

    monkeypatch.setattr("twiceshy.lessons.time_limits.computed_seconds", end)
    rung: list[bool] = []
    with Alarm(process, 0.01, lambda: rung.append(True), HANG_SECONDS) as alarm:
        process.wait(HANG_SECONDS)
    assert (alarm.late, rung) == (False, [])


def test_a_process_that_is_not_there_has_computed_nothing_that_can_be_counted() -> None:
    assert computed_seconds(2**22 + 1) is None


@pytest.mark.parametrize(
    ("factor", "seconds"), [("3", 6.0), ("1", 2.0), ("0.1", 2.0), ("inf", 2.0), ("soon", 2.0)]
)
def test_patience_stretches_what_goes_by_the_clock(
    monkeypatch: pytest.MonkeyPatch, factor: str, seconds: float
) -> None:
    monkeypatch.setenv("TWICESHY_PATIENCE", factor)
    assert patient(2.0) == seconds


def test_a_limit_by_the_clock_grows_with_those_that_wait_for_a_core(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TWICESHY_PATIENCE")
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("os.getloadavg", lambda: (30.0, 0.0, 0.0))
    assert by_load(5.0) == 75.0
    monkeypatch.setattr("os.getloadavg", lambda: (0.5, 0.0, 0.0))
    assert by_load(5.0) == 5.0
