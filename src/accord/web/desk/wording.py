"""Why somebody stands where they stand in the queue, and why a member got a lead: in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accord.rooms.agreement.models import Version
from accord.rooms.agreement.words import called, listed, plain
from accord.rooms.desk import mailing, rules
from accord.rooms.desk.fields import DECLINE_NAMES
from accord.rooms.desk.models import AnsweredAlready, NotTheirs, Nudge, Stands
from accord.rooms.desk.nudging import ENDED, NOBODYS, NOT_RETURNABLE, OWN, STANDS, Proposed
from accord.rooms.desk.queue import Item
from accord.rooms.handoff.fields import REASON_NAMES, TRACK_NAMES, reason_name
from accord.rooms.handoff.models import Choice, Handoff, HasOpenDeal
from accord.rooms.handoff.recycling import reasons
from accord.rooms.handoff.rules import ABSENT, AWAY, BY_HAND, FIRST, FULL, HAD_IT, NO_SHARE, OFF, RETURNED, TAKEN_BACK
from accord.rooms.people.models import Contact
from accord.rooms.people.rules import BOUNCED, COMPLAINED, MERGED, TRASHED
from accord.rooms.promises import queries as promises
from accord.rooms.team.fields import ROLE_NAMES
from accord.rooms.team.models import Member, Team
from accord.web.records.clocks import OVER, Chip
from accord.web.shell import wording

LEFT_OUT_NAMES = {
    ENDED: gettext_lazy("%(number)s ended"),
    NOBODYS: gettext_lazy("%(number)s without an owner"),
    OWN: gettext_lazy("%(number)s of your own"),
    STANDS: gettext_lazy("%(number)s proposed already"),
    NOT_RETURNABLE: gettext_lazy("%(number)s not to be returned from where they stand"),
}
GROUP_NAMES = {
    rules.CLOCK: (gettext_lazy("Clocks running"), gettext_lazy("by time left")),
    rules.TODAY: (gettext_lazy("Promised for today"), gettext_lazy("by time")),
    rules.NEW: (gettext_lazy("New"), gettext_lazy("by grade")),
    rules.IDLE: (gettext_lazy("Without a next step"), gettext_lazy("longest first")),
}
OUT_NAMES = {
    AWAY: gettext_lazy("away"),
    FULL: gettext_lazy("has as much as they take"),
    HAD_IT: gettext_lazy("had it before"),
    OFF: gettext_lazy("was not at work"),
    NO_SHARE: gettext_lazy("takes no share"),
}
CHOSEN = {
    FIRST: gettext_lazy("given when it was handed over"),
    ABSENT: gettext_lazy("passed on, because its owner was away"),
    TAKEN_BACK: gettext_lazy("taken back and passed on"),
    BY_HAND: gettext_lazy("given by hand"),
}
STATE_NAMES = {
    "waiting": gettext_lazy("Waits for its day"),
    "offered": gettext_lazy("Offered"),
    "accepted": gettext_lazy("Accepted"),
    "returned": gettext_lazy("Returned"),
    "ended": gettext_lazy("Ended without an answer"),
}


HINDRANCES = {
    "": gettext_lazy("This house has no mail server yet: no mail can be sent from here. An admin sets one up."),
    mailing.NO_ADDRESS: gettext_lazy("No e-mail address of %(name)s is known."),
    mailing.BAD_ADDRESS: gettext_lazy("“%(address)s” can be no e-mail address of %(name)s."),
    BOUNCED: gettext_lazy("Mail to %(address)s came back for good: no further one is sent. Ask for another address."),
    COMPLAINED: gettext_lazy("%(name)s has reported our mail: no further one is sent. Call instead."),
    TRASHED: gettext_lazy("%(name)s is in the trash by now. Nothing was sent."),
    MERGED: gettext_lazy("%(name)s was merged with somebody else. Write to them from there."),
}


def hindrance(why: str, contact: Contact) -> str:
    """Why somebody cannot be written to; an empty word: the house cannot write at all."""
    return str(HINDRANCES[why]) % {"name": contact, "address": contact.email}


def because(item: Item, chip: Chip | None, now: datetime, owed: Mapping[int, str]) -> str:
    """Why the item stands where it stands. `owed`: what is promised next of each hand-off."""
    waits = item.waits
    if waits.owed_at and chip and item.handoff:
        first = _("First contact") if waits.offered_at else _("Promised")
        said = {"promise": owed.get(item.handoff.pk, first), "time": chip.words}
        return _("%(promise)s: %(time)s") % said if chip.state == OVER else _("Due: %(promise)s, %(time)s") % said
    if item.task and item.task.kind == rules.UNDELIVERED:
        return _("A mail did not arrive: %(subject)s") % {"subject": item.task.what}
    if waits.task_at:
        said = {"time": wording.short(waits.task_at, now)}
        return _("Was promised for %(time)s") % said if waits.task_at < now else _("Promised for today %(time)s") % said
    if waits.offered_at:
        said = {"time": wording.short(waits.offered_at, now), "grade": waits.grade}
        return _("New since %(time)s, grade %(grade)s") % said if waits.grade else _("New since %(time)s") % said
    return _("No next step, here since %(time)s") % {"time": wording.short(waits.since, now) if waits.since else "–"}


def owed(handoffs: Iterable[int]) -> dict[int, str]:
    """What is promised next of each hand-off, as its agreement calls it. Two queries."""
    going = promises.owed(handoffs)
    versions = Version.objects.in_bulk({clock.version_id for clock in going.values()})
    terms = {(clock.version_id, clock.side, clock.promise) for clock in going.values()}
    documents = {pk: version.document for pk, version in versions.items()}
    labels = {
        (pk, side, promise): called(documents[pk], getattr(documents[pk].promises, side), promise)
        for pk, side, promise in terms
    }
    return {pk: labels[clock.version_id, clock.side, clock.promise] for pk, clock in going.items()}


def kind(handoff: Handoff) -> str:
    return called(handoff.version.document, handoff.version.document.handoffs, handoff.kind)


def stands(handoff: Handoff) -> Any:
    if handoff.reason and handoff.state != RETURNED:
        return _("Accepted, then returned")
    return STATE_NAMES[handoff.state]


def track(name: str) -> str:
    return str(TRACK_NAMES.get(name, name))


def reason_choices(handoff: Handoff) -> list[tuple[str, str]]:
    """Those of the agreement first, with what becomes of the lead."""
    known = handoff.version.document.recycling
    named = [(one.reason, f"{reason_name(one.reason)} ({track(one.track)})") for one in known]
    own = reasons(handoff.version.document)
    return [*named, *((one, reason_name(one)) for one in REASON_NAMES if one not in own)]


@dataclass(frozen=True)
class WhyMe:
    """`line`: whose turn was asked. `others`: member, share, and why not; whoever got it is marked."""

    how: str
    line: str
    rule: str
    others: list[tuple[str, int, str, bool]]


def why_me(choice: Choice, version: Version, members: Mapping[int, Member], teams: Mapping[str, Team]) -> WhyMe:
    others = [
        (str(members.get(member, "–")), share, str(OUT_NAMES.get(out, out)), member == choice.owner_id)
        for member, share, _turn, out in choice.candidates
    ]
    rule = called(version.document, version.document.routing, choice.rule) if choice.rule else ""
    return WhyMe(str(CHOSEN.get(choice.why, choice.why)), _line(choice.line, teams), rule, others)


def _line(line: str, teams: Mapping[str, Team]) -> str:
    sort, _colon, name = line.partition(":")
    if sort == "team":
        return str(teams.get(name, plain(name)))
    return str(ROLE_NAMES.get(name, plain(name)))


def nudge_state(nudge: Nudge) -> str:
    """What became of what was proposed."""
    said = {"member": nudge.answered_by or _("Somebody"), "reason": DECLINE_NAMES.get(nudge.reason, nudge.reason)}
    states = {
        rules.ACCEPTED: _("%(member)s accepted it."),
        rules.DECLINED: _("%(member)s declined it: %(reason)s."),
        rules.WITHDRAWN: _("%(member)s withdrew it."),
        rules.ENDED: _("The lead went on before anybody answered."),
    }
    return states[nudge.state] % said


def proposed(found: Proposed) -> str:
    """For how many leads it was proposed, and for how many not, by why."""
    made = ngettext(
        "Proposed for %(number)s lead: its owner is told.",
        "Proposed for %(number)s leads: their owners are told.",
        len(found.made),
    ) % {"number": wording.number(len(found.made))}
    said = [made if found.made else _("Nothing was proposed.")]
    left = [LEFT_OUT_NAMES[why] % {"number": wording.number(many)} for why, many in found.left_out.most_common()]
    if left:
        said.append(_("Left out: %(leads)s.") % {"leads": listed(left)})
    return " ".join(said)


def not_nudged(why: Exception) -> str:
    """Why nothing was proposed or answered."""
    if isinstance(why, NotTheirs):
        owner = why.args[0]
        if owner is None:
            return _("Nobody answers for it: see that somebody does.")
        return _("%(member)s answers for it: say it to them, or see who does.") % {"member": owner}
    if isinstance(why, Stands):
        first = {"member": why.args[0].by, "what": why.args[0], "said": why.args[0].said}
        return _("%(member)s was first: “%(what)s, %(said)s” waits for its answer.") % first
    if isinstance(why, AnsweredAlready):
        return _("%(member)s was first.") % {"member": why.who or _("Somebody")}
    if isinstance(why, HasOpenDeal):
        return _("It has an open deal: win or lose that first.")
    return _("It cannot be returned from where it stands, or the agreement knows no return of it.")
