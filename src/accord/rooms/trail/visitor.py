"""A visitor of the simulated house asks for a quotation, so that one can see what comes of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accord.kernel import ledger
from accord.rooms.capture.models import Touch
from accord.rooms.funnel import judging
from accord.rooms.funnel.checks import COLUMNS
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.rules import ENGAGED, INQUIRY
from accord.rooms.people.models.identity import USER, Identity
from accord.rooms.scoring.models import ToJudge
from accord.rooms.trail.models import Trail

TRIED = 20  # leads, the best scores first
NOT_MARKETINGS = ("partner", "own_prospecting")
SOURCE, CHANNEL = "website", "website"
LOOKED = timedelta(minutes=2)  # at the prices, before the form was sent


class NotSimulated(Exception):
    """This is a real house: nobody asks here but whoever does."""


class NobodyFits(Exception):
    """No open lead would qualify by that under the agreement in force."""


def ask(*, at: datetime) -> Lead | None:
    """Somebody whom the agreement in force would qualify by it looks at prices and sends a form; the trail follows.

    What comes of it is the judge's. None where somebody else was first. Raises NotSimulated, or NobodyFits.
    """
    trail = Trail.of_house()
    if trail is None:
        raise NotSimulated
    lead = _fitting(at)
    with ledger.write(at):
        if not trail.follow(lead, at=at):
            return None
        _visit([lead], at)
    return lead


def _fitting(at: datetime) -> Lead:
    """The judge is asked about the best of those who wait, as if each had asked; nothing of that is kept."""
    leads = list(_waiting()[:TRIED])
    unheard = ledger.caused.set(None)  # nobody reacts to what is taken back
    try:
        with transaction.atomic():
            _visit(leads, at)
            said = judging.judge([ToJudge(contact_id=lead.contact_id, since=at) for lead in leads]).said
            transaction.set_rollback(True)
    finally:
        ledger.caused.reset(unheard)
    for lead in leads:
        moments = [one.moment for one in said.get(lead.contact_id, ())]
        if any(one.due and one.holds and one.until == judging.NEVER_ENDED for one in moments):
            return lead
    raise NobodyFits


def _waiting() -> QuerySet[Lead]:
    """Open, with marketing, not qualified yet and never returned; the best scores first."""
    waiting = Lead.objects.open().filter(stage__in=[INQUIRY, ENGAGED], returns=None).exclude(entry__in=NOT_MARKETINGS)
    scored = waiting.filter(contact__score__isnull=False)
    return scored.select_related("contact").order_by("-contact__score__total", "id")


def _visit(leads: Sequence[Lead], at: datetime) -> None:
    """What the website tells of a visit that ends with a form."""
    acts = (("page", at - LOOKED, {"path": "/prices"}), ("form", at, {"form": "quotation"}))
    rows = []
    with ledger.write(at):
        for lead in leads:
            identity = Identity.of(USER, lead.contact.external_id)
            if not identity.links.exists():
                identity.link(lead.contact_id, by=None, at=at, from_beginning=True)
            rows += [(identity.pk, kind, when, False, None, None, CHANNEL, said) for kind, when, said in acts]
        Touch.take(Touch.rows(COLUMNS, rows), source=SOURCE, at=at)
