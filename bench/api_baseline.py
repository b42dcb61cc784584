"""The bare Django view that bench.api compares with: no middleware, one INSERT, its commit."""

import json
import os

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.settings")
django.setup()
settings.MIDDLEWARE = []
settings.ROOT_URLCONF = __name__
# Under this handler every request has a thread of its own, and would leave its connection behind.
settings.DATABASES["default"]["CONN_MAX_AGE"] = 0

from django.core.asgi import get_asgi_application  # noqa: E402 - once Django is set up
from django.urls import path  # noqa: E402

from accord.kernel import clock  # noqa: E402
from accord.rooms.people.models import Company  # noqa: E402


def create(request: HttpRequest) -> HttpResponse:
    made = Company.objects.create(external_id=json.loads(request.body)["external_id"], created_at=clock.now())
    said = json.dumps({"id": made.pk})
    return HttpResponse(said, content_type="application/json", status=201, headers={"Content-Length": str(len(said))})


urlpatterns = [path("", create)]
application = get_asgi_application()
