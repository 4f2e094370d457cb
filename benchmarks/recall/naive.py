"""What everybody tries first: TF-IDF of identifiers, cosine of a changed hunk with the code that
failed.
"""

from collections.abc import Sequence

from data import Row
from sklearn.feature_extraction.text import TfidfVectorizer

from twiceshy.changes.diff import parse_diff

MOST_HITS = 10


def hits(lessons: Sequence[Row], rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """For every change the lessons most like one of its hunks."""
    vectorizer = TfidfVectorizer(token_pattern=r"[^\W\d]\w*", sublinear_tf=True)
    known = vectorizer.fit_transform(row["bad"] for row in lessons)
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        hunks = [hunk for file in parse_diff(row["diff"]).files for hunk in file.hunks]
        texts = [
            "\n".join(line.text for line in hunk.lines if line.new is not None) for hunk in hunks
        ]
        likeness = (vectorizer.transform(texts or [""]) @ known.T).max(axis=0).toarray()[0]
        best = sorted(range(len(lessons)), key=lambda at: -likeness[at])[:MOST_HITS]
        found[row["id"]] = {lessons[at]["id"]: float(likeness[at]) for at in best}
    return found
