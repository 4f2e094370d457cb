"""The recall guard: finds the lessons a region may resemble, scores each, and says what decided. Decides nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from twiceshy.changes.model import Change
from twiceshy.guards.finding import Finding, GuardName, Look
from twiceshy.guards.recall.grams import Grams, grams_of, rarities, words_of
from twiceshy.guards.recall.regions import Region, regions
from twiceshy.guards.recall.score import Resemblance, fixed_as, resemblance
from twiceshy.guards.recall.signature import Pair, anchors, dumps, loads, signature
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.lessons.index import Compiled, Entry, Index, Unit
from twiceshy.lessons.languages import of_path
from twiceshy.lessons.model import Mode, Problem

GRAMS, WORDS, SIGNATURES = "recall.grams", "recall.words", "recall.signatures"

WORTH_TELLING = 0.5
"""A finding under this is more likely wrong than right."""

MOST_LESSONS_A_GRAM = 60
"""A gram that more lessons have finds nobody: it is boilerplate, and following it would cost."""

MOST_COUNTED = 400
"""Words are counted up to this; more common ones are alike."""

MOST_CANDIDATES = 40
"""Lessons scored for a region, those that share most with it."""

FIXED = 0.4
"""A region that holds so much of another pair's fix is fixed code, whatever it shares with this pair's failure."""

_FAMILIES = {"typescript": "javascript", "tsx": "javascript", "cpp": "c"}


class RecallCompiler:
    """Shelves each lesson under the grams it can be found by, its words, and its signature."""

    name = "recall"
    version = "1"

    def compile(self, units: Sequence[Unit]) -> Compiled:
        entries: list[Entry] = []
        problems: list[Problem] = []
        for lesson in (unit.lesson for unit in units if unit.lesson.mode not in (Mode.DRAFT, Mode.RETIRED)):
            pairs, wrong = signature(lesson)
            problems += wrong
            if not pairs:
                continue
            entries.append(Entry(SIGNATURES, lesson.id, lesson.id, dumps(pairs)))
            entries += [Entry(GRAMS, gram, lesson.id) for gram in dict.fromkeys(anchors(pairs))]
            told = words_of(gram for pair in pairs for gram in (*pair.bad, *pair.good))
            entries += [Entry(WORDS, word, lesson.id) for word in sorted(told)]
        return Compiled(tuple(entries), tuple(problems))


class RecallGuard:
    """See the module."""

    name = GuardName.RECALL

    def look(self, change: Change, index: Index) -> Look:
        taken_out = _taken_out(change)
        best: dict[tuple[str, str, int], Finding] = {}
        silent: dict[str, str] = {}
        held = list(regions(change))
        candidates = _candidates(held, index)
        signatures = _signatures({lesson for found in candidates for lesson in found}, index)
        rarity = _rarity(signatures, index)
        for region, found in zip(held, candidates, strict=True):
            for lesson in found:
                pair, like = _closest(signatures[lesson], region, taken_out.get(region.language), rarity)
                if pair is None:
                    continue  # none of it is in the region's language
                if like.score < WORTH_TELLING:
                    silent.setdefault(lesson, f"resembles {region.path} at {like.score:.2f}: too little")
                    continue
                finding = _finding(lesson, pair, like, region)
                place = (lesson, finding.path, finding.start_line)
                if place not in best or best[place].score < finding.score:
                    best[place] = finding
        return Look(tuple(best.values()), silent=silent)


def _taken_out(change: Change) -> Mapping[str | None, Grams]:
    """Grams of what the change removed without putting it back in place, by language."""
    removed: dict[str | None, list[str]] = defaultdict(list)
    for file in change.files:
        removed[of_path(file.path)] += [line.text for line in file.removed]
    return {language: grams_of(tokenize("\n".join(lines), language)) for language, lines in removed.items() if lines}


def _candidates(held: Sequence[Region], index: Index) -> list[list[str]]:
    """For each region the lessons that share an anchor with what the change brought, most shared first."""
    fresh = [region.fresh for region in held]
    wanted = dict.fromkeys(gram for grams in fresh for gram in grams)
    counts = index.key_count(GRAMS, wanted, MOST_LESSONS_A_GRAM + 1)
    telling = [gram for gram, count in counts.items() if count <= MOST_LESSONS_A_GRAM]
    lessons: dict[str, list[str]] = defaultdict(list)
    for entry in index.find(GRAMS, telling):
        lessons[entry.key].append(entry.lesson)
    ranked = []
    for grams in fresh:
        shared: dict[str, int] = defaultdict(int)
        for gram in grams:
            for lesson in lessons.get(gram, ()):
                shared[lesson] += 1
        ranked.append(sorted(shared, key=lambda lesson: (-shared[lesson], lesson))[:MOST_CANDIDATES])
    return ranked


def _signatures(lessons: Iterable[str], index: Index) -> dict[str, tuple[Pair, ...]]:
    return {entry.lesson: loads(entry.payload) for entry in index.find(SIGNATURES, sorted(lessons))}


def _rarity(signatures: Mapping[str, Sequence[Pair]], index: Index) -> dict[str, float]:
    words = words_of(
        gram for pairs in signatures.values() for pair in pairs for gram in (*pair.bad, *pair.good, *pair.both)
    )
    return rarities(index.key_count(WORDS, sorted(words), MOST_COUNTED), index.lesson_count)


def _closest(
    pairs: Sequence[Pair], region: Region, taken_out: Grams | None, rarity: Mapping[str, float]
) -> tuple[Pair | None, Resemblance]:
    """The pair the region resembles most, of the pairs in its language."""
    best: tuple[Pair | None, Resemblance] = (None, Resemblance(0, 0, 0, 0, 0))
    for pair in pairs:
        if _family(pair.language) == _family(region.language):
            like = resemblance(pair, region.after, region.before, taken_out or Grams({}), rarity)
            if best[0] is None or like.score > best[1].score:
                best = (pair, like)
    same = [pair for pair in pairs if _family(pair.language) == _family(region.language)]
    if best[1].score >= WORTH_TELLING and len(same) > 1 and fixed_as(same, region.after, rarity) >= FIXED:
        return best[0], replace(best[1], score=0.0)
    return best


def _family(language: str | None) -> str | None:
    return _FAMILIES.get(language or "", language)


def _finding(lesson_id: str, pair: Pair, like: Resemblance, region: Region) -> Finding:
    lines = _deciding_lines(like, region)
    shown = ", ".join(f"`{term}`" for term in _readable(like.terms)[:4])
    why = [f"What decided: {shown}"] if shown else []
    if pair.missing:
        why.append("What the fix had and this lacks: " + "; ".join(f"`{line[:120]}`" for line in pair.missing[:3]))
    why.append(f"{like.bad:.0%} of what only the failing code had is here, {like.good:.0%} of what only its fix had.")
    return Finding(
        GuardName.RECALL, lesson_id, region.path, lines[0], lines[-1], round(like.score, 4),
        headline=f"this block resembles {lesson_id}",
        why="\n".join(why),
        key="|".join(sorted(gram for gram in like.terms if gram.startswith("~")) or sorted(like.terms))[:2000],
    )  # fmt: skip


def _deciding_lines(like: Resemblance, region: Region) -> list[int]:
    """First and last line at head that hold a deciding term; of added lines when there are any among them."""
    held = sorted({region.after.lines[gram] + region.first_line - 1 for gram in like.terms})
    within = [line for line in held if line <= region.last_line] or [region.first_line]
    added = [line for line in within if line in region.added]
    chosen = added or within
    return [chosen[0], chosen[-1]]


def _readable(terms: Iterable[str]) -> list[str]:
    """Terms as a person reads code, each idea once: longer runs first, their parts left out."""
    texts = sorted({term[2:] for term in terms}, key=len, reverse=True)
    kept: list[str] = []
    for text in texts:
        if not any(text in other for other in kept):
            kept.append(text)
    return kept
