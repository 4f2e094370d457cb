"""The rules guard: Semgrep rules made from incidents, over what a change adds.

Starts Semgrep only when a rule can match, and only with the rules that can. Never decides what is
said.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from twiceshy.changes.change import Change, FileChange, Status
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.guards.finding import Escape, EscapeKind, Finding, GuardKind, GuardResult
from twiceshy.guards.fragments import Fragment, fragments
from twiceshy.guards.semgrep import binary, nosemgrep, prefilter
from twiceshy.guards.semgrep.batch import BatchedEngine
from twiceshy.guards.semgrep.core import (
    Engine,
    FaultKind,
    Match,
    RunResult,
    SemgrepMissing,
    SemgrepProblem,
    Target,
)
from twiceshy.guards.semgrep.targets import canonical, languages_of
from twiceshy.lessons.index import Compiled, Entry, Index, Unit
from twiceshy.lessons.lesson import Mode, Problem, Rule

RULES = GuardKind("rules", precision=50, reads_code=True, knows_failure=True)

SHELF = "rules"
LONGEST_KEY = 2_000
MISSING = "Semgrep is not installed, so no rule was checked: pip install semgrep==1.180.0"


class RulesCompiler:
    """Has Semgrep read every rule, names the ones it rejects, and shelves the others under words
    they need.
    """

    name = RULES.name

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine = engine or Engine()

    @property
    def version(self) -> str:
        return f"2.{binary.find().version}"

    def compile(self, units: Sequence[Unit]) -> Compiled:
        rules: list[Rule] = []
        for unit in units:
            if unit.lesson.mode is not Mode.RETIRED:
                rules += unit.rules
        if not rules:
            return Compiled()
        if not self._engine.semgrep.core or not self._engine.passes_canary():
            return Compiled(tuple(_entry(rule, None, prefilter.EVERY_FILE) for rule in rules))
        rejected = self._rejected(rules)
        sound: list[Rule] = []
        problems: list[Problem] = []
        for rule in rules:
            if rule.id in rejected:
                problems.append(_rejection(rule, rejected[rule.id]))
            else:
                sound.append(rule)
        return Compiled(tuple(self._entries(sound)), tuple(problems))

    def _entries(self, rules: Sequence[Rule]) -> Iterator[Entry]:
        formulas = prefilter.formulas(self._engine.dump_prefilters(rules)) if rules else {}
        for rule in rules:
            formula = formulas.get(rule.id)
            for anchor in prefilter.anchors(formula, _whole_words(rule)):
                yield _entry(rule, formula, anchor)

    def _rejected(self, rules: Sequence[Rule]) -> dict[str, str]:
        """Rules Semgrep cannot read, with what it says; when a whole batch ends without an answer,
        halves are tried.
        """
        unknown: dict[str, str] = {}
        for rule in rules:
            if languages := _unknown_languages(rule):
                unknown[rule.id] = f"no such language: {', '.join(languages)}"
        ran = self._engine.run([rule for rule in rules if rule.id not in unknown], [])
        if ran.broken and len(rules) > 1:
            half = len(rules) // 2
            return {**self._rejected(rules[:half]), **self._rejected(rules[half:])}
        if ran.broken:
            return {rules[0].id: "Semgrep ended while reading it"}
        named = {fault.rule: fault.message for fault in ran.faults if fault.rule}
        return {**named, **unknown}


@dataclass(frozen=True)
class _Candidate:
    """A file (or a hunk of one that cannot be read) and the rules that can match it."""

    file: FileChange
    text: str
    rules: tuple[Rule, ...]
    fragment: Fragment | None = None

    @property
    def path(self) -> str:
        return f"{self.fragment.number}/{self.file.path}" if self.fragment else self.file.path

    @cached_property
    def rule_ids(self) -> frozenset[str]:
        return frozenset(rule.id for rule in self.rules)


class RulesGuard:
    """See the module."""

    kind = RULES

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine: Engine | BatchedEngine = engine or Engine()

    def prepare(self, changes: Sequence[Change], index: Index) -> "RulesGuard":
        """A guard that has the answers for these changes already; Semgrep was started once for all
        of them.
        """
        return _PreparedRules(self._engine, changes, index)

    def check(self, change: Change, index: Index) -> GuardResult:
        with self.start(change, index) as finish:
            return finish()

    @contextmanager
    def start(self, change: Change, index: Index) -> Iterator[Callable[[], GuardResult]]:
        candidates: list[_Candidate] = []
        for file in change.files:
            candidates += self._candidates(file, change, index)
        if not candidates:
            yield GuardResult
            return
        rules = _rules_of(candidates)
        try:
            with self._engine.running(tuple(rules.values()), _targets(candidates)) as finish:
                yield lambda: self._result(finish(), candidates, rules, change, index)
        except SemgrepMissing:
            missing = NotLookedAt(Unseen.GUARD_FAILED, RULES.name, MISSING)
            yield lambda: GuardResult(not_looked_at=(missing,))

    def _result(
        self,
        ran: RunResult,
        candidates: Sequence[_Candidate],
        rules: dict[str, Rule],
        change: Change,
        index: Index,
    ) -> GuardResult:
        matched, silent = _findings(ran, candidates, rules)
        findings: list[Finding] = []
        escaped: list[Finding] = []
        for finding in self._compared_with_base(matched, change, index):
            if not finding.escape:
                findings.append(finding)
            elif not finding.stands_at_base:
                # what was there before, suppressed or not, is no way out of this change's own
                # making
                escaped.append(finding)
        by_path = {candidate.path: candidate for candidate in candidates}
        return GuardResult(
            tuple(findings),
            tuple(_problems(ran.faults, by_path)),
            silent,
            rules_run=len(rules),
            not_looked_at=tuple(dict.fromkeys(_unseen(ran.faults, by_path))),
            escaped=tuple(escaped),
        )

    def _candidates(self, file: FileChange, change: Change, index: Index) -> Sequence[_Candidate]:
        return _candidates(file, change, index)

    def _compared_with_base(
        self, findings: list[Finding], change: Change, index: Index
    ) -> list[Finding]:
        """Findings that merely moved or were re-indented are marked as standing at base.

        What the change took out of a file is counted, claim by claim; so many of the same claims
        are old, the rest new. Semgrep starts again only when a rule that fired can match what the
        file held before.
        """
        fired = {(finding.path, finding.rule) for finding in findings}
        before: dict[str, _Candidate] = {}
        for file in change.files:
            text = change.read_base(file.base_path) if file.removed else None
            rules = _possible(file.base_path, text, index) if text is not None else ()
            again = tuple(rule for rule in rules if (file.path, rule.id) in fired)
            if again and text is not None:
                before[file.path] = _Candidate(file, text, again)
        if not before:
            return findings
        fired_rules = _rules_of(before.values())
        ran = self._engine.run(tuple(fired_rules.values()), _targets(before.values()))
        return _mark(findings, Counter(_gone(ran.matches, before)))


class _PreparedRules(RulesGuard):
    """A rules guard that has asked Semgrep about some changes already."""

    def __init__(
        self, engine: Engine | BatchedEngine, changes: Sequence[Change], index: Index
    ) -> None:
        self._prepared: dict[int, list[_Candidate]] = {}
        # kept, so that no other file gets one of these identities
        self._files: list[FileChange] = []
        wanted: list[tuple[Target, Sequence[Rule]]] = []
        for change in changes:
            for file in change.files:
                candidates = _candidates(file, change, index)
                self._files.append(file)
                self._prepared[id(file)] = candidates
                for candidate in candidates:
                    wanted.append((_target(candidate), candidate.rules))
        self._engine = BatchedEngine(engine, wanted) if isinstance(engine, Engine) else engine

    def _candidates(self, file: FileChange, change: Change, index: Index) -> Sequence[_Candidate]:
        prepared = self._prepared.get(id(file))
        return super()._candidates(file, change, index) if prepared is None else prepared


_Claim = tuple[str, str, str, bool]
"""Path, rule and key of a match, and whether a comment suppresses it."""


def _gone(matches: Iterable[Match], before: Mapping[str, _Candidate]) -> Iterator[_Claim]:
    """The claims that held at base on lines the change removed."""
    for match in matches:
        candidate = before[match.path]
        removed = {line.old for line in candidate.file.removed}
        if removed & set(range(match.start_line, match.end_line + 1)):
            key = _key(match, candidate.text.split("\n"))
            yield match.path, match.rule, key, match.ignored


def _mark(findings: Iterable[Finding], gone: Counter[_Claim]) -> list[Finding]:
    """Only what the change itself took away can be what it put back elsewhere: a second copy is
    new.

    A suppressed finding is as old as the same claim was at base, suppressed there or not. One that
    nothing suppresses any more is new where it was suppressed.
    """
    marked: dict[Finding, Finding] = {}
    for finding in sorted(findings, key=lambda finding: finding.escape is not None):
        old = any(_taken(claim, gone) for claim in _claims(finding))
        marked[finding] = replace(finding, stands_at_base=True) if old else finding
    return [marked[finding] for finding in findings]


def _claims(finding: Finding) -> tuple[_Claim, ...]:
    claim = finding.path, finding.rule or "", finding.key
    return ((*claim, True), (*claim, False)) if finding.escape else ((*claim, False),)


def _taken(claim: _Claim, gone: Counter[_Claim]) -> bool:
    """Whether the claim is among what is gone; it is taken from it then."""
    if gone[claim] <= 0:
        return False
    gone[claim] -= 1
    return True


def _entry(rule: Rule, formula: object, anchor: str) -> Entry:
    payload = [rule.id, formula, rule.languages, _whole_words(rule)]
    return Entry(SHELF, anchor, rule.lesson, json.dumps(payload, separators=(",", ":")))


def _whole_words(rule: Rule) -> bool:
    return prefilter.of_whole_words(rule.document, rule.languages)


def _unknown_languages(rule: Rule) -> list[str]:
    return [language for language in rule.languages if canonical(language) is None]


def _rejection(rule: Rule, why: str) -> Problem:
    return Problem(
        rule.source, rule.line, f"rule {rule.id} is left out: Semgrep cannot read it ({why})"
    )


def _candidates(file: FileChange, change: Change, index: Index) -> list[_Candidate]:
    if file.status is Status.DELETED or not file.added:
        return []
    candidates: list[_Candidate] = []
    text = change.read_head(file.path)
    if text is not None:
        if rules := _possible(file.path, text, index):
            candidates.append(_Candidate(file, text, rules))
        return candidates
    for fragment in fragments(file):
        if rules := _possible(file.path, fragment.text, index):
            candidates.append(_Candidate(file, fragment.text, rules, fragment))
    return candidates


def _rules_of(candidates: Iterable[_Candidate]) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for candidate in candidates:
        for rule in candidate.rules:
            rules[rule.id] = rule
    return rules


def _possible(path: str, text: str, index: Index) -> tuple[Rule, ...]:
    """The rules of the file's languages whose formula holds."""
    languages = languages_of(path, text)
    lesson_of: dict[str, str] = {}
    words = prefilter.words(text)
    for entry in index.find(SHELF, [prefilter.EVERY_FILE, *words]):
        rule_id, formula, named, whole = json.loads(entry.payload)
        fits = not languages.isdisjoint(map(canonical, named))
        if fits and prefilter.may_match(formula, text, words if whole else None):
            lesson_of[rule_id] = entry.lesson
    rules: list[Rule] = []
    for lesson in dict.fromkeys(lesson_of.values()):
        for rule in index.rules(lesson):
            if rule.id in lesson_of:
                rules.append(rule)
    return tuple(rules)


