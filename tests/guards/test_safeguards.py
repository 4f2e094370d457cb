import textwrap
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changing import change, look, pair
from making import lesson
from twiceshy.changes.change import Change
from twiceshy.guards.finding import Finding, GuardResult
from twiceshy.guards.removal_score import Fix
from twiceshy.guards.safeguards import (
    SAFEGUARDS,
    SafeguardsCompiler,
    SafeguardsGuard,
    safeguards,
)
from twiceshy.lessons.index import Unit
from twiceshy.lessons.lesson import Evidence, Lesson, Mode, Scar, Side

PATH = "services/pay/client.py"

LESS_SURE = pytest.approx(0.97, abs=0.005)
"""Known by content, not by path."""

CALL_BAD = "def charge(order):\n    return requests.post(PARTNER, json=order.dict())\n"
CALL_GOOD = (
    "def charge(order):\n    return requests.post(PARTNER, json=order.dict(), timeout=(3.05, 10))\n"
)
CALL = lesson(title="A slow partner took checkout down", evidence=pair(CALL_BAD, CALL_GOOD, PATH))

LIMIT_BAD = "def upload(request):\n    body = request.read()\n    return store.save(body)\n"
LIMIT_GOOD = """\
def upload(request):
    body = request.read()
    if len(body) > MAX_BODY:
        raise TooLarge(len(body))
    return store.save(body)
"""
LIMIT_LINES = "    if len(body) > MAX_BODY:\n        raise TooLarge(len(body))\n"
LIMIT = lesson(evidence=pair(LIMIT_BAD, LIMIT_GOOD, PATH))

MODULE = f"""\
import requests

PARTNER = 'https://partner.example'


{LIMIT_GOOD}

{CALL_GOOD}

def ping():
    pass
"""


def seen(before: str, after: str, given: Lesson = LIMIT, **how: Any) -> GuardResult:
    return look(
        SafeguardsGuard(), SafeguardsCompiler(), change({PATH: before}, {PATH: after}, **how), given
    )


def rounded(finding: Finding) -> Finding:
    return replace(finding, score=round(finding.score, 2))


def judged(made: Change, given: Lesson = LIMIT) -> GuardResult:
    return look(SafeguardsGuard(), SafeguardsCompiler(), made, given)


def test_a_line_that_a_fix_added_is_a_safeguard_without_anyone_marking_it() -> None:
    assert [" ".join(safeguard.good) for safeguard in safeguards(LIMIT)] == [
        "if len ( body ) > MAX_BODY :",
        "raise TooLarge ( len ( body ) )",
    ]


def test_an_argument_that_a_fix_put_in_is_a_safeguard_of_its_own() -> None:
    (only,) = safeguards(CALL)
    assert (only.switches, only.symbol, only.paths) == (("timeout",), "charge", (PATH,))


def test_a_removed_safeguard_is_told_once_for_a_run_of_lines() -> None:
    result = seen(MODULE, MODULE.replace(LIMIT_LINES, ""))
    assert tuple(rounded(finding) for finding in result.findings) == (
        Finding(
            SAFEGUARDS,
            lesson="INC-1",
            path=PATH,
            start_line=8,
            end_line=8,
            score=0.99,
            headline="this removes a safeguard added after INC-1",
            why="- if len(body) > MAX_BODY:\n- raise TooLarge(len(body))\n"
            "These lines were added after INC-1 (What INC-1 was about).",
            key="if len ( body ) > MAX_BODY :\nraise TooLarge ( len ( body ) )",
        ),
    )
    assert (result.silent, result.problems) == ({}, ())


def test_a_weakened_line_is_told_with_what_took_its_place() -> None:
    (finding,) = seen(MODULE, MODULE.replace(", timeout=(3.05, 10)", ""), CALL).findings
    assert (finding.start_line, finding.end_line) == (14, 14)
    assert finding.why == (
        "- return requests.post(PARTNER, json=order.dict(), timeout=(3.05, 10))\n"
        "+ return requests.post(PARTNER, json=order.dict())\n"
        "This line was added after INC-1 (A slow partner took checkout down)."
    )


@pytest.mark.parametrize("value", ["None", "0", "False"])
def test_an_argument_that_is_given_nothing_is_weakened(value: str) -> None:
    assert seen(MODULE, MODULE.replace("(3.05, 10)", value), CALL).findings


def test_an_argument_counts_also_where_the_line_has_changed_since_the_incident() -> None:
    today = MODULE.replace(
        "json=order.dict(), timeout=(3.05, 10)", "data=dump(order), timeout=5, verify=True"
    )
    assert seen(today, today.replace("timeout=5, ", ""), CALL).findings


