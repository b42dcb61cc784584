"""Lists a page at a time, by key: the next page begins where the last one ended, whatever was added meanwhile."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from accord.api.errors import SAID, invalid
from accord.api.wire import LARGEST, NO_NUL
from accord.kernel import search

Sought = Annotated[str, Field(max_length=255, pattern=NO_NUL)]
FOUND = 1000  # of what a search finds, the newest


class Paging(Schema):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, Field(max_length=60, description="`next` of the page before")] | None = None


def page(request: HttpRequest, rows: QuerySet, asked: Paging, show: Callable[[Sequence[Any]], list]) -> dict[str, Any]:
    """One page of rows in the order of their ids, and the cursor of the next one."""
    unknown = set(request.GET) - set(type(asked).model_fields)
    if unknown:
        raise invalid(dict.fromkeys(sorted(unknown), SAID["extra_forbidden"]))
    if asked.cursor:
        rows = rows.filter(pk__gt=_read(asked.cursor))
    found = list(rows.order_by("pk")[: asked.limit + 1])
    more = len(found) > asked.limit
    items = found[: asked.limit]
    return {"items": show(items), "next": _cursor(items[-1].pk) if more else None}


def sought(rows: QuerySet, kind: str, query: str | None, by: str = "pk") -> QuerySet:
    """Those rows that a search finds."""
    return rows.filter(**{f"{by}__in": search.find(query, kind, FOUND)}) if query else rows


def _cursor(pk: int) -> str:
    return urlsafe_b64encode(str(pk).encode()).decode().rstrip("=")


def _read(cursor: str) -> int:
    try:
        after = int(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except ValueError:
        after = -1
    if not 0 <= after <= LARGEST:
        raise invalid({"cursor": _("This is no cursor of ours: take “next” of the page before.")})
    return after
