"""Every language goes through recall, safeguards, learn and mutations; what each lacks is told."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from changing import Files, change, look, pair
from git_repository import Repo
from language_samples import SAMPLES, LanguageSample
from making import lesson
from twiceshy.changes.functions import functions
from twiceshy.changes.parser.client import own_parser
from twiceshy.changes.parser.trees import root_of
from twiceshy.changes.places import parses_as_well
from twiceshy.guards.finding import GuardResult
from twiceshy.guards.recall.recall_guard import RecallCompiler, RecallGuard
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.guards.safeguards import SafeguardsCompiler, SafeguardsGuard
from twiceshy.guards.semgrep.targets import semgrep_name
from twiceshy.guards.text_statements import statements
from twiceshy.learning.learn.draft import Draft, draft
from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.rule_selection import choose
from twiceshy.learning.mutations import TOLD, Form, LeftOut, all_forms, mutations
from twiceshy.learning.not_made import NotMade
from twiceshy.lessons.language import CommentMark, Language
from twiceshy.lessons.language_table import LANGUAGES
from twiceshy.lessons.languages import (
    example_path,
    language_named,
    language_of_fence,
    language_of_path,
)
from twiceshy.lessons.lesson import Lesson
from twiceshy.lessons.lesson_reader import read_lesson

COMMENT_AT = 0.90
"""The policy's default: from here on a resemblance is said out loud."""

NOT_OF_EVERY_SAMPLE = frozenset([Form.REORDERED, Form.AMONG_OTHERS, Form.LAID_OUT])
"""Forms that need an argument with a name, or that only few languages have."""

FUNCTIONS, RULE = "functions", "a rule proposed from its fix"
RENAMED_UNSEEN = "not found again: under other names"
NO_RENAMED, NO_BLOCK = "not made: renamed", "not made: in another block"
NO_NEIGHBOURS = "not made: neighbouring lines edited"
NEIGHBOURS_UNSEEN = "not found again: neighbouring lines edited"
TREES_ALONE = (NO_RENAMED, NO_NEIGHBOURS, NO_BLOCK, RULE)
DATA = (FUNCTIONS, NO_NEIGHBOURS, NO_BLOCK, RULE)

LACKS = {
    "bash": TREES_ALONE,
    "c": (NEIGHBOURS_UNSEEN, NO_BLOCK),
    "cpp": (NEIGHBOURS_UNSEEN,),
    "css": DATA,
    "elixir": TREES_ALONE,
    "go": (NEIGHBOURS_UNSEEN, NO_BLOCK),
    "haskell": (RENAMED_UNSEEN, *TREES_ALONE),
    "hcl": (NO_NEIGHBOURS, NO_BLOCK),
    "html": DATA,
    "java": (NEIGHBOURS_UNSEEN,),
    "json": DATA,
    "lua": TREES_ALONE,
    "nix": DATA,
    "php": (NO_RENAMED,),
    "solidity": TREES_ALONE,
    "yaml": (FUNCTIONS, NO_NEIGHBOURS, NO_BLOCK),
}
"""Of each language, what others have: shown by its sample, in the order it is looked at. One that
is not here lacks nothing.
"""

each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.language)


def path_of(sample: LanguageSample) -> str:
    return f"shop/{example_path(sample.language)}"


def lesson_of(sample: LanguageSample) -> Lesson:
    return lesson(evidence=pair(sample.bad, sample.good, path_of(sample), sample.language))


def recall(sample: LanguageSample, before: Files, after: Files) -> list[str]:
    """The lessons that recall tells of aloud."""
    result = look(RecallGuard(), RecallCompiler(), change(before, after), lesson_of(sample))
    return [finding.lesson for finding in result.findings if finding.score >= COMMENT_AT]


def safeguards(sample: LanguageSample, after: str) -> GuardResult:
    path = path_of(sample)
    taken_back = change({path: sample.good}, {path: after})
    return look(SafeguardsGuard(), SafeguardsCompiler(), taken_back, lesson_of(sample))


def test_every_language_with_a_grammar_has_a_sample() -> None:
    with_grammar = {language.name for language in LANGUAGES if language.grammar}
    assert with_grammar <= {sample.language for sample in SAMPLES}


