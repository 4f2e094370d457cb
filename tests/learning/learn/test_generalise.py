"""What several fixes have in common: metavariables where they vary, nothing that stands beside one
of them by accident.
"""

import pytest

from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.generalise import generalised
from twiceshy.learning.learn.rule_candidates import RuleCandidate
from twiceshy.learning.learn.rule_selection import choose, fired

TIMEOUT = [
    (
        "def f(url):\n    r = requests.get(url)\n    return r.json()\n",
        "def f(url):\n    r = requests.get(url, timeout=5)\n    return r.json()\n",
    ),
    (
        "def pay(order, token):\n    log(order)\n    return requests.get(order.url, auth=token)\n",
        "def pay(order, token):\n    log(order)\n"
        "    return requests.get(order.url, auth=token, timeout=30)\n",
    ),
]
GUARD = [
    (
        "def a(self, path):\n    data = store.load(path)\n    self.use(data)\n",
        "def a(self, path):\n    if path is None:\n        return None\n"
        "    data = store.load(path)\n    self.use(data)\n",
    ),
    (
        "def b(where):\n    text = store.load(where)\n    return text\n",
        "def b(where):\n    if where is None:\n        return None\n"
        "    text = store.load(where)\n    return text\n",
    ),
]
ESCAPE = [
    (
        "function f(a) { cache.put(a.id, encode(a)); }\n",
        "function f(a) { cache.put(a.id, escape(encode(a))); }\n",
    ),
    (
        "function g(b) { cache.put(b.key(), encode(b)); }\n",
        "function g(b) { cache.put(b.key(), escape(encode(b))); }\n",
    ),
]
NOT_NULL = [
    (
        "class A { void f(B user) {\n audit.record(user.getName());\n } }\n",
        "class A { void f(B user) {\n Objects.requireNonNull(user);\n"
        " audit.record(user.getName());\n } }\n",
    ),
    (
        "class C { void g(B other) {\n int x = 5;\n audit.record(other.getName());\n } }\n",
        "class C { void g(B other) {\n int x = 5;\n Objects.requireNonNull(other);\n"
        " audit.record(other.getName());\n } }\n",
    ),
]
LOCKED = [
    (
        "func a(mset *M, o *C) {\n\tif !mset.checkInterest(first, o) {\n\t\treturn\n\t}\n}\n",
        "func a(mset *M, o *C) {\n\tif !mset.checkInterest(first+1, o) {\n\t\treturn\n\t}\n}\n",
    ),
    (
        "func b(m *M, c *C) {\n\tx := 5\n\tif !m.checkInterest(n, c) {\n\t\treturn\n\t}\n}\n",
        "func b(m *M, c *C) {\n\tx := 5\n\tif !m.checkInterest(n+1, c) {\n\t\treturn\n\t}\n}\n",
    ),
]


def pairs_of(language: str, shown: list[tuple[str, str]]) -> list[EvidencePair]:
    return [EvidencePair("a", language, "", bad, good, ()) for bad, good in shown]


def rules_of(language: str, shown: list[tuple[str, str]]) -> list[RuleCandidate]:
    return list(generalised(pairs_of(language, shown)))


@pytest.mark.parametrize(
    ("language", "shown", "wanted"),
    [
        (
            "python",
            TIMEOUT,
            (
                ("pattern", "requests.get(...)"),
                ("pattern-not", "requests.get(..., timeout=$X1, ...)"),
            ),
        ),
        (
            "python",
            GUARD,
            (
                ("pattern", "$X1 = store.load($X2)"),
                (
                    "pattern-not-inside",
                    "if $X2 is None:\n    return None\n...\n$X1 = store.load($X2)",
                ),
            ),
        ),
        (
            "javascript",
            ESCAPE,
            (
                ("pattern", "cache.put($X1, encode($X2));"),
                ("pattern-not", "cache.put($X1, escape(encode($X2)));"),
            ),
        ),
        (
            "java",
            NOT_NULL,
            (
                ("pattern", "audit.record($X1.getName());"),
                (
                    "pattern-not-inside",
                    "Objects.requireNonNull($X1);\n...\naudit.record($X1.getName());",
                ),
            ),
        ),
        (
            "go",
            LOCKED,
            (
                ("pattern", "!$X1.checkInterest($X2, $X3)"),
                ("pattern-not", "!$Y1.checkInterest($Y2+1, $Y3)"),
            ),
        ),
    ],
)
def test_two_fixes_make_a_rule_that_knows_them_and_a_third(
    language: str, shown: list[tuple[str, str]], wanted: tuple[tuple[str, str], ...]
) -> None:
    candidates = rules_of(language, shown)
    (number,) = [
        place for place, candidate in enumerate(candidates) if candidate.patterns == wanted
    ]
    assert candidates[number].how == "generalised over 2 fixes"
    ending = {"python": "py", "javascript": "js", "java": "java", "go": "go"}[language]
    texts: dict[str, str] = {}
    for place, (bad, good) in enumerate(shown):
        texts[f"bad{place}.{ending}"], texts[f"good{place}.{ending}"] = bad, good
    hits = fired(candidates, texts, language)
    assert {path for path, numbers in hits.items() if number in numbers} == {
        f"bad0.{ending}",
        f"bad1.{ending}",
    }


def test_one_fix_varies_in_nothing() -> None:
    assert rules_of("python", TIMEOUT[:1]) == []


def test_fixes_that_share_nothing_make_no_rule() -> None:
    assert rules_of("python", [TIMEOUT[0], GUARD[1]]) == []


def test_a_language_whose_code_is_no_pattern_makes_none() -> None:
    assert rules_of("yaml", [("a: 1\n", "a: 2\n"), ("b: 1\n", "b: 2\n")]) == []


def test_a_text_that_nests_without_end_makes_none() -> None:
    deep = "f(" * 5_000 + ")" * 5_000
    assert rules_of("python", [(deep, f"g({deep})"), (deep, f"g({deep})")]) == []


def as_own_call(code: str) -> str:
    """A call that no list of misuses knows."""
    return code.replace("requests.get", "ledger.fetch_rows").replace("timeout", "budget")


def test_a_sibling_lends_its_shape_to_the_choice() -> None:
    """The fix alone would be caught by its own words; its sibling says which of them vary."""
    own = [tuple(as_own_call(text) for text in pair) for pair in TIMEOUT]
    first, second = pairs_of("python", [(bad, good) for bad, good in own])
    use = "def f{0}(url):\n    return ledger.fetch_rows(url, budget={0})\n"
    tree = {f"use{number}.py": use.format(number) for number in range(12)}
    choice = choose([first], tree, siblings=[second])
    assert choice.winner is not None
    assert choice.winner.candidate.how == "generalised over 2 fixes"
    third = {"c.py": "def g():\n    return ledger.fetch_rows(HOME, headers=HEADERS)\n"}
    assert fired([choice.winner.candidate], third, "python")
