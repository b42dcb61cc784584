"""What was typed into the controls of a report, as the question that it makes; what makes no sense is said there."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from django.db.models import Exists
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.kernel.fields import DATE, MONEY, NUMBER, Field
from accord.kernel.traits import FieldNow
from accord.rooms.insight import questions
from accord.rooms.insight.questions import OTHERS, UNKNOWN, CannotAsk, Only, Question, midnight
from accord.rooms.insight.reports import Cell, Report
from accord.rooms.insight.reports.frame import Told
from accord.rooms.team.models import House
from accord.web.shell import wording
from accord.web.shell.gate import MemberRequest

FROM, TO, AS_OF, BY, ONLY = "from", "to", "as_of", "by", "only"
MOMENT = "moment"  # of the answer that a list belongs to; it is not typed, and goes before AS_OF
CONTROLS = {"from": FROM, "to": TO, "as-of": AS_OF, "by": BY, "only": ONLY}  # by the options of a report
ARGUMENTS = {FROM: "since", TO: "until", AS_OF: "as_of", MOMENT: "as_of", BY: "by"}
MEASURED = (NUMBER, MONEY, DATE)
KINDS = {
    "lead": gettext_lazy("Lead"),
    "contact": gettext_lazy("Contact"),
    "company": gettext_lazy("Company"),
    "deal": gettext_lazy("Deal"),
    "clock": gettext_lazy("Promise"),
}


@dataclass(frozen=True)
class Asked:
    """`typed` is kept as it came; `question` is made of what in it makes sense, `problems` says what does not.

    `own` is what the page of the report asks apart from the question.
    """

    report: str
    typed: Mapping[str, str]
    problems: Mapping[str, str]
    question: Question
    own: Mapping[str, str] = field(default_factory=dict)

    @property
    def kept(self) -> dict[str, Any]:
        kept: dict[str, Any] = {name: text for name, text in self.typed.items() if text and name not in self.problems}
        only = [one.written for one in self.question.only]
        return kept | ({ONLY: only} if only else {}) | {**self.own}

    @property
    def limited(self) -> bool:
        return bool({FROM, TO, AS_OF, ONLY} & set(self.kept))

    @property
    def then(self) -> str:
        """The past day at whose start it is asked, or the moment of it; empty for now."""
        at = self.question.as_of
        if at is None or AS_OF not in self.kept:
            return ""
        local = at.astimezone(ZoneInfo(self.question.zone))
        return wording.day(local.date()) if local.time() == time() else wording.whole(at)

    @property
    def before(self) -> "Asked | None":
        """The same of the period before: as many months where it is whole ones, else as many days."""
        question = self.question
        if question.start is None or question.end is None:
            return None
        first, after = question.start.date(), question.end.date()
        many = (after.year - first.year) * 12 + after.month - first.month
        whole = first.day == after.day == 1
        earlier = months(first, -many) if whole else first - (after - first)
        start, end = (midnight(day, question.zone) for day in (earlier, first))
        days = {FROM: earlier.isoformat(), TO: (first - timedelta(days=1)).isoformat()}
        return replace(self, typed={**self.typed, **days}, question=replace(question, start=start, end=end))

    @property
    def query(self) -> str:
        return f"?{urlencode(self.kept, doseq=True)}" if self.kept else ""

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What a form keeps that changes something else."""
        return parse_qsl(self.query[1:])

    @property
    def chips(self) -> list[tuple[str | Promise, str, str]]:
        """The filters: field, value as it is called, and the address without it."""
        return [(one.field.label, _called(one), _without(self.kept, one.written)) for one in self.question.only]

    def narrowed(self, group: str | None) -> str:
        """The address of the same for one group alone, not split any more; none for what is many values."""
        if self.question.by is None or group == OTHERS:
            return ""
        only = Only(self.question.by, group or UNKNOWN).written
        kept = {name: value for name, value in self.kept.items() if name != BY}
        return f"?{urlencode({**kept, ONLY: [*kept.get(ONLY, ()), only]}, doseq=True)}"

    def without_first(self, problem: str) -> "Asked":
        """The same without the first day, of which the report says what is wrong with it."""
        question = replace(self.question, start=None)
        return replace(self, problems={**self.problems, FROM: problem}, question=question)

    def leads(self, told: Told, cell: Cell) -> str:
        """The address of the list behind a number: of the same moment, from the same generation."""
        named = {name: value for name, value in vars(cell).items() if value is not None}
        moment = {MOMENT: told.as_of.isoformat(), "generation": told.generation}
        asked = urlencode({"report": self.report, **self.kept, **named, **moment}, doseq=True)
        return f"{reverse('insight_leads')}?{asked}"


