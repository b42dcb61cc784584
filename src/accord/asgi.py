"""The application that a server serves.

Django runs as WSGI in threads that stay: under its own ASGI handler every request would get a thread and a database
connection of its own. What has to be faster than Django will be mounted beside it.
"""

import os
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application
from django.urls import resolve

THREADS = 8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.settings")
application = WSGIMiddleware(cast(Any, get_wsgi_application()), workers=THREADS)
resolve("/healthz")  # so that the first request does not wait for all that the pages import
