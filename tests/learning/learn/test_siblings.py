"""A fix's siblings: the same edit at other places, whatever they call things; nothing that only
looks alike.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from git_repository import Repo
from twiceshy.changes.git import commit_change
from twiceshy.changes.git_edits import LineEdit, edits_of_commits
from twiceshy.changes.git_history import commit
from twiceshy.cli.main import run
from twiceshy.learning.learn import edit_index
from twiceshy.learning.learn.edit_index import EditIndex
from twiceshy.learning.learn.evidence import EvidencePair, story_of
from twiceshy.learning.learn.siblings import Family, known_family, unfixed

PAY = """import ledger


def charge(order, partner):
    reply = ledger.transfer(order.total, partner)
    return reply
"""
REFUND = """import ledger


def refund(receipt):
    back = ledger.transfer(receipt.amount, receipt.customer)
    return back.id
"""


def mended(code: str) -> str:
    """With the reply checked, and under the lock."""
    head, call, tail = code.partition("ledger.transfer(")
    return f"{head}ledger.transfer_atomically({tail}" if call else code


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "shop")
    made.commit({"pay.py": PAY, "refund.py": REFUND, "tests/test_pay.py": PAY}, "begin")
    return made


def family(repo: Repo, fix: str, cache: Path | None = None) -> Family:
    pairs = story_of(commit_change(repo.root, fix)).pairs
    known = known_family(repo.root, pairs, commit(repo.root, fix), cache)
    assert known is not None
    return known


def told(known: Family) -> list[tuple[str, str, int]]:
    return [(one.commit.subject, one.pair.path, one.line) for one in known.siblings]


def test_the_same_edit_elsewhere_is_a_sibling_before_and_after(repo: Repo, tmp_path: Path) -> None:
    first = repo.commit({"refund.py": mended(REFUND)}, "Refund whole", day="2024-01-01")
    fix = repo.commit({"pay.py": mended(PAY)}, "Charge whole", day="2025-01-01")
    assert told(family(repo, fix, tmp_path)) == [("Refund whole", "refund.py", 5)]
    assert told(family(repo, first, tmp_path)) == [("Charge whole", "pay.py", 5)]
    sibling = family(repo, fix).siblings[0].pair
    assert (sibling.symbol, sibling.removed, sibling.added) == ("refund", (5,), (5,))
    assert sibling.bad == REFUND.partition("\n\n\n")[2]
    assert sibling.good == mended(REFUND).partition("\n\n\n")[2]


def test_a_small_difference_beside_the_same_names_is_no_other_edit(repo: Repo) -> None:
    once_more = mended(REFUND).replace("receipt.customer)", "receipt.customer, None)")
    repo.commit({"refund.py": once_more}, "Refund whole")
    fix = repo.commit({"pay.py": mended(PAY)}, "Charge whole")
    assert told(family(repo, fix)) == [("Refund whole", "refund.py", 5)]


def test_other_names_beside_the_same_call_are_another_edit(repo: Repo) -> None:
    other = REFUND.replace("ledger.transfer(receipt.amount", "vault.transfer_twice(receipt.amount")
    repo.commit({"refund.py": other}, "Refund twice")
    fix = repo.commit({"pay.py": mended(PAY)}, "Charge whole")
    assert told(family(repo, fix)) == []


def test_all_edits_of_a_fix_are_asked_for_not_only_those_that_are_shown(repo: Repo) -> None:
    small = {f"m{number}.py": f"def m{number}(x):\n    return x.total\n" for number in range(3)}
    repo.commit(small)
    repo.commit({"refund.py": mended(REFUND)}, "Refund whole")
    more = {path: text.replace("x.total", "x.sum") for path, text in small.items()}
    fix = repo.commit({**more, "pay.py": mended(PAY)}, "Charge whole")
    shown = story_of(commit_change(repo.root, fix)).pairs
    assert "pay.py" not in [pair.path for pair in shown]
    assert told(family(repo, fix)) == [("Refund whole", "refund.py", 5)]


def test_a_backport_is_named_and_is_no_sibling(repo: Repo) -> None:
    start = repo.git("rev-parse", "HEAD")
    fix = repo.commit({"pay.py": mended(PAY)}, "Charge whole")
    repo.git("checkout", "--quiet", "-b", "release", start)
    backport = repo.commit({"pay.py": mended(PAY)}, "Charge whole (backport)")
    known = family(repo, fix)
    assert told(known) == []
    assert [one.id for one in known.backports] == [backport]


def test_a_copy_of_the_file_is_the_fix_once_more(repo: Repo) -> None:
    repo.commit({"build/all.py": PAY + REFUND})
    fix = repo.commit({"pay.py": mended(PAY)}, "Charge whole")
    repo.commit({"build/all.py": mended(PAY) + REFUND}, "Build")
    assert told(family(repo, fix)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import ledger\n", "import ledger_two\n"),
        ('VERSION = "1.0"\n', 'VERSION = "1.1"\n'),
        ("ledger.close_account(total, other)\n", ""),
        ("pay.one(total)\n", "pay.one(Optional(total))\n"),
        (
            '"""\n    read the terms of this bank first\n',
            '"""\n    Read the Terms of this Bank first\n',
        ),
        ("# transfer the total\n", "# transfer the whole total\n"),
        ("total = other\n", "whole = other\n"),
        ("return None\n", "return 0\n"),
    ],
)
def test_what_says_nothing_of_its_own_has_no_siblings(repo: Repo, old: str, new: str) -> None:
    repo.commit({"one.py": f"def one(total, other):\n    {old}    return pay(total)\n"})
    repo.commit({"two.py": f"def two(total, other):\n    {old}    return lend(total)\n"})
    repo.commit({"one.py": f"def one(total, other):\n    {new}    return pay(total)\n"})
    repo.commit({"two.py": f"def two(total, other):\n    {new}    return lend(total)\n"})
    fix = repo.commit({"pay.py": mended(PAY)})
    with_edit = EvidencePair("two.py", "python", "two", f"    {old}", f"    {new}", (1,))
    known = known_family(repo.root, [with_edit], commit(repo.root, fix), None)
    assert known is not None
    assert told(known) == []


