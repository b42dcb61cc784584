"""Checks: somebody verified a lead by speaking to it. A check is a touch like any other."""

from collections.abc import Mapping
from datetime import datetime

from accord.kernel import ledger
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.rules import SAL
from accord.rooms.people.models import Contact
from accord.rooms.people.models.identity import USER, Identity
from accord.rooms.team.models import Member

KIND, PASSED, FAILED = "verified", "passed", "failed"
COLUMNS = ("identity_id", "kind", "occurred_at", "machine", "asset", "campaign", "channel", "properties")


def check(contact: Contact, *, result: str, answers: Mapping[str, str], note: str, by: Member, at: datetime) -> None:
    """Log what a check found. `answers` are those to the readiness questions, by id; who checked is a role.

    A check that is passed is the gate of the stage `sql`: a lead that sales has accepted goes through it.
    """
    said = {"by": by.role, "result": result, "note": note.strip(), "answers": {k: v for k, v in answers.items() if v}}
    with ledger.write(at, by.pk):
        identity = Identity.of(USER, contact.external_id)
        if not identity.links.exists():
            identity.link(contact.pk, by=by.pk, at=at, from_beginning=True)
        told = {name: value for name, value in said.items() if value}
        rows = Touch.rows(COLUMNS, [(identity.pk, KIND, at, False, None, None, None, told)])
        Touch.log(contact.pk, KIND, rows, by=by.pk, at=at)
        lead = Lead.objects.open().filter(contact=contact, stage=SAL).first()
        if lead and result == PASSED:
            lead.move("to_sql", by=by.pk, at=at)
