"""YAML as plain values with the line of every key. Bounded in size, depth and what aliases may
stand for.

Never writes YAML, never builds objects: only text, numbers, dates, lists and mappings come out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from twiceshy.lessons.lesson import Problem

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml: slower, the same answers
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 40
MAX_NUMBER = 64
MAX_NODES = 100_000
"""After aliases are followed: a few lines of them can stand for billions of values."""

Path = tuple[str | int, ...]
"""Keys and positions that lead to a value, as in ``("companions", 0, "when")``."""


@dataclass(frozen=True)
class Document:
    """A YAML document: its value, the 1-based line of every key and item, and what is wrong with
    it.
    """

    value: Any
    lines: dict[Path, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def line(self, path: Path) -> int:
        """The line of a value, or of the nearest thing around it that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(text: str, source: str, first_line: int = 1) -> Document:
    """Read one document; ``first_line`` is where the text starts in its file. Never raises for what
    is in it.
    """
    if len(text) > MAX_CHARACTERS:
        return _refused(source, 0, f"over {MAX_CHARACTERS:,} characters: split the file")
    reader = _Reader(source, first_line)
    try:
        _hold_depth(text, first_line)
        node = yaml.compose(text, Loader=Loader)
        value = reader.value(node, ()) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        what = " ".join(part for part in (error.context, error.problem) if part)
        return _refused(source, line, f"not valid YAML: {what}{_mend(what)}")
    except _TooMuchError as error:
        limits = f"over {MAX_NODES:,} values or {MAX_DEPTH} levels, aliases counted"
        return _refused(source, error.line, f"{limits}: write less into one file")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return _refused(source, first_line, f"not valid YAML: {error}")
    return Document(value, reader.lines, tuple(reader.problems))


def _hold_depth(text: str, first_line: int) -> None:
    """Refuse depth before anything composes it: libyaml's composer recurses in C, and deep brackets
    end the process.
    """
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _TooMuchError(first_line + (event.start_mark.line if event.start_mark else 0))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _refused(source: str, line: int, message: str) -> Document:
    return Document(None, {}, (Problem(source, line, message),))


def _mend(what: str) -> str:
    if "\\t" in what or "'\t'" in what:
        return "; indent with spaces, not tabs"
    if "mapping values are not allowed" in what:
        return "; put a text that holds a colon into quotes"
    if "cannot start any token" in what:
        return "; a text that starts with @, `, *, & or % needs quotes"
    return ""


class _TooMuchError(Exception):
    """More values than a file that a person wrote holds."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Reader:
    """Builds plain values out of nodes, and notes where each stands."""

    def __init__(self, source: str, first_line: int) -> None:
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._source = source
        self._first = first_line
        self._nodes = 0
        self._scalars = yaml.SafeLoader("")

    def value(self, node: yaml.Node, path: Path) -> Any:
        line = self._first + node.start_mark.line
        self.lines.setdefault(path, line)
        self._nodes += 1
        if self._nodes > MAX_NODES or len(path) > MAX_DEPTH:
            raise _TooMuchError(line)
        if isinstance(node, yaml.MappingNode):
            return {key: self.value(child, (*path, key)) for key, child in self._keys(node, path)}
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, number)) for number, child in enumerate(node.value)]
        return self._scalar(node)

    def _keys(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, yaml.Node]]:
        seen: dict[str, int] = {}
        for key_node, child in node.value:
            line = self._first + key_node.start_mark.line
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            if key in seen:
                message = f"`{key}` stands here and in line {seen[key]}: keep one of them"
                self.problems.append(Problem(self._source, line, message))
                continue
            seen[key] = self.lines[(*path, key)] = line
            yield key, child

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            # YAML's base-60 numbers take quadratic time, and JSON and messages refuse numbers of
            # thousands of digits
            if len(node.value) <= MAX_NUMBER:
                return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, OverflowError):
            pass  # a date like 2026-02-31: whoever wants a date there says so, with the line
        return str(node.value)
