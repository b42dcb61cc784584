"""What was typed into the controls of a report, as the question that it makes; what makes no sense is said there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.rooms.insight import questions
from accord.rooms.insight.questions import CannotAsk, Question
from accord.rooms.insight.reports import Cell
from accord.rooms.insight.reports.frame import Told
from accord.web.shell.gate import MemberRequest

FROM, TO, AS_OF, BY = "from", "to", "as_of", "by"
MOMENT = "moment"  # of the answer that a list belongs to; it is not typed, and goes before AS_OF
ARGUMENTS = {FROM: "since", TO: "until", AS_OF: "as_of", MOMENT: "as_of", BY: "by"}
KINDS = {"lead": gettext_lazy("Lead"), "contact": gettext_lazy("Contact"), "company": gettext_lazy("Company")}


@dataclass(frozen=True)
class Asked:
    """`typed` is kept as it came; `question` is made of what in it makes sense, `problems` says what does not."""

    report: str
    typed: Mapping[str, str]
    problems: Mapping[str, str]
    question: Question

    @property
    def kept(self) -> dict[str, str]:
        return {name: text for name, text in self.typed.items() if text and name not in self.problems}

    @property
    def limited(self) -> bool:
        return bool({FROM, TO, AS_OF} & set(self.kept))

    @property
    def query(self) -> str:
        return f"?{urlencode(self.kept)}" if self.kept else ""

    def without_first(self, problem: str) -> "Asked":
        """The same without the first day, of which the report says what is wrong with it."""
        question = replace(self.question, start=None)
        return replace(self, problems={**self.problems, FROM: problem}, question=question)

    def leads(self, told: Told, cell: Cell) -> str:
        """The address of the list behind a number: of the same moment, from the same generation."""
        named = {name: value for name, value in vars(cell).items() if value is not None}
        moment = {MOMENT: told.as_of.isoformat(), "generation": told.generation}
        return f"{reverse('insight_leads')}?{urlencode({'report': self.report, **self.kept, **named, **moment})}"


def asked(request: MemberRequest, report: str, names: Sequence[str]) -> Asked:
    typed = {name: request.GET.get(name, "").strip() for name in names}
    problems = {name: problem for name, text in typed.items() if text and (problem := _problem(request, name, text))}
    question = _question(request, {name: text for name, text in typed.items() if name not in problems})
    if question.start and question.end and question.start >= question.end:
        problems[TO] = _("The last day lies before the first one: choose a later one.")
        question = _question(request, {name: text for name, text in typed.items() if name not in problems})
    return Asked(report, typed, problems, question)


def choices(chosen: str) -> list[tuple[str | Promise, list[tuple[str, str | Promise, bool]]]]:
    """The dimensions to split by, grouped by the kind of record that has them."""
    found = groupby(questions.dimensions(), key=lambda field: field.kind)
    return [
        (KINDS[kind], [(field.name, field.label, field.name == chosen) for field in fields]) for kind, fields in found
    ]


def _problem(request: MemberRequest, name: str, text: str) -> str:
    try:
        _question(request, {name: text})
    except CannotAsk as refused:
        return str(refused)
    return ""


def _question(request: MemberRequest, typed: Mapping[str, str]) -> Question:
    given: dict[str, Any] = {ARGUMENTS[name]: text for name, text in typed.items()}
    return Question.asked(request.now, viewer=request.user, **given)
