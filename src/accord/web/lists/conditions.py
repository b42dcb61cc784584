"""One condition of a filter: a field, an operator, values; and how a database answers it from an index."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection, models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel import fields, search
from accord.kernel.fields import BOOL, DATE, MONEY, NUMBER, REF
from accord.kernel.imports.values import parse_number
from accord.kernel.money import EXPONENTS
from accord.kernel.text import normalise
from accord.kernel.traits import FieldNow
from accord.rooms.team.models import Member
from accord.web.lists import countries
from accord.web.lists.columns import MEMBER, MOMENT, Column
from accord.web.shell.addresses import number

IS, ONE_OF, CONTAINS, STARTS = "is", "one_of", "contains", "starts"
AT_LEAST, AT_MOST, KNOWN, UNKNOWN = "at_least", "at_most", "known", "unknown"
WORDS = {
    IS: _("is"), ONE_OF: _("is one of"), CONTAINS: _("contains"), STARTS: _("starts with"),
    AT_LEAST: _("at least"), AT_MOST: _("at most"), KNOWN: _("is known"), UNKNOWN: _("is unknown"),
}  # fmt: skip
DAY_WORDS = {**WORDS, AT_LEAST: _("on or after"), AT_MOST: _("on or before")}
ME = "me"
COUNTRY = "country"  # the field whose values have several names
FEW = 5000  # up to so many records of one condition are fetched by id; of more, the order of the list finds some soon
NAMED = 500  # companies that one name may stand for
LAST = chr(0x10FFFF)
NAME_NORM, SORT_KEY = "name_norm", "sort_key"  # the name as it is compared, and as it is sorted


class Apart(Func):
    """The same value out of an index's sight: SQLite would rather sort all that an index finds than read in order."""

    def __init__(self, name: str) -> None:
        super().__init__(F(name), template="+%(expressions)s" if connection.vendor == "sqlite" else "%(expressions)s")


def operators(column: Column) -> tuple[str, ...]:
    """What can be asked of a column."""
    may_lack = (KNOWN, UNKNOWN) if column.nullable or column.published else ()
    if column.choices or column.look == MEMBER:
        return (IS, ONE_OF, *may_lack)
    asked = {
        NUMBER: (IS, AT_LEAST, AT_MOST), MONEY: (IS, AT_LEAST, AT_MOST), DATE: (IS, AT_LEAST, AT_MOST),
        MOMENT: (AT_LEAST, AT_MOST), BOOL: (IS,), REF: (IS, CONTAINS),
    }  # fmt: skip
    return (*asked.get(column.type, (IS, ONE_OF, CONTAINS, STARTS)), *may_lack)


@dataclass(frozen=True)
class Condition:
    """`values` as they were typed. Raises ValueError, in words for a person, where they mean nothing."""

    column: Column
    op: str
    values: tuple[str, ...]
    member: Member

    def __post_init__(self) -> None:
        if not self.column.filtered or self.op not in operators(self.column):
            raise ValueError(
                format_lazy(_("“{field}” cannot be asked that: choose another condition."), field=self.column.label)
            )
        if self.op not in (KNOWN, UNKNOWN) and not any(value.strip() for value in self.values):
            raise ValueError(format_lazy(_("Say what “{field}” is to be compared with."), field=self.column.label))
        if self.column.type != REF or self.column.look == MEMBER:
            self._test("any")

    @property
    def word(self) -> str | Promise:
        return (DAY_WORDS if self.column.type in (DATE, MOMENT) else WORDS)[self.op]

    def __str__(self) -> str:
        return ":".join([self.column.slug, self.op, *(["|".join(self.values)] if self.values else [])])

    def few(self, model: type[models.Model]) -> list[int] | None:
        """The ids of the records of which this holds, if they are few: from one index."""
        if self.op == UNKNOWN:
            return None
        if self.column.narrowed:
            rows = self.column.narrowed(model._default_manager.all(), self.values).values_list("pk", flat=True)
        elif self.column.path is None:
            rows = self._held().values_list("record", flat=True)
        else:
            rows = model._default_manager.filter(self._on_record()).values_list("pk", flat=True)
        found = list(rows.order_by()[: FEW + 1])
        return found if len(found) <= FEW else None

    def narrow(self, rows: models.QuerySet, along: str | None = None) -> models.QuerySet:
        """The rows of which this holds; found by an index of its own, or `along` the column that orders the list."""
        if self.column.narrowed:
            return self.column.narrowed(rows, self.values)
        if self.column.path is None:
            held = Exists(self._held().filter(record=OuterRef("pk")))
            return rows.filter(~held if self.op == UNKNOWN else held)
        if along is None or self.op in (AT_LEAST, AT_MOST):
            return rows.filter(self._on_record())
        name = f"apart_{self.column.slug}"
        return rows.alias(**{name: Apart(self._name)}).filter(self._on_record(name), self._stretch(along))

    def _stretch(self, along: str) -> Q:
        """Where in an order by name the names begin so: what is plain ASCII is sorted as it is written."""
        begin = normalise(self.values[0]) if self.op == STARTS else ""
        if along != SORT_KEY or self._name != NAME_NORM or not begin.isascii() or not begin.isalnum():
            return Q()
        return Q(**{f"{SORT_KEY}__gte": begin, f"{SORT_KEY}__lt": begin + LAST})

    @property
    def _name(self) -> str:
        by_text = self.column.type == fields.TEXT and self.op not in (KNOWN, UNKNOWN)
        return self.column.compared if by_text else str(self.column.path)

    def _on_record(self, name: str | None = None) -> Q:
        if self.op in (KNOWN, UNKNOWN):
            unknown = (
                Q(**{f"{name or self._name}__isnull": True}) if self.column.nullable else Q(**{name or self._name: ""})
            )
            return unknown if self.op == UNKNOWN else ~unknown
        test = self._test(name or self._name)
        return test & self._by_search() if self.op == CONTAINS and self.column.sought else test

    def _held(self) -> models.QuerySet:
        own = FieldNow.objects.filter(kind=self.column.published.kind, field=self.column.slug)  # type: ignore[union-attr]
        if self.op in (KNOWN, UNKNOWN):
            return own.filter(norm__isnull=False)
        return own.filter(self._test("number" if self.column.type in (NUMBER, DATE, MONEY) else "norm"))

    def _by_search(self) -> Q:
        """Search finds parts of names without reading every name."""
        found = search.find(self.values[0], str(self.column.sought), FEW + 1)
        return Q(**{f"{self.column.key}__in": found}) if len(found) <= FEW else Q()

    def _test(self, name: str) -> Q:
        if self.op in (KNOWN, UNKNOWN):
            return Q()
        return _TESTS.get(self.column.look, _TESTS.get(self.column.type, _text))(self, name)


