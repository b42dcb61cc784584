"""Conditions, rules and promises in words of the reader's language. Pure: what fields are called is handed in."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language, gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from accord.kernel import spoken
from accord.kernel.fields import Field
from accord.kernel.text import normalise
from accord.kernel.worktime import TERM
from accord.rooms.agreement.document.conditions import (
    All,
    AnyOf,
    Compared,
    Condition,
    Count,
    InSegment,
    Not,
    OfAsset,
    OfCampaign,
    OfField,
    OfProperty,
    Ready,
    Scalar,
    Score,
    Touches,
    Verified,
)
from accord.rooms.agreement.document.model import Document, EngagementRule, Promise, Share
from accord.rooms.team.fields import ROLE_NAMES

KIND_NAMES = {
    "page": _("page viewed"),
    "screen": _("screen viewed"),
    "form": _("form sent"),
    "download": _("download"),
    "email_open": _("mail opened"),
    "email_click": _("link in a mail followed"),
    "reply": _("reply"),
    "call_in": _("call to us"),
    "call_out": _("call by us"),
    "chat": _("chat"),
    "event_signup": _("sign-up for an event"),
    "event_attended": _("event attended"),
    "meeting": _("meeting"),
    "survey": _("survey answered"),
    "unsubscribe": _("unsubscribing"),
    "bounce": _("mail bounced"),
    "verified": _("check"),
}
OPERATORS = {
    "is": _("%(subject)s is %(value)s"),
    "in": _("%(subject)s is %(value)s"),
    "contains": _("%(subject)s contains %(value)s"),
    "starts_with": _("%(subject)s begins with %(value)s"),
    "at_least": _("%(subject)s is at least %(value)s"),
    "at_most": _("%(subject)s is at most %(value)s"),
}
SCORES = {
    "fit": _("fit score of at least %(points)s"),
    "engagement": _("engagement score of at least %(points)s"),
    "total": _("total score of at least %(points)s"),
}
# What the starter calls its segments, and what reads better whole than as “the … of …”.
SEGMENT_NAMES = {"decides": _("decides"), "worth_a_visit": _("worth a visit")}
SUBJECTS = {"company.employees": _("the number of employees of the company")}
PROPERTIES = {"path": _("the page’s address")}
ALL, ANY = "all", "any"


@dataclass(frozen=True)
class Clause:
    """A condition in words: a sentence, or parts that are joined by all or any."""

    text: str
    condition: Condition
    joined: str = ""
    parts: tuple["Clause", ...] = ()


@dataclass(frozen=True)
class Speaker:
    """Speaks of one document. `fields`: what `contact.title` is called, and what its values are."""

    document: Document
    fields: Mapping[str, Field] = field(default_factory=dict)

    def clause(self, condition: Condition) -> Clause:
        """As a tree, for a page that shows it line by line or says of each part whether it holds."""
        if isinstance(condition, All | AnyOf):
            joined = ALL if isinstance(condition, All) else ANY
            inner = condition.all if isinstance(condition, All) else condition.any
            parts = tuple(map(self.clause, inner))
            if len(parts) == 1:
                return parts[0]
            return Clause(self._joined(joined, parts), condition, joined if parts else "", parts)
        return Clause(self._leaf(condition), condition)

    def sentence(self, condition: Condition) -> str:
        """In one line."""
        return self.clause(condition).text

    def scope(self) -> str:
        """Whom the agreement is about."""
        scope = self.document.scope
        if isinstance(scope, Share):
            return gettext("a random %(share)s of all contacts") % {"share": percent(scope.share)}
        return self.sentence(scope)

    def touches(self, pattern: Touches) -> str:
        """A pattern of touches, such as: page viewed where path begins with /pricing."""
        said = one_of(map(touch_name, pattern.kinds))
        if pattern.where:
            where = both(map(self._where, pattern.where))
            said = gettext("%(touches)s where %(where)s") % {"touches": said, "where": where}
        if pattern.of:
            said = gettext("%(touches)s by anybody of the company") % {"touches": said}
        return said

    def called(self, node: object) -> str:
        """The label of a part in the reader's language, else its id in plain words."""
        label = getattr(node, "label", None) or getattr(node, "task", None)
        if isinstance(label, dict):
            return str(label.get(get_language() or "en") or label.get("en") or next(iter(label.values())))
        return label or plain(str(getattr(node, "id", None) or getattr(node, "kind", None) or ""))

    def fading(self, rule: EngagementRule) -> str:
        """How points of a rule count: once, how fast they fade, and how many at most."""
        said = []
        if rule.once:
            said.append(gettext("once"))
        if rule.half_life_days is not None:
            days = {"days": number(rule.half_life_days)}
            many = math.ceil(rule.half_life_days)
            said.append(ngettext("half after %(days)s day", "half after %(days)s days", many) % days)
        if rule.cap is not None:
            said.append(gettext("at most %(points)s") % {"points": number(rule.cap)})
        return strung(said)

    def promise(self, promise: Promise) -> str:
        """What is owed."""
        told = {
            "count": number(promise.at_least or 0),
            "share": percent(promise.share if promise.share is not None else (promise.at_least or 0)),
            "within": term(promise.within) if promise.within else "–",
            "days": number(promise.window_days or 0),
            "per": str(PERIODS.get(promise.per or "", "")),
        }
        said = str(PROMISES[promise.measure]) % told if promise.measure in PROMISES else self._measured(promise, told)
        if promise.segment:
            said = gettext("%(promise)s, of the segment “%(name)s”") % {
                "promise": said,
                "name": segment(promise.segment),
            }
        return said

    def _measured(self, promise: Promise, told: Mapping[str, str]) -> str:
        """A measure of the house's own."""
        parts = [plain(promise.measure)]
        parts += [told["share"]] if promise.share is not None else []
        parts += [gettext("at least %(points)s") % {"points": told["count"]}] if promise.at_least is not None else []
        parts += [told["within"]] if promise.within else []
        return strung(parts)

    def _joined(self, joined: str, parts: tuple[Clause, ...]) -> str:
        if not parts:
            return gettext("everybody") if joined == ALL else gettext("nobody")
        texts = [f"({part.text})" if part.joined and part.joined != joined else part.text for part in parts]
        return both(texts) if joined == ALL else either(texts)

    def _leaf(self, condition: Condition) -> str:
        if isinstance(condition, OfField):
            asked = self.fields.get(condition.field)
            return compared(self._subject(condition), condition, asked.choices if asked else {})
        if isinstance(condition, Not):
            return gettext("not: %(clause)s") % {"clause": self.sentence(condition.not_)}
        if isinstance(condition, InSegment):
            return gettext("belongs to “%(name)s”") % {"name": segment(condition.segment)}
        if isinstance(condition, Ready):
            indicators = {one.id: one for one in self.document.readiness}
            known = indicators.get(condition.readiness)
            return gettext("shows “%(name)s”") % {"name": self.called(known) if known else plain(condition.readiness)}
        if isinstance(condition, Verified):
            return gettext("was checked by %(who)s and passed") % {"who": who(condition.verified)}
        if isinstance(condition, Score):
            return str(SCORES[condition.score]) % {"points": number(condition.at_least)}
        return self._count(condition)

    def _count(self, count: Condition) -> str:
        if not isinstance(count, Count):
            raise TypeError(count)
        told = {"count": number(count.at_least), "touches": self.touches(count.count)}
        said = gettext("at least %(count)s × %(touches)s") % told
        if count.within_days is not None:
            said = within_days(said, count.within_days)
        if count.distinct is not None:
            name = gettext("day") if count.distinct == "day" else plain(count.distinct)
            said = gettext("%(count)s, each %(name)s counted once") % {"count": said, "name": name}
        return said

    def _subject(self, condition: OfField) -> str:
        if condition.field in SUBJECTS:
            return str(SUBJECTS[condition.field])
        known = self.fields.get(condition.field)
        name = {"field": within(str(known.label) if known else plain(condition.slug))}
        if condition.kind == "company":
            return gettext("the %(field)s of the company") % name
        return gettext("the %(field)s of the contact") % name

    def _where(self, where: OfProperty | OfAsset | OfCampaign) -> str:
        if isinstance(where, OfProperty):
            return compared(str(PROPERTIES.get(where.property, where.property)), where)
        if isinstance(where, OfAsset):
            return compared(gettext("the %(field)s of the asset") % {"field": plain(where.asset)}, where)
        return compared(gettext("the %(field)s of the campaign") % {"field": plain(where.campaign)}, where)


