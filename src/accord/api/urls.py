"""The addresses under /api/."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from accord.api import batches, companies, contacts, deals, errors, holdings, leads, scores
from accord.api.idempotency import once
from accord.api.wire import JsonParser, JsonRenderer
from accord.kernel import ledger

View = Callable[..., HttpResponse]


def alone(view: View) -> View:
    """A machine does not wait for what its request sets off: the worker does it."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **values: object) -> HttpResponse:
        listening = ledger.caused.set(None)
        try:
            response = view(request, *args, **values)
        finally:
            ledger.caused.reset(listening)
        if request.META.get("accord.replayed"):
            response["Idempotency-Replayed"] = "true"
        return response

    return answered


def shaped(view: View) -> View:
    @wraps(view)
    def answered(request: HttpRequest, *args: object, **values: object) -> HttpResponse:
        return errors.shaped(api, request, view(request, *args, **values))

    return csrf_exempt(answered)


api = NinjaAPI(
    title="Accord",
    version="1",
    description="Contacts, companies, leads and deals. Send `Authorization: Bearer acc_…`.",
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
    parser=JsonParser(),
    renderer=JsonRenderer(),
)
errors.teach(api)
api.add_decorator(once, mode="operation")
api.add_decorator(alone, mode="view")
api.add_router("/contacts", contacts.router)
api.add_router("/contacts", scores.router)
api.add_router("/companies", companies.router)
api.add_router("/leads", leads.router)
api.add_router("", batches.router)
api.add_router("/deals", deals.router)
api.add_router("/deals", holdings.router)

routes, _framework, app_name = api.urls
nothing = shaped(errors.nothing_here(api))
for route in cast(list[URLPattern], routes):
    route.callback = nothing if route.name == "api-root" else shaped(cast(View, route.callback))

urlpatterns = [*routes, re_path(r"", nothing)]
