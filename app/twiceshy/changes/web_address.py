"""Where a file of a repository stands on the web, read from the repository's own configuration
file.

Starts nothing, asks nobody, and follows no include: an address nobody can be sure of is none.
"""

import re
from pathlib import Path
from urllib.parse import quote

_FORGES = {
    "github.com": "https://github.com/{name}/blob/{commit}/{path}",
    "gitlab.com": "https://gitlab.com/{name}/-/blob/{commit}/{path}",
    "bitbucket.org": "https://bitbucket.org/{name}/src/{commit}/{path}",
    "codeberg.org": "https://codeberg.org/{name}/src/commit/{commit}/{path}",
}
"""Only these: of another host nobody knows which forge it is."""

_SECTION = re.compile(r'\s*\[\s*remote\s+"origin"\s*\]', re.IGNORECASE)
_URL = re.compile(r'\s*url\s*=\s*"?([^"\s]+)"?\s*$', re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^@/\s]+@)?(?P<host>[\w.-]+)(?::\d+)?/"
    r"|(?:[\w.-]+@)?(?P<scp>[\w.-]+):)"
    r"(?P<name>[\w.-]+(?:/[\w.-]+)+)/?",
    re.ASCII,
)
MAX_BYTES = 1_000_000


def file_address(root: Path, commit: str, path: str) -> str | None:
    """The page of a file at a commit; None where the remote ``origin`` is at no forge we know."""
    remote = _ADDRESS.fullmatch(_origin(root))
    shape = _FORGES.get((remote["host"] or remote["scp"]).lower()) if remote else None
    if remote is None or shape is None:
        return None
    name = remote["name"].removesuffix(".git")
    return shape.format(name=name, commit=commit, path=quote(path, errors="replace"))


def _origin(root: Path) -> str:
    """The address of the remote ``origin`` as the configuration says it; empty without one."""
    config = _folder(root) / "config"
    try:
        lines = config.read_bytes()[:MAX_BYTES].decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    within, address = False, ""
    for line in lines:
        if line.lstrip().startswith("["):
            within = bool(_SECTION.match(line))
        elif within and (match := _URL.match(line)):
            address = match[1]
    return address


def _folder(root: Path) -> Path:
    """Git's folder; of a work tree beside the first one, the folder they share:
    gitrepository-layout(5).
    """
    folder = root / ".git"
    if folder.is_file():
        named = _first_line(folder).removeprefix("gitdir:").strip()
        folder = root / named
    shared = _first_line(folder / "commondir")
    return folder / shared if shared else folder


def _first_line(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    return text.split("\n", maxsplit=1)[0].strip()
