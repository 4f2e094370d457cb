"""Proposals out of bare histories, to be read by a person: the mode ``--histories`` of
``proposals.py``.

Walks the whole road of ``twiceshy learn`` on sampled fixes, with the tree of the fix as today's
code, as whoever has just mended it would. Prints each rule that would be shown beside its fix,
and counts what fires in other projects' trees and on changes that have nothing to do with it.
``proposals.md`` says how to read them.
"""

import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from difflib import unified_diff
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.git import commit_change
from twiceshy.changes.git_host import GitHostTree
from twiceshy.changes.git_objects import Repository
from twiceshy.changes.parser.client import own_parser
from twiceshy.learning.learn.evidence import Story, is_test, story_of
from twiceshy.learning.learn.rule_selection import Choice, TriedRule, choose_all
from twiceshy.learning.learn.rule_trial import Span, try_rules
from twiceshy.lessons.languages import language_of_path

FIX_WORDS = r"\b(fix(es|ed)?|bug|crash|leak|race|regression|wrong|incorrect)\b"
MOST_LOOKED_AT = 4_000
MOST_TREE_FILES = 3_000
MOST_OTHER_FILES = 300
MOST_TOUCHED_LINES = 60


@dataclass(frozen=True)
class Amount:
    """How much is looked at."""

    fixes: int = 25  # of each history
    skip: int = 0  # of those, from the first
    unrelated: int = 500  # changes in all


@dataclass(frozen=True)
class Fix:
    """A commit that mends something."""

    project: str
    folder: Path
    commit: str
    subject: str


@dataclass(frozen=True)
class Shown:
    """A rule that would be written."""

    fix: Fix
    choice: Choice
    rule: TriedRule

    @property
    def language(self) -> str:
        return self.choice.pieces[0].language


def report_on(bare: Sequence[Path], others: Sequence[Path], amount: Amount) -> None:
    """Print every proposal as Markdown, then the counts."""
    with TemporaryDirectory() as name:
        own, foreign = [opened(folder, Path(name)) for folder in bare], []
        for folder in others:
            if folder not in bare:
                foreign.append(opened(folder, Path(name)))
        _report(own, [*own, *foreign], amount)


def _report(folders: Sequence[Path], others: Sequence[Path], amount: Amount) -> None:
    shown: list[Shown] = []
    counts: Counter[str] = Counter()
    for folder in folders:
        for fix in fixes(folder, amount.fixes, amount.skip):
            started = time.process_time()
            for proposal in proposals(fix, counts):
                shown.append(proposal)
                print("\n".join(markdown(proposal, len(shown))), flush=True)
            counts["seconds"] += round(time.process_time() - started)
        print(f"<!-- {folder}: {dict(counts)} -->", flush=True)
    noisy = on_unrelated_changes(shown, folders, amount.unrelated)
    foreign = in_other_trees(shown, others)
    print(f"\n{len(shown)} rules of {counts['fixes']} fixes.")
    for number, places in sorted(noisy.items()):
        print(f"- {number} fires on unrelated changes: {', '.join(places[:3])}")
    for number, places in sorted(foreign.items()):
        print(f"- {number} fires in other trees: {', '.join(places[:3])}")


def opened(bare: Path, folder: Path) -> Path:
    """A clone of a bare repository: git takes none that merely lies there."""
    place = folder / bare.parent.name
    place.mkdir()
    subprocess.run(["git", "clone", "-q", "-n", "-s", str(bare), str(place)], check=True)
    return place


