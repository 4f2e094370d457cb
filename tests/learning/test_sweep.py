"""Is it possible elsewhere? The whole tree, once told, not told again."""

import json
from pathlib import Path

import pytest

from git_repository import Repo
from service.shop import BUG, CLEAN, LESSON, RULE
from twiceshy.cli.main import run

HOW = (
    'Say what a place is in .twiceshy-baseline.json: `"word": "normal"` (this is how code is '
    'written here) or `"word": "unmended"` (the same mistake, not mended yet).\n'
)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    made = Repo(tmp_path / "shop")
    made.commit(
        {
            "lessons/INC-245.md": LESSON,
            "rules/inc-245.yaml": RULE,
            "src/refund.py": BUG,
            "src/total.py": CLEAN,
            "vendor/copied.py": BUG,
            ".github/CODEOWNERS": "* @acme/all\nsrc/ @acme/payments # they pay\n",
        },
    )
    made.write({"src/untracked.py": BUG})
    monkeypatch.chdir(made.root)
    return made


def swept(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = run(["sweep", *words])
    return code, capsys.readouterr().out


def test_every_tracked_place_is_told_with_its_owner(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert swept(capsys) == (
        1,
        "src/refund.py:5 INC-245 A slow partner took checkout down  rules 1.00 @acme/payments\n1 place\n"
        "Known places are told once: twiceshy sweep --update-baseline\n",
    )
    assert swept(capsys, "src/total.py") == (0, "nothing here looks like a past failure\n")
    assert swept(capsys, "--lesson", "INC-245", "src")[0] == 1


def test_what_is_known_is_not_told_again(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    kept = swept(capsys, "--update-baseline")
    assert kept == (0, f".twiceshy-baseline.json holds 1 place; they are not told again\n{HOW}")
    assert swept(capsys) == (0, "nothing here looks like a past failure, 1 place known\n")
    repo.write({"src/refund.py": "# moved down\n" + BUG, "src/total.py": BUG})
    assert swept(capsys)[1].splitlines()[0].startswith("src/total.py:5 INC-245")
    (repo.root / ".twiceshy-baseline.json").write_text("[]")
    assert run(["sweep"]) == 2


def say(repo: Repo, path: str, word: str) -> None:
    """What a person writes into the baseline."""
    file = repo.root / ".twiceshy-baseline.json"
    baseline = json.loads(file.read_text())
    for row in baseline["known"]:
        if row["path"] == path:
            row["word"] = word
    file.write_text(json.dumps(baseline, indent=1))


def test_a_person_s_word_survives_the_next_update(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"src/again.py": BUG, "other/third.py": BUG})
    swept(capsys, "--update-baseline")
    for path, word in (("src/again.py", "normal"), ("src/refund.py", "unmended")):
        say(repo, path, word)
    assert swept(capsys) == (
        0,
        "nothing here looks like a past failure, "
        "4 places known (1 said to be normal, 1 not mended yet)\n",
    )
    before = (repo.root / ".twiceshy-baseline.json").read_text()
    assert swept(capsys, "--update-baseline", "other")[0] == 0
    assert (repo.root / ".twiceshy-baseline.json").read_text().strip() == before
    repo.commit({"src/refund.py": CLEAN, "src/again.py": CLEAN})
    assert swept(capsys, "--update-baseline") == (
        0,
        ".twiceshy-baseline.json holds 3 places (1 said to be normal); they are not told again\n"
        f"no longer found: src/refund.py INC-245 (unmended)\n{HOW}",
    )


def test_a_word_nobody_knows_is_named_with_its_line(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    swept(capsys, "--update-baseline")
    say(repo, "src/refund.py", "fine")
    assert run(["sweep"]) == 2
    assert (
        '.twiceshy-baseline.json:8: `word` is "normal" (this is how code is written here) or '
        '"unmended" (the same mistake, not mended yet), not "fine"' in capsys.readouterr().err
    )


def test_programs_get_it_too(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(swept(capsys, "--format", "json")[1])
    assert [(each["path"], each["start_line"]) for each in found["findings"]] == [
        ("src/refund.py", 5)
    ]
    assert json.loads(swept(capsys, "--format", "sarif")[1])["version"] == "2.1.0"


OWN = """import requests


def charge(order):
    return requests.post(PARTNER, json=order.dict())


def ask(order):
    return requests.post(PARTNER, data=order.id)
"""


def test_where_a_lesson_was_learned_is_no_answer_and_is_counted(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit(
        {"src/untracked.py": None, "services/pay/client.py": OWN, "tests/test_refund.py": BUG}
    )
    code, out = swept(capsys)
    assert (code, out.splitlines()) == (
        1,
        [
            "services/pay/client.py:9 INC-245 A slow partner took checkout down  rules 1.00 "
            "@acme/all",
            "src/refund.py:5 INC-245 A slow partner took checkout down  rules 1.00 @acme/payments",
            "2 places",
            "Known places are told once: twiceshy sweep --update-baseline",
            "1 place is the lessons' own, 1 place is in tests: twiceshy sweep --every-place tells "
            "them too",
        ],
    )
    told = swept(capsys, "--every-place")[1]
    assert "services/pay/client.py:5 " in told
    assert "tests/test_refund.py:5 " in told
    assert "the lessons' own" not in told


def test_a_file_that_moved_takes_its_lesson_s_place_along(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit(
        {
            "src/untracked.py": None,
            "src/refund.py": None,
            "partners/client.py": OWN.partition("\n\n\ndef ask")[0],
        }
    )
    repo.commit(
        {"lessons/INC-245.md": LESSON.replace("import requests\n\ndef", "def")}, "as it stands"
    )
    assert swept(capsys) == (
        0,
        "nothing here looks like a past failure\n"
        "1 place is the lessons' own: twiceshy sweep --every-place tells them too\n",
    )


def test_a_scar_says_where_it_began_and_not_where_else(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    scarred = LESSON.replace("mode: block\n", 'mode: block\nscars: ["src/total.py:total"]\n')
    repo.commit({"lessons/INC-245.md": scarred, "src/untracked.py": None, "src/refund.py": None})
    assert swept(capsys) == (
        0,
        "nothing here looks like a past failure\n"
        "1 place is the lessons' own: twiceshy sweep --every-place tells them too\n",
    )


MOVED = """---
id: INC-300
title: Half a transfer
date: 2026-05-14
severity: low
mode: comment
---
A transfer was cut in the middle.

```python bad path=pay.py
def charge(order, partner):
    reply = ledger.transfer(order.total, partner)
    return reply
```

```python good
def charge(order, partner):
    reply = ledger.transfer_atomically(order.total, partner)
    return reply
```
"""
LOAN = """def lend(loan, bank):
    check(loan)
    answer = ledger.transfer(loan.total, bank)
    return answer.id
"""


def test_what_stands_unfixed_comes_first_and_says_why(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit(
        {"lessons/INC-300.md": MOVED, "src/untracked.py": None, "loan.py": LOAN, "mended.py": LOAN}
    )
    repo.commit({"mended.py": LOAN.replace("transfer(", "transfer_atomically(")})
    lines = swept(capsys)[1].splitlines()
    assert lines[0].startswith("loan.py:")
    assert " INC-300 Half a transfer  recall " in lines[0]
    assert lines[1] == "  unfixed: answer = ledger.transfer(loan.total, bank)"
    assert lines[2].startswith("src/refund.py:5 INC-245 ")
    assert lines[3] == "2 places"


WIDE = """def settle(order, partner):
    invoice = billing.open_invoice(order.customer, order.currency)
    for position in order.positions_of(partner.region):
        invoice.add_position(position.article, position.amount_in(order.currency))
    voucher = discounts.redeem_voucher(order.voucher_code, invoice.subtotal())
    reply = ledger.transfer(invoice.total_after(voucher), partner)
    mailer.send_receipt(order.customer, invoice.render_receipt(reply))
    return audit.record_settlement(invoice, reply)
"""


def test_code_like_a_lesson_s_surroundings_is_counted_and_no_answer(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    """The fix took nothing away: nothing of the place says that it fails."""
    mail = "    mailer.send_receipt("
    fixed = WIDE.replace(mail, f"    ledger.await_settlement(reply)\n{mail}")
    head = MOVED.partition("```")[0]
    lesson = f"{head}```python bad path=pay.py\n{WIDE}```\n\n```python good\n{fixed}```\n"
    repo.commit({"lessons/INC-300.md": lesson, "src/untracked.py": None, "src/refund.py": None})
    repo.commit({"loan.py": WIDE.replace("settle", "lend")})
    assert swept(capsys) == (
        0,
        "nothing here looks like a past failure\n"
        "1 place is like a lesson's without what failed there: twiceshy sweep --every-place tells "
        "them too\n",
    )


def test_a_fix_of_wording_answers_nothing(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    said = MOVED.replace("transfer_atomically(", "transfer(log.warning, ")
    said = said.replace("ledger.transfer(order", "ledger.transfer(log.debug, order")
    loan = LOAN.replace("transfer(loan", "transfer(log.debug, loan")
    repo.commit({"lessons/INC-300.md": said, "src/untracked.py": None, "src/refund.py": None})
    repo.commit({"loan.py": loan})
    assert swept(capsys)[1].startswith("nothing here looks like a past failure\n")


def test_what_stands_more_often_than_its_fix_is_how_the_code_is_written(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"lessons/INC-300.md": MOVED, "src/untracked.py": None, "src/refund.py": None})
    repo.commit({"pay.py": LOAN, "loan.py": LOAN, "lend.py": LOAN})
    assert "unfixed" not in swept(capsys)[1]
    mended = LOAN.replace("transfer(", "transfer_atomically(")
    repo.commit({"pay.py": mended, "a.py": mended})
    places = [line for line in swept(capsys)[1].splitlines() if " INC-300 " in line]
    assert [place.partition(":")[0] for place in places] == ["lend.py", "loan.py"]


@pytest.mark.parametrize("words", [["--lesson", "INC-9"], ["nowhere"], ["/etc"]])
def test_what_is_not_there_is_named(repo: Repo, words: list[str]) -> None:
    assert run(["sweep", *words]) == 2
