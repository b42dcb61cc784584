"""What bench.capture compares with: a handler that keeps nothing, and a Django view that keeps events by the ORM."""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.settings")
django.setup()

from a2wsgi import WSGIMiddleware  # noqa: E402 - once Django is set up
from django.conf import settings  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import re_path  # noqa: E402

from accord.kernel import clock  # noqa: E402
from accord.rooms.capture.models import DroppedEvent  # noqa: E402

settings.MIDDLEWARE = []
settings.ROOT_URLCONF = __name__
SAID = b'{"success":true}'


def keep(request: HttpRequest) -> HttpResponse:
    said, now = json.loads(request.body), clock.now()
    DroppedEvent.objects.bulk_create(
        DroppedEvent(api_key=1, received_at=now, dropped_at=now, reason="", raw=json.dumps(event))
        for event in said.get("batch", [said])
    )
    return HttpResponse(SAID, content_type="application/json", headers={"Content-Length": str(len(SAID))})


urlpatterns = [re_path("", keep)]
orm = WSGIMiddleware(get_wsgi_application(), workers=8)  # in as many threads as Accord's pages have


async def bare(scope, receive, send) -> None:
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message.get("more_body", False)
    json.loads(body)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"16")]})
    await send({"type": "http.response.body", "body": SAID})
