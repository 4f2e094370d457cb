"""Who may read a registry's words: the whole table, and what an owner may write."""

import pytest

from twiceshy.changes.change import Change
from twiceshy.changes.not_looked_at import NotLookedAt, Unseen
from twiceshy.lessons.index import MemoryIndex
from twiceshy.verdicts.redaction import UNTOLD_DETAIL, Withheld, redacted
from twiceshy.verdicts.settings import SettingsError, read_settings
from twiceshy.verdicts.sharing import Consent, Reader, Share, Shared, Visibility, share_for
from twiceshy.verdicts.verdict import Conclusion, Report

PUBLIC, INTERNAL, PRIVATE = Visibility.PUBLIC, Visibility.INTERNAL, Visibility.PRIVATE


def reader(visibility: Visibility, name: str = "acme/shop", members: bool = False) -> Reader:
    return Reader(1, name, visibility, members)


def registry(visibility: Visibility, *consents: Consent, number: int = 2) -> Shared:
    return Shared(number, "acme/lessons", visibility, consents)


@pytest.mark.parametrize(
    ("place", "lessons", "expected"),
    [
        (reader(PUBLIC), registry(PUBLIC), Share.TEXT),
        (reader(PRIVATE), registry(PUBLIC), Share.TEXT),
        (reader(PUBLIC), registry(PRIVATE), None),
        (reader(PRIVATE), registry(PRIVATE), None),
        (reader(PRIVATE), registry(PRIVATE, number=1), Share.TEXT),
        (Reader(), registry(PRIVATE, number=0), None),
        (reader(PUBLIC), registry(INTERNAL), None),
        (reader(INTERNAL), registry(INTERNAL), None),
        (reader(INTERNAL, members=True), registry(INTERNAL), Share.TEXT),
        (reader(PRIVATE, members=True), registry(INTERNAL), Share.TEXT),
        (reader(PRIVATE, "other/shop", members=True), registry(INTERNAL), None),
        (reader(PUBLIC, members=True), registry(INTERNAL), None),
    ],
)
def test_a_registry_is_quoted_where_every_reader_may_read_it(
    place: Reader, lessons: Shared, expected: Share | None
) -> None:
    assert share_for(place, lessons) is expected


ALL_TEXT, SHOP_ID = Consent("acme/*", Share.TEXT), Consent("acme/shop", Share.ID)
SITE = Consent("acme/site", Share.TEXT, public=True)


@pytest.mark.parametrize(
    ("consents", "place", "expected"),
    [
        ([ALL_TEXT], reader(PRIVATE), Share.TEXT),
        ([ALL_TEXT], reader(PRIVATE, "ACME/Shop"), Share.TEXT),
        ([ALL_TEXT], reader(PRIVATE, "acme-labs/shop"), None),
        ([ALL_TEXT], reader(PRIVATE, "eve/shop"), None),
        ([ALL_TEXT], reader(PUBLIC), None),
        ([SHOP_ID], reader(PUBLIC), None),
        ([SITE], reader(PUBLIC, "acme/site"), Share.TEXT),
        ([SITE], reader(PRIVATE, "acme/site"), Share.TEXT),
        ([ALL_TEXT, SHOP_ID], reader(PRIVATE), Share.ID),
        ([SHOP_ID, ALL_TEXT], reader(PRIVATE), Share.ID),
        (
            [Consent("acme/*", Share.ID), Consent("acme/shop", Share.TEXT)],
            reader(PRIVATE),
            Share.TEXT,
        ),
        ([ALL_TEXT, Consent("acme/s*", Share.ID)], reader(PRIVATE), Share.ID),
        ([Consent("acme/s.op", Share.TEXT)], reader(PRIVATE), None),
    ],
)
def test_an_owner_consents_by_name(
    consents: list[Consent], place: Reader, expected: Share | None
) -> None:
    assert share_for(place, registry(PRIVATE, *consents)) is expected


def test_what_an_owner_writes_is_read() -> None:
    text = "share: [{to: acme/*, as: text}, {to: acme/site, as: id, public: true}]\n"
    assert read_settings(text).share == (ALL_TEXT, Consent("acme/site", Share.ID, public=True))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{to: acme/*, as: text, public: true}", "a public repository is named in full"),
        ("{to: '*/*', as: text}", "not in the owner"),
        ("{to: '*', as: text}", "not in the owner"),
        ("{to: acme/shop}", "write a list"),
        ("{to: acme/shop, as: all}", "as: text"),
        ("{to: acme/shop, as: text, public: 'yes'}", "public: true"),
        ("{to: 'acme/*a*b*c', as: text}", "at most 2"),
        ("acme/*", "write a list"),
    ],
)
def test_a_slip_of_the_pen_shares_nothing_and_says_what_to_write(entry: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message.replace("*", "\\*")):
        read_settings(f"share: [{entry}]\n")


@pytest.mark.parametrize(
    "text", ["registries: [{repo: 'acme/a b'}]", "registries: [{repo: nobody}]"]
)
def test_a_registry_is_named_as_github_names_it(text: str) -> None:
    with pytest.raises(SettingsError, match="OWNER/NAME"):
        read_settings(text)


def test_a_pull_request_cannot_have_a_hundred_registries_asked_for() -> None:
    with pytest.raises(SettingsError, match="at most 20"):
        read_settings("registries: [" + "{repo: acme/a}, " * 21 + "]")


def test_what_a_change_itself_kept_from_being_read_is_told_and_a_guard_s_words_are_not() -> None:
    large = NotLookedAt(Unseen.NO_PATCH, "svc/a.py", "GitHub gives no diff of it")
    slow = NotLookedAt(
        Unseen.RULE_TIMED_OUT, "svc/b.py", "rule the-secret-merger took too long", line=3
    )
    report = Report(
        Conclusion.NEUTRAL, (), problems=(large.problem, slow.problem), not_looked_at=(large, slow)
    )
    change, withheld = (
        Change((), not_looked_at=(large,)),
        Withheld("acme/lessons:", "https://github.com/acme/lessons", 1),
    )
    result = redacted(report, change, MemoryIndex([], []), (withheld,))
    assert result.not_looked_at == (
        large,
        NotLookedAt(Unseen.RULE_TIMED_OUT, "svc/b.py", UNTOLD_DETAIL),
    )
    assert result.problems == tuple(part.problem for part in result.not_looked_at)
