"""``twiceshy lint``: every problem of lessons and rules, with file, line and what to write
instead.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import typer

from twiceshy.changes import git
from twiceshy.changes.change_error import ChangeError
from twiceshy.changes.diff_file import read_under
from twiceshy.changes.git import files_with, tracked_files
from twiceshy.changes.git_history import changed_paths
from twiceshy.changes.ignore_comments import MARK
from twiceshy.cli.files import replace_file
from twiceshy.cli.host import host_around, last_commit, tree_around
from twiceshy.cli.progress_bar import Bar
from twiceshy.cli.registries import lessons_of
from twiceshy.cli.usage_error import UsageError
from twiceshy.guards.baseline import BASELINE
from twiceshy.learning.lint.advice import Advice
from twiceshy.learning.lint.advice_cache import AdviceCache
from twiceshy.learning.lint.companion_history import companion_advice
from twiceshy.learning.lint.dead_places import dead_places
from twiceshy.learning.lint.end_advice import end_advice
from twiceshy.learning.lint.ignore_comments_advice import advice_on_ignores
from twiceshy.learning.lint.prose import honesty
from twiceshy.learning.lint.recognition import recognition
from twiceshy.learning.lint.rule_message import placeholder_advice, placeholder_problems
from twiceshy.learning.lint.self_check import rule_problems
from twiceshy.lessons.famous import FAMOUS
from twiceshy.lessons.lesson import Lesson, Mode, Problem
from twiceshy.lessons.lesson_reader import read_lesson
from twiceshy.lessons.progress import Progress
from twiceshy.lessons.sources import Folder, SourceKind, kind_of
from twiceshy.lessons.version import VERSION
from twiceshy.verdicts.guard import Guard, user_cache
from twiceshy.verdicts.render.markdown import count
from twiceshy.workspace import Workspace

HISTORY = 5_000
"""Commits that companions are held against."""


def lint_paths(paths: Sequence[Path]) -> int:
    """Print the problems under the paths (default: the registry around here); 1 when there are
    any.
    """
    for path in paths:
        if not path.exists():
            raise UsageError(f"no such file or folder: {path}")
    roots = tuple(dict.fromkeys(_registry_of(path) for path in paths))
    workspace = Workspace.current(None, roots)
    if not any(isinstance(source, Folder) and source.files() for source in workspace.sources):
        raise UsageError(
            "no lessons or rules here: run it where lessons/ and rules/ are, or name the folder"
        )
    around = git.repository_root(roots[0] if roots else Path.cwd()) or Path.cwd()
    with Bar() as bar:
        guard = workspace.open(bar)
        advice = advice_for(guard, around, paths, bar)
    problems = _problems(guard, workspace, paths)
    for problem in sorted(problems, key=lambda problem: (problem.path, problem.line)):
        typer.echo(str(problem))
    for piece in sorted(advice, key=lambda piece: (piece.path, piece.line, piece.message)):
        typer.echo(str(piece))
    typer.echo(_summary(guard, problems, advice), err=bool(problems))
    return int(bool(problems))


def _problems(guard: Guard, workspace: Workspace, paths: Sequence[Path]) -> list[Problem]:
    """What was left out of the registry under the paths, and what its rules do wrong at work."""
    problems = []
    for problem in (*workspace.left_out, *guard.problems):
        if _wanted(problem.path, paths):
            problems.append(problem)
    lessons = lessons_of(guard.index).values()
    wanted = [lesson for lesson in lessons if _wanted(lesson.source, paths)]
    for lesson in wanted:
        problems += placeholder_problems(lesson, guard.index.rules(lesson.id))
    return [*problems, *rule_problems(guard, wanted)]


def _summary(guard: Guard, problems: Sequence[Problem], advice: Sequence[Advice]) -> str:
    lessons, rules = guard.index.lesson_count, guard.index.rule_count
    result = "no problems"
    if problems:
        files = {problem.path for problem in problems}
        result = f"{count(len(problems), 'problem')} in {count(len(files), 'file')}"
    more = f", {count(len(advice), 'piece')} of advice" if advice else ""
    return f"{count(lessons, 'lesson')}, {count(rules, 'rule')}: {result}{more}"


def mend_paths(paths: Sequence[Path]) -> None:
    """Mend the lessons under the paths (default: the registry around here), and say what was done
    to each.
    """
    roots = tuple(dict.fromkeys(_registry_of(path) for path in paths if path.exists()))
    for source in Workspace.current(None, roots).sources:
        if not isinstance(source, Folder) or source.shown_as == FAMOUS:
            continue
        for file in source.files():
            path = file.path.removeprefix(source.shown_as)
            if file.kind is SourceKind.LESSON and _wanted(path, paths):
                _mend(source.root / path, file.path)


def _mend(place: Path, shown: str) -> None:
    from twiceshy.learning.lint.autofix import mended

    try:
        text = place.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return  # lint names it
    mended_text, mendings = mended(text)
    if mended_text != text:
        replace_file(place, mended_text)
        for mending in mendings:
            typer.echo(f"{shown}: mended: {mending}")


def advice_for(guard: Guard, root: Path, paths: Sequence[Path], progress: Progress) -> list[Advice]:
    """What is no problem, but makes a lesson less than its author thinks. A draft that guards
    nothing yet is no lesson of the registry: what it says is read all the same.
    """
    registry = list(lessons_of(guard.index).values())
    wanted = [lesson for lesson in registry if _wanted(lesson.source, paths)]
    advice = _on_recognition(guard, root, registry, wanted, progress)
    read = read_under(root)
    for lesson in wanted:
        advice += honesty(lesson, read(lesson.source) or lesson.body)
        advice += placeholder_advice(lesson, guard.index.rules(lesson.id))
    for lesson, text in _unfinished(guard, {lesson.source for lesson in registry}):
        if _wanted(lesson.source, paths):
            advice += honesty(lesson, text)
    if not paths:
        advice += _ignores(guard, root)
    for piece in dead_places(registry, _code(root)):
        if _wanted(piece.path, paths):
            advice.append(piece)
    advice += end_advice(wanted, datetime.now(UTC).date(), read)
    return [*advice, *_on_companions(guard, root, wanted)]


def _unfinished(guard: Guard, known: Collection[str]) -> Iterator[tuple[Lesson, str]]:
    """The drafts that are left out because nothing is there to guard with, and their texts."""
    left_out = {problem.path for problem in guard.problems} - set(known)
    for source in guard.sources if left_out else ():
        files = [file for file in source.files() if file.path in left_out]
        for path, content in source.read(files).items():
            text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
            lesson = read_lesson(text, path).lesson
            if lesson and lesson.mode is Mode.DRAFT:
                yield lesson, text


def _on_companions(guard: Guard, root: Path, wanted: Sequence[Lesson]) -> list[Advice]:
    """What this repository's past says of companions; nothing where there is no past."""
    if not any(lesson.companions for lesson in wanted):
        return []
    names = frozenset(lesson.id for lesson in wanted)
    cache = AdviceCache(user_cache(), f"companions {last_commit(root)} {_registry(guard, names)}")
    advice = cache.read()
    if advice is None:
        try:
            commits = changed_paths(root, HISTORY)
        except ChangeError:
            return []
        advice = list(companion_advice(wanted, commits))
        cache.keep(advice)
    return advice


