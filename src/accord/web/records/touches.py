"""How touches are told: what somebody did, with what, whether a machine did it, and what we noted of a conversation."""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import BooleanField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.kernel import traits
from accord.kernel.ledger import Fact
from accord.kernel.mail.models import FAILED, QUEUED, SENDING, SENT, Mail
from accord.rooms.campaigns.models import Campaign
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.content.models import Asset
from accord.rooms.content.named import Named, key_of
from accord.rooms.desk.fields import OUTCOME_NAMES
from accord.rooms.desk.rules import BOOKED
from accord.rooms.funnel.checks import KIND, PASSED
from accord.rooms.team.fields import ROLE_NAMES
from accord.rooms.team.models import Member
from accord.web.records.timeline import BETWEEN, MARKETING, NONE, SALES, TOUCHES, Entry, Source

# Kinds of touch: how they are called, their sign, and whose they are.
KINDS = {
    "page": (gettext_lazy("Visited a page"), "globe", MARKETING),
    "screen": (gettext_lazy("Opened a screen"), "smartphone", MARKETING),
    "form": (gettext_lazy("Filled in a form"), "text-cursor-input", MARKETING),
    "download": (gettext_lazy("Downloaded"), "file-down", MARKETING),
    "email_open": (gettext_lazy("Opened an e-mail"), "mail-open", MARKETING),
    "email_click": (gettext_lazy("Followed a link in an e-mail"), "mouse-pointer-click", MARKETING),
    "email_out": (gettext_lazy("Was written to"), "mail", SALES),
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
STATES = {
    QUEUED: gettext_lazy("waits to be sent"),
    SENDING: gettext_lazy("is being sent"),
    SENT: gettext_lazy("sent"),
    FAILED: gettext_lazy("did not arrive"),
}
ANSWERS = {"yes": gettext_lazy("yes"), "no": gettext_lazy("no"), "open": gettext_lazy("still open")}


def kind_name(kind: str) -> str | Promise:
    return KINDS[kind][0] if kind in KINDS else kind.replace("_", " ").capitalize()


def source(touches: QuerySet[Touch], member: Member) -> Source:
    """What these touches say to this member: the content and the campaigns that they name lead to their pages."""

    def tell(touches: Sequence[Touch]) -> dict[int, Entry]:
        assets = _pages(Asset, member, [touch.asset for touch in touches])
        campaigns = _pages(Campaign, member, [touch.campaign for touch in touches])
        spoke = _spoken(touches)
        members = Member.objects.in_bulk(set(spoke.values())) if spoke else {}
        written = {pk for touch in touches if isinstance(pk := touch.properties.get("mail"), int) and touch.pk in spoke}
        mails = Mail.objects.in_bulk(written) if written else {}
        return {
            touch.pk: _logged(touch, members.get(spoke[touch.pk]), mails.get(touch.properties.get("mail")))
            if touch.pk in spoke
            else _touch(touch, assets, campaigns)
            for touch in touches
        }

    return Source(TOUCHES, _judged(touches), tell)


def _judged(touches: QuerySet[Touch]) -> QuerySet[Touch]:
    """Those of these touches that stand, each with what it is judged to be now."""
    verdicts = traits.standing(Verdict.objects.filter(touch=OuterRef("pk"))).order_by("-recorded_at", "-id")
    made_by = Coalesce(Subquery(verdicts.values("machine")[:1]), "machine", output_field=BooleanField())
    return traits.standing(touches).annotate(judged=made_by)


def _spoken(touches: Sequence[Touch]) -> dict[int, int]:
    """The members who logged touches on the desk. What came from outside may say anything of itself, and is not asked.

    One query, where any of them says so.
    """
    said = [touch for touch in touches if "member" in touch.properties and "outcome" in touch.properties]
    facts = Fact.objects.filter(pk__in={touch.fact_id for touch in said}, kind="touch_logged")
    ours = set(facts.values_list("pk", flat=True)) if said else set()
    return {touch.pk: touch.properties["member"] for touch in said if touch.fact_id in ours}


def _logged(touch: Touch, by: Member | None, mail: Mail | None) -> Entry:
    """What came of a call, a mail or a meeting, who it was, and what was noted; of a mail its subject and its way."""
    title, icon, side = KINDS.get(touch.kind, (touch.kind, "circle-dot", SALES))
    outcome = OUTCOME_NAMES[touch.properties["outcome"]]
    said = (mail.subject, STATES[mail.state], mail.error, by) if mail else (outcome, by)
    detail = BETWEEN.join(str(part) for part in said if part)
    return Entry(icon, title, detail, side, quote=str(touch.properties.get("note") or ""))


def _pages(model: type[Named], member: Member, names: Iterable[str | None]) -> dict[str, str]:
    """The addresses of the records that these names stand for. One query."""
    keys = {name: key_of(name) for name in names if name}
    rows = model.objects.visible_to(member).filter(key__in=set(keys.values())).values_list("key", "pk")
    found = {key: reverse(model.kind, args=[pk]) for key, pk in rows} if keys else {}
    return {name: found[key] for name, key in keys.items() if key in found}


def _touch(touch: Touch, assets: Mapping[str, str], campaigns: Mapping[str, str]) -> Entry:
    """What somebody did, with what, and whether a machine did it in their name."""
    title, icon, side = KINDS.get(touch.kind, (kind_name(touch.kind), "circle-dot", MARKETING))
    said = (touch.properties.get(name) for name in ("path", "subject", "title"))
    named = [touch.asset, *said, touch.campaign, touch.channel]
    pages = {touch.campaign: campaigns.get(touch.campaign or ""), touch.asset: assets.get(touch.asset or "")}
    parts = dict.fromkeys(str(part) for part in named if part)
    detail = format_html_join(BETWEEN, "{}", ((_linked(part, pages.get(part)),) for part in parts))
    if touch.kind == KIND:
        return _check(touch)
    if touch.properties.get("outcome") == BOOKED:
        quote = str(touch.properties.get("note") or "")
        return Entry("calendar-check", _("They booked a meeting"), side=MARKETING, quote=quote)
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
    detail = BETWEEN.join(f"{str(name).replace('_', ' ')}: {ANSWERS.get(str(answer), answer)}" for name, answer in said)
    note = touch.properties.get("note")
    return Entry("badge-check" if passed else "badge-x", title, detail, SALES, quote=str(note or ""))


def _linked(text: str, to: str | None) -> str:
    return format_html('<a class="rec" href="{}">{}</a>', to, text) if to else text