def test_an_argument_of_another_call_in_the_file_is_nobodys_safeguard() -> None:
    before = MODULE.replace("    pass\n", "    lock.acquire(timeout=5)\n")
    assert seen(before, before.replace("acquire(timeout=5)", "acquire()"), CALL).findings == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("timeout=(3.05, 10)", "timeout=TIMEOUT"),
        ("timeout=(3.05, 10)", "timeout=(1, 5), verify=True"),
        ("json=order.dict(), timeout=(3.05, 10)", "timeout=(3.05, 10), json=order.dict()"),
        ("order", "purchase"),
    ],
)
def test_a_safeguard_that_is_changed_is_not_removed(old: str, new: str) -> None:
    result = seen(MODULE, MODULE.replace(old, new), CALL)
    assert result.findings == ()
    assert result.silent == {"INC-1": f"the safeguard at {PATH}:14 was changed, not removed"}


def test_a_check_that_is_stated_otherwise_is_not_removed() -> None:
    assert (
        seen(MODULE, MODULE.replace("> MAX_BODY:", ">= MAX_BODY and not trusted:")).findings == ()
    )


def test_a_check_whose_variables_are_renamed_is_not_removed() -> None:
    assert seen(MODULE, MODULE.replace("body", "content")).findings == ()


def test_a_line_that_a_formatter_breaks_up_is_not_removed() -> None:
    broken = """\
    return requests.post(
        PARTNER,
        json=order.dict(),
        timeout=(3.05, 10),
    )
"""
    line = "    return requests.post(PARTNER, json=order.dict(), timeout=(3.05, 10))\n"
    for how in ({}, {"readable": False}):
        assert seen(MODULE, MODULE.replace(line, broken), CALL, **how) == GuardResult(
            silent={"INC-1": f"the safeguard at {PATH}:14 was moved to {PATH}:14"}
        )
        (finding,) = seen(
            MODULE.replace(line, broken),
            MODULE.replace(line, broken.replace("        timeout=(3.05, 10),\n", "")),
            CALL,
            **how,
        ).findings
        assert finding.why.startswith(
            "- timeout=(3.05, 10),\n+ return requests.post( PARTNER, json=order.dict(), )"
        )


def test_a_line_that_loses_only_its_comment_is_not_removed() -> None:
    commented = MODULE.replace("> MAX_BODY:", "> MAX_BODY:  # INC-1")
    assert seen(commented, MODULE).findings == ()


def test_a_safeguard_that_is_commented_out_is_removed() -> None:
    assert seen(MODULE, MODULE.replace("    if len(body)", "    # if len(body)")).findings


def test_a_safeguard_that_moves_within_its_file_is_not_removed() -> None:
    helper = f"\n\ndef check(body):\n{LIMIT_LINES}"
    result = seen(MODULE, MODULE.replace(LIMIT_LINES, "    check(body)\n") + helper)
    assert result == GuardResult(
        silent={"INC-1": f"the safeguard at {PATH}:8 was moved to {PATH}:21"}
    )


def test_a_safeguard_that_moves_to_another_file_is_not_removed() -> None:
    after = {
        PATH: MODULE.replace(LIMIT_LINES, "    check(body)\n"),
        "pay/checks.py": f"def check(body):\n{LIMIT_LINES}",
    }
    assert judged(change({PATH: MODULE}, after)) == GuardResult(
        silent={"INC-1": f"the safeguard at {PATH}:8 was moved to pay/checks.py:2"}
    )


def test_a_safeguard_whose_function_moves_with_it_is_not_removed() -> None:
    after = {
        PATH: MODULE.replace(LIMIT_GOOD, ""),
        "pay/upload.py": textwrap.indent(LIMIT_GOOD, "    "),
    }
    assert judged(change({PATH: MODULE}, after)).findings == ()


@pytest.mark.parametrize("given", [CALL, LIMIT])
def test_a_function_deleted_with_its_safeguard_leaves_nothing_unguarded(given: Lesson) -> None:
    code = given.evidence[1].code
    result = seen(MODULE, MODULE.replace(code, ""), given)
    assert result.findings == ()
    assert (result.silent or {})["INC-1"].endswith(
        "went with what it guarded: the guarded code itself is gone"
    )


def test_a_file_deleted_with_its_safeguard_leaves_nothing_unguarded() -> None:
    assert judged(change({PATH: MODULE}, {})) == GuardResult(
        silent={
            "INC-1": f"the safeguard at {PATH}:8 went with its file: the guarded code itself is gone"
        }
    )


def test_the_same_line_removed_elsewhere_is_silent_while_the_function_keeps_its_own() -> None:
    other = (
        "\n\ndef preview(request):\n    body = request.read()\n"
        + LIMIT_LINES
        + "    return show(body)\n"
    )
    result = seen(MODULE + other, MODULE + other.replace(LIMIT_LINES, ""))
    assert result.findings == ()
    assert (result.silent or {})["INC-1"].endswith("still stands in upload")


