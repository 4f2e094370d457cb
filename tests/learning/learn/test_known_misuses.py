"""Each known misuse is proven by its own evidence with the real Semgrep, and proposed only for a
fix that mended it.
"""

from pathlib import Path

import pytest

from git_repository import Repo
from twiceshy.cli.main import run
from twiceshy.learning.learn.evidence import EvidencePair
from twiceshy.learning.learn.known_misuses import KnownMisuse, known_misuses
from twiceshy.learning.learn.proposal_kind import MOST_STANDING, Kind, Why
from twiceshy.learning.learn.rule_selection import Choice, choose
from twiceshy.learning.learn.rule_trial import Matching, try_rules
from twiceshy.lessons.languages import example_path

SPLIT = "def parse(line):\n    key, value = line.split('=')\n    return key, value\n"
MENDED = SPLIT.replace("'='", "'=', 1")


def chosen(bad: str, good: str, host: dict[str, str] | None = None) -> Choice:
    return choose([EvidencePair("a.py", "python", "parse", bad, good, ())], host or {})


def of_language(language: str) -> list[KnownMisuse]:
    return [misuse for misuse in known_misuses() if misuse.language == language]


@pytest.mark.parametrize("language", ["python", "go"])
def test_each_catches_its_failure_spares_its_fix_and_knows_what_mends_it(language: str) -> None:
    misuses = of_language(language)
    name = example_path(language)
    bodies: list[Matching] = []
    texts: dict[str, str] = {}
    for number, misuse in enumerate(misuses):
        bodies += [misuse.candidate().matching(), misuse.mended()]
        texts |= {f"bad{number}/{name}": misuse.bad, f"good{number}/{name}": misuse.good}
    trial = try_rules(bodies, texts, language)
    assert misuses
    assert (trial.broken, trial.unparsed, trial.gave_up) == (False, frozenset(), frozenset())
    for number, misuse in enumerate(misuses):
        wrong = {span.path for span in trial.of(2 * number)}
        right = {span.path for span in trial.of(2 * number + 1)}
        bad, good = f"bad{number}/{name}", f"good{number}/{name}"
        assert (bad in wrong, good in wrong, good in right) == (True, False, True), misuse.instead


def test_a_fix_that_mended_one_gets_its_rule_however_little_the_tree_says() -> None:
    winner = chosen(SPLIT, MENDED).winner
    assert winner is not None
    judgement = winner.judgement
    assert (judgement.kind, judgement.why) == (Kind.API_MISUSE, Why.KNOWN_MISUSE)
    assert winner.candidate.anchor == "$A, $B = $S.split($SEPARATOR)"


def test_one_that_only_went_with_its_code_gets_none() -> None:
    gone = "def parse(line):\n    return read_pair(line)\n"
    assert chosen(SPLIT, gone).winner is None


@pytest.mark.parametrize(("standing", "is_chosen"), [(MOST_STANDING, True), (20, False)])
def test_what_the_tree_does_everywhere_is_how_it_is_written(standing: int, is_chosen: bool) -> None:
    host = {f"{number}.py": SPLIT for number in range(standing)}
    choice = chosen(SPLIT, MENDED, host)
    assert bool(choice.winner) is is_chosen
    assert is_chosen or choice.why is Why.CONTRADICTED


def test_learn_says_what_to_do_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = Repo(tmp_path / "shop")
    repo.commit({"a.py": SPLIT, "b.py": SPLIT.replace("'='", "':'")}, "begin")
    repo.commit({"a.py": MENDED}, "fix: a value may hold the separator")
    monkeypatch.chdir(repo.root)
    monkeypatch.delenv("EDITOR", raising=False)
    assert run(["learn", "HEAD"]) == 0
    out = capsys.readouterr().out
    assert "  rule: rules/inc-1.yaml (api misuse; a known misuse; " in out
    assert "    stands unfixed in b.py:2\n" in out
    text = (repo.root / "rules/inc-1.yaml").read_text()
    instead = "Split at most once: a second separator raises ValueError."
    assert instead in " ".join(text.split())
    assert "paths:" not in text
