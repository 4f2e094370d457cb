"""The process answers what the functions it asks give: its lines lose nothing."""

import json
from itertools import product

import pytest

from changes.test_functions import CASES
from twiceshy.changes.parser.client import ask
from twiceshy.changes.parser.process import QUESTIONS


@pytest.mark.parametrize(("language", "question"), [*product(CASES, QUESTIONS)])
def test_an_answer_is_what_the_question_s_function_gives(language: str, question: str) -> None:
    text, _ = CASES[language]
    answer = QUESTIONS[question](text, language)
    assert ask(question, text, language) == json.loads(json.dumps(answer))
