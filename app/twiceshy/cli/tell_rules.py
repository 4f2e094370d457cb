"""What ``twiceshy learn`` says about rules: which was written and why one may believe it, and what
guards where none was.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console

from twiceshy.learning.learn.guarding import Guarding
from twiceshy.learning.learn.proposal_kind import Kind, Why
from twiceshy.learning.learn.rule_selection import Choice, TriedRule
from twiceshy.verdicts.render.markdown import count

MOST_PLACES = 3
LONGEST_PATTERN = 80

Owners = Callable[[str], Sequence[str]]
"""Who owns the file at a path."""

_WHY_NOT = {
    Why.UNSEEN: "Semgrep could not look at all of today's code",
    Why.CONTRADICTED: "most of today's code lacks what the fix added",
    Why.ALONE: "nothing else in today's code bears a rule out",
    Why.GONE: "what failed is gone from today's code, so nobody can call it again",
    Why.HOLLOW: "a rule would be made of names that are in everybody's code",
    Why.NO_EXCEPTION: "a rule could not say what would be right",
    Why.LINE: "a rule would be this line again",
    Why.NOT_TRIED: "not tried: Semgrep did not finish on the failure and its fix",
}


def tell_rules(choices: Sequence[Choice], place: Path, guarding: Guarding, owners: Owners) -> None:
    """Print it; ``place``: the file of the rules."""
    console = Console(highlight=False, soft_wrap=True)
    said: set[str] = set()
    for choice in choices:
        lines = list(_told(choice, place, guarding, owners))
        for line, style in lines:
            if line not in said:
                console.print(line, style=style, markup=False)
        said.update(line for line, _ in lines)


def _told(
    choice: Choice, place: Path, guarding: Guarding, owners: Owners
) -> Iterator[tuple[str, str]]:
    if winner := choice.winner:
        yield f"  rule: {place} ({'; '.join(_reasons(choice, winner))})", ""
        yield from _unfixed(winner, owners)
    else:
        yield f"  {_no_rule(choice, guarding)}", ""
    for runner_up in choice.runners_up:
        yield f"    not written: {_runner_up(runner_up)}", "dim"
    if choice.unread:
        yield f"    no witness: {_unread(choice)}", ""


def _unread(choice: Choice) -> str:
    """Green means looked at: what Semgrep did not look at is said."""
    first = ", ".join(choice.unread[:MOST_PLACES])
    more = len(choice.unread) - MOST_PLACES
    others = f" and {count(more, 'more file')}" if more > 0 else ""
    return f"{first}{others}, which Semgrep gave up or could not read all of"


def _reasons(choice: Choice, winner: TriedRule) -> Iterator[str]:
    support = winner.support
    yield str(winner.judgement.kind)
    yield winner.candidate.how
    if winner.judgement.kind is Kind.INVARIANT or support.n:
        yield f"{support.k} of {support.n} other uses in today's code have it"
    if choice.forms:
        yield f"caught in {winner.forms} of {choice.forms} other forms"


def _unfixed(winner: TriedRule, owners: Owners) -> Iterator[tuple[str, str]]:
    for span in winner.hits[:MOST_PLACES]:
        who = ", ".join(owners(span.path))
        yield f"    stands unfixed in {span}{f', owned by {who}' if who else ''}", ""
    if len(winner.hits) > MOST_PLACES:
        yield f"    and in {len(winner.hits) - MOST_PLACES} more places", ""


def _no_rule(choice: Choice, guarding: Guarding) -> str:
    guards = str(guarding)
    head = f"No rule; guarded by {guards}" if guards else "No rule, and nothing else guards it"
    return f"{head} ({_why_none(choice)})"


def _why_none(choice: Choice) -> str:
    if choice.why:
        return _WHY_NOT[choice.why]
    if not choice.tried:
        return "nothing in the difference makes a pattern with names of its own"
    return f"of {choice.tried} candidates none caught the failure and spared the fix"


def _runner_up(tried: TriedRule) -> str:
    pattern = " ".join(tried.candidate.anchor.split())[:LONGEST_PATTERN]
    more = " ..." if len(tried.hits) > MOST_PLACES else ""
    places = ", ".join(map(str, tried.hits[:MOST_PLACES]))
    where = f", which fires in {places}{more}" if places else ""
    return f"{pattern} ({tried.judgement.kind}; {tried.candidate.how}){where}"
