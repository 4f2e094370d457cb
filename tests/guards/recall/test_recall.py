"""Recall tells a failure from its fix, and finds it again moved, renamed and reformatted."""

from functools import partial

import pytest

from changing import Files, change, look, pair
from making import lesson
from patience import calls_of, grows_evenly, no_hang
from recall_samples import PYTHON, SAMPLES, Sample
from twiceshy.changes.change import Change, FileChange, Hunk, Line, LineKind
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.guards.finding import Finding, GuardResult
from twiceshy.guards.recall.recall_guard import RecallCompiler, RecallGuard
from twiceshy.guards.recall.regions import regions
from twiceshy.guards.recall.tokens import tokenize
from twiceshy.lessons.index import MemoryIndex, Unit
from twiceshy.lessons.lesson import Evidence, Lesson, Mode, Problem, Side

COMMENT_AT = 0.90
"""The policy's default: from here on a resemblance is said out loud."""

each_language = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.language)


def told(sample: Sample, id: str = "INC-1") -> Lesson:  # noqa: A002 - the field's own name
    return lesson(id, evidence=pair(sample.bad, sample.good, sample.path, sample.language))


def seen(sample: Sample, before: Files, after: Files, *, readable: bool = True) -> GuardResult:
    return look(
        RecallGuard(), RecallCompiler(), change(before, after, readable=readable), told(sample)
    )


def loud(found: GuardResult) -> list[Finding]:
    return [finding for finding in found.findings if finding.score >= COMMENT_AT]


def elsewhere(path: str) -> str:
    """Another file of the same language."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/other/{name}" if folder else f"other/{name}"


@each_language
def test_code_that_failed_is_found_when_it_comes_back_in_its_own_file(sample: Sample) -> None:
    assert [finding.lesson for finding in loud(seen(sample, {}, {sample.path: sample.bad}))] == [
        "INC-1"
    ]


@each_language
def test_it_is_found_in_another_file(sample: Sample) -> None:
    assert [
        finding.lesson for finding in loud(seen(sample, {}, {elsewhere(sample.path): sample.bad}))
    ] == ["INC-1"]


@each_language
def test_it_is_found_under_other_names(sample: Sample) -> None:
    assert [
        finding.lesson for finding in loud(seen(sample, {}, {sample.path: sample.renamed}))
    ] == ["INC-1"]


@each_language
def test_it_is_found_when_it_is_laid_out_differently(sample: Sample) -> None:
    assert [
        finding.lesson for finding in loud(seen(sample, {}, {sample.path: sample.reformatted}))
    ] == ["INC-1"]


@each_language
def test_it_is_found_when_the_fix_is_taken_back(sample: Sample) -> None:
    assert [
        f.lesson for f in loud(seen(sample, {sample.path: sample.good}, {sample.path: sample.bad}))
    ] == ["INC-1"]


@each_language
def test_it_is_found_in_the_hunks_alone(sample: Sample) -> None:
    result = seen(sample, {}, {sample.path: sample.bad}, readable=False)
    assert [finding.lesson for finding in loud(result)] == ["INC-1"]


@each_language
def test_the_fix_itself_is_not_mistaken_for_the_failure(sample: Sample) -> None:
    assert seen(sample, {sample.path: sample.bad}, {sample.path: sample.good}).findings == ()


@each_language
def test_fixed_code_that_arrives_is_not_mistaken_for_the_failure(sample: Sample) -> None:
    assert seen(sample, {}, {elsewhere(sample.path): sample.good}).findings == ()


@each_language
def test_other_code_in_the_same_language_is_left_alone(sample: Sample) -> None:
    assert seen(sample, {}, {sample.path: sample.unrelated}).findings == ()


@each_language
def test_code_that_already_failed_is_left_alone_when_something_else_changes_beside_it(
    sample: Sample,
) -> None:
    before = sample.bad + "\n\n" + sample.unrelated
    assert (
        seen(
            sample, {sample.path: sample.unrelated + "\n\n" + before}, {sample.path: before}
        ).findings
        == ()
    )


def test_code_that_only_moves_to_another_file_brings_nothing_back() -> None:
    before = {"a.py": PYTHON.bad, "b.py": "import os\n"}
    assert seen(PYTHON, before, {"a.py": "import os\n", "b.py": PYTHON.bad}).findings == ()


def test_a_lesson_does_not_speak_about_another_language() -> None:
    assert seen(PYTHON, {}, {"client.rb": PYTHON.bad}).findings == ()


LOCKED = """def settle(account, amount):
    with account.lock():
        balance = account.balance()
        account.store(balance - amount)
    audit.write(account.id, amount)
