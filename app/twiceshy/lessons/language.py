"""What a record of a language holds. Only values: parses nothing, and knows no language.

Records are named tuples: the parser's process reads them too, and ``dataclasses`` alone would take
a third of its start (dataclasses import inspect).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

Words = frozenset[str]


def words(text: str) -> Words:
    """Words or names of nodes, told in one line."""
    return frozenset(text.split())


NONE = words("")
_NO_NAMES: Mapping[str, str] = MappingProxyType({})
_NO_CALLS: Mapping[str, bool] = MappingProxyType({})


class CommentMark(StrEnum):
    """What a comment begins with."""

    HASH = "#"
    SLASHES = "//"
    DASHES = "--"
    SEMICOLONS = ";;"
    BLOCK = "/* */"
    MARKUP = "<!-- -->"
    TEMPLATE = "{{/* */}}"


class Patterns(StrEnum):
    """How a statement with a body is written as a Semgrep pattern."""

    NONE = "none"  # its statements are no patterns
    BRACES = "braces"
    INDENTED = "indented"


class Grammar(NamedTuple):
    """What ast-grep's trees of a language call the things we look for: kinds of nodes.

    https://ast-grep.github.io/playground.html shows the tree of any code.
    """

    functions: Words = NONE
    unnamed: Words = NONE  # those of them that are named by what they are assigned to, if at all
    classes: Words = NONE
    wrappers: Words = NONE  # what stands around a definition and belongs to it
    named_by_keyword: Mapping[str, str] = _NO_NAMES
    """Definitions without a name of their own, and the name we give them."""

    defining_calls: Mapping[str, bool] = _NO_CALLS
    """Calls that define something, and whether it is a class: in Elixir definitions are calls."""

    receivers: bool = False  # a method's type stands before its name: Go
    labels: bool = False  # a definition is named by its labels: HCL's resources

    strings: Words = NONE
    numbers: Words = NONE
    calls: Words = NONE
    expressions: Words = NONE  # besides calls, what a rule can be made of
    dedent_ends_block: bool = False

    @property
    def has_definitions(self) -> bool:
        """Whether there is anything in it that a line can be inside of."""
        return bool(self.functions or self.classes or self.defining_calls)


class Idioms(NamedTuple):
    """How Semgrep patterns of a language say where code may stand. All were tried with Semgrep."""

    tests: tuple[str, ...]
    """Regions of code before which TEST was tested, or within which it holds."""

    binds: str = "NAME = VALUE"
    ends: str = ""  # what a statement ends with, before another one
    rest: str = "\n..."  # whatever stands after a statement
    catches: tuple[str, ...] = ()  # regions in which an ERROR is handled
    releases: tuple[str, ...] = ()  # regions after which a CALL is always made
    takes: tuple[str, ...] = ()  # functions that take a parameter NAME
    keyword: str = ""  # an argument by its NAME
    pair: str = ""  # of a language of keys: a KEY and its VALUE
    spread: str = ""  # arguments that are one list
    method: str = ""  # a function called NAME
    asynchronous: tuple[str, ...] = ()  # functions that may wait
    promises: tuple[str, ...] = ()  # besides waiting, ways to hand on what a CALL promises


class ClassFrame(NamedTuple):
    """What makes code a part of another class: text before and after it."""

    opening: str  # with a method of its own, so that what follows is one among others
    closing: str = ""
    method: tuple[str, str] | None = None  # first and last line of a method around statements
    margin: str = "    "  # what the members of a class stand in by
    first_parameter: str = ""  # every method has it, and a function by itself has not
    bare_methods: bool = False  # no word stands before a method's name
    receiver: str = ""  # methods stand outside of their class and name it: Go
    fields_bare: bool = False  # a class's own members are also named alone, without ``this``


class Language(NamedTuple):
    """One language."""

    name: str  # ast-grep's where it has a grammar, plain lower case elsewhere
    extensions: tuple[str, ...]  # lower case, with their dot; the first is used for examples
    aliases: tuple[str, ...] = ()  # other words of a fence
    file_names: tuple[str, ...] = ()  # whole names, lower case
    file_starts: tuple[str, ...] = ()  # what a file's name begins with, lower case
    example: str = ""  # a file's name, where no extension makes one
    interpreters: tuple[str, ...] = ()  # programs that the first line of a script names
    generated_names: tuple[str, ...] = ()  # how the names of files end that tools write
    minified_names: tuple[str, ...] = ()  # how the names of minified files end
    minified_endings: tuple[str, ...] = ()  # of files that are minified if their lines are long

    grammar: Grammar | None = None  # None: ast-grep cannot parse it
    family: str = ""  # the language it shares its tokens with; itself when empty
    comments: tuple[CommentMark, ...] = ()
    long_quotes: tuple[str, ...] = ()  # around a text that may run over lines

    # a language that is read without a tree may be any: these words count wherever they stand
    keywords: Words = NONE  # lower case; they tell little
    defining_words: Words = NONE  # before the name of a function
    binding_words: Words = NONE  # before the name of a variable
    importing_words: Words = NONE  # at the beginning of a statement that only brings names in
    continuing_words: Words = NONE  # at the beginning of a line that belongs to the one before

    words_are_meaning: bool = False  # nothing in it is a local name or a mere number
    # its lines begin with keys, under those of lines indented less; recall reads it without a tree,
    # which a template or half of a file has not
    nested_keys: bool = False
    local_names: bool = False  # a name may be chosen freely, so renaming changes nothing
    ignores_case: bool = False

    patterns: Patterns = Patterns.NONE
    idioms: Idioms | None = None  # None: nothing is known of its patterns beside its statements
    named_argument: str = ""  # the sign after the name of an argument whose order is free
    neighbour: str = ""  # a statement that changes nothing
    company: str = ""  # some statements that change nothing
    block: tuple[str, str] | None = None  # what code can stand in: first and last line
    class_frame: ClassFrame | None = None  # None: it has no classes

    highlighter: str = ""  # Pygments' name, where it is another
    semgrep: str = ""  # Semgrep's name, where it is another
