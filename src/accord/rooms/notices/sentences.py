"""Notices in words, for their page and for the digest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accord.rooms.agreement.models import Version
from accord.rooms.agreement.rules import MARKETING, SALES
from accord.rooms.agreement.words import called
from accord.rooms.desk.rules import ACCEPTED
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.fields import reason_name
from accord.rooms.notices import rules
from accord.rooms.notices.models import Notice
from accord.rooms.team.models import SIDES, Member
from accord.rooms.team.rules import MARKETING_LEAD


@dataclass(frozen=True)
class Line:
    """`due_at`: until when it is to be done, None where nothing is left or no time was set."""

    notice: Notice
    words: str
    due_at: datetime | None


def lines(notices: Sequence[Notice], member: Member) -> list[Line]:
    """In words for their member, who reads the name of a lead only where they still may see it. One query."""
    leads = {notice.lead.pk for notice in notices if notice.lead}
    seen = set(Lead.objects.visible_to(member).here().filter(pk__in=leads).values_list("pk", flat=True))
    return [_line(notice, seen, member) for notice in notices]


def _line(notice: Notice, seen: set[int], member: Member) -> Line:
    named: dict[str, Any] = {}
    if lead := notice.lead:
        named["lead"] = (lead.contact.name if lead.pk in seen else "") or _("Lead %(number)s") % {"number": lead.pk}
    words = SAID[notice.kind]() % {**named, **(_signing(notice.version, member) if notice.version else _more(notice))}
    return Line(notice, words, None if notice.settled else _due(notice))  # type: ignore[attr-defined]


def _signing(version: Version, member: Member) -> dict[str, Any]:
    """`side`: the other one of whoever is told."""
    other = SALES if member.role == MARKETING_LEAD else MARKETING
    return {"agreement": version.agreement, "number": version.number, "side": SIDES[other]}


def _due(notice: Notice) -> datetime | None:
    if notice.clock:
        return notice.clock.due_at
    return notice.handoff.due_at if notice.handoff and notice.kind in (rules.OFFERED, rules.PASSED_ON) else None


def _more(notice: Notice) -> dict[str, Any]:
    if notice.clock:
        document = notice.clock.version.document
        promise = called(document, getattr(document.promises, notice.clock.side), notice.clock.promise)
        return {"promise": promise, "member": notice.clock.owner}
    if notice.nudge:
        answer = _("accepted") if notice.nudge.state == ACCEPTED else _("declined")
        asked = {"what": notice.nudge, "member": notice.nudge.by, "who": notice.nudge.answered_by or _("Somebody")}
        return {**asked, "answer": answer}
    return {"reason": reason_name(notice.handoff.reason if notice.handoff else "")}


SAID: Mapping[str, Callable[[], str]] = {
    rules.OFFERED: lambda: _("Offered to you: %(lead)s"),
    rules.PASSED_ON: lambda: _("Passed on to you: %(lead)s"),
    rules.TAKEN_AWAY: lambda: _("Now with somebody else: %(lead)s"),
    rules.RETURNED: lambda: _("Came back from sales: %(lead)s (%(reason)s)"),
    rules.DUE_SOON: lambda: _("Soon due: %(promise)s, %(lead)s"),
    rules.BROKEN: lambda: _("Not kept in time: %(promise)s, %(lead)s"),
    rules.NUDGED: lambda: _("%(member)s proposes: %(what)s, %(lead)s"),
    rules.NUDGE_ANSWERED: lambda: _("%(who)s has %(answer)s: %(what)s, %(lead)s"),
    rules.TO_SIGN: lambda: _("Waits for your signature: %(agreement)s, version %(number)s"),
    rules.SIGNED: lambda: _("Signed for %(side)s: %(agreement)s, version %(number)s"),
    rules.ESCALATED: lambda: _("Escalated to you: %(promise)s, %(lead)s, with %(member)s"),
}
