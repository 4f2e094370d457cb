"""Which registries and settings a check works with: the one place that decides it, for the command
line and for the App's judging.

A repository's settings name registries: folders of its own, other repositories, the famous
incidents. From where each is read, what is said of one that cannot be had, and how much of it may
be shown, is decided here. Reads no lesson, judges nothing.
"""

import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from twiceshy.changes import git
from twiceshy.changes.change import Change
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.changes.registry_tree import FOLDERS, TreeSource
from twiceshy.lessons.draft_folder import DraftFolder
from twiceshy.lessons.famous import FAMOUS, famous_folder
from twiceshy.lessons.kept_registry import KeptRegistry
from twiceshy.lessons.lesson import Problem
from twiceshy.lessons.progress import Progress, no_progress
from twiceshy.lessons.sources import Folder, Source, SourceKind
from twiceshy.verdicts.audience import is_job, reader_of, share_here
from twiceshy.verdicts.guard import FindHost, Guard, no_host, user_cache
from twiceshy.verdicts.redaction import Withheld, redacted
from twiceshy.verdicts.settings import (
    FILE_NAME,
    RegistrySetting,
    Settings,
    SettingsError,
    read_settings,
)
from twiceshy.verdicts.sharing import Consent, Share, Shared, Visibility
from twiceshy.verdicts.verdict import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from twiceshy.changes.remote_git import CannotFetch, RemoteAddress
    from twiceshy.changes.remote_registry import FetchedRegistry

GITHUB = "https://github.com"

MOST_SECONDS = 60.0
"""By the clock, to fetch all the registries of a check."""

_LEAST_SECONDS = 1.0