def fixes(folder: Path, most: int, skip: int = 0) -> Iterator[Fix]:
    """Fixes by their messages, spread over the history."""
    listed = _git(
        folder, "log", "--no-merges", "-i", "-E", f"--grep={FIX_WORDS}", "--format=%H %s"
    ).splitlines()[:MOST_LOOKED_AT]
    step = max(1, len(listed) // ((most + skip) * 3))
    found = 0
    for line in listed[::step]:
        commit, _, subject = line.partition(" ")
        if _is_small(folder, commit):
            found += 1
            if found > skip:
                yield Fix(folder.name, folder, commit, subject)
        if found >= most + skip:
            return


def _is_small(folder: Path, commit: str) -> bool:
    """Whether it touches a little code that is no test."""
    touched = 0
    for row in _git(folder, "show", "--numstat", "--format=", commit).splitlines():
        came, went, path = row.split("\t", 2)
        if language_of_path(path) in SPOKEN and not is_test(path) and came.isdigit():
            touched += int(came) + int(went)
    return 0 < touched <= MOST_TOUCHED_LINES


SPOKEN = frozenset(["python", "javascript", "typescript", "tsx", "go", "java"])


def proposals(fix: Fix, counts: Counter[str]) -> Iterator[Shown]:
    """The rules that ``learn`` would write of a fix."""
    try:
        with own_parser():
            change = commit_change(fix.folder, fix.commit)
            story = story_of(change)
            if not story.pairs or story.pairs[0].language not in SPOKEN:
                return
            counts["fixes"] += 1
            tree = _tree(fix.folder, change.head, story)
            choices = choose_all(story.pairs, tree)
    except ChangeError as error:
        print(f"<!-- {fix.commit}: {error} -->")
        return
    for choice in choices:
        counts[f"why {choice.why}"] += 1
        print(
            f"<!-- {fix.project} {fix.commit[:10]} {choice.why} {choice.caught}/{choice.tried} -->"
        )
        if choice.winner:
            yield Shown(fix, choice, choice.winner)


def _tree(folder: Path, commit: str, story: Story) -> dict[str, str]:
    languages = frozenset(pair.language for pair in story.pairs)
    return tree_texts(folder, commit, languages, MOST_TREE_FILES)


def tree_texts(folder: Path, commit: str, languages: Set[str], most: int) -> dict[str, str]:
    """Files of a commit in some languages."""
    host = GitHostTree(folder, commit)
    texts: dict[str, str] = {}
    for file in host.files().files:
        if (language_of_path(file.path) or "") in languages and len(texts) < most:
            text = _text(folder, file.blob)
            if text is not None:
                texts[file.path] = text
    return texts


@lru_cache(maxsize=20_000)
def _text(folder: Path, blob: str) -> str | None:
    """Trees of one history share most of their files."""
    return Repository.at(folder).text(blob)


def markdown(shown: Shown, number: int) -> Iterator[str]:
    """A proposal beside its fix."""
    rule = shown.rule
    yield f"\n## {number}. {shown.fix.project} {shown.fix.commit[:10]}: {shown.fix.subject}\n"
    yield (
        f"{rule.judgement.kind}, {rule.support.k} of {rule.support.n}; forms {rule.forms}"
        f" of {shown.choice.forms}; {rule.candidate.how}\n"
    )
    for span in rule.support.exceptions[:5]:
        yield f"- stands unfixed in {span}"
    for span in rule.support.kept[:3]:
        yield f"- borne out by {span}"
    yield f"```yaml\n{yaml.safe_dump(dict(rule.candidate.matching()), sort_keys=False)}```"
    for pair in shown.choice.pieces:
        yield f"```diff\n# {pair.path} {pair.symbol}"
        lines = unified_diff(pair.bad.splitlines(), pair.good.splitlines(), lineterm="", n=6)
        yield from list(lines)[2:70]
        yield "```"


def on_unrelated_changes(
    shown: Sequence[Shown], folders: Sequence[Path], most: int
) -> dict[int, list[str]]:
    """By rule, counted from 1, the changes of its project (other than its fix) that add what it
    matches.
    """
    noisy: dict[int, list[str]] = {}
    for folder in folders:
        own = [(number, rule) for number, rule in enumerate(shown, 1) if rule.fix.folder == folder]
        commits = _git(folder, "log", "--no-merges", "--format=%H").splitlines()
        sampled = commits[:: max(1, len(commits) // max(1, most // len(folders)))]
        if own:
            for number, place in _added_matches(own, folder, sampled):
                noisy.setdefault(number, []).append(place)
    return noisy


def _added_matches(
    own: Sequence[tuple[int, Shown]], folder: Path, commits: Iterable[str]
) -> Iterator[tuple[int, str]]:
    """Matches on lines that one of the commits added; all files of a language in one run."""
    texts: dict[str, str] = {}
    added: dict[str, frozenset[int]] = {}
    for commit in commits:
        if any(commit == rule.fix.commit for _, rule in own):
            continue
        try:
            change = commit_change(folder, commit)
        except ChangeError:
            continue
        for file in change.files:
            text = change.read_head(file.path) if file.added else None
            if text and len(file.added) < 500:
                texts[f"{commit[:10]}/{file.path}"] = text
                added[f"{commit[:10]}/{file.path}"] = file.added_numbers
    for number, _, spans in _matches(own, texts):
        for span in spans:
            if not added[span.path].isdisjoint(range(span.start, span.end + 1)):
                yield number, str(span)


def _matches(
    own: Sequence[tuple[int, Shown]], texts: Mapping[str, str]
) -> Iterator[tuple[int, Shown, list[Span]]]:
    by_language: dict[str, list[tuple[int, Shown]]] = {}
    for number, rule in own:
        by_language.setdefault(rule.language, []).append((number, rule))
    for language, rules in by_language.items():
        bodies = [rule.rule.candidate.matching() for _, rule in rules]
        alike = {path: text for path, text in texts.items() if language_of_path(path) == language}
        trial = try_rules(bodies, alike, language)
        for place, (number, rule) in enumerate(rules):
            yield number, rule, sorted(trial.of(place))


def in_other_trees(shown: Sequence[Shown], others: Sequence[Path]) -> dict[int, list[str]]:
    """By rule, counted from 1, where it fires in the newest trees of projects not its own."""
    foreign: dict[int, list[str]] = {}
    languages = {rule.language for rule in shown}
    for folder in others:
        strangers = [
            (number, rule) for number, rule in enumerate(shown, 1) if rule.fix.folder != folder
        ]
        head = _git(folder, "rev-parse", "HEAD").strip()
        texts = tree_texts(folder, head, languages, MOST_OTHER_FILES)
        for number, _, spans in _matches(strangers, texts):
            for span in spans:
                foreign.setdefault(number, []).append(f"{folder.name}:{span}")
    return foreign


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")
