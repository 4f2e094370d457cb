"""Which of Semgrep's languages a file is in, by its name or its first line. The table is Semgrep's
own (its lang.json).
"""

from pathlib import PurePosixPath

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
_SHEBANGS = {
    "bash": "bash",
    "sh": "bash",
    "node": "js",
    "nodejs": "js",
    "lua": "lua",
    "php": "php",
    "python": "python",
    "python2": "python2",
    "python3": "python3",
    "ruby": "ruby",
    "scala": "scala",
}

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


def languages_of(path: str, text: str) -> frozenset[str]:
    """Every language a file may be judged in."""
    name = PurePosixPath(path).name
    if name.lower() == "dockerfile":
        return ANY_TEXT | {"dockerfile"}
    suffix = PurePosixPath(name).suffix
    if not suffix and text.startswith("#!"):
        return ANY_TEXT | _of_shebang(text[2:200].split("\n", 1)[0])
    return ANY_TEXT | _of_suffix(suffix)


def _of_shebang(line: str) -> set[str]:
    language = _SHEBANGS.get(_interpreter(line))
    if language is None:
        return set()
    return {language, "python"} if language in ("python2", "python3") else {language}


_AS_WELL = {".pyw": {"python"}, ".mts": {"ts"}, ".cts": {"ts"}, ".zsh": {"bash"}, ".rake": {"ruby"}}
"""Endings that Semgrep passes over, of files that run all the same: naming a file so must not hide
it.
"""


def _of_suffix(suffix: str) -> set[str]:
    """The languages of an ending, in whichever case: ``hook.PY`` runs like ``hook.py``."""
    lower = suffix.lower()
    return _EXTENSIONS.get(suffix) or _EXTENSIONS.get(lower) or _AS_WELL.get(lower, set())


def _interpreter(line: str) -> str:
    """The program a first line names, behind ``env`` and its options too."""
    words = [word for word in line.split() if not word.startswith("-") and "=" not in word]
    names = [PurePosixPath(word).name for word in words]
    return next((name for name in names if name != "env"), "")
