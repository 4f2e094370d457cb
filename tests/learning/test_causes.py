"""Which commits may have caused what a fix mends: followed through layout, moves, copies, merges
and deletions.
"""

import pytest

from git_repository import Repo
from twiceshy.changes.git import commit_change
from twiceshy.changes.git_blame import blamed, registry_day, removals
from twiceshy.changes.parser.client import own_parser
from twiceshy.learning import causes
from twiceshy.learning.causes import Causes, causes_of

ASK = "    reply = bank.post(order.id, order.total)\n"
TIMED = ASK.replace("total)", "total, timeout=3)")
PAY = f"import bank\n\n\ndef pay(order):\n    audit.note(order)\n{ASK}    return reply.status\n"


def looked_at(repo: Repo, fix: str = "HEAD") -> Causes:
    with own_parser():
        return causes_of(repo.root, commit_change(repo.root, fix))


def subjects(repo: Repo) -> list[str]:
    return [cause.commit.subject for cause in looked_at(repo).looked_at]


def test_who_wrote_the_lines_is_asked_behind_who_laid_them_out(repo: Repo) -> None:
    repo.commit({"README.md": "a shop\n"}, "begin")
    repo.commit({"pay.py": PAY}, "Pay")
    broken = ASK.replace("order.id, ", "\n        order.id,\n        ")
    repo.commit({"pay.py": PAY.replace(ASK, broken)}, "black")
    repo.commit({"pay.py": PAY.replace(ASK, broken.replace("total)", "total, timeout=3)"))}, "fix")
    assert subjects(repo) == ["Pay"]


def test_a_copy_of_failing_code_is_a_cause_and_so_is_what_was_copied(repo: Repo) -> None:
    refund = PAY.removeprefix("import bank\n").replace("def pay", "def refund")
    copied = PAY + refund.replace("audit.note(order)", "audit.refund(order.id)")
    repo.commit({"README.md": "a shop\n"}, "begin", day="2026-01-01")
    repo.commit({"pay.py": PAY}, "Pay", day="2026-01-02")
    repo.commit({"pay.py": copied}, "Refund", day="2026-01-03")
    fixed = copied[: len(PAY)] + copied[len(PAY) :].replace(ASK, TIMED)
    repo.commit({"pay.py": fixed}, "fix", day="2026-01-04")
    assert subjects(repo) == ["Refund", "Pay"]


def test_an_import_and_a_test_have_no_cause(repo: Repo) -> None:
    test = "def test_pay():\n    assert pay(1) == 1\n"
    repo.commit({"README.md": "a shop\n"}, "begin")
    repo.commit({"pay.py": "import bank\n"}, "Import")
    repo.commit({"test_pay.py": test}, "Test")
    repo.commit({"pay.py": PAY}, "Pay")
    fixed = PAY.replace("import bank", "import banks").replace(ASK, TIMED)
    repo.commit({"pay.py": fixed, "test_pay.py": test.replace("1)", "2)")}, "fix")
    assert subjects(repo) == ["Pay"]


def test_what_a_merge_lost_was_taken_away_by_the_merge(repo: Repo) -> None:
    """Neither side took the line away, so no commit but the merge did."""
    guarded = PAY.replace(ASK, f"    if not order.is_open:\n        return None\n{ASK}")
    repo.commit({"pay.py": PAY, "a.py": "A = 1\n"}, "begin")
    repo.branch("side").commit({"a.py": "A = 2\n"}, "side")
    repo.git("checkout", "--quiet", "main")
    repo.commit({"pay.py": guarded}, "guard")
    repo.git("merge", "--quiet", "--no-ff", "--no-commit", "side")
    repo.write({"pay.py": PAY.replace("note(order)", "note(order.id)")})
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "-m", "Merge side")
    fixed = guarded.replace("note(order)", "note(order.id)")
    repo.commit({"pay.py": fixed}, "fix")
    (found,) = [cause for cause in looked_at(repo).looked_at if cause.deleted]
    assert found.commit.subject == "Merge side"


def test_a_line_that_was_taken_away_is_found_under_the_file_s_former_name(repo: Repo) -> None:
    guarded = PAY.replace(ASK, f"    if not order.is_open:\n        return None\n{ASK}")
    repo.commit({"old.py": guarded}, "begin")
    repo.commit({"old.py": PAY}, "Simplify")
    repo.git("mv", "old.py", "new.py")
    repo.commit({}, "Move")
    repo.commit({"new.py": guarded.replace("is_open", "IS_OPEN")}, "fix")
    (found,) = [cause for cause in looked_at(repo).looked_at if cause.deleted]
    assert (found.commit.subject, found.deleted, dict(found.lines)["old.py"]) == (
        "Simplify",
        2,
        frozenset({5}),
    )


def test_of_too_many_the_likeliest_are_looked_at(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(causes, "MOST_CAUSES", 2)
    repo.commit({"README.md": "a shop\n"}, "begin")
    lines = ["def pay(order):\n"]
    for number in range(5):
        lines.append(f"    order.step_{number}(order.total)\n")
        repo.commit({"pay.py": "".join(lines)}, f"Step {number}", day=f"2026-01-0{number + 1}")
    repo.commit({"pay.py": "".join(lines).replace("step_4(order.total", "step_4(order.net")}, "fix")
    found = looked_at(repo)
    assert found.total == 3
    assert [cause.commit.subject for cause in found.looked_at] == ["Step 4", "Step 3"]


def test_what_is_not_there_is_blamed_on_nobody(repo: Repo) -> None:
    first = repo.commit({"pay.py": PAY}, "Pay")
    assert blamed(repo.root, first, "pay.py", []) == ()
    assert blamed(repo.root, first, "pay.py", [99]) == ()
    assert blamed(repo.root, first, "none.py", [1]) == ()
    assert list(removals(repo.root, first, "none.py", 5)) == []


def test_a_path_is_a_name_and_no_pattern(repo: Repo) -> None:
    """A file may be called as git's patterns are written."""
    repo.commit({":(top)*.py": "PAY = 1\n", "pay.py": "PAY = 1\n"}, "Pay")
    repo.commit({"pay.py": "PAY = 2\n"}, "Change")
    assert list(removals(repo.root, "HEAD", ":(top)*.py", 5)) == []


def test_no_more_of_a_history_is_read_than_is_asked_for(repo: Repo) -> None:
    for number in range(4):
        repo.commit({"pay.py": f"PAY = {number}\n"}, f"Pay {number}")
    assert len(list(removals(repo.root, "HEAD", "pay.py", 2))) == 2


def test_what_never_reached_the_main_line_is_held_against_its_own_parent(repo: Repo) -> None:
    first = repo.commit({"a.py": "A = 1\n"}, "begin")
    side = repo.branch("side").commit({"a.py": "A = 2\n"}, "side")
    repo.git("checkout", "--quiet", "main")
    main = repo.commit({"b.py": "B = 1\n"}, "main")
    assert registry_day(repo.root, side, first) == first
    repo.git("merge", "--quiet", "--no-ff", "-m", "Merge side", "side")
    assert registry_day(repo.root, side, first) == main
