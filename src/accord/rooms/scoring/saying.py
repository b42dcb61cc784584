"""What an explanation says, in words of the reader's language."""

import math
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accord.kernel import fields
from accord.rooms.agreement.document.conditions import All, AnyOf, Condition, Count, Score, Verified
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.words import Speaker, both, number, who, within_days
from accord.rooms.scoring.explaining import Part, Standing


def speaker_of(version: Version) -> Speaker:
    """Speaks of the document with the names that fields have in this house."""
    known = [field for kind in ("contact", "company") for field in fields.of(kind).values()]
    return Speaker(version.document, {field.name: field for field in known})


def joined(condition: Condition) -> str:
    """Whether all or any of the parts have to hold; empty for a condition without parts."""
    return "all" if isinstance(condition, All) else "any" if isinstance(condition, AnyOf) else ""


def points(value: float) -> str:
    """Whole points where they are whole, else one decimal."""
    return number(round(value, 1) + 0.0)


def whole(total: float) -> str:
    """A total as every page shows it; its parts have a decimal where they need one."""
    return number(round(total))


def tally(part: Part) -> str:
    """How far a condition is that counts or scores: 3 of 5."""
    if part.have is None or part.need is None:
        return ""
    return _("%(have)s of %(need)s") % {"have": points(part.have), "need": points(part.need)}


def lacking(speaker: Speaker, part: Part) -> str:
    """What a leaf lacks that does not hold."""
    condition = part.condition
    if isinstance(condition, Score):
        return _short(condition.score, (part.need or 0) - (part.have or 0))
    if isinstance(condition, Verified):
        return _("a passed check by %(who)s") % {"who": who(condition.verified)}
    if isinstance(condition, Count):
        return _counted(speaker, part, condition)
    return speaker.sentence(condition)


def _counted(speaker: Speaker, part: Part, count: Count) -> str:
    told = {"tally": tally(part), "touches": speaker.touches(count.count)}
    said = _("%(tally)s × %(touches)s") % told
    if count.within_days is not None:
        said = within_days(said, count.within_days)
    return said


def _short(which: str, short: float) -> str:
    short = math.ceil(round(short * 10, 6)) / 10  # whoever lacks a little does not lack nothing
    told, count = {"points": points(short)}, 1 if short == 1 else 2
    if which == "fit":
        return ngettext("%(points)s point of fit", "%(points)s points of fit", count) % told
    if which == "engagement":
        return ngettext("%(points)s point of engagement", "%(points)s points of engagement", count) % told
    return ngettext("%(points)s point of the total", "%(points)s points of the total", count) % told


def missing(speaker: Speaker, standing: Standing) -> str:
    """What is missing to qualify, in one line: of several ways the one that lacks least."""
    if standing.qualified.holds and standing.base and not standing.fresh:
        return _("something new since the return")
    return both(lacking(speaker, part) for part in standing.qualified.lacking)


def because(speaker: Speaker, parts: Sequence[Part]) -> str:
    """By what a definition holds, in one line."""
    return both(speaker.sentence(part.condition) for part in parts)


def lacks(words: str) -> str:
    return _("Missing: %(what)s") % {"what": words} if words else ""
