"""Thresholds are written into the settings, and everything else stays as it stood."""

from pathlib import Path

import pytest

import twiceshy.cli
from twiceshy.lessons.lesson_writer import CannotWriteError
from twiceshy.verdicts.settings import RecallSettings, SettingsError, read_settings
from twiceshy.verdicts.settings_writer import with_recall

NEW = RecallSettings(0.937, 0.991)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "recall: {comment_at: 0.937, block_at: 0.991}\n"),
        ("# ours\n", "# ours\nrecall: {comment_at: 0.937, block_at: 0.991}\n"),
        (
            "max_comments: 3  # few",
            "max_comments: 3  # few\nrecall: {comment_at: 0.937, block_at: 0.991}\n",
        ),
        (
            "recall: {comment_at: 0.9} # loud\nblock_at: low\n",
            "recall: {comment_at: 0.937, block_at: 0.991} # loud\nblock_at: low\n",
        ),
        (
            "recall:\n  # as agreed\n  comment_at: 0.9   # ada\n\n# the rest\nblock_at: low\n",
            "recall:\n  # as agreed\n  comment_at: 0.937   # ada\n  block_at: 0.991\n\n"
            "# the rest\nblock_at: low\n",
        ),
        (
            "recall:\r\n  block_at: 0.98\r\n  comment_at: 0.90\r\n",
            "recall:\r\n  block_at: 0.991\r\n  comment_at: 0.937\r\n",
        ),
        ("recall: {}\n", "recall: {comment_at: 0.937, block_at: 0.991}\n"),
    ],
)
def test_every_other_byte_stays(before: str, after: str) -> None:
    assert with_recall(before, NEW) == after
    assert read_settings(after).recall == NEW
    assert with_recall(after, NEW) == after


def test_the_settings_that_init_writes_keep_their_comments() -> None:
    config = Path(twiceshy.cli.__file__).parent / "templates/config.yml"
    text = config.read_text()
    changed = with_recall(text, NEW)
    assert changed == text.replace("comment_at: 0.90 ", "comment_at: 0.937 ").replace(
        "block_at: 0.98 ", "block_at: 0.991 "
    )


@pytest.mark.parametrize(
    "text",
    [
        "max_comments: 3\n...\n",
        "recall: {\n  comment_at: 0.9 # ours\n}\n",
        "--- {max_comments: 3}\n--- {}\n",
    ],
)
def test_what_cannot_be_set_alone_is_left_to_a_person(text: str) -> None:
    with pytest.raises((CannotWriteError, SettingsError)):
        with_recall(text, NEW)
