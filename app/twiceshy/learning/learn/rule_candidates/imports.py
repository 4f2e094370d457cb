"""What a file brings in from elsewhere, so that a call of a library is known from one of its own.
Pure; reads imports by their words, in any language.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from twiceshy.learning.learn.rule_candidates.tree import Node

_IMPORTING = ("import", "use_declaration", "using_directive", "preproc_include")
_NAME = re.compile(r"[^\W\d]\w*")
_QUOTED = re.compile(r"""["'<]([^"'<>]+)["'>]""")
_REQUIRED = re.compile(r"""(?:const|let|var)\s+(.+?)\s*=\s*require\(["']([^"']+)["']\)""")
_FROM = re.compile(r"^from\s+(\S+)\s+import\s+(.+)$")
_FIRST = re.compile(r"(?:new\s+|await\s+)*([^\W\d]\w*)")


@dataclass(frozen=True, slots=True)
class Imports:
    """By the name it has here, from where each thing was brought in."""

    sources: Mapping[str, str] = field(default_factory=dict)

    def holds(self, pattern: str) -> bool:
        """Whether a pattern begins with what was brought in."""
        first = _FIRST.match(pattern)
        return first is not None and first[1] in self.sources


def imports_of(root: Node, path: str) -> Imports:
    """What the file at ``path`` imports, but for what its own folders hold."""
    sources: dict[str, str] = {}
    own = set(PurePosixPath(path).parts[:2])
    for node in root.walk():
        if node.kind.startswith(_IMPORTING) or node.kind.startswith("import"):
            sources |= _imported(node.code)
        elif (
            node.kind in ("lexical_declaration", "variable_declaration") and "require" in node.code
        ):
            sources |= _required(node.code)
    foreign: dict[str, str] = {}
    for name, source in sources.items():
        if not source.startswith(".") and re.split(r"[./\\]", source)[0] not in own:
            foreign[name] = source
    return Imports(foreign)


def _imported(code: str) -> dict[str, str]:
    code = code.rstrip("; ")
    if match := _FROM.match(code):
        return dict.fromkeys(_here(match[2]), match[1])
    if quoted := _QUOTED.search(code):
        last = re.split(r"[/]", quoted[1])[-1]
        named = _here(code[: quoted.start()].removeprefix("import").replace(" from", ""))
        return dict.fromkeys(named or _NAME.findall(last)[:1], quoted[1])
    source = re.sub(r"^(?:import|using|use)\s+(?:static\s+)?", "", code)
    return dict.fromkeys(_here(re.split(r"[.:\\]", source)[-1]) or _here(source), source)


def _here(text: str) -> list[str]:
    """The names that imported things have here: of ``a as b`` the second."""
    names: list[str] = []
    for part in re.split(r"[,{}()]", text):
        words = _NAME.findall(part)
        names += words[-1:]
    return names


def _required(code: str) -> dict[str, str]:
    match = _REQUIRED.search(code)
    return dict.fromkeys(_here(match[1]), match[2]) if match else {}
