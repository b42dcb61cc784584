"""Why a contact has its score, for programs."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ninja import Router, Schema

from accord.api.auth import CallerRequest, needs, one
from accord.api.contacts import contacts_of
from accord.api.errors import answers
from accord.api.wire import RecordId
from accord.rooms.agreement.words import Speaker
from accord.rooms.funnel import whys
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.whys import Why
from accord.rooms.scoring import saying
from accord.rooms.scoring.explaining import Explanation, Given, Part

router = Router(tags=["scores"])


class TouchGiven(Schema):
    touch: int
    occurred_at: datetime
    points: float
    own: bool
    doubtful: bool
    half_at: datetime | None
    under_one_at: datetime | None


class RuleOut(Schema):
    id: str
    group: str | None
    points: float
    cut: float
    touches: list[TouchGiven]


class GroupOut(Schema):
    name: str
    points: float
    cap: float | None
    cut: float


class FitOut(Schema):
    id: str
    points: float
    holds: bool


class ConditionOut(Schema):
    """`have` of `need`: what is counted or scored. `all` or `any` of the parts have to hold."""

    text: str
    holds: bool
    have: float | None
    need: float | None
    joined: str | None
    parts: list["ConditionOut"]


class VersionOut(Schema):
    id: int
    agreement: str
    number: int
    signed: bool


class ScoreOut(Schema):
    """By the version that judges the contact now. Without one, before any agreement, everything else is empty."""

    contact: int
    at: datetime
    version: VersionOut | None
    fit: float | None
    engagement: float | None
    total: float | None
    grade: str | None
    qualified_at: datetime | None
    base: datetime | None
    total_since_base: float | None
    missing: str
    doubtful_share: float | None
    fit_rules: list[FitOut]
    engagement_rules: list[RuleOut]
    groups: list[GroupOut]
    not_counted: list[TouchGiven]
    definition: ConditionOut | None


@router.get("/{contact_id}/score", auth=needs("see_records"), response=answers(ScoreOut), url_name="contact_score")
def see_score(request: CallerRequest, contact_id: RecordId) -> Any:
    """Why a contact has its score: points by rule and touch, when they fade, and what is missing to qualify."""
    contact = one(contacts_of(request.auth), contact_id)
    lead = Lead.objects.open().filter(contact=contact).first()
    why = whys.why(contact, lead, request.now)
    return _shown(why) if why else _nothing(contact.pk, request.now)


def _nothing(contact: int, at: datetime) -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(ScoreOut.model_fields)
    lists: dict[str, Any] = {name: [] for name in ("fit_rules", "engagement_rules", "groups", "not_counted")}
    return empty | lists | {"contact": contact, "at": at, "missing": ""}


def _shown(why: Why) -> dict[str, Any]:
    said, version, speaker = why.explanation, why.version, saying.speaker_of(why.version)
    standing, held = said.standing, why.qualification
    return {
        "contact": said.contact, "at": said.at,
        "version": {
            "id": version.pk, "agreement": str(version.agreement), "number": version.number,
            "signed": not version.starter,
        },
        "fit": said.fit, "engagement": said.engagement, "total": said.total, "grade": said.grade,
        "qualified_at": held.at if held else None, "base": standing.base,
        "total_since_base": standing.total if standing.base else None,
        "missing": "" if held else saying.missing(speaker, standing),
        "doubtful_share": said.doubtful,
        "fit_rules": [{"id": f.rule.id, "points": f.points, "holds": f.part.holds} for f in said.fitting],
        "engagement_rules": list(_rules(said)),
        "groups": [{"name": g.name, "points": g.points, "cap": g.cap, "cut": g.cut} for g in said.groups if g.name],
        "not_counted": [_given(one) for one in said.unscored],
        "definition": _condition(speaker, standing.qualified),
    }  # fmt: skip


def _rules(said: Explanation) -> Iterator[dict[str, Any]]:
    for group in said.groups:
        for ruled in group.rules:
            touches = [_given(one) for one in ruled.touches]
            shown = {"id": ruled.rule.id, "group": ruled.rule.group, "points": ruled.points, "cut": ruled.cut}
            yield {**shown, "touches": touches}


def _given(given: Given) -> dict[str, Any]:
    return {
        "touch": given.touch, "occurred_at": given.at, "points": given.points, "own": given.own,
        "doubtful": given.doubtful, "half_at": given.half_at, "under_one_at": given.faded_at,
    }  # fmt: skip


def _condition(speaker: Speaker, part: Part) -> dict[str, Any]:
    joined = saying.joined(part.condition)
    return {
        "text": speaker.sentence(part.condition), "holds": part.holds, "have": part.have, "need": part.need,
        "joined": joined or None, "parts": [_condition(speaker, one) for one in part.parts] if joined else [],
    }  # fmt: skip