def test_no_two_languages_claim_the_same_name() -> None:
    claims: list[str] = []
    for language in LANGUAGES:
        claims += [language.name, *language.aliases]
    files: list[str] = []
    for language in LANGUAGES:
        files += [*language.extensions, *language.file_names]
    assert len(claims) == len(set(claims))
    assert len(files) == len(set(files))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_a_language_is_known_by_its_fence_and_its_files(language: Language) -> None:
    for word in (language.name, *language.aliases):
        assert language_of_fence(word.upper()) == language.name
    for extension in language.extensions:
        assert language_of_path(f"a/b{extension}") == language.name
    assert language_of_path(example_path(language.name)) == language.name
    assert not language.family or language_named(language.family).name == language.family
    assert not language.semgrep or semgrep_name(language), "Semgrep has no such language"


@each_sample
def test_a_tree_knows_every_kind_of_node_that_its_record_names(sample: LanguageSample) -> None:
    grammar = language_named(sample.language).grammar
    if grammar is None:
        return  # there is no tree
    root = root_of(sample.bad, sample.language)
    for name in grammar._fields:
        kinds = getattr(grammar, name)
        if isinstance(kinds, frozenset):
            for kind in kinds:
                root.find(kind=kind)  # raises for what the grammar does not know


@each_sample
def test_recall_finds_the_failure_again(sample: LanguageSample) -> None:
    path = path_of(sample)
    assert recall(sample, {}, {path: sample.bad}) == ["INC-1"]
    assert recall(sample, {}, {f"other/{path}": sample.bad}) == ["INC-1"]
    assert recall(sample, {path: sample.good}, {path: sample.bad}) == ["INC-1"]


@each_sample
def test_recall_says_nothing_of_the_fix(sample: LanguageSample) -> None:
    path = path_of(sample)
    assert recall(sample, {path: sample.bad}, {path: sample.good}) == []
    assert recall(sample, {}, {f"other/{path}": sample.good}) == []


@each_sample
def test_a_fix_that_is_taken_back_is_a_removed_safeguard(sample: LanguageSample) -> None:
    assert [finding.lesson for finding in safeguards(sample, sample.bad).findings] != []
    assert safeguards(sample, f"{sample.good}\n").findings == ()


@each_sample
def test_a_fix_becomes_a_draft(sample: LanguageSample, tmp_path: Path) -> None:
    lesson_drafted = read_lesson(_learned(sample, tmp_path).text, "lessons/INC-1.md")
    assert lesson_drafted.problems == ()
    assert lesson_drafted.lesson is not None
    bad, good = lesson_drafted.lesson.evidence
    assert {bad.language, good.language} == {sample.language}
    assert bad.path == path_of(sample)
    assert _words(sample, bad.code) <= _words(sample, sample.bad)


def _learned(sample: LanguageSample, folder: Path) -> Draft:
    repo = Repo(folder / "shop")
    repo.commit({path_of(sample): sample.bad}, "Sell things")
    repo.commit({path_of(sample): sample.good}, "fix: what failed")
    return draft(repo.root, "HEAD", "INC-1", date(2026, 5, 14))


def _words(sample: LanguageSample, code: str) -> set[str]:
    return {token.text for token in tokenize(code, sample.language)}


@each_sample
def test_what_a_language_lacks_is_told(sample: LanguageSample) -> None:
    """A gap that is closed goes from the table; one that opens is a regression."""
    assert tuple(_gaps_of(sample)) == LACKS.get(sample.language, ())


def _gaps_of(sample: LanguageSample) -> Iterator[str]:
    if not functions(sample.bad, sample.language):
        yield FUNCTIONS
    if not recall(sample, {}, {f"other/{path_of(sample)}": sample.renamed}):
        yield RENAMED_UNSEEN
    yield from _gaps_of_forms(sample)
    evidence = EvidencePair(path_of(sample), sample.language, "", sample.bad, sample.good, ())
    if choose([evidence], {}).winner is None:
        yield RULE


def _gaps_of_forms(sample: LanguageSample) -> Iterator[str]:
    codes: dict[Form, str] = {}
    for mutation in mutations(sample.bad, sample.language, path_of(sample), sample.good):
        codes[mutation.form] = mutation.code
    for form in [form for form in Form if form not in TOLD]:
        if form not in codes and _is_expected(form, sample):
            yield f"not made: {form}"
        if form in codes and not recall(sample, {}, {path_of(sample): codes[form]}):
            yield f"not found again: {form}"


