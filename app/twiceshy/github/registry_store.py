"""The lessons and rules of a repository's tree, kept on disk under the trees' ids: the same trees
are fetched once.

Writes only names that a registry can hold, under its own folder. Nothing here understands a lesson.
"""

import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

from twiceshy.github.api import Api
from twiceshy.github.errors import Gone
from twiceshy.github.queries import ABOUT, TREE, about_repository, visibility_of
from twiceshy.lessons.kept_registry import (
    MOST_REGISTRY_FILES,
    ListedFile,
    copy_name,
    keep_copy,
    why_refused,
)
from twiceshy.lessons.sources import kind_of
from twiceshy.verdicts.settings import FILE_NAME, SettingsError, read_settings
from twiceshy.verdicts.sharing import Consent, Shared, Visibility

BLOBS_A_QUERY = 80
NOT_TEXT = "is left out: GitHub gives no text of it (binary, or gone)"


@dataclass(frozen=True)
class RegistryStore:
    """Registries on disk."""

    root: Path

    def folder(self, api: Api, repository: str, trees: Mapping[str, str]) -> Path | None:
        """A folder that holds these trees (``lessons`` and ``rules`` by tree id); None when there
        are none.
        """
        if not trees:
            return None
        place = self._of(api.installation, repository) / copy_name(trees)
        if not place.is_dir():
            _keep(api, repository, trees, place)
        with suppress(OSError):
            os.utime(place)  # when it was last used: see ``sweep``
        return place

    def forget(self, installation: int, repository: str | None = None) -> None:
        """Delete the copies of a repository, or of all an installation has."""
        _remove(self._of(installation, repository) if repository else self.root / str(installation))

    def sweep(self, in_use: Collection[str], before: float) -> int:
        """Delete copies last used before a time (seconds since the epoch), but those in use and
        each registry's newest.

        ``in_use`` are paths, as ``folder`` gave them. Whoever reads a copy has used it a moment
        ago, so readers keep theirs. Gives how many were deleted.
        """
        count = 0
        for registry in self.root.glob("*/*"):
            copies = sorted(_folders(registry), key=_last_used)
            whole = [copy for copy in copies if not copy.name.startswith(".")]
            for copy in copies:
                if copy not in whole[-1:] and str(copy) not in in_use and _last_used(copy) < before:
                    _remove(copy)
                    count += 1
        return count

    def _of(self, installation: int, repository: str) -> Path:
        """One account's lessons never lie where another's are looked for."""
        return self.root / str(installation) / sha256(repository.lower().encode()).hexdigest()[:16]


def _keep(api: Api, repository: str, trees: Mapping[str, str], place: Path) -> None:
    def contents(wanted: Sequence[ListedFile]) -> Iterator[tuple[str, str]]:
        for first in range(0, len(wanted), BLOBS_A_QUERY):
            batch = [(file.path, file.blob) for file in wanted[first : first + BLOBS_A_QUERY]]
            yield from _texts(api, repository, batch)

    keep_copy(place, list(_listed(api, repository, trees)), contents, NOT_TEXT)


def _folders(registry: Path) -> list[Path]:
    """The folders in one; none when it is a file, as in an earlier build's layout, or another
    process deleted it.
    """
    try:
        return [entry for entry in registry.iterdir() if entry.is_dir()]
    except OSError:
        return []


def _last_used(copy: Path) -> float:
    try:
        return copy.stat().st_mtime
    except OSError:
        return 0.0  # another process deleted it


def _remove(folder: Path) -> None:
    """Delete a folder whole: it is out of everybody's way before its first file goes."""
    out = folder.with_name(f".gone-{token_hex(8)}")
    with suppress(OSError):
        folder.replace(out)
    shutil.rmtree(out, ignore_errors=True)


@dataclass(frozen=True)
class RemoteRegistry:
    """Another repository's registry as it is now: its trees, who may read them, what its owner
    shares of them.
    """

    shared: Shared
    trees: Mapping[str, str]
    default_branch: bool  # whether the trees are of its default branch


def registry_of(api: Api, repository: str, ref: str | None) -> RemoteRegistry:
    """The registry of another repository; of its default branch without a ref. Raises Gone when it
    cannot be read.

    What its owner shares is always read from its default branch: a ref is named by who wants to
    read, and an old one may hold a consent that was taken back.
    """
    owner, _, name = repository.partition("/")
    query = about_repository(", $lessons: String!, $rules: String!, $settings: String!", _REGISTRY)
    commit = ref or "HEAD"
    values = {
        "owner": owner,
        "name": name,
        "lessons": f"{commit}:lessons",
        "rules": f"{commit}:rules",
        "settings": f"HEAD:{FILE_NAME}",
    }
    answer = api.graphql(query, values).get("repository")
    if answer is None:
        raise Gone(f"no repository {repository} for this installation")
    default = (answer.get("defaultBranchRef") or {}).get("name")
    is_default = ref in (None, "HEAD", default)
    return RemoteRegistry(_shared(answer), _trees(answer), default_branch=is_default)


