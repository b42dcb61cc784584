"""The agreement as it reads: what is in force, its versions, and what is proposed beside it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from accord.rooms.agreement import queries, rules
from accord.rooms.agreement.models import Agreement, Version
from accord.rooms.scoring.saying import speaker_of
from accord.rooms.team.models import SIDES, House
from accord.web.agreement.articles import articles
from accord.web.agreement.comparing import changed
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest, needs, visible_or_404


@needs("see_agreement")
@require_GET
def agreement(request: MemberRequest) -> HttpResponse:
    """What is in force, of the agreement that is asked for or of the first in rank; else what is open."""
    ranked = list(Agreement.objects.visible_to(request.user).ranked())
    standing = queries.standing(request.now)
    asked = request.GET.get("agreement", "")
    chosen = next((one for one in ranked if asked == str(one.pk)), None)
    first = [one.agreement for one in standing] + ranked
    chosen = chosen or (first[0] if first else None)
    shown = _read_first(chosen, standing) if chosen else None
    if shown is None:
        return render(request, "agreement/nothing.html", {"may_edit": request.user.may("edit_agreement")})
    return render(request, "agreement/contract.html", _contract(request, shown, standing, ranked))


def _read_first(chosen: Agreement, standing: list[Version]) -> Version | None:
    held = next((one for one in standing if one.agreement_id == chosen.pk), None)
    return held or chosen.open_version() or chosen.versions.order_by("number").last()


@needs("see_agreement")
@require_GET
def version(request: MemberRequest, pk: int) -> HttpResponse:
    shown = visible_or_404(Version.objects.visible_to(request.user).select_related("agreement"), pk)
    ranked = list(Agreement.objects.visible_to(request.user).ranked())
    return render(request, "agreement/contract.html", _contract(request, shown, queries.standing(request.now), ranked))


@needs("see_agreement")
@require_GET
def file(request: MemberRequest, pk: int) -> HttpResponse:
    """The document to download: YAML as it was written, or JSON."""
    shown = visible_or_404(Version.objects.visible_to(request.user).select_related("agreement"), pk)
    as_json = request.GET.get("as") == "json"
    kind, ending = ("application/json", "json") if as_json else ("application/yaml", "yaml")
    response = HttpResponse(shown.json if as_json else shown.yaml, content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="agreement-{shown.pk}-v{shown.number}.{ending}"'
    return response


def _contract(
    request: MemberRequest, shown: Version, standing: list[Version], ranked: list[Agreement]
) -> dict[str, Any]:
    member = request.user
    side = member.side(House.get())
    versions = list(shown.agreement.versions.select_related("made_by").order_by("-number"))
    return {
        "shown": shown,
        "agreement": shown.agreement,
        "articles": articles(speaker_of(shown)),
        "in_force": shown in standing,
        "at_once": shown.effective <= request.now,
        "review_over": shown.review_is_over(request.now),
        "signatures": _signatures(shown, side if member.may("sign_agreement") else ""),
        "versions": versions,
        "standing": standing,
        "open": shown.agreement.open_version(),
        "others": _others(ranked, standing) if len(ranked) > 1 else [],
        "may_edit": member.may("edit_agreement"),
        "may_propose": member.may("propose_agreement"),
        "language": get_language(),
        "starter": shown.starter and shown in standing,
        **_compared(shown, versions, standing, number(request.GET.get("with"))),
    }


def _compared(shown: Version, versions: list[Version], standing: list[Version], asked: int | None) -> dict[str, Any]:
    """Beside the version that is asked for; an open one else beside the one in force. The older stands first.

    `beside` is the version that is offered to be compared with: the one before, of the first the one after.
    """
    others = [one for one in versions if one != shown]
    chosen = next((one for one in others if one.pk == asked), None)
    held = next((one for one in others if shown.is_open and one in standing), None)
    other = chosen or held
    beside = next((one for one in others if one.number < shown.number), others[-1] if others else None)
    if other is None:
        return {"beside": beside}
    before, after = sorted([other, shown], key=lambda one: one.number)
    changes = changed(before, after)
    unchanged = len(articles(speaker_of(after))) - sum(1 for _place, _old, new in changes if new)
    return {
        "before": before, "after": after, "changes": changes, "unchanged": unchanged, "would": other == held,
        "beside": beside if beside != other else None,
    }  # fmt: skip


def _signatures(shown: Version, own: str) -> list[dict[str, Any]]:
    """One row a side: who signed, or whether the reader is to sign here, which binds where the other side has."""
    kept = {one.side: one for one in shown.signatures.select_related("member")}
    return [
        {
            "side": side, "name": SIDES[side], "signature": kept.get(side), "yours": side == own and shown.is_proposed,
            "binds": bool(kept),
        }
        for side in rules.SIDES
    ]  # fmt: skip


def _others(ranked: list[Agreement], standing: list[Version]) -> list[dict[str, Any]]:
    held = {one.agreement_id: one for one in standing}
    return [
        {"agreement": one, "in_force": held.get(one.pk), "open": one.open_version(), "place": place}
        for place, one in enumerate(ranked, 1)
    ]