"""
UNLOCKED = """def settle(account, amount):
    balance = account.balance()
    account.store(balance - amount)
    audit.write(account.id, amount)
"""
CHECKED = """def read_header(stream):
    size = stream.read_uint()
    if size > MAX_HEADER:
        raise TooLong(size)
    return stream.read_bytes(size)
"""
UNCHECKED = CHECKED.replace("    if size > MAX_HEADER:\n        raise TooLong(size)\n", "")


@pytest.mark.parametrize(("bad", "good"), [(UNLOCKED, LOCKED), (UNCHECKED, CHECKED)])
def test_taking_out_what_fixed_it_is_found(bad: str, good: str) -> None:
    seen_change = change({"a.py": "import x\n\n\n" + good}, {"a.py": "import x\n\n\n" + bad})
    result = look(RecallGuard(), RecallCompiler(), seen_change, lesson(evidence=pair(bad, good)))
    assert [finding.lesson for finding in loud(result)] == ["INC-1"]


def test_a_removal_points_at_the_line_that_now_stands_there() -> None:
    result = look(
        RecallGuard(),
        RecallCompiler(),
        change({"a.py": CHECKED}, {"a.py": UNCHECKED}),
        lesson(evidence=pair(UNCHECKED, CHECKED)),
    )
    (finding,) = result.findings
    assert (finding.start_line, finding.end_line) == (2, 2)
    assert finding.headline == "this change takes out what fixed INC-1: What INC-1 was about"
    assert "What the change took out: `if size > MAX_HEADER:`; `raise TooLong(size)`" in finding.why


def test_a_finding_names_the_lines_the_terms_and_what_of_the_fix_is_missing() -> None:
    code = "import requests\n\n\n" + PYTHON.renamed
    (finding,) = seen(PYTHON, {}, {"app/hooks.py": code}).findings
    assert (finding.path, finding.start_line, finding.end_line) == ("app/hooks.py", 5, 6)
    assert finding.headline == "this block resembles INC-1: What INC-1 was about"
    assert finding.why.split("\n")[1:] == [
        "What the fix had and this lacks: `reply = requests.post(PARTNER, json=order.dict(), timeout=(3.05, 10))`",
        "The mistake: 100% of what only the failing code had is here, 0% of what only its fix had.",
        "The block: 100% of the code around the mistake is here.",
    ]
    assert finding.why.split("\n")[0] == "What decided: `.dict())` (line 5), `answer.` (line 6)"


def test_a_finding_is_the_same_after_a_shift_and_another_indentation() -> None:
    (finding,) = seen(PYTHON, {}, {"a.py": PYTHON.bad}).findings
    shifted = "import os\n\nclass Client:\n" + "".join(
        f"        {line}\n" for line in PYTHON.bad.splitlines()
    )
    (there,) = seen(PYTHON, {}, {"a.py": shifted}).findings
    assert (there.key, there.start_line) == (finding.key, finding.start_line + 3)


def test_what_was_considered_and_left_alone_is_told() -> None:
    result = look(
        RecallGuard(1.1), RecallCompiler(), change({}, {"a.py": PYTHON.bad}), told(PYTHON)
    )
    assert (list(result.silent or ()), result.findings) == (["INC-1"], ())
    assert (result.silent or {})["INC-1"].startswith("resembles a.py:1 at ")


def test_lessons_in_draft_and_retired_ones_are_not_compiled() -> None:
    units = [
        Unit(lesson(evidence=pair(PYTHON.bad, PYTHON.good), mode=mode), ())
        for mode in (Mode.DRAFT, Mode.RETIRED)
    ]
    assert RecallCompiler().compile(units).entries == ()


@pytest.mark.parametrize(
    ("bad", "good", "message"),
    [
        (PYTHON.bad, PYTHON.bad, "bad and good are the same code; show what the fix changed"),
        (
            PYTHON.bad,
            "# calls the partner\n" + PYTHON.bad,
            "bad and good are the same code; show what the fix changed",
        ),
        (
            "# a\n# b\n",
            "# c\n",
            "0 tokens of code are too few to recognise; add the lines around what failed",
        ),
        (
            "x = 1\n",
            "x = 2\n",
            "3 tokens of code are too few to recognise; add the lines around what failed",
        ),
        (
            "while (i < j) or (i < j):\n    pass\n",
            "while (i < j) or (i > j):\n    pass\n",
            "it cannot tell bad from good: what differs is too common; add the lines around what failed",
        ),
    ],
)
def test_evidence_that_cannot_be_told_apart_is_a_problem_and_makes_no_entries(
    bad: str, good: str, message: str
) -> None:
    compiled = RecallCompiler().compile([Unit(lesson(evidence=pair(bad, good)), ())])
    assert compiled.problems == (
        Problem("lessons/INC-1.md", 1, f"recall cannot guard with this evidence: {message}"),
    )
    assert compiled.entries == ()


def test_evidence_without_a_fix_is_held_to_a_stricter_standard() -> None:
    alone = lesson(evidence=(Evidence(Side.BAD, "python", PYTHON.bad, 0, 1),))
    exact = look(RecallGuard(), RecallCompiler(), change({}, {"b.py": PYTHON.bad}), alone)
    near = look(RecallGuard(), RecallCompiler(), change({}, {"b.py": PYTHON.good}), alone)
    assert [finding.lesson for finding in loud(exact)] == ["INC-1"]
    assert loud(near) == []


def test_what_several_pairs_share_weighs_more() -> None:
    """Once a recurrence has shown that the body does not matter, a third body with the same mistake
    is surer.
    """
    one_bad = "def charge(order):\n    log.begin(order)\n    return requests.post(PARTNER, json=order.dict())\n"
    two_bad = "def notify(user):\n    metrics.count(user)\n    return requests.post(HOOK, json=user.dict())\n"
    three = "def refund(bill):\n    audit.write(bill)\n    return requests.post(BANK, json=bill.dict())\n"

    def fixed(code: str) -> str:
        return code.replace(".dict())", ".dict(), timeout=5)")

    first, second = pair(one_bad, fixed(one_bad)), pair(two_bad, fixed(two_bad))
    both = lesson(evidence=(*first, *(Evidence(e.side, e.language, e.code, 1, 20) for e in second)))
    result = look(
        RecallGuard(0.0), RecallCompiler(), change({}, {"c.py": three}), lesson(evidence=first)
    )
    two = look(RecallGuard(0.0), RecallCompiler(), change({}, {"c.py": three}), both)
    assert two.findings[0].score > result.findings[0].score


def test_code_that_does_not_parse_is_still_looked_at() -> None:
    broken = PYTHON.bad + "\ndef half(:\n    return ((\n"
    assert [finding.lesson for finding in loud(seen(PYTHON, {}, {"a.py": broken}))] == ["INC-1"]


@pytest.mark.parametrize(
    "text", ["", "\n", "\0" * 50, "x = " + "(" * 15_000 + "\n", "y" * 1_100_000, "a b " * 100_000]
)
def test_odd_texts_neither_raise_nor_take_long(text: str) -> None:
    with no_hang():
        result = seen(PYTHON, {"a.py": "pass\n"}, {"a.py": text + PYTHON.bad})
    assert all(finding.lesson == "INC-1" for finding in result.findings)


def test_a_file_whose_text_does_not_fit_its_hunks_does_not_raise() -> None:
    lines = tuple(
        Line(LineKind.ADDED, text, None, 900 + number)
        for number, text in enumerate(PYTHON.bad.splitlines())
    )
    odd = Change(
        (FileChange("a.py", hunks=(Hunk(900, 900, lines),)),), read_head={"a.py": "x = 1\n"}.get
    )
    assert look(RecallGuard(), RecallCompiler(), odd, told(PYTHON)).findings == ()


def test_many_lessons_with_the_same_code_say_little_and_cost_little() -> None:
    def index_of(count: int) -> MemoryIndex:
        return MemoryIndex(
            [Unit(told(PYTHON, f"INC-{number:03}"), ()) for number in range(count)],
            [RecallCompiler()],
        )

    made, few, many = change({}, {"a.py": PYTHON.bad}), index_of(125), index_of(500)
    assert 0 < len(RecallGuard().check(made, many).findings) <= 3
    costs = [calls_of(partial(RecallGuard().check, made, index)) for index in (few, many)]
    assert costs[1] < 3 * costs[0], "four times as many lessons"


def numbered(code: str, number: int) -> str:
    return code.replace("PARTNER", f"PARTNER_{number}").replace("order", f"order{number}")


def test_a_change_of_many_files_is_looked_at_in_bounded_time() -> None:
    lessons = [
        lesson(
            f"INC-{number}",
            evidence=pair(numbered(PYTHON.bad, number), numbered(PYTHON.good, number)),
        )
        for number in range(300)
    ]
    index = MemoryIndex([Unit(each, ()) for each in lessons], [RecallCompiler()])
    block = "".join(PYTHON.bad.replace("charge", f"charge{n}") + "\n\n" for n in range(5))

    def looked_at(files: int) -> GuardResult:
        return RecallGuard().check(change({}, {f"a{n}.py": block for n in range(files)}), index)

    assert grows_evenly(looked_at, 10)


@pytest.mark.parametrize(
    ("language", "text"),
    [("yaml", "- " * 5_000), ("kotlin", 'val x = "' + '${"' * 2_000), ("json", "[" * 300_000)],
)
def test_text_that_would_end_the_parser_is_lexed_instead(language: str, text: str) -> None:
    assert tokenize(text, language)


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (
            '    text that began above\n    """\n    return 1\n\n\n',
            '\n\ndef last():\n    """It ends below\n    this.\n',
        ),
        ("    it's text that began above\n    '''\n\n\n", ""),
        ("", '\n\ndef last():\n    """It ends below\n    this.\n'),
    ],
)
def test_half_a_text_at_either_end_of_a_hunk_does_not_swallow_the_code(
    above: str, below: str
) -> None:
    seen_change = change(
        {"a.py": above + below}, {"a.py": above + PYTHON.bad + below}, readable=False, context=9
    )
    result = look(RecallGuard(), RecallCompiler(), seen_change, told(PYTHON))
    assert [finding.lesson for finding in loud(result)] == ["INC-1"]


