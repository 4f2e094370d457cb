"""Which repositories guard with another one's lessons, so that they are looked at when those
lessons change.
"""

import time
from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from twiceshy.store.sessions import upsert
from twiceshy.store.tables import RegistryUseRow

MOST_USERS = 100


def note_uses(
    session: Session, installation: int, repository: int, name: str, sources: Iterable[str]
) -> None:
    """What a repository's settings name now; what they named before and do not any more is
    forgotten.
    """
    wanted = {source.lower() for source in sources}
    session.execute(
        delete(RegistryUseRow).where(
            RegistryUseRow.repository == repository, RegistryUseRow.source.not_in(list(wanted))
        )
    )
    for source in sorted(wanted):
        values = {
            "source": source,
            "repository": repository,
            "name": name,
            "installation": installation,
            "at": time.time(),
        }
        session.execute(
            upsert(
                session,
                RegistryUseRow,
                values,
                {key: values[key] for key in ("name", "installation", "at")},
            )
        )


def users_of(session: Session, source: str, installation: int) -> list[str]:
    """Names of the repositories of an installation that guard with this one, those looked at last
    first.
    """
    rows = select(RegistryUseRow.name).where(
        RegistryUseRow.source == source.lower(), RegistryUseRow.installation == installation
    )
    return list(session.scalars(rows.order_by(RegistryUseRow.at.desc()).limit(MOST_USERS)))
