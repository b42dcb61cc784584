"""What came in since yesterday, and what has become of each lead by now: each is counted once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.rooms.campaigns.models import Campaign
from accord.rooms.capture.models import Touch
from accord.rooms.content.named import key_of
from accord.rooms.funnel import rules
from accord.rooms.funnel.fields import ENTRY_NAMES
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.team.rules import ADMIN, EXECUTIVE, MARKETERS, SALES_LEAD
from accord.web.shell import wording as words
from accord.web.today.frame import Looking, Section, Sheet

HERE, HANDED, ACCEPTED, RETURNED, LEFT = "with_marketing", "handed_over", "accepted", "returned", "left"
FATES = {
    HERE: ("marketing", gettext_lazy("with marketing, not handed over yet")),
    HANDED: ("handoff", gettext_lazy("handed over, waiting for sales")),
    ACCEPTED: ("sales", gettext_lazy("with sales")),
    RETURNED: ("marketing", gettext_lazy("returned to marketing")),
    LEFT: ("none", gettext_lazy("left with a reason")),
}
MARKS, NAMED = 60, 6


@dataclass(frozen=True)
class Fate:
    name: str
    side: str
    label: Any
    number: int
    address: str

    @property
    def marks(self) -> range:
        """One for each lead, up to a row that can still be taken in."""
        return range(min(self.number, MARKS))


@dataclass(frozen=True)
class Told:
    fates: Sequence[Fate]
    sum: str
    sources: Sequence[tuple[str, int]]


def came(looking: Looking) -> Sheet | None:
    leads = came_in(looking)
    if not leads:
        return None
    fates = fates_of(looking, leads)
    counts = Counter(fates.values())
    address = reverse("today_leads")
    told = [
        Fate(name, side, label, counts[name], f"{address}?which={name}")
        for name, (side, label) in FATES.items()
        if counts[name]
    ]
    added = " + ".join(words.number(one.number) for one in told)
    found = Told(told, f"{added} = {words.number(len(leads))}", sources(looking, leads))
    said = {"time": words.short(looking.yesterday, looking.now), "count": words.number(len(leads))}
    hint = _("%(count)s came in; each mark is one lead") % said
    return Sheet(
        _("Since yesterday"), hint, count=len(leads), told=found, template="today/came.html",
        link=(f"{address}?which=came", _("All of them")),
    )  # fmt: skip


class Came(NamedTuple):
    """A lead, as far as it is counted by that: a file may have brought very many."""

    pk: int
    contact_id: int
    entry: str
    stage: str
    opened_at: datetime


def came_in(looking: Looking) -> list[Came]:
    """Leads that opened since this time yesterday, the newest first."""
    rows = _opened(looking).order_by("-opened_at", "-id").values_list(*Came._fields)
    return looking.once("came", lambda: list(map(Came._make, rows)))


def _opened(looking: Looking) -> QuerySet[Lead]:
    seen = Lead.objects.visible_to(looking.member).here()
    return seen.filter(opened_at__gt=looking.yesterday, opened_at__lte=looking.now)


def fates_of(looking: Looking, leads: Sequence[Came]) -> dict[int, str]:
    """By lead; two queries."""
    opened = {"lead__opened_at__gt": looking.yesterday}
    handed = set(Handoff.objects.open().filter(**opened).values_list("lead_id", flat=True))
    back = set(Return.objects.filter(**opened).values_list("lead_id", flat=True))
    return {lead.pk: _fate(lead, handed, back) for lead in leads}


def _fate(lead: Came, handed: set[int], back: set[int]) -> str:
    if lead.stage in rules.EXITS:
        return LEFT
    if lead.pk in handed:
        return HANDED
    if rules.PLACE[lead.stage] >= rules.PLACE[rules.SAL]:
        return ACCEPTED
    return RETURNED if lead.pk in back else HERE


def sources(looking: Looking, leads: Sequence[Came]) -> list[tuple[str, int]]:
    """By the campaign or channel of the last touch before it opened, else by its way in; the most frequent first."""
    known, ways = _touched(looking, leads), {entry: str(name) for entry, name in ENTRY_NAMES.items()}
    counted = Counter(known.get(lead.contact_id) or ways[lead.entry] for lead in leads)
    found = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    rest = sum(number for _name, number in found[NAMED:])
    return [*found[:NAMED], *([(_("others"), rest)] if rest else [])]


def _touched(looking: Looking, leads: Sequence[Came]) -> dict[int, str]:
    opened = {lead.contact_id: lead.opened_at for lead in leads}
    contacts = _opened(looking).values("contact")
    rows = Touch.objects.filter(identity__links__contact__in=contacts).exclude(campaign=None, channel=None)
    found: dict[int, str] = {}
    told = rows.values_list("identity__links__contact_id", "occurred_at", "campaign", "channel").order_by("occurred_at")
    for contact, at, campaign, channel in told:
        if contact in opened and at <= opened[contact] and (named := campaign or channel):
            found[contact] = named
    return _named(found)


def _named(found: dict[int, str]) -> dict[int, str]:
    names = dict(Campaign.objects.filter(key__in={key_of(said) for said in found.values()}).values_list("key", "name"))
    for said in found.values():
        names.setdefault(key_of(said), said)  # of several spellings the first one counts
    return {contact: names[key_of(said)] for contact, said in found.items()}


__all__ = ["FATES", "SECTIONS", "came_in", "fates_of"]
SECTIONS = [Section(MARKETERS | {EXECUTIVE, ADMIN, SALES_LEAD}, 50, came)]
