"""What the room of scores shows on the page of a contact."""

from typing import Any

from accord.rooms.agreement.models import Version
from accord.rooms.funnel.whys import judge_of
from accord.rooms.scoring.models import ScoreNow
from accord.rooms.scoring.saying import whole
from accord.web.records.frame import ACTS, SIDE, Panel, Viewing
from accord.web.records.panels import here
from accord.web.scoring.checking import questions_of
from accord.web.scoring.forms import CheckForm


def score(viewing: Viewing) -> dict[str, Any] | None:
    """Grade and points in the head, as they were worked out last; why they are is asked for when somebody looks."""
    contact = viewing.record
    if not here(viewing) or _judge(viewing) is None:
        return None
    kept = ScoreNow.objects.filter(contact=contact).first()
    lead = viewing.open.get("lead")
    return {"kept": kept, "total": whole(kept.total) if kept else "", "contact": contact, "lead": lead}


def check(viewing: Viewing) -> dict[str, Any] | None:
    """The short form of a check, for whoever has just spoken to this person."""
    if not here(viewing):
        return None
    form = viewing.open.get("check_form")
    return {
        "contact": viewing.record,
        "form": form or CheckForm(questions=questions_of(_judge(viewing))),
        "open": form is not None,
        "by": viewing.member.role,
    }


def _judge(viewing: Viewing) -> Version | None:
    contact = viewing.record.pk
    return viewing.once("judge", lambda: judge_of([contact], viewing.request.now).get(contact))


PANELS = [
    Panel("contact", ACTS, 5, "scoring/pill.html", score),
    Panel("contact", SIDE, 15, "scoring/check.html", check, "log_check"),
]
