"""The forms a report can be written in: the one list of them. Imports nothing, so that the command
line can name them before anything is loaded.
"""

from enum import StrEnum


class Format(StrEnum):
    """Each is the name of a module in ``render``."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    MARKDOWN = "markdown"
    GITHUB = "github"
