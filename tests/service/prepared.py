"""A service's databases, made once and copied: bringing tables up to date takes longer than most
tests.

With the queues' rows the engine listens to them at once; it looks for new ones once a second.
"""

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from github_double import GitHubDouble
from twiceshy.service.environment import Environment
from twiceshy.service.worker import run_worker

TABLES, WORK = "twiceshy.sqlite", "twiceshy-work.sqlite"


def copy_databases(folder: Path) -> None:
    """Give a service that keeps SQLite in this folder, and has nothing yet, its databases."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / TABLES).exists():
        shutil.copy(_prepared() / TABLES, folder)
        shutil.copy(_prepared() / WORK, folder)


@cache
def _prepared() -> Path:
    """A folder with the databases of a service that was started once and stopped."""
    folder = Path(mkdtemp(prefix="prepared"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with GitHubDouble() as double:
        environment = Environment(
            database_url=f"sqlite:///{folder / TABLES}",
            data_folder=folder,
            app_id=double.app_id,
            private_key=double.private_key,
            webhook_secret=double.webhook_secret,
            api_url=double.url,
        )
        with run_worker(environment):
            pass
    return folder
