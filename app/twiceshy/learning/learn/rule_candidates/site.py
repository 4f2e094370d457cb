"""One edit of a fix, and all that is needed to write a pattern of it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from twiceshy.changes.parser.trees import grammar_of
from twiceshy.learning.learn.rule_candidates.bindings import (
    bound_names,
    is_block,
    outer_parameters,
    scope_of,
    statement_of,
)
from twiceshy.learning.learn.rule_candidates.candidate import (
    Bound,
    Breadth,
    Choice,
    Edit,
    Flow,
    Patterns,
    RuleCandidate,
)
from twiceshy.learning.learn.rule_candidates.spelling import Speller
from twiceshy.learning.learn.rule_candidates.tree import Node
from twiceshy.learning.learn.rule_candidates.tree_edits import TreeEdit
from twiceshy.lessons.language import Idioms
from twiceshy.lessons.languages import language_named

MOST_EXCEPTIONS = 30


@dataclass(frozen=True, slots=True)
class Site:
    """An edit, the idioms of its language, and how names are spelled there."""

    edit: TreeEdit
    language: str
    idioms: Idioms
    speller: Speller

    def candidate(
        self,
        edit: Edit,
        breadth: Breadth,
        how: str,
        anchor: str,
        others: Iterable[tuple[str, str]] = (),
        *,
        added: str = "",
        conditions: tuple[Bound | Choice, ...] = (),
        flow: Flow | None = None,
        known: bool = False,
    ) -> RuleCandidate:
        """A candidate; ``others``: what else must hold, each once."""
        clauses: dict[tuple[str, str], None] = {}
        for operator, text in others:
            if text and (operator, text) != ("pattern-not", anchor):
                clauses[operator, text] = None
        patterns: Patterns = (("pattern", anchor), *list(clauses)[:MOST_EXCEPTIONS])
        return RuleCandidate(breadth, how, patterns, edit, added, known, conditions, flow)

    def anchor(self, binding: str) -> str:
        """A statement that binds a name, as a pattern by itself."""
        by_keyword = not self.idioms.binds.startswith("NAME")
        return f"{binding}{self.idioms.ends}" if by_keyword else binding

    def then(self, statement: str) -> str:
        """A region: a statement, and what stands after it."""
        return f"{statement}{self.idioms.ends}{self.idioms.rest}"

    def both(self, first: str, second: str) -> str:
        """A region: a statement, and at any place after it another."""
        return f"{first}{self.idioms.ends}\n...\n{second}{self.idioms.ends}"

    def tests_of(self, test: str) -> list[tuple[str, str]]:
        """Where something was tested, as exceptions."""
        regions: list[tuple[str, str]] = []
        for region in self.idioms.tests:
            regions.append(("pattern-not-inside", region.replace("TEST", f"<... {test} ...>")))
        return regions

    def inserted(self) -> Node | None:
        """The statement that came, if one did and nothing went for it."""
        new = self.edit.new
        if new is None or self.edit.old is not None or not is_block(self.edit.after):
            return None
        return new

    @property
    def statement_before(self) -> Node:
        """The statement of the old text in which something changed."""
        return statement_of(self.edit.old or self.edit.before)

    @property
    def statement_after(self) -> Node:
        """The statement of the new text in which something changed."""
        return statement_of(self.edit.new or self.edit.after)


def _has_functions(root: Node, language: str) -> bool:
    functions = grammar_of(language).functions
    return any(node.kind in functions for node in root.walk())


def site_of(edit: TreeEdit, language: str, *, whole: bool) -> Site | None:
    """``whole``: the trees are those of whole files, so that what stands in no function is known
    to everybody by its name.
    """
    idioms = language_named(language).idioms
    if idioms is None:
        return None
    names: set[str] = set()
    for place in (edit.before, edit.after):
        scope = scope_of(place, language)
        names |= outer_parameters(place, language)
        if scope.parent is not None or not (whole or _has_functions(scope, language)):
            names |= bound_names(scope)
    return Site(edit, language, idioms, Speller(names, language))
