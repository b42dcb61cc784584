"""What a machine is told when something cannot be done: one shape, in the language it asked for, never a traceback."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

Said = str | Promise
log = logging.getLogger(__name__)


class ErrorBody(Schema):
    code: str
    message: str
    fields: dict[str, str] = {}


class ErrorOut(Schema):
    error: ErrorBody
    current: dict[str, Any] | None = None


REFUSALS = frozenset({400, 401, 403, 404, 409, 413, 422})


def answers(model: Any, status: int = 200) -> dict[Any, Any]:
    """What an address may answer, for its description."""
    return {status: model, REFUSALS: ErrorOut}


class Refusal(Exception):
    """The answer to a request: `fields` says what is wrong where, `current` how the record stands now."""

    def __init__(
        self, status: int, code: str, message: Said, fields: Mapping[str, Said] | None = None, current: Any = None
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message
        self.fields, self.current = fields or {}, current

    @property
    def body(self) -> dict[str, Any]:
        said = {"code": self.code, "message": str(self.message), "fields": {k: str(v) for k, v in self.fields.items()}}
        return {"error": said} | ({"current": self.current} if self.current is not None else {})


def unauthorized() -> Refusal:
    message = _(
        "No valid key came with the request. Send “Authorization: Bearer acc_…” with an API key"
        " that an administrator made in the settings of the house."
    )
    return Refusal(HTTPStatus.UNAUTHORIZED, "no_key", message)


def forbidden(role: Said) -> Refusal:
    message = _(
        "The role of this key ({role}) does not include this. Ask an administrator for a key with another role."
    )
    return Refusal(HTTPStatus.FORBIDDEN, "forbidden", format_lazy(message, role=role))


def not_found() -> Refusal:
    message = _("There is no such thing here, or this key does not see it: check the address and the id.")
    return Refusal(HTTPStatus.NOT_FOUND, "not_found", message)


def invalid(fields: Mapping[str, Said]) -> Refusal:
    message = _("Something in the request cannot be taken. “fields” says what and where: correct it and send it again.")
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", message, fields)


def conflict(code: str, message: Said, **more: Any) -> Refusal:
    return Refusal(HTTPStatus.CONFLICT, code, message, **more)


def lost_race(current: Any) -> Refusal:
    message = _(
        "Somebody else has changed this since that version. “current” is how it stands: decide, and send its version."
    )
    return conflict("lost_race", message, current=current)


def _not_allowed() -> Refusal:
    message = _("This address does not take that method: see /api/openapi.json.")
    return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", message)


def _unreadable() -> Refusal:
    message = _("The body is not JSON in UTF-8: check quotes, brackets and the encoding.")
    return Refusal(HTTPStatus.BAD_REQUEST, "unreadable", message)


def _broken(error: Exception) -> Refusal:
    log.error("a request of a machine broke", exc_info=error)
    message = _(
        "Something broke here, not in what was sent. Send it again later; the log of the house says what it was."
    )
    return Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "broken", message)


def _too_large() -> Refusal:
    message = _("The body is too large: send it in several requests.")
    return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", message)


# What the validator calls it: what we say. The names in braces are the validator's.
SAID: dict[str, Said] = {
    "missing": _("This is missing."),
    "extra_forbidden": _("There is nothing of that name here: leave it out or correct its name."),
    "string_type": _("This must be a text."),
    "string_too_short": _("This must not be empty."),
    "string_too_long": _("This must have at most {max_length} characters."),
    "string_pattern_mismatch": _("This holds characters that it must not."),
    "int_type": _("This must be a whole number."),
    "int_parsing": _("This must be a whole number."),
    "int_parsing_size": _("This number is out of range."),
    "int_from_float": _("This must be a whole number."),
    "greater_than_equal": _("This must be at least {ge}."),
    "less_than_equal": _("This must be at most {le}."),
    "greater_than": _("This number is out of range."),
    "less_than": _("This number is out of range."),
    "literal_error": _("This must be one of {expected}."),
    "dict_type": _("This must be an object."),
    "model_type": _("This must be an object."),
    "model_attributes_type": _("This must be an object."),
    "list_type": _("This must be a list."),
    "too_short": _("This needs at least one item."),
    "too_long": _("This takes at most {max_length} items: send the others in a further request."),
    "datetime_type": _("This must be a time like 2026-03-02T09:00:00Z."),
    "datetime_parsing": _("This must be a time like 2026-03-02T09:00:00Z."),
    "datetime_from_date_parsing": _("This must be a time like 2026-03-02T09:00:00Z."),
    "timezone_aware": _("This time needs its offset, as in 2026-03-02T09:00:00Z."),
    "date_type": _("This must be a day like 2026-03-02."),
    "date_parsing": _("This must be a day like 2026-03-02."),
    "date_from_datetime_parsing": _("This must be a day like 2026-03-02."),
    "date_from_datetime_inexact": _("This must be a day like 2026-03-02."),
}
OTHERWISE = _("This value cannot be taken.")


def said_of(error: Mapping[str, Any]) -> Said:
    """The words for one finding of the validator."""
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    message = SAID.get(error["type"], OTHERWISE)
    return str(message).format(**error["ctx"]) if error.get("ctx") and message is not OTHERWISE else message


def place(loc: tuple[Any, ...]) -> str:
    return ".".join(map(str, loc))


def _validation(error: ValidationError) -> Refusal:
    """The names of what was sent, without where it was found: the body's come as (body, parameter, name, …)."""
    if any(found["loc"][0] == "path" for found in error.errors):
        return not_found()
    fields = {}
    for found in error.errors:
        loc = tuple(found["loc"])
        fields[place(loc[2:] if loc[0] == "body" else loc[1:]) or "body"] = said_of(found)
    return invalid(fields)


def _http_error(error: HttpError) -> Refusal:
    return _unreadable() if error.status_code == HTTPStatus.BAD_REQUEST else unauthorized()


def answered(api: NinjaAPI, request: HttpRequest, refusal: Refusal) -> HttpResponse:
    response = api.create_response(request, refusal.body, status=refusal.status)
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def teach(api: NinjaAPI) -> None:
    """Answer everything that is raised on the way in this shape."""

    def handle(raised: type[Exception], refused: Callable[[Any], Refusal]) -> None:
        api.add_exception_handler(raised, lambda request, error: answered(api, request, refused(error)))

    handle(Exception, _broken)
    handle(Refusal, lambda refusal: refusal)
    handle(ValidationError, _validation)
    handle(AuthenticationError, lambda _error: unauthorized())
    handle(HttpError, _http_error)
    handle(RequestDataTooBig, lambda _error: _too_large())


def nothing_here(api: NinjaAPI) -> Callable[..., HttpResponse]:
    """The view of every address that is none."""
    return lambda request, **_rest: answered(api, request, not_found())


def shaped(api: NinjaAPI, request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The framework's own plain refusal of a method, in our shape."""
    if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
        return response
    ours = answered(api, request, _not_allowed())
    ours["Allow"] = response["Allow"]
    return ours