def _targets(candidates: Iterable[_Candidate]) -> list[Target]:
    return list(map(_target, candidates))


def _target(candidate: _Candidate) -> Target:
    languages = _languages(candidate.rules, candidate.file.path, candidate.text)
    return Target(candidate.path, candidate.text, languages)


def _languages(rules: Iterable[Rule], path: str, text: str) -> frozenset[str]:
    named: set[str | None] = set()
    for rule in rules:
        named.update(map(canonical, rule.languages))
    return languages_of(path, text).intersection(filter(None, named))


def _findings(
    ran: RunResult, candidates: Sequence[_Candidate], rules: dict[str, Rule]
) -> tuple[list[Finding], dict[str, str]]:
    by_path = {candidate.path: candidate for candidate in candidates}
    findings: dict[tuple[str, int, int, str], Finding] = {}
    silent: dict[str, str] = {}
    for match in sorted(ran.matches, key=_place):
        candidate = by_path.get(match.path)
        if candidate is None or match.rule not in candidate.rule_ids:
            continue
        lesson = rules[match.rule].lesson
        start, end = _lines(match, candidate.fragment)
        if candidate.file.added_numbers.isdisjoint(range(start, end + 1)):
            place = f"{candidate.file.path}:{start}"
            silent[lesson] = f"rule {match.rule} matches {place}, but not on an added line"
            continue
        finding = _finding(match, candidate, start, end, rules[match.rule])
        if match.ignored:
            silent[lesson] = f"nosemgrep at {candidate.file.path}:{start}"
            finding = replace(finding, escape=_nosemgrep(match, candidate))
        findings.setdefault((match.path, start, end, match.rule), finding)
    return list(findings.values()), silent


