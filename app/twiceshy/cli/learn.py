"""``twiceshy learn``: writes the draft of a lesson, whole or not at all, and says what it took and
what it left.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

from rich.console import Console

from twiceshy.changes import git
from twiceshy.changes.diff_file import read_under
from twiceshy.changes.parser.client import own_parser
from twiceshy.changes.programs import find_program
from twiceshy.changes.skip import parse_attributes, skip_reason
from twiceshy.cli.files import replace_file, write_new
from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.repository import must_be_repository
from twiceshy.cli.siblings import tell_siblings
from twiceshy.cli.usage_error import UsageError
from twiceshy.learning.learn.draft import Draft, added, draft, retell
from twiceshy.learning.learn.evidence import EvidencePair, evidence_pairs
from twiceshy.learning.learn.postmortem import NotReadable, PostMortem, read_postmortem
from twiceshy.learning.learn.rule_candidates import RuleCandidate
from twiceshy.learning.learn.rule_selection import (
    Choice,
    TriedRule,
    choose,
    choose_all,
    rule_file,
)
from twiceshy.learning.learn.siblings import known_family, unfixed
from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.lesson_reader import read_lesson
from twiceshy.lessons.lesson_writer import CannotWriteError
from twiceshy.verdicts.guard import user_cache

MOST_FILES, MOST_HITS, MOST_LEFT_OUT = 3_000, 3, 10
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NUMBERED = re.compile(r"INC-(\d+)\.md")


def learn_from(
    fix: str, lesson_id: str | None, root: Path | None, post_mortem: Path | None = None
) -> None:
    """Draft, write, tell, and open the editor when a person is there."""
    top = _repository(root)
    written = _read_postmortem(post_mortem) if post_mortem else None
    name, place = _new_place(top, lesson_id)
    rules = top / "rules" / f"{name.lower()}.yaml"
    with own_parser(), Bar() as bar:
        drafted = draft(top, fix, name, datetime.now(UTC).date(), written)
        pairs, host = drafted.story.pairs, _host(top, drafted)
        family = known_family(top, pairs, drafted.fix, user_cache(), bar)
        siblings = [sibling.pair for sibling in family.siblings] if family else []
        choices = choose_all(pairs, host, bar, siblings)
        standing = unfixed(pairs, host)
    winners = _winners(choices) if not rules.exists() else []
    write_new(place, drafted.text)
    if winners:
        write_new(rules, rule_file(winners, name, drafted.title, drafted.story.pairs[0].language))
    _tell(
        drafted,
        f"Wrote [bold]{place.relative_to(top)}[/], a draft: answer its questions, then set its "
        "mode to observe.",
    )
    tell_siblings(family, standing, drafted.fix)
    _tell_rules(choices, winners, rules.relative_to(top))
    _edit(place)


def retell_from(post_mortem: Path, lesson_id: str | None, root: Path | None) -> None:
    """A draft out of a post-mortem alone."""
    top = _repository(root)
    written = _read_postmortem(post_mortem)
    name, place = _new_place(top, lesson_id)
    write_new(place, retell(written, name, datetime.now(UTC).date()))
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"Wrote [bold]{place.relative_to(top)}[/], a draft: its words stand under the questions "
        "they answer."
    )
    console.print(
        "  It shows no code yet, so it guards nothing: add a ```LANGUAGE bad and a ```LANGUAGE "
        "good block, or say "
        "with no_check why it cannot be a check",
        markup=False,
    )
    _edit(place)


def _new_place(root: Path, lesson_id: str | None) -> tuple[str, Path]:
    """A new lesson's id and file."""
    name = lesson_id or _next_id(root)
    place = root / "lessons" / f"{name}.md"
    if not _ID.fullmatch(name):
        raise UsageError(f"{name!r} cannot be an id: letters, digits, dots and dashes, at most 64")
    if place.exists():
        raise UsageError(
            f"{place.relative_to(root)} exists and is never written over: choose another --id"
        )
    return name, place


def _read_postmortem(path: Path) -> PostMortem:
    try:
        return read_postmortem(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8 text: export the post-mortem as Markdown first"
        ) from error
    except NotReadable as error:
        raise UsageError(f"{path}: {error}") from error


def add_to(fix: str, lesson_id: str, root: Path | None) -> None:
    """It came back in another shape: put this fix's evidence beside the lesson's own."""
    top = _repository(root)
    place = _place_of(top, lesson_id)
    text = place.read_text(encoding="utf-8")
    try:
        with own_parser(), Bar() as bar:
            drafted = added(top, fix, text)
            choices = _for_all_evidence(top, drafted, bar)
    except CannotWriteError as error:
        raise UsageError(f"{place.relative_to(top)}: {error}") from error
    replace_file(place, drafted.text)
    number = len(drafted.story.pairs)
    more = f"{number} more piece{'' if number == 1 else 's'} of evidence"
    _tell(
        drafted,
        f"[bold]{place.relative_to(top)}[/] has {more}: what all of them share now weighs most.",
    )
    rules = top / "rules" / f"{lesson_id.lower()}.yaml"
    _tell_rules(choices, winners := _winners(choices), rules.relative_to(top))
    if winners:
        _give_rule(rules, rule_file(winners, lesson_id, drafted.title, _language(drafted)))