def test_the_functions_own_line_speaks_although_another_function_has_it_too() -> None:
    other = (
        "\n\ndef preview(request):\n    body = request.read()\n"
        + LIMIT_LINES
        + "    return show(body)\n"
    )
    assert seen(MODULE + other, MODULE.replace(LIMIT_LINES, "") + other).findings


def test_a_file_that_this_change_renames_keeps_its_safeguards() -> None:
    seen_change = change(
        {PATH: MODULE}, {"pay/http.py": MODULE.replace(LIMIT_LINES, "")}, {PATH: "pay/http.py"}
    )
    (finding,) = judged(seen_change).findings
    assert (finding.path, rounded(finding).score) == ("pay/http.py", 0.99)


def test_a_file_whose_folder_was_renamed_since_is_known_by_name_and_function() -> None:
    seen_change = change(
        {"billing/client.py": MODULE}, {"billing/client.py": MODULE.replace(LIMIT_LINES, "")}
    )
    assert [finding.score for finding in judged(seen_change).findings] == [LESS_SURE]


def test_a_file_of_the_same_name_is_another_file_while_the_remembered_one_stands() -> None:
    before = {PATH: MODULE, "billing/client.py": MODULE}
    seen_change = change(before, {**before, "billing/client.py": MODULE.replace(LIMIT_LINES, "")})
    assert judged(seen_change) == GuardResult(silent={})


def test_a_lesson_that_names_the_path_speaks_for_those_that_only_guess_it() -> None:
    moved = lesson("INC-2", evidence=pair(LIMIT_BAD, LIMIT_GOOD, "gone/client.py"))
    seen_change = change({PATH: MODULE}, {PATH: MODULE.replace(LIMIT_LINES, "")})
    result = look(SafeguardsGuard(), SafeguardsCompiler(), seen_change, moved, LIMIT)
    assert [finding.lesson for finding in result.findings] == ["INC-1"]
    assert result.silent == {"INC-2": "the line belongs to a lesson that names this very path"}


def test_a_file_of_the_same_name_without_the_function_is_another_file() -> None:
    other = MODULE.replace("def upload", "def receive")
    seen_change = change(
        {"billing/client.py": other}, {"billing/client.py": other.replace(LIMIT_LINES, "")}
    )
    assert judged(seen_change) == GuardResult(silent={})


def test_a_lesson_without_a_path_knows_a_telling_line_anywhere_and_says_so_with_less_certainty() -> (
    None
):
    anywhere = lesson(evidence=pair(LIMIT_BAD, LIMIT_GOOD))
    seen_change = change({"web/form.py": MODULE}, {"web/form.py": MODULE.replace(LIMIT_LINES, "")})
    assert [finding.score for finding in judged(seen_change, anywhere).findings] == [LESS_SURE]


def test_a_lesson_without_a_path_remembers_no_line_that_stands_everywhere() -> None:
    good = "import time\ndef f(x):\n    if not x:\n        return\n    else:\n        pass\n    lock()\n    go(x)\n"
    assert list(safeguards(lesson(evidence=pair("def f(x):\n    go(x)\n", good)))) == []


def test_scars_say_where_a_safeguard_stands_when_the_evidence_does_not() -> None:
    given = lesson(
        evidence=pair(LIMIT_BAD, LIMIT_GOOD), scars=(Scar(PATH, "upload"), Scar("gen/*.py"))
    )
    assert {safeguard.paths for safeguard in safeguards(given)} == {(PATH,)}


@pytest.mark.parametrize("mode", [Mode.DRAFT, Mode.RETIRED])
def test_drafts_and_retired_lessons_are_not_remembered(mode: Mode) -> None:
    given = lesson(mode=mode, evidence=LIMIT.evidence)
    assert SafeguardsCompiler().compile([Unit(given, ())]).entries == ()


def test_evidence_too_long_to_compare_is_named() -> None:
    long = Evidence(Side.GOOD, "python", "x = 1\n" * 500, 0, 12)
    compiled = SafeguardsCompiler().compile([Unit(lesson(evidence=(LIMIT.evidence[0], long)), ())])
    assert [str(problem) for problem in compiled.problems] == [
        "lessons/INC-1.md:12: evidence over 400 lines gives no safeguards: cut it to the code that failed"
    ]


YAML = "spec:\n  containers:\n    - name: web\n      image: shop/web\n"
GUARDED_YAML = YAML + "      resources:\n        limits:\n          memory: 512Mi\n"
GO = 'func send() error {\n\tclient := &http.Client{}\n\treturn post(client, "/pay")\n}\n'
SQL = "UPDATE orders SET state = 'paid'\nWHERE id = 7;\n"


