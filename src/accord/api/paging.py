"""Lists a page at a time, by key: the next page begins where the last one ended, whatever was added meanwhile."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from accord.api.errors import SAID, invalid
from accord.api.published import AnInstant
from accord.api.wire import LARGEST, NO_NUL
from accord.kernel import search
from accord.kernel.imports.models import ImportedRecord
from accord.kernel.ledger import Fact

Sought = Annotated[str, Field(max_length=255, pattern=NO_NUL)]
FOUND = 1000  # of what a search finds, the newest
FEW = 20_000  # facts or imported records: so many are gathered, of more each record of the list is asked
UPDATED = (
    "Those of which something was recorded at or after this time: made, changed, moved, restored, or told of by an "
    "import that went on since or was taken back. It may name more than have changed."
)


class Paging(Schema):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, Field(max_length=60, description="`next` of the page before")] | None = None
    updated_since: Annotated[AnInstant | None, Field(description=UPDATED)] = None


def page(request: HttpRequest, rows: QuerySet, asked: Paging, show: Callable[[Sequence[Any]], list]) -> dict[str, Any]:
    """One page of rows in the order of their ids, and the cursor of the next one."""
    unknown = set(request.GET) - set(type(asked).model_fields)
    if unknown:
        raise invalid(dict.fromkeys(sorted(unknown), SAID["extra_forbidden"]))
    if asked.updated_since:
        rows = _updated(rows, asked.updated_since)
    if asked.cursor:
        rows = rows.filter(pk__gt=_read(asked.cursor))
    found = list(rows.order_by("pk")[: asked.limit + 1])
    more = len(found) > asked.limit
    items = found[: asked.limit]
    return {"items": show(items), "next": _cursor(items[-1].pk) if more else None}


def sought(rows: QuerySet, kind: str, query: str | None, by: str = "pk") -> QuerySet:
    """Those rows that a search finds."""
    return rows.filter(**{f"{by}__in": search.find(query, kind, FOUND)}) if query else rows


def _updated(rows: QuerySet, since: datetime) -> QuerySet:
    """Those rows of which a fact was stored since, or that an import told of which had facts since.

    Facts are stored in the order of their ids. What was said lately is little and gathered from its end; of much, each
    row of the list is asked for its newest fact, which an index gives.
    """
    kind = str(rows.model._meta.model_name)
    newest = Fact.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    before = Fact.objects.filter(pk__lte=newest - FEW).order_by("-pk").values_list("stored_at", flat=True).first()
    few = before is None or before < since
    said = Fact.objects.filter(stored_at__gte=since, pk__gt=newest - FEW if few else 0)
    imported = ImportedRecord.objects.filter(file__in=said.filter(subject="file").values("subject_id"))
    # Not the plain column: SQLite would walk through all records of the kind instead of those of the files.
    gathered = imported.alias(of=Concat("kind", Value(""))).filter(of=kind)
    if few and gathered[:FEW].count() < FEW:
        named = said.filter(**{f"{kind}_id__isnull": False}).values_list(f"{kind}_id")
        return rows.filter(pk__in=named.union(gathered.values_list("record")))
    told = Fact.objects.filter(**{f"{kind}_id": OuterRef("pk")}).order_by("-pk").values("stored_at")[:1]
    told_in_file = Exists(imported.filter(kind=kind, record=OuterRef("pk")))
    return rows.alias(told_at=Subquery(told)).filter(Q(told_at__gte=since) | told_in_file)


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
