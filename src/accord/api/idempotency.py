"""`Idempotency-Key`: the same request sent again is answered as the first time, and done once."""

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _
from ninja import Status

from accord.api.auth import CallerRequest
from accord.api.errors import Refusal, invalid
from accord.api.models import Answer
from accord.kernel import ledger

HEADER = "Idempotency-Key"
NAME = re.compile(r"[\x21-\x7e]{1,200}")
WRITES = ("POST", "PATCH")


def once(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Around an operation. Only what was done is kept: a refusal changed nothing, so its key may be used again."""

    @wraps(operation)
    def kept(request: CallerRequest, *args: Any, **values: Any) -> Any:
        name = request.headers.get(HEADER)
        if name is None or request.method not in WRITES:
            return operation(request, *args, **values)
        if not NAME.fullmatch(name):
            raise invalid({HEADER: _("Send 1 to 200 printable ASCII characters without spaces.")})
        with ledger.write(request.now, request.auth.by):
            answer, fresh = Answer.claim(request.auth.key, name, _digest(request))
            return _first(answer, operation(request, *args, **values)) if fresh else _again(answer, request)

    return kept


def _first(answer: Answer, given: Any) -> Status:
    result = given if isinstance(given, Status) else Status(HTTPStatus.OK, given)
    answer.keep(result.status_code, msgspec.json.encode(result.value).decode())
    return result


def _again(answer: Answer, request: CallerRequest) -> Status:
    if answer.digest != _digest(request):
        message = _("This Idempotency-Key came with another request before: use a new one for each request.")
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "key_reused", message)
    request.META["accord.replayed"] = True
    return Status(answer.status, msgspec.json.decode(answer.body))


def _digest(request: CallerRequest) -> str:
    said = b"\n".join([str(request.method).encode(), request.get_full_path().encode(), request.body])
    return hashlib.sha256(said).hexdigest()
