"""Finds Semgrep's binaries without importing Semgrep, and knows whether the core can be trusted.
Judges nothing.
"""

import json
import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.machinery import PathFinder
from pathlib import Path

from twiceshy.changes.programs import find_program
from twiceshy.lessons.private_files import private_folder, write_private


@dataclass(frozen=True, slots=True)
class Semgrep:
    """Where Semgrep is; either may be missing."""

    core: Path | None  # semgrep-core: the engine alone, starts in a tenth of a second
    scan: Path | None  # semgrep: the whole program, slower and public

    @property
    def release(self) -> str:
        """The version its makers gave it, as its wheel names it; its build when it came another
        way.
        """
        # semgrep/bin/semgrep-core
        packages = self.core.parent.parent.parent if self.core else None
        for folder in packages.glob("semgrep-*.dist-info") if packages else ():
            return folder.name.removeprefix("semgrep-").removesuffix(".dist-info")
        return self.version

    @property
    def version(self) -> str:
        """Names this very build, by place, size and time: cheaper than asking it."""
        binary = self.core or self.scan
        try:
            stat = binary.stat() if binary else None
        except OSError:
            stat = None
        return f"{stat.st_size}.{stat.st_mtime_ns}" if stat else "none"


@lru_cache(maxsize=1)
def find() -> Semgrep:
    """Semgrep beside this Python, else on the PATH."""
    wheel = PathFinder.find_spec("semgrep", _packages())
    core = Path(wheel.origin).parent / "bin" / "semgrep-core" if wheel and wheel.origin else None
    beside = Path(sys.executable).parent / "semgrep"
    scan = beside if beside.is_file() else _on_path("semgrep")
    return Semgrep(core if core and os.access(core, os.X_OK) else _on_path("semgrep-core"), scan)


def _packages() -> list[str]:
    """Where Python looks for packages, without the working folder: it may be a checkout that holds
    a ``semgrep/``.
    """
    return [entry for entry in sys.path if entry and Path(entry).resolve() != Path.cwd()]


def _on_path(name: str) -> Path | None:
    return find_program(name)


def remembered(semgrep: Semgrep) -> bool | None:
    """What the canary said of this build last time, None when nobody asked it yet."""
    try:
        return bool(json.loads(_note(semgrep).read_text(encoding="utf-8"))["sings"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(semgrep: Semgrep, passes: bool) -> None:
    """Keep the canary's answer; without a cache folder it is asked again next time."""
    note = _note(semgrep)
    try:
        private_folder(note.parent)
        write_private(note, json.dumps({"sings": passes}).encode())
    except OSError:
        return


def _note(semgrep: Semgrep) -> Path:
    from platformdirs import user_cache_path  # noqa: PLC0415 - only when Semgrep is started

    build = f"{semgrep.core} {semgrep.version}".encode(errors="surrogateescape")
    name = sha256(build).hexdigest()[:24]
    return user_cache_path("twiceshy") / "canary" / f"{name}.json"