def _is_expected(form: Form, sample: LanguageSample) -> bool:
    """A name that is the meaning cannot be another; some forms need what few samples have."""
    if form is Form.RENAMED:
        return not language_named(sample.language).words_are_meaning
    return form not in NOT_OF_EVERY_SAMPLE


NO_NAMES, NO_CLASSES, NO_STATEMENT = (
    (Form.OWN_NAMES, NotMade.NO_OWN_NAMES),
    (Form.ANOTHER_CLASS, NotMade.NO_CLASSES),
    (Form.TWO_HUNKS, NotMade.NO_NEIGHBOURS),
)
UNPARSED = ((Form.OWN_NAMES, NotMade.NO_GRAMMAR), NO_CLASSES, NO_STATEMENT)
UNTOLD = {
    **dict.fromkeys(("bash", "elixir", "haskell", "lua", "solidity"), (NO_CLASSES, NO_STATEMENT)),
    **dict.fromkeys(
        ("css", "hcl", "html", "json", "nix", "yaml"), (NO_NAMES, NO_CLASSES, NO_STATEMENT)
    ),
    "c": (NO_CLASSES,),
}
"""Of each language, the forms that are only told and cannot be made of its sample, and why."""


@each_sample
def test_what_cannot_be_made_of_a_language_is_told_with_its_reason(sample: LanguageSample) -> None:
    path = path_of(sample)
    left_out: list[tuple[Form, NotMade]] = []
    for form in all_forms(sample.bad, sample.language, path, sample.good):
        if form.form not in TOLD:
            continue
        if isinstance(form, LeftOut):
            left_out.append((form.form, form.why))
        else:
            assert parses_as_well(form.code, sample.bad, sample.language)
    has_grammar = language_named(sample.language).grammar is not None
    assert tuple(left_out) == UNTOLD.get(sample.language, () if has_grammar else UNPARSED)


def test_only_languages_with_a_sample_are_said_to_lack_something() -> None:
    assert set(LACKS) <= {sample.language for sample in SAMPLES}


def test_what_is_not_known_of_a_language_is_told() -> None:
    no_grammar = [language.name for language in LANGUAGES if language.grammar is None]
    no_comments = [language.name for language in LANGUAGES if not language.comments]
    not_in_semgrep = [language.name for language in LANGUAGES if semgrep_name(language) is None]
    assert no_grammar == [
        "clojure",
        "dart",
        "dockerfile",
        "erlang",
        "graphql",
        "groovy",
        "julia",
        "make",
        "objc",
        "ocaml",
        "perl",
        "powershell",
        "properties",
        "protobuf",
        "r",
        "regex",
        "sql",
        "toml",
        "xml",
    ]
    assert no_comments == ["erlang", "json", "ocaml", "regex"]
    assert not_in_semgrep == [
        "css",
        "erlang",
        "graphql",
        "groovy",
        "haskell",
        "make",
        "nix",
        "objc",
        "perl",
        "properties",
        "sql",
        "toml",
    ]


COMMENTS = {
    CommentMark.HASH: "# refund(order)",
    CommentMark.SLASHES: "// refund(order)",
    CommentMark.DASHES: "-- refund(order)",
    CommentMark.SEMICOLONS: ";; refund(order)",
    CommentMark.BLOCK: "/* refund(order) */",
    CommentMark.MARKUP: "<!-- refund(order) -->",
    CommentMark.TEMPLATE: "{{- /* refund(order) */ -}}",
}


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_without_the_parser_no_comment_counts_as_code(language: Language) -> None:
    code = "charge order"
    with own_parser() as parser:
        parser.deaths = 99  # it is asked no more
        for comment in language.comments:
            commented = f"{COMMENTS[comment]}\n{code}\n{COMMENTS[comment]}\n"
            assert _texts(commented, language) == ["charge", "order"]
            (statement,) = statements(commented.split("\n"), language.name)
            assert statement.tokens == ("charge", "order")


def test_typescript_and_kotlin_have_the_comments_of_their_kin() -> None:
    for name in ("csharp", "kotlin", "php", "scala", "swift", "tsx", "typescript"):
        assert {CommentMark.SLASHES, CommentMark.BLOCK} <= set(language_named(name).comments)


def _texts(code: str, language: Language) -> list[str]:
    return [token.text for token in tokenize(code, language.name)]
