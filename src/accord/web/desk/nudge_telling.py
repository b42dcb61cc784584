"""How the timeline tells what was proposed, and what its owner answered."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from accord.kernel.ledger import Fact
from accord.rooms.desk.fields import DECLINE_NAMES
from accord.rooms.desk.models import Nudge
from accord.web.records.timeline import Book, Entry, Teller

SIGNS = {
    "nudge_proposed": "lightbulb", "nudge_accepted": "check", "nudge_declined": "x", "nudge_withdrawn": "undo-2",
    "nudge_ended": "circle-dashed",
}  # fmt: skip


def gather(facts: Sequence[Fact]) -> Mapping[int, Nudge]:
    return Nudge.objects.in_bulk({fact.subject_id for fact in facts if fact.subject_id})


def tell(fact: Fact, nudges: Mapping[int, Nudge], book: Book) -> Entry | None:
    nudge = nudges.get(fact.subject_id or 0)
    if nudge is None:
        return None
    titles = {
        "nudge_proposed": _("Proposed: %(what)s"),
        "nudge_accepted": _("Accepted what was proposed: %(what)s"),
        "nudge_declined": _("Declined what was proposed: %(what)s"),
        "nudge_withdrawn": _("Withdrew what was proposed: %(what)s"),
        "nudge_ended": _("What was proposed was left unanswered: %(what)s"),
    }
    detail, quote = (nudge.said, "") if fact.kind == "nudge_proposed" else ("", "")
    if fact.kind == "nudge_declined":
        detail, quote = str(DECLINE_NAMES.get(nudge.reason, nudge.reason)), nudge.note
    return Entry(SIGNS[fact.kind], titles[fact.kind] % {"what": nudge}, detail, nudge.side, quote=quote)


NUDGES = Teller(kinds=frozenset(SIGNS), gather=gather, tell=tell)
