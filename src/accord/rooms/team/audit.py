"""What always holds of the team: somebody administers it, who is active is dated, and absences do not overlap."""

from accord.kernel.audit.invariants import Findings, Invariant
from accord.kernel.audit.stretches import wherever, within
from accord.rooms.team.models import Absence, Member
from accord.rooms.team.rules import ADMIN


def _administered(findings: Findings) -> None:
    """A house in which people work has somebody who lets them in."""
    findings.looked_at(1)
    if Member.objects.exists() and not Member.objects.filter(role=ADMIN, is_active=True).exists():
        findings.wrong("house", 1, "no active administrator")


def _active() -> str:
    return (
        "SELECT m.id, m.is_active FROM member m "
        "LEFT JOIN field_now n ON n.kind = 'member' AND n.record = m.id AND n.field = 'active' "
        f"WHERE {within('m')} AND (n.text IS NULL OR (n.text = 'true') <> m.is_active)"
    )


def _say(active: bool) -> str:
    return f"{'may' if active else 'may not'} sign in, and the newest value of `active` says otherwise"


def _absences() -> str:
    return (
        "SELECT a.id, b.id FROM absence a JOIN absence b ON b.member_id = a.member_id AND b.id > a.id "
        f"AND b.since < a.until AND b.until > a.since WHERE {within('a')} "
        "AND a.called_off_at IS NULL AND b.called_off_at IS NULL"
    )


def _overlap(other: int) -> str:
    return f"overlaps with absence {other} of the same member, and both stand"


INVARIANTS = [
    Invariant("administrator", _administered),
    Invariant("active", wherever(Member, "member", _active, _say)),
    Invariant("absences", wherever(Absence, "absence", _absences, _overlap)),
]
