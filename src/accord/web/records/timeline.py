"""One timeline of facts and touches, newest first, paged by time; each room tells the facts it records."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accord.kernel.instants import to_micros
from accord.kernel.ledger import Fact
from accord.rooms.team.models import House, Member
from accord.web.shell.addresses import instant, number
from accord.web.shell.gate import MemberRequest

PAGE = 40
BOTH, MARKETING, SALES, HANDOFF, NONE = "both", "marketing", "sales", "handoff", "none"
FACTS, TOUCHES = 1, 0  # at the same instant facts stand above touches


@dataclass(frozen=True)
class Entry:
    """What a line of the timeline says. `link` leads to the record it is about, `quote` is somebody's own words."""

    icon: str
    title: str | Promise
    detail: str | Promise = ""
    side: str = NONE
    quote: str = ""
    link: str = ""
    machine: bool = False


@dataclass(frozen=True)
class Line:
    at: datetime
    by: Member | None
    entry: Entry


@dataclass(frozen=True)
class Teller:
    """A room tells its kinds of facts. `gather` asks once for all that a page of them needs; `lesser` kinds stay untold
    where a fact of the same transaction says more."""

    kinds: frozenset[str]
    gather: Callable[[Sequence[Fact]], Any]
    tell: Callable[[Fact, Any, "Book"], Entry | None]
    lesser: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Book:
    """Who the members are, and on which side of the house."""

    members: Mapping[int, Member]
    house: House

    def side_of(self, member: int | None) -> str:
        known = self.members.get(member or 0)
        return known.side(self.house) if known else NONE

    def name_of(self, member: int | None) -> str:
        known = self.members.get(member or 0)
        return str(known) if known else ""


@dataclass(frozen=True)
class Wanted:
    """What is asked for: one side or both, machines or not, and from where on."""

    now: datetime
    side: str = BOTH
    machines: bool = True
    before: tuple[datetime, int, int] | None = None

    @classmethod
    def of(cls, request: MemberRequest) -> "Wanted":
        params = request.GET
        side = params.get("side", BOTH)
        machines = params.get("machines") != "off"
        return cls(
            request.now, side if side in (MARKETING, SALES) else BOTH, machines, _place(params.get("before", ""))
        )


@dataclass(frozen=True)
class Told:
    parts: Sequence[tuple[str, list[Line]]]
    place: str | None
    wanted: Wanted


Item = tuple[datetime, int, int, Any]  # when, facts above touches, id, the row
TellTouches = Callable[[Sequence[Any]], Mapping[int, Entry]]  # by the touch's id
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    if teller not in _tellers:
        _tellers.append(teller)


def told(about: Q, wanted: Wanted, touches: QuerySet | None = None, tell: TellTouches | None = None) -> Told:
    """A page of the timeline of the facts that `about` finds, and of the touches. A constant number of queries."""
    kinds = [kind for teller in _tellers for kind in teller.kinds]
    facts = Fact.objects.filter(about, kind__in=kinds)
    items = [(f.occurred_at, FACTS, f.pk, f) for f in _before(facts, FACTS, wanted)]
    if touches is not None:
        items += [(t.occurred_at, TOUCHES, t.pk, t) for t in _before(touches, TOUCHES, wanted)]
    items.sort(key=lambda item: item[:3], reverse=True)
    shown, rest = items[:PAGE], items[PAGE:]
    lines = _lines(shown, tell)
    kept = [line for line in lines if _asked_for(line.entry, wanted)]
    return Told(_by_month(kept, wanted.now), _place_of(shown[-1]) if rest else None, wanted)


def _before(rows: QuerySet, source: int, wanted: Wanted) -> QuerySet:
    if wanted.before:
        at, last_source, last = wanted.before
        same = Q(pk__lt=last) if source == last_source else Q() if source < last_source else Q(pk=None)
        rows = rows.filter(Q(occurred_at__lte=at) & (Q(occurred_at__lt=at) | same))
    return rows.order_by("-occurred_at", "-pk")[: PAGE + 1]


def _lines(items: Sequence[Item], tell: TellTouches | None) -> list[Line]:
    facts = [row for _, source, _, row in items if source == FACTS]
    book = _book(facts)
    entries = _tell(facts, book)
    touches = tell([row for _, source, _, row in items if source == TOUCHES]) if tell else {}
    lines = []
    for at, source, pk, row in items:
        if source == TOUCHES:
            lines.append(Line(at, None, touches[pk]))
        elif entries.get(pk):
            lines.append(Line(at, book.members.get(row.by_id), entries[pk]))
    return lines


def _tell(facts: Sequence[Fact], book: Book) -> dict[int, Entry]:
    entries: dict[int, Entry] = {}
    lesser = frozenset().union(*(teller.lesser for teller in _tellers))
    greater = {fact.stored_at for fact in facts if fact.kind not in lesser}
    for teller in _tellers:
        own = [f for f in facts if f.kind in teller.kinds and not (f.kind in lesser and f.stored_at in greater)]
        gathered = teller.gather(own)
        told_now = {fact.pk: teller.tell(fact, gathered, book) for fact in own}
        entries |= {pk: entry for pk, entry in told_now.items() if entry}
    return entries


def _book(facts: Sequence[Fact]) -> Book:
    named = {f.by_id for f in facts if f.by_id} | {f.payload["owner"] for f in facts if f.payload.get("owner")}
    return Book(Member.objects.in_bulk(named), House.get())


def _asked_for(entry: Entry, wanted: Wanted) -> bool:
    return (wanted.machines or not entry.machine) and wanted.side in (BOTH, entry.side)


def _by_month(lines: Sequence[Line], now: datetime) -> list[tuple[str, list[Line]]]:
    """Today by itself, then month by month."""
    parts: dict[str, list[Line]] = {}
    today = timezone.localtime(now).date()
    for line in lines:
        day = timezone.localtime(line.at).date()
        words = _("Today") if day == today else date_format(day, "YEAR_MONTH_FORMAT")
        parts.setdefault(words, []).append(line)
    return list(parts.items())


def _place_of(item: Item) -> str:
    return f"{to_micros(item[0])}.{item[1]}.{item[2]}"


def _place(written: str) -> tuple[datetime, int, int] | None:
    at, source, last = [*written.split("."), "", "", ""][:3]
    when, pk = instant(at), number(last)
    return (when, int(source), pk) if when and pk and source in (str(TOUCHES), str(FACTS)) else None
