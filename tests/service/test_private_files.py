"""What the service keeps: its owner's alone, whatever the process's umask is, and whatever an older
version left.
"""

import os
from pathlib import Path

import pytest

from github_double import GitHubDouble
from service.shop import BUG, Shop, started


@pytest.mark.apart  # what the judging keeps in its folder is the subject
def test_registries_databases_and_keys_are_its_owners(
    double: GitHubDouble, shop: Shop, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    (data / "registries/old/lessons").mkdir(parents=True)
    (data / "registries/old/lessons/INC-1.md").write_text("a post-mortem")
    data.chmod(0o755)
    before = os.umask(0)
    try:
        with started(double, data, fresh=True) as service:
            service.opened(shop.pull({"src/refund.py": BUG}))
            paths = [data, *data.rglob("*")]
            open_to_others = [
                path for path in paths if path.exists() and path.stat().st_mode & 0o077
            ]
    finally:
        os.umask(before)
    names = {path.name for path in paths}
    assert {
        "twiceshy.sqlite",
        "twiceshy.sqlite-wal",
        "twiceshy-work.sqlite",
        "slug",
        "INC-245.md",
        "index",
    } <= names
    assert open_to_others == []