PERIODS = {"week": _("a week"), "month": _("a month"), "quarter": _("a quarter")}
PROMISES = {
    "qualified_leads": _("hands over at least %(count)s qualified leads %(per)s"),
    "acceptance_rate": _("of the leads handed over in %(days)s days, at least %(share)s are accepted"),
    "return_taken_up": _("takes up %(share)s of the returned leads within %(within)s"),
    "feedback_answered": _("answers %(share)s of the feedback within %(within)s"),
    "first_human_contact": _("is in contact with %(share)s of the leads within %(within)s of the hand-off"),
    "attempts": _("makes at least %(count)s attempts on %(share)s of the leads within %(within)s"),
    "verdict": _("gives a verdict on %(share)s of the leads within %(within)s"),
}


def term(text: str) -> str:
    """“4 business hours” in the reader's language; what is no term as it stands."""
    found = TERM.fullmatch(text)
    if not found:
        return text
    count, business, unit = int(found[1]), bool(found[2]), found[3]
    said = {
        (True, "minute"): ngettext("%(count)d working minute", "%(count)d working minutes", count),
        (True, "hour"): ngettext("%(count)d working hour", "%(count)d working hours", count),
        (True, "day"): ngettext("%(count)d working day", "%(count)d working days", count),
        (True, "week"): ngettext("%(count)d working week", "%(count)d working weeks", count),
        (False, "minute"): ngettext("%(count)d minute", "%(count)d minutes", count),
        (False, "hour"): ngettext("%(count)d hour", "%(count)d hours", count),
        (False, "day"): ngettext("%(count)d day", "%(count)d days", count),
        (False, "week"): ngettext("%(count)d week", "%(count)d weeks", count),
    }
    return said[business, unit] % {"count": count}


