"""A filter is an object: permitted parameters, defaults dropped, `.records` its only answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import and_
from typing import Any

from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, Subquery
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accord.kernel import search
from accord.kernel.search import SearchEntry
from accord.kernel.text import words
from accord.rooms.team.models import Member
from accord.web.lists.columns import Column, Listing, Sort
from accord.web.lists.conditions import FEW, ONE_OF, UNKNOWN, Condition

MOST_CONDITIONS = 6
COUNTED = 1000


@dataclass(frozen=True)
class Problem:
    """A condition that could not be used: as it was asked, and what to do."""

    asked: str
    message: str | Promise


@dataclass(frozen=True)
class Filter:
    listing: Listing
    columns: Mapping[str, Column]
    conditions: tuple[Condition, ...] = ()
    sought: str = ""
    sort: Sort | None = None
    chosen: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @classmethod
    def of(cls, listing: Listing, params: QueryDict, member: Member, usual: Iterable[str] = ()) -> "Filter":
        """What the parameters ask for; the rest is dropped. `usual`: the columns that this person chose before."""
        columns = listing.columns()
        good, bad = [], []
        for asked in dict.fromkeys(params.getlist("f")):
            try:
                good.append(read(asked, columns, member))
            except ValueError as refused:
                bad.append(Problem(asked, refused.args[0]))
        sorts = {sort.slug: sort for sort in listing.sorts}
        wanted = [slug for slug in params.get("c", "").split(",") if slug in columns] or list(usual)
        sort = sorts.get(params.get("sort", ""), listing.sorts[0])
        kept = [slug for slug in wanted or listing.shown if slug in columns]
        chosen = tuple(dict.fromkeys([listing.shown[0], *kept]))
        sought = params.get("q", "").strip()[:200]
        return cls(listing, columns, tuple(good[:MOST_CONDITIONS]), sought, sort, chosen, tuple(bad))

    @property
    def shown(self) -> list[Column]:
        return [self.columns[slug] for slug in self.chosen]

    @property
    def by(self) -> Sort:
        return self.sort or self.listing.sorts[0]

    def query(self, **changes: Any) -> str:
        """The address of this filter, with changes; what is usual is left out."""
        changed = replace(self, **changes)
        params = QueryDict(mutable=True)
        params.setlist("f", [str(condition) for condition in changed.conditions])
        if changed.sought:
            params["q"] = changed.sought
        if changed.by.slug != self.listing.sorts[0].slug:
            params["sort"] = changed.by.slug
        if changed.chosen != tuple(self.listing.shown):
            params["c"] = ",".join(changed.chosen)
        return f"?{params.urlencode()}"

    def without(self, condition: Condition) -> str:
        return self.query(conditions=tuple(c for c in self.conditions if c is not condition))

    def records(self, rows: models.QuerySet) -> models.QuerySet:
        """Those of the rows that satisfy the search and every condition."""
        return self._narrowed(rows, *self._begun)

    def counted(self, rows: models.QuerySet) -> tuple[int, bool]:
        """How many of the rows these are, and whether there are more than are counted.

        A search that finds too many to name each is said to find more by those that it names first: the order of the
        list would find as many only after reading far into it.
        """
        begun, many, others = self._begun
        if many and not begun:
            some = Q(**{f"{self.listing.key}__in": self._found[: 2 * COUNTED]})
            if (total := capped(self._narrowed(rows, some, [], others)))[1]:
                return total
        return capped(self.records(rows))

    def _narrowed(
        self, rows: models.QuerySet, begun: Q, many: Iterable[Subquery], others: Iterable[Condition]
    ) -> models.QuerySet:
        for part in (begun, *many):
            rows = rows.filter(part)
        for condition in others:
            rows = condition.narrow(rows, None if begun else self.by.column)
        return rows

    @property
    def countable(self) -> bool:
        """Whether counting reads little more than the page does."""
        begun, many, others = self._begun
        return bool(begun) or (len(others) + len(many) <= 1 and all(c.op != UNKNOWN for c in others))

    @cached_property
    def _begun(self) -> tuple[Q, list[Subquery], tuple[Condition, ...]]:
        """What finds few records by itself, if anything does; the words and conditions that remain. Asked once."""
        if self.sought and len(self._found) <= FEW:
            return Q(**{f"{self.listing.key}__in": self._found}), [], self.conditions
        for condition in self.conditions:
            few = condition.few(self.listing.model)
            if few is not None:
                return Q(pk__in=few), self._words, tuple(c for c in self.conditions if c is not condition)
        return Q(), self._words, self.conditions

    @cached_property
    def _found(self) -> list[int]:
        return search.find(self.sought, self.listing.sought, FEW + 1) if self.sought else []

    @property
    def _words(self) -> list[Subquery]:
        """Of a search that finds too many to name each, its words, looked up record by record.

        A value of the record and not whether there is an entry: PostgreSQL would look for the words in all of them.
        """
        entries = SearchEntry.objects.filter(kind=self.listing.sought, record=OuterRef(self.listing.key))
        held = reduce(and_, (Q(words__contains=word) for word in words(self.sought)), Q())
        return [Subquery(entries.values_list(ExpressionWrapper(held, BooleanField())))] if held else []


def read(asked: str, columns: Mapping[str, Column], member: Member) -> Condition:
    """`field:op:value|value`. Raises ValueError, in words for a person."""
    slug, op, value = [*asked.split(":", 2), "", ""][:3]
    if slug not in columns:
        raise ValueError(_("There is no such field here: choose one from the list."))
    values = tuple(value.split("|")) if op == ONE_OF else (value,) if value else ()
    return Condition(columns[slug], op, values, member)


def capped(rows: models.QuerySet) -> tuple[int, bool]:
    """How many there are, and whether there are more than are counted."""
    counted = rows.order_by()[: COUNTED + 1].count()
    return min(counted, COUNTED), counted > COUNTED