def _for_all_evidence(root: Path, drafted: Draft, bar: Bar) -> tuple[Choice, ...]:
    """What all of a lesson's evidence in the language of its newest has in common."""
    lesson = read_lesson(drafted.text, "").lesson
    pairs = evidence_pairs(lesson.evidence) if lesson else ()
    same_language = [pair for pair in pairs if pair.language == _language(drafted)]
    return (choose(same_language, _host(root, drafted), bar),) if same_language else ()


def _give_rule(place: Path, text: str) -> None:
    """Written where there is none; one that is there is a person's to change."""
    if not place.exists():
        write_new(place, text)
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print("  It is there already and stays as it is; proposed for all evidence:")
    console.print(text, markup=False)


def _language(drafted: Draft) -> str:
    return drafted.story.pairs[0].language


def _repository(root: Path | None) -> Path:
    return must_be_repository(root, "a lesson is learned where its fix is")


def _place_of(root: Path, lesson_id: str) -> Path:
    """The file of a lesson of this repository; most are named after their id."""
    named = sorted((root / "lessons").rglob("*.md"), key=lambda path: path.stem != lesson_id)
    for path in named:
        lesson = read_lesson(path.read_text(encoding="utf-8", errors="replace"), path.name).lesson
        if lesson and lesson.id == lesson_id:
            return path
    raise UsageError(
        f"no lesson {lesson_id} in lessons/: `twiceshy search` finds lessons, `twiceshy lint` "
        "names broken ones"
    )


def _next_id(root: Path) -> str:
    numbers = [
        int(numbered[1])
        for path in (root / "lessons").glob("*.md")
        if (numbered := _NUMBERED.fullmatch(path.name))
    ]
    return f"INC-{max(numbers, default=0) + 1}"


def _tell(drafted: Draft, headline: str) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(headline)
    for pair in drafted.story.pairs:
        console.print(
            f"  evidence: {pair.path}{f', {pair.symbol}' if pair.symbol else ''}", markup=False
        )
    if origin := drafted.origin:
        came_with = f"{origin.id[:12]} of {origin.day}, {origin.subject}"
        console.print(f"  came with: {came_with}", markup=False)
    for file in drafted.story.left_out[:MOST_LEFT_OUT]:
        console.print(f"  left out: {file.path} ({file.reason})", style="dim", markup=False)
    if len(drafted.story.left_out) > MOST_LEFT_OUT:
        console.print(
            f"  and {len(drafted.story.left_out) - MOST_LEFT_OUT} more files", style="dim"
        )


def _host(root: Path, drafted: Draft) -> dict[str, str]:
    """Today's code in the language of the fix; not the file that failed, as long as the failure
    still stands in it.
    """
    language = drafted.story.pairs[0].language
    read = read_under(root)
    attributes = parse_attributes(read(".gitattributes") or "")
    paths = [
        path
        for path in git.tracked_files(root)
        if language_of_path(path) == language and not skip_reason(path, None, attributes, ())
    ]
    texts = {path: text for path in paths[:MOST_FILES] if (text := read(path)) is not None}
    return {
        path: text
        for path, text in texts.items()
        if not any(_still(pair, path, text) for pair in drafted.story.pairs)
    }


def _still(pair: EvidencePair, path: str, text: str) -> bool:
    return pair.path == path and pair.bad.strip() in dedent(text)


def _winners(choices: Sequence[Choice]) -> list[RuleCandidate]:
    """The rules to keep; none unless every piece of evidence has one: a rule that misses its own
    evidence proves nothing.
    """
    winners = [choice.winner.candidate for choice in choices if choice.winner]
    return list(dict.fromkeys(winners)) if len(winners) == len(choices) else []


def _tell_rules(choices: Sequence[Choice], winners: Sequence[RuleCandidate], place: Path) -> None:
    console = Console(highlight=False, soft_wrap=True)
    reasons: set[str] = set()
    for choice in choices:
        if choice.winner and winners:
            forms = (
                f"; caught in {choice.winner.forms} of {choice.forms} other forms"
                if choice.forms
                else ""
            )
            how = f"{choice.winner.candidate.how}{forms}; fires nowhere in today's code"
            console.print(f"  rule: {place} ({how})", markup=False)
        elif not choice.winner and (reason := _why_none(choice)) not in reasons:
            reasons.add(reason)
            console.print(
                f"  no rule: {reason}. Recall guards alone; you can write one", markup=False
            )
        for runner_up in choice.runners_up:
            console.print(f"    or: {_runner_up(runner_up)}", style="dim", markup=False)


def _runner_up(tried: TriedRule) -> str:
    pattern = tried.candidate.patterns[0][1].replace("\n", " ")[:80]
    more = " ..." if len(tried.hits) > MOST_HITS else ""
    where = f", but fires in {', '.join(tried.hits[:MOST_HITS])}{more}" if tried.hits else ""
    return f"{pattern} ({tried.candidate.how}){where}"


def _why_none(choice: Choice) -> str:
    if not choice.tried:
        return "nothing in the difference makes a pattern with names of its own"
    if not choice.caught:
        return f"of {choice.tried} candidates none caught the failure and spared the fix"
    caught = f"{choice.caught} of {choice.tried} candidates"
    return f"{caught} told the failure from its fix, and all fire in today's code"


def _edit(place: Path) -> None:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if editor and sys.stdin.isatty() and sys.stdout.isatty():
        program, *options = shlex.split(editor) or [""]
        found_program = program if "/" in program else find_program(program, place.parent)
        if found_program:
            subprocess.run([str(found_program), *options, str(place)], check=False)
