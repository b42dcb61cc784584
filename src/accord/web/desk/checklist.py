"""How far a lead is checked that stands before the gate, and where that leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accord.rooms.agreement.models import Version
from accord.rooms.agreement.words import called
from accord.rooms.funnel.checks import FAILED, NO, Checklist, Question, checklist
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.rules import SAL, SQL
from accord.rooms.funnel.whys import judge_of
from accord.rooms.team.fields import ROLE_NAMES


@dataclass(frozen=True)
class Line:
    label: str
    question: Question

    @property
    def icon(self) -> str:
        if not self.question.is_known:
            return "circle-dashed"
        return "circle-x" if self.question.answer == NO else "circle-check"


@dataclass(frozen=True)
class Gate:
    """The questions, how many are answered, and in one sentence where the lead stands."""

    lines: Sequence[Line]
    known: int
    says: str
    failed_at: datetime | None
    address: str


def gate(lead: Lead, at: datetime) -> Gate | None:
    """None where the lead does not stand before the check."""
    version = judge_of([lead.contact_id], at).get(lead.contact_id) if lead.stage == SAL else None
    if version is None:
        return None
    found = checklist(lead.contact_id, version, at)
    document = version.document
    lines = [Line(called(document, document.readiness, one.id), one) for one in found.questions]
    failed_at = found.checked_at if found.result == FAILED else None
    address = f"{reverse('contact_checks', args=[lead.contact_id])}?back=desk"
    return Gate(lines, len(lines) - len(found.missing), _says(found, lines, _beyond(version)), failed_at, address)


def _says(found: Checklist, lines: Sequence[Line], beyond: str) -> str:
    said = {"beyond": beyond, "missing": ", ".join(one.label for one in lines if not one.question.is_known)}
    if found.missing:
        return _("Not checked yet: needs %(missing)s before %(beyond)s.") % said
    if lines:
        return _("All is answered: a passed check takes it to %(beyond)s.") % said
    return _("Not checked yet: a passed check takes it to %(beyond)s.") % said


def _beyond(version: Version) -> str:
    """To whom the agreement hands a lead that was checked; else what its stage is called."""
    term = next((one for one in version.document.handoffs if one.at == SQL), None)
    return str(ROLE_NAMES.get(term.to, term.to)).lower() if term else "SQL"
