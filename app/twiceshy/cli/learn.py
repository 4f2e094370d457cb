"""``twiceshy learn``: writes the draft of a lesson, whole or not at all, and says what it took and
what it left.
"""

import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from twiceshy.changes.diff_file import read_under
from twiceshy.changes.parser.client import own_parser
from twiceshy.changes.programs import find_program
from twiceshy.cli.files import replace_file, write_all_new, write_new
from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.repository import must_be_repository
from twiceshy.cli.siblings import tell_siblings
from twiceshy.cli.tell_rules import tell_rules
from twiceshy.cli.usage_error import UsageError
from twiceshy.learning.code_owners import code_owners
from twiceshy.learning.learn.draft import Draft, added, draft, retell
from twiceshy.learning.learn.evidence import evidence_pairs
from twiceshy.learning.learn.guarding import guarding
from twiceshy.learning.learn.postmortem import NotReadable, PostMortem, read_postmortem
from twiceshy.learning.learn.rule_file import rule_file
from twiceshy.learning.learn.rule_selection import Choice, choose, choose_all
from twiceshy.learning.learn.siblings import known_family, unfixed
from twiceshy.learning.learn.todays_code import TodaysCode, todays_code
from twiceshy.lessons.lesson import Lesson
from twiceshy.lessons.lesson_reader import read_lesson
from twiceshy.lessons.lesson_writer import CannotWriteError
from twiceshy.verdicts.guard import user_cache

MOST_LEFT_OUT = 10
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NUMBERED = re.compile(r"(?:INC-(?=\d+\.md)|inc-(?=\d+\.yaml))(\d+)\.\w+")


def learn_from(
    fix: str, lesson_id: str | None, root: Path | None, post_mortem: Path | None = None
) -> None:
    """Draft, write, tell, and open the editor when a person is there."""
    top = _repository(root)
    written = _read_postmortem(post_mortem) if post_mortem else None
    name, place = _new_place(top, lesson_id)
    rules = _new_rules(top, name)
    with own_parser(), Bar() as bar:
        drafted = draft(top, fix, name, datetime.now(UTC).date(), written)
        pairs, host = drafted.story.pairs, _host(top, drafted)
        family = known_family(top, pairs, drafted.fix, user_cache(), bar)
        siblings = [sibling.pair for sibling in family.siblings] if family else []
        choices = choose_all(pairs, host, bar, siblings)
        standing = unfixed(pairs, host)
    lesson = _lesson_of(drafted.text, name)
    texts = {place: drafted.text}
    if any(choice.winner for choice in choices):
        texts[rules] = rule_file(choices, lesson)
    write_all_new(texts)
    _tell(
        drafted,
        f"Wrote [bold]{place.relative_to(top)}[/], a draft: answer its questions, then set its "
        "mode to observe.",
    )
    if written:
        _tell_postmortem(Console(highlight=False, soft_wrap=True), written)
    tell_siblings(family, standing, drafted.fix)
    tell_rules(choices, rules.relative_to(top), guarding(lesson), code_owners(read_under(top)))
    _tell_unread(host)
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
    _tell_postmortem(console, written)
    console.print(
        "  It shows no code yet, so it guards nothing: add a ```LANGUAGE bad and a ```LANGUAGE "
        "good block, or say "
        "with no_check why it cannot be a check",
        markup=False,
    )
    _edit(place)


def _new_place(root: Path, lesson_id: str | None) -> tuple[str, Path]:
    """A new lesson's id and file."""
    _must_be_folder(root / "lessons")
    name = lesson_id or _next_id(root)
    place = root / "lessons" / f"{name}.md"
    if not _ID.fullmatch(name):
        raise UsageError(f"{name!r} cannot be an id: letters, digits, dots and dashes, at most 64")
    if place.exists():
        raise UsageError(
            f"{place.relative_to(root)} exists and is never written over: choose another --id"
        )
    return name, place


def _new_rules(root: Path, lesson: str) -> Path:
    """A new file for a lesson's rules, looked at before anything is written."""
    place = root / "rules" / f"{lesson.lower()}.yaml"
    _must_be_folder(place.parent)
    if place.exists():
        raise UsageError(
            f"{place.relative_to(root)} exists and is never written over: choose another --id, or "
            "move it away if it is nobody's"
        )
    return place


