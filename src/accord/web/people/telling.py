"""How the timeline tells the facts of people, and touches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.kernel import fields
from accord.kernel.fields import Field
from accord.kernel.ledger import Fact
from accord.rooms.capture.models import Touch
from accord.rooms.people.models import Contact, Note
from accord.web.records.timeline import MARKETING, NONE, SALES, Book, Entry, Teller

# Kinds of touch: how they are called, their sign, and whose they are.
TOUCHES = {
    "page": (gettext_lazy("Visited a page"), "globe", MARKETING),
    "screen": (gettext_lazy("Opened a screen"), "smartphone", MARKETING),
    "form": (gettext_lazy("Filled in a form"), "text-cursor-input", MARKETING),
    "download": (gettext_lazy("Downloaded"), "file-down", MARKETING),
    "email_open": (gettext_lazy("Opened an e-mail"), "mail-open", MARKETING),
    "email_click": (gettext_lazy("Followed a link in an e-mail"), "mouse-pointer-click", MARKETING),
    "reply": (gettext_lazy("Answered"), "reply", SALES),
    "call_in": (gettext_lazy("Called us"), "phone-incoming", SALES),
    "call_out": (gettext_lazy("Was called"), "phone-outgoing", SALES),
    "chat": (gettext_lazy("Chatted"), "message-circle", MARKETING),
    "event_signup": (gettext_lazy("Signed up for an event"), "calendar-plus", MARKETING),
    "event_attended": (gettext_lazy("Came to an event"), "calendar-check", MARKETING),
    "meeting": (gettext_lazy("Met"), "handshake", SALES),
    "survey": (gettext_lazy("Answered a survey"), "clipboard-list", MARKETING),
    "unsubscribe": (gettext_lazy("Unsubscribed"), "mail-x", MARKETING),
    "bounce": (gettext_lazy("An e-mail came back"), "mail-warning", MARKETING),
    "verified": (gettext_lazy("Was checked"), "badge-check", SALES),
}
PLAIN = {
    "contact_created": (gettext_lazy("Contact created"), "user-plus"),
    "company_created": (gettext_lazy("Company created"), "building-2"),
    "contact_trashed": (gettext_lazy("Put in the trash"), "trash-2"),
    "contact_restored": (gettext_lazy("Taken back from the trash"), "undo-2"),
    "company_trashed": (gettext_lazy("Put in the trash"), "trash-2"),
    "company_restored": (gettext_lazy("Taken back from the trash"), "undo-2"),
}
LISTED = 6  # fields named in one line


@dataclass(frozen=True)
class Gathered:
    notes: Mapping[int, Note]
    contacts: Mapping[int, Contact]
    fields: Mapping[str, Mapping[str, Field]]


def gather(facts: Sequence[Fact]) -> Gathered:
    notes = {f.subject_id for f in facts if f.kind == "note_written"}
    others = {f.payload["loser"] for f in facts if "loser" in f.payload} | {
        f.contact_id for f in facts if "loser" in f.payload
    }
    kinds = {f.payload["kind"] for f in facts if f.kind == "values_set"}
    return Gathered(
        Note.objects.in_bulk(notes) if notes else {},
        Contact.objects.in_bulk({c for c in others if c}) if others else {},
        {kind: fields.of(kind) for kind in kinds},
    )


def tell(fact: Fact, gathered: Gathered, book: Book) -> Entry | None:
    if fact.kind in PLAIN:
        title, icon = PLAIN[fact.kind]
        return Entry(icon, title)
    if fact.kind == "values_set":
        return _values(fact, gathered)
    if fact.kind == "note_written":
        return _note(fact, gathered, book)
    return _merge(fact, gathered)


def _note(fact: Fact, gathered: Gathered, book: Book) -> Entry | None:
    note = gathered.notes.get(fact.subject_id or 0)
    return Entry("sticky-note", _("Note"), side=book.side_of(fact.by_id), quote=note.text) if note else None


def _values(fact: Fact, gathered: Gathered) -> Entry | None:
    known = gathered.fields[fact.payload["kind"]]
    labels = [str(known[slug].label) for slug in fact.payload["fields"] if slug in known and slug != "trashed"]
    if not labels:
        return None
    more = _(" and %(count)s more") % {"count": len(labels) - LISTED} if len(labels) > LISTED else ""
    return Entry("pencil", _("Changed: %(fields)s") % {"fields": ", ".join(labels[:LISTED]) + more})


def _merge(fact: Fact, gathered: Gathered) -> Entry:
    loser = gathered.contacts.get(fact.payload["loser"])
    title = _("Merged with %(name)s") if fact.kind == "contacts_merged" else _("Un-merged from %(name)s")
    link = reverse("contact", args=[loser.pk]) if loser else ""
    return Entry("merge", title % {"name": loser or "–"}, link=link)


def tell_touch(touch: Touch) -> Entry:
    """A touch: what somebody did, with what, and whether a machine did it in their name."""
    title, icon, side = TOUCHES.get(touch.kind, (touch.kind.replace("_", " ").capitalize(), "circle-dot", MARKETING))
    machine = bool(touch.judged)  # type: ignore[attr-defined]
    properties = touch.properties
    named = [
        touch.asset,
        properties.get("path"),
        properties.get("subject"),
        properties.get("title"),
        touch.campaign,
        touch.channel,
    ]
    detail = " · ".join(dict.fromkeys(str(part) for part in named if part))
    if machine:
        return Entry("bot", title, detail or _("By a machine. Kept, not scored."), NONE, machine=True)
    return Entry(icon, title, detail, side)


PEOPLE = Teller(
    kinds=frozenset({*PLAIN, "values_set", "note_written", "contacts_merged", "contacts_unmerged"}),
    gather=gather,
    tell=tell,
    lesser=frozenset({"values_set"}),
)