Test = Callable[[Condition, str], Q]


def _text(condition: Condition, name: str) -> Q:
    if condition.column.choices and not condition.column.others:
        return Q(**{f"{name}__in": [v for v in condition.values if v]})
    normalised = bool(condition.column.norm) or condition.column.path is None
    values = [normalise(v) for v in condition.values if v.strip()]
    if condition.op in (IS, ONE_OF):
        if condition.column.slug == COUNTRY and normalised:
            values = sorted({one for value in values for one in countries.spellings(value)})
        return Q(**{f"{name}__in": values if normalised else sorted({*values, *map(str.strip, condition.values)})})
    word = "contains" if condition.op == CONTAINS else "startswith"
    if not normalised:
        return Q(**{f"{name}__i{word}": condition.values[0].strip()})
    found = Q(**{f"{name}__{word}": values[0]})
    if condition.op == STARTS and connection.vendor == "sqlite":
        found &= Q(**{f"{name}__gte": values[0], f"{name}__lt": values[0] + LAST})
    return found


def _number(condition: Condition, name: str) -> Q:
    return _compared(condition.op, name, parse_number(condition.values[0]))


def _money(condition: Condition, name: str) -> Q:
    """Amounts are kept in minor units, of which each currency has its own."""
    amount, others = parse_number(condition.values[0]), _compared(condition.op, name, 0)
    by_decimals: dict[int, list[str]] = {}
    for currency, places in EXPONENTS.items():
        by_decimals.setdefault(places, []).append(currency)
    others = _compared(condition.op, name, round(amount * 100)) & ~Q(currency__in=list(EXPONENTS))
    return reduce(
        or_,
        (
            _compared(condition.op, name, round(amount * 10**places)) & Q(currency__in=c)
            for places, c in by_decimals.items()
        ),
        others,
    )


def _day(condition: Condition, name: str) -> Q:
    kept = fields.value(_A_DAY, condition.values[0])
    if condition.column.path is None:
        return _compared(condition.op, name, kept.number)
    return _compared(condition.op, name, kept.text) & ~Q(**{name: ""})


def _moment(condition: Condition, name: str) -> Q:
    """Days of the reader's zone."""
    begins = midnight(date.fromisoformat(str(fields.value(_A_DAY, condition.values[0]).text)))
    if condition.op == AT_LEAST:
        return Q(**{f"{name}__gte": begins})
    return Q(**{f"{name}__lt": midnight(timezone.localtime(begins).date() + timedelta(days=1))})


def _truth(condition: Condition, name: str) -> Q:
    return Q(**{name: fields.value(_A_TRUTH, condition.values[0]).norm})


def _company(condition: Condition, name: str) -> Q:
    model = fields.table_of(str(condition.column.refers_to))
    if condition.op == CONTAINS:
        found = search.find(condition.values[0], str(condition.column.refers_to), NAMED + 1)
        if len(found) > NAMED:
            return Q(**{f"{condition.column.path}__{NAME_NORM}__contains": normalise(condition.values[0])})
    else:
        named = model._default_manager.filter(name_norm=normalise(condition.values[0]))
        found = list(named.values_list("pk", flat=True)[:NAMED])
    return Q(**{f"{name}__in": found})


def _member(condition: Condition, name: str) -> Q:
    return Q(**{f"{name}__in": [_member_id(v, condition.member) for v in condition.values if v]})


def _member_id(value: str, member: Member) -> int:
    if value == ME:
        return member.pk
    if not (pk := number(value)):
        raise ValueError(_("Choose a member from the list."))
    return pk


def _compared(op: str, name: str, value: Any) -> Q:
    return Q(**{{AT_LEAST: f"{name}__gte", AT_MOST: f"{name}__lte"}.get(op, name): value})


def midnight(day: date) -> datetime:
    """The beginning of a day in the reader's zone."""
    return datetime.combine(day, time(), timezone.get_current_timezone())


_A_DAY = fields.Field("", "day", "", DATE)
_A_TRUTH = fields.Field("", "truth", "", BOOL)
_TESTS: dict[str, Test] = {
    MEMBER: _member, NUMBER: _number, MONEY: _money, DATE: _day, MOMENT: _moment, BOOL: _truth, REF: _company,
}  # fmt: skip
