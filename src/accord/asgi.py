"""The application that a server serves.

Django runs as WSGI in threads that stay: under its own ASGI handler every request would get a thread and a database
connection of its own. Tracking, which has to be faster than that, stands beside it.
"""

import os
import sys
from functools import cache
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import resolve

from accord.kernel.backup import restoring
from accord.kernel.staying import ANSWERING, stays

THREADS = 8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.settings")
_django = WSGIMiddleware(cast(Any, get_wsgi_application()), workers=THREADS)
if restoring.unfinished(settings.HOME):
    sys.exit(f"A restore into {settings.HOME} is under way or was broken off: see `accord restore`.")
resolve("/healthz")  # so that the first request does not wait for all that the pages import
stays(ANSWERING)


@cache
def _tracking() -> Any:
    from accord.intake.tracking import Tracking  # noqa: PLC0415 - needs the applications, which Django has set up by now

    return Tracking()


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http" and _tracking().takes(scope["path"]):
        await _tracking()(scope, receive, send)
    else:
        await _django(scope, receive, send)
