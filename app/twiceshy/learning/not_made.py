"""Why a form of a failure was not tried. Only values."""

from enum import StrEnum


class NotMade(StrEnum):
    """Why a form cannot be made of a lesson's evidence; said as it is."""

    NO_FREE_NAME = "no name in it is free to be another"
    LONG_TEXT = "a text in it runs over lines, or it is one statement"
    NO_NAMED_ARGUMENTS = "no call in it names two arguments, or comments stand between them"
    NO_NEIGHBOURS = "there is no place for a statement beside what the fix changes"
    NO_BLOCK = "no block is known that it may stand in"
    NO_COMPANY = "no other code is known for its language"
    NO_GRAMMAR = "nothing here can parse its language"
    NO_OWN_NAMES = "it holds no name that is sure to be the project's own"
    NO_CLASSES = "its language has no classes"
    NO_FIX = "its fix is not shown"
    ONE_PIECE = "there is no place for other statements in the middle of it"
    NO_CODE = "what it makes does not parse"
