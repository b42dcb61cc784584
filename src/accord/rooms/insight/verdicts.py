"""What sales said to each lead that marketing offered: its first answer, and for what reason it was returned."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
from ibis import Table as Rows

from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules
from accord.rooms.funnel.tables import TRANSITIONS
from accord.rooms.insight import passages
from accord.rooms.insight.columns import Columns, Flags, Numbers, Texts, read
from accord.rooms.insight.questions import Question

NOT_OFFERED, ACCEPTED, RETURNED, ENDED, WAITING = "", "accepted", "returned", "ended", "waiting"
READ = ("lead_id", "group", "stage", "offered", "accepted_at", "returned_at", "reason", "ever")


@dataclass(frozen=True, eq=False)
class Verdicts(Columns):
    """One entry a lead. `answers` is NOT_OFFERED for one that never came as far as MQL; ENDED where the passage ended
    before sales had answered; `reasons` are those of a first return, as they are compared.

    `back` marks leads that were accepted first and returned later.
    """

    leads: Numbers
    groups: Texts
    answers: Texts
    reasons: Texts
    back: Flags

    def count(self, answer: str) -> int:
        return int(self.answers.are(answer).sum())

    @property
    def offered(self) -> int:
        return int(self.leads.size) - self.count(NOT_OFFERED)


def verdicts(generation: Generation, question: Question) -> Verdicts:
    columns = read(_answered(generation, question), *READ)
    answers = _answers(columns)
    return Verdicts(
        leads=columns["lead_id"],
        groups=columns["group"],
        answers=answers,
        reasons=columns["reason"],
        back=answers.are(ACCEPTED) & columns["ever"].astype(bool),
    )


def _answers(columns: Mapping[str, Any]) -> Texts:
    """The earlier of the two answers counts; of one instant, the lead was accepted first. What was returned had been
    offered, also where a file tells of no offer.
    """
    accepted_at, returned_at = columns["accepted_at"], columns["returned_at"]
    offered, accepted, returned = (columns[name] < known.FOREVER for name in ("offered", "accepted_at", "returned_at"))
    answers: list[tuple[Flags, str]] = [
        (accepted & (accepted_at <= returned_at), ACCEPTED),
        (returned & (returned_at < accepted_at), RETURNED),
        (offered & columns["stage"].are(*rules.EXITS), ENDED),
        (offered, WAITING),
    ]
    return Texts.chosen(answers, NOT_OFFERED)


def _answered(generation: Generation, question: Question) -> Rows:
    moment = question.moment(generation)
    found = passages.asked(generation, question).drop("since")
    offered, accepted = (found[f"at_{rules.PLACE[stage]}"] for stage in (rules.MQL, rules.SAL))
    found = found.mutate(offered=offered, accepted_at=accepted)
    returned = _returns(generation, moment)
    found = found.left_join(returned, found.lead_id == returned.given_back)
    return found.mutate(returned_at=found.returned_at.fill_null(known.FOREVER), ever=found.returned_at.notnull())


def _returns(generation: Generation, moment: int) -> Rows:
    """The first return of each lead by sales, with its reason in small letters."""
    rows = known.standing(generation, TRANSITIONS, moment)
    rows = rows.filter(rows.move == rules.RETURNED, rows.lead_id.notnull(), rows.occurred_at <= known.instant(moment))
    order = ibis.window(group_by="lead_id", order_by=[rows.occurred_at, rows.id])
    rows = rows.mutate(turn=ibis.row_number().over(order))
    said = rows.reason.strip().lower().nullif("")
    return rows.filter(rows.turn == 0).select(given_back="lead_id", returned_at="occurred_at", reason=said)
