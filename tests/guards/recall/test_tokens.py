"""Tokens keep what code is about and drop what a person may change without changing it."""

import pytest

from patience import grows_evenly, no_hang
from twiceshy.guards.recall.grams import View, grams_of
from twiceshy.guards.recall.tokens import tokenize


def texts(code: str, language: str | None) -> list[str]:
    return [token.text for token in tokenize(code, language)]


def shapes(code: str, language: str | None) -> list[str]:
    return [token.abstract for token in tokenize(code, language)]


def test_local_names_are_taken_out_and_what_is_called_accessed_or_named_stays() -> None:
    assert shapes("reply = client.post(url, timeout=wait)\n", "python") == [
        "ID",
        "=",
        "ID",
        ".",
        "post",
        "(",
        "ID",
        ",",
        "timeout",
        "=",
        "ID",
        ")",
    ]


@pytest.mark.parametrize("language", ["python", None])
def test_constants_types_and_self_keep_their_names(language: str | None) -> None:
    assert shapes("self.limit = Limit(MAX)\n", language) == [
        "self",
        ".",
        "limit",
        "=",
        "Limit",
        "(",
        "MAX",
        ")",
    ]


def test_comments_documentation_and_trailing_commas_are_dropped() -> None:
    code = 'def f():\n    """What it does."""\n    # why\n    return g(\n        1,\n    )\n'
    assert texts(code, "python") == ["def", "f", "(", ")", ":", "return", "g", "(", "1", ")", "}"]


def test_a_text_says_the_same_in_any_quotes_and_keeps_its_inner_ones() -> None:
    assert texts("a('x', \"x\", '\"x\"', b'x')\n", "python") == [
        "a",
        "(",
        '"x',
        ",",
        '"x',
        ",",
        '""x"',
        ",",
        'b"x',
        ")",
    ]


def test_long_texts_that_differ_only_at_the_end_differ() -> None:
    first, second = texts(f'a = "{"x" * 90}1"\n', "python"), texts(f'a = "{"x" * 90}2"\n', "python")
    assert (first[:2], len(first[2]), first != second) == (["a", "="], 40, True)


def test_where_a_block_ends_is_part_of_python() -> None:
    inside, outside = "if a:\n    b()\n    c()\n", "if a:\n    b()\nc()\n"
    assert texts(inside, "python") != texts(outside, "python")


def test_numbers_are_alike_in_shape_except_for_the_smallest() -> None:
    assert shapes("a[0] = 1 + 4096\n", "python") == ["ID", "[", "0", "]", "=", "1", "+", "NUM"]


@pytest.mark.parametrize(
    ("language", "code", "expected"),
    [
        ("sql", "SELECT id -- the key\nFROM t", ["select", "id", "from", "t"]),
        ("toml", "a = 'b' # why\n", ["a", "=", '"b']),
        (
            "properties",
            "url=http://host/x\n",
            ["url", "=", "http", ":", "/", "/", "host", "/", "x"],
        ),
        ("dockerfile", "RUN a --flag # x\n", ["run", "a", "-", "-", "flag"]),
        ("xml", "<a><!-- no --><b/></a>", ["<", "a", ">", "<", "b", "/", ">", "<", "/", "a", ">"]),
        ("groovy", "x() // why\n", ["x", "(", ")"]),
    ],
)
def test_a_plain_lexer_serves_languages_without_a_grammar(
    language: str, code: str, expected: list[str]
) -> None:
    assert texts(code, language) == expected


def test_a_script_inside_a_page_is_read_as_code() -> None:
    script = (
        "fetch(url).then(reply => reply.json()).then(show).catch(() => retry(url, 3));"
        + " " * 20
        + "stop();"
    )
    assert "catch" in texts(f"<script>{script}</script>", "html")


def test_lines_are_those_of_the_text() -> None:
    assert [token.line for token in tokenize("a = 1\n\nb = (\n    2)\n", "python")] == [
        1,
        1,
        1,
        3,
        3,
        3,
        4,
        4,
    ]


HOSTILE = [
    "",
    "(" * 50_000,
    "'" * 50_000,
    "/*" * 50_000,
    "x = 1 " * 20_000,
    "\\" * 50_000,
    "-- " * 30_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_the_largest_hostile_texts_do_not_hang(text: str) -> None:
    with no_hang():
        tokenize(6 * text, "javascript")


@pytest.mark.parametrize("language", ["python", "javascript", "sql", "yaml", None])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_take_linear_time(language: str | None, text: str) -> None:
    assert grows_evenly(lambda times: tokenize(text[: times * 2_000], language), 5)


def test_a_text_over_the_limit_has_no_tokens() -> None:
    assert tokenize("a" * 1_000_001, "python") == ()


def test_shapes_know_that_two_names_of_a_run_are_the_same() -> None:
    def runs(code: str) -> set[int]:
        return set(grams_of(tokenize(code, "python")).views[View.SHAPE])

    assert runs("a = f(a)\n") == runs("b = f(b)\n")
    assert runs("a = f(a)\n") != runs("b = f(a)\n")
