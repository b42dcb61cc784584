"""How the timeline tells the facts of people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.kernel import fields
from accord.kernel.fields import Field
from accord.kernel.ledger import Fact
from accord.rooms.people.models import Contact, Note, Veto
from accord.web.records.timeline import SALES, Book, Entry, Teller

PLAIN = {
    "contact_created": (gettext_lazy("Contact created"), "user-plus"),
    "company_created": (gettext_lazy("Company created"), "building-2"),
    "contact_trashed": (gettext_lazy("Put in the trash"), "trash-2"),
    "contact_restored": (gettext_lazy("Taken back from the trash"), "undo-2"),
    "company_trashed": (gettext_lazy("Put in the trash"), "trash-2"),
    "company_restored": (gettext_lazy("Taken back from the trash"), "undo-2"),
}
HOLDS = {
    "marketing_held": (gettext_lazy("Marketing holds still"), "pause"),
    "hold_lifted": (gettext_lazy("Marketing may write again"), "play"),
}
VETOES = ("marketing_vetoed", "marketing_allowed")
LISTED = 6  # fields named in one line


@dataclass(frozen=True)
class Gathered:
    notes: Mapping[int, Note]
    contacts: Mapping[int, Contact]
    fields: Mapping[str, Mapping[str, Field]]
    vetoes: Mapping[int, Veto]


def gather(facts: Sequence[Fact]) -> Gathered:
    notes = {f.subject_id for f in facts if f.kind == "note_written"}
    others = {f.payload["loser"] for f in facts if "loser" in f.payload} | {
        f.contact_id for f in facts if "loser" in f.payload
    }
    vetoes = {f.subject_id for f in facts if f.kind in VETOES}
    kinds = {f.payload["kind"] for f in facts if f.kind == "values_set"}
    return Gathered(
        Note.objects.in_bulk(notes) if notes else {},
        Contact.objects.in_bulk({c for c in others if c}) if others else {},
        {kind: fields.of(kind) for kind in kinds},
        Veto.objects.in_bulk(vetoes) if vetoes else {},
    )


def tell(fact: Fact, gathered: Gathered, book: Book) -> Entry | None:
    if fact.kind in PLAIN:
        title, icon = PLAIN[fact.kind]
        return Entry(icon, title)
    if fact.kind in HOLDS:
        title, icon = HOLDS[fact.kind]
        return Entry(icon, title, side=SALES)
    if fact.kind in VETOES:
        return _veto(fact, gathered.vetoes.get(fact.subject_id or 0))
    if fact.kind == "values_set":
        return _values(fact, gathered)
    if fact.kind == "note_written":
        return _note(fact, gathered, book)
    return _merge(fact, gathered)


def _veto(fact: Fact, veto: Veto | None) -> Entry | None:
    if veto is None:
        return None
    if fact.kind == "marketing_allowed":
        return Entry("megaphone", _("May be marketed to again"), side=SALES, quote=veto.lifted_because)
    return Entry("megaphone-off", _("Not to be marketed to"), veto.get_reason_display(), SALES, quote=veto.note)


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


PEOPLE = Teller(
    kinds=frozenset({*PLAIN, *HOLDS, *VETOES, "values_set", "note_written", "contacts_merged", "contacts_unmerged"}),
    gather=gather,
    tell=tell,
    lesser=frozenset({"values_set"}),
)
