"""Which touches count for whom at (as-of, known-at), as AGREEMENT.md fixes it."""

from ibis import Table as Rows

from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.rooms.capture.tables import TOUCHES, VERDICTS
from accord.rooms.people.tables import LINKS


def owners(generation: Generation, k: int) -> Rows:
    """To whom each identity belongs: identity_id, contact_id (none: nobody)."""
    return known.newest(known.standing(generation, LINKS, k), "identity_id").select("identity_id", "contact_id")


def human(generation: Generation, touches: Rows, k: int) -> Rows:
    """Touches by their newest verdict human; without one, by the flag they came with."""
    newest = known.newest(known.standing(generation, VERDICTS, k), "touch_id")
    verdicts = newest.select(judged="touch_id", verdict="machine")
    judged = touches.left_join(verdicts, touches.id == verdicts.judged)
    return judged.filter(~judged.verdict.fill_null(judged.machine)).drop("judged", "verdict")


def counting(generation: Generation, t: int, k: int) -> Rows:
    """Touches that count, each with the contact for whom it does."""
    standing = known.standing(generation, TOUCHES, k)
    touches = human(generation, standing.filter(standing.occurred_at <= known.instant(t)), k)
    links = owners(generation, k)
    owned = links.filter(links.contact_id.notnull()).select(owned="identity_id", contact_id="contact_id")
    return touches.inner_join(owned, touches.identity_id == owned.owned).drop("owned")