def asked(request: MemberRequest, report: Report, names: Sequence[str]) -> Asked:
    typed = {name: request.GET.get(name, "").strip() for name in names}
    wanted = [said for said in request.GET.getlist(ONLY) if said] if "only" in report.options else []
    wanted += _added(request, report)
    problems = {
        name: said for name, text in typed.items() if text and (said := _problem(request, report, {name: text}))
    }
    only = [said for said in wanted if not _problem(request, report, {}, [said])]
    if refused := [said for said in wanted if said not in only]:
        problems[ONLY] = _problem(request, report, {}, refused[:1])
    good = {name: text for name, text in typed.items() if text and name not in problems}
    if problem := _problem(request, report, good, only):
        problems[TO] = problem
        good.pop(TO)
    return Asked(report.name, typed, problems, _question(request, report, good, only))


Choices = list[tuple[str | Promise, list[tuple[str, str | Promise, bool]]]]


def choices(report: Report, chosen: str = "") -> Choices:
    """The dimensions to narrow by, grouped by the kind of record that has them."""
    return _grouped(questions.dimensions(report.kinds), chosen)


def splits(report: Report, chosen: str) -> Choices:
    """Those to split by: nothing that is another one of each record, and nothing that no record has."""
    found = [one for one in questions.dimensions(report.kinds) if one.type not in MEASURED and not one.long]
    found = [one for one in found if not one.searched]
    bare = [one for one in found if not one.column and one not in questions.OWN_FIELDS.get(one.kind, ())]
    there = {one.name: Exists(FieldNow.objects.filter(kind=one.kind, field=one.slug)) for one in bare}
    asked = {f"is_{place}": there[one.name] for place, one in enumerate(bare)}
    held = House.objects.annotate(**asked).values_list(*asked).first() if asked else ()
    empty = {one.name for one, is_there in zip(bare, held or (), strict=False) if not is_there}
    return _grouped([one for one in found if one.name not in empty or one.name == chosen], chosen)


def _grouped(found: Sequence[Field], chosen: str) -> Choices:
    grouped = groupby(found, key=lambda field: field.kind)
    return [
        (KINDS[kind], [(field.name, field.label, field.name == chosen) for field in fields]) for kind, fields in grouped
    ]


def periods(report: Report, asking: Asked, now: datetime) -> list[tuple[str, str, bool]]:
    """Periods that people ask for: what each is called, its address, and whether it is the one that was asked for."""
    if not {"from", "to"} <= set(report.options):
        return []
    today = now.astimezone(ZoneInfo(asking.question.zone)).date()
    month = today.replace(day=1)
    quarter = months(month, -((month.month - House.get().fiscal_year_start) % 3))
    before, year = months(month, -1), months(today, -12) + timedelta(days=1)
    spans = [
        (_("This month"), month, today),
        (_("Last month"), before, month - timedelta(days=1)),
        (_("This quarter"), quarter, today),
        (_("Last quarter"), months(quarter, -3), quarter - timedelta(days=1)),
        (_("Last 12 months"), year, today),
    ]
    kept = asking.kept
    found = []
    for label, first, last in spans:
        days = {FROM: first.isoformat(), TO: last.isoformat()}
        found.append((label, f"?{urlencode({**kept, **days}, doseq=True)}", days.items() <= kept.items()))
    earlier = asking.before
    return [*found, (_("The period before"), earlier.query, False)] if earlier else found


def months(day: date, by: int) -> date:
    """The same day so many months on, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + by, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _added(request: MemberRequest, report: Report) -> list[str]:
    """A filter that has just been typed: its field and its value, in the words of the page."""
    name, value = request.GET.get("only_field", ""), request.GET.get("only_value", "").strip()
    if not (name and value):
        return []
    try:
        return [f"{name}:{questions.meant(name, value, report.kinds)}"]
    except CannotAsk:
        return [f"{name}:{value}"]  # what is wrong with the field is said where the question is made


def _called(one: Only) -> str:
    if one.value == UNKNOWN:
        return _("not known")
    return questions.labels(one.field, [one.value]).get(one.value, one.value)


def _without(kept: Mapping[str, Any], only: str) -> str:
    rest = {**kept, ONLY: [one for one in kept[ONLY] if one != only]}
    return f"?{urlencode(rest, doseq=True)}"


def _problem(request: MemberRequest, report: Report, typed: Mapping[str, str], only: Sequence[str] = ()) -> str:
    try:
        _question(request, report, typed, only)
    except CannotAsk as refused:
        return str(refused)
    return ""


def _question(request: MemberRequest, report: Report, typed: Mapping[str, str], only: Sequence[str]) -> Question:
    given: dict[str, Any] = {ARGUMENTS[name]: text for name, text in typed.items()}
    return Question.asked(request.now, viewer=request.user, only=only, kinds=report.kinds, **given)
