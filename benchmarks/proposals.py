"""How often a fix alone yields a rule worth keeping, on real bug-fix history.

    python benchmarks/proposals.py FOLDER [--sample N] [--language python]
    python benchmarks/proposals.py --histories REPO... [--others REPO...] [--fixes N]

FOLDER is the set that ``benchmarks/recall`` reads. Of each lesson whose evidence is a whole
function a rule is proposed and chosen as ``twiceshy learn`` does; today's code are files of the
same project from its ordinary commits. Then the rule meets what it has not seen: the same failure
moved and renamed, and the unrelated changes of the set.

With ``--histories`` the rules of sampled fixes of bare git repositories are printed beside them,
to be read by a person: see ``proposals.md``.
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
sys.path.insert(0, str(Path(__file__).parent / "histories"))

from data import Row, hosts, rows, without_failure
from proposals_of_histories import Amount, report_on

from twiceshy.changes.parser.client import own_parser
from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.rule_selection import Choice, choose, fired

AGAIN = ("reintro-moved", "reintro-renamed")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", default=os.environ.get("TWICESHY_BENCH"), type=Path)
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="every Nth lesson only")
    parser.add_argument("--language", help="lessons in this language only")
    parser.add_argument("--histories", nargs="+", type=Path, metavar="REPO", help="bare")
    parser.add_argument("--others", nargs="*", type=Path, default=[], metavar="REPO", help="bare")
    parser.add_argument("--fixes", type=int, default=25, metavar="N", help="of each history")
    parser.add_argument("--skip", type=int, default=0, metavar="N", help="of those, the first")
    parser.add_argument("--unrelated", type=int, default=500, metavar="N", help="changes in all")
    options = parser.parse_args()
    if options.histories:
        amount = Amount(options.fixes, options.skip, options.unrelated)
        report_on(options.histories, options.others, amount)
        return 0
    if not options.folder or not (options.folder / "lessons.jsonl.gz").is_file():
        print(
            "no data: give the folder of a set of recurring bugs; README.md says how to build one",
            file=sys.stderr,
        )
        return 2
    lessons = [row for row in rows(options.folder, "lessons") if row["scope"] == "function"]
    if options.language:
        lessons = [row for row in lessons if row["language"] == options.language]
    queries, code = list(rows(options.folder, "queries")), hosts(options.folder)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    how: dict[str, Counter[str]] = defaultdict(Counter)
    for row in lessons[:: options.sample]:
        language = row["language"]
        with own_parser():
            today = code[row["project"], language]
            judge(row, queries, today, counts[language], how[language])
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
    choice = choose([pair], without_failure(row, code))
    count["ms"] += int(1000 * (time.perf_counter() - started))
    count["fixes"] += 1
    count["told apart"] += bool(choice.caught)
    how[choice.winner.candidate.how.split("`")[0] if choice.winner else why_none(choice)] += 1
    if not choice.winner:
        return
    count["rules"] += 1
    texts = unseen(row, queries)
    red = {_query(path) for path in fired([choice.winner.candidate], texts, language)}
    forms = {_query(path) for path in texts if path.startswith("again/")}
    count["forms"] += len(forms)
    count["forms caught"] += len(forms & red)
    count["all forms caught"] += forms <= red
    count["noisy"] += any(query.startswith("unrelated/") for query in red)


def unseen(row: Row, queries: Sequence[Row]) -> dict[str, str]:
    """Code that the choice has not seen: the failure again, and what has nothing to do with it."""
    texts: dict[str, str] = {}
    for query in queries:
        if query["lesson"] == row["id"] and query["kind"] in AGAIN:
            folder = "again"
        elif query["kind"] == "negative-unrelated" and query["language"] == row["language"]:
            folder = "unrelated"
        else:
            continue
        for number, function in enumerate(query["after"]):
            name = f"{query['id']}.{number}/{Path(function['path']).name}"
            texts[f"{folder}/{name}"] = dedent(function["code"])
    return texts


def _query(path: str) -> str:
    return path.rsplit("/", 1)[0].split(".", maxsplit=1)[0]


def why_none(choice: Choice) -> str:
    if not choice.tried:
        return "no rule: nothing in the difference makes a pattern"
    if choice.why:
        return f"no rule: {choice.why}"
    return "no rule: none tells the failure from its fix"


def line(language: str, count: Counter[str]) -> str:
    fixes, rules = max(1, count["fixes"]), max(1, count["rules"])
    told_apart, noisy = count["told apart"] / fixes, count["noisy"] / rules
    all_forms = count["all forms caught"] / rules
    return (
        f"{language}: {count['rules']} of {count['fixes']} fixes yield a rule"
        f" ({count['rules'] / fixes:.0%}; {told_apart:.0%} before today's code was asked);"
        f" {noisy:.1%} of the rules fire on an unrelated change,"
        f" {all_forms:.0%} catch the failure moved and renamed"
        f" ({count['forms caught']} of {count['forms']} forms);"
        f" {count['ms'] / fixes:.0f} ms each"
    )


if __name__ == "__main__":
    sys.exit(main())
