"""Today is a sheet of sections: each says for which roles it is drawn; one with nothing in it is not drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from accord.kernel.worktime import Calendar
from accord.rooms.funnel.models import Lead
from accord.rooms.team.models import House, Member
from accord.web.records.clocks import Chip, chip

DAY = timedelta(days=1)
LISTED = 8  # acts of a section; the rest stands behind its link


@dataclass(frozen=True)
class Looking:
    """Who looks, when, and by whose working hours what is left is told."""

    member: Member
    now: datetime
    calendar: Calendar
    kept: dict[str, Any] = field(default_factory=dict)  # what sections share, so that it is asked for once

    @property
    def yesterday(self) -> datetime:
        return self.now - DAY

    @property
    def morning(self) -> datetime:
        """When the day began where the member is."""
        here = self.now.astimezone(ZoneInfo(self.member.zone or self.house.zone))
        return datetime.combine(here.date(), time(), here.tzinfo)

    @property
    def night(self) -> datetime:
        return self.morning + DAY

    @property
    def house(self) -> House:
        return self.once("house", House.get)

    def once(self, name: str, ask: Callable[[], Any]) -> Any:
        if name not in self.kept:
            self.kept[name] = ask()
        return self.kept[name]

    def chip(self, due_at: datetime | None, start: datetime) -> Chip | None:
        return chip(due_at, start, self.now, self.calendar) if due_at else None


@dataclass(frozen=True)
class Doing:
    """What is done about an act in one click: sent where there is something to `send`, else gone to."""

    label: Any
    address: str
    send: dict[str, Any] | None = None


@dataclass(frozen=True)
class Act:
    """Something that somebody has to do about a lead. `turn`: whose turn it is, where it is not the reader's.

    `otherwise`: what else can be done about it, gone to.
    """

    side: str
    icon: str
    name: str
    address: str
    said: Any
    more: Any = ""
    company: str = ""
    chip: Chip | None = None
    at: datetime | None = None
    turn: Any = ""
    doing: Doing | None = None
    otherwise: Doing | None = None

    @property
    def due_at(self) -> datetime | None:
        return self.chip.due_at if self.chip else self.at


@dataclass(frozen=True)
class Sheet:
    """One section as it is drawn; `count`: how many there are in all, `late`: how many of them are past their time,
    where not all are drawn; `waits`: how many wait for the reader, where some of them do not. `link`: address and words
    of the rest."""

    title: Any
    hint: Any
    acts: Sequence[Act] = ()
    count: int = 0
    link: tuple[str, Any] | None = None
    told: Any = None
    template: str = "today/acts.html"
    late: int | None = None
    waits: int | None = None

    def overdue(self, now: datetime) -> int:
        """Of what waits for the reader."""
        if self.late is not None:
            return self.late
        return sum(1 for act in self.mine if act.due_at and act.due_at <= now)

    @property
    def mine(self) -> list[Act]:
        return [act for act in self.acts if not act.turn]


@dataclass(frozen=True)
class Section:
    """`data` gives the sheet, or None where there is nothing to draw. `aside`: it stands at the side."""

    roles: frozenset[str]
    place: int
    data: Callable[[Looking], Sheet | None]
    aside: bool = False


_sections: list[Section] = []


def register(sections: Sequence[Section]) -> None:
    _sections.extend(section for section in sections if section not in _sections)


def drawn(looking: Looking) -> tuple[list[Sheet], list[Sheet]]:
    """The sections of the member's role that have something in them: in the middle, and at the side."""
    mine = [one for one in sorted(_sections, key=lambda one: one.place) if looking.member.role in one.roles]
    made = [(one.aside, sheet) for one in mine if (sheet := one.data(looking))]
    return [sheet for aside, sheet in made if not aside], [sheet for aside, sheet in made if aside]


def acts_of(acts: Sequence[Act], title: Any, hint: Any, count: int | None = None, **more: Any) -> Sheet | None:
    """A list of acts, the first of them; None where there are none."""
    if not acts:
        return None
    return Sheet(title, hint, acts[:LISTED], len(acts) if count is None else count, **more)


def about(lead: Lead) -> dict[str, Any]:
    """The name, page and company of a lead, for an act."""
    company = lead.contact.company
    return {"name": str(lead), "address": reverse("lead", args=[lead.pk]), "company": str(company) if company else ""}
