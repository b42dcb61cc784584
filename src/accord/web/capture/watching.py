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
from accord.rooms.capture.reasons import REASONS

SHOWN = 50
WAITING, TAKEN, DROPPED = "waiting", "taken", "dropped"
WORDS = {
    WAITING: _("Waiting"),
    TAKEN: _("Taken in"),
    REPEATED: _("Repeated"),
    REJECTED: _("Rejected"),
    DROPPED: _("Dropped"),
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
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        event = {}
    if not isinstance(event, dict):
        event = {}
    who = event.get("userId") or event.get("anonymousId") or ""
    name = event.get("event") or event.get("name") or event.get("groupId") or event.get("previousId") or ""
    return str(event.get("type") or ""), str(name), str(who)
