"""Where a pull request is judged: a change goes in, the guards look, policy decides, a report
comes out.

The one road that the command line, the Action and the App share. Reads the registry through its
compiled index; runs git only to read a host it was told of, never prints, never publishes.
"""

import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from twiceshy.changes.change import Change, Reader
from twiceshy.changes.diff_file import change_from_diff
from twiceshy.changes.host import HostTree
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
    GuardResult,
)
from twiceshy.guards.recall.host import Host, whole_host
from twiceshy.guards.recall.recall_guard import RECALL, SIGNATURES
from twiceshy.guards.rules import RULES
from twiceshy.lessons.compiler import IndexSpec, OpenedIndex, open_index
from twiceshy.lessons.disk import IndexDamaged
from twiceshy.lessons.index import Compiler, Index, Unit
from twiceshy.lessons.languages import language_of_path
from twiceshy.lessons.lesson import Lesson, Mode, Problem
from twiceshy.lessons.progress import Progress, no_progress
from twiceshy.lessons.sources import Folder, Source
from twiceshy.verdicts.answers_at_base import AnswersAtBase, answers_at_base
from twiceshy.verdicts.backing import backing_of
from twiceshy.verdicts.excerpts import excerpts
from twiceshy.verdicts.explanations import explain_lessons
from twiceshy.verdicts.file_selection import Selection, out_of_sight, select, told
from twiceshy.verdicts.local_threshold import LIKENESSES
from twiceshy.verdicts.nearness import Edits
from twiceshy.verdicts.policy import Memory, Trust, conclude, decide, sure_enough
from twiceshy.verdicts.readiness import Readiness, readiness_of
from twiceshy.verdicts.runner import TimedResult, run_guards
from twiceshy.verdicts.selfcheck import SelfCheckTools, check_units
from twiceshy.verdicts.settings import OnFailure, Settings
from twiceshy.verdicts.suppressions import Suppressions
from twiceshy.verdicts.verdict import Conclusion, JudgedFinding, Report, Seconds, Stats

Judged = TypeVar("Judged")

FindHost = Callable[[], HostTree | None]
"""Finds the code that stands in a repository, as it is now."""


def no_host() -> HostTree | None:
    """Nobody knows what stands there."""
    return None


