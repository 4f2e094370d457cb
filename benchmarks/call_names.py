"""Which call names are common in public code: makes the table that ``learning/learn/hollowness``
reads.

    python benchmarks/call_names.py FOLDER... > app/twiceshy/learning/learn/call_names.txt

A FOLDER is a bare git repository, or a folder of installed Python distributions, of which each
package counts as a project. Only names and counts get into the table: in how many projects a name
is called and, of Python's, with which keyword arguments. A name of one project alone is left out,
and never a word of code is kept.
"""

import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from twiceshy.changes.skip import Attributes, skip_reason
from twiceshy.lessons.language import words
from twiceshy.lessons.languages import language_of_path

LANGUAGES = words("python javascript typescript go java ruby php rust kotlin csharp c cpp scala")
ALIKE = {"typescript": "javascript", "tsx": "javascript", "cpp": "c", "scala": "java"}
"""Languages that call the same libraries share a count."""

MOST_FILES, MOST_CHARACTERS = 400, 200_000
FEWEST_PROJECTS = 3
FEWEST_WITH_KEYWORD = 3
LONGEST_NAME = 40

_CALL = re.compile(r"(?<![\w.])((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)\(")
_DEFINED = re.compile(r"(?:\bdef|\bfunc(?:tion)?|\bclass|\bfn|\bnew)[ \t]+$")
_KEYWORD = re.compile(r"[(,]\s*([A-Za-z_]\w*)\s*=(?!=)")


def main(folders: Iterable[str]) -> None:
    """Print the table."""
    projects: Counter[str] = Counter()
    callers: dict[str, Counter[str]] = defaultdict(Counter)
    keywords: Counter[tuple[str, str]] = Counter()
    keyword_callers: Counter[tuple[str, str]] = Counter()
    for texts in _projects(folders):
        names: dict[str, set[str]] = defaultdict(set)
        given: set[tuple[str, str]] = set()
        for language, text in texts:
            for name, keys in _calls(text, with_keywords=language == "python"):
                names[language].add(name)
                for key in keys:
                    keywords[name, key] += 1
                    given.add((name, key))
        keyword_callers.update(given)
        for language, called in names.items():
            projects[language] += 1
            callers[language].update(called)
    _print(projects, callers, keyword_callers)


def _print(
    projects: Counter[str],
    callers: dict[str, Counter[str]],
    keyword_callers: Counter[tuple[str, str]],
) -> None:
    for language in sorted(projects):
        print(f"# {language} {projects[language]}")
        by_count: dict[int, list[str]] = defaultdict(list)
        for name, count in callers[language].items():
            if count >= FEWEST_PROJECTS:
                by_count[count].append(name)
        for count in sorted(by_count, reverse=True):
            print(count, *sorted(by_count[count]))
    print("# python keywords")
    by_name: dict[str, list[str]] = defaultdict(list)
    for (name, key), count in sorted(keyword_callers.items()):
        if count >= FEWEST_WITH_KEYWORD:
            by_name[name].append(f"{key}={count}")
    for name, keys in by_name.items():
        print(name, *keys)


def _projects(folders: Iterable[str]) -> Iterator[list[tuple[str, str]]]:
    for folder in map(Path, folders):
        print(folder, file=sys.stderr)
        if (folder / "HEAD").is_file():
            yield list(_of_repository(folder))
        else:
            for package in sorted(folder.iterdir()):
                texts = list(_of_package(package))
                if texts:
                    yield texts


def _of_package(package: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(package.rglob("*.py"))[:MOST_FILES]:
        yield "python", path.read_text(encoding="utf-8", errors="replace")[:MOST_CHARACTERS]


def _of_repository(git_dir: Path) -> Iterator[tuple[str, str]]:
    listed = _git(git_dir, "ls-tree", "-r", "--name-only", "-z", "HEAD").split(b"\0")
    counts: Counter[str] = Counter()
    wanted: list[tuple[str, str]] = []
    # spread over the whole tree
    for path in sorted(listed, key=hash_of):
        name = path.decode("utf-8", "replace")
        language = language_of_path(name)
        if language in LANGUAGES and not skip_reason(name, None, Attributes(), ()):
            counts[language] += 1
            if counts[language] <= MOST_FILES:
                wanted.append((language, name))
    asked = "".join(f"HEAD:{name}\n" for _, name in wanted)
    answer = _git(git_dir, "cat-file", "--batch", given=asked.encode())
    place = 0
    for language, _ in wanted:
        end = answer.index(b"\n", place)
        head = answer[place:end].split(b" ")
        if not head[-1].isdigit():
            place = end + 1
            continue
        size = int(head[-1])
        text = answer[end + 1 : end + 1 + size][:MOST_CHARACTERS].decode("utf-8", "replace")
        place = end + size + 2
        yield ALIKE.get(language, language), text


def hash_of(path: bytes) -> int:
    """The same order at every run, unlike Python's own hash."""
    value = 0
    for byte in path:
        value = (value * 31 + byte) % 1_000_003
    return value


def _git(git_dir: Path, *arguments: str, given: bytes = b"") -> bytes:
    command = ["git", "--git-dir", str(git_dir), *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout


def _calls(text: str, *, with_keywords: bool) -> Iterator[tuple[str, list[str]]]:
    """The last name of what is called and, where there are two, the last two."""
    for match in _CALL.finditer(text):
        if _DEFINED.search(text, max(0, match.start() - 12), match.start()):
            continue
        parts = match[1].split(".")
        if len(parts[-1]) > LONGEST_NAME:
            continue
        keys = _keys(text, match.end() - 1) if with_keywords else []
        yield parts[-1], keys
        if len(parts) > 1:
            yield ".".join(parts[-2:]), keys


def _keys(text: str, opening: int) -> list[str]:
    """Names of the keyword arguments of the call itself, not of calls in it."""
    depth, own = 0, []
    for place in range(opening, min(len(text), opening + 400)):
        letter = text[place]
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0:
            break
        own.append(letter if depth == 1 else " ")
    return list(dict.fromkeys(_KEYWORD.findall("".join(own))))


if __name__ == "__main__":
    main(sys.argv[1:])
