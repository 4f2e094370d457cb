"""Which of the proposed rules is worth writing, tried with the real Semgrep on whole files and on
today's code.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from git_repository import Repo
from twiceshy.cli.main import run
from twiceshy.guards.semgrep.binary import Semgrep
from twiceshy.guards.semgrep.core import Engine, FaultKind, RunResult, SemgrepProblem
from twiceshy.learning.learn import rule_trial
from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.proposal_kind import Kind, Why
from twiceshy.learning.learn.rule_selection import Choice, choose, choose_all
from twiceshy.learning.learn.rule_trial import Span, trial_of, try_rules

CALL = "def charge(order):\n    reply = partner.send(order.url, json=order)\n    return reply\n"
TIMED = CALL.replace("json=order)", "json=order, timeout=3)")
USE = "def ping():\n    return partner.send(HOME, timeout=3)\n"
LACKING = USE.replace(", timeout=3", "")


def pair(bad: str, good: str, language: str = "python", path: str = "pay/a.py") -> EvidencePair:
    return EvidencePair(path, language, "f", bad, good, ())


def whole(bad: str, good: str, before: str, after: str, changed: tuple[int, ...]) -> EvidencePair:
    lines = (before, after, changed, changed)  # changed in place: the same numbers on both sides
    return EvidencePair("pay/a.py", "python", "f", bad, good, changed, *lines)


def host(having: int, lacking: int = 0) -> dict[str, str]:
    """Files that use the call with what the fix gave, and without."""
    files = {f"pay/has{number}.py": USE for number in range(having)}
    return files | {f"pay/lacks{number}.py": LACKING for number in range(lacking)}


def judged(choice: Choice) -> tuple[Kind, Why]:
    assert choice.winner is not None
    return choice.winner.judgement.kind, choice.winner.judgement.why


def test_what_the_tree_bears_out_is_an_invariant_with_its_exceptions() -> None:
    choice = choose([pair(CALL, TIMED)], host(having=7, lacking=1))
    assert judged(choice) == (Kind.INVARIANT, Why.SUPPORTED)
    assert choice.winner is not None
    assert (choice.winner.support.k, choice.winner.support.n) == (7, 8)
    assert choice.winner.hits == (Span("pay/lacks0.py", 2, 2),)
    assert choice.winner.candidate.patterns[:2] == (
        ("pattern", "partner.send(...)"),
        ("pattern-not", "partner.send(..., timeout=$GIVEN, ...)"),
    )


@pytest.mark.parametrize(
    ("having", "lacking", "why"),
    [(0, 0, Why.ALONE), (2, 0, Why.ALONE), (1, 4, Why.CONTRADICTED), (4, 3, Why.ALONE)],
)
def test_what_the_tree_does_not_bear_out_is_a_tripwire(having: int, lacking: int, why: Why) -> None:
    choice = choose([pair(CALL, TIMED)], host(having, lacking))
    assert (choice.winner, choice.why) == (None, why)


def test_a_library_s_call_without_what_everybody_gives_it_is_a_misuse_of_its_api() -> None:
    bad = "import subprocess\n\ndef build(order):\n    subprocess.run(order.command)\n"
    good = bad.replace("command)", "command, check=True)")
    assert judged(choose([pair(bad, good)], {})) == (Kind.API_MISUSE, Why.KNOWN_ARGUMENT)
    own = {"subprocess.py": "def run(command): ...\n"}
    assert choose([pair(bad, good)], own).winner is None


def test_a_line_again_is_no_rule() -> None:
    bad = "def allowed(account, amount):\n    return account.balance > amount.total_due\n"
    choice = choose([pair(bad, bad.replace(">", ">="))], {})
    assert choice.winner is None


def test_a_call_that_was_renamed_away_is_no_rule_and_one_that_still_stands_is() -> None:
    fixed = CALL.replace("partner.send", "partner.deliver_once")
    used = {f"pay/{n}.py": "partner.deliver_once(order)\n" for n in range(8)}
    assert choose([pair(CALL, fixed)], used).why is Why.GONE
    used["pay/wire.py"] = "def send(order): ...\n"
    choice = choose([pair(CALL, fixed)], used)
    assert judged(choice) == (Kind.INVARIANT, Why.SUPPORTED)


def test_tests_are_no_witnesses() -> None:
    texts = {f"tests/{path}": text for path, text in host(having=7).items()}
    assert choose([pair(CALL, TIMED)], texts).why is Why.ALONE


def test_the_fix_s_own_function_is_no_witness_but_the_rest_of_its_file_is() -> None:
    before, after = f"{USE}\n{CALL}", f"{USE}\n{TIMED}"
    piece = whole(CALL, TIMED, before, after, changed=(5,))
    tree = host(having=3) | {"pay/a.py": after}
    winner = choose([piece], tree).winner
    assert winner is not None
    assert (winner.support.k, winner.support.n) == (4, 4)


@pytest.mark.parametrize(("rest", "is_chosen"), [("reply", True), ("partner.send(reply)", False)])
def test_a_rule_that_still_fires_in_the_fixed_function_is_not_sound(
    rest: str, is_chosen: bool
) -> None:
    before = CALL.replace("return reply", f"return {rest}")
    after = TIMED.replace("return reply", f"return {rest}")
    bad, good = ("".join(text.splitlines(keepends=True)[:2]) for text in (before, after))
    choice = choose([whole(bad, good, before, after, changed=(2,))], host(having=5))
    assert choice.tried
    assert bool(choice.winner) is is_chosen


def test_a_piece_without_a_rule_takes_nothing_from_the_others() -> None:
    other = pair("def f(x):\n    return x + 1\n", "def f(x):\n    return x + 2\n")
    choices = choose_all([other, pair(CALL, TIMED)], host(having=5))
    assert [bool(choice.winner) for choice in choices] == [False, True]


def test_a_rule_that_semgrep_cannot_read_costs_no_other() -> None:
    bodies = [{"pattern": "first($X)"}, {"pattern": "((("}, {"pattern": "second($X)"}]
    trial = try_rules(bodies, {"a.py": "first(1)\nsecond(2)\n"}, "python")
    assert trial.matches == {0: {Span("a.py", 1, 1)}, 2: {Span("a.py", 2, 2)}}
    assert not trial.broken


def test_of_many_files_only_those_are_looked_at_that_hold_a_rule_s_words() -> None:
    texts = {f"{number}.py": "other(1)\n" for number in range(150)} | {"here.py": "wanted(1)\n"}
    trial = try_rules([{"pattern": "wanted($X)"}], texts, "python")
    assert trial.of(0) == {Span("here.py", 1, 1)}


GIVEN_UP = SemgrepProblem("Timeout: it took long", "trial-1", "a.py", kind=FaultKind.GAVE_UP)
PARTLY = SemgrepProblem("PartialParsing: odd", None, "b.py", kind=FaultKind.UNPARSED)


def test_a_rule_that_was_given_up_on_a_file_is_not_silent_there() -> None:
    trial = trial_of([RunResult(faults=(GIVEN_UP, PARTLY))])
    assert (trial.given_up_by(0), trial.given_up_by(1)) == (frozenset(), frozenset(["a.py"]))
    assert (trial.unparsed, trial.broken) == (frozenset(["b.py"]), False)
    assert trial_of([RunResult(faults=(replace(GIVEN_UP, path=None),))]).broken


def test_a_file_that_semgrep_cannot_read_is_no_witness_and_is_named() -> None:
    files = host(having=7) | {"pay/odd.py": f"{USE}odd = = 3\n"}
    choice = choose([pair(CALL, TIMED)], files)
    assert choice.winner is not None
    assert choice.unread == ("pay/odd.py",)
    assert choose([pair(CALL, TIMED)], host(having=7)).unread == ()


def test_what_semgrep_did_not_finish_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Engine(Semgrep(None, None))
    monkeypatch.setattr(rule_trial, "Engine", lambda: nowhere)
    choice = choose([pair(CALL, TIMED)], host(having=7))
    assert (choice.winner, choice.caught, choice.why) == (None, 0, Why.NOT_TRIED)


def test_learn_names_what_semgrep_could_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = Repo(tmp_path / "shop")
    odd = {f"pay/odd{number}.py": f"{USE}odd = = 3\n" for number in range(4)}
    repo.commit({"pay/a.py": CALL, **host(having=7), **odd}, "begin")
    repo.commit({"pay/a.py": TIMED}, "fix: give the call a timeout")
    monkeypatch.chdir(repo.root)
    monkeypatch.delenv("EDITOR", raising=False)
    assert run(["learn", "HEAD"]) == 0
    unread = "pay/odd0.py, pay/odd1.py, pay/odd2.py and 1 more file"
    expected = f"    no witness: {unread}, which Semgrep gave up or could not read all of\n"
    assert expected in capsys.readouterr().out


def test_learn_says_that_nothing_was_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = shop(tmp_path / "shop", uses=7)
    monkeypatch.chdir(repo.root)
    monkeypatch.delenv("EDITOR", raising=False)
    nowhere = Engine(Semgrep(None, None))
    monkeypatch.setattr(rule_trial, "Engine", lambda: nowhere)
    assert run(["learn", "HEAD"]) == 0
    expected = "1 safeguard (not tried: Semgrep did not finish on the failure and its fix)\n"
    assert expected in capsys.readouterr().out


def shop(root: Path, uses: int, lacking: int = 0) -> Repo:
    """A repository whose last commit gives a call what others have."""
    repo = Repo(root)
    files = {"pay/a.py": CALL, "CODEOWNERS": "/pay/ @acme/pay\n", **host(uses, lacking)}
    repo.commit(files, "begin")
    repo.commit({"pay/a.py": TIMED}, "fix: give the call a timeout")
    return repo


def test_learn_writes_an_invariant_that_verify_proves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = shop(tmp_path / "shop", uses=7, lacking=1)
    monkeypatch.chdir(repo.root)
    monkeypatch.delenv("EDITOR", raising=False)
    assert run(["learn", "HEAD"]) == 0
    out = capsys.readouterr().out
    assert "  rule: rules/inc-1.yaml (invariant; " in out
    assert "7 of 8 other uses in today's code have it" in out
    assert "    stands unfixed in pay/lacks0.py:2, owned by @acme/pay\n" in out
    rules = repo.root / "rules/inc-1.yaml"
    text = rules.read_text()
    assert text.split("\n", 1)[1].startswith(
        "rules:\n- id: inc-1-1\n  languages:\n  - python\n  severity: ERROR\n"
        "  message: 'give the call a timeout. TODO: say what to do instead'\n"
        "  paths:\n    include:\n    - /pay/**\n"
        "  metadata:\n    lesson: INC-1\n    kind: invariant\n    support:\n      k: 7\n      n: 8\n"
    )
    assert run(["lint"]) == 0
    assert "warning: rule inc-1-1 does not say what to do instead" in capsys.readouterr().out
    lesson = repo.root / "lessons/INC-1.md"
    lesson.write_text(lesson.read_text().replace("mode: draft", "mode: observe"))
    assert run(["lint"]) == 1
    rules.write_text(text.replace("TODO: say what to do instead", "Give every call a timeout."))
    assert run(["lint"]) == 0
    assert run(["verify"]) == 0
    assert "✔" in capsys.readouterr().out


def test_learn_without_a_rule_says_what_guards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = shop(tmp_path / "shop", uses=0)
    monkeypatch.chdir(repo.root)
    monkeypatch.delenv("EDITOR", raising=False)
    assert run(["learn", "HEAD"]) == 0
    out = capsys.readouterr().out
    assert "  No rule; guarded by recall and 1 safeguard (nothing else in today's code bears" in out
    assert not (repo.root / "rules").exists()


def test_a_lesson_with_a_rule_for_one_of_two_pieces_speaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = shop(tmp_path / "shop", uses=5)
    other = "def refund(bill):\n    audit.write_line(bill.total)\n    return bill.total_due + 1\n"
    repo.commit({"pay/a.py": CALL, "pay/b.py": other}, "again")
    fixed = other.replace("total_due + 1", "total_due - 1")
    repo.commit({"pay/a.py": TIMED, "pay/b.py": fixed}, "fix both")
    monkeypatch.chdir(repo.root)
    monkeypatch.delenv("EDITOR", raising=False)
    assert run(["learn", "HEAD"]) == 0
    rules = repo.root / "rules/inc-1.yaml"
    assert "    evidence:\n    - " in rules.read_text()
    rules.write_text(rules.read_text().replace("TODO: say what to do instead", "Give a timeout."))
    lesson = repo.root / "lessons/INC-1.md"
    lesson.write_text(lesson.read_text().replace("mode: draft", "mode: comment"))
    capsys.readouterr()
    assert run(["lint"]) == 0, capsys.readouterr().err
