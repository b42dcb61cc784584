"""Usual times in a stage and the chance to win by age, computed from the mirror and published to the funnel.

**Which threshold.** METHODS asks for the time to progress of those that progressed, and warns of what is still open.
Taking only stays that have ended counts the quick ones too often: the slow ones of the same weeks are still running.
A Kaplan-Meier curve of progress with every other exit censored says when they would move on if none could be lost,
which is longer, and never comes down where most are lost. Taken is the cumulative incidence of progress
(Aalen-Johansen; exits and steps back compete, running and joined stays are censored), as a share of what it comes to
in the end: of those that move on, by which day have three quarters? What is censored counts while it was watched.

**Where it says nothing.** A young house has not seen the slow ones, and its curve would seem to end early. A quantile
is given only where ENOUGH stays began so long ago that they could be watched for twice as long.

**The chance to win**, from the first coming into the stage: (W(end) - W(a)) / S(a) with W the incidence of wins and S
the share still open, by the end of the watch. It is of those still open at that age, wherever they stand then; most of
those that have already gone on are among them. What will be won later than anybody was watched is not in it.
"""

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from accord.kernel import clock
from accord.kernel.jobs import Job, Progress
from accord.kernel.survival import OPEN, aalen_johansen
from accord.kernel.warehouse.generation import Generation, generation
from accord.rooms.funnel import usual
from accord.rooms.funnel.models import Usual
from accord.rooms.funnel.models.usual import DEAL, LEAD
from accord.rooms.funnel.rules import ENOUGH
from accord.rooms.insight import stays
from accord.rooms.insight.columns import Floats, Numbers, each
from accord.rooms.insight.questions import Question
from accord.rooms.insight.stays import ELSEWHERE, MOVED_ON, NOT_WON, WON, Careers, Stays

MOST_CHANCES = 120  # entries of one curve
WINS, STILL_OPEN = 30, 10
LONGEST_STAGE, LONGEST_SEGMENT = 60, 200  # characters

Chance = list[float | int | None]


def run_job(job: Job, progress: Progress) -> dict[str, int]:
    """In a process of its own: of a million leads it takes seconds, in which the worker would take nothing in."""
    return {"published": publish(clock.now())}


def publish(at: datetime) -> int:
    """Compute what is usual by all that is known now, and put it in place of what was; returns how many rows."""
    with generation() as read:
        rows = computed(read, Question(at))
    usual.publish(rows, at)
    return len(rows)


def computed(read: Generation, question: Question) -> list[Usual]:
    """One for each stage that somebody stood in, and for each segment of it of which ENOUGH moved on."""
    leads, deals = stays.of_leads(read, question), stays.of_deals(read, question)
    asked = [(kind, *one) for kind, of in ((LEAD, leads), (DEAL, deals)) for one in _asked(*of)]
    return each(lambda one: _usual(*one, at=question.at), asked)


def _asked(stood: Stays, careers: Careers) -> Iterator[tuple[str, str, Stays, Careers | None]]:
    by_stage = dict(careers.parts(careers.stage))
    for stage, here in stood.parts(stood.stage):
        if stage and len(stage) <= LONGEST_STAGE:
            yield stage, "", here, by_stage[stage]
            for segment, those in _segments(here):
                yield stage, segment, those, None


def quantiles(stood: Stays, *shares: float) -> list[float | None]:
    """By how many days each share of those that move on has; None where that cannot be said yet."""
    curve = aalen_johansen(stood.days, stood.ended, (MOVED_ON, ELSEWHERE))
    moved_on = curve.curves[MOVED_ON].values
    if not moved_on.size or moved_on[-1] == 0:
        return [None] * len(shares)
    # A share that should be reached exactly may come out a rounding error below it.
    reached = [moved_on >= share * moved_on[-1] - 1e-12 for share in shares]
    days = [float(curve.times[np.argmax(those)]) for those in reached]
    return [one if np.sum(stood.watched >= 2 * one) >= ENOUGH else None for one in days]


def chances(days: Floats, became: Numbers) -> list[Chance]:
    """[days, chance, still open then], by whole days; the last entry says from when on nothing is said.

    Nothing at all is said with fewer than WINS wins; beyond the age that STILL_OPEN have reached neither.
    """
    if np.sum(became == WON) < WINS:
        return []
    curve, reached = aalen_johansen(days, became, (WON, NOT_WON)), np.sort(days)
    end = float(np.floor(reached[-STILL_OPEN]))
    ages = np.arange(0, np.ceil(end), max(1, np.ceil(end / MOST_CHANCES)))
    still = curve.at(OPEN, ages)
    won = (curve.at(WON, np.inf) - curve.at(WON, ages)) / still
    open_then = reached.size - np.searchsorted(reached, ages)
    by_age = zip(ages.tolist(), won.tolist(), open_then.tolist(), strict=True)
    return [*(list(told) for told in by_age), [end, None, STILL_OPEN]]


def _usual(kind: str, stage: str, segment: str, stood: Stays, careers: Careers | None, at: datetime) -> Usual:
    median, p75, p95 = quantiles(stood, 0.5, 0.75, 0.95)
    by_age = chances(careers.days, careers.became) if careers else []
    return Usual(
        kind=kind, stage=stage, segment=segment, n=stood.days.size, left=int(np.sum(stood.ended == MOVED_ON)),
        median=median, p75=p75, p95=p95, chances=by_age, computed_at=at,
    )  # fmt: skip


def _segments(here: Stays) -> Iterator[tuple[str, Stays]]:
    for name, those in here.parts(here.segment):
        if name and len(name) <= LONGEST_SEGMENT and np.sum(those.ended == MOVED_ON) >= ENOUGH:
            yield name, those
