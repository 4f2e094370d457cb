"""``twiceshy serve`` and ``twiceshy worker``: the GitHub App. Says what is missing instead of
failing halfway.
"""

from twiceshy.cli.errors import UsageError

NEEDS = "the GitHub App needs more packages: pip install 'twiceshy[service]'"


def run_service(
    host: str | None, port: int = 8000, figures: tuple[str, int] = ("127.0.0.1", 0)
) -> int:
    """Serve on a host, or only work without one (its ``figures`` at a host and port), until told to
    stop.
    """
    try:
        from twiceshy.service import server
        from twiceshy.service.environment import NotSetUp
    except ImportError as error:
        raise UsageError(f"{NEEDS} ({error.name} is missing)") from error
    from sqlalchemy.exc import SQLAlchemyError

    from twiceshy.github.errors import GitHubError

    try:
        if host is None:
            server.work(*figures)
        else:
            server.serve(host, port)
    except NotSetUp as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        if host is not None or not figures[1]:
            raise
        raise UsageError(
            f"the port {figures[1]} for metrics cannot be had on {figures[0]}: "
            f"{error.strerror or error}"
        ) from error
    except GitHubError as error:
        raise UsageError(
            f"GitHub does not know this App: {error}. `twiceshy doctor` says more"
        ) from error
    except SQLAlchemyError as error:
        first = str(error).split("\n", maxsplit=1)[0]
        raise UsageError(
            f"the database cannot be used: {first}. `twiceshy doctor` says more"
        ) from error
    return 0
