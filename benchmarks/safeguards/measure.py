"""What the safeguards guard is worth: everyday alarms, same-file alarms, recall of true removals.

    python benchmarks/safeguards/measure.py FOLDER... [--step N] [--fit] [--alarms]

A FOLDER holds ``lessons.jsonl.gz``, ``queries.jsonl.gz`` and ``everyday.jsonl.gz`` as for
``benchmarks/recall``, or what ``mine.py`` drew. ``--fit`` fits the numbers of ``removal_score.py``:
it prints what they are worth on projects they have not seen, and the numbers. ``--alarms`` prints
the false alarms, loudest first, to be read.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "recall"))
sys.path.insert(0, str(Path(__file__).parent))

from examples import answers_of
from removals_table import alarms, scores_now, table


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--step", type=int, default=1, metavar="N", help="every Nth change only")
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--alarms", action="store_true")
    options = parser.parse_args()
    answers = answers_of(options.folders, options.step)
    if options.fit:
        from fit_removals import fit

        print(fit(answers))
        return 0
    scores = scores_now(answers)
    print(table(answers, scores))
    if options.alarms:
        print(alarms(answers, scores))
    return 0


if __name__ == "__main__":
    sys.exit(main())
