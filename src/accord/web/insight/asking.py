"""What was typed into the controls of a report, as the question that it makes; what makes no sense is said there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.rooms.insight import questions
from accord.rooms.insight.questions import OTHERS, UNKNOWN, CannotAsk, Only, Question
from accord.rooms.insight.reports import Cell, Report
from accord.rooms.insight.reports.frame import Told
from accord.web.shell.gate import MemberRequest

FROM, TO, AS_OF, BY, ONLY = "from", "to", "as_of", "by", "only"
MOMENT = "moment"  # of the answer that a list belongs to; it is not typed, and goes before AS_OF
CONTROLS = {"from": FROM, "to": TO, "as-of": AS_OF, "by": BY, "only": ONLY}  # by the options of a report
ARGUMENTS = {FROM: "since", TO: "until", AS_OF: "as_of", MOMENT: "as_of", BY: "by"}
KINDS = {
    "lead": gettext_lazy("Lead"),
    "contact": gettext_lazy("Contact"),
    "company": gettext_lazy("Company"),
    "deal": gettext_lazy("Deal"),
    "clock": gettext_lazy("Promise"),
}


@dataclass(frozen=True)
class Asked:
    """`typed` is kept as it came; `question` is made of what in it makes sense, `problems` says what does not."""

    report: str
    typed: Mapping[str, str]
    problems: Mapping[str, str]
    question: Question

    @property
    def kept(self) -> dict[str, Any]:
        kept: dict[str, Any] = {name: text for name, text in self.typed.items() if text and name not in self.problems}
        only = [one.written for one in self.question.only]
        return kept | ({ONLY: only} if only else {})

    @property
    def limited(self) -> bool:
        return bool({FROM, TO, AS_OF, ONLY} & set(self.kept))

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
    wanted += _added(request)
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


def choices(report: Report, chosen: str) -> list[tuple[str | Promise, list[tuple[str, str | Promise, bool]]]]:
    """The dimensions to split by, grouped by the kind of record that has them."""
    found = groupby(questions.dimensions(report.kinds), key=lambda field: field.kind)
    return [
        (KINDS[kind], [(field.name, field.label, field.name == chosen) for field in fields]) for kind, fields in found
    ]


def _added(request: MemberRequest) -> list[str]:
    """A filter that has just been typed: its field and its value."""
    field, value = request.GET.get("only_field", ""), request.GET.get("only_value", "").strip()
    return [f"{field}:{value}"] if field and value else []


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
