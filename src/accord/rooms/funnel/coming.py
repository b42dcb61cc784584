"""What a version would do on the day on which it comes into force: who of the open leads would qualify at once."""

from datetime import datetime

from accord.kernel import ledger
from accord.kernel.instants import FOREVER, to_micros
from accord.kernel.traits import chunked
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.queries import Term
from accord.rooms.funnel import rules
from accord.rooms.funnel.judging import moves_of
from accord.rooms.funnel.models import Lead
from accord.rooms.scoring import live
from accord.rooms.scoring.expression.asked import Asked
from accord.rooms.scoring.live import Batch

TOGETHER = 2_000


def would_qualify(version: Version, at: datetime) -> list[int]:
    """The open leads, not qualified yet, in its scope that meet its definition now: ids, the best score first."""
    now = to_micros(max(at, ledger.latest() or at))
    waiting = Lead.objects.open().filter(stage__in=[rules.INQUIRY, rules.ENGAGED]).values_list("contact_id", "id")
    found: list[tuple[float, int]] = []
    for some in chunked(waiting.order_by("id"), TOGETHER):
        found += _of_some(version, dict(some), now)
    return [lead for _score, lead in sorted(found, key=lambda one: (-one[0], one[1]))]


def _of_some(version: Version, leads: dict[int, int], now: int) -> list[tuple[float, int]]:
    gathered = live.gather(leads, [Asked(version.document)], now)
    batch = Batch(dict.fromkeys(leads, now), moves_of(leads), now, [{"contact_id": one, "at": now} for one in leads])
    term = Term(version, version.made_at, FOREVER)
    moments, scored = live.judged(term, batch, gathered)
    meeting = {one.contact_id for one in moments if one.due and one.holds and one.scope}
    return [(one.fit + one.engagement, leads[one.contact_id]) for one in scored if one.contact_id in meeting]