def compared(subject: str, comparison: Compared, names: Mapping[str, object] = MappingProxyType({})) -> str:
    """A subject and the one operator with its value, by its name where whole values have names."""
    if comparison.operator == "known":
        known = gettext("%(subject)s is known") if comparison.value else gettext("%(subject)s is unknown")
        return known % {"subject": subject}
    values = comparison.value if comparison.operator == "in" else (comparison.value,)
    if comparison.operator in ("is", "in"):
        values = [str(names.get(normalise(one), one)) if isinstance(one, str) else one for one in values]
    said = one_of(map(value, values))
    return str(OPERATORS[comparison.operator]) % {"subject": subject, "value": said}


def within_days(said: str, days: float) -> str:
    words = ngettext("%(count)s within %(days)s day", "%(count)s within %(days)s days", math.ceil(days))
    return words % {"count": said, "days": number(days)}


def touch_name(kind: str) -> str:
    """What a touch of the kind is called; one of the house's own by its key."""
    return str(KIND_NAMES.get(kind) or plain(kind))


def segment(name: str) -> str:
    """One of the starter in the reader's language, else as the house wrote it."""
    return str(SEGMENT_NAMES.get(name) or plain(name))


def value(given: Scalar) -> str:
    if isinstance(given, bool):
        return gettext("yes") if given else gettext("no")
    return number(given) if isinstance(given, int | float) else pgettext("quoted", "“%(text)s”") % {"text": given}


def who(name: str) -> str:
    """A role by its name, else a team or a member by the slug."""
    sides = {"marketing": gettext("Marketing"), "sales": gettext("Sales")}
    return sides.get(name) or str(ROLE_NAMES.get(name) or plain(name))


def within(label: str) -> str:
    """A label in the middle of a sentence: without its capital, unless it is an abbreviation."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def called(document: Document, nodes: Iterable[object], id: str) -> str:
    """What the part of that id is called, out of some parts of a document; one that it has not by its id."""
    found = next((node for node in nodes if getattr(node, "id", None) == id), None)
    return Speaker(document).called(found) if found else plain(id)


def plain(name: str) -> str:
    return name.replace("_", " ")


def number(given: float) -> str:
    return str(format_decimal(given, locale=spoken.locale()))


def percent(share: float) -> str:
    return str(format_percent(share, format="#,##0.# %", locale=spoken.locale()))


def listed(texts: Iterable[object]) -> str:
    """Names in a row: A, B and C."""
    return str(format_list([str(text) for text in texts], locale=spoken.locale()))


def strung(texts: Iterable[object]) -> str:
    """One after the other, without a last “and”: 20 points, half after 14 days, at most 40."""
    return pgettext("between parts of a list", ", ").join(map(str, texts))


def one_of(texts: Iterable[object]) -> str:
    """Names in a row of which any will do: A, B or C."""
    return str(format_list([str(text) for text in texts], style="or", locale=spoken.locale()))


def both(texts: Iterable[object]) -> str:
    return pgettext("between conditions", " and ").join(map(str, texts))


def either(texts: Iterable[object]) -> str:
    return pgettext("between conditions", " or ").join(map(str, texts))