def test_half_a_comment_at_the_start_of_a_hunk_does_not_either() -> None:
    sample = next(sample for sample in SAMPLES if sample.language == "javascript")
    above = " * a comment that began above\n */\n"
    seen_change = change({"a.js": above}, {"a.js": above + sample.bad}, readable=False, context=9)
    assert [
        f.lesson for f in loud(look(RecallGuard(), RecallCompiler(), seen_change, told(sample)))
    ] == ["INC-1"]


def test_places_beyond_the_limit_and_lines_too_long_are_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("twiceshy.guards.recall.regions.MOST_REGIONS", 3)
    functions = "".join(
        f"def f{number}(lines):\n    return {number}\n" + "\n" * 50 for number in range(9)
    )
    unseen: list[NotLookedAt] = []
    given = change({}, {"a.py": functions, "b.py": "x = '" + "y" * 3_000 + "'\n"})
    assert len(regions(given, tell=unseen.append)) == 3
    assert [(missed.reason, missed.subject) for missed in unseen] == [
        (Unseen.TOO_MANY_PLACES, "a.py"),
        (Unseen.LINE_TOO_LONG, "b.py"),
    ]


def test_a_long_hunk_whose_file_cannot_be_read_is_looked_at_in_pieces() -> None:
    text = "def total(lines):\n    return sum(lines)\n\n" * 26_000
    places = regions(change({}, {"a.py": text}, readable=False))
    assert max(place.last_line - place.first_line for place in places) <= 120
    assert places[-1].last_line >= 77_999