_TREES = f"""lessons: object(expression: $lessons) {{ {TREE} }}
  rules: object(expression: $rules) {{ {TREE} }}"""
_REGISTRY = f"""{ABOUT}
  defaultBranchRef {{ name }}
  {_TREES}
  settings: object(expression: $settings) {{ ... on Blob {{ text isTruncated }} }}"""


def _trees(answer: Mapping[str, Any]) -> dict[str, str]:
    return {key: answer[key]["oid"] for key in ("lessons", "rules") if answer.get(key)}


def _shared(answer: Mapping[str, Any]) -> Shared:
    settings = answer.get("settings") or {}
    text = "" if settings.get("isTruncated") else str(settings.get("text") or "")
    visibility = visibility_of(answer, unknown=Visibility.PRIVATE)
    return Shared(
        int(answer["databaseId"] or 0), str(answer["nameWithOwner"]), visibility, _consents(text)
    )


def _consents(settings: str) -> tuple[Consent, ...]:
    """What settings share; nothing when they cannot be used: a slip of the pen must not publish a
    post-mortem.
    """
    try:
        return read_settings(settings).share
    except SettingsError:
        return ()


def has_no_outsiders(api: Api, repository: str) -> bool:
    """Whether only members of its account may read a private repository; False when GitHub does not
    say.

    https://docs.github.com/en/graphql/reference/objects#repository (collaborators)
    """
    owner, _, name = repository.partition("/")
    body = "collaborators(affiliation: OUTSIDE, first: 1) { totalCount }"
    answer = api.graphql(about_repository("", body), {"owner": owner, "name": name})
    collaborators = (answer.get("repository") or {}).get("collaborators") or {}
    return collaborators.get("totalCount") == 0


def trees_of(api: Api, repository: str, ref: str | None) -> dict[str, str]:
    """The tree ids of another repository's ``lessons`` and ``rules``; of its default branch without
    a ref.
    """
    owner, _, name = repository.partition("/")
    query = about_repository(", $lessons: String!, $rules: String!", _TREES)
    commit = ref or "HEAD"
    folders = {"lessons": f"{commit}:lessons", "rules": f"{commit}:rules"}
    answer = api.graphql(query, {"owner": owner, "name": name, **folders}).get("repository")
    if answer is None:
        raise Gone(f"no repository {repository} for this installation")
    return _trees(answer)


def _listed(api: Api, repository: str, trees: Mapping[str, str]) -> Iterator[ListedFile]:
    """Every file a registry can hold, by its name; those that are not kept too."""
    for folder, tree in trees.items():
        answer: dict[str, Any] = api.get(f"/repos/{repository}/git/trees/{tree}", recursive=1)
        rows = [
            row
            for row in answer["tree"]
            if row["type"] != "tree" and kind_of(f"{folder}/{row['path']}")
        ]
        for row in rows[:MOST_REGISTRY_FILES]:
            path = f"{folder}/{row['path']}"
            yield ListedFile(
                path, str(row["sha"]), why_refused(path, str(row["mode"]), int(row.get("size", 0)))
            )
        if len(rows) > MOST_REGISTRY_FILES or answer.get("truncated"):
            why = (
                f"has more than {MOST_REGISTRY_FILES:,} files, or than GitHub lists: "
                "the rest does not guard"
            )
            yield ListedFile(folder, "", why)


def _texts(
    api: Api, repository: str, batch: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    owner, _, name = repository.partition("/")
    values = {"owner": owner, "name": name}
    declared = ""
    parts = []
    for number, (_, blob) in enumerate(batch):
        values[f"o{number}"] = blob
        declared += f", $o{number}: GitObjectID!"
        parts.append(f"o{number}: object(oid: $o{number}) {{ ... on Blob {{ text }} }}")
    query = about_repository(declared, "\n  ".join(parts))
    answer = api.graphql(query, values).get("repository") or {}
    for number, (path, _) in enumerate(batch):
        text = (answer.get(f"o{number}") or {}).get("text")
        if text is not None:
            yield path, text
