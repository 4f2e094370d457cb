from making import lesson
from twiceshy.learning.lint.companion_history import (
    CompanionRecord,
    companion_advice,
    companion_record,
)
from twiceshy.lessons.lesson import Companion

BOTH = frozenset({"services/pay/settings.py", "deploy/pay/values.yaml"})
ALONE = frozenset({"services/pay/settings.py"})
CHART = frozenset({"deploy/pay/values.yaml"})
OTHER = frozenset({"services/mail/settings.py", "deploy/pay/values.yaml"})
ELSEWHERE = frozenset({"README.md"})
TIED = Companion("services/*/settings.py", "deploy/*/values.yaml", "the chart pins its own copy")


def test_what_followed_soon_was_forgotten_and_what_never_came_was_not_needed() -> None:
    past = [BOTH, ALONE, CHART, ALONE, *[ELSEWHERE] * 20, CHART]
    assert companion_record(TIED, past) == CompanionRecord(changed=3, without=2, mended=1)


def test_the_partner_of_another_service_is_none() -> None:
    assert companion_record(TIED, [OTHER]) == CompanionRecord(changed=1, without=1, mended=0)


def test_paths_do_not_tell_what_a_pattern_would_have_said() -> None:
    assert companion_record(Companion(TIED.when, TIED.require, pattern="PORT"), [ALONE]) is None


def test_a_habit_is_told_with_its_figures() -> None:
    past = [*[BOTH] * 28, *[ALONE] * 12, *[ELSEWHERE] * 20]
    (advice,) = companion_advice([lesson(companions=(TIED,))], past)
    assert advice.message == (
        "`services/*/settings.py` changed 40 times in this history, 12 of them without "
        "`deploy/*/values.yaml`, which followed soon after 0 of those: name the files that belong "
        "together, give it a `pattern`, or leave it out"
    )


def test_a_companion_that_history_keeps_is_not_told() -> None:
    assert list(companion_advice([lesson(companions=(TIED,))], [BOTH] * 40)) == []
    assert list(companion_advice([lesson(companions=(TIED,))], [ALONE] * 9)) == []
