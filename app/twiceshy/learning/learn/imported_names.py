"""Which names of a file come from a library, told by its imports. Pure; reads no library, and takes
what the tree itself holds for no library.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Set
from typing import NamedTuple

from twiceshy.lessons.languages import family_of

_PYTHON_FROM = re.compile(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]+)", re.M)
_PYTHON = re.compile(r"^[ \t]*import[ \t]+([^\n]+)", re.M)
_AS = re.compile(r"([\w.]+)(?:[ \t]+as[ \t]+(\w+))?")
_SCRIPT = re.compile(r"""\bimport[ \t]+([^'";]+?)[ \t]+from[ \t]+['"]([^'"]+)['"]""")
_REQUIRED = re.compile(
    r"""\b(?:const|let|var)\s+([\w$]+|\{[^}]*\})\s*=\s*require\(\s*['"]([^'"]+)['"]\s*\)"""
)
_SCRIPT_NAME = re.compile(r"(?:[\w$]+\s+as\s+|[\w$]+\s*:\s*)?([\w$]+)")
_GO_BLOCK = re.compile(r"^import\s*(\([^)]*\)|[^\n]+)", re.M)
_GO = re.compile(r'(?:([\w.]+)[ \t]+)?"([^"]+)"')
_JAVA = re.compile(r"^[ \t]*import[ \t]+(?:static[ \t]+)?([\w.]+)[ \t]*;?", re.M)
_VERSION = re.compile(r"v\d+")


class Imported(NamedTuple):
    """A name as the file has it, and the module it comes from."""

    name: str
    module: str


def library_names(text: str, language: str, tree: Iterable[str]) -> frozenset[str]:
    """Names that the file got from a library; ``tree``: paths of the repository, whose own modules
    are none. Empty for languages whose imports are not known here.
    """
    read, is_own = _READERS.get(family_of(language) or language, (None, None))
    if read is None or is_own is None:
        return frozenset()
    stems = frozenset(_stems(tree))
    names: set[str] = set()
    for imported in read(text):
        if not is_own(imported.module, stems):
            names.add(imported.name)
    return frozenset(names)


def _stems(tree: Iterable[str]) -> Iterator[str]:
    """Each path without its ending, and each folder of it."""
    for path in tree:
        stem, _, _ = path.rpartition(".")
        yield stem
        while "/" in stem:
            stem, _, _ = stem.rpartition("/")
            yield stem


def _python(text: str) -> Iterator[Imported]:
    for module, names in _PYTHON_FROM.findall(text):
        for name, other in _AS.findall(names):
            yield Imported(other or name, module)
    for modules in _PYTHON.findall(text):
        for module, other in _AS.findall(modules):
            yield Imported(other or module.split(".")[0], module)


def _script(text: str) -> Iterator[Imported]:
    for names, module in (*_SCRIPT.findall(text), *_REQUIRED.findall(text)):
        for name in _SCRIPT_NAME.findall(names.replace("*", "all")):
            yield Imported(name, module)


def _go(text: str) -> Iterator[Imported]:
    for block in _GO_BLOCK.findall(text):
        for name, module in _GO.findall(block):
            parts = module.split("/")
            last = parts[-2] if len(parts) > 1 and _VERSION.fullmatch(parts[-1]) else parts[-1]
            yield Imported(name or last, module)


def _java(text: str) -> Iterator[Imported]:
    for module in _JAVA.findall(text):
        yield Imported(module.rpartition(".")[2], module)


def _is_own_python(module: str, stems: Set[str]) -> bool:
    top = module.split(".", maxsplit=1)[0]
    return not top or any(f"{folder}{top}" in stems for folder in ("", "src/", "lib/", "app/"))


def _is_own_script(module: str, _stems: Set[str]) -> bool:
    return module.startswith((".", "/", "@/", "~"))


def _is_own_go(module: str, stems: Set[str]) -> bool:
    parts = module.split("/")
    return any("/".join(parts[start:]) in stems for start in range(1, len(parts)))


def _is_own_java(module: str, stems: Set[str]) -> bool:
    path = module.replace(".", "/")
    shorter, _, _ = path.rpartition("/")
    return any(stem.endswith((path, shorter)) for stem in stems)


_Reader = Callable[[str], Iterator[Imported]]
_READERS: dict[str, tuple[_Reader, Callable[[str, Set[str]], bool]]] = {
    "python": (_python, _is_own_python),
    "javascript": (_script, _is_own_script),
    "typescript": (_script, _is_own_script),
    "tsx": (_script, _is_own_script),
    "go": (_go, _is_own_go),
    "java": (_java, _is_own_java),
}
