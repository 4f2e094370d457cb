"""Structured logs on standard error: one JSON object a line, or readable lines for a person at a
terminal.
"""

import logging
import sys

import structlog

from twiceshy.service.faults import show_faults


def set_up_logs(*, for_a_person: bool | None = None) -> None:
    """Once, at start."""
    person = sys.stderr.isatty() if for_a_person is None else for_a_person
    renderer = structlog.dev.ConsoleRenderer() if person else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            show_faults,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.getLogger("dbos").setLevel(logging.WARNING)
