"""What reasons, promises and hand-offs are called."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language, gettext_lazy

from accord.rooms.agreement.models import Version
from accord.rooms.agreement.words import plain
from accord.rooms.handoff.fields import REASON_NAMES
from accord.rooms.handoff.models import Handoff
from accord.rooms.promises.models import Clock

DOUBTS = {
    "machine": gettext_lazy("Touches that it rested on have proved machine-made."),
    "elsewhere": gettext_lazy("Touches that it rested on have proved somebody else's."),
    "retracted": gettext_lazy("Touches that it rested on were taken back."),
}


def reason(said: str) -> str:
    return str(REASON_NAMES.get(said) or plain(said))


def kind(handoff: Handoff) -> str:
    return _labelled(handoff.version, handoff.version.document.handoffs, handoff.kind)


def promise(clock: Clock) -> str:
    return _labelled(clock.version, getattr(clock.version.document.promises, clock.side), clock.promise)


def quoted(text: str) -> str:
    return f"“{text}”"


def _labelled(version: Version, nodes: Iterable[Any], id: str) -> str:
    found = next((node for node in nodes if node.id == id), None)
    return version.document.label_of(found, get_language() or "en") if found else plain(id)
