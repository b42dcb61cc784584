"""What a member's calendar program fetches: no session, only the token in the address."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accord.kernel import clock
from accord.rooms.desk.feed import feed
from accord.rooms.desk.models import Task
from accord.rooms.team.models import Feed


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """A token that is wrong, was revoked or is of somebody who has left is as unknown as any other address."""
    member = Feed.held_by(token)
    if member is None:
        raise Http404

    def address(task: Task) -> str:
        lead = reverse("lead", args=[task.lead_id]) if task.lead_id else f"{reverse('desk')}?task={task.pk}"
        return request.build_absolute_uri(lead)

    told = feed(member, clock.now(), request.get_host().partition(":")[0], address)
    return HttpResponse(
        told, content_type="text/calendar; charset=utf-8", headers={"Cache-Control": "private, no-store"}
    )
