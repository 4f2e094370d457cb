"""Where a pull request is judged: a change goes in, the five guards look, policy decides, a report
comes out.

The one road that the command line, the Action and the App share. Reads the registry through its
compiled index; never runs git, never prints, never publishes.
"""

import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from twiceshy.changes.change import Change, Reader
from twiceshy.changes.diff_file import change_from_diff
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.changes.parser.client import Parser, own_parser
from twiceshy.changes.parser.trees import can_parse
from twiceshy.changes.size_limit import bounded
from twiceshy.changes.skip import SkipReason
from twiceshy.guards.finding import (
    BatchGuard,
    ChangeGuard,
    Escape,
    EscapeKind,
    Finding,
    GuardName,
    GuardResult,
)
from twiceshy.guards.recall.recall_guard import SIGNATURES
from twiceshy.lessons.compiler import IndexSpec, OpenedIndex, open_index
from twiceshy.lessons.disk import IndexDamaged
from twiceshy.lessons.index import Compiler, Index, Unit
from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.lesson import Mode, Problem
from twiceshy.lessons.progress import Progress, no_progress
from twiceshy.lessons.sources import Folder, Source
from twiceshy.verdicts.backing import backing_of
from twiceshy.verdicts.excerpts import excerpts
from twiceshy.verdicts.explanations import explain_lessons
from twiceshy.verdicts.file_selection import Selection, out_of_sight, select, told
from twiceshy.verdicts.nearness import Edits
from twiceshy.verdicts.policy import Memory, Trust, conclude, decide
from twiceshy.verdicts.readiness import Readiness, readiness_of
from twiceshy.verdicts.runner import run_guards
from twiceshy.verdicts.selfcheck import SelfCheckTools, check_units
from twiceshy.verdicts.settings import OnFailure, Settings
from twiceshy.verdicts.suppressions import Suppressions
from twiceshy.verdicts.verdict import Conclusion, JudgedFinding, Report, Seconds, Stats

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What of a change is looked at."""

    selection: Selection
    files: int  # of the whole change, with those left out
    hunks: int
    seconds: float  # to find out


_OF_CODE = (GuardName.RULES, GuardName.RECALL, GuardName.SAFEGUARDS)
"""The guards that look at code; a file that is skipped is no place and asks for no companion."""


@dataclass(frozen=True, slots=True)
class _Escapes:
    """All findings, each with what keeps it from being said; problems of escapes; whether something
    was not looked at.
    """

    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    not_looked_at: tuple[NotLookedAt, ...] = ()


class Guard:
    """A registry, compiled, and the settings it guards with."""

    def __init__(
        self,
        sources: Sequence[Source],
        settings: Settings | None = None,
        cache: Path | None = None,
        progress: Progress = no_progress,
    ) -> None:
        """Compile the registry, or find it compiled. ``cache`` is a folder to keep the index in;
        None keeps nothing.
        """
        from twiceshy.guards.registered import compilers, guards  # noqa: PLC0415 - each guard brings its own weight

        started = time.perf_counter()
        self.settings = settings or Settings()
        self._guards: tuple[ChangeGuard, ...] = guards(progress)
        self._compilers: tuple[Compiler, ...] = compilers()
        self._recipe = IndexSpec(tuple(sources), self._compilers)
        self._cache = cache
        self._progress = progress
        self._parser = Parser()
        self._free = threading.Lock()  # the parser answers one judging at a time
        weakref.finalize(self, self._parser.close)
        self._opened = self._open()
        self._load_seconds = time.perf_counter() - started

    @classmethod
    def load(
        cls,
        registry: str | Path | Iterable[str | Path],
        settings: Settings | None = None,
        *,
        cache: Path | None = None,
        progress: Progress = no_progress,
    ) -> "Guard":
        """Guard with the ``lessons/`` and ``rules/`` of one folder or several; the index is kept in
        the user's cache.

        Raises FileNotFoundError when a folder does not exist.
        """
        paths = (
            [Path(registry)]
            if isinstance(registry, str | Path)
            else [Path(path) for path in registry]
        )
        for path in paths:
            if not path.is_dir():
                raise FileNotFoundError(
                    f"no registry folder {path}: give a folder that holds lessons/ or rules/"
                )
        first, rest = paths[:1], paths[1:]
        sources = [Folder(path) for path in first] + [
            Folder(path, f"{path.as_posix()}/") for path in rest
        ]
        return cls(sources, settings, cache or user_cache(), progress)

    def renew(self, sources: Sequence[Source], settings: Settings | None = None) -> bool:
        """Guard with the registry as it is now; whether anything of it or of the settings changed.

        Called between two judgings. ``sources`` are new ones: one that was asked before may
        remember its files. A renewal that fails leaves the guard as it was.
        """
        spec = IndexSpec(tuple(sources), self._compilers)
        settings = settings or self.settings
        same = (spec.name(), spec.identity()) == (self._recipe.name(), self._opened.index.identity)
        if same and settings == self.settings:
            return False
        before = self._recipe, self._opened
        try:
            self._recipe = spec
            self._opened = before[1] if same else self._open()
        except BaseException:
            self._recipe, self._opened = before
            raise
        self.settings = settings
        if not same:
            before[1].index.close()
        return True

    @property
    def index(self) -> Index:
        """The compiled registry."""
        return self._opened.index

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the registry was read from."""
        return self._recipe.sources

    def identity(self) -> str:
        """Changes with any file of the registry, any guard's compiler and any version."""
        return f"{self._recipe.name()} {self._opened.index.identity}"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was left out of the registry, and why."""
        return (*self._opened.problems, *self._opened.index.problems)

    def readiness(self) -> Readiness:
        """Whether the registry guards anything, and why not: a green report of one that does not
        means nothing.
        """
        try:
            return readiness_of(self.index, self.sources)
        except IndexDamaged:
            self._discard()
            return readiness_of(self.index, self.sources)

    def check(
        self, diff: str | bytes, read: Reader | None = None, *, explain: bool = False
    ) -> Report:
        """Judge a unified diff; ``read`` gives a file's text at head. Without it the hunks alone
        are judged.

        An empty diff is a success. One that is understood only in part is at best neutral, and
        ``problems`` name the rest. Raises ChangeError for a text of which no file can be read
        (NotADiff), and for one over the limit.
        """
        return self.judge(change_from_diff(diff, read), explain=explain)

    def judge(
        self,
        change: Change,
        *,
        explain: bool = False,
        memory: Memory | None = None,
        today: date | None = None,
    ) -> Report:
        """Judge a change. Bad input and failing guards are reported in ``problems``; the rest is
        judged all the same.

        What the change brings with it to escape is judged too; ``today`` says which suppressions
        have ended.
        """
        day = today or datetime.now(UTC).date()
        return self._sound(
            lambda: self._judge(self._seen(change), self._guards, explain, memory, day), [change]
        )

    def judge_each(self, changes: Sequence[Change]) -> list[Report]:
        """Judge many changes, each by itself; what can be done for all of them at once is."""
        return self._sound(lambda: self._judge_each(changes), changes)

    def _judge_each(self, changes: Sequence[Change]) -> list[Report]:
        seen = [self._seen(change) for change in changes]
        kept = [each.selection.change for each in seen]
        guards = [
            each.ahead_of(kept, self.index) if isinstance(each, BatchGuard) else each
            for each in self._guards
        ]
        return [self._judge(each, guards) for each in seen]

    def _seen(self, change: Change) -> _Seen:
        started = time.perf_counter()
        selection = select(change, self.settings.ignore)
        selection = replace(
            selection, change=bounded(selection.change, self.settings.max_file_bytes)
        )
        hunks = sum(len(file.hunks) for file in change.files)
        return _Seen(selection, len(change.files), hunks, time.perf_counter() - started)

    def _sound(self, act: Callable[[], Made], changes: Sequence[Change]) -> Made:
        """Act with a parser at hand; once more when the index turned out to be damaged."""
        with self._lent() as parser:
            if any(
                can_parse("", language_of_path(file.path))
                for change in changes
                for file in change.files
            ):
                parser.start()  # it will be there by the time it is asked
            try:
                return act()
            except IndexDamaged:
                self._discard()
                return act()

    @contextmanager
    def _lent(self) -> Iterator[Parser]:
        """The parser kept from judging to judging; a second judging at the same time has one of its
        own.
        """
        mine = self._free.acquire(blocking=False)
        try:
            with own_parser(self._parser if mine else None) as parser:
                yield parser
        finally:
            if mine:
                self._free.release()

    def _judge(
        self,
        seen: _Seen,
        guards: Sequence[ChangeGuard],
        explain: bool = False,
        memory: Memory | None = None,
        today: date | None = None,
    ) -> Report:
        """``today``: escapes count, as of this day; without it only what guards say for themselves."""
        started = time.perf_counter()
        change = seen.selection.change
        with own_parser() as parser:
            parser.deaths = 0  # what another change brought is not held against this one
        looked = run_guards(guards, change, self.index, self._progress)
        looks = [each.look for each in looked]
        findings = [finding for look in looks for finding in look.findings]
        escapes = (
            self._escapes(seen.selection, looks, today) if today else _Escapes(tuple(findings))
        )
        standing, self_check_problems = self._standing(
            {finding.lesson for finding in escapes.findings}
        )
        near = Edits(change).is_one
        judged = decide(escapes.findings, self.index.lesson, self.settings, standing, memory, near)
        unseen = (*self._nothing_guards(), *_unseen(change, looks, parser), *escapes.not_looked_at)
        problems = (
            *self.problems,
            *change.problems,
            *(p for look in looks for p in look.problems),
            *escapes.problems,
        )
        problems += tuple(part.problem for part in unseen)
        total = self._load_seconds + seen.seconds + time.perf_counter() - started
        times = {each.guard: each.seconds for each in looked}
        seconds = Seconds(
            self._load_seconds, times[GuardName.RULES], times[GuardName.RECALL], total
        )
        return Report(
            conclusion=self._conclusion(judged, unseen),
            findings=judged,
            base=change.base,
            head=change.head,
            problems=tuple(dict.fromkeys((*problems, *self_check_problems))),
            stats=Stats(
                files=seen.files,
                hunks=seen.hunks,
                lessons=self.index.lesson_count,
                rules=self.index.rule_count,
                rules_run=sum(look.rules_run for look in looks),
                seconds=seconds,
            ),
            lessons=explain_lessons(self.index, judged, change, looks) if explain else (),
            skipped=seen.selection.skipped,
            excerpts=excerpts(judged, change),
            explain=explain,
            not_looked_at=unseen,
        )

    def _nothing_guards(self) -> tuple[NotLookedAt, ...]:
        """That no lesson guards, when it is so: silence then means nothing."""
        readiness = self.readiness()
        if readiness.guards:
            return ()
        return (
            NotLookedAt(
                Unseen.NO_LESSONS, "", f"nothing guards: {readiness.seen}; {readiness.advice}"
            ),
        )

    def _conclusion(
        self, judged: Sequence[JudgedFinding], unseen: Sequence[NotLookedAt]
    ) -> Conclusion:
        """``failure`` also when a guard died, lessons block, and the settings ask for failure then."""
        conclusion = conclude(judged, unseen)
        asked = self.settings.on_failure is OnFailure.FAILURE and any(
            part.reason.died for part in unseen
        )
        return Conclusion.FAILURE if asked and self.blocks() else conclusion

    def blocks(self) -> bool:
        """Whether a lesson of the registry may block."""
        lessons = (self.index.lesson(name) for name in self.index.lesson_ids())
        return any(lesson is not None and lesson.mode is Mode.BLOCK for lesson in lessons)

    def _escapes(
        self, selection: Selection, looks: Sequence[GuardResult], today: date
    ) -> "_Escapes":
        """The findings, those that something in the change keeps from being said marked with it,
        and what is wrong.
        """
        suppressions = Suppressions(selection.change, today)
        spoken = [finding for look in looks for finding in look.findings]
        suppressed = [finding for look in looks for finding in look.escaped]
        # a comment with a reason and an end says more than one of Semgrep's
        marked = [suppressions.marked(finding) for finding in (*spoken, *suppressed)]
        hidden = self._out_of_sight(selection)
        whole = not any(look.not_looked_at for look in looks)
        wrong = suppressions.problems(marked, self._is_lesson) if whole else ()
        return replace(
            hidden, findings=(*marked, *hidden.findings), problems=(*wrong, *hidden.problems)
        )

    def _is_lesson(self, name: str) -> bool:
        return self.index.lesson(name) is not None

    def _out_of_sight(self, selection: Selection) -> "_Escapes":
        """What would have been said of the files that the change put out of sight, and what was not
        held to anything.
        """
        hidden = out_of_sight(selection)
        if hidden is None:
            return _Escapes()
        guards = [guard for guard in self._guards if guard.name in _OF_CODE]
        looked = (
            run_guards(guards, hidden.change, self.index, self._progress) if hidden.reasons else ()
        )
        findings: list[Finding] = []
        unseen: list[NotLookedAt] = []
        for result in looked:
            spoken = (*result.look.findings, *result.look.escaped)
            findings += [_hidden(finding, hidden.reasons) for finding in spoken]
            unseen += result.look.not_looked_at
        if hidden.beyond and self.blocks():
            unseen.append(NotLookedAt(Unseen.SKIPPED, "", told(hidden.beyond)))
        problems = (Problem("", 0, told(hidden.beyond)),) if hidden.beyond else ()
        return _Escapes(tuple(findings), problems, tuple(unseen))

    def self_check(self, lessons: Iterable[str]) -> dict[str, Trust]:
        """How far each lesson may be trusted: its rules red on its bad code, silent on its good
        code.
        """
        return self.check_units(
            [
                Unit(lesson, self.index.rules(name))
                for name in lessons
                if (lesson := self.index.lesson(name))
            ]
        )

    def check_units(self, units: Sequence[Unit]) -> dict[str, Trust]:
        """The self-check of lessons with any rules, those of the registry or others."""
        rules = next(guard for guard in self._guards if guard.name is GuardName.RULES)
        compiler = next(
            compiler for compiler in self._compilers if compiler.name == GuardName.RULES
        )
        return check_units(
            units,
            SelfCheckTools(rules, compiler, self._cache / "selfcheck" if self._cache else None),
        )

    def standing(self, lessons: Iterable[str]) -> dict[str, Trust]:
        """How each lesson stands, with what its word rests on."""
        names = tuple(lessons)
        checked, resembling = self.self_check(names), self.resembling(names)
        known = {name: lesson for name in checked if (lesson := self.index.lesson(name))}
        return {
            name: replace(
                checked[name],
                backing=backing_of(
                    self.index, lesson, checked[name], name in resembling, self.settings
                ),
            )
            for name, lesson in known.items()
        }

    def resembling(self, lessons: Iterable[str]) -> frozenset[str]:
        """The lessons whose evidence recall can recognise and tell from its fix."""
        return frozenset(entry.lesson for entry in self.index.find(SIGNATURES, lessons))

    def _standing(self, lessons: Iterable[str]) -> tuple[dict[str, Trust], list[Problem]]:
        """The self-check of the lessons that want to speak, and a loud word for each that failed
        it.
        """
        found = (self.index.lesson(name) for name in sorted(lessons))
        alive = [lesson for lesson in found if lesson and lesson.mode in (Mode.COMMENT, Mode.BLOCK)]
        standing = self.standing(lesson.id for lesson in alive)
        failed = [(lesson, standing[lesson.id].failed) for lesson in alive]
        told = [
            Problem(
                lesson.source,
                0,
                f"lesson {lesson.id} only observes, because it failed its self-check: {why}",
            )
            for lesson, why in failed
            if why
        ]
        return standing, told

    def _open(self) -> OpenedIndex:
        with own_parser():
            return open_index(
                self._recipe, self._cache / "index" if self._cache else None, self._progress
            )

    def _discard(self) -> None:
        self._opened.index.close()
        if self._cache:
            (self._cache / "index" / self._recipe.name()).unlink(missing_ok=True)
        self._opened = self._open()


def user_cache() -> Path:
    """Where compiled registries are kept between runs."""
    from platformdirs import user_cache_path  # noqa: PLC0415 - a caller with its own folder does not pay for it

    return user_cache_path("twiceshy")


def _unseen(
    change: Change, looks: Sequence[GuardResult], parser: Parser
) -> tuple[NotLookedAt, ...]:
    """What of a change was not looked at: it could not be read, a guard could not do it, or the
    parser died of it.
    """
    unseen = list(change.not_looked_at)
    for look in looks:
        unseen += look.not_looked_at
    if parser.deaths:
        unseen.append(NotLookedAt(Unseen.PARSER_DIED, "", _DIED))
    return tuple(dict.fromkeys(unseen))


_DIED = "code of this change ended the parser or took it too long, so resemblance was judged without its grammar"


def _hidden(finding: Finding, reasons: Mapping[str, SkipReason]) -> Finding:
    """A finding in a file that the change put out of sight."""
    reason = reasons[finding.path]
    return replace(
        finding,
        escape=Escape(EscapeKind.SKIPPED, 0, added=True, reason=reason, decided=reason.decided),
    )
