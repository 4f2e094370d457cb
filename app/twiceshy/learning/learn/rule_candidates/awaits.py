"""Rules out of an ``await`` that was missing: a call nobody waits for. The anchor is the call, in
async code; the exceptions are all ways of handing its promise on. Pure.
"""

from collections.abc import Iterator

from twiceshy.learning.learn.hollowness import is_everybodys
from twiceshy.learning.learn.rule_candidates.calls import AWAITS
from twiceshy.learning.learn.rule_candidates.candidate import Breadth, Edit, RuleCandidate
from twiceshy.learning.learn.rule_candidates.site import Site

_HANDED_ON = (
    "await CALL",
    "return <... CALL ...>",
    "$TAKER(..., <... CALL ...>, ...)",
)


def await_candidates(site: Site) -> Iterator[RuleCandidate]:
    """Rules for a call that the fix waits for."""
    old, new = site.edit.old, site.edit.new
    if old is None or new is None or new.kind not in AWAITS or not site.idioms.asynchronous:
        return
    waited = new.named()[-1]
    if waited.code != old.code or not site.speller.is_call(old):
        return
    callee = site.speller.callee(old)
    anchor = f"{callee}(...)"
    ways = [("pattern-not-inside", way) for way in (*_HANDED_ON, *site.idioms.promises)]
    nots = [(operator, way.replace("CALL", anchor)) for operator, way in ways]
    # the fix itself says that this one returns a promise, if its name is no one else's
    known = not is_everybodys(callee.rpartition(".")[2], site.language)
    how = f"nobody waits for `{anchor}`"
    for region in site.idioms.asynchronous:
        inside = ("pattern-inside", region)
        unbound = ("pattern-not-inside", f"$PROMISE = <... {anchor} ...>")
        yield site.candidate(
            Edit.AWAIT,
            Breadth.CALL,
            how,
            anchor,
            [inside, unbound, *nots],
            added=f"await {anchor}",
            known=known,
        )
        yield site.candidate(
            Edit.AWAIT, Breadth.SHAPE, how, anchor, [inside, *nots], added=f"await {anchor}"
        )