def _place(match: Match) -> tuple[str, int, int]:
    return match.path, match.start_line, match.start_col


def _nosemgrep(match: Match, candidate: _Candidate) -> Escape:
    """The comment that suppresses a match, by its line at head."""
    line = nosemgrep.comment_line(candidate.text.split("\n"), match.start_line, match.rule)
    if candidate.fragment:
        line = candidate.fragment.numbers[min(line, len(candidate.fragment.numbers)) - 1]
    return Escape(EscapeKind.NOSEMGREP, line, line in candidate.file.added_numbers)


def _lines(match: Match, fragment: Fragment | None) -> tuple[int, int]:
    if fragment is None:
        return match.start_line, match.end_line
    last = len(fragment.numbers)
    start, end = min(match.start_line, last), min(match.end_line, last)
    return fragment.numbers[start - 1], fragment.numbers[end - 1]


def _finding(match: Match, candidate: _Candidate, start: int, end: int, rule: Rule) -> Finding:
    lines = candidate.text.split("\n")
    return Finding(
        RULES,
        rule.lesson,
        candidate.file.path,
        start,
        end,
        1.0,
        headline=f"this is what {rule.lesson} was about",
        why=" ".join(match.message.split()),
        key=_key(match, lines),
        rule=rule.id,
        suggestion=None if candidate.fragment else _suggestion(match, lines),
    )


