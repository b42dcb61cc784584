"""Checks: somebody verified a lead by speaking to it. A check is a touch like any other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import QuerySet

from accord.kernel import ledger, traits
from accord.rooms.agreement.document.model import Route, ToOwner
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.models.version import document_of
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.rules import SAL
from accord.rooms.people.models import Contact
from accord.rooms.people.models.identity import USER, Identity
from accord.rooms.people.queries import identities_of
from accord.rooms.scoring.routing import routes
from accord.rooms.team.models import Member

KIND, PASSED, FAILED = "verified", "passed", "failed"
YES, NO = "yes", "no"
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


@dataclass(frozen=True)
class Question:
    """A sign of readiness, by its id in the agreement: what was answered last, and whether what is known shows it."""

    id: str
    answer: str = ""
    shown: bool = False

    @property
    def is_known(self) -> bool:
        return self.shown or self.answer in (YES, NO)


@dataclass(frozen=True)
class Checklist:
    """The questions in the order of the agreement, and how the last check came out, if there was one."""

    questions: tuple[Question, ...]
    result: str = ""
    checked_at: datetime | None = None

    @property
    def missing(self) -> list[Question]:
        return [one for one in self.questions if not one.is_known]


def checklist(contact: int, version: Version, at: datetime) -> Checklist:
    """How far somebody is checked, by the signs of readiness of a version. A fixed number of queries."""
    checks = list(_checks(contact))
    answers = {name: said for one in checks for name, said in one.properties.get("answers", {}).items()}
    shown = set(routes(_asking(version.text), [contact], max(at, ledger.latest() or at))[contact])
    known = tuple(Question(one.id, answers.get(one.id, ""), one.id in shown) for one in version.document.readiness)
    last = checks[-1] if checks else None
    return Checklist(known, last.properties.get("result", "") if last else "", last.occurred_at if last else None)


def _checks(contact: int) -> QuerySet[Touch]:
    mine = Touch.objects.filter(identity__in=identities_of(contact), kind=KIND)
    return traits.standing(mine).order_by("occurred_at", "id")


@lru_cache(64)
def _asking(text: str) -> str:
    """The same document with its signs of readiness in the place of its routes: which of them hold is asked alike."""
    document = document_of(text)
    signs = tuple(Route(id=one.id, when=one.when, to=ToOwner(owner="nobody")) for one in document.readiness)
    return document.model_copy(update={"routing": signs}).model_dump_json(by_alias=True, exclude_none=True)
