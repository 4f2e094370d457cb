"""What calls are given by name is read alike in every language, and what a fix changed of it."""

import pytest

from patience import grows_evenly
from twiceshy.guards.recall.keywords import (
    MOST_SIBLINGS,
    KeywordEdit,
    calls_of,
    keyword_edits,
    share_failing,
)
from twiceshy.guards.recall.tokens import tokenize

PLAYBOOK = """- name: {name}
  user:
    name: bob
    password: "{{{{ secret }}}}"
{end}- name: done
  copy:
    src: motd
"""
BUCKET = 'resource "aws_s3_bucket" "logs" {{\n  acl = "{acl}"\n{more}}}\n'


def edits(language: str, failed: str, fixed: str) -> tuple[KeywordEdit, ...]:
    sides = [calls_of(tokenize(code, language)) for code in (failed, fixed)]
    return keyword_edits(sides[0], sides[1])


@pytest.mark.parametrize(
    ("language", "failed", "fixed", "edit"),
    [
        ("python", "post(u)", "post(u, timeout=3)", ("post", "timeout", None, "3")),
        ("python", "a.get(verify=False)", "a.get(verify=x.y)", ("get", "verify", "False", "")),
        ("python", "f(g(a=1), b=2)", "f(g(a=1))", ("f", "b", "2", None)),
        ("javascript", "get(u, {a})", "get(u, {a, wait: 3})", ("get", "wait", None, "3")),
        ("typescript", "get({a: b})", "get({a: b, 'c': {d: 3}})", ("get", "d", None, "3")),
        ("ruby", "start(h, ssl: true)", "start(h, ssl: false)", ("start", "ssl", "true", "false")),
        ("ruby", "run(a)", "run(a, :wait => 3)", ("run", "wait", None, "3")),
        ("kotlin", "val x = open(a)", "val x = open(a, tries = 3)", ("open", "tries", None, "3")),
        ("csharp", "Go(x, a: 1);", "Go(x, a: 1, b: y);", ("Go", "b", None, "")),
        ("php", "<?php go($x);", "<?php go($x, a: 1);", ("go", "a", None, "1")),
        ("swift", "let x = go(y)", "let x = go(y, a: 1)", ("go", "a", None, "1")),
        (
            "go",
            "c := Client{Jar: j}",
            "c := Client{Jar: j, Wait: 3}",
            ("Client", "Wait", None, "3"),
        ),
        (
            "yaml",
            PLAYBOOK.format(name="x", end=""),
            PLAYBOOK.format(name="x", end="  no_log: true\n"),
            ("user", "no_log", None, "true"),
        ),
        (
            "hcl",
            BUCKET.format(acl="public-read", more=""),
            BUCKET.format(acl="private", more=""),
            ('"aws_s3_bucket', "acl", '"public-read', '"private'),
        ),
        (
            "hcl",
            BUCKET.format(acl="private", more=""),
            BUCKET.format(acl="private", more="  versioning {\n    enabled = true\n  }\n"),
            ('"aws_s3_bucket', "versioning", None, ""),
        ),
    ],
)
def test_what_a_fix_gives_a_call_is_known(
    language: str, failed: str, fixed: str, edit: tuple[str, str, str | None, str | None]
) -> None:
    assert KeywordEdit(*edit) in edits(language, failed, fixed)


@pytest.mark.parametrize(
    ("failed", "fixed"),
    [
        ("post(u)", "send(u, timeout=3)"),  # another call
        ("post(a=1, b=2)", "post(b=2, a=1)"),  # another order
        ("def post(u): pass", "def post(u, timeout=3): pass"),  # a definition
        ("post(u); post(v)", "post(u, timeout=3)"),  # one call fewer: nobody knows which
    ],
)
def test_what_is_no_such_edit(failed: str, fixed: str) -> None:
    assert edits("python", failed, fixed) == ()


ADDED = (KeywordEdit("post", "timeout", None, "3"),)
CHANGED = (KeywordEdit("post", "verify", "False", "True"),)


@pytest.mark.parametrize(
    ("wanted", "before", "after", "share"),
    [
        (ADDED, "", "post(other, json=body)", 1),
        (ADDED, "", "post(other, timeout=LONG)", 0),
        (ADDED, "post(u)", "post(u)", 0),  # it stood there before
        (ADDED, "post(u, timeout=3)", "post(u)", 1),
        (ADDED, "", "post(u, timeout=3); post(v)", 1),  # one of two
        (ADDED, "", "get(u)", 0),
        (CHANGED, "", "post(verify=False)", 1),
        (CHANGED, "", "post(verify=True)", 0),
        (CHANGED, "", "post(verify=path)", 0),
        (ADDED + CHANGED, "", "post(verify=True)", 0.5),
        ((), "", "post(u)", 0),
    ],
)
def test_what_a_place_lacks_of_a_fix(
    wanted: tuple[KeywordEdit, ...], before: str, after: str, share: float
) -> None:
    read = [calls_of(tokenize(code, "python")) for code in (after, before)]
    assert share_failing(wanted, read[0], read[1:]) == share


def test_a_long_item_of_a_list_gives_its_keys_to_nobody() -> None:
    item = "- user:\n    name: bob\n" + "".join(f"  k{n}: 1\n" for n in range(MOST_SIBLINGS))
    assert calls_of(tokenize(item, "yaml"))["user"] == [{"name": "bob"}]


@pytest.mark.parametrize("language", ["python", "javascript", "yaml", "hcl"])
@pytest.mark.parametrize(
    "text", ["", ")]}", "(", "{{{", "- ", "-", "f(a=", "f(a:", "- - - a:", 'a "', "f(,=)"]
)
def test_broken_text_has_calls_too(language: str, text: str) -> None:
    calls_of(tokenize(text, language))


@pytest.mark.parametrize(
    ("language", "hostile"),
    [
        ("python", "f("),
        ("javascript", "f({a: "),
        ("javascript", "f(a, {b: 1}); "),
        ("yaml", "- a:\n    b: 1\n  c: 2\n"),
        ("yaml", "a:\n  b: 1\n"),
    ],
)
def test_hostile_texts_are_read_in_linear_time(language: str, hostile: str) -> None:
    tokens = [tokenize(hostile * 200 * times, language) for times in (1, 2)]
    assert grows_evenly(lambda times: calls_of(tokens[times - 1]), 1)


def test_keys_nested_deep_are_read_in_linear_time() -> None:
    def nested(depth: int) -> str:
        return "".join(f"{' ' * level}k{level}:\n" for level in range(depth))

    tokens = [tokenize(nested(150 * times), "yaml") for times in (1, 2)]
    assert grows_evenly(lambda times: calls_of(tokens[times - 1]), 1)
