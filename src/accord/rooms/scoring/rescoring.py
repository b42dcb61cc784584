"""The scores of everybody, worked out at once: what time alone has changed is written back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import ibis
import pyarrow as pa

from accord.kernel import clock, ledger
from accord.kernel.instants import to_micros
from accord.kernel.jobs import Job, Progress
from accord.kernel.traits import chunked
from accord.kernel.warehouse.generation import Generation, generation
from accord.rooms.agreement.document.model import Share
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.queries import in_force
from accord.rooms.people.models import Contact
from accord.rooms.scoring.expression.asked import Asked
from accord.rooms.scoring.expression.matching import NEVER
from accord.rooms.scoring.expression.scores import At
from accord.rooms.scoring.live import part_of
from accord.rooms.scoring.models import ScoreNow

WRITTEN_AT_ONCE = 2_000  # a million in one transaction would keep everybody else out for seconds
Row = tuple[int, int, float, float, str]  # contact, version, fit, engagement, grade


def run_job(job: Job, progress: Progress) -> dict[str, int]:
    """In a process of its own: a million scores take seconds, in which the worker would take nothing in."""
    return {"written": rescore(clock.now())}


def rescore(at: datetime) -> int:
    """Write the scores whose grade or version is another than what stands; returns how many that were."""
    versions = in_force(at)
    if not versions:
        return 0
    stand = {contact: known for contact, *known in ScoreNow.objects.values_list("contact_id", "version_id", "grade")}
    changed = [row for row in scored(versions, at) if stand.get(row[0]) != [row[1], row[4]]]
    for rows in chunked(changed, WRITTEN_AT_ONCE):
        with ledger.write(at):
            here = set(Contact.objects.filter(pk__in=[row[0] for row in rows]).values_list("id", flat=True))
            ScoreNow.write([row for row in rows if row[0] in here], at)
    return len(changed)


def scored(versions: Sequence[Version], at: datetime) -> Iterable[Row]:
    """Everybody's scores as of now, each under the first version whose scope holds, else under the first of all."""
    now = to_micros(max(at, ledger.latest() or at))
    contacts = dict(Contact.objects.filter(merged_into=None, trashed_at=None).values_list("id", "external_id"))
    found: dict[int, Row] = {}
    others: dict[int, Row] = {}
    with generation() as read:
        for version in versions:
            for contact, fit, engagement, grade, scope in _scored(read, version, contacts, now):
                row = (contact, version.pk, fit, engagement, grade)
                if scope:
                    found.setdefault(contact, row)
                elif version is versions[0]:
                    others[contact] = row
    return (others | found).values()


def _scored(read: Generation, version: Version, contacts: dict[int, str], now: int) -> Iterable[tuple]:
    if not contacts:
        return []
    asked = Asked(version.document)
    people = ibis.memtable(pa.table({"contact_id": pa.array(list(contacts), pa.int64())}))
    rows, of = At(read, asked, now, now).evaluated(people)
    scope = of.holds(asked.scope) if asked.scope is not None else ~NEVER
    wanted = rows.select("contact_id", fit=of.fit, engagement=of.engagement, grade=of.grade, scope=scope)
    table = read.engine.connection.to_pyarrow(wanted)
    found = zip(*(table[name].to_pylist() for name in wanted.columns), strict=True)
    share = version.document.scope
    if not isinstance(share, Share):
        return found
    return [(contact, *known, part_of(share, contacts[contact])) for contact, *known, _scope in found]
