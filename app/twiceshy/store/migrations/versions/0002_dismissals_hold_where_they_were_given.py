"""Dismissals hold in the repository where they were given; who says what of which registry's lesson
is known by name.

An old dismissal held for the whole account. It goes on in each repository where its author is known
to have given it, for there the right was asked. Where that is not known any more it stays in the
record, revoked.
"""

import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_GIVEN = sa.text("""
SELECT DISTINCT finding.repository AS repository, finding.name AS name
FROM finding JOIN answer ON answer.repository = finding.repository
  AND answer.number = finding.number AND answer.lesson = finding.lesson
WHERE finding.claim = :claim AND finding.lesson = :lesson AND answer.who = :who
  AND answer.how IN ('dismissed', 'button')
""")
_UNNAMED = "answer.who = 'reactions' AND answer.how = 'thumbs'"
_AGREED = (
    "EXISTS (SELECT 1 FROM answer WHERE answer.repository = finding.repository"
    " AND answer.number = finding.number AND answer.fingerprint = finding.fingerprint"
    " AND answer.useful = :no)"
)


def upgrade() -> None:
    """Go there."""
    old = list(op.get_bind().execute(sa.text("SELECT * FROM dismissal")).mappings())
    op.drop_index(op.f("ix_dismissal_lesson"), table_name="dismissal")
    op.drop_table("dismissal")
    _make_dismissals()
    op.create_table(
        "pusher",
        sa.Column("repository", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("repository", "number", "who"),
    )
    op.add_column("answer", _text("lesson_registry", 300))
    op.add_column("finding", _text("severity", 20))
    op.add_column("finding", _text("owner", 200))
    op.add_column("finding", _text("lesson_registry", 300))
    op.add_column(
        "finding", sa.Column("two_persons", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    for row in old:
        _carry_over(dict(row))
    _forget_unnamed_thumbs()


def downgrade() -> None:
    """Go back. What is standing holds for the whole account again: the old tables know nothing
    narrower.
    """
    standing = sa.text(
        "SELECT account, claim, lesson, who, reason, at FROM dismissal WHERE state = 'standing'"
    )
    rows = {
        (row["account"], row["claim"]): dict(row)
        for row in op.get_bind().execute(standing).mappings()
    }
    op.drop_table("dismissal")
    op.drop_table("pusher")
    op.create_table(
        "dismissal",
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("claim", sa.String(length=20), nullable=False),
        sa.Column("lesson", sa.String(length=100), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("account", "claim"),
    )
    op.create_index(op.f("ix_dismissal_lesson"), "dismissal", ["lesson"], unique=False)
    for row in rows.values():
        _insert(row)
    op.drop_column("answer", "lesson_registry")
    for name in ("severity", "owner", "lesson_registry", "two_persons"):
        op.drop_column("finding", name)


def _make_dismissals() -> None:
    op.create_table(
        "dismissal",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("repository", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("everywhere", sa.Boolean(), nullable=False),
        sa.Column("lesson_registry", sa.String(length=300), nullable=False),
        sa.Column("claim", sa.String(length=20), nullable=False),
        sa.Column("lesson", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("start_line", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("asked_by", sa.String(length=100), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("ended_by", sa.String(length=100), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("ended_for", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("account", "repository", "claim", "lesson", "at"):
        op.create_index(op.f(f"ix_dismissal_{name}"), "dismissal", [name], unique=False)


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length=length), nullable=False, server_default="")


def _carry_over(old: dict[str, Any]) -> None:
    rows = list(_where_given(old))
    if not rows:
        rows = [
            {
                "state": "revoked",
                "repository": 0,
                "name": "",
                "ended_by": "twiceshy",
                "ended_at": time.time(),
                "ended_for": "where it was given is not known",
            }
        ]
    for row in rows:
        _insert({**_EMPTY, **old, **row})


def _where_given(old: dict[str, Any]) -> Iterator[dict[str, Any]]:
    values = {name: old[name] for name in ("claim", "lesson", "who")}
    for place in op.get_bind().execute(_GIVEN, values).mappings():
        if place["name"].partition("/")[0] == old["account"]:
            yield {"repository": place["repository"], "name": place["name"]}


_EMPTY: dict[str, Any] = {
    "state": "standing",
    "everywhere": False,
    "lesson_registry": "",
    "number": 0,
    "path": "",
    "start_line": 0,
    "asked_by": "",
    "alone": False,
    "until": None,
    "ended_by": "",
    "ended_at": None,
    "ended_for": "",
}


def _insert(values: dict[str, Any]) -> None:
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    insert = f"INSERT INTO dismissal ({names}) VALUES ({marks})"  # noqa: S608 - our names
    op.get_bind().execute(sa.text(insert), values)


def _forget_unnamed_thumbs() -> None:
    """Nobody knows whose they were; the next look asks for names."""
    act = op.get_bind().execute
    touched = "EXISTS (SELECT 1 FROM answer WHERE answer.repository = finding.repository"
    touched += " AND answer.number = finding.number AND answer.fingerprint = finding.fingerprint"
    touched += f" AND {_UNNAMED})"
    unsay = f"UPDATE finding SET wrong = :no WHERE outcome IS NULL AND {touched}"  # noqa: S608 - ours
    say = f"UPDATE finding SET wrong = :yes WHERE {_AGREED}"  # noqa: S608 - our own words
    act(sa.text(unsay), {"no": False})
    act(sa.text(f"DELETE FROM answer WHERE {_UNNAMED}"))  # noqa: S608 - our own words
    act(sa.text(say), {"yes": True, "no": False})
