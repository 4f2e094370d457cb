"""The App's copies of registries: a file that cannot be kept is one problem, all others guard."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from samples import REGISTRY, RENAMED, diff_of_new
from twiceshy.github.api import Api
from twiceshy.github.registry_store import RegistryStore
from twiceshy.lessons.kept_registry import KeptRegistry, why_refused
from twiceshy.verdicts.guard import Guard
from twiceshy.verdicts.verdict import Conclusion


class Listing:
    """GitHub's trees endpoint and blobs: rows as they are documented, however odd their names."""

    installation = 1

    def __init__(
        self, rows: list[dict[str, Any]], texts: Mapping[str, str], truncated: bool = False
    ) -> None:
        self._rows, self._texts, self._truncated = rows, texts, truncated

    def get(self, path: str, **_: object) -> dict[str, Any]:
        return {
            "tree": self._rows if path.endswith("/lessons") else RULES,
            "truncated": self._truncated,
        }

    def graphql(self, _: str, variables: dict[str, Any]) -> dict[str, Any]:
        oids = {
            key: value for key, value in variables.items() if key.startswith("o") and key != "owner"
        }
        return {"repository": {key: {"text": self._texts.get(oid)} for key, oid in oids.items()}}


def row(path: str, sha: str = "odd", mode: str = "100644", size: int = 10) -> dict[str, Any]:
    return {
        "path": path,
        "mode": mode,
        "type": "commit" if mode == "160000" else "blob",
        "sha": sha,
        "size": size,
    }


RULES = [row("inc-245.yaml", "rule")]
TEXTS = {
    "lesson": REGISTRY["lessons/INC-245.md"],
    "rule": REGISTRY["rules/inc-245.yaml"],
    "odd": "no lesson",
}
ODD = [
    row("n" * 300 + ".md"),
    row("/".join(["f" * 200] * 25) + "/x.md"),
    row("/".join("f" * 60) + "/x.md"),
    row("../../x.md"),
    row("a\\b.md"),
    row("\ud800.md"),
    row("link.md", mode="120000"),
    row("sub.md", mode="160000"),
    row("large.md", size=50_000_000),
    row("picture.md", "binary"),
    row("clash.md", "odd"),
    row("clash.md/x.md", "odd"),
]


def test_every_odd_file_is_one_problem_and_the_lesson_guards(tmp_path: Path) -> None:
    api = cast(Api, Listing([row("INC-245.md", "lesson"), *ODD], TEXTS, truncated=True))
    folder = RegistryStore(tmp_path).folder(
        api, "acme/shop", {"lessons": "lessons", "rules": "rules"}
    )
    assert folder is not None
    guard = Guard((KeptRegistry(folder, "acme/shop", "acme/shop:"),), cache=tmp_path / "cache")
    report = guard.check(diff_of_new("a.py", RENAMED), lambda _: RENAMED)
    assert report.conclusion is Conclusion.FAILURE
    assert len(guard.problems) == len(ODD) + 2, "each, and that both folders were cut"
    assert all(problem.path.startswith("acme/shop:") for problem in guard.problems)
    again = Guard((KeptRegistry(folder, "acme/shop", "acme/shop:"),), cache=tmp_path / "cache")
    assert again.problems == guard.problems


def test_ordinary_names_are_kept_whatever_their_letters() -> None:
    for path in (
        "lessons/INC 1.md",
        "lessons/Größe.md",
        "lessons/日本/停止.md",
        "lessons/CON.md",
        "lessons/a..md",
    ):
        assert why_refused(path, "100644", 10) == ""
