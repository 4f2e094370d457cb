"""What everybody tries first: TF-IDF of identifiers, cosine of a changed hunk with the code that
failed.
"""

from collections.abc import Iterator, Sequence

from data import Row
from sklearn.feature_extraction.text import TfidfVectorizer

from twiceshy.changes.diff import parse_diff

MOST_HITS = 10


def hits(lessons: Sequence[Row], rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """For every change the lessons most like one of its hunks."""
    vectorizer = TfidfVectorizer(token_pattern=r"[^\W\d]\w*", sublinear_tf=True)
    failing = vectorizer.fit_transform(row["bad"] for row in lessons)
    scores: dict[str, dict[str, float]] = {}
    for row in rows:
        texts = list(_hunk_texts(row["diff"])) or [""]
        likeness = (vectorizer.transform(texts) @ failing.T).max(axis=0).toarray()[0]
        best = sorted(range(len(lessons)), key=lambda number: -likeness[number])[:MOST_HITS]
        scores[row["id"]] = {lessons[number]["id"]: float(likeness[number]) for number in best}
    return scores


def _hunk_texts(diff: str) -> Iterator[str]:
    """Of every hunk what stands after it."""
    for file in parse_diff(diff).files:
        for hunk in file.hunks:
            yield "\n".join(line.text for line in hunk.lines if line.new is not None)