@dataclass(frozen=True, slots=True)
class _Selected:
    """What of a change is looked at."""

    selection: Selection
    files: int  # of the whole change, with those left out
    hunks: int
    seconds: float  # to find out


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
        *,
        host: FindHost = no_host,
        hosts: Path | None = None,
    ) -> None:
        """Compile the registry, or find it compiled. ``cache`` is a folder to keep the index in;
        None keeps nothing.

        ``host`` finds the code that stands where changes are made that do not know it themselves;
        ``hosts`` is a folder to keep in what is counted of hosts, by default one in the cache.
        """
        from twiceshy.guards.registered import compilers, guards  # noqa: PLC0415 - they are heavy

        started = time.perf_counter()
        self.settings = settings or Settings()
        self._host = host
        self._hosts = hosts or (cache and cache / "hosts")
        self._guards: tuple[ChangeGuard, ...] = guards(progress, self._hosts)
        self._compilers: tuple[Compiler, ...] = compilers()
        self._spec = IndexSpec(tuple(sources), self._compilers)
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
        host: str | Path | HostTree | None = None,
    ) -> "Guard":
        """Guard with the ``lessons/`` and ``rules/`` of one folder or several; the index is kept in
        the user's cache.

        ``host``: the repository that the diffs are of, which says what is normal there: a folder
        with a commit checked out, as it is at each check, or the files of one commit. Raises
        FileNotFoundError when a folder does not exist, ChangeError when that of the host is no
        repository.
        """
        folders = [registry] if isinstance(registry, str | Path) else registry
        sources: list[Folder] = []
        for path in map(Path, folders):
            if not path.is_dir():
                raise FileNotFoundError(
                    f"no registry folder {path}: give a folder that holds lessons/ or rules/"
                )
            shown_as = f"{path.as_posix()}/" if sources else ""
            sources.append(Folder(path, shown_as))
        return cls(sources, settings, cache or user_cache(), progress, host=_finder(host))

    def renew(self, sources: Sequence[Source], settings: Settings | None = None) -> bool:
        """Guard with the registry as it is now; whether anything of it or of the settings changed.

        Called between two judgings. ``sources`` are new ones: one that was asked before may
        remember its files. A renewal that fails leaves the guard as it was.
        """
        spec = IndexSpec(tuple(sources), self._compilers)
        settings = settings or self.settings
        same = (spec.name(), spec.identity()) == (self._spec.name(), self._opened.index.identity)
        if same and settings == self.settings:
            return False
        before = self._spec, self._opened
        try:
            self._spec = spec
            self._opened = before[1] if same else self._open()
        except BaseException:
            self._spec, self._opened = before
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
        return self._spec.sources

    def identity(self) -> str:
        """Changes with any file of the registry, any guard's compiler and any version."""
        return f"{self._spec.name()} {self._opened.index.identity}"

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
        return self.judge(self.hosted(change_from_diff(diff, read)), explain=explain)

    def hosted(self, change: Change) -> Change:
        """A change that does not know its host, with this guard's."""
        return change if change.host else replace(change, host=self._host())

    def whole_host(self, tree: HostTree, read: Reader) -> AbstractContextManager[Host]:
        """A host counted whole, where checks find what was counted; ``read`` reads its files."""
        return whole_host(tree, self._hosts, read, self._progress)

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

        def act() -> Report:
            return self._judge(self._select(change), self._guards, explain, memory, day)

        return self._with_sound_index(act, [change])

    def judge_each(self, changes: Sequence[Change]) -> list[Report]:
        """Judge many changes, each by itself; what can be done for all of them at once is."""
        return self._with_sound_index(lambda: self._judge_each(changes), changes)

    def _judge_each(self, changes: Sequence[Change]) -> list[Report]:
        selected = [self._select(change) for change in changes]
        guards = self._prepared([part.selection.change for part in selected])
        return [self._judge(part, guards) for part in selected]

    def _prepared(self, changes: Sequence[Change]) -> list[ChangeGuard]:
        """The guards, with what they can do for many changes at once done for these."""
        guards: list[ChangeGuard] = []
        for guard in self._guards:
            if isinstance(guard, BatchGuard):
                guards.append(guard.prepare(changes, self.index))
            else:
                guards.append(guard)
        return guards

    def _select(self, change: Change) -> _Selected:
        started = time.perf_counter()
        selection = select(change, self.settings.ignore)
        readable = bounded(selection.change, self.settings.max_file_bytes)
        selection = replace(selection, change=readable)
        hunks = sum(len(file.hunks) for file in change.files)
        return _Selected(selection, len(change.files), hunks, time.perf_counter() - started)

    def _with_sound_index(self, act: Callable[[], Judged], changes: Sequence[Change]) -> Judged:
        """Act with a parser at hand; once more when the index turned out to be damaged."""
        with self._lent_parser() as parser:
            if any(_can_be_parsed(change) for change in changes):
                parser.start()  # it will be there by the time it is asked
            try:
                return act()
            except IndexDamaged:
                self._discard()
                return act()

    @contextmanager
    def _lent_parser(self) -> Iterator[Parser]:
        """The parser kept from judging to judging; a second judging at the same time has one of its
        own.
        """
        is_free = self._free.acquire(blocking=False)
        try:
            with own_parser(self._parser if is_free else None) as parser:
                yield parser
        finally:
            if is_free:
                self._free.release()

    def _judge(
        self,
        selected: _Selected,
        guards: Sequence[ChangeGuard],
        explain: bool = False,
        memory: Memory | None = None,
        today: date | None = None,
    ) -> Report:
        """``today``: escapes count, as of this day; without it only what guards say for
        themselves.
        """
        started = time.perf_counter()
        change = selected.selection.change
        with own_parser() as parser:
            parser.deaths = 0  # what another change brought is not held against this one
        timed = run_guards(guards, change, self.index, self._progress)
        results = [row.result for row in timed]
        escapes = self._escapes(selected.selection, results, today)
        unseen = (
            *self._nothing_guards(),
            *_unseen(change, results, parser),
            *escapes.not_looked_at,
        )
        answers = self._answers_at_base(escapes.findings, change, today)
        memory = (memory or Memory()).with_local(answers.asked)
        judged, failed = self._decide(escapes.findings, change, memory)
        problems = self._problems(change, results, escapes, unseen)
        seconds = self._load_seconds + selected.seconds + time.perf_counter() - started
        return Report(
            conclusion=self._conclusion(judged, unseen),
            findings=judged,
            base=change.base,
            head=change.head,
            problems=tuple(dict.fromkeys((*problems, *answers.problems, *failed))),
            stats=self._stats(selected, timed, seconds),
            lessons=explain_lessons(self.index, judged, change, results) if explain else (),
            skipped=selected.selection.skipped,
            excerpts=excerpts(judged, change),
            explain=explain,
            not_looked_at=unseen,
        )

    def _answers_at_base(
        self, findings: Sequence[Finding], change: Change, today: date | None
    ) -> AnswersAtBase:
        """What people wrote at the base of lessons whose likenesses would be said; nothing is asked
        for others.
        """
        if today is None:
            return AnswersAtBase()
        lessons: set[str] = set()
        for finding in findings:
            if finding.guard.name in LIKENESSES and sure_enough(finding, self.settings):
                lessons.add(finding.lesson)
        if not lessons:
            return AnswersAtBase()
        least = self.settings.recall.comment_at
        return answers_at_base(change, lessons, self._likenesses, least, today)

    def _likenesses(self, change: Change) -> list[Finding]:
        """What the guards whose claims people answer by score say of a change."""
        guards = [guard for guard in self._guards if guard.kind.name in LIKENESSES]
        findings: list[Finding] = []
        for row in run_guards(guards, change, self.index, self._progress):
            findings += row.result.findings
        return findings

    def _decide(
        self, findings: Sequence[Finding], change: Change, memory: Memory
    ) -> tuple[tuple[JudgedFinding, ...], list[Problem]]:
        """What policy makes of the findings, and the lessons that failed their self-check."""
        trust, failed = self._trusted({finding.lesson for finding in findings})
        near = Edits(change).is_one
        lessons = self.index.lesson
        return decide(findings, lessons, self.settings, trust, memory, near), failed

    def _problems(
        self,
        change: Change,
        results: Iterable[GuardResult],
        escapes: _Escapes,
        unseen: Iterable[NotLookedAt],
    ) -> list[Problem]:
        problems = [*self.problems, *change.problems]
        for result in results:
            problems += result.problems
        problems += escapes.problems
        problems += [part.problem for part in unseen]
        return problems

    def _stats(self, selected: _Selected, timed: Sequence[TimedResult], seconds: float) -> Stats:
        spent = {row.guard: row.seconds for row in timed}
        return Stats(
            files=selected.files,
            hunks=selected.hunks,
            lessons=self.index.lesson_count,
            rules=self.index.rule_count,
            rules_run=sum(row.result.rules_run for row in timed),
            seconds=Seconds(self._load_seconds, spent[RULES], spent[RECALL], seconds),
        )

    def _nothing_guards(self) -> tuple[NotLookedAt, ...]:
        """That no lesson guards, when it is so: silence then means nothing."""
        readiness = self.readiness()
        if readiness.guards:
            return ()
        detail = f"nothing guards: {readiness.seen}; {readiness.advice}"
        return (NotLookedAt(Unseen.NO_LESSONS, "", detail),)

    def _conclusion(
        self, judged: Sequence[JudgedFinding], unseen: Sequence[NotLookedAt]
    ) -> Conclusion:
        """``failure`` also when a guard died, lessons block, and the settings ask for failure
        then.
        """
        died = any(part.reason.died for part in unseen)
        if died and self.settings.on_failure is OnFailure.FAILURE and self.blocks():
            return Conclusion.FAILURE
        return conclude(judged, unseen)

    def blocks(self) -> bool:
        """Whether a lesson of the registry may block."""
        lessons = (self.index.lesson(name) for name in self.index.lesson_ids())
        return any(lesson is not None and lesson.mode is Mode.BLOCK for lesson in lessons)

    def _escapes(
        self, selection: Selection, results: Sequence[GuardResult], today: date | None
    ) -> _Escapes:
        """The findings, those that something in the change keeps from being said marked with it,
        and what is wrong.
        """
        spoken: list[Finding] = []
        for result in results:
            spoken += result.findings
        if today is None:
            return _Escapes(tuple(spoken))
        for result in results:
            spoken += result.escaped
        suppressions = Suppressions(selection.change, today)
        # a comment with a reason and an end says more than one of Semgrep's
        marked = [suppressions.marked(finding) for finding in spoken]
        hidden = self._out_of_sight(selection)
        whole = not any(result.not_looked_at for result in results)
        wrong = suppressions.problems(marked, self._is_lesson) if whole else ()
        return replace(
            hidden, findings=(*marked, *hidden.findings), problems=(*wrong, *hidden.problems)
        )

    def _is_lesson(self, name: str) -> bool:
        return self.index.lesson(name) is not None

    def _out_of_sight(self, selection: Selection) -> _Escapes:
        """What would have been said of the files that the change put out of sight, and what was not
        held to anything.
        """
        hidden = out_of_sight(selection)
        if hidden is None:
            return _Escapes()
        findings: list[Finding] = []
        unseen: list[NotLookedAt] = []
        # a file that is skipped is no place and asks for no companion
        guards = [guard for guard in self._guards if guard.kind.reads_code]
        if not hidden.reasons:
            guards = []
        for row in run_guards(guards, hidden.change, self.index, self._progress):
            spoken = (*row.result.findings, *row.result.escaped)
            findings += [_hidden(finding, hidden.reasons) for finding in spoken]
            unseen += row.result.not_looked_at
        if hidden.beyond and self.blocks():
            unseen.append(NotLookedAt(Unseen.SKIPPED, "", told(hidden.beyond)))
        problems = (Problem("", 0, told(hidden.beyond)),) if hidden.beyond else ()
        return _Escapes(tuple(findings), problems, tuple(unseen))

    def self_check(self, lessons: Iterable[str]) -> dict[str, Trust]:
        """How far each lesson may be trusted: its rules red on its bad code, silent on its good
        code.
        """
        units: list[Unit] = []
        for name in lessons:
            if lesson := self.index.lesson(name):
                units.append(Unit(lesson, self.index.rules(name)))
        return self.check_units(units)

    def check_units(self, units: Sequence[Unit]) -> dict[str, Trust]:
        """The self-check of lessons with any rules, those of the registry or others."""
        guard = next(guard for guard in self._guards if guard.kind == RULES)
        compiler = next(compiler for compiler in self._compilers if compiler.name == RULES.name)
        folder = self._cache / "selfcheck" if self._cache else None
        return check_units(units, SelfCheckTools(guard, compiler, folder))

    def standing(self, lessons: Iterable[str]) -> dict[str, Trust]:
        """How each lesson stands, with what its word rests on."""
        names = tuple(lessons)
        resembling = self.resembling(names)
        standing: dict[str, Trust] = {}
        for name, trust in self.self_check(names).items():
            if lesson := self.index.lesson(name):
                resembles = name in resembling
                backing = backing_of(self.index, lesson, trust, resembles, self.settings)
                standing[name] = replace(trust, backing=backing)
        return standing

    def resembling(self, lessons: Iterable[str]) -> frozenset[str]:
        """The lessons whose evidence recall can recognise and tell from its fix."""
        return frozenset(entry.lesson for entry in self.index.find(SIGNATURES, lessons))

    def _trusted(self, lessons: Iterable[str]) -> tuple[dict[str, Trust], list[Problem]]:
        """The self-check of the lessons that want to speak, and a loud word for each that failed
        it.
        """
        speaking: list[Lesson] = []
        for name in sorted(lessons):
            lesson = self.index.lesson(name)
            if lesson and lesson.mode in (Mode.COMMENT, Mode.BLOCK):
                speaking.append(lesson)
        trust = self.standing(lesson.id for lesson in speaking)
        problems: list[Problem] = []
        for lesson in speaking:
            if failed := trust[lesson.id].failed:
                message = (
                    f"lesson {lesson.id} only observes, because it failed its self-check: {failed}"
                )
                problems.append(Problem(lesson.source, 0, message))
        return trust, problems

    def _open(self) -> OpenedIndex:
        folder = self._cache / "index" if self._cache else None
        with own_parser():
            return open_index(self._spec, folder, self._progress)

    def _discard(self) -> None:
        self._opened.index.close()
        if self._cache:
            (self._cache / "index" / self._spec.name()).unlink(missing_ok=True)
        self._opened = self._open()


