"""What is forgotten when an installation goes."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from twiceshy.store.installations import StoredRepository, forget_installation
from twiceshy.store.notes import ON_FAILURE, REGISTRY, UNUSED, set_note
from twiceshy.store.tables import DismissalRow, FindingRow, NoteRow


def _dismissal(account: str) -> DismissalRow:
    return DismissalRow(
        state="held",
        account=account,
        repository=0,
        name=f"{account}/shop",
        everywhere=True,
        claim="c",
        lesson="INC-1",
        who="maria",
        reason="not ours",
        at=1.0,
    )


def test_an_account_is_forgotten_however_its_name_is_written(session: Session) -> None:
    """It was Acme when it dismissed, and uninstalls as acme; acmeshop is somebody else."""
    session.add_all([_dismissal("Acme"), _dismissal("acmeshop")])
    for name in (REGISTRY, UNUSED, ON_FAILURE):
        set_note(session, f"{name}Acme/.github", "x")
        set_note(session, f"{name}acmeshop/pay", "x")
    finding = FindingRow(repository=7, name="Acme/pay", number=1, fingerprint="f", claim="c")
    finding.lesson, finding.guard, finding.path, finding.head = "INC-1", "rules", "a.py", "h"
    finding.start_line, finding.end_line, finding.score, finding.action = 1, 1, 1.0, "comment"
    finding.standing, finding.shown, finding.wrong, finding.at = True, True, False, 1.0
    session.add(finding)
    session.flush()
    assert forget_installation(session, 5, "acme", []) == [StoredRepository(7, "Acme/pay")]
    assert session.scalars(select(DismissalRow.account)).all() == ["acmeshop"]
    left = [name for name in session.scalars(select(NoteRow.name)) if "cme" in name]
    assert left and all("acmeshop" in name for name in left)
