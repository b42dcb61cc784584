"""What somebody asks of a report: about which leads, as of when, split by what, and who asks."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accord.kernel import fields
from accord.kernel.fields import REF, Field
from accord.kernel.imports.values import parse_when
from accord.kernel.instants import to_micros
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel.fields import ENTRY_NAMES
from accord.rooms.team.models import House, Member

ENTRY = Field("lead", "entry", _("Entry"), choices=ENTRY_NAMES)
KINDS = ("lead", "contact", "company")


class CannotAsk(ValueError):
    """The question makes no sense; the message says why, in words for a person."""


@dataclass(frozen=True)
class Question:
    """`at` is now. Without `as_of` a report tells all that is known now.

    `start` (included) and `end` (excluded) limit by the day on which a lead entered. Without a `viewer` it is
    the house that asks, on its own machine, and sees everything.
    """

    at: datetime
    as_of: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    by: Field | None = None
    viewer: Member | None = None
    zone: str = "UTC"

    @classmethod
    def asked(
        cls,
        at: datetime,
        *,
        since: str = "",
        until: str = "",
        as_of: str = "",
        by: str = "",
        viewer: Member | None = None,
    ) -> "Question":
        """From what a person wrote. Days are days of the house, `until` included. Raises CannotAsk."""
        zone = House.get().zone
        return cls(
            at=at,
            as_of=_instant(as_of) if as_of else None,
            start=midnight(_day(since), zone) if since else None,
            end=midnight(_day(until) + timedelta(days=1), zone) if until else None,
            by=dimension(by) if by else None,
            viewer=viewer,
            zone=zone,
        )

    def split(self, by: Field) -> "Question":
        return replace(self, by=by)

    def moment(self, generation: Generation) -> int:
        """The instant t = k that the report is about, in microseconds."""
        if self.as_of:
            return to_micros(self.as_of)
        return to_micros(max(self.at, generation.known_at or self.at))


def dimensions() -> list[Field]:
    """Everything that a report can be split by: the entry, and each field of leads, contacts and companies."""
    published = [field for kind in KINDS for field in fields.of(kind).values()]
    return [ENTRY, *(field for field in published if not field.personal and field.slug != "trashed")]


def dimension(name: str) -> Field:
    """The field of that name, such as lead.origin. Raises CannotAsk."""
    kind, _dot, slug = name.partition(".")
    known = {ENTRY.slug: ENTRY, **fields.of(kind)} if kind == "lead" else fields.of(kind)
    if kind not in KINDS or slug not in known:
        raise CannotAsk(
            _("There is no field %(name)s. Name one of a lead, contact or company, such as lead.origin.")
            % {"name": name}
        )
    return known[slug]


def labels(of: Field | None, values: list[str]) -> dict[str, str]:
    """How each value of a dimension is called."""
    if of is None:
        return {}
    if of.type != REF or of.refers_to is None:
        return {value: str(of.choices[value]) for value in values if value in of.choices}
    called = fields.table_of(of.refers_to)._default_manager.in_bulk([int(value) for value in values])
    return {str(pk): str(record) for pk, record in called.items()}


def _instant(text: str) -> datetime:
    try:
        return parse_when(text)
    except ValueError as refused:
        raise CannotAsk(str(refused)) from refused


def _day(text: str) -> date:
    return _instant(text).date()


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
