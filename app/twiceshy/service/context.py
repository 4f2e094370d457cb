"""What the work needs to have at hand, made once when a process starts."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from twiceshy.github.api import Api, App
from twiceshy.github.pacing import Pacer
from twiceshy.github.registry_store import RegistryStore, RemoteRegistry
from twiceshy.service.environment import Environment
from twiceshy.service.fresh_values import FreshValues
from twiceshy.service.host_store import HostStore
from twiceshy.service.metrics import Metrics
from twiceshy.service.sandbox.launcher import SECONDS
from twiceshy.store.workers import new_name

MOST_REGISTRIES = 1_000
"""Other repositories' registries that are remembered for a few seconds."""

HOSTS_AT_ONCE = 2

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

RegistryKey = tuple[int, str, str | None]
"""Installation, repository, ref: what one installation may read another may not."""


@dataclass
class Context:
    """Database, GitHub, folders. Shared by the threads of a process."""

    environment: Environment
    engine: Engine
    app: App
    slug: str  # the App's own name: a marker counts only under it
    metrics: Metrics = field(default_factory=Metrics)
    judge_seconds: float = SECONDS
    name: str = field(default_factory=new_name)  # this process's, under which it holds leases
    workers: int = 1  # processes that share each installation's budget
    fresh_registries: FreshValues[RegistryKey, RemoteRegistry] = field(
        default_factory=lambda: FreshValues(MOST_REGISTRIES)
    )
    # to fetch hosts: who has none after a review lets it be, the next one asks again
    host_turns: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(HOSTS_AT_ONCE)
    )
    _apis: dict[int, Api] = field(default_factory=dict)
    _openers: dict[int, Api] = field(default_factory=dict)
    _pacers: dict[int, Pacer] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.app = replace(self.app, heard=self.metrics.count_call)

    def forget(self, installation: int) -> None:
        """Drop what lets us in there: it is no more."""
        with self._lock:
            self._apis.pop(installation, None)
            self._openers.pop(installation, None)
            self._pacers.pop(installation, None)

    def api(self, installation: int) -> Api:
        """GitHub as an installation sees it; one door for each, so that its token and its budget
        are shared.
        """
        with self._lock:
            if installation not in self._apis:
                pacer = self._pacers.setdefault(installation, Pacer())
                self._apis[installation] = self.app.installation(installation, pacer)
            self._pacers[installation].share = 1 / max(1, self.workers)
            return self._apis[installation]

    def opener(self, installation: int) -> Api:
        """A second door beside ``api``, for opening checks alone: they do not queue behind what a
        judging reads.
        """
        pacer = self.pacer(installation)
        with self._lock:
            if installation not in self._openers:
                self._openers[installation] = self.app.installation(installation, pacer)
            return self._openers[installation]

    def pacer(self, installation: int) -> Pacer:
        """What keeps an installation's budget."""
        self.api(installation)
        return self._pacers[installation]

    @property
    def registries(self) -> RegistryStore:
        """Registries fetched from GitHub."""
        return RegistryStore(self.environment.data_folder / "registries")

    @property
    def hosts(self) -> HostStore:
        """The code of repositories that are guarded."""
        return HostStore(self.environment.data_folder / "hosts")

    @property
    def index_folder(self) -> Path:
        """Where compiled registries are kept."""
        return self.environment.data_folder / "cache"

    def transaction(
        self,
        function: Callable[Concatenate[Session, Arguments], Result],
        *arguments: Arguments.args,
        **keywords: Arguments.kwargs,
    ) -> Result:
        """What the function gives, called with a session and these arguments in one transaction."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            return function(session, *arguments, **keywords)