class RegistryCopy(Protocol):
    """A copy on disk of another repository's registry, or of the repository's own."""

    @property
    def folder(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def prefix(self) -> str: ...

    @property
    def share(self) -> Share: ...


@dataclass(frozen=True)
class Workspace:
    """What a check works with."""

    sources: tuple[Source, ...]
    settings: Settings
    problems: tuple[Problem, ...] = ()
    not_looked_at: tuple[NotLookedAt, ...] = ()  # registries that are named and cannot be had
    withheld: tuple[Withheld, ...] = ()  # registries that show no more than ids here
    # whose tree the repository's own lessons are read from; empty when they come from folders
    commit: str = ""
    own: tuple[str, ...] = ()  # how the paths of those lessons begin

    @classmethod
    def from_folders(cls, folders: Sequence[Path], settings: Settings) -> "Workspace":
        """The folders a person named. Raises FileNotFoundError for one that is not there, or is no
        registry.
        """
        for folder in folders:
            _must_be_registry(folder)
        if len(folders) == 1:
            return cls((Folder(folders[0]),), settings)
        sources = [Folder(folder, f"{folder.as_posix().rstrip('/')}/") for folder in folders]
        return cls(tuple(sources), settings)

    @classmethod
    def from_commit(
        cls, root: Path, commit: str, settings: Settings, fetch: bool = True
    ) -> "Workspace":
        """What a commit's tree holds, as its own settings say; without lessons or settings there,
        the famous incidents.

        Without ``fetch`` nothing is asked over the network: registries of other repositories are
        named as lacking.
        """
        own = tuple(TreeSource(root, commit, path) for path in own_folders(settings))
        if not settings.written and all(source.empty for source in own):
            return cls((_famous(),), settings, tuple(_not_there_yet(root)))
        absent = [source.folder for source in own if source.empty]
        begins = tuple(_beginning(path) for path in own_folders(settings))
        problems = tuple(_absent(absent, "on the base"))
        workspace = cls(own, settings, problems, commit=commit, own=begins)
        return workspace._with_others(fetch)

    @classmethod
    def from_folder(cls, root: Path, settings: Settings) -> "Workspace":
        """What the working tree holds, likewise."""
        if not settings.written and not _is_registry(root):
            return cls((_famous(),), settings)
        own = tuple(_folder(root, path) for path in own_folders(settings))
        absent = [path for path in own_folders(settings) if not _is_registry(root / path)]
        workspace = cls(own, settings, tuple(_absent(absent, f"in {root}")))
        return workspace._with_others()

    @classmethod
    def current(cls, root: Path | None, folders: Sequence[Path] = ()) -> "Workspace":
        """For commands that look at lessons and not at a change: named folders, else the working
        tree around here. Registries that show ids alone are of no use to them.
        """
        top = root or git.repository_root(Path.cwd()) or Path.cwd()
        settings = settings_of_folder(top)
        if folders:
            return cls.from_folders(folders, settings)
        return cls.from_folder(top, settings).without_withheld()

    @classmethod
    def from_copies(cls, copies: Sequence[RegistryCopy], settings_text: str | None) -> "Workspace":
        """What the App has fetched of the registries that a repository's settings name.

        Settings that cannot be used do not switch the guard off: the defaults hold, and it is said.
        """
        settings, problems = usable_settings(settings_text)
        sources: list[Source] = [_kept(copy) for copy in copies]
        if names_famous(settings) or not (settings.written or sources):
            sources.append(_famous())
        prefixes = {copy.prefix for copy in copies}
        return cls(
            tuple(sources),
            settings,
            problems,
            not_looked_at=tuple(_not_read_by_app(settings, prefixes)),
            withheld=tuple(_withheld(copies)),
        )

    def open(
        self,
        progress: Progress = no_progress,
        cache: Path | None = None,
        host: FindHost = no_host,
    ) -> Guard:
        """The guard over these registries, which stays compiled in the cache; ``host`` finds the
        code that changes are made to.
        """
        return Guard(self.sources, self.settings, cache or user_cache(), progress, host=host)

    def with_drafts(self) -> "Workspace":
        """The same with every draft in the folders as if it observed: to try them, never to check
        with.
        """
        sources: list[Source] = []
        for source in self.sources:
            if isinstance(source, Folder):
                sources.append(DraftFolder(source.root, source.shown_as))
            else:
                sources.append(source)
        return replace(self, sources=tuple(sources))

    def marked(self, change: Change) -> Change:
        """The change, which is not held against the registries that cannot be had: no green."""
        return replace(change, not_looked_at=(*change.not_looked_at, *self.not_looked_at))

    def shown(self, report: Report, change: Change, guard: Guard) -> Report:
        """The report without a word of the registries that show ids alone."""
        return redacted(report, change, guard.index, self.withheld)

    @property
    def left_out(self) -> tuple[Problem, ...]:
        """Everything that settings name and that does not guard."""
        return (*self.problems, *(missing.problem for missing in self.not_looked_at))

    def _with_others(self, fetch: bool = True) -> "Workspace":
        """And the registries that the settings name elsewhere; without ``fetch`` those of other
        repositories are lacking.
        """
        workspace = self
        deadline = time.monotonic() + MOST_SECONDS
        for setting in other_repositories(self.settings):
            if fetch:
                left = max(_LEAST_SECONDS, deadline - time.monotonic())
                workspace = workspace._with_repository(setting, left)
            else:
                detail = f"registry {setting.repo} is not known as it was then"
                workspace = workspace._lacking(str(setting.repo), detail)
        if names_famous(self.settings):
            workspace = replace(workspace, sources=(*workspace.sources, _famous()))
        return workspace

    def _with_repository(self, setting: RegistrySetting, seconds: float) -> "Workspace":
        # few checks fetch anything
        from twiceshy.changes.remote_git import CannotFetch  # noqa: PLC0415
        from twiceshy.changes.remote_registry import fetch_registry  # noqa: PLC0415

        repository = str(setting.repo)
        try:
            fetched = fetch_registry(address_of(setting), user_cache(), token(), seconds)
        except CannotFetch as error:
            return self._lacking(repository, _not_fetched(repository, error))
        share = share_here(
            os.environ, _shared(repository, fetched), default_branch=fetched.default_branch
        )
        if share is None:
            return self._lacking(repository, _not_used(repository))
        if fetched.folder is None:
            return self._lacking(repository, _gave_no_lessons(repository))
        copy = _Copy(str(fetched.folder), f"{server()}/{repository}", f"{repository}:", share)
        sources = (*self.sources, _kept(copy))
        withheld = (*self.withheld, *_withheld([copy]))
        return replace(self, sources=sources, withheld=withheld)

    def _lacking(self, repository: str, detail: str) -> "Workspace":
        missing = NotLookedAt(Unseen.REGISTRY_NOT_READ, repository, detail)
        return replace(self, not_looked_at=(*self.not_looked_at, missing))

    def of_own_lessons(self) -> "Workspace":
        """Only what the commit's own tree holds: nobody knows what guarded from elsewhere then."""
        own = tuple(source for source in self.sources if isinstance(source, TreeSource))
        return replace(self, sources=own, not_looked_at=(), withheld=())

    def without_withheld(self) -> "Workspace":
        """For what shows words: registries that show ids alone are not used, and named."""
        prefixes = tuple(registry.prefix for registry in self.withheld)
        sources = [
            source
            for source in self.sources
            if not (isinstance(source, KeptRegistry) and source.shown_as in prefixes)
        ]
        workspace = replace(self, sources=tuple(sources), withheld=())
        for prefix in prefixes:
            repository = prefix.rstrip(":")
            workspace = workspace._lacking(repository, _not_used(repository))
        return workspace


@dataclass(frozen=True, slots=True)
class _Copy:
    """A ``RegistryCopy`` that was fetched with git."""

    folder: str
    label: str
    prefix: str
    share: Share


def own_folders(settings: Settings) -> tuple[str, ...]:
    """The folders of the repository itself that its settings name as registries."""
    return tuple(setting.path for setting in settings.registries if setting.path)


def other_repositories(settings: Settings) -> tuple[RegistrySetting, ...]:
    """The registries of other repositories that settings name."""
    return tuple(setting for setting in settings.registries if setting.repo)


def names_famous(settings: Settings) -> bool:
    """Whether settings ask for the famous incidents."""
    return any(setting.builtin for setting in settings.registries)


def names_top(settings: Settings) -> bool:
    """Whether settings name the top of the repository itself, which is all the App reads of it."""
    return "." in own_folders(settings)


def usable_settings(text: str | None) -> tuple[Settings, tuple[Problem, ...]]:
    """The settings as far as they can be used, and what is wrong with them."""
    try:
        return (read_settings(text) if text is not None else Settings()), ()
    except SettingsError as error:
        unused = Problem(FILE_NAME, 0, "it cannot be used, so the defaults hold")
        return Settings(), (*error.problems, unused)


def settings_of_folder(root: Path) -> Settings:
    """The settings of a working tree. Raises SettingsError."""
    file = root / FILE_NAME
    if not file.is_file():
        return Settings()
    return read_settings(file.read_text(encoding="utf-8", errors="replace"))


def settings_of_commit(root: Path, commit: str) -> Settings:
    """The settings of a commit's tree. Raises SettingsError."""
    text = git.file_text(root, commit, FILE_NAME)
    return read_settings(text) if text is not None else Settings()


def _gave_no_lessons(repository: str) -> str:
    """What is said of a registry that is there and holds neither lessons nor rules."""
    return f"registry {repository} gave no lessons, so this change was not held against them"


def server() -> str:
    """Where repositories lie: GitHub, or the one that a job runs for."""
    return os.environ.get("GITHUB_SERVER_URL", "").rstrip("/") or GITHUB


def address_of(setting: RegistrySetting) -> "RemoteAddress":
    """Where the registry of another repository is fetched from. Raises CannotFetch."""
    from twiceshy.changes.remote_git import CannotFetch, RemoteAddress  # noqa: PLC0415 - see above

    if not server().startswith("https://"):
        raise CannotFetch(f"{server()} is no https address")
    return RemoteAddress(f"{server()}/{setting.repo}.git", setting.ref)


def token(environment: Mapping[str, str] = os.environ) -> str:
    """The token for repositories that are not public; empty without one."""
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        given = environment.get(name, "").strip()
        if given and given.isascii() and given.isprintable():
            return given
    return ""


def _not_fetched(repository: str, error: "CannotFetch") -> str:
    if is_job(os.environ):
        return _not_used(repository)
    return (
        f"registry {repository} could not be fetched: {error}. Its lessons do not guard here: give "
        "a token that may read it in GITHUB_TOKEN, or clone it and name the folder with "
        "--registry, beside --registry ."
    )


def _not_used(repository: str) -> str:
    """What is said where others read: the difference would tell strangers what exists."""
    return (
        f"registry {repository} was not used: it could not be fetched, or its owner has not shared "
        "it with this repository (`share` in its own settings)"
    )


def _shared(repository: str, fetched: "FetchedRegistry") -> Shared:
    """A fetched registry, and what its owner says of it; of the very repository we judge its own
    number, for its readers are ours.
    """
    reader = reader_of(os.environ)
    same = reader is not None and reader.name.lower() == repository.lower()
    visibility = Visibility.PUBLIC if fetched.public else Visibility.PRIVATE
    number = reader.id if reader and same else 0
    return Shared(number, repository, visibility, _consents(fetched.settings))


def _consents(settings_text: str | None) -> tuple[Consent, ...]:
    """What settings share; nothing when they cannot be used: a slip of the pen must not publish a
    post-mortem.
    """
    try:
        return read_settings(settings_text or "").share
    except SettingsError:
        return ()


def _kept(copy: RegistryCopy) -> KeptRegistry:
    return KeptRegistry(Path(copy.folder), copy.label, copy.prefix)


def _withheld(copies: Sequence[RegistryCopy]) -> Iterator[Withheld]:
    """The registries that share ids alone."""
    for copy in copies:
        if copy.share is Share.ID:
            files = _kept(copy).files()
            lessons = sum(file.kind is SourceKind.LESSON for file in files)
            yield Withheld(copy.prefix, copy.label, lessons)


def _not_read_by_app(settings: Settings, prefixes: Collection[str]) -> Iterator[NotLookedAt]:
    """The registries the settings name that gave the App nothing to guard with."""
    for setting in settings.registries:
        if setting.repo and f"{setting.repo}:" not in prefixes:
            detail = _gave_no_lessons(setting.repo)
            yield NotLookedAt(Unseen.REGISTRY_NOT_READ, setting.repo, detail)
        elif setting.path and setting.path != ".":
            detail = (
                f"registry {{path: {setting.path}}} is read on the command line only: "
                "the App reads the top folder's"
            )
            yield NotLookedAt(Unseen.REGISTRY_NOT_READ, setting.path, detail)


def _famous() -> Folder:
    return Folder(famous_folder(), FAMOUS)


def _folder(root: Path, path: str) -> Folder:
    return Folder(root / path, "" if path == "." else path.strip("/") + "/")


def _beginning(folder: str) -> str:
    """How the paths of a folder's lessons begin, as a commit's tree has them."""
    return "lessons/" if folder == "." else f"{folder.strip('/')}/lessons/"


def _is_registry(folder: Path) -> bool:
    return any((folder / name).is_dir() for name in FOLDERS)


def _must_be_registry(folder: Path) -> None:
    if not folder.is_dir():
        raise FileNotFoundError(
            f"no registry folder {folder}: give a folder that holds lessons/ or rules/"
        )
    if not _is_registry(folder):
        raise FileNotFoundError(f"{folder} holds neither lessons/ nor rules/{_meant(folder)}")


def _meant(folder: Path) -> str:
    """The registry somebody may have meant: a folder above, or one beneath."""
    resolved = folder.resolve()
    for place in (resolved, *resolved.parents):
        if place.name in FOLDERS:
            return f": did you mean the folder above, {place.parent}?"
    try:
        beneath = sorted(place for place in folder.iterdir() if _is_registry(place))
    except OSError:
        beneath = []
    return f": did you mean {beneath[0]}?" if beneath else ": give a folder that holds one of them"


def _absent(paths: Sequence[str], where: str) -> Iterator[Problem]:
    """A word for each folder that the settings name and that is no registry; the default one may be
    empty.
    """
    for path in paths:
        if path in ("", "."):
            continue
        first, _, last = path.rstrip("/").rpartition("/")
        meant = f"; did you mean {first or '.'}?" if last in FOLDERS else ""
        message = f"registry {path} holds neither lessons/ nor rules/ {where}{meant}"
        yield Problem(FILE_NAME, 0, message)


def _not_there_yet(root: Path) -> Iterator[Problem]:
    if (root / "lessons").is_dir():
        message = (
            "these lessons guard once they are on the base branch; until then the famous "
            "incidents do. To try yours now: twiceshy check --registry ."
        )
        yield Problem("lessons", 0, message)