def _on_recognition(
    guard: Guard,
    root: Path,
    registry: Sequence[Lesson],
    wanted: Sequence[Lesson],
    progress: Progress,
) -> list[Advice]:
    """Where recall cannot do what an author expects; not where there is a problem already."""
    names = frozenset(lesson.id for lesson in wanted)
    cache = AdviceCache(user_cache(), _found_of(guard, root, names))
    advice = cache.read()
    if advice is None:
        with host_around(guard, root) as host:
            comment_at = guard.settings.recall.comment_at
            advice = list(recognition(registry, names, host, comment_at, progress))
        cache.keep(advice)
    problems = {(problem.path, problem.line) for problem in guard.problems}
    return [piece for piece in advice if (piece.path, piece.line) not in problems]


def _found_of(guard: Guard, root: Path, names: Collection[str]) -> str:
    """All that decides what recall can do with these lessons: the registry, the repository's code,
    people's words on its places, and thresholds.
    """
    said = read_under(root)(BASELINE) or ""
    return f"{tree_around(root)} {guard.settings.recall!r} {said} {_registry(guard, names)}"


def _registry(guard: Guard, names: Collection[str]) -> str:
    """Changes with any file of the registry, with which of its lessons are asked about, and with
    this program.
    """
    digest = sha256()
    for source in guard.sources:
        for path, content in sorted(source.read(source.files()).items()):
            digest.update(f"{path}\0{content!r}\0".encode(errors="surrogateescape"))
    return f"{VERSION} {sorted(names)} {digest.hexdigest()}"


def _code(root: Path) -> list[str]:
    """The repository's files without its lessons and rules; none where there is no repository."""
    try:
        return [path for path in tracked_files(root) if kind_of(path) is None]
    except ChangeError:
        return []


def _ignores(guard: Guard, root: Path) -> Iterable[Advice]:
    """What to write in the comments of the repository's code that silence lessons."""
    read = read_under(root)
    try:
        texts = {path: text for path in files_with(root, MARK) if (text := read(path)) is not None}
    except ChangeError:
        return ()  # no repository: a folder of lessons alone
    today = datetime.now(UTC).date()
    return advice_on_ignores(texts, lambda name: guard.index.lesson(name) is not None, today)


def _registry_of(path: Path) -> Path:
    """The registry folder a path belongs to: the one above its ``lessons`` or ``rules``, else the
    folder itself.
    """
    resolved = path.resolve()
    for folder in (resolved, *resolved.parents):
        if folder.name in ("lessons", "rules"):
            return folder.parent
    return resolved if resolved.is_dir() else resolved.parent


def _wanted(source: str, paths: Sequence[Path]) -> bool:
    if not paths:
        return True
    shown = {path.resolve(): path for path in paths}
    for given in shown:
        root = _registry_of(given)
        target = (root / source).resolve()
        if target == given or given in target.parents:
            return True
    return False
