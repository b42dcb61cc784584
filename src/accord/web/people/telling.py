"""How the timeline tells the facts of people, and touches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.kernel import fields
from accord.kernel.fields import Field
from accord.kernel.ledger import Fact
from accord.rooms.campaigns.models import Campaign
from accord.rooms.capture.models import Touch
from accord.rooms.content.models import Asset
from accord.rooms.content.named import Named, key_of
from accord.rooms.funnel.checks import KIND, PASSED
from accord.rooms.people.models import Contact, Note
from accord.rooms.team.fields import ROLE_NAMES
from accord.rooms.team.models import Member
from accord.web.records.timeline import MARKETING, NONE, SALES, Book, Entry, Teller, TellTouches

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
ANSWERS = {"yes": gettext_lazy("yes"), "no": gettext_lazy("no"), "open": gettext_lazy("still open")}
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


def touches_told(member: Member) -> TellTouches:
    """What touches say to this member: the content and the campaigns that they name lead to their pages."""

    def tell(touches: Sequence[Touch]) -> dict[int, Entry]:
        assets = _pages(Asset, member, [touch.asset for touch in touches])
        campaigns = _pages(Campaign, member, [touch.campaign for touch in touches])
        return {touch.pk: _touch(touch, assets, campaigns) for touch in touches}

    return tell


def _pages(model: type[Named], member: Member, names: Iterable[str | None]) -> dict[str, str]:
    """The addresses of the records that these names stand for. One query."""
    keys = {name: key_of(name) for name in names if name}
    rows = model.objects.visible_to(member).filter(key__in=set(keys.values())).values_list("key", "pk")
    found = {key: reverse(model.kind, args=[pk]) for key, pk in rows} if keys else {}
    return {name: found[key] for name, key in keys.items() if key in found}


def _touch(touch: Touch, assets: Mapping[str, str], campaigns: Mapping[str, str]) -> Entry:
    """What somebody did, with what, and whether a machine did it in their name."""
    title, icon, side = TOUCHES.get(touch.kind, (touch.kind.replace("_", " ").capitalize(), "circle-dot", MARKETING))
    said = (touch.properties.get(name) for name in ("path", "subject", "title"))
    named = [touch.asset, *said, touch.campaign, touch.channel]
    pages = {touch.campaign: campaigns.get(touch.campaign or ""), touch.asset: assets.get(touch.asset or "")}
    parts = dict.fromkeys(str(part) for part in named if part)
    detail = format_html_join(" · ", "{}", ((_linked(part, pages.get(part)),) for part in parts))
    if touch.kind == KIND:
        return _check(touch)
    if touch.judged:  # type: ignore[attr-defined]
        return Entry("bot", title, detail or _("By a machine. Kept, not scored."), NONE, machine=True)
    return Entry(icon, title, detail, side)


def _check(touch: Touch) -> Entry:
    """Who checked, what came out, and what was noted."""
    passed, by = touch.properties.get("result") == PASSED, str(touch.properties.get("by", ""))
    told = {"role": ROLE_NAMES.get(by, by.replace("_", " "))}
    title = _("Checked by %(role)s: passed") % told if passed else _("Checked by %(role)s: not passed") % told
    answers = touch.properties.get("answers")
    said = answers.items() if isinstance(answers, dict) else ()
    detail = " · ".join(f"{str(name).replace('_', ' ')}: {ANSWERS.get(str(answer), answer)}" for name, answer in said)
    note = touch.properties.get("note")
    return Entry("badge-check" if passed else "badge-x", title, detail, SALES, quote=str(note or ""))


def _linked(text: str, to: str | None) -> str:
    return format_html('<a class="rec" href="{}">{}</a>', to, text) if to else text


PEOPLE = Teller(
    kinds=frozenset({*PLAIN, "values_set", "note_written", "contacts_merged", "contacts_unmerged"}),
    gather=gather,
    tell=tell,
    lesser=frozenset({"values_set"}),
)
