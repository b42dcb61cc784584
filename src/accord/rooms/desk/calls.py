"""Calls, mails and meetings that people log: each a touch, with what came of it, what it settles, what comes next."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accord.kernel import ledger
from accord.kernel.ledger import Fact
from accord.rooms.capture.models import Touch
from accord.rooms.desk import rules
from accord.rooms.desk.models import Task, still_open
from accord.rooms.funnel.checks import COLUMNS
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models.contact import Contact
from accord.rooms.people.models.identity import USER, Identity
from accord.rooms.team.models import Member


class LoggedMeanwhile(Exception):
    """The same member has logged something with this person since they opened the page: most likely the same thing."""


@dataclass(frozen=True)
class Next:
    """The next step with a lead."""

    kind: str
    due_at: datetime
    what: str = ""


def log(
    lead: Lead, kind: str, outcome: str, *, by: Member, at: datetime, note: str = "", following: Next | None = None,
    settles: Task | None = None, seen: int | None = None, mail: int | None = None,
) -> Task | None:  # fmt: skip
    """Log what was done with a lead, with the task that it settles and the next one, or nothing of it.

    `seen`: what `last_logged` said when the page was opened. `mail`: the one that was written. Raises Ended,
    AlreadyDone, LoggedMeanwhile, or ValueError for a kind or an outcome that there is not.
    """
    if outcome not in rules.OUTCOMES[kind]:
        raise ValueError(outcome)
    with ledger.write(at, by.pk):
        lead = still_open(lead)
        if seen is not None and last_logged(lead, by) > seen:
            raise LoggedMeanwhile
        told = {"by": by.role, "member": by.pk, "outcome": outcome, "note": note.strip(), "mail": mail}
        touched(lead.contact, kind, told, by=by.pk, at=at)
        if settles:
            settles.done(by=by, at=at)
        if following:
            return Task.plan(
                owner=by, lead=lead, kind=following.kind, what=following.what, due_at=following.due_at, by=by, at=at
            )
    return None


def last_logged(lead: Lead, by: Member) -> int:
    """Up to which fact a member has logged anything with the person of a lead; 0 for nothing yet."""
    mine = Fact.objects.filter(contact_id=lead.contact_id, kind="touch_logged", by_id=by.pk)
    return mine.order_by("-id").values_list("id", flat=True).first() or 0


def touched(
    contact: Contact, kind: str, told: dict[str, Any], *, by: int | None, at: datetime, campaign: str | None = None,
    channel: str | None = None,
) -> None:  # fmt: skip
    """A touch of a contact, with what is known of it."""
    identity = Identity.of(USER, contact.external_id)
    if not identity.links.exists():
        identity.link(contact.pk, by=by, at=at, from_beginning=True)
    said = {name: value for name, value in told.items() if value}
    rows = Touch.rows(COLUMNS, [(identity.pk, kind, at, False, None, campaign, channel, said)])
    Touch.log(contact.pk, kind, rows, by=by, at=at)
