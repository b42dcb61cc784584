"""What goes on in the house on every working day: the worker comes by, and sellers do what nobody else decides.

The law decides what becomes of whom. What it says nothing of, and what has waited for days, sellers answer here.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.db.models import Exists, OuterRef

from accord.demo.hours import DAY, SATURDAY
from accord.demo.plan import BETTER, GENEROUS
from accord.kernel import journal
from accord.kernel.journal import Pending
from accord.kernel.ledger import Fact
from accord.rooms.desk import booking, calls
from accord.rooms.desk.calls import Next
from accord.rooms.desk.models import Task
from accord.rooms.desk.queue import deal_planned, next_steps
from accord.rooms.desk.rules import CALL, EMAIL, MEETING
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.funnel.models.deal import OPEN
from accord.rooms.funnel.rules import SAL
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.handoff.passing import cover
from accord.rooms.handoff.release import release
from accord.rooms.handoff.rules import ACCEPTED, RETURN
from accord.rooms.people.models import Veto
from accord.rooms.promises.sweeping import sweep
from accord.rooms.team.models import Member

ROUNDS, ANSWERS = (6, 11), 12  # hours, UTC
LEFT, STALE = timedelta(days=5), timedelta(days=40)  # unanswered, and accepted without anything coming of it
LEFT_UNDONE = timedelta(days=2)  # a step that somebody had planned
ACCEPTS = {GENEROUS: 0.15, BETTER: 0.6}  # of what was left, on one afternoon
RETURNS, CALLS, TAKES_UP = 0.85, 0.85, 0.4
TO_INSIDE = "to_inside"
REASONS = ("timing", "no_fit", "no_response", "budget")
CAME_OF_IT = ("reached", "no_answer", "voicemail", "call_back")
VETOES, ASKED_FOR = 0.02, ("asked", "in_talks", "key_account")  # of the calls that end with no more marketing
BOOKS, ABOUT = 0.03, ("Sizing", "The offer", "A pilot", "Delivery times")  # of those called, by the address they got
DAYS_LATER = (2, 3, 5, 7, 9)
PLANS, ANY_STAGE = 0.5, "proposal"  # of the deals without a next step, on one afternoon
COMES_NEXT = {
    "proposal": (
        (CALL, "Have they read the offer?"),
        (MEETING, "Walk through the offer"),
        (EMAIL, "Send the drawings"),
    ),
    "negotiation": ((CALL, "Terms and delivery"), (MEETING, "Talk with purchasing"), (EMAIL, "Send the revised offer")),
    "signing": ((CALL, "Who signs, and when?"), (EMAIL, "Send the contract once more")),
}


def rounds(since: datetime, until: datetime) -> Iterator[datetime]:
    """When the worker comes by, on every working day from the signing on."""
    return _daily(since, until, ROUNDS)


def afternoons(since: datetime, until: datetime) -> Iterator[datetime]:
    """When sellers look at what is left."""
    return _daily(since, until, (ANSWERS,))


def catch_up(at: datetime) -> None:
    """What the worker of a house does all the time."""
    if Pending.objects.exists():
        journal.drain()
    for due in (release, cover, sweep):
        due(at)
    if Pending.objects.exists():
        journal.drain()


def answer(rng: Random, at: datetime, rule: str) -> None:
    """Call whom nobody has called, answer what was left, call whom one had meant to call, give back what goes no
    further; and marketing takes up what came back."""
    # A deal of this morning may have taken the lead along, and the worker has not come by since.
    waiting = Handoff.objects.here().offered().filter(received_at__lt=at, lead__ended_at=None)
    offered = list(waiting.select_related("owner", "version", "lead__contact").order_by("id"))
    logged = _logged([one.lead.contact_id for one in offered if one.kind == TO_INSIDE])
    for one in offered:
        if one.received_at < at - LEFT:
            _answer(rng, one, at, ACCEPTS[rule])
        elif one.kind == TO_INSIDE and (one.lead.contact_id, one.owner_id) not in logged and rng.random() < CALLS:
            calls.log(one.lead, "call_out", rng.choice(CAME_OF_IT), by=one.owner, at=at)
    _go_on(rng, at)
    _keep_promises(at)
    _plan_deals(at)
    for back in Return.objects.filter(taken_up_at=None, at__lt=at).select_related("lead__owner").order_by("id"):
        if back.lead.owner and rng.random() < TAKES_UP:
            back.take_up(by=back.lead.owner, at=at)


def _logged(contacts: list[int]) -> set[tuple[int | None, int | None]]:
    """Who has ever logged anything with whom: contact, member."""
    rows = Fact.objects.filter(kind="touch_logged", contact_id__in=contacts)
    return set(rows.values_list("contact_id", "by_id").distinct())


def _go_on(rng: Random, at: datetime) -> None:
    held = Lead.objects.open().filter(stage=SAL, stage_since__lt=at).select_related("owner", "contact").order_by("id")
    steps = next_steps([lead.pk for lead in held])
    for lead in held:
        step = steps.get(lead.pk)
        if lead.owner and (step is None or step.due_at <= at):
            _call(rng, lead, lead.owner, at, step)
    later = Handoff.objects.filter(lead=OuterRef("lead"), pk__gt=OuterRef("pk"))
    left = Handoff.objects.filter(~Exists(later), ~Exists(Return.objects.filter(handoff=OuterRef("pk"))))
    stale = left.filter(state=ACCEPTED, lead__stage=SAL, lead__stage_since__lt=at - STALE)
    for one in stale.select_related("owner", "version", "lead").order_by("id"):
        if one.may_return:
            one.hand_back("no_response", by=one.owner, at=at)


def _keep_promises(at: datetime) -> None:
    """Whoever meant to get back to somebody, or to do what a deal needs, has done so two days later."""
    left = Task.objects.here().open().exclude(lead__stage=SAL).filter(due_at__lt=at - LEFT_UNDONE)
    for step in left.select_related("owner", "lead", "deal").order_by("id"):
        step.done(by=step.owner, at=at)


def _plan_deals(at: datetime) -> None:
    """Of a deal that goes on, its seller knows most days what comes next."""
    idle = Deal.objects.here().filter(outcome=OPEN).exclude(deal_planned())
    for deal in idle.select_related("owner", "lead").order_by("id"):
        rng = Random(f"{deal.pk} {at:%Y-%m-%d}")  # of its own: what is planned changes nothing that happens
        if deal.owner and rng.random() < PLANS:
            kind, what = rng.choice(COMES_NEXT.get(deal.stage, COMES_NEXT[ANY_STAGE]))
            due = _working(at + DAY * rng.choice(DAYS_LATER), rng.randrange(7, 15))
            about = {"lead": deal.lead} if deal.lead else {"deal": deal}
            Task.plan(owner=deal.owner, kind=kind, what=what, due_at=due, by=deal.owner, at=at, **about)


def _working(due: datetime, hour: int) -> datetime:
    while due.weekday() >= SATURDAY:
        due += DAY
    return due.replace(hour=hour)


def _daily(since: datetime, until: datetime, hours: tuple[int, ...]) -> Iterator[datetime]:
    day = since.replace(hour=0, minute=0, second=0, microsecond=0)
    while day < until:
        if day.weekday() < SATURDAY:
            yield from (at for hour in hours if since < (at := day.replace(hour=hour)) < until)
        day += DAY


def _answer(rng: Random, one: Handoff, at: datetime, accepts: float) -> None:
    if rng.random() < accepts or RETURN not in one.answers:
        one.accept(by=one.owner, at=at)
    elif rng.random() < RETURNS:
        one.give_back(rng.choice(REASONS), by=one.owner, at=at)


def _call(rng: Random, lead: Lead, by: Member, at: datetime, step: Task | None) -> None:
    due = _working(at + DAY * rng.choice(DAYS_LATER), at.hour)
    if rng.random() < VETOES and not Veto.objects.here().filter(contact=lead.contact_id).exists():
        Veto.lay(lead.contact, rng.choice(ASKED_FOR), by=by, at=at)
    calls.log(lead, "call_out", rng.choice(CAME_OF_IT), by=by, at=at, following=Next("call", due), settles=step)
    if rng.random() < BOOKS and (free := booking.times(lead.contact, at)):
        booking.book(
            lead.contact, rng.choice(free), note=rng.choice(ABOUT), zone="Europe/Berlin", language="en", at=at
        )  # fmt: skip
