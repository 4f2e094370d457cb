"""The host of a change read out of git: the files of one commit that are worth looking at.

Never the change's own files; runs nothing of theirs.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git_objects import Repository, tree_finder
from twiceshy.changes.git_trees import all_files, commit_id, git_folder, paths_with
from twiceshy.changes.host import HostFile, HostListing
from twiceshy.changes.skip import Attributes, parse_attributes, skip_reason
from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.sources import kind_of

ATTRIBUTES = ".gitattributes"
MAX_HOST_FILE_BYTES = 300_000
"""A larger file is data or made by a program, and says nothing of how people write here."""

MOST_LISTED = 200_000
"""Entries of a commit, by path; of a larger one the rest is not asked for. git lists so many, with
their sizes, in some seconds.
"""

_REGULAR = frozenset({"100644", "100755"})


class GitHostTree:
    """The files of a commit in a repository on this machine."""

    def __init__(self, root: Path, commit: str) -> None:
        self._root, self._commit = root, commit

    @classmethod
    def at(cls, root: Path, name: str = "HEAD") -> "GitHostTree | None":
        """The tree of a named commit, None where there is none."""
        commit = commit_id(root, name)
        return cls(root, commit) if commit else None

    @property
    def commit(self) -> str:
        """Its id."""
        return self._commit

    @property
    def repository(self) -> str:
        return git_folder(self._root).resolve().as_posix()

    @property
    def identity(self) -> str:
        tree = self._git.info(f"{self._commit}^{{tree}}")
        return tree.id if tree else ""

    def files(self) -> HostListing:
        attributes = self._attributes()
        files: list[HostFile] = []
        with closing(all_files(self._git, self._commit)) as entries:
            for number, file in enumerate(entries):
                if number == MOST_LISTED:
                    return HostListing(files, is_whole=False)
                if is_readable(file.mode, file.size) and is_code_of_people(file.path, attributes):
                    files.append(HostFile(file.path, file.blob))
        return HostListing(files)

    def holding(self, text: str, seconds: float) -> Iterator[HostFile]:
        attributes = self._attributes()
        blob_at = tree_finder(self._git, self._commit)
        for path in paths_with(self._git, self._commit, text, seconds):
            blob = blob_at(path)
            if blob and is_code_of_people(path, attributes) and self._is_small(blob):
                yield HostFile(path, blob)

    def text(self, blob: str) -> str | None:
        return self._git.text(blob)

    def _is_small(self, blob: str) -> bool:
        content = self._git.info(blob)
        return content is not None and content.size <= MAX_HOST_FILE_BYTES

    @property
    def _git(self) -> Repository:
        return Repository.at(self._root)

    def _attributes(self) -> Attributes:
        blob = self._git.info(f"{self._commit}:{ATTRIBUTES}")
        return parse_attributes(self.text(blob.id) or "" if blob else "")


class BareHostTree(GitHostTree):
    """The files of a commit in a bare repository that twiceshy made: git reads one only where it is
    named, never where it merely lies. What of it cannot be read is not there.
    """

    def __init__(self, folder: Path, commit: str, name: str) -> None:
        """``name``: of the repository, whichever copy of it this is."""
        super().__init__(folder, commit)
        self._name = name
        self._bare = Repository(folder, {"GIT_DIR": str(folder)})

    @property
    def repository(self) -> str:
        return self._name

    def text(self, blob: str) -> str | None:
        try:
            return super().text(blob)
        except ChangeError:
            return None

    @property
    def _git(self) -> Repository:
        return self._bare


def is_readable(mode: str, size: int) -> bool:
    """Whether an entry of a tree is a file of a size that people write; ``size`` in bytes."""
    return mode in _REGULAR and 0 <= size <= MAX_HOST_FILE_BYTES


def is_code_of_people(path: str, attributes: Attributes) -> bool:
    """Whether a file is code or configuration that people write, and no lesson or rule."""
    return (
        bool(language_of_path(path))
        and kind_of(path) is None
        and skip_reason(path, None, attributes, ()) is None
    )
