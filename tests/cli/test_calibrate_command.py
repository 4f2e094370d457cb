"""``twiceshy calibrate``: what it prints, what it writes, and how it says that it cannot."""

import json
import sys
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from git_repository import Repo
from twiceshy.cli.main import run
from twiceshy.store.database import open_database
from twiceshy.store.tables import FindingRow

SETTINGS = "recall:\n  comment_at: 0.90  # ours\n"
ROWS = [
    {"guard": "recall", "score": 0.91, "outcome": "dismissed", "count": 60},
    {"guard": "recall", "score": 0.91, "outcome": "prevented", "count": 20},
    {"guard": "recall", "score": 0.95, "outcome": "dismissed", "count": 20},
    {"guard": "recall", "score": 0.95, "outcome": "prevented", "count": 80},
    {"guard": "recall", "score": 0.985, "outcome": "prevented", "count": 100},
    {"guard": "recall", "score": 0.985, "outcome": "dismissed", "count": 1},
    {"guard": "recall", "score": 0.985, "outcome": "escaped", "came_true": "4f1c2aa"},
    {"guard": "recall", "score": 0.95, "outcome": "escaped", "came_true": None, "count": 7},
    {"guard": "rules", "score": 1.0, "outcome": "prevented", "count": 5},
    {"guard": "recall", "score": "NaN", "outcome": "prevented"},
    {"guard": "recall", "score": 0.95, "outcome": None},
    "nonsense",
]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    repository = Repo(tmp_path / "shop")
    repository.commit({".twiceshy.yml": SETTINGS}, "begin")
    monkeypatch.delenv("TWICESHY_DATABASE_URL", raising=False)
    monkeypatch.chdir(repository.root)
    return repository.root


