"""The tables of slow tests name what there is."""

from pathlib import Path

import pytest

from lanes import QUICK, SLOW

TESTS = Path(__file__).parent


@pytest.mark.parametrize("name", [*SLOW, *QUICK])
def test_what_a_table_names_is_there(name: str) -> None:
    path, _, function = name.partition("::")
    place = TESTS / path
    assert place.exists()
    assert not function or f"def {function}" in place.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", QUICK)
def test_what_is_asked_all_the_same_would_be_left_out(name: str) -> None:
    assert name.startswith(SLOW)
