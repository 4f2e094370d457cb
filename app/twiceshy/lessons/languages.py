"""All that is known of languages: one record each, and which of them a file or a fence is in.

Adding a language is one record here and its samples in ``tests/language_samples.py``; nothing else knows a language by
its name. Names are ast-grep's where it has a grammar, plain lower case elsewhere. Parses nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath


class Comment(StrEnum):
    """What a comment begins with."""

    HASH = "#"
    SLASHES = "//"
    DASHES = "--"
    SEMICOLONS = ";;"
    BLOCK = "/* */"
    MARKUP = "<!-- -->"


class Patterns(StrEnum):
    """How a statement with a body is written as a Semgrep pattern."""

    NONE = "none"  # its statements are no patterns
    BRACES = "braces"
    INDENTED = "indented"


@dataclass(frozen=True, slots=True)
class Language:
    """One language."""

    name: str
    extensions: tuple[str, ...]  # lower case, with their dot; the first is used for examples
    aliases: tuple[str, ...] = ()  # other words of a fence
    file_names: tuple[str, ...] = ()  # whole names, lower case
    grammar: bool = False  # whether ast-grep can parse it
    family: str = ""  # the language it shares its tokens with; itself when empty
    comments: tuple[Comment, ...] = ()

    words_are_meaning: bool = False  # nothing in it is a local name
    local_names: bool = False  # a name may be chosen freely, so renaming changes nothing
    ignores_case: bool = False

    functions: bool = True  # whether it has any
    defining_calls: Mapping[str, bool] = field(default_factory=dict)
    """Calls that define something, and whether it is a class: in Elixir definitions are calls."""
    block_classes: bool = False  # a block with labels counts as a class: HCL's resources
    receivers: bool = False  # a method's type stands before its name: Go
    dedent_ends_block: bool = False

    patterns: Patterns = Patterns.NONE
    named_argument: str = (
        ""  # what stands after the name of an argument given by name, in any order
    )
    neighbour: str = ""  # a statement that changes nothing
    company: str = ""  # some statements that change nothing
    block: tuple[str, str] | None = None  # what code can stand in: first and last line

    highlighter: str = ""  # Pygments' name, where it is another
    semgrep: str = ""  # Semgrep's name, where it is another


_C_LIKE = (Comment.SLASHES, Comment.BLOCK)
_SCRIPT_BLOCK = ("if (enabled) {", "}")
_CLASS_BLOCK = ("class Elsewhere {", "}")
_ONE_CONST = "const counted = 0;"
_TWO_CONSTS = "const counted = 0;\nconst labels = [counted].map(String);\n"
_ELIXIR_CALLS = {
    "def": False,
    "defp": False,
    "defmacro": False,
    "defmodule": True,
    "defprotocol": True,
    "defimpl": True,
}

LANGUAGES: tuple[Language, ...] = (
    Language(
        "bash",
        (".bash", ".sh", ".zsh"),
        aliases=("sh", "shell", "zsh"),
        grammar=True,
        comments=(Comment.HASH,),
    ),
    Language(
        "c",
        (".c", ".h"),
        aliases=("h",),
        grammar=True,
        comments=_C_LIKE,
        local_names=True,
        patterns=Patterns.BRACES,
        neighbour="int counted = 0;",
    ),
    Language("clojure", (".clj", ".cljs", ".cljc", ".edn"), comments=(Comment.SEMICOLONS,)),
    Language(
        "cpp",
        (".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".inl", ".ipp"),
        aliases=("c++",),
        grammar=True,
        family="c",
        comments=_C_LIKE,
        local_names=True,
        patterns=Patterns.BRACES,
        neighbour="int counted = 0;",
        block=("namespace elsewhere {", "}"),
    ),
    Language(
        "csharp",
        (".cs",),
        aliases=("c#", "cs"),
        grammar=True,
        comments=_C_LIKE,
        local_names=True,
        patterns=Patterns.BRACES,
        named_argument=":",
        neighbour="var counted = 0;",
        block=_CLASS_BLOCK,
    ),
    Language(
        "css",
        (".css", ".scss", ".less"),
        grammar=True,
        comments=(Comment.BLOCK,),
        words_are_meaning=True,
        functions=False,
    ),
    Language("dart", (".dart",), comments=_C_LIKE),
    Language(
        "dockerfile",
        (".dockerfile",),
        aliases=("docker",),
        file_names=("dockerfile", "containerfile"),
        comments=(Comment.HASH,),
        words_are_meaning=True,
        ignores_case=True,
    ),
    Language(
        "elixir",
        (".ex", ".exs"),
        grammar=True,
        comments=(Comment.HASH,),
        defining_calls=_ELIXIR_CALLS,
    ),
    Language("erlang", (".erl",)),
    Language(
        "go",
        (".go",),
        aliases=("golang",),
        grammar=True,
        comments=_C_LIKE,
        local_names=True,
        receivers=True,
        patterns=Patterns.BRACES,
        neighbour="var counted int",
    ),
    Language("graphql", (".graphql", ".gql"), comments=(Comment.HASH,)),
    Language(
        "groovy",
        (".groovy", ".gradle"),
        file_names=("jenkinsfile",),
        comments=_C_LIKE,
    ),
    Language(
        "haskell",
        (".hs",),
        aliases=("hs",),
        grammar=True,
        comments=(Comment.DASHES,),
    ),
    Language(
        "hcl",
        (".tf", ".hcl", ".tfvars", ".tofu"),
        aliases=("terraform", "tf"),
        grammar=True,
        comments=(Comment.HASH, *_C_LIKE),
        words_are_meaning=True,
        block_classes=True,
        highlighter="terraform",
        semgrep="terraform",
    ),
    Language(
        "html",
        (".html", ".htm", ".vue"),
        grammar=True,
        comments=(Comment.MARKUP, *_C_LIKE),
        words_are_meaning=True,
        functions=False,
    ),
    Language(
        "java",
        (".java",),
        grammar=True,
        comments=_C_LIKE,
        local_names=True,
        patterns=Patterns.BRACES,
        neighbour="int counted = 0;",
        block=_CLASS_BLOCK,
    ),
    Language(
        "javascript",
        (".js", ".jsx", ".mjs", ".cjs"),
        aliases=("js", "jsx"),
        grammar=True,
        comments=_C_LIKE,
        local_names=True,
        patterns=Patterns.BRACES,
        neighbour=_ONE_CONST,
        company=_TWO_CONSTS,
        block=_SCRIPT_BLOCK,
        semgrep="js",
    ),
    Language(
        "json",
        (".json", ".ipynb"),
        grammar=True,
        words_are_meaning=True,
        functions=False,
    ),
    Language("julia", (".jl",), comments=(Comment.HASH,)),
    Language(
        "kotlin",
        (".kt", ".kts"),
        aliases=("kt",),
        grammar=True,
        comments=_C_LIKE,
        local_names=True,
        patterns=Patterns.BRACES,
        named_argument="=",
        neighbour="val counted = 0",
        block=_CLASS_BLOCK,
    ),
    Language("lua", (".lua",), grammar=True, comments=(Comment.DASHES,)),
    Language(
        "make",
        (".mk",),
        file_names=("makefile",),
        comments=(Comment.HASH,),
        words_are_meaning=True,
    ),
    Language(
        "nix",
        (".nix",),
        grammar=True,
        comments=(Comment.HASH, Comment.BLOCK),
        words_are_meaning=True,
    ),
    Language("objc", (".m", ".mm"), comments=_C_LIKE),
    Language("ocaml", (".ml", ".mli")),
    Language("perl", (".pl", ".pm"), comments=(Comment.HASH,)),
    Language(
        "php",
        (".php", ".phtml"),
        grammar=True,
        comments=(Comment.HASH, *_C_LIKE),
        local_names=True,
        neighbour="$counted = 0;",
        block=("if ($enabled) {", "}"),
    ),
    Language("powershell", (".ps1",), comments=(Comment.HASH,)),
    Language(
        "properties",
        (".properties", ".ini", ".cfg", ".conf", ".env"),
        aliases=("ini", "conf"),
        comments=(Comment.HASH,),
        words_are_meaning=True,
        highlighter="ini",
    ),
    Language("protobuf", (".proto",), comments=_C_LIKE, semgrep="protobuf"),
    Language(
        "python",
        (".py", ".pyi", ".pyw"),
        aliases=("py", "python3"),
        grammar=True,
        comments=(Comment.HASH,),
        local_names=True,
        dedent_ends_block=True,
        patterns=Patterns.INDENTED,
        named_argument="=",
        neighbour="counted = 0",
        company="counted = 0\nlabels = [str(each) for each in range(counted)]\n",
        block=("if enabled:", ""),
    ),
    Language("r", (".r",), comments=(Comment.HASH,)),
    Language("regex", (".regex",)),
    Language(
        "ruby",
        (".rb", ".rake"),
        aliases=("rb",),
        file_names=("gemfile", "rakefile"),
        grammar=True,
        comments=(Comment.HASH,),
        local_names=True,
        patterns=Patterns.INDENTED,
        named_argument=":",
        neighbour="counted = 0",
        block=("if enabled", "end"),
    ),
    Language(
        "rust",
        (".rs",),
        aliases=("rs",),
        grammar=True,
        comments=_C_LIKE,
        local_names=True,
        patterns=Patterns.BRACES,
        neighbour="let counted = 0;",
        block=("mod elsewhere {", "}"),
    ),
    Language(
        "scala",
        (".scala",),
        grammar=True,
        comments=_C_LIKE,
        local_names=True,
        patterns=Patterns.BRACES,
        named_argument="=",
        neighbour="val counted = 0",
        block=_CLASS_BLOCK,
    ),
    Language("solidity", (".sol",), aliases=("sol",), grammar=True, comments=_C_LIKE),
    Language(
        "sql",
        (".sql",),
        comments=(Comment.DASHES, Comment.BLOCK),
        words_are_meaning=True,
        ignores_case=True,
    ),
    Language(
        "swift",
        (".swift",),
        grammar=True,
        comments=_C_LIKE,
        local_names=True,
        patterns=Patterns.BRACES,
        neighbour="let counted = 0",
        block=("struct Elsewhere {", "}"),
    ),
    Language("toml", (".toml",), comments=(Comment.HASH,), words_are_meaning=True),
    Language(
        "tsx",
        (".tsx",),
        grammar=True,
        family="javascript",
        comments=_C_LIKE,
        local_names=True,
        patterns=Patterns.BRACES,
        neighbour=_ONE_CONST,
        block=_SCRIPT_BLOCK,
        semgrep="ts",
    ),
    Language(
        "typescript",
        (".ts", ".mts", ".cts"),
        aliases=("ts",),
        grammar=True,
        family="javascript",
        comments=_C_LIKE,
        local_names=True,
        patterns=Patterns.BRACES,
        neighbour=_ONE_CONST,
        company=_TWO_CONSTS,
        block=_SCRIPT_BLOCK,
        semgrep="ts",
    ),
    Language(
        "xml",
        (".xml", ".plist"),
        comments=(Comment.MARKUP,),
        words_are_meaning=True,
    ),
    Language(
        "yaml",
        (".yaml", ".yml"),
        aliases=("yml",),
        grammar=True,
        comments=(Comment.HASH,),
        words_are_meaning=True,
        functions=False,
    ),
)

UNKNOWN = Language("", ())
"""Stands for a language nothing is known of."""

_BY_NAME = {language.name: language for language in LANGUAGES}
_BY_FENCE = {
    word: language for language in LANGUAGES for word in (language.name, *language.aliases)
}
_BY_EXTENSION = {suffix: language for language in LANGUAGES for suffix in language.extensions}
_BY_FILE_NAME = {name: language for language in LANGUAGES for name in language.file_names}

KNOWN = frozenset(_BY_NAME)
"""The names of all languages."""


def language_named(name: str | None) -> Language:
    """The record of a canonical name; UNKNOWN when there is none."""
    return _BY_NAME.get(name or "", UNKNOWN)


def language_of_fence(word: str) -> str | None:
    """Canonical name for a fence's info word, None when it is not known."""
    language = _BY_FENCE.get(word.strip().lower())
    return language.name if language else None


def language_of_path(path: str) -> str | None:
    """Canonical name for a file by its name, None when it is not known."""
    name = PurePosixPath(path).name.lower()
    language = _BY_FILE_NAME.get(name) or _BY_FILE_NAME.get(_stem_of_docker_file(name))
    language = language or _BY_EXTENSION.get(PurePosixPath(name).suffix)
    return language.name if language else None


def example_path(name: str) -> str:
    """A file name that ``language_of_path`` takes for this language."""
    language = _BY_NAME[name]
    if language.file_names and name in ("dockerfile", "make"):
        return language.file_names[0].capitalize()
    return f"example{language.extensions[0]}"


def family_of(name: str | None) -> str | None:
    """The name of the language this one shares its tokens with: itself, mostly."""
    return language_named(name).family or name


def _stem_of_docker_file(name: str) -> str:
    """``dockerfile`` of ``dockerfile.prod``, as Docker's own tools name them."""
    if name.startswith("dockerfile."):
        return "dockerfile"
    return "containerfile" if name.startswith("containerfile") else ""
