"""What becomes of what was planned with leads and deals that have ended: nobody has to do it any more."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accord.kernel.ledger import Fact
from accord.rooms.desk.models import Task
from accord.rooms.desk.rules import MEETING, WAKE
from accord.rooms.funnel.models import Deal, Transition
from accord.rooms.funnel.models.deal import OPEN
from accord.rooms.funnel.rules import JOINED, LOST_FOR, WON

DEALS = Deal.objects.here().filter(lead=OuterRef("lead"))
OF_DEAL = Transition.objects.filter(lead_id=OuterRef("lead"), to_stage=JOINED, deal_id__isnull=False)


def plan_letting_go(facts: Sequence[Fact], at: datetime) -> list[Task]:
    leads, deals = ({getattr(fact, name) for fact in facts} - {None} for name in ("lead_id", "deal_id"))
    return list(_over(at).filter(Q(lead__in=leads) | Q(deal__in=deals)))


def apply_letting_go(tasks: Sequence[Task], at: datetime) -> None:
    for task in tasks:
        task.drop(at=at)


def let_go(at: datetime) -> None:
    """Whatever ended it, a file among them."""
    apply_letting_go(list(_over(at)), at)


def _over(at: datetime) -> QuerySet[Task]:
    """Open steps with a deal that is closed, or with a lead that ended or goes on in somebody else's deal, but for
    getting back to somebody who was lost: to a customer, or of such a lead, nobody has to get back.

    A customer is still met who has booked a meeting, and what was planned after the win (service does) stands; so does
    everything while another deal of the lead is open. Where such a deal was closed later its seller is done with it.
    """
    won = Q(lead__stage=WON) & ~Exists(DEALS.filter(outcome=OPEN))
    closed = Exists(DEALS.filter(owner=OuterRef("owner"), closed_at__gte=OuterRef("made_at")))
    sold = won & (Q(made_at__lte=F("lead__ended_at")) | closed)
    met = Q(lead__stage=WON, kind=MEETING, due_at__gt=at, booking__called_off_at=None, booking__isnull=False)
    joined = Q(lead__stage=JOINED) & Exists(OF_DEAL)
    over = Q(lead__stage__in=LOST_FOR) | sold & ~met | Q(deal__isnull=False) & ~Q(deal__outcome=OPEN)
    over = joined | Q(kind=WAKE, lead__stage=WON) | ~Q(kind=WAKE) & over
    found = Task.objects.open().filter(over, lead__trashed_at=None, deal__trashed_at=None)
    return found.select_related("lead", "deal", "booking").order_by("id")
