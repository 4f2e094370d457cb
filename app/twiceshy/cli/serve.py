"""``twiceshy serve`` and ``twiceshy worker``: the GitHub App. Says what is missing instead of
failing halfway.
"""

from twiceshy.cli.usage_error import UsageError

NEEDS = "the GitHub App needs more packages: pip install 'twiceshy[service]'"


def run_service(
    host: str | None, port: int = 8000, figures: tuple[str, int] = ("127.0.0.1", 0)
) -> int:
    """Serve on a host, or only work without one (its ``figures`` at a host and port), until told to
    stop.
    """
    try:
        from twiceshy.service import server
    except ImportError as error:
        raise UsageError(f"{NEEDS} ({error.name} is missing)") from error
    try:
        if host is None:
            server.work(*figures)
        else:
            server.serve(host, port)
    except Exception as error:
        message = _what_to_mend(error, figures if host is None else None)
        if message is None:
            raise
        raise UsageError(message) from error
    return 0


def _what_to_mend(error: Exception, figures: tuple[str, int] | None) -> str | None:
    """What a person can do about it; None for what nobody here can mend. ``figures``: where a
    worker's metrics are asked for.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from twiceshy.github.errors import GitHubError
    from twiceshy.service.environment import NotSetUp

    if isinstance(error, NotSetUp):
        return str(error)
    if isinstance(error, GitHubError):
        return f"GitHub does not know this App: {error}. `twiceshy doctor` says more"
    if isinstance(error, SQLAlchemyError):
        first = str(error).split("\n", maxsplit=1)[0]
        return f"the database cannot be used: {first}. `twiceshy doctor` says more"
    if isinstance(error, OSError) and figures and figures[1]:
        place, port = figures
        why = error.strerror or error
        return f"the port {port} for metrics cannot be had on {place}: {why}"
    return None
