"""Which of Semgrep's languages a file is in, by its name or its first line. The table is Semgrep's
own (its lang.json).
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from twiceshy.lessons.language import Language
from twiceshy.lessons.language_table import LANGUAGES

_TABLE = """
apex: apex .cls
bash: bash sh .bash .sh
c: c .c .h
cairo: cairo .cairo
circom: circom .circom
clojure: clojure .clj .cljs .cljc .edn
cpp: cpp c++ .cc .cpp .cxx .c++ .pcc .tpp .C .h .hh .hpp .hxx .inl .ipp
csharp: csharp c# .cs
dart: dart .dart
dockerfile: dockerfile docker .dockerfile .Dockerfile
elixir: ex elixir .ex .exs
fga: fga openfga .fga
go: go golang .go
gosu: gosu .gs
hack: hack .hack .hck .hh
html: html .htm .html
java: java .java
js: js javascript .cjs .js .jsx .mjs
json: json .json .ipynb
jsonnet: jsonnet .jsonnet .libsonnet
julia: julia .jl
kotlin: kt kotlin .kt .kts .ktm
lisp: lisp .lisp .cl .el
lua: lua .lua
move_on_aptos: move_on_aptos .move
move_on_sui: move_on_sui .move
ocaml: ocaml .ml .mli
php: php .php .tpl .phtml
powershell: powershell .ps1
promql: promql .promql
protobuf: proto protobuf proto3 .proto
python: py python .py .pyi
python2: python2 .py .pyi
python3: python3 .py .pyi
r: r .r .R
ruby: ruby .rb
rust: rust .rs
scala: scala .scala
scheme: scheme .scm .ss
solidity: solidity sol .sol
swift: swift .swift
terraform: tf hcl terraform .tf .tofu .hcl .tfvars
ts: ts typescript .ts .tsx
vue: vue .vue
xml: xml .xml .plist
yaml: yaml .yml .yaml
generic: generic spacegrep
aliengrep: aliengrep
regex: regex none
"""
ANY_TEXT = frozenset({"generic", "aliengrep", "regex"})
"""Languages every text file is in."""

_CANONICAL: dict[str, str] = {}
_EXTENSIONS: dict[str, set[str]] = {}
for _row in _TABLE.strip().splitlines():
    _name, _words = _row.split(":")
    for _word in _words.split():
        if _word.startswith("."):
            _EXTENSIONS.setdefault(_word, set()).add(_name)
        else:
            _CANONICAL[_word] = _name


def canonical(language: str) -> str | None:
    """Semgrep's one name for a language of a rule, None when it knows none."""
    return _CANONICAL.get(language.lower())


def semgrep_name(language: Language) -> str | None:
    """Semgrep's one name for a language of ours, None when it knows none."""
    return canonical(language.semgrep or language.name)


def _passed_over() -> Iterator[tuple[str, str]]:
    """Endings that Semgrep passes over, of files that run all the same: naming a file so must not
    hide it.
    """
    for language in LANGUAGES:
        name = semgrep_name(language)
        for extension in language.extensions:
            if name and extension not in _EXTENSIONS:
                yield extension, name


def _of_interpreters() -> Iterator[tuple[str, set[str]]]:
    for language in LANGUAGES:
        for interpreter in language.interpreters:
            names = {semgrep_name(language), canonical(interpreter)}
            yield interpreter, {name for name in names if name}


_PASSED_OVER = dict(_passed_over())
_INTERPRETERS = dict(_of_interpreters())


def languages_of(path: str, text: str) -> frozenset[str]:
    """Every language a file may be judged in."""
    name = PurePosixPath(path).name
    if name.lower() == "dockerfile":  # the one whole name that Semgrep knows
        return ANY_TEXT | {"dockerfile"}
    suffix = PurePosixPath(name).suffix
    if not suffix and text.startswith("#!"):
        interpreter = _interpreter(text[2:200].split("\n", 1)[0])
        return ANY_TEXT | _INTERPRETERS.get(interpreter, set())
    return ANY_TEXT | _of_suffix(suffix)


def _of_suffix(suffix: str) -> set[str]:
    """The languages of an ending, in whichever case: ``hook.PY`` runs like ``hook.py``."""
    lower = suffix.lower()
    names = _EXTENSIONS.get(suffix) or _EXTENSIONS.get(lower)
    if names:
        return names
    return {_PASSED_OVER[lower]} if lower in _PASSED_OVER else set()


def _interpreter(line: str) -> str:
    """The program a first line names, behind ``env`` and its options too."""
    words = [word for word in line.split() if not word.startswith("-") and "=" not in word]
    names = [PurePosixPath(word).name for word in words]
    return next((name for name in names if name != "env"), "")
