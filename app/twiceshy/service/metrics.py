"""What is counted and timed, for Prometheus. Counts; decides nothing."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """One process's figures."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.deliveries = Counter(
            "twiceshy_deliveries_total",
            "Webhook deliveries by event and answer",
            ("event", "answer"),
            registry=self.registry,
        )
        self.review_seconds = Histogram(
            "twiceshy_review_seconds",
            "From the webhook to the published check",
            registry=self.registry,
            buckets=(0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900),
        )
        self.findings = Counter(
            "twiceshy_findings_total",
            "Findings by lesson and action",
            ("lesson", "action"),
            registry=self.registry,
        )
        self.failures = Counter(
            "twiceshy_failures_total", "What went wrong, by kind", ("kind",), registry=self.registry
        )
        self.calls = Counter(
            "twiceshy_github_calls_total",
            "Requests to GitHub by verb and answer",
            ("verb", "answer"),
            registry=self.registry,
        )
        self.calls_left = Gauge(
            "twiceshy_github_calls_left",
            "What GitHub says remains this hour",
            ("installation",),
            registry=self.registry,
        )
        self.host_copies = Counter(
            "twiceshy_host_copies_total",
            "Attempts to renew the copy of a repository's code, by what came of them",
            ("outcome",),
            registry=self.registry,
        )
        self.host_bytes = Gauge(
            "twiceshy_host_copies_bytes",
            "What copies of repositories' code take on this machine, as last counted",
            registry=self.registry,
        )
        self.queue_age = Gauge(
            "twiceshy_queue_age_seconds", "Age of the oldest work not begun", registry=self.registry
        )
        self.queue_length = Gauge("twiceshy_queue_length", "Work not begun", registry=self.registry)

    def count_call(self, verb: str, answered: str) -> None:
        """One request to GitHub. Both are one of a few words: see ``github.api``."""
        self.calls.labels(verb, answered).inc()

    def text(self) -> bytes:
        """In Prometheus' own format."""
        return generate_latest(self.registry)