def calibrate(arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = run(["calibrate", *arguments.split()])
    said = capsys.readouterr()
    return code, said.out + said.err


def outcomes(folder: Path, rows: object = ROWS) -> Path:
    file = folder.parent / "outcomes.json"
    file.write_text(json.dumps({"outcomes": {}, "scores": rows}))
    return file


def test_it_prints_the_curve_and_what_keeps_the_promise(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = calibrate(str(outcomes(shop)), capsys)
    assert (code, said) == (
        0,
        """\
282 findings by resemblance have an outcome that tells: 201 right, 81 wrong.
Left out: 7 merged as they were, and nothing is known since.
Left out: 5 not of a guard that compares.
Left out: 2 without a score or an outcome that can be read.

promised   findings      right   share   truly (95%)
   0.910         80         20     25%   17% to 35%
   0.950        100         80     80%   71% to 87%
   0.985        102        101     99%   95% to 100%

To keep what is promised:
  comment_at 0.961 instead of 0.900: right 90% of the time there
    from there on 101 of 102 were right, truly 95% to 100%
  block_at 0.976 instead of 0.980: right 98% of the time there
    from there on 101 of 102 were right, truly 95% to 100%

`--write` writes them into .twiceshy.yml; nothing was changed.
""",
    )
    assert (shop / ".twiceshy.yml").read_text() == SETTINGS


def test_write_sets_two_numbers_and_nothing_else(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = calibrate(f"{outcomes(shop)} --write --format json", capsys)
    report = json.loads(said)
    assert (code, report["written"], report["judged"]) == (0, True, 282)
    proposal = report["proposal"]
    assert (shop / ".twiceshy.yml").read_text() == (
        f"recall:\n  comment_at: {proposal['comment_at']}  # ours\n"
        f"  block_at: {proposal['block_at']}\n"
    )


def test_too_little_is_said_and_writes_nothing(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate(f"{outcomes(shop, ROWS[:1])} --min 100 --write", capsys) == (
        1,
        "60 findings by resemblance have an outcome that tells: 0 right, 60 wrong.\n"
        "\n"
        "promised   findings      right   share   truly (95%)\n"
        "   0.910         60          0      0%   0% to 6%\n"
        "\n"
        "No thresholds are proposed: it takes 100 findings that were judged, and 60 were.\n",
    )
    assert (shop / ".twiceshy.yml").read_text() == SETTINGS


def test_csv_is_read_by_its_columns(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = shop.parent / "outcomes.csv"
    lines = ["score,outcome,note", "0.91,dismissed,x", "0.95,prevented,", "many,prevented,", "0.9"]
    file.write_text("\n".join(lines))
    code, said = calibrate(f"{file} --format json", capsys)
    report = json.loads(said)
    assert (code, report["right"], report["wrong"]) == (1, 1, 1)
    assert report["left_out"] == {"unusable": 1}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.csv", "a,b\n1,2\n", "has no columns `score` and `outcome`"),
        ("a.csv", "score,outcome\n" + "x" * 200_000, "not CSV"),
        ("a.json", "{", "is not JSON"),
        ("a.json", "[" * 100_000, "is not JSON"),
        ("a.json", '{"outcomes": {"prevented": 3}}', "holds no list of outcomes"),
        ("a.json", "3", "holds no list of outcomes"),
        ("missing.json", None, "cannot be read"),
    ],
)
def test_a_file_without_outcomes_says_what_to_give(
    name: str, text: str | None, expected: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        (shop / name).write_text(text)
    code, said = calibrate(name, capsys)
    assert (code, expected in said, "fault" in said) == (2, True, False), said


def test_no_store_and_an_empty_one_are_different(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = calibrate("", capsys)
    assert (code, "no outcomes are named: set TWICESHY_DATABASE_URL" in said) == (2, True)
    url = f"sqlite:///{shop.parent / 'store.sqlite'}"
    monkeypatch.setenv("TWICESHY_DATABASE_URL", url)
    assert "there is no store of the GitHub App here" in calibrate("", capsys)[1]
    engine = open_database(url)
    assert calibrate("", capsys) == (
        1,
        "No finding by resemblance has an outcome that tells whether it was right.\n"
        "\n"
        "No thresholds are proposed: it takes 50 findings that were judged, and 0 were.\n",
    )
    with Session(engine) as session, session.begin():
        session.add_all(finding(number) for number in range(60))
    engine.dispose()
    report = json.loads(calibrate("--format json", capsys)[1])
    assert (report["judged"], report["right"]) == (59, 40)
    assert report["curve"][0]["promised"] == 0.9123
    (shop.parent / "store.sqlite").write_text("no database")
    assert "the App's store cannot be read" in calibrate("", capsys)[1]


def finding(number: int) -> FindingRow:
    return FindingRow(
        repository=7,
        name="acme/shop",
        number=number,
        fingerprint="f",
        claim="c",
        lesson="INC-1",
        guard="recall" if number else "rules",
        path="a.py",
        start_line=1,
        end_line=1,
        score=0.91234,
        action="comment",
        shown=True,
        standing=False,
        outcome="prevented" if number < 41 else "dismissed",
        head="h",
        at=1.0,
    )


def test_without_the_extra_it_says_which(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sklearn", "sklearn.linear_model"):
        monkeypatch.setitem(sys.modules, name, None)
    code, said = calibrate(str(outcomes(shop)), capsys)
    assert code == 2
    assert "calibrate needs scikit-learn: pip install 'twiceshy[calibrate]'" in said


def test_settings_that_cannot_take_it_are_left_as_they_are(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = shop / ".twiceshy.yml"
    place.write_text("recall: {comment_at: 2}\n")
    assert "write a number from 0 to 1" in calibrate(f"{outcomes(shop)} --write", capsys)[1]
    place.unlink()
    assert "`twiceshy init` writes one" in calibrate(f"{outcomes(shop)} --write", capsys)[1]
    assert not place.exists()
    assert calibrate(f"{outcomes(shop)} --comment-precision 0.99", capsys)[0] == 2