def _key(match: Match, lines: Sequence[str]) -> str:
    """Rule and matched names; without any names, the matched code without its white space."""
    values: list[str] = []
    for name, value in match.metavars:
        values.append(f"{name}={' '.join(value.split())}")
    lines_matched = "".join(lines[match.start_line - 1 : match.end_line])
    code = ";".join(values) or "".join(lines_matched.split())
    return f"{match.rule}:{code[:LONGEST_KEY]}"


def _suggestion(match: Match, lines: Sequence[str]) -> str | None:
    """The whole lines of the match with its fix in place, without a last line end."""
    if match.fix is None or not 0 < match.end_line <= len(lines):
        return None
    # columns count bytes
    first = lines[match.start_line - 1].encode("utf-8", "replace")
    last = lines[match.end_line - 1].encode("utf-8", "replace")
    before = first[: match.start_col - 1].decode("utf-8", "replace")
    after = last[match.end_col - 1 :].decode("utf-8", "replace")
    return f"{before}{match.fix}{after}".removesuffix("\r")


def _problems(
    faults: Iterable[SemgrepProblem], candidates: dict[str, _Candidate]
) -> Iterable[Problem]:
    """Semgrep's own errors in the words of the change; a hunk alone need not parse."""
    grouped: dict[tuple[str, str], list[SemgrepProblem]] = defaultdict(list)
    for fault in faults:
        candidate = candidates.get(fault.path or "")
        if fault.kind in _RUNS or (candidate and candidate.fragment):
            continue
        about = candidate.file.path if candidate else ""
        grouped[(about, fault.message.split(":")[0])].append(fault)
    for (path, _), same in grouped.items():
        rules = sorted({fault.rule for fault in same if fault.rule})
        tail = f" (rules {', '.join(rules[:5])})" if rules else ""
        more = f" and {len(same) - 1} more like it" if len(same) > 1 and not rules else ""
        yield Problem(path, same[0].line if path else 0, f"Semgrep: {same[0].message}{more}{tail}")


def _unseen(
    faults: Iterable[SemgrepProblem], candidates: dict[str, _Candidate]
) -> Iterator[NotLookedAt]:
    """What of the change Semgrep did not look at: a whole run, a rule on a file, or added code it
    cannot read.
    """
    for fault in faults:
        candidate = candidates.get(fault.path or "")
        if fault.kind in _RUNS:
            yield NotLookedAt(_RUNS[fault.kind], RULES.name, fault.message)
        elif fault.kind is FaultKind.GAVE_UP:
            yield _gave_up(fault, candidate)
        elif candidate and fault.kind is FaultKind.UNPARSED and _on_added(fault, candidate):
            detail = "rules were not checked on a part of what this adds: Semgrep cannot read it"
            yield NotLookedAt(Unseen.PARTLY_READ, candidate.file.path, detail, line=fault.line)


def _gave_up(fault: SemgrepProblem, candidate: _Candidate | None) -> NotLookedAt:
    """Without a file nobody knows what was looked at: it counts like a run that failed."""
    which = f"rule {fault.rule} was not" if fault.rule else "rules were not all"
    if candidate is None:
        detail = f"{which} checked: Semgrep gave up ({fault.message})"
        return NotLookedAt(Unseen.GUARD_FAILED, RULES.name, detail)
    detail = f"{which} checked here: Semgrep gave up ({fault.message})"
    return NotLookedAt(Unseen.RULE_TIMED_OUT, candidate.file.path, detail)


def _on_added(fault: SemgrepProblem, candidate: _Candidate) -> bool:
    """Whether Semgrep stumbled over lines the change added; a hunk alone need not parse."""
    if candidate.fragment:
        return False
    return any(fault.line <= number <= fault.end_line for number in candidate.file.added_numbers)


_RUNS = {FaultKind.RUN_FAILED: Unseen.GUARD_FAILED, FaultKind.RUN_LATE: Unseen.GUARD_LATE}
