"""The journal: for every fact, the reactions that `loop.py` names for its kind, each done exactly once.

A reaction is two functions. `plan(facts, at)` reads and computes outside any write transaction;
`apply(changes, at)` writes with conditional updates in one short transaction that first deletes the
pending rows, and is rolled back if one of them is gone already.
"""

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.db.models import F, Q

from accord.kernel import bulk, clock, fields, ledger
from accord.kernel.instants import InstantField, stored
from accord.kernel.ledger import Fact

BATCH = 500
LEASE = timedelta(minutes=2)
log = logging.getLogger(__name__)


class Changed(Exception):
    """What `plan` saw is no longer so: the facts go round again."""


@dataclass(frozen=True)
class Reaction:
    """`key` is stable for ever: pending rows name it. `slow`: no click waits for it that does not show its result."""

    key: str
    plan: Callable[[Sequence[Fact], datetime], Any]
    apply: Callable[[Any, datetime], None]
    slow: bool = False


class Pending(models.Model):
    fact = models.ForeignKey(Fact, models.CASCADE, related_name="+", db_constraint=False)
    reaction = models.CharField(max_length=80)
    claimed_until = InstantField(null=True)

    class Meta:
        db_table = "pending"
        indexes = [models.Index(fields=["reaction", "id"], name="pending_reaction")]


class Parked(models.Model):
    """A fact that a reaction could not digest, with what went wrong, for an operator to look at and send again."""

    fact = models.ForeignKey(Fact, models.CASCADE, related_name="+", db_constraint=False)
    reaction = models.CharField(max_length=80)
    error = models.TextField()
    parked_at = InstantField()

    class Meta:
        db_table = "parked"


_reactions: dict[str, Reaction] = {}
_by_kind: dict[str, list[Reaction]] = {}


def wire(table: Mapping[str, Sequence[Reaction]]) -> None:
    """Take the loop's table: fact kind to reactions."""
    _by_kind.clear()
    _by_kind.update({kind: list(reactions) for kind, reactions in table.items()})
    _reactions.clear()
    _reactions.update({r.key: r for reactions in table.values() for r in reactions})
    ledger.send_to(_send)


def _send(facts: Sequence[Fact]) -> None:
    rows = [(fact.pk, reaction.key) for fact in facts for reaction in _by_kind.get(fact.kind, ())]
    bulk.insert(Pending, ["fact_id", "reaction"], rows)


def wired() -> list[Reaction]:
    """Every reaction that there is."""
    return list(_reactions.values())


def drain() -> int:
    """Run every pending reaction until none is left; returns how many were done or parked."""
    done = 0
    while (waiting := _waiting()) and (batch := _round(waiting)):
        done += batch
    return done


def _round(waiting: set[str]) -> int:
    """A batch of each reaction that waits, in the order of the loop's table; what one sets off a later one meets."""
    done = 0
    for reaction in _reactions.values():
        if reaction.key in waiting and (ran := _run(reaction, _take(_free(Q(reaction=reaction.key))))):
            done, waiting = done + ran, _waiting()
    return done


def _waiting() -> set[str]:
    """Which reactions have something to do, in one query: an idle worker asks it again and again."""
    keys, now = list(_reactions), stored(clock.machine(), connection.vendor)
    if not keys:
        return set()
    one = (
        "SELECT {} WHERE EXISTS (SELECT 1 FROM pending WHERE reaction = %s"
        " AND (claimed_until IS NULL OR claimed_until < %s))"
    )
    asked = " UNION ALL ".join(one.format(place) for place in range(len(keys)))
    with connection.cursor() as cursor:
        cursor.execute(asked, [value for key in keys for value in (key, now)])
        return {keys[place] for (place,) in cursor.fetchall()}


