"""How often a fix alone yields a rule worth keeping, on real bug-fix history.

    python benchmarks/proposals.py FOLDER [--sample N] [--language python]

FOLDER is the set that ``benchmarks/recall`` reads. Of each lesson whose evidence is a whole
function a rule is proposed and chosen as ``twiceshy learn`` does; today's code are files of the
same project from its ordinary commits. Then the rule meets what it has not seen: the same failure
moved and renamed, and the unrelated changes of the set.
"""

import argparse
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent

sys.path.insert(0, str(Path(__file__).parent / "recall"))

from data import Row, hosts, rows

from twiceshy.changes.parser.client import own_parser
from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.rule_selection import Choice, choose, fired


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", default=os.environ.get("TWICESHY_BENCH"), type=Path)
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="every Nth lesson only")
    parser.add_argument("--language", help="lessons in this language only")
    given = parser.parse_args()
    if not given.folder or not (given.folder / "lessons.jsonl.gz").is_file():
        print(
            "no data: give the folder of a set of recurring bugs; README.md says how to build one",
            file=sys.stderr,
        )
        return 2
    lessons = [row for row in rows(given.folder, "lessons") if row["scope"] == "function"]
    lessons = [row for row in lessons if given.language in (None, row["language"])][:: given.sample]
    queries, code = list(rows(given.folder, "queries")), hosts(given.folder)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    how: dict[str, Counter[str]] = defaultdict(Counter)
    for row in lessons:
        with own_parser():
            judge(
                row,
                queries,
                code[row["project"], row["language"]],
                counts[row["language"]],
                how[row["language"]],
            )
    for language, count in counts.items():
        print(line(language, count))
        print("\n".join(f"    {number:4d} {what}" for what, number in how[language].most_common()))
    return 0


def judge(
    row: Row,
    queries: Sequence[Row],
    code: Mapping[str, str],
    count: Counter[str],
    how: Counter[str],
) -> None:
    """One lesson: propose, choose, and hold the choice against what it has not seen."""
    language = row["language"]
    pair = EvidencePair(row["path"], language, row["func"] or "", row["bad"], row["good"], ())
    started = time.perf_counter()
    choice = choose(
        [pair], {path: text for path, text in code.items() if row["bad"].strip() not in text}
    )
    count["ms"] += int(1000 * (time.perf_counter() - started))
    count["fixes"] += 1
    count["told apart"] += bool(choice.caught)
    how[choice.winner.candidate.how.split("`")[0] if choice.winner else why_none(choice)] += 1
    if not choice.winner:
        return
    count["rules"] += 1
    texts: dict[str, str] = {}
    for query in queries:
        again = query["lesson"] == row["id"] and query["kind"] in (
            "reintro-moved",
            "reintro-renamed",
        )
        if again or (query["kind"] == "negative-unrelated" and query["language"] == language):
            folder = "again" if again else "unrelated"
            for at, each in enumerate(query["after"]):
                texts[f"{folder}/{query['id']}.{at}/{Path(each['path']).name}"] = dedent(
                    each["code"]
                )
    red = {_query(path) for path in fired([choice.winner.candidate], texts, language)}
    forms = {_query(path) for path in texts if path.startswith("again/")}
    count["forms"] += len(forms)
    count["forms caught"] += len(forms & red)
    count["all forms caught"] += forms <= red
    count["noisy"] += any(each.startswith("unrelated/") for each in red)


def _query(path: str) -> str:
    return path.rsplit("/", 1)[0].split(".", maxsplit=1)[0]


def why_none(choice: Choice) -> str:
    if not choice.tried:
        return "no rule: nothing in the difference makes a pattern"
    return (
        "no rule: all fire in today's code"
        if choice.caught
        else "no rule: none tells the failure from its fix"
    )


def line(language: str, count: Counter[str]) -> str:
    fixes, rules = max(1, count["fixes"]), max(1, count["rules"])
    told, noisy, all_forms = (
        count["told apart"] / fixes,
        count["noisy"] / rules,
        count["all forms caught"] / rules,
    )
    return (
        f"{language}: {count['rules']} of {count['fixes']} fixes yield a rule ({count['rules'] / fixes:.0%}; {told:.0%} "
        f"before today's code was asked); {noisy:.1%} of the rules fire on an unrelated change, {all_forms:.0%} catch "
        f"the failure moved and renamed ({count['forms caught']} of {count['forms']} forms); "
        f"{count['ms'] / fixes:.0f} ms each"
    )


if __name__ == "__main__":
    sys.exit(main())
