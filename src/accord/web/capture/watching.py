"""The last events of a source, each with what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accord.kernel.instants import from_micros
from accord.rooms.capture.inbox.store import ACCEPTED, REJECTED, REPEATED
from accord.rooms.capture.models import DroppedEvent, InboxMark
from accord.rooms.capture.queries import looking

SHOWN = 50
WAITING, TAKEN, DROPPED = "waiting", "taken", "dropped"
WORDS = {
    WAITING: _("Waiting"),
    TAKEN: _("Taken in"),
    REPEATED: _("Repeated"),
    REJECTED: _("Rejected"),
    DROPPED: _("Dropped"),
}
REASONS: dict[str, str | Promise] = {
    "not_an_object": _("An event is a JSON object."),
    "too_large": _("An event has at most 32 KB."),
    "wrong_type": _("The type is identify, track, page, screen, group or alias."),
    "wrong_field": _("An id is a text or a whole number; traits and context are objects."),
    "id_too_long": _("An id has at most 255 characters."),
    "nobody": _("An event needs userId, anonymousId, or traits.email."),
    "no_event_name": _("A track needs the name of the event, with a letter or a digit in it."),
    "no_group": _("A group needs groupId."),
    "no_previous": _("An alias needs previousId and userId."),
    "unreadable": _("A part of it cannot be read, or has another shape than the tracking format says."),
    "undigestible": _("Something went wrong while it was taken in: see the log of the worker."),
}


@dataclass(frozen=True)
class Shown:
    at: datetime
    outcome: str
    type: str
    name: str
    who: str
    why: str | Promise
    raw: str

    @property
    def word(self) -> Promise:
        return WORDS[self.outcome]


def events_of(key: int) -> list[Shown]:
    with looking() as inbox:
        seen, taken = inbox.seen(key, SHOWN), InboxMark.taken_of(inbox.epoch)
    dropped = dict(DroppedEvent.objects.filter(api_key=key).order_by("-id").values_list("raw", "reason")[:SHOWN])
    shown = []
    for one in seen:
        raw, outcome, reason = one.event.decode("utf-8", "replace"), one.outcome, one.reason
        if outcome == ACCEPTED:
            reason = dropped.get(raw, "")
            outcome = DROPPED if reason else TAKEN if one.row <= taken else WAITING
        shown.append(Shown(from_micros(one.received_at), outcome, *_described(raw), REASONS.get(reason, reason), raw))
    return shown


def _described(raw: str) -> tuple[str, str, str]:
    """Type, name and person of an event, as far as it can be read."""
    try:
        event: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError):
        event = {}
    if not isinstance(event, dict):
        event = {}
    who = event.get("userId") or event.get("anonymousId") or ""
    name = event.get("event") or event.get("name") or event.get("groupId") or event.get("previousId") or ""
    return str(event.get("type") or ""), str(name), str(who)
