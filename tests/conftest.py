"""What many tests need: a real repository, and a cache folder nobody else uses."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from twiceshy.changes.parser.client import own_parser

# what passes here passes there, however busy the machine is; `--hypothesis-profile default`
# searches
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")

WHO = {
    "GIT_AUTHOR_NAME": "Robin",
    "GIT_AUTHOR_EMAIL": "robin@example.org",
    "GIT_COMMITTER_NAME": "Robin",
    "GIT_COMMITTER_EMAIL": "robin@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    os.environ["TWICESHY_PATIENCE"] = "20"  # no limit by the clock is reached by a busy machine
    os.environ.update(
        {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "COLUMNS": "100",
            "NO_COLOR": "1",
        }
    )


@pytest.fixture(autouse=True)
def _parser() -> Iterator[None]:
    """One parser for a test, as a judging has one."""
    with own_parser():
        yield


class Repo:
    """A real git repository in a folder of the test's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._days: dict[str, str] = {}
        root.mkdir(exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        env = {**os.environ, **WHO, **self._days}
        done = subprocess.run(
            ("git", *arguments), cwd=self.root, env=env, check=True, capture_output=True
        )
        return done.stdout.decode("utf-8", "replace").strip()

    def write(self, files: Mapping[str, str | bytes | None]) -> "Repo":
        """Write files; None removes one."""
        for name, content in files.items():
            path = self.root / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def commit(
        self,
        files: Mapping[str, str | bytes | None],
        message: str = "a change",
        day: str | None = None,
    ) -> str:
        self.write(files)
        self.git("add", "--all")
        self._days = (
            {"GIT_AUTHOR_DATE": f"{day}T12:00Z", "GIT_COMMITTER_DATE": f"{day}T12:00Z"}
            if day
            else {}
        )
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        self._days = {}
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str) -> "Repo":
        self.git("checkout", "--quiet", "-b", name)
        return self


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")
