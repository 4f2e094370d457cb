"""How often the recall guard is right, on real bug-fix history, through the product's own path.

    python benchmarks/recall FOLDER [--everyday N | --all] [--sample N] [--picture FILE] [--fit]

FOLDER (or the variable TWICESHY_BENCH) holds ``lessons.jsonl.gz``, ``queries.jsonl.gz`` and
``everyday.jsonl.gz``; see README.md in ``benchmarks`` for their fields and for how to build a like
set from public histories. ``--fit`` fits the numbers of ``score.py`` instead: it prints what they
are worth on projects they have not seen, and the numbers.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from data import LearningSet, read_set
from defaults import at_defaults, loudest
from scoring import Trial, calibration_error, curve, reliability, table


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", default=os.environ.get("TWICESHY_BENCH"), type=Path)
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        type=Path,
        metavar="FOLDER",
        help="with --fit: another set, with a registry of its own",
    )
    parser.add_argument(
        "--everyday",
        type=int,
        default=2000,
        metavar="N",
        help="how many everyday changes to look at",
    )
    parser.add_argument("--all", action="store_true", help="look at all of them")
    parser.add_argument(
        "--sample", type=int, default=1, metavar="N", help="look at every Nth query only"
    )
    parser.add_argument("--picture", type=Path, metavar="FILE", help="write the curves as SVG")
    parser.add_argument("--fit", action="store_true")
    parser.add_argument(
        "--diff-only", action="store_true", help="also without files and hosts, and naively"
    )
    options = parser.parse_args()
    if not options.folder or not (options.folder / "lessons.jsonl.gz").is_file():
        print(
            "no data: give the folder of a set of recurring bugs; README.md says how to build one",
            file=sys.stderr,
        )
        return 2
    most = None if options.all else options.everyday
    learning = read_set(options.folder, options.sample, most)
    if options.fit:
        from fitting import fit

        print(fit([learning, *(read_set(folder, everyday=most) for folder in options.also)]))
    else:
        measure(learning, options.picture, diff_only=options.diff_only)
    return 0


def measure(learning: LearningSet, picture: Path | None, *, diff_only: bool) -> None:
    """The product with files at head and the host; then, where it is asked for, with the diff alone
    and the naive method.
    """
    import asking
    import naive

    both = [*learning.queries, *learning.everyday]

    def trial(hits: Mapping[str, Mapping[str, float]]) -> Trial:
        return Trial(learning.queries, learning.everyday, hits, learning.origins)

    def scores(whole: bool) -> dict[str, Mapping[str, float]]:
        what = "changes with files and hosts" if whole else "changes, diffs alone"
        answered = asking.answers(folder, both, what, learning.snapshots, whole=whole)
        if whole:
            print(at_defaults(learning, answered))
        return {change: answer.scores for change, answer in answered.items()}

    with asking.registry(learning.lessons) as folder:
        trials = {"twiceshy": trial(scores(whole=True))}
        if diff_only:
            trials["twiceshy, diff only"] = trial(scores(whole=False))
            trials["TF-IDF, cosine"] = trial(naive.hits(learning.lessons, both))
    for name, method in trials.items():
        print(f"\n{name}\n{table(method, () if name.startswith('TF') else (0.9, 0.98))}")
    print(
        "\n".join(("", "the loudest alarms, to be read:", *loudest(learning, trials["twiceshy"])))
    )
    bins = reliability(trials["twiceshy"])
    print(f"\ncalibration error {calibration_error(bins):.3f} at one recurrence in 200")
    for promised, right, count in bins:
        print(f"  says {promised:.2f}  is right {right:.2f}  {count:5d} times")
    if picture:
        from picture import drawn

        curves = {name: list(curve(method)) for name, method in trials.items()}
        picture.write_text(drawn(curves, bins), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