def _must_be_folder(place: Path) -> None:
    if place.exists() and not place.is_dir():
        raise UsageError(
            f"{place.name} is a file, and would have to be a folder: move it away, then try again"
        )


def _read_postmortem(path: Path) -> PostMortem:
    try:
        return read_postmortem(path.read_bytes().decode("utf-8"), path.name)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8 text: export the post-mortem as Markdown first"
        ) from error
    except NotReadable as error:
        raise UsageError(f"{path}: {error}") from error


def _tell_postmortem(console: Console, written: PostMortem) -> None:
    """What was read there, and what was not: nothing of it is made up in silence."""
    day = "not said: the draft asks for it"
    if written.day:
        asked = "" if written.day_source and written.day_source.is_sure else ": is it the day?"
        day = f"{written.day} ({written.day_source}){asked}"
    console.print(f"  date: {day}", markup=False)
    console.print(
        f"  severity: {written.severity or 'not said: high, until you say'}", markup=False
    )
    mitigation = written.mitigation or "not said: what would you do instead?"
    console.print(f"  mitigation: {mitigation}", markup=False)
    numbers = f"{len(written.conditions)}, actions: {len(written.actions)}"
    console.print(f"  conditions: {numbers}", markup=False)


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
    lesson = _lesson_of(drafted.text, lesson_id)
    owners = code_owners(read_under(top))
    tell_rules(choices, rules.relative_to(top), guarding(lesson), owners)
    if any(choice.winner for choice in choices):
        _give_rule(rules, rule_file(choices, lesson))


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
    """A number that neither a lesson nor a file of rules has."""
    paths = [*(root / "lessons").glob("*.md"), *(root / "rules").glob("*.yaml")]
    numbers = [int(numbered[1]) for path in paths if (numbered := _NUMBERED.fullmatch(path.name))]
    return f"INC-{max(numbers, default=0) + 1}"


def _tell(drafted: Draft, headline: str) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(headline)
    for pair in drafted.story.pairs:
        console.print(
            f"  evidence: {pair.path}{f', {pair.symbol}' if pair.symbol else ''}", markup=False
        )
    for doubt in drafted.story.doubts:
        console.print(f"  look closely: {doubt.path} ({doubt.reason})", markup=False)
    if origin := drafted.origin:
        came_with = f"{origin.id[:12]} of {origin.day}, {origin.subject}"
        console.print(f"  came with: {came_with}", markup=False)
    for file in drafted.story.left_out[:MOST_LEFT_OUT]:
        console.print(f"  left out: {file.path} ({file.reason})", style="dim", markup=False)
    if len(drafted.story.left_out) > MOST_LEFT_OUT:
        console.print(
            f"  and {len(drafted.story.left_out) - MOST_LEFT_OUT} more files", style="dim"
        )


def _host(root: Path, drafted: Draft) -> TodaysCode:
    return todays_code(root, drafted.story.pairs)


def _tell_unread(host: TodaysCode) -> None:
    """Green means looked at: what was not is said."""
    if host.unread:
        files = f"{host.unread:,} file{'' if host.unread == 1 else 's'}"
        console = Console(highlight=False, soft_wrap=True)
        console.print(
            f"  not tried on {files} that cannot be read or share least with the fix, of "
            f"{host.unread + len(host):,}",
            markup=False,
        )


def _lesson_of(text: str, name: str) -> Lesson:
    """The lesson that a draft is."""
    lesson = read_lesson(text, f"lessons/{name}.md").lesson
    if lesson is None:
        raise UsageError(f"the draft of {name} cannot be read back: write it by hand")
    return lesson


def _edit(place: Path) -> None:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if editor and sys.stdin.isatty() and sys.stdout.isatty():
        program, *options = shlex.split(editor) or [""]
        found_program = program if "/" in program else find_program(program, place.parent)
        if found_program:
            subprocess.run([str(found_program), *options, str(place)], check=False)
