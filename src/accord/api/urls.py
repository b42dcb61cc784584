"""The addresses under /api/."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from accord.api import batches, companies, contacts, deals, errors, leads
from accord.api.idempotency import once
from accord.api.wire import JsonParser, JsonRenderer
from accord.kernel import ledger


def alone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
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


def shaped(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
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
api.add_router("/companies", companies.router)
api.add_router("/leads", leads.router)
api.add_router("", batches.router)
api.add_router("/deals", deals.router)

_routes, _app, app_name = api.urls
for _route in _routes:
    _route.callback = shaped(_route.callback if _route.name != "api-root" else errors.nothing_here(api))

urlpatterns = [*_routes, re_path(r"", shaped(errors.nothing_here(api)))]
