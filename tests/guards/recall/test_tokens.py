"""Tokens keep what code is about and drop what a person may change without changing it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language_samples import SAMPLES, LanguageSample
from patience import grows_evenly, no_hang
from twiceshy.changes.parser.client import ask
from twiceshy.changes.parser.leaves import FOREIGN
from twiceshy.guards.recall.grams import View, grams_of
from twiceshy.guards.recall.lexer import lexed
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.lessons.language_table import LANGUAGES
from twiceshy.lessons.languages import language_named


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


HELM = """spec:
  replicas: {{ .Values.replicaCount }}
  containers:
    - name: {{ include "shop.name" . }}
      {{- if .Values.limits }}
      {{/* as much as it
           ever took */}}
      resources:
        limits:
          memory: 512Mi  # enough
        requests:
          memory: 256Mi
      {{- end }}
"""


def test_a_template_is_read_whole_though_it_is_no_yaml() -> None:
    assert " ".join(texts(HELM, "yaml")) == (
        "spec : replicas : {{ . Values . replicaCount }} containers : "
        '- name : {{ include "shop.name . }} {{- if . Values . limits }} '
        "resources : limits : memory : 512Mi requests : memory : 256Mi {{- end }}"
    )


def nested(code: str, language: str) -> list[str]:
    return [f"{token.under} > {token.text}" for token in tokenize(code, language) if token.under]


def test_a_key_knows_what_it_stands_under_wherever_the_text_is_cut() -> None:
    whole = nested(HELM, "yaml")
    assert whole == [
        "spec > replicas",
        "spec > containers",
        "containers > name",
        "containers > resources",
        "resources > limits",
        "limits > memory",
        "resources > requests",
        "requests > memory",
    ]
    cut = "\n".join(HELM.split("\n")[8:])
    assert nested(cut, "yaml") == whole[5:6] + whole[7:]


@pytest.mark.parametrize(
    ("language", "code", "expected"),
    [
        ("hcl", 'resource "aws_eip" "nat" {\n  count = 2\n}\n', ['"aws_eip > count']),
        ("json", '{\n  "limits": {\n    "memory": 1\n  }\n}\n', ['"limits > "memory']),
        ("toml", "[tool.ruff]\nwidth = 100\n", ["tool > width"]),
        (
            "properties",
            "[client]\nport = 1\n[server]\nport = 2\n",
            ["client > port", "server > port"],
        ),
        ("dockerfile", "RUN update \\\n && install curl\n", ["run > install"]),
        ("yaml", "run:\n  - '-c'\n  - \"echo it's\"\n", ['run > "-c', "run > \"echo it's"]),
        ("python", "def f():\n    return 1\n", []),
    ],
)
def test_keys_are_nested_by_indentation_in_all_configuration(
    language: str, code: str, expected: list[str]
) -> None:
    assert nested(code, language) == expected


def test_what_configuration_says_is_not_taken_out() -> None:
    code = 'memory: "512Mi"\nport: 8080\n'
    assert (
        shapes(code, "yaml")
        == texts(code, "yaml")
        == [
            "memory",
            ":",
            '"512Mi',
            "port",
            ":",
            "8080",
        ]
    )


def test_a_key_moved_under_another_is_another_code() -> None:
    def both_views(code: str) -> list[set[int]]:
        return [set(view) for view in grams_of(tokenize(code, "yaml")).views]

    limits, requests = "limits:\n  memory: 1\n", "limits:\nmemory: 1\n"
    assert texts(limits, "yaml") == texts(requests, "yaml")
    for inside, outside in zip(both_views(limits), both_views(requests), strict=True):
        assert len(inside - outside) == 2


def test_a_long_text_of_configuration_is_its_words() -> None:
    code = 'run: "curl http://partner.example/health | grep ready # or wait"\n'
    assert " ".join(texts(code, "yaml")) == (
        'run : " curl http : / / partner . example / health | grep ready # or wait "'
    )


PIECES = ["a", "b1", "if", "\n", "\t", "{{", "}}", *"{}()[]<>:,.=+$@%&|!?"]
"""No quotes and no signs of comments: what stands in these may be left out."""

WITH_TREES = [language.name for language in LANGUAGES if language.grammar]


def letters(text: str) -> str:
    """What of a text is in words; a tree with errors may cut a word in two."""
    return re.sub(r"\W+", "", text)


@given(st.sampled_from(WITH_TREES), st.lists(st.sampled_from(PIECES), max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_word_is_lost_or_out_of_order_however_broken_the_text(
    language: str, pieces: list[str]
) -> None:
    text = " ".join(pieces)
    assert letters("".join(texts(text, language))) == letters(text)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.language)
def test_no_word_is_lost_where_a_sample_is_cut(sample: LanguageSample) -> None:
    lines = sample.good.split("\n")
    for first in range(len(lines)):
        text = "\n".join(lines[first : first + 4])
        kept = "".join(texts(text, sample.language)).lower()
        assert [word for word in re.findall(r"\w+", text) if word.lower() not in kept] == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.language)
def test_a_tree_without_errors_is_read_as_it_is(sample: LanguageSample) -> None:
    record = language_named(sample.language)
    if record.grammar is None or record.words_are_meaning:
        return
    rows = ask("leaves", sample.good, sample.language)
    assert [row for row in rows or () if row[1] == FOREIGN] == []


@pytest.mark.parametrize(
    ("language", "code", "token"),
    [(None, "f'{x}'", 'f"{x}'), ("cpp", 'L"x"', '"L"x"'), ("csharp", '$"x"', '"$"x"')],
)
def test_the_plain_lexer_keeps_what_a_text_begins_with(
    language: str | None, code: str, token: str
) -> None:
    assert [text for text, _, _ in lexed(code, language, 1)] == [token]


HOSTILE = [
    "/* " * 30_000,
    "<!-- " * 20_000,
    "{{/* " * 20_000,
    '"\\' * 50_000,
    "a:\n " * 20_000,
    "- " * 50_000,
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


@pytest.mark.parametrize("language", ["python", "javascript", "sql", "yaml", "xml", None])
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
