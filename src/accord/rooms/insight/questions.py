"""What somebody asks of a report: about which leads, as of when, split by what, and who asks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.kernel import fields
from accord.kernel.fields import REF, Field
from accord.kernel.imports.values import parse_when
from accord.kernel.instants import to_micros
from accord.kernel.text import normalise, spelt
from accord.kernel.warehouse.generation import Generation
from accord.rooms.agreement.queries import history
from accord.rooms.agreement.words import Speaker, plain
from accord.rooms.funnel.fields import ENTRY_NAMES
from accord.rooms.promises.rules import ENFORCED, MARKETING, PILOT, SALES
from accord.rooms.team.models import House, Member

ENTRY = Field("lead", "entry", gettext_lazy("Entry"), choices=ENTRY_NAMES)
SIDE_NAMES = {MARKETING: gettext_lazy("Marketing"), SALES: gettext_lazy("Sales")}
MODE_NAMES = {ENFORCED: gettext_lazy("enforced"), PILOT: gettext_lazy("pilot, not enforced")}
PROMISE = Field("clock", "promise", gettext_lazy("Promise"))
CLOCK_FIELDS = (
    Field("clock", "owner", gettext_lazy("Owner"), REF, refers_to="member"),
    Field("clock", "team", gettext_lazy("Team"), REF, refers_to="team"),
    Field("clock", "side", gettext_lazy("Side"), choices=SIDE_NAMES),
    PROMISE,
    Field("clock", "mode", gettext_lazy("Mode"), choices=MODE_NAMES),
)
# What touches name, by the key of its record.
TOUCH_FIELDS = (
    Field("touch", "campaign", gettext_lazy("Campaign")),
    Field("touch", "asset", gettext_lazy("Content")),
)
# Fields that no room publishes: facts say them.
OWN_FIELDS = {"lead": (ENTRY,), "clock": CLOCK_FIELDS, "touch": TOUCH_FIELDS}
KINDS = ("lead", "contact", "company")
UNKNOWN = ""  # how a group is named of those whose value is not known
# Of the groups beyond those that a page can hold. No value has capitals: values are compared folded.
OTHERS = "OTHERS"


class CannotAsk(ValueError):
    """The question makes no sense; the message says why, in words for a person."""


@dataclass(frozen=True)
class Only:
    """Nothing else than what has this value of a field: as groups name it, UNKNOWN where it is not known."""

    field: Field
    value: str

    @property
    def written(self) -> str:
        return f"{self.field.name}:{self.value}"


@dataclass(frozen=True)
class Question:
    """`at` is now. Without `as_of` a report tells all that is known now.

    `start` (included) and `end` (excluded) limit by the day on which a lead entered. Without a `viewer` it is
    the house that asks, on its own machine, and sees everything. `only` are filters that all hold.
    """

    at: datetime
    as_of: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    by: Field | None = None
    viewer: Member | None = None
    zone: str = "UTC"
    only: tuple[Only, ...] = ()

    @classmethod
    def asked(
        cls,
        at: datetime,
        *,
        since: str = "",
        until: str = "",
        as_of: str = "",
        by: str = "",
        only: Iterable[str] = (),
        viewer: Member | None = None,
        kinds: Sequence[str] = KINDS,
    ) -> "Question":
        """From what a person wrote. Days are days of the house, `until` included; `only` as lead.origin:fair.

        `as_of` a day is its first instant in the house. `kinds`: of which records the fields may be. Raises CannotAsk.
        """
        zone = House.get().zone
        question = cls(
            at=at,
            as_of=_moment(as_of, at, zone) if as_of else None,
            start=midnight(_day(since), zone) if since else None,
            end=midnight(_day(until) + timedelta(days=1), zone) if until else None,
            by=dimension(by, kinds) if by else None,
            viewer=viewer,
            zone=zone,
            only=tuple(_only(said, kinds) for said in only),
        )
        if question.start and question.end and question.start >= question.end:
            raise CannotAsk(_("The last day lies before the first one: choose a later one."))
        return question

    def split(self, by: Field) -> "Question":
        return replace(self, by=by)

    def moment(self, generation: Generation) -> int:
        """The instant t = k that the report is about, in microseconds."""
        if self.as_of:
            return to_micros(self.as_of)
        return to_micros(max(self.at, generation.known_at or self.at))


def dimensions(kinds: Sequence[str] = KINDS) -> list[Field]:
    """Everything that a report can be split by: the entry, and each field of leads, contacts and companies."""
    published = [field for kind in kinds for field in (*OWN_FIELDS.get(kind, ()), *fields.of(kind).values())]
    return [field for field in published if not field.personal and field.slug != "trashed"]


def dimension(name: str, kinds: Sequence[str] = KINDS) -> Field:
    """The field of that name, such as lead.origin. Raises CannotAsk."""
    kind, _dot, slug = name.partition(".")
    known = {**{field.slug: field for field in OWN_FIELDS.get(kind, ())}, **fields.of(kind)}
    if kind not in kinds or slug not in known:
        raise CannotAsk(
            _("There is no field %(name)s. Name one of a lead, contact or company, such as lead.origin.")
            % {"name": name}
        )
    return known[slug]


def labels(of: Field | None, values: list[str]) -> dict[str, str]:
    """How each value of a dimension is called; a text that has no other name is not among them."""
    if of is None:
        return {}
    called = {OTHERS: _("all others")}
    if of == PROMISE:
        return called | _promises(values)
    if of.type != REF or of.refers_to is None:
        written = {value: word for value in values if (word := spelt(value)) != value}
        return called | written | {value: str(of.choices[value]) for value in values if value in of.choices}
    records = fields.table_of(of.refers_to)._default_manager.in_bulk([int(v) for v in values if v.isdigit()])
    return called | {str(pk): str(record) for pk, record in records.items()}


def meant(name: str, said: str, kinds: Sequence[str] = KINDS) -> str:
    """The value of a field that is called so: a choice by its label, a record by a name that it alone has; else what
    was said. Raises CannotAsk.
    """
    of, wanted = dimension(name, kinds), normalise(said)
    if wanted == normalise(_("not known")):
        return UNKNOWN
    if of.type == REF and of.refers_to is not None:
        named = fields.table_of(of.refers_to)._default_manager.filter(name__iexact=said)
        found = list(named.values_list("pk", flat=True)[:2])
        return str(found[0]) if len(found) == 1 else said
    return next((value for value, label in of.choices.items() if normalise(str(label)) == wanted), said)


def _promises(ids: Sequence[str]) -> dict[str, str]:
    """In the words of the last version that has them; of both sides where both have one of that name."""
    found: dict[str, dict[str, str]] = {name: {} for name in ids}
    for term in sorted(history(), key=lambda term: term.since):
        document = term.version.document
        for side in (MARKETING, SALES):
            for promise in getattr(document.promises, side):
                if promise.id in found:
                    found[promise.id][side] = Speaker(document).called(promise)
    return {name: " / ".join(dict.fromkeys(said.values())) or plain(name) for name, said in found.items()}


def ordered(group: str | None, size: int) -> tuple[bool, bool, int, str]:
    """Where a group stands among others: the largest first, then all others, then what is not known."""
    return (group is None or group == UNKNOWN, group == OTHERS, -size, group or "")


def _only(said: str, kinds: Sequence[str]) -> Only:
    name, _colon, value = said.partition(":")
    return Only(dimension(name, kinds), normalise(value))


def _instant(text: str, zone: tzinfo = UTC) -> datetime:
    try:
        return parse_when(text, zone)
    except ValueError as refused:
        raise CannotAsk(str(refused)) from refused


def _moment(text: str, at: datetime, zone: str) -> datetime:
    """At the latest the end of today: who is watched for longer would count as having waited all that time."""
    moment = _instant(text, ZoneInfo(zone))
    if moment > midnight(at.astimezone(ZoneInfo(zone)).date() + timedelta(days=1), zone):
        raise CannotAsk(_("This day has not begun: choose one that has."))
    return moment


def _day(text: str) -> date:
    return _instant(text).date()


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
