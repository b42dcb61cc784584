"""One timeline of facts and touches, newest first, paged by time; each room tells the facts it records."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
BETWEEN = "\u00a0· "  # no line of a text begins with the dot
TOUCHES, FACTS, IMPORTS = range(3)  # at the same instant facts stand above touches, and the file above both


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
    whose: Any = None  # the contact, where the page is about several


@dataclass(frozen=True)
class Several:
    """A page about several contacts: whose a fact or a touch is by its row, and those of them that may be named."""

    of: Callable[[Any], int | None]
    visible: QuerySet

    def named(self, rows: Iterable[Any]) -> dict[int, Any]:
        return self.visible.in_bulk({pk for row in rows if (pk := self.of(row))})


@dataclass(frozen=True)
class Source:
    """Rows beside the facts that have their place on the timeline, and what they say, by their ids."""

    rank: int
    rows: QuerySet
    tell: Callable[[Sequence[Any]], Mapping[int, Entry]]


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

    def from_here(self, rank: int) -> Q:
        """Rows of that rank below the last line of the page before."""
        if self.before is None:
            return Q()
        at, last_rank, last = self.before
        same = Q(pk__lt=last) if rank == last_rank else Q() if rank < last_rank else Q(pk=None)
        return Q(occurred_at__lte=at) & (Q(occurred_at__lt=at) | same)


@dataclass(frozen=True)
class Told:
    parts: Sequence[tuple[str, list[Line]]]
    place: str | None
    wanted: Wanted


Item = tuple[datetime, int, int, Any]  # when, of which rank, id, the row
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    if teller not in _tellers:
        _tellers.append(teller)


def told(
    about: Q,
    wanted: Wanted,
    sources: Sequence[Source] = (),
    *,
    also: Sequence[Q] = (),
    several: Several | None = None,
) -> Told:
    """A page of the timeline of the facts that `about` finds, and of the sources. A constant number of queries.

    `also` finds further facts, each by a query of its own: no index serves a condition over several columns.
    """
    kinds = [kind for teller in _tellers for kind in teller.kinds]
    asked = [(FACTS, Fact.objects.filter(q, kind__in=kinds)) for q in (about, *also)]
    asked += [(source.rank, source.rows) for source in sources]
    found = {(rank, row.pk): row for rank, rows in asked for row in _page(rows.filter(wanted.from_here(rank)))}
    items = [(row.occurred_at, rank, pk, row) for (rank, pk), row in found.items()]
    items.sort(key=lambda item: item[:3], reverse=True)
    shown, rest = items[:PAGE], items[PAGE:]
    lines = _lines(shown, sources, several)
    kept = [line for line in lines if _asked_for(line.entry, wanted)]
    return Told(_by_month(kept, wanted.now), _place_of(shown[-1]) if rest else None, wanted)


def _page(rows: QuerySet) -> QuerySet:
    return rows.order_by("-occurred_at", "-pk")[: PAGE + 1]


def _lines(items: Sequence[Item], sources: Sequence[Source], several: Several | None) -> list[Line]:
    facts = _of(items, FACTS)
    book = _book(facts, [row.by_id for row in _of(items, IMPORTS)])
    entries = {(FACTS, pk): entry for pk, entry in _tell(facts, book).items()}
    for source in sources:
        entries |= {(source.rank, pk): entry for pk, entry in source.tell(_of(items, source.rank)).items()}
    named = several.named(item[-1] for item in items) if several else {}
    lines = []
    for at, rank, pk, row in items:
        if entry := entries.get((rank, pk)):
            by = None if rank == TOUCHES else book.members.get(row.by_id)
            lines.append(Line(at, by, entry, named.get(several.of(row) or 0) if several else None))
    return lines


def _of(items: Sequence[Item], rank: int) -> list[Any]:
    return [row for _at, its_rank, _pk, row in items if its_rank == rank]


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


def _book(facts: Sequence[Fact], others: Iterable[int | None]) -> Book:
    named = {*others, *(f.by_id for f in facts), *(f.payload.get("owner") for f in facts)} - {None}
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
    at, rank, last = [*written.split("."), "", "", ""][:3]
    when, pk = instant(at), number(last)
    return (when, int(rank), pk) if when and pk and rank in map(str, (TOUCHES, FACTS, IMPORTS)) else None
