"""What goes with a lead: ids alone, frozen when it is handed over, and rendered when somebody reads them."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from accord.kernel import bulk
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Lead, Qualification, Transition
from accord.rooms.people.models import Link
from accord.rooms.people.queries import owners
from accord.rooms.scoring.models import ScoreNow

TOLD = 50  # touches of a lead, the newest


def of(leads: Sequence[Lead]) -> dict[int, dict[str, Any]]:
    """By lead: its last touches, its steps, how it qualified, and its scores then. Five queries."""
    contacts = {lead.contact_id for lead in leads}
    touches = _touches(contacts)
    steps: dict[int, list[int]] = defaultdict(list)
    for pk, lead in (
        Transition.objects.filter(lead_id__in=[one.pk for one in leads]).order_by("id").values_list("id", "lead_id")
    ):
        steps[lead or 0].append(pk)
    met = dict(Qualification.objects.filter(lead__in=leads).order_by("segment").values_list("lead_id", "id"))
    scores = {row.contact_id: row for row in ScoreNow.objects.filter(contact__in=contacts)}
    return {
        lead.pk: {
            "touches": touches[lead.contact_id],
            "transitions": steps[lead.pk],
            "qualification": met.get(lead.pk),
            **_scored(scores.get(lead.contact_id)),
        }
        for lead in leads
    }


def written(story: Mapping[str, Any]) -> str:
    return json.dumps(story)


def _scored(row: ScoreNow | None) -> dict[str, Any]:
    return {"fit": row.fit, "engagement": row.engagement, "grade": row.grade} if row else {}


def _touches(contacts: set[int]) -> dict[int, list[int]]:
    """The newest touches of the identities that each contact has now, oldest of them first."""
    ever = {identity for (identity,) in bulk.look_up(Link, "contact_id", contacts, ["identity_id"])}
    latest = owners(ever)
    found: dict[int, list[tuple[Any, int]]] = defaultdict(list)
    for pk, identity, occurred in bulk.look_up(Touch, "identity_id", ever, ["id", "identity_id", "occurred_at"]):
        if (contact := latest.get(identity)) in contacts:
            found[contact].append((occurred, pk))
    return defaultdict(list, {contact: [pk for _at, pk in sorted(its)[-TOLD:]] for contact, its in found.items()})
