"""A real git repository for tests, with nothing of the machine's own configuration."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

WHO = {
    "GIT_AUTHOR_NAME": "Robin",
    "GIT_AUTHOR_EMAIL": "robin@example.org",
    "GIT_COMMITTER_NAME": "Robin",
    "GIT_COMMITTER_EMAIL": "robin@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


class Repo:
    """A real git repository in a folder of the test's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._days: dict[str, str] = {}
        root.mkdir(exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        env = {**os.environ, **WHO, **self._days}
        completed = subprocess.run(
            ("git", *arguments), cwd=self.root, env=env, check=True, capture_output=True
        )
        return completed.stdout.decode("utf-8", "replace").strip()

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
