"""Writes recall's thresholds into a settings file, and keeps everything else in it as it stands.

Pure: text in, text out. The answer is read back before it is given: nothing unreadable, and nothing
that means something else, is ever written.
"""

from dataclasses import replace

from twiceshy.lessons.lesson_writer import CannotWriteError, rendered
from twiceshy.lessons.positions import read_yaml
from twiceshy.lessons.yaml_edit import with_key
from twiceshy.verdicts.settings import RecallSettings, read_settings

RECALL = "recall"
THRESHOLDS = ("comment_at", "block_at")


def with_recall(text: str, recall: RecallSettings) -> str:
    """The settings with other thresholds; comments stay, those beside the thresholds too.

    Raises SettingsError for settings that cannot be used, CannotWriteError for a text in which the
    thresholds cannot be set without touching anything else.
    """
    before = read_settings(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    values = {name: rendered(getattr(recall, name)) for name in THRESHOLDS}
    whole = f"{{{', '.join(f'{name}: {value}' for name, value in values.items())}}}"
    changed = text
    if RECALL in (read_yaml(text, "").value or {}):
        for name, value in values.items():
            changed = with_key(changed, name, value, newline, inside=RECALL)
    else:
        gap = newline if text and not text.endswith("\n") else ""
        changed = with_key(text + gap, RECALL, whole, newline)
    document = read_yaml(changed, "")
    meant = replace(before.recall, comment_at=recall.comment_at, block_at=recall.block_at)
    if document.problems or read_settings(changed) != replace(before, recall=meant):
        raise CannotWriteError(
            f"`{RECALL}` cannot be set without touching its neighbours: "
            f"write `{RECALL}: {whole}` by hand"
        )
    return changed
