"""What people of the house did with contacts, as far as promises count it; and whose of it is news."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import F

from accord.kernel import traits
from accord.kernel.ledger import Fact, LedgerRow, Retraction
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.capture.rules import OUTSIDE, TOLD_BY
from accord.rooms.people.models.identity import Link, owners
from accord.rooms.promises.rules import CONTACT, Touched
from accord.rooms.scoring.staff import first_stored

MINUTE = timedelta(minutes=1)
OF_ONE = ("touch_logged", "contact_identified")
TAKING_BACK = ("import_reverted", "mail_undelivered")
JUDGING = "verdicts_given"
IN_BULK = ("touches_recorded", "events_taken", "rows_imported")


def told_of(news: Sequence[Fact]) -> set[int]:
    """The contacts of which these facts tell a touch that may count."""
    named = {fact.contact_id for fact in news if fact.kind in OF_ONE and fact.contact_id}
    return named | _in_bulk([fact.stored_at for fact in news if fact.kind in IN_BULK])


def touches(since: dict[int, datetime]) -> dict[int, list[Touched]]:
    """What may count of each contact since then: by humans, not taken back, whichever way it reached us: from a
    person, a file, or a system of the house. What a website says that somebody of the house did counts for nothing.

    What a file tells of the past moves no clock, whatever times it bears.
    """
    found: dict[int, list[Touched]] = defaultdict(list)
    for chunk in traits.chunked(since):
        ever = Link.objects.filter(contact__in=chunk)
        whose = {i: c for i, c in owners(ever.values_list("identity_id", flat=True)).items() if c in since}
        for row in _rows(whose, min(since[contact] for contact in chunk) - MINUTE):
            found[whose[row.identity_id] or 0].append(row.touched)
    return found


def taken_back_of(news: Sequence[Fact]) -> set[int]:
    """The contacts of which these facts take a touch back that may have counted, or judge it otherwise."""
    stored = [fact.stored_at for fact in news if fact.kind in TAKING_BACK]
    gone: set[int] = set()
    for low, high in [_stretch(Retraction, at, at) for at in stored]:
        rows = Retraction.objects.filter(pk__gte=low, pk__lt=high, retracted_fact_id__isnull=False)
        gone.update(pk for pk in rows.values_list("retracted_fact_id", flat=True) if pk)
    return {contact for contact in owners(_told_by(gone) | _judged(news)).values() if contact}


def _judged(news: Sequence[Fact]) -> set[int]:
    """The identities whose touches these facts judge to be a human's or a machine's."""
    judged: set[int] = set()
    for low, high in [_stretch(Verdict, fact.stored_at, fact.stored_at) for fact in news if fact.kind == JUDGING]:
        judged.update(Verdict.objects.filter(pk__gte=low, pk__lt=high).values_list("touch_id", flat=True))
    found: set[int] = set()
    for chunk in traits.chunked(judged):
        found.update(Touch.objects.filter(pk__in=chunk, kind__in=CONTACT).values_list("identity_id", flat=True))
    return found


def _told_by(facts: Iterable[int]) -> set[int]:
    """The identities of touches that these facts told of. A file that is taken back has a fact for every thousand."""
    found: set[int] = set()
    for chunk in traits.chunked(facts):
        stored = list(Fact.objects.filter(pk__in=chunk).values_list("stored_at", flat=True))
        if stored:
            low, high = _stretch(Touch, min(stored), max(stored))
            told = Touch.objects.filter(pk__gte=low, pk__lt=high, fact_id__in=chunk, kind__in=CONTACT)
            found.update(told.values_list("identity_id", flat=True))
    return found


class _Row:
    def __init__(self, touch: Touch, by: int | None) -> None:
        self.identity_id = touch.identity_id
        outcome = str(touch.properties.get("outcome", ""))
        self.touched = Touched(touch.kind, touch.occurred_at, touch.recorded_at, by is not None, outcome)


def _rows(identities: Iterable[int], since: datetime) -> list[_Row]:
    kept: list[Touch] = []
    for chunk in traits.chunked(identities):
        rows = Touch.objects.filter(
            identity__in=chunk, occurred_at__gte=since, kind__in=CONTACT, recorded_at=F("stored_at")
        )
        kept += traits.standing(rows)
    judged = dict(
        Verdict.objects.filter(touch__in=[row.pk for row in kept]).order_by("id").values_list("touch_id", "machine")
    )
    by = dict(Fact.objects.filter(pk__in={row.fact_id for row in kept}, kind="touch_logged").values_list("id", "by_id"))
    return [
        _Row(row, by.get(row.fact_id))
        for row in kept
        if not judged.get(row.pk, row.machine) and row.properties.get(TOLD_BY) != OUTSIDE
    ]


def _in_bulk(stored: Sequence[datetime]) -> set[int]:
    """Those whose touches were stored with these facts."""
    if not stored:
        return set()
    low, high = _stretch(Touch, min(stored), max(stored))
    news = Touch.objects.filter(pk__gte=low, pk__lt=high, kind__in=CONTACT, recorded_at=F("stored_at"))
    return {contact for contact in owners(news.values_list("identity_id", flat=True)).values() if contact}


def _stretch(model: type[LedgerRow], first: datetime, last: datetime) -> tuple[int, int]:
    """The ids of what was stored from the first instant to the last: the second is the first after them."""
    return first_stored(model, first), first_stored(model, last, after=True)