def user_cache() -> Path:
    """Where compiled registries are kept between runs."""
    from platformdirs import user_cache_path  # noqa: PLC0415 - seldom needed

    return user_cache_path("twiceshy")


def _finder(host: str | Path | HostTree | None) -> FindHost:
    if host is None:
        return no_host
    if not isinstance(host, str | Path):
        return lambda: host
    from twiceshy.changes.git import host_of_checkout  # noqa: PLC0415 - only who asks runs git

    root = Path(host)
    if not root.is_dir():
        raise FileNotFoundError(f"no folder {root}: give that of the repository the diffs are of")
    host_of_checkout(root)  # a folder that is no repository is named at once
    return lambda: host_of_checkout(root)


def _can_be_parsed(change: Change) -> bool:
    return any(can_parse("", language_of_path(file.path)) for file in change.files)


def _unseen(
    change: Change, results: Sequence[GuardResult], parser: Parser
) -> tuple[NotLookedAt, ...]:
    """What of a change was not looked at: it could not be read, a guard could not do it, or the
    parser died of it.
    """
    unseen = list(change.not_looked_at)
    for result in results:
        unseen += result.not_looked_at
    if parser.deaths:
        unseen.append(NotLookedAt(Unseen.PARSER_DIED, "", _DIED))
    return tuple(dict.fromkeys(unseen))


_DIED = (
    "code of this change ended the parser or took it too long, "
    "so resemblance was judged without its grammar"
)


def _hidden(finding: Finding, reasons: Mapping[str, SkipReason]) -> Finding:
    """A finding in a file that the change put out of sight."""
    reason = reasons[finding.path]
    return replace(
        finding,
        escape=Escape(EscapeKind.SKIPPED, 0, added=True, reason=reason, decided=reason.decided),
    )
