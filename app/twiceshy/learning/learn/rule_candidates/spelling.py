"""Code as a Semgrep pattern: local names become metavariables, the same one for the same name.
Pure.
"""

import re
from collections.abc import Iterable

from twiceshy.changes.parser.trees import grammar_of
from twiceshy.learning.learn.rule_candidates.tree import Node

ARGUMENTS = frozenset(["argument_list", "arguments", "value_arguments", "call_suffix"])
_LEXEME = re.compile(
    r"""(?P<string>[fFrRbB]{0,2}(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`))"""
    r"""|(?P<number>\b\d[\w.]*)|(?P<name>\$?[^\W\d]\w*)|(?P<rest>[\s\S])"""
)
_MADE_UP = re.compile(r"^[fF]|\$\{|#\{")
_OPENING, _CLOSING = re.compile(r"([(\[]) "), re.compile(r",? ([)\]])")
_TAKEN = frozenset(["ANY", "GIVEN", "OTHER", "NUMBER", "F", "KEYWORDS", "REST", "_"])


class Speller:
    """Writes nodes as patterns."""

    def __init__(self, local: Iterable[str], language: str) -> None:
        self._language = language
        self.metavariables: dict[str, str] = {}
        taken = set(_TAKEN)
        for name in sorted(local):
            plain = re.sub(r"\W", "", name).upper() or "X"
            plain = plain if plain[0].isalpha() and plain.isascii() else "X"
            number = ""
            while plain + number in taken:
                number = str(int(number or "1") + 1)
            taken.add(plain + number)
            self.metavariables[name] = f"${plain}{number}"

    def text(self, node: Node) -> str:
        """The node as it is, under any local names."""
        return self.spelled(node.code)

    def shape(self, node: Node) -> str:
        """The same with any arguments in its calls, and any strings."""
        text = node.code
        for inner in node.walk():
            if inner.kind in ARGUMENTS and inner.code.startswith("("):
                text = text.replace(inner.code, "(...)", 1)
        return self.spelled(text, any_string=True)

    def spelled(self, code: str, *, any_string: bool = False) -> str:
        """Code under any local names; a string that is put together at run time is any string."""
        words: list[str] = []
        last = before_last = ""
        for match in _LEXEME.finditer(code):
            word, kind = match[0], match.lastgroup
            if kind == "name" and word in self.metavariables:
                member = last == "." or before_last + last in ("->", "::")
                after = code[match.end() :].lstrip()
                if not member and not _is_key(after, last):
                    word = self.metavariables[word]
            elif kind == "string" and (any_string or _MADE_UP.search(word)):
                word = '"..."'
            if not word.isspace():
                before_last, last = last, word
            words.append(word)
        return _CLOSING.sub(r"\1", _OPENING.sub(r"\1", "".join(words)))

    def is_call(self, node: Node) -> bool:
        """Whether a node calls something and says with what."""
        return node.kind in grammar_of(self._language).calls and arguments_of(node) is not None

    def callee(self, call: Node) -> str:
        """What a call calls, with any arguments in the calls before it."""
        arguments = arguments_of(call)
        if arguments is None:
            return ""
        head = call.code[: -len(arguments.code)].rstrip()
        for inner in call.walk():
            if inner is not arguments and inner.kind in ARGUMENTS and inner.code.startswith("("):
                head = head.replace(inner.code, "(...)", 1)
        return self.spelled(head, any_string=True)

    def is_local(self, code: str) -> bool:
        """Whether code is a local name by itself."""
        return code in self.metavariables


def _is_key(after: str, last: str) -> bool:
    """Whether a name is that of an argument or of a key."""
    if last not in ("(", ",", "{"):
        return False
    if after.startswith("=") and not after.startswith(("==", "=>")):
        return True
    return after.startswith(":") and not after.startswith(("::", ":="))


def arguments_of(call: Node) -> Node | None:
    """The list of a call's arguments, brackets and all; None of a call without one."""
    for child in reversed(call.children):
        if child.kind == "call_suffix":
            return next((inner for inner in child.children if inner.kind in ARGUMENTS), None)
        if child.kind in ARGUMENTS:
            return child if call.code.endswith(child.code) else None
    return None
