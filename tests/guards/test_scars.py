import pytest

from changing import change, look
from making import lesson
from twiceshy.changes.change import Change, FileChange, Status
from twiceshy.guards.finding import Finding, GuardResult
from twiceshy.guards.scars import SCARS, ScarsCompiler, ScarsGuard
from twiceshy.lessons.index import Unit
from twiceshy.lessons.lesson import Mode, Scar

PATH = "services/pay/client.py"
CODE = """\
class Client:
    def charge(self, order):
        check(order)
        log(order)
        wait(order)
        sign(order)
        return post(order)


def ping():
    step(1)
    step(2)
    step(3)
    step(4)
    return 1
"""


def judged(made: Change, *scars: Scar) -> GuardResult:
    return look(ScarsGuard(), ScarsCompiler(), made, lesson(scars=scars))


def seen(old: str, new: str, *scars: Scar, readable: bool = True) -> GuardResult:
    return judged(change({PATH: CODE}, {PATH: CODE.replace(old, new)}, readable=readable), *scars)


def test_a_change_in_the_function_where_an_incident_began_is_told_in_one_quiet_line() -> None:
    assert seen("post(order)", "put(order)", Scar(PATH, "charge")) == GuardResult(
        (
            Finding(
                SCARS,
                lesson="INC-1",
                path=PATH,
                start_line=7,
                end_line=7,
                score=1.0,
                headline=f"{PATH}:charge is where INC-1 began",
                why="The root cause of that incident lived here.",
                key="scar:charge",
            ),
        ),
        silent={},
    )


@pytest.mark.parametrize(
    "symbol", ["charge", "Client.charge", "Client::charge", "charge()", "Client"]
)
def test_a_symbol_may_be_written_short_or_in_full(symbol: str) -> None:
    assert [
        finding.score for finding in seen("        log(order)\n", "", Scar(PATH, symbol)).findings
    ] == [1.0]


def test_a_change_in_another_function_of_the_file_is_silent() -> None:
    assert seen("step(3)", "step(9)", Scar(PATH, "charge")) == GuardResult(
        silent={"INC-1": f"{PATH} changed, but not charge"}
    )


def test_a_scar_without_a_symbol_is_the_whole_file() -> None:
    assert [
        (finding.score, finding.headline)
        for finding in seen("step(3)", "step(9)", Scar(PATH)).findings
    ] == [(0.5, f"{PATH} is where INC-1 began")]


def test_a_function_that_is_taken_out_was_touched() -> None:
    (finding,) = seen(CODE[CODE.index("\n\ndef ping") :], "", Scar(PATH, "ping")).findings
    assert finding.start_line == 7


def test_without_the_files_text_the_name_in_a_hunk_has_to_do() -> None:
    assert [
        finding.score
        for finding in seen(
            "check(order)", "look(order)", Scar(PATH, "charge"), readable=False
        ).findings
    ] == [0.75]
    assert seen("step(3)", "step(9)", Scar(PATH, "charge"), readable=False).findings == ()
    assert (
        seen("check(order)", "recharge(order)", Scar(PATH, "arge"), readable=False).findings == ()
    )


def test_two_scars_in_one_file_are_one_finding_and_the_surer_one_is_told() -> None:
    result = seen("log(order)", "tell(order)", Scar(PATH), Scar(PATH, "ping"), Scar(PATH, "charge"))
    assert [finding.key for finding in result.findings] == ["scar:charge"]
    assert result.silent == {}


def test_a_scar_follows_its_file_when_the_change_renames_it() -> None:
    for scar in (
        Scar(PATH, "charge"),
        Scar("pay/http.py", "charge"),
        Scar("services/**", "charge"),
    ):
        seen_change = change(
            {PATH: CODE}, {"pay/http.py": CODE.replace("log(", "tell(")}, {PATH: "pay/http.py"}
        )
        assert [
            (finding.path, finding.score) for finding in judged(seen_change, scar).findings
        ] == [("pay/http.py", 1.0)]


def test_a_file_that_only_moves_is_silent() -> None:
    seen_change = change({PATH: CODE}, {"pay/http.py": CODE}, {PATH: "pay/http.py"})
    assert judged(seen_change, Scar(PATH)) == GuardResult(
        silent={"INC-1": "pay/http.py was moved, but not a line of it changed"}
    )


def test_a_deleted_file_is_silent() -> None:
    assert judged(change({PATH: CODE}, {}), Scar(PATH)) == GuardResult(
        silent={"INC-1": f"{PATH}, where it began, is deleted"}
    )


def test_a_pattern_may_name_many_files() -> None:
    assert seen("step(3)", "step(9)", Scar("services/*/client.py")).findings
    assert seen("step(3)", "step(9)", Scar("services/*.py")) == GuardResult(silent={})


def test_a_configuration_file_has_scars_too() -> None:
    seen_change = change({"a.conf": "[pool]\nsize = 8\n"}, {"a.conf": "[pool]\nsize = 9\n"})
    assert [finding.score for finding in judged(seen_change, Scar("a.conf", "pool")).findings] == [
        0.75
    ]


@pytest.mark.parametrize("mode", [Mode.DRAFT, Mode.RETIRED])
def test_drafts_and_retired_lessons_have_no_scars(mode: Mode) -> None:
    given = lesson(mode=mode, scars=(Scar(PATH),))
    assert ScarsCompiler().compile([Unit(given, ())]).entries == ()


def test_files_without_lines_are_no_trouble() -> None:
    seen_change = Change(
        (
            FileChange(PATH, binary=True),
            FileChange("b", Status.ADDED),
            FileChange("c", submodule=True),
        )
    )
    assert judged(seen_change, Scar(PATH, "x"), Scar("*")).findings == ()