def test_tests_and_mass_edits_are_no_siblings(repo: Repo) -> None:
    repo.commit({"tests/test_pay.py": mended(PAY)}, "In a test")
    for number in range(21):
        repo.commit({f"m{number}.py": PAY})
    for number in range(21):
        repo.commit({f"m{number}.py": mended(PAY)}, "One of many")
    fix = repo.commit({"refund.py": mended(REFUND)}, "Refund whole")
    assert told(family(repo, fix)) == []


def test_a_run_reads_only_what_is_new_and_says_what_it_left(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = EditIndex(repo.root, tmp_path)
    assert index.update() == 0
    repo.commit({"refund.py": mended(REFUND)}, "Refund whole")
    asked: list[int] = []

    def counted(root: Path, commits: Sequence[str]) -> Iterator[tuple[str, LineEdit]]:
        asked.append(len(commits))
        return edits_of_commits(root, commits)

    monkeypatch.setattr(edit_index, "edits_of_commits", counted)
    assert index.update() == 0
    assert index.update() == 0
    assert asked == [1]
    repo.commit({"pay.py": mended(PAY)})
    monkeypatch.setattr(edit_index, "SECONDS", -1.0)
    assert index.update() == 1
    index.close()


def test_a_damaged_index_is_made_anew(repo: Repo, tmp_path: Path) -> None:
    EditIndex(repo.root, tmp_path).close()
    (file,) = tmp_path.glob("*.sqlite")
    file.write_bytes(b"no database" * 999)
    fix = repo.commit({"refund.py": mended(REFUND)}, "Refund whole")
    later = repo.commit({"pay.py": mended(PAY)}, "Charge whole")
    with_index = known_family(
        repo.root,
        story_of(commit_change(repo.root, fix)).pairs,
        commit(repo.root, fix),
        None,
    )
    assert with_index is not None
    index = EditIndex(repo.root, tmp_path)
    assert index.update() == 0
    index.close()
    assert [one.commit.id for one in with_index.siblings] == [later]


def pairs_of(bad: str, good: str) -> list[EvidencePair]:
    return [EvidencePair("pay.py", "python", "charge", bad, good, ())]


def test_where_the_failing_side_stands_it_is_unfixed() -> None:
    texts = {
        "pay.py": mended(PAY),
        "loan.py": PAY.replace("order", "loan").replace("partner", "bank").replace("reply", "r"),
        "refund.py": REFUND,
        "loan.js": PAY,
    }
    places = unfixed(pairs_of(PAY, mended(PAY)), texts)
    assert [(place.path, place.line, place.why) for place in places] == [
        ("loan.py", 5, "r = ledger.transfer(loan.total, bank)")
    ]


def test_what_was_only_put_there_leaves_nothing_to_look_for() -> None:
    good = PAY.replace("    return", "    ledger.close_account(reply)\n    return")
    assert not unfixed(pairs_of(PAY, good), {"loan.py": PAY})
    assert not unfixed(pairs_of(good, PAY), {"loan.py": good})


def test_arguments_in_another_order_are_another_code() -> None:
    """A fix that swaps two names leaves the same words behind."""
    bad = "def rank(key, low, high) -> Ranking:\n    return store.rank(key, high, low)\n"
    good = "def rank(key, low, high) -> Ordering:\n    return store.rank(key, low, high)\n"
    right = bad.replace("high, low", "low, high").replace("key", "name")
    wrong = bad.replace("low", "first").replace("high", "last")
    places = unfixed(pairs_of(bad, good), {"right.py": right, "wrong.py": wrong})
    assert [place.path for place in places] == ["wrong.py"]


def test_another_text_than_the_one_that_failed_is_another_code() -> None:
    bad = 'def look():\n    return store.is_there(Kind.FILE, "/proc")\n'
    good = "def look():\n    return store.is_there(Kind.FILE, supported_procfs())\n"
    other = bad.replace("/proc", "setup.py")
    places = unfixed(pairs_of(bad, good), {"same.py": bad, "other.py": other})
    assert [place.path for place in places] == ["same.py"]


def test_where_the_fix_added_to_the_failing_lines_it_is_fixed() -> None:
    line = "    reply = ledger.transfer(order.total, partner)\n"
    good = PAY.replace(line, "    with ledger.lock(partner):\n    " + line)
    more = good.replace("order", "loan").replace("partner", "bank")
    assert not unfixed(pairs_of(PAY, good), {"loan.py": more})


def test_one_rare_name_is_no_failing_side() -> None:
    bad = "def read(word, value):\n    if word.startswith('no_'):\n        value = 'no'\n"
    good = bad.replace("if word.", "if value.is_switch and word.")
    again = "def decode(errors, other):\n    if errors.startswith('no_'):\n        other = 'x'\n"
    assert not unfixed(pairs_of(bad, good), {"again.py": again})


def test_learn_tells_siblings_and_places_that_stand_unfixed(
    repo: Repo,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(repo.root)
    repo.commit({"loan.py": PAY.replace("order", "loan").replace("reply", "answer")})
    sibling = repo.commit({"refund.py": mended(REFUND)}, "Refund whole", day="2024-01-01")
    repo.commit({"pay.py": mended(PAY)}, "Charge whole", day="2025-01-01")
    assert run(["learn", "HEAD"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if "sibling" in line or "unfixed" in line] == [
        f"  sibling: the same edit was made in {sibling[:12]} (2024-01-01, Refund whole) at "
        "refund.py:5, before this fix",
        "  unfixed: loan.py:5 says answer = ledger.transfer(loan.total, partner)",
    ]


def test_all_evidence_of_a_lesson_is_generalised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its first rule is a person's and stays; the proposal for both pieces is shown."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    repo = Repo(tmp_path / "shop")
    monkeypatch.chdir(repo.root)
    repo.commit({"pay.py": PAY, "refund.py": REFUND})
    repo.commit({"pay.py": mended(PAY)}, "Charge whole")
    assert run(["learn", "HEAD"]) == 0
    repo.commit({"refund.py": mended(REFUND)}, "Refund whole")
    (repo.root / "rules").mkdir(exist_ok=True)
    (repo.root / "rules/inc-1.yaml").write_text("rules: []\n")
    capsys.readouterr()
    assert run(["learn", "HEAD", "--add-to", "INC-1"]) == 0
    out = capsys.readouterr().out
    assert "It is there already and stays as it is; proposed for all evidence:" in out
    assert "pattern: ledger.transfer(...)" in out
    assert (repo.root / "rules/inc-1.yaml").read_text() == "rules: []\n"
