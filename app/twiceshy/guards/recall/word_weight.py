"""Words that tell little wherever they stand: keywords, and names every program uses. Numbers by
hand, not fitted.
"""

from functools import lru_cache

from twiceshy.lessons.languages import KEYWORDS

_COMMON = (
    "err error e i j k n x y s v a b c f p args kwargs cls init name value key data result get set"
    " add append len str list dict size length push pop join split format print println log info"
    " debug warn test main run start stop open close read write file path id item items index count"
    " text line lines msg message options opts config ctx context request response req res obj"
    " object params param arg callback cb fn func function callable handler event url uri user"
    " values keys update copy isinstance hasattr getattr setattr super range zip map filter"
    " enumerate sorted int float bool tuple string equals tostring hashcode exception valueerror"
    " typeerror keyerror illegalargumentexception nullpointerexception errorf sprintf printf fmt"
    " strings append make context background require exports module prototype call apply bind slice"
    " concat replace match search regex re os sys json self builder isempty has contains create"
    " build make new put remove delete type types node parent child children"
)

COMMON = frozenset(_COMMON.split())
"""Lower case."""

KEYWORD_WEIGHT = 0.3
"""Signs and placeholders weigh less, names more."""


@lru_cache(maxsize=131_072)
def word_weight(word: str) -> float:
    """How much a word tells by itself, 0..1: names much, keywords little, placeholders and signs
    almost nothing.
    """
    if word in ("ID", "STR", "NUM"):
        return 0.2
    lower = word.lower().strip("_")
    if lower in KEYWORDS:
        return KEYWORD_WEIGHT
    if not any(char.isalnum() for char in word):
        return 0.1
    one_letter = len(lower) < 2  # noqa: PLR2004 - or none
    return 0.5 if lower in COMMON or one_letter or lower.isdigit() else 1.0
