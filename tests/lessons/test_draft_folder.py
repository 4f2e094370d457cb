"""A folder whose drafts are tried: only the mode of a draft reads otherwise."""

from pathlib import Path

import pytest

from twiceshy.lessons.draft_folder import DraftFolder

BODY = "title: mode\n---\nmode: draft\n\n```yaml bad\nmode: draft\n```\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("---\nmode: draft\n", "---\nmode: observe\n"),
        (
            "---\r\nid: A\r\nmode : 'draft'  # soon\r\n",
            "---\r\nid: A\r\nmode : observe  # soon\r\n",
        ),
        ("\ufeff---\nmode: draft\n", "\ufeff---\nmode: observe\n"),
        ("---\nmode: retired\n", "---\nmode: retired\n"),
        ("---\nmode: drafted\n", "---\nmode: drafted\n"),
    ],
)
def test_only_the_mode_of_a_draft_is_another(tmp_path: Path, before: str, after: str) -> None:
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons/A.md").write_bytes((before + BODY).encode())
    folder = DraftFolder(tmp_path)
    assert folder.read(folder.files()) == {"lessons/A.md": (after + BODY).encode()}
