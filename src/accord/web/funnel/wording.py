"""Names of moves, and who stands where in a passage: words for buttons, lines and the path."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.rooms.funnel import rules
from accord.rooms.funnel.fields import STAGE_NAMES, reason_name
from accord.rooms.funnel.models import Transition
from accord.rooms.handoff.fields import REASON_NAMES as RETURN_NAMES
from accord.web.shell import wording

MOVE_NAMES = {
    rules.WON: gettext_lazy("Mark as won"),
    rules.LOST: gettext_lazy("Mark as lost"),
    rules.RECYCLED: gettext_lazy("Recycle"),
    rules.DISQUALIFIED: gettext_lazy("Disqualify"),
    rules.RETURNED: gettext_lazy("Return to marketing"),
}
BY_ITSELF = {
    rules.BY_RULE: gettext_lazy("by the rule of the agreement"),
    rules.BY_MERGE: gettext_lazy("two contacts were merged"),
    rules.BY_DEAL: gettext_lazy("the company’s deal goes on with a colleague’s lead"),
}
DOUBTS = {
    "machine": gettext_lazy("touches that it rested on have proved machine-made"),
    "elsewhere": gettext_lazy("touches that it rested on have proved somebody else's"),
    "retracted": gettext_lazy("touches that it rested on were taken back"),
}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def move_name(move: rules.Move) -> str | Promise:
    return MOVE_NAMES.get(move.name) or _("To %(stage)s") % {"stage": STAGE_NAMES[move.target]}


def reason(said: str) -> str:
    """Why a move was made, as it was written; what nobody does by hand, in words of ours."""
    if said in BY_ITSELF:
        return str(BY_ITSELF[said])
    return str(RETURN_NAMES.get(said) or reason_name(said))


def side_of(stage: str) -> str:
    if stage not in rules.PLACE:
        return "none"
    return "sales" if rules.PLACE[stage] >= rules.PLACE[rules.SAL] else "marketing"


def spent(steps: Sequence[Transition], now: datetime) -> dict[str, str]:
    """How long the passage stood in each stage; in its present one, since when."""
    times: dict[str, timedelta] = {}
    for step, following in pairwise(steps):
        times[step.to_stage] = times.get(step.to_stage, timedelta()) + (following.occurred_at - step.occurred_at)
    words = {stage: length(time) for stage, time in times.items()}
    if steps:
        words[steps[-1].to_stage] = _("since %(time)s") % {"time": wording.short(steps[-1].occurred_at, now)}
    return words


def length(time: timedelta) -> str:
    if time >= DAY:
        return _("%(days)s d") % {"days": wording.number(time // DAY)}
    if time >= HOUR:
        return _("%(hours)s h") % {"hours": time // HOUR}
    return _("%(minutes)s min") % {"minutes": time // timedelta(minutes=1)}


def skipped(steps: Sequence[Transition]) -> tuple[str, ...]:
    """Stages that the passage went past without standing in them."""
    been = {step.to_stage for step in steps}
    reached = max((rules.PLACE[s] for s in been if s in rules.PLACE), default=0)
    return tuple(stage for stage in rules.STAGES[:reached] if stage not in been)


def furthest(steps: Sequence[Transition]) -> str:
    reached = max((rules.PLACE[s.to_stage] for s in steps if s.to_stage in rules.PLACE), default=0)
    return rules.STAGES[reached]
