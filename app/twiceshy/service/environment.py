"""What the environment says of the service. Reads it once; a secret may stand in a file of its own;
none is ever shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from twiceshy.github.api import App
from twiceshy.lessons.private_files import private_folder, write_private
from twiceshy.service.web.access import Exposure
from twiceshy.verdicts.settings import OnFailure
from twiceshy.verdicts.sharing import Share

PREFIX = "TWICESHY_"
SITE = "https://github.com"
API = "https://api.github.com"
SHORTEST_TOKEN = 16


class NotSetUp(Exception):
    """The environment lacks something, or holds something unusable: the message says what to
    write.
    """


@dataclass(frozen=True)
class Environment:
    """All of it."""

    database_url: str
    data_folder: Path
    app_id: int | None = None
    private_key: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    api_url: str = API
    registries: tuple[Path, ...] = ()
    api_token: str = field(default="", repr=False)
    metrics: Exposure = Exposure.TOKEN
    openapi: Exposure = Exposure.TOKEN
    url: str = ""  # where people reach the service; empty: nobody said
    registry_public: Share | None = Share.ID
    """What public repositories may show of these; None: nothing, not used there."""

    on_failure: OnFailure = OnFailure.NEUTRAL
    host_copies: bool = True  # whether the code of repositories is kept, for what is normal there

    @property
    def site(self) -> str:
        """Where people see what the API tells of: Enterprise serves both under one name."""
        return SITE if self.api_url == API else self.api_url.removesuffix("/api/v3")

    @property
    def app(self) -> App:
        """Who we are to GitHub. Raises NotSetUp."""
        if not self.app_id or not self.private_key:
            raise NotSetUp(
                f"set {PREFIX}GITHUB_APP_ID and {PREFIX}GITHUB_PRIVATE_KEY_PATH, "
                "or open /setup to make the App"
            )
        return App(self.app_id, self.private_key, self.api_url)

    @property
    def work_url(self) -> str:
        """Where the durable work is kept: beside the tables on PostgreSQL, in a SQLite file of its
        own otherwise.
        """
        if self.database_url.startswith("sqlite"):
            return self.database_url.removesuffix(".sqlite") + "-work.sqlite"
        return self.database_url


def read_environment(values: Mapping[str, str], data_folder: Path) -> Environment:
    """The environment; credentials saved by ``/setup`` in the data folder fill what is not set.
    Raises NotSetUp.
    """
    saved = saved_credentials(data_folder)
    key = _secret(values, "GITHUB_PRIVATE_KEY", "GITHUB_PRIVATE_KEY_PATH")
    secret = _secret(values, "GITHUB_WEBHOOK_SECRET", "GITHUB_WEBHOOK_SECRET_PATH")
    sqlite = f"sqlite:///{data_folder / 'twiceshy.sqlite'}"
    return Environment(
        database_url=values.get(PREFIX + "DATABASE_URL") or sqlite,
        data_folder=data_folder,
        app_id=_app_id(values.get(PREFIX + "GITHUB_APP_ID") or saved.get("app_id", "")),
        private_key=_in_lines(key or saved.get("private_key", "")),
        webhook_secret=secret or saved.get("webhook_secret", ""),
        api_url=(values.get(PREFIX + "GITHUB_API_URL") or API).rstrip("/"),
        api_token=_api_token(values),
        metrics=_exposure(values, "METRICS"),
        openapi=_exposure(values, "OPENAPI"),
        url=_url(values),
        registry_public=_registry_public(values),
        on_failure=_on_failure(values.get(PREFIX + "ON_FAILURE") or OnFailure.NEUTRAL),
        registries=_folders(values.get(PREFIX + "REGISTRY", "")),
        host_copies=_host_copies(values.get(PREFIX + "HOST_COPIES") or "1"),
    )


def _app_id(number: str) -> int | None:
    if number and not number.isdecimal():
        raise NotSetUp(
            f"{PREFIX}GITHUB_APP_ID is a number, shown on the App's settings page; "
            f"this is {number!r}"
        )
    return int(number) if number else None


def _in_lines(key: str) -> str:
    """A key, which in an .env file stands in one line."""
    return key.replace("\\n", "\n")


def _folders(paths: str) -> tuple[Path, ...]:
    return tuple(Path(path) for path in paths.split(":") if path)


def _host_copies(value: str) -> bool:
    if value in ("0", "1"):
        return value == "1"
    raise NotSetUp(f"{PREFIX}HOST_COPIES is 1 or 0; this is {value!r}")


def _on_failure(value: str) -> OnFailure:
    if value in list(OnFailure):
        return OnFailure(value)
    raise NotSetUp(f"{PREFIX}ON_FAILURE is one of {', '.join(OnFailure)}; this is {value!r}")


def saved_credentials(data_folder: Path) -> Mapping[str, str]:
    """What ``/setup`` saved; nothing when it was not used."""
    folder = data_folder / "app"
    names = ("app_id", "private_key", "webhook_secret", "slug")
    return {
        name: (folder / name).read_text().strip() for name in names if (folder / name).is_file()
    }


def save(data_folder: Path, name: str, value: str) -> None:
    """Keep one of them, in a file only we can read."""
    folder = data_folder / "app"
    write_private(private_folder(folder) / name, value.encode())


def _api_token(values: Mapping[str, str]) -> str:
    token = _secret(values, "API_TOKEN", "API_TOKEN_PATH").strip()
    if token and len(token) < SHORTEST_TOKEN:
        raise NotSetUp(
            f"{PREFIX}API_TOKEN opens every lesson: at least {SHORTEST_TOKEN} characters, "
            "as `openssl rand -hex 32` gives"
        )
    return token


def _exposure(values: Mapping[str, str], name: str) -> Exposure:
    word = values.get(PREFIX + name) or str(Exposure.TOKEN)
    if word not in list(Exposure):
        raise NotSetUp(f"{PREFIX}{name} is open, token or off; this is {word!r}")
    return Exposure(word)


def _url(values: Mapping[str, str]) -> str:
    url = values.get(PREFIX + "URL", "").rstrip("/")
    if url and not (urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname):
        raise NotSetUp(
            f"{PREFIX}URL is the service's own address, like https://twiceshy.example.com; "
            f"this is {url!r}"
        )
    return url


def _registry_public(values: Mapping[str, str]) -> Share | None:
    word = values.get(PREFIX + "REGISTRY_PUBLIC") or str(Share.ID)
    if word not in (*Share, "off"):
        raise NotSetUp(f"{PREFIX}REGISTRY_PUBLIC is text, id or off; this is {word!r}")
    return None if word == "off" else Share(word)


def _secret(values: Mapping[str, str], name: str, path_name: str) -> str:
    path = values.get(PREFIX + path_name)
    if path and not values.get(PREFIX + name):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise NotSetUp(
                f"{PREFIX}{path_name}: {path} cannot be read ({error.strerror})"
            ) from error
    return values.get(PREFIX + name, "")
