"""Files of a repository written whole or not at all: under another name first."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from twiceshy.cli.usage_error import UsageError


def write_new(place: Path, text: str) -> None:
    """A file that was not there; never over somebody's."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with _made(place, text) as making:
        making.chmod(0o644)
        try:
            os.link(making, place)  # unlike a rename, it fails when there is a file
        except FileExistsError as error:
            raise UsageError(
                f"{place.name} was written by somebody else meanwhile: choose another name"
            ) from error


def write_all_new(texts: Mapping[Path, str]) -> None:
    """Files that were not there, all of them or none."""
    written: list[Path] = []
    try:
        for place, text in texts.items():
            write_new(place, text)
            written.append(place)
    except (OSError, UsageError):
        for place in written:
            place.unlink(missing_ok=True)
        raise


def replace_file(place: Path, text: str) -> None:
    """A file with other content, its permissions kept; a new one where there is none."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with _made(place, text) as making:
        if place.exists():
            shutil.copymode(place, making)
        else:
            making.chmod(0o644)
        making.replace(place)


@contextmanager
def _made(place: Path, text: str) -> Iterator[Path]:
    descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=".making-")
    making = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="") as stream:
            stream.write(text)
        yield making
    finally:
        making.unlink(missing_ok=True)
