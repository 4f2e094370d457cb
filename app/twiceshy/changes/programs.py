"""Which programs twiceshy starts, and what environment they get: nothing that lies in what is being
judged.

A relative entry of PATH, a program in a checkout, ``PYTHONPATH=.`` would let a pull request choose
what runs. Looks and cleans; starts nothing.
"""

import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

_SEARCHED = ("PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES")
"""Lists of places in which the system looks for programs and for what they load."""

_HOMES = ("HOME", "XDG_CONFIG_HOME")
"""Folders whose files configure programs."""

_STARTED_BY_SHELLS = frozenset({"BASH_ENV", "ENV"})


def judged_tree(folder: Path) -> Path | None:
    """The work tree around a folder, found without git; None outside of any."""
    place = folder.resolve()
    for around in (place, *place.parents):
        if (around / ".git").exists():
            return around
    return None


def find_program(name: str, *folders: Path) -> Path | None:
    """A program on the PATH, not one in the work trees around these folders or around this
    process.
    """
    trees = _trees(folders)
    for entry in _outside(os.environ.get("PATH", os.defpath), trees):
        program = Path(entry, name)
        runs = program.is_file() and os.access(program, os.X_OK)
        if runs and _is_outside(program.resolve(), trees):
            return program
    return None


def clean_environment(*folders: Path) -> dict[str, str]:
    """This process's environment without what makes programs load code from a checkout.

    ``folders`` are in what is judged; this process's own folder counts always.
    """
    trees = _trees(folders)
    environment = {}
    for name, value in os.environ.items():
        cleaned = _cleaned(name, value, trees)
        if cleaned is not None:
            environment[name] = cleaned
    return environment


def is_trusted_place(place: str, *folders: Path) -> bool:
    """Whether a path names something outside of what is judged."""
    return _is_trusted(place, _trees(folders))


def isolated_python(*arguments: str) -> list[str]:
    """The command line of this very Python, blind for PYTHON* variables, user's packages and the
    working folder.
    """
    return [sys.executable, "-I", *arguments]


def _cleaned(name: str, value: str, trees: tuple[Path, ...]) -> str | None:
    if name.startswith("PYTHON") or name in _STARTED_BY_SHELLS:
        return None
    if name in _SEARCHED:
        return os.pathsep.join(_outside(value, trees)) or (os.defpath if name == "PATH" else None)
    if name in _HOMES and not _is_trusted(value, trees):
        return None
    return value


def _trees(folders: tuple[Path, ...]) -> tuple[Path, ...]:
    trees = [judged_tree(folder) for folder in folders]
    try:
        trees.append(judged_tree(Path.cwd()))
    except OSError:  # the working folder is gone
        trees.append(None)
    return tuple(dict.fromkeys(tree for tree in trees if tree is not None))


@lru_cache(maxsize=64)
def _outside(value: str, trees: tuple[Path, ...]) -> tuple[str, ...]:
    return tuple(_entries_outside(value, trees))


def _entries_outside(value: str, trees: tuple[Path, ...]) -> Iterator[str]:
    for entry in value.split(os.pathsep):
        if _is_trusted(entry, trees):
            yield entry


def _is_trusted(place: str, trees: tuple[Path, ...]) -> bool:
    return Path(place).is_absolute() and _is_outside(Path(place).resolve(), trees)


def _is_outside(place: Path, trees: tuple[Path, ...]) -> bool:
    return not any(place.is_relative_to(tree) for tree in trees)
