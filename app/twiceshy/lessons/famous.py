"""Where the famous incidents pack is: inside an installed package, or at the top of a checkout of
twiceshy.
"""

from pathlib import Path

FAMOUS = "famous:"
"""What stands before its files' paths in messages."""


def famous_folder() -> Path:
    """The folder whose ``lessons/`` and ``rules/`` are the pack. Raises FileNotFoundError when it
    was not shipped.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "famous", package.parents[1]):
        if (folder / "lessons").is_dir() and (folder / "rules").is_dir():
            return folder
    raise FileNotFoundError(
        "the famous incidents pack is missing from this installation: install twiceshy again"
    )