def drain_caused(facts: Sequence[int], *, most: int, milliseconds: int, slow: bool = True) -> int:
    """Run what these facts set off, so that a person sees the result of a click; the worker does the rest."""
    wanted = [reaction.key for reaction in _reactions.values() if slow or not reaction.slow]
    until, done = clock.machine() + timedelta(milliseconds=milliseconds), 0
    with_effects = ledger.caused.set(effects := list(facts[:most]))
    try:
        while effects and done < most and clock.machine() < until:
            which, effects[:] = Q(fact_id__in=list(effects), reaction__in=wanted), []
            while clock.machine() < until and (claimed := _claim(which)):
                done += sum(_run(_reactions[key], its) for key, its in _by_reaction(claimed).items())
    finally:
        ledger.caused.reset(with_effects)
    return done


def lag() -> dict[str, Any]:
    """How much waits, and since when."""
    waiting = Pending.objects.aggregate(count=models.Count("id"), oldest=models.Min("fact__stored_at"))
    return {**waiting, "parked": Parked.objects.count()}


def unpark(parked: Parked) -> None:
    """Send a parked fact to its reaction again; of two who do so at once, one does."""
    with transaction.atomic():
        taken, _ = Parked.objects.filter(pk=parked.pk).delete()
        if taken:
            Pending.objects.create(fact_id=parked.fact_id, reaction=parked.reaction)


def _claim(which: Q) -> list[Pending]:
    """A batch, where anything waits: to ask is cheaper than a transaction."""
    free = _free(which)
    return _take(free) if free.exists() else []


def _free(which: Q) -> "models.QuerySet[Pending]":
    return Pending.objects.filter(Q(claimed_until=None) | Q(claimed_until__lt=clock.machine()), which)


def _take(free: "models.QuerySet[Pending]") -> list[Pending]:
    """Take a batch for a while, so that workers do not compute the same thing; what makes it safe is `apply`."""
    with transaction.atomic():
        rows = free.select_related("fact").order_by("id")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        claimed = list(rows[:BATCH])
        Pending.objects.filter(pk__in=[p.pk for p in claimed]).update(claimed_until=clock.machine() + LEASE)
    return claimed


def _by_reaction(claimed: Sequence[Pending]) -> dict[str, list[Pending]]:
    """In the order of the loop's table."""
    parts: dict[str, list[Pending]] = {}
    for pending in claimed:
        parts.setdefault(pending.reaction, []).append(pending)
    return {key: parts[key] for key in _reactions if key in parts}


def _run(reaction: Reaction, claimed: list[Pending]) -> int:
    if not claimed:
        return 0
    try:
        return _digest(reaction, claimed)
    except Changed:
        Pending.objects.filter(pk__in=[p.pk for p in claimed]).update(claimed_until=None)
        return len(claimed)
    except Exception:  # noqa: BLE001 - the worker's outermost loop: whatever a reaction raises, the others go on
        return _bisect(reaction, claimed, traceback.format_exc())


def _digest(reaction: Reaction, claimed: list[Pending]) -> int:
    at = clock.now()
    facts = sorted((p.fact for p in claimed), key=lambda fact: fact.pk)
    with fields.read_once():
        changes = reaction.plan(facts, at)
        with ledger.write(at):
            ids = [p.pk for p in claimed]
            gone, _ = Pending.objects.filter(pk__in=ids).delete()
            if gone != len(ids):
                raise Changed
            reaction.apply(changes, at)
    return len(claimed)


def _bisect(reaction: Reaction, claimed: list[Pending], error: str) -> int:
    if len(claimed) == 1:
        _park(reaction, claimed[0], error)
        return 1
    middle = len(claimed) // 2
    return _run(reaction, claimed[:middle]) + _run(reaction, claimed[middle:])


def _park(reaction: Reaction, pending: Pending, error: str) -> None:
    log.error("parked fact %s for %s", pending.fact_id, reaction.key)
    with transaction.atomic():
        taken, _ = Pending.objects.filter(pk=pending.pk).delete()
        if taken:
            Parked.objects.create(
                fact_id=pending.fact_id, reaction=reaction.key, error=error, parked_at=clock.machine()
            )


def waiting_by_reaction() -> list[dict[str, Any]]:
    counted = Pending.objects.values("reaction").annotate(
        count=models.Count("id"), oldest=models.Min(F("fact__stored_at"))
    )
    return [dict(row) for row in counted.order_by("reaction")]
