"""An explanation as its page shows it: lines with bars, touches with their place in the timeline, a tree in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accord.kernel import traits
from accord.kernel.instants import to_micros
from accord.rooms.agreement.document.conditions import OfField
from accord.rooms.agreement.words import Speaker, plain, touch_name
from accord.rooms.capture.models import Touch
from accord.rooms.funnel import rules
from accord.rooms.funnel.whys import Why
from accord.rooms.scoring import saying
from accord.rooms.scoring.explaining import Explanation, Fitting, Given, Part, Ruled
from accord.rooms.scoring.models import ScoreNow
from accord.rooms.scoring.saying import points, tally, whole

TOUCH = 0  # how the timeline's places call a touch


@dataclass(frozen=True)
class Mark:
    """A touch beside the rule that it gave points to. `place` finds it in the timeline."""

    title: str
    detail: str
    given: Given
    points: str
    place: str


@dataclass(frozen=True)
class Line:
    """A rule: `size` of `most` is the length of its bar."""

    label: str
    points: str
    size: float
    minus: bool
    cut: str
    cap: str
    fading: str
    marks: Sequence[Mark] = ()


@dataclass(frozen=True)
class Block:
    """Rules that share a cap."""

    label: str
    points: str
    cap: str
    cut: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Fit:
    label: str
    points: str
    size: float
    minus: bool
    holds: bool
    known: Sequence[tuple[str, str]]  # fields that it asks, and their values


@dataclass(frozen=True)
class Node:
    """A condition in words, with whether it holds and how far it is."""

    text: str
    holds: bool
    tally: str
    joined: str
    parts: Sequence["Node"]


def shown(why: Why, at: datetime) -> dict[str, Any]:
    """All that the panel and the page say of a score. Four queries."""
    speaker, said = saying.speaker_of(why.version), why.explanation
    touches = touches_of(one.touch for one in (*said.touches, *said.unscored))
    blocks = [
        Block(
            speaker.called(_group(why, group.name)) if group.name else "", points(group.points),
            "" if group.cap is None else points(group.cap), _some(group.cut),
            [_line(speaker, ruled, touches) for ruled in group.rules if ruled.touches],
        )
        for group in said.groups
    ]  # fmt: skip
    values = _values(why, at)
    return {
        "why": why, "said": said, "total": whole(said.total), "kept": _kept(said), "fit": points(said.fit),
        "engagement": points(said.engagement), "cut": _some(said.cut), "doubtful": said.doubtful,
        "blocks": [block for block in blocks if block.lines],
        "fits": [_fit(speaker, one, values) for one in said.fitting],
        "idle": [speaker.called(r.rule) for g in said.groups for r in g.rules if not r.touches],
        "unscored": [_mark(one, touches) for one in said.unscored],
        "tree": tree(speaker, said.standing.qualified),
        "missing": saying.missing(speaker, said.standing),
        "waits": why.lead is not None and why.lead.stage in (rules.INQUIRY, rules.ENGAGED),
        "met": _met(why), "since": points(said.standing.total),
        "fit_most": sum(rule.points for rule in why.version.document.scoring.fit if rule.points > 0) or 1,
        "engagement_most": why.version.document.scoring.engagement_cap or max(said.engagement, 100.0),
        "most": max((abs(one.points) for one in _sizes(why)), default=1) or 1,
    }  # fmt: skip


def _kept(said: Explanation) -> dict[str, Any] | None:
    """What lists and the desk show meanwhile, and since when, where it is another number than the one of now."""
    kept = ScoreNow.objects.filter(contact=said.contact).first()
    if kept is None or whole(kept.total) == whole(said.total):
        return None
    return {"total": whole(kept.total), "at": kept.as_of}


def tree(speaker: Speaker, part: Part) -> Node:
    joined = saying.joined(part.condition)
    parts = [tree(speaker, one) for one in part.parts] if joined else []
    return Node(speaker.sentence(part.condition), part.holds, tally(part), joined, parts)


def touches_of(ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """What touches are called, and what they were about. One query."""
    found = Touch.objects.filter(pk__in=set(ids)).values_list("id", "kind", "asset", "campaign", "properties")
    return {pk: _named(*said) for pk, *said in found}


def _named(kind: str, asset: str | None, campaign: str | None, properties: Mapping[str, Any]) -> tuple[str, str]:
    about = [asset, *(properties.get(name) for name in ("path", "subject", "title")), campaign]
    called = touch_name(kind)
    return called[:1].upper() + called[1:], next((str(one) for one in about if one), "")


def _sizes(why: Why) -> Iterable[Ruled | Fitting]:
    yield from (ruled for group in why.explanation.groups for ruled in group.rules)
    yield from why.explanation.fitting


def _group(why: Why, name: str) -> Any:
    return why.version.document.scoring.groups.get(name) or _Called(name)


@dataclass(frozen=True)
class _Called:
    id: str
    label: None = None


def _line(speaker: Speaker, ruled: Ruled, touches: Mapping[int, tuple[str, str]]) -> Line:
    cap = "" if ruled.rule.cap is None else points(ruled.rule.cap)
    marks = [_mark(one, touches) for one in sorted(ruled.touches, key=lambda one: one.at, reverse=True)]
    label, fading = speaker.called(ruled.rule), speaker.fading(ruled.rule)
    return Line(label, points(ruled.points), abs(ruled.points), ruled.points < 0, _some(ruled.cut), cap, fading, marks)


def _mark(one: Given, touches: Mapping[int, tuple[str, str]]) -> Mark:
    title, detail = touches.get(one.touch, ("", ""))
    return Mark(title, detail, one, points(one.points), f"{to_micros(one.at)}.{TOUCH}.{one.touch + 1}")


def _fit(speaker: Speaker, fitting: Fitting, values: Mapping[str, str]) -> Fit:
    asked = dict.fromkeys(one.field for one in _fields(fitting.part))
    known = [_known(speaker, name, values.get(name, "")) for name in asked]
    worth, label = fitting.rule.points, speaker.called(fitting.rule)
    return Fit(label, points(worth), abs(fitting.points), worth < 0, fitting.part.holds, known)


def _known(speaker: Speaker, name: str, value: str) -> tuple[str, str]:
    field = speaker.fields.get(name)
    if field is None:
        return plain(name.partition(".")[2]), value
    return str(field.label), str(field.choices.get(value, value))


def _fields(part: Part) -> Iterable[OfField]:
    if isinstance(part.condition, OfField):
        yield part.condition
    for one in part.parts:
        yield from _fields(one)


def _values(why: Why, at: datetime) -> dict[str, str]:
    """The values that decide, of the contact and of the company it is in."""
    own = traits.known("contact", why.explanation.contact, at, at)
    company = own.get("company")
    of_company = traits.known("company", int(company.number), at, at) if company and company.number else {}
    held = [("contact", own), ("company", of_company)]
    return {f"{kind}.{slug}": trait.text or "" for kind, rows in held for slug, trait in rows.items()}


def _met(why: Why) -> str:
    """By what the lead was qualified."""
    if why.met is None:
        return ""
    version, standing = why.met
    return saying.because(saying.speaker_of(version), standing.qualified.decisive)


def _some(value: float) -> str:
    return points(value) if abs(value) >= 0.05 else ""


__all__ = ["shown", "touches_of", "tree"]
