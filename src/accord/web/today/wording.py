"""What promises and hand-offs are called, and what makes a qualification doubtful."""

from django.utils.translation import gettext_lazy

from accord.rooms.agreement.words import called
from accord.rooms.handoff.models import Handoff
from accord.rooms.promises.models import Clock

DOUBTS = {
    "machine": gettext_lazy("Touches that it rested on have proved machine-made."),
    "elsewhere": gettext_lazy("Touches that it rested on have proved somebody else's."),
    "retracted": gettext_lazy("Touches that it rested on were taken back."),
}


def kind(handoff: Handoff) -> str:
    document = handoff.version.document
    return called(document, document.handoffs, handoff.kind)


def promise(clock: Clock) -> str:
    document = clock.version.document
    return called(document, getattr(document.promises, clock.side), clock.promise)


def quoted(text: str) -> str:
    return f"“{text}”"
