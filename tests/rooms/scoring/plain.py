"""A plain, slow reading of the agreement's text, to hold the product against. It imports nothing of the product."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.rooms.scoring.plain_known import Known, World
from tests.rooms.scoring.plain_passages import Qualification, Story
from tests.rooms.scoring.plain_rules import EPOCH, Moment, Reading


def iso(micros: int) -> str:
    return (EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")


def scores(world: World, document: Mapping[str, Any], t: int, k: int) -> list[dict[str, Any]]:
    """What `accord report scores --as-of t --known-at k --json` gives for the document, as if it stood alone in force.

    Instants are microseconds since 1970 UTC. One row a contact, in the code-point order of external ids.
    """
    known = Known(world)
    reading = Reading(known, document)
    return [row(reading, contact, t, k) for contact in sorted(known.contacts)]


def row(reading: Reading, contact: str, t: int, k: int) -> dict[str, Any]:
    score = reading.score(Moment(contact, t, k))
    qualifications = Story(reading, contact, k).tell()
    return {
        "contact": contact,
        "fit": score.fit,
        "engagement": score.engagement,
        "total": score.total,
        "grade": reading.grade(score),
        "qualified_at": iso(qualifications[0].at) if qualifications else None,
        "qualifications": [shown(one) for one in qualifications],
    }


def shown(one: Qualification) -> dict[str, Any]:
    return {"at": iso(one.at), "ended": one.ended}
