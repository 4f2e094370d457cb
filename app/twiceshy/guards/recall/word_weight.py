"""Words that tell little wherever they stand: keywords, and names every program uses. Numbers by
hand, not fitted.
"""

from functools import lru_cache

_KEYWORDS = (
    "if else elif for while return try except catch finally with as in is not and or import from"
    " def fn func function class public private protected static final const let var new nil null"
    " none true false self this end do then fi done pass break continue raise throw throws async"
    " await yield lambda switch case default struct interface type package void int string bool"
    " float double long char byte pub mut impl use goto go defer range map chan select super"
    " extends implements instanceof typeof delete global nonlocal assert del val fun unless begin"
    " rescue require module exports undefined object boolean integer override abstract enum"
    " namespace using echo local"
)

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

KEYWORDS, COMMON = frozenset(_KEYWORDS.split()), frozenset(_COMMON.split())
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