@pytest.mark.parametrize(
    ("path", "language", "bad", "good", "removed"),
    [
        ("deploy/web.yaml", "yaml", YAML, GUARDED_YAML, "          memory: 512Mi\n"),
        (
            "pay/send.go",
            "go",
            GO,
            GO.replace("{}", "{Timeout: 10 * time.Second}"),
            "Timeout: 10 * time.Second",
        ),
        ("db/pay.sql", "sql", SQL, SQL.replace(";", "\nLIMIT batch_size;"), "\nLIMIT batch_size"),
        (
            "Dockerfile",
            "dockerfile",
            "FROM a\nCMD run\n",
            "FROM a\nUSER nobody\nCMD run\n",
            "USER nobody\n",
        ),
        (
            "a.js",
            "javascript",
            "go(url)\n",
            "go(url, { signal: limit(5) })\n",
            ", { signal: limit(5) }",
        ),
    ],
)
def test_every_kind_of_file_has_safeguards(
    path: str, language: str, bad: str, good: str, removed: str
) -> None:
    given = lesson(evidence=pair(bad, good, path, language))
    for readable in (True, False):
        seen_change = change({path: good}, {path: good.replace(removed, "")}, readable=readable)
        assert [finding.lesson for finding in judged(seen_change, given).findings] == ["INC-1"]


def test_a_hostile_change_is_judged_in_bounded_time_and_the_rest_is_named() -> None:
    lines = "".join(f"def f{n}():\n    body = request.read()\n{LIMIT_LINES}" for n in range(1500))
    result = seen(lines + '"' * 5000 + "\n", lines.replace(LIMIT_LINES, "    x(('\"\n"))
    assert [str(unseen.problem) for unseen in result.not_looked_at] == [
        f"{PATH}: only 500 of 3000 removed lines that may be safeguards were judged: split the change"
    ]


FILLER = st.lists(
    st.sampled_from(["", "# note", "VALUE = 1", "def other():\n    return 2", "log('x')"]),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(
    above=FILLER,
    below=FILLER,
    depth=st.integers(0, 3),
    name=st.sampled_from([PATH, "other/http.py"]),
)
def test_shifting_indenting_and_renaming_never_speak(
    above: list[str], below: list[str], depth: int, name: str
) -> None:
    after = "\n".join([*above, textwrap.indent(MODULE, "    " * depth), *below, ""])
    seen_change = change({PATH: MODULE}, {name: after}, {PATH: name} if name != PATH else None)
    for given_ in (LIMIT, CALL):
        assert judged(seen_change, given_).findings == ()


@settings(max_examples=60, deadline=None)
@given(
    above=FILLER,
    below=FILLER,
    depth=st.integers(0, 3),
    name=st.sampled_from([PATH, "other/http.py"]),
    removed=st.sampled_from([LIMIT_LINES, ", timeout=(3.05, 10)"]),
    how=st.fixed_dictionaries({"readable": st.booleans(), "context": st.integers(1, 5)}),
)
def test_deleting_the_safeguard_always_speaks(
    above: list[str], below: list[str], depth: int, name: str, *, removed: str, how: dict[str, Any]
) -> None:
    before = "\n".join([*above, textwrap.indent(MODULE, "    " * depth), *below, ""])
    lines = textwrap.indent(removed, "    " * depth) if removed.endswith("\n") else removed
    moved = {PATH: name} if name != PATH else None
    seen_change = change({PATH: before}, {name: before.replace(lines, "")}, moved, **how)
    findings = judged(seen_change, LIMIT if removed is LIMIT_LINES else CALL).findings
    assert [PurePosixPath(finding.path).suffix for finding in findings] == [".py"]


def test_a_fix_that_is_written_anew_is_not_sure_enough_to_be_said() -> None:
    anew = """\
    size = request.headers.length
    audit.note(size)
    limits.of(request.user).demand(size)
    quota = limits.quota(request.user, most=MAX_BODY, error=TooLarge)
"""
    assert seen(MODULE, MODULE.replace(LIMIT_LINES, anew)).findings[0].score < 0.9


def test_a_line_that_leaves_most_of_its_fix_and_brings_much_else_is_silent() -> None:
    good = LIMIT_GOOD.replace(
        LIMIT_LINES, LIMIT_LINES + "    scan(body)\n    check_name(request)\n    log_upload(body)\n"
    )
    large = lesson(evidence=pair(LIMIT_BAD, good, PATH))
    module = MODULE.replace(LIMIT_GOOD, good)
    brought = "".join(f"    metrics[{number}].total += scan.size\n" for number in range(30))
    result = seen(module, module.replace("    scan(body)\n", brought), large)
    assert result.findings == ()
    (why,) = (result.silent or {}).values()
    assert why.startswith(f"the safeguard at {PATH}:10 was more likely rewritten than taken back (")


def test_a_fix_survives_the_index() -> None:
    fix = Fix(frozenset({("a", "(", ")")}), frozenset({("b",), ("c", "=", "1")}))
    assert Fix.from_json(fix.to_json()) == fix
