"""The parser's process: asked by many, killed by some texts, never taking the one who asks with
it.
"""

import os
import resource
import signal
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twiceshy.changes.functions import functions
from twiceshy.changes.parser.client import Parser, ask, own_parser
from twiceshy.lessons.language_table import LANGUAGES

DEADLY = "- " * 400
"""tree-sitter's YAML scanner aborts at 254 blocks inside each other."""


@pytest.fixture(autouse=True)
def _parser() -> None:
    """No parser but those the tests here open."""


def test_a_text_that_kills_the_parser_has_no_tree_and_the_next_one_has() -> None:
    with own_parser() as parser:
        assert functions("def f(): pass\n", "python")
        assert ask("leaves", DEADLY, "yaml") is None
        assert parser.deaths == 1
        assert functions("def f(): pass\n", "python")
        assert parser.deaths == 1


def test_after_a_few_deaths_nothing_is_parsed_any_more() -> None:
    with own_parser() as parser:
        for _ in range(5):
            ask("leaves", DEADLY, "yaml")
        assert parser.deaths == 3
        assert functions("def f(): pass\n", "python") == ()
    assert functions("def f(): pass\n", "python"), "another judging starts anew"


@pytest.mark.parametrize(
    ("language", "text"), [("haskell", "do {" * 25_000), ("json", "[" * 300_000)]
)
def test_a_text_that_takes_too_long_has_no_tree(language: str, text: str) -> None:
    parser = Parser(seconds=0.1)
    try:
        assert parser.ask("leaves", text, language) is None
        assert parser.deaths == 1
    finally:
        parser.close()


def test_a_parser_that_others_keep_from_the_core_still_answers() -> None:
    """What it waits for a core is not what it computes: a busy machine takes no tree away."""
    parser = Parser(seconds=0.5)
    try:
        assert parser.ask("leaves", "a\n", "python")
        process = parser._process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        threading.Timer(1.0, os.kill, (process.pid, signal.SIGCONT)).start()
        assert parser.ask("leaves", "b\n", "python") == [["b", "name", 1]]
        assert parser.deaths == 0
    finally:
        parser.close()


def test_many_texts_are_asked_for_ahead_and_a_deadly_one_takes_no_other_with_it() -> None:
    large = "x = 1\n" * 20_000  # more than a pipe holds
    texts = ["a\n", large, DEADLY, "b: 1\n", "SELECT 1", large, "c: 2\n"]
    questions = [("leaves", text, "sql" if text == "SELECT 1" else "yaml") for text in texts]
    with own_parser() as parser:
        answers = parser.ask_each(questions, lambda answer: answer and answer[0][0])
        assert parser.deaths == 1
    assert answers[0] == "a"
    assert answers[2:5] == [None, "b", None]
    assert answers[6] == "c"
    assert answers[1] == answers[5] is not None


def test_an_answer_nobody_took_is_given_to_nobody_else() -> None:
    def fails(answer: object) -> None:
        raise RuntimeError(str(answer))

    with own_parser() as parser:
        with pytest.raises(RuntimeError):
            parser.ask_each([("leaves", "a\n", "python"), ("leaves", "b\n", "python")], fails)
        assert ask("leaves", "c\n", "python") == [["c", "name", 1]]


def test_a_fork_does_not_ask_its_parents_process() -> None:
    with own_parser() as parser:
        assert ask("leaves", "a\n", "python") == [["a", "name", 1]]
        process = parser._process
        assert process is not None
        child = os.fork()
        if child == 0:
            answer = ask("leaves", "b\n", "python")
            os._exit(0 if answer == [["b", "name", 1]] and parser._process is not process else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert ask("leaves", "c\n", "python") == [["c", "name", 1]]
        assert (parser._process, parser.deaths) == (process, 0)


def test_a_server_with_many_open_files_can_parse() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2_000:
        pytest.skip("so many files may not be opened here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2_000), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)]
    try:
        with own_parser():
            assert ask("leaves", "a\n", "python") == [["a", "name", 1]]
    finally:
        for descriptor in opened:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_parser_killed_from_outside_is_started_anew() -> None:
    with own_parser() as parser:
        parser.start()
        process = parser._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert ask("leaves", "x = 1\n", "python") is None
        assert ask("leaves", "x = 1\n", "python") == [
            ["x", "name", 1],
            ["=", "sign", 1],
            ["1", "number", 1],
        ]


def test_without_a_grammar_or_over_the_limit_nothing_is_started() -> None:
    with own_parser() as parser:
        assert ask("leaves", "SELECT 1", "sql") is None
        assert ask("leaves", "SELECT 1", None) is None
        assert ask("leaves", "a" * 1_000_001, "python") is None
        assert parser._process is None


def test_an_inner_parser_is_the_outer_one() -> None:
    with own_parser() as outer, own_parser() as inner:
        assert inner is outer


def test_nothing_of_the_current_folder_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json.py", "ast_grep_py.py", "re.py"):
        (tmp_path / name).write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    assert functions("def f(): pass\n", "python")


@given(
    st.sampled_from([language.name for language in LANGUAGES if language.grammar]),
    st.text(max_size=300),
)
@settings(max_examples=150, deadline=None)
def test_no_text_raises(language: str, text: str) -> None:
    functions(text, language)


@pytest.mark.parametrize(
    "text", ["\ud800 = 1\n", "x = '\x00'\n", "a\rb\r\nc\u2028d\n", "", "\ufeffdef f(): pass\n"]
)
def test_odd_characters_are_no_reason_to_die(text: str) -> None:
    with own_parser() as parser:
        assert ask("leaves", text, "python") is not None
        assert parser.deaths == 0
