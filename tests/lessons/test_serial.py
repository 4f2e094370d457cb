"""Values survive being written and read: by position for the index, by name for what outlives a
build.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import pytest

from twiceshy.lessons.serial import (
    as_json,
    as_values,
    as_values_of_kind,
    dumps,
    from_json,
    from_values,
    loads,
    result_type,
)


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Leaf:
    name: str
    day: date | None = None
    colour: Colour = Colour.RED


@dataclass(frozen=True, slots=True)
class Tree:
    leaves: tuple[Leaf, ...]
    texts: Mapping[str, str | None]
    pair: tuple[int, str] = (1, "one")
    numbers: frozenset[int] = frozenset()
    rows: tuple[dict[str, int], ...] = ()


LEAF = Leaf("oak", date(2026, 5, 14))
TREE = Tree((LEAF, Leaf("\ud800")), {"a": "x", "b": None}, (2, "two"), frozenset({3}), ({"n": 1},))


def test_by_name_everything_comes_back() -> None:
    assert from_json(as_json(TREE), Tree) == TREE
    assert from_json(as_json((LEAF,)), tuple[Leaf, ...]) == (LEAF,)
    assert from_values([as_values(LEAF)], list[Leaf]) == [LEAF]


def test_by_position_it_is_small_and_comes_back() -> None:
    assert dumps(LEAF) == '["oak","2026-05-14","red"]'
    assert loads(dumps(LEAF), Leaf) == LEAF


def test_an_unknown_name_is_passed_over_and_a_missing_one_takes_its_default() -> None:
    assert from_values({"name": "elm", "height": 3}, Leaf) == Leaf("elm")


def test_one_of_several_is_known_by_its_kind() -> None:
    values = as_values_of_kind(LEAF)
    assert values["kind"] == "Leaf"
    assert from_values(values, Leaf | Tree) == LEAF


@pytest.mark.parametrize(
    ("values", "shape"),
    [({}, Leaf), (3, Leaf), ("x", Colour), (["oak"], Leaf), ({"kind": "Stone"}, Leaf | Tree)],
)
def test_what_is_not_one_is_a_value_error(values: Any, shape: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_values(values, shape)


def test_a_function_says_what_it_gives() -> None:
    def grow(height: int) -> Tree | None:
        raise NotImplementedError

    assert result_type(grow) == Tree | None
    assert result_type(len) is Any
