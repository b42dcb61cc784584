"""What sales said to each lead that marketing offered: its first answer, and for what reason it was returned."""

from dataclasses import dataclass, replace

import ibis
import numpy as np
from ibis import Table as Rows

from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules
from accord.rooms.funnel.tables import TRANSITIONS
from accord.rooms.insight import passages
from accord.rooms.insight.columns import UNTOLD, Columns, Flags, Numbers, Texts, read
from accord.rooms.insight.made import Passages
from accord.rooms.insight.questions import Question

NOT_OFFERED, ACCEPTED, RETURNED, ENDED, WAITING = "", "accepted", "returned", "ended", "waiting"


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
    found, returned = passages.leads(generation, question), read(_returns(generation, question))
    whose = found.find(returned["given_back"])
    here = whose >= 0
    returned_at = np.full(found.size, known.FOREVER)
    returned_at[whose[here]] = returned["returned_at"][here]
    reasons = np.full(found.size, UNTOLD)
    reasons[whose[here]] = returned["reason"].codes[here]
    answers = _answers(found, returned_at)
    back = answers.are(ACCEPTED) & (returned_at < known.FOREVER)
    return Verdicts(found.leads, found.groups, answers, replace(returned["reason"], codes=reasons), back)


def _answers(found: Passages, returned_at: Numbers) -> Texts:
    """The earlier of the two answers counts; of one instant, the lead was accepted first. What was returned had been
    offered, also where a file tells of no offer.
    """
    offered, accepted_at = (found.reached[rules.PLACE[stage]] for stage in (rules.MQL, rules.SAL))
    accepted, returned = accepted_at < known.FOREVER, returned_at < known.FOREVER
    answers: list[tuple[Flags, str]] = [
        (accepted & (accepted_at <= returned_at), ACCEPTED),
        (returned & (returned_at < accepted_at), RETURNED),
        ((offered < known.FOREVER) & found.stages.are(*rules.EXITS), ENDED),
        (offered < known.FOREVER, WAITING),
    ]
    return Texts.chosen(answers, NOT_OFFERED)


def _returns(generation: Generation, question: Question) -> Rows:
    """The first return of each lead by sales, with its reason in small letters."""
    moment = question.moment(generation)
    rows = known.standing(generation, TRANSITIONS, moment)
    rows = rows.filter(rows.move == rules.RETURNED, rows.lead_id.notnull(), rows.occurred_at <= known.instant(moment))
    order = ibis.window(group_by="lead_id", order_by=[rows.occurred_at, rows.id])
    rows = rows.mutate(turn=ibis.row_number().over(order))
    said = rows.reason.strip().lower().nullif("")
    return rows.filter(rows.turn == 0).select(given_back="lead_id", returned_at="occurred_at", reason=said)
