"""What sales said to each lead that marketing offered: its first answer, and for what reason it was returned."""

from dataclasses import dataclass, fields
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
from ibis import Table as Rows

from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules
from accord.rooms.funnel.tables import TRANSITIONS
from accord.rooms.insight import passages
from accord.rooms.insight.questions import Question

NOT_OFFERED, ACCEPTED, RETURNED, ENDED, WAITING = "", "accepted", "returned", "ended", "waiting"
READ = ("lead_id", "group", "stage", "offered", "accepted_at", "returned_at", "reason", "ever")


@dataclass(frozen=True, eq=False)
class Verdicts:
    """One entry a lead, in the order of ids. `answers` is NOT_OFFERED for one that never came as far as MQL; ENDED
    where the passage ended before sales had answered; `reasons` are those of a first return, as they are compared.

    `back` marks leads that were accepted first and returned later.
    """

    leads: npt.NDArray[np.int64]
    groups: npt.NDArray[Any]
    answers: npt.NDArray[Any]
    reasons: npt.NDArray[Any]
    back: npt.NDArray[np.bool_]

    def of(self, which: npt.NDArray[np.bool_]) -> "Verdicts":
        return Verdicts(**{column.name: getattr(self, column.name)[which] for column in fields(self)})

    def count(self, answer: str) -> int:
        return int((self.answers == answer).sum())

    @property
    def offered(self) -> int:
        return int((self.answers != NOT_OFFERED).sum())


def verdicts(generation: Generation, question: Question) -> Verdicts:
    read = _answered(generation, question).select(*READ).order_by("lead_id").to_pyarrow()
    columns = {name: read[name].to_numpy(zero_copy_only=False) for name in READ}
    answers = _answers(columns)
    accepted = answers == ACCEPTED
    reasons = columns["reason"].astype(object)
    reasons[answers != RETURNED] = None
    return Verdicts(
        leads=columns["lead_id"],
        groups=columns["group"],
        answers=answers,
        reasons=reasons,
        back=accepted & columns["ever"].astype(bool),
    )


def _answers(columns: dict[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """The earlier of the two answers counts; of one instant, the lead was accepted first. What was returned had been
    offered, also where a file tells of no offer.
    """
    offered, accepted, returned = (columns[name] < known.FOREVER for name in ("offered", "accepted_at", "returned_at"))
    answers = np.full(offered.shape, NOT_OFFERED, dtype=object)
    answers[offered] = WAITING
    answers[offered & np.isin(columns["stage"], rules.EXITS)] = ENDED
    answers[returned & (columns["returned_at"] < columns["accepted_at"])] = RETURNED
    answers[accepted & (columns["accepted_at"] <= columns["returned_at"])] = ACCEPTED
    return answers


def _answered(generation: Generation, question: Question) -> Rows:
    moment = question.moment(generation)
    found = passages.asked(generation, question).drop("since")
    made = passages.steps(generation, moment, moment)
    far = passages.place(made.stage)
    came = made.group_by(of="lead_id").aggregate(
        offered=ibis.ifelse(far >= rules.PLACE[rules.MQL], made.since, known.FOREVER).min(),
        accepted_at=ibis.ifelse(far >= rules.PLACE[rules.SAL], made.since, known.FOREVER).min(),
    )
    found = found.left_join(came, found.lead_id == came.of)
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
