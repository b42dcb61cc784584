"""What a version that is not in force yet would do to the leads that are open."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accord.rooms.agreement.models import Version
from accord.rooms.funnel import coming, rules
from accord.rooms.funnel.models import Lead
from accord.web.shell.gate import MemberRequest, needs, visible_or_404

NAMED = 10


@needs("see_agreement")
@require_GET
def effect(request: MemberRequest, pk: int) -> HttpResponse:
    """How many would qualify on the day it comes into force, the best of them by name."""
    version = visible_or_404(Version.objects.visible_to(request.user), pk)
    found = coming.would_qualify(version, request.now) if version.is_open else []
    waiting = Lead.objects.open().filter(stage__in=[rules.INQUIRY, rules.ENGAGED])
    best = Lead.objects.visible_to(request.user).filter(pk__in=found[:NAMED]).select_related("contact").in_bulk()
    per_day = version.document.leads.release_per_day
    shown = {
        "count": len(found),
        "waiting": waiting.count(),
        "best": [best[pk] for pk in found[:NAMED] if pk in best],
        "per_day": per_day,
        "days": -(-len(found) // per_day) if per_day else 0,
    }
    return render(request, "agreement/effect.html", shown)
