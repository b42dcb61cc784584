"""Taking events in from the inbox: received, deduplicated, judged, identified, written. Each step is timed.

Everything that one transaction takes is written with the inbox's mark, so that a crash neither loses nor doubles.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.db import OperationalError, connection
from django.db.models import F

from accord.kernel import bulk, clock, ledger
from accord.kernel.imports.kinds import Written
from accord.kernel.instants import MICROSECOND, from_micros
from accord.kernel.ledger import Rows, Writing
from accord.rooms.capture import events, facts, machines, named, rules, told
from accord.rooms.capture.events import Event
from accord.rooms.capture.inbox import STRETCH, Inbox, Waiting
from accord.rooms.capture.inbox.store import DAY
from accord.rooms.capture.models import CaptureDay, CaptureStep, DroppedEvent, InboxMark, KindAlias, Touch
from accord.rooms.capture.persons import Named, Person, Persons
from accord.rooms.people.facts import CompanyCreated, ContactCreated
from accord.rooms.team.models import ApiKey
from accord.rooms.team.rules import may

COLUMNS = ["identity_id", "kind", "occurred_at", "machine", "asset", "campaign", "channel", "properties"]
ASSET, CAMPAIGN = COLUMNS.index("asset"), COLUMNS.index("campaign")
STEPS = ("received", "deduplicated", "judged", "identified", "written")
NAMED, CHANNEL = 255, 60  # characters
CREATED = {"contact": ContactCreated, "company": CompanyCreated}
log = logging.getLogger(__name__)
_took: dict[str, int] = dict.fromkeys(STEPS, 0)  # µs that each step took in this process and that are not kept yet


@dataclass(eq=False)
class Taken:
    """An event on its way in."""

    raw: bytes
    api_key: int
    received_at: datetime
    day: int
    event: Event
    digest: bytes
    occurred_at: datetime
    named: Named
    kind: str | None
    machine: bool = False
    person: Person | None = None

    @property
    def context(self) -> dict[str, Any]:
        return self.event.context or {}


@dataclass(eq=False)
class Dropped:
    """An event that becomes nothing, and why."""

    raw: bytes
    api_key: int
    received_at: datetime
    day: int
    digest: bytes
    reason: str
    said: str = ""


@dataclass
class _Stretch:
    """What is taken in one transaction."""

    taken: list[Taken] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)


def take(inbox: Inbox, at: datetime) -> int:
    """Take the next rows of the inbox in; returns how many rows there were. What cannot be digested is dropped."""
    inbox.refresh()
    before = InboxMark.taken_of(inbox.epoch)
    rows = inbox.after(before, STRETCH)
    if not rows:
        return 0
    with _timed("received"):
        aliases = aliases_now()
        stretch = _read(rows, aliases)
    try:
        with ledger.write(at) as writing:
            if InboxMark.move(inbox.epoch, before, rows[-1].id):
                _write(writing, stretch)
                _keep_times()
    except OperationalError:  # the database is away, full or too busy: no event is to blame, and none is dropped
        raise
    except Exception:  # whatever one event breaks, the others are not to wait behind it
        log.exception("events could not be taken together: they are taken one by one")
        _take_singly(stretch, at)
        with ledger.write(at):
            InboxMark.move(inbox.epoch, before, rows[-1].id)
    return len(rows)


def take_in(rows: Iterable[Waiting], at: datetime) -> None:
    """Take events in that never stood in an inbox."""
    with ledger.write(at) as writing:
        _write(writing, _read(rows, aliases_now()))


def aliases_now() -> dict[str, str]:
    """Kinds of touch by the name of an event: what ships with Accord, and what the house has said since."""
    return {**rules.ALIASES, **dict(KindAlias.objects.values_list("name", "kind"))}


def _read(rows: Iterable[Waiting], aliases: dict[str, str]) -> _Stretch:
    stretch = _Stretch()
    for row in rows:
        for raw in map(bytes, row.events):
            digest = events.digest_of(raw, row.key)
            where = (raw, row.key, from_micros(row.received_at), row.received_at // DAY)
            try:
                stretch.taken.append(_understood(events.read(raw), digest, row.sent_at, where, aliases))
            except msgspec.ValidationError as wrong:
                stretch.dropped.append(Dropped(*where, digest, "unreadable", str(wrong)))
    return stretch


def _understood(
    event: Event, digest: bytes, sent_at: str | None, where: tuple[bytes, int, datetime, int], aliases: dict[str, str]
) -> Taken:
    claimed = rules.instant(event.original_timestamp) or rules.instant(event.timestamp)
    sent = rules.instant(event.sent_at) or rules.instant(sent_at)
    of_context = (event.context or {}).get("traits")
    email = (event.traits or {}).get("email") if event.type == "identify" else None
    if email is None and isinstance(of_context, dict):
        email = of_context.get("email")
    named = Named.of(
        events.text(event.user_id), email, events.text(event.anonymous_id),
        events.text(event.previous_id) if event.type == "alias" else None,
    )  # fmt: skip
    kind = rules.kind_of(event.type, event.event, aliases)
    return Taken(
        *where, event=event, digest=digest, occurred_at=rules.happened(claimed, sent, where[2]), named=named, kind=kind
    )


def _take_singly(stretch: _Stretch, at: datetime) -> None:
    for one in stretch.taken:
        try:
            with ledger.write(at) as writing:
                _write(writing, _Stretch([one]))
        except OperationalError:
            raise
        except Exception as broken:
            log.exception("an event was dropped")
            where = (one.raw, one.api_key, one.received_at, one.day)
            stretch.dropped.append(Dropped(*where, one.digest, "undigestible", f"{type(broken).__name__}: {broken}"))
    with ledger.write(at) as writing:
        _write(writing, _Stretch(dropped=stretch.dropped))


def _write(writing: Writing, stretch: _Stretch) -> None:
    with _timed("deduplicated"):
        taken, dropped = _new(stretch)
        taken, unasked = _without_checks(taken)
        dropped += unasked
    with _timed("identified"):
        taken, nameless = _with_names(taken)
        dropped += nameless
        persons = Persons.of([one.named for one in taken])
        for one in taken:
            one.person = persons.meet(one.named, one.occurred_at)
        written = Written()
        links = persons.settle(written)
    with _timed("judged"):
        touching = [one for one in taken if one.kind]
        verdicts = machines.judge(touching, persons)
    with _timed("written"):
        values, then = told.values(taken, written, writing.at)
        outside = _outside(touching)
        rows = [_touch(one, persons, outside) for one in touching]
        named.by_events(writing, [(row[ASSET], row[CAMPAIGN]) for row in rows])
        recorded = facts.EventsTaken(events=len(taken), touches=len(rows))
        for kind, record in dict.fromkeys((kind, pk) for kind, pk, created in written.touched if created):
            writing.record(CREATED[kind](record))
        all_rows = [Touch.rows(COLUMNS, rows), links, *written.rows, values, verdicts]
        written.then.append(then)
        writing.record(recorded, [r for r in all_rows if not isinstance(r, Rows) or r.values], then=written.follow)
        _drop(dropped, writing.at)
        _count(taken, dropped)


def _new(stretch: _Stretch) -> tuple[list[Taken], list[Dropped]]:
    """Without what was taken before, as a restored inbox brings it again."""
    everything: list[Taken | Dropped] = [*stretch.taken, *stretch.dropped]
    if not everything:
        return [], []
    keys = list(dict.fromkeys((one.day, one.digest) for one in everything))
    with connection.cursor() as cursor:
        given, values = _given(keys)
        into = f"INSERT INTO captured (day, hash) {given} ON CONFLICT (day, hash) DO NOTHING RETURNING day, hash"
        cursor.execute(into, values)
        new = {(day, bytes(digest)) for day, digest in cursor.fetchall()}
    return (
        [one for one in stretch.taken if (one.day, one.digest) in new],
        [one for one in stretch.dropped if (one.day, one.digest) in new],
    )


def _given(keys: Sequence[tuple[int, bytes]]) -> tuple[str, list[Any]]:
    """As one array a column where it takes longest to read what has a mark for every cell."""
    if connection.vendor == "postgresql":
        return "SELECT * FROM unnest(%s::integer[], %s::bytea[])", [list(cells) for cells in zip(*keys, strict=True)]
    return f"VALUES {', '.join(['(%s, %s)'] * len(keys))}", [value for key in keys for value in key]


def _with_names(taken: list[Taken]) -> tuple[list[Taken], list[Dropped]]:
    """An address that is none names nobody."""
    nameless = [one for one in taken if not one.named.names]
    dropped = [_dropped(one, "nobody") for one in nameless]
    return [one for one in taken if one.named.names], dropped


def _without_checks(taken: list[Taken]) -> tuple[list[Taken], list[Dropped]]:
    """Whoever can read the key of a website does not say who was checked and passed."""
    outside = _outside(taken)
    unasked = {id(one) for one in taken if one.kind == rules.VERIFIED and one.api_key in outside}
    dropped = [_dropped(one, "may_not_check") for one in taken if id(one) in unasked]
    return [one for one in taken if id(one) not in unasked], dropped


def _dropped(one: Taken, reason: str) -> Dropped:
    return Dropped(one.raw, one.api_key, one.received_at, one.day, one.digest, reason)


def _outside(touching: Sequence[Taken]) -> set[int]:
    """The keys that tell of talks or checks and may not: everybody can read the key of a website, and no clock stops by
    it."""
    keys = {one.api_key for one in touching if one.kind in (*rules.TALKS, rules.VERIFIED)}
    roles = dict(ApiKey.objects.filter(pk__in=keys).values_list("id", "role")) if keys else {}
    return {key for key in keys if not may(roles.get(key, ""), "tell_talks")}


def _touch(one: Taken, persons: Persons, outside: set[int]) -> tuple[Any, ...]:
    said = dict(one.event.properties or {})
    said.pop(rules.TOLD_BY, None)
    if one.kind in rules.TALKS and one.api_key in outside:
        said[rules.TOLD_BY] = rules.OUTSIDE
    campaign = one.context.get("campaign")
    utm = campaign if isinstance(campaign, dict) else {}
    if one.kind == "page" and "path" not in said:
        page = one.context.get("page")
        said.update(
            {k: v for k in ("path", "url", "title", "referrer") if isinstance(page, dict) and (v := page.get(k))}
        )
    if utm:
        said.setdefault("utm", utm)
    names = (
        _word(said.get("asset") or said.get("asset_name") or said.get("file_name")),
        _word(said.get("campaign") or utm.get("name")),
        _word(said.get("channel") or utm.get("medium"), CHANNEL),
    )
    return (persons.identity(one.named), one.kind, one.occurred_at, one.machine, *names, said)


def _word(given: Any, longest: int = NAMED) -> str | None:
    return str(given).strip()[:longest] or None if isinstance(given, str | int) else None


def _drop(dropped: Sequence[Dropped], at: datetime) -> None:
    rows = [
        (one.api_key, one.received_at, at, one.reason, one.said[:2000], one.raw.decode("utf-8", "replace"))
        for one in dropped
    ]
    bulk.insert(DroppedEvent, ["api_key", "received_at", "dropped_at", "reason", "said", "raw"], rows)


def _count(taken: Sequence[Taken], dropped: Sequence[Dropped]) -> None:
    days: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in taken:
        days[one.day][0] += 1
        days[one.day][1] += bool(one.kind)
    for gone in dropped:
        days[gone.day][0] += 1
        days[gone.day][2] += 1
    for day, (many, touches, lost) in days.items():
        CaptureDay.objects.get_or_create(day=day)
        CaptureDay.objects.filter(day=day).update(
            events=F("events") + many, touches=F("touches") + touches, dropped=F("dropped") + lost
        )


def _keep_times() -> None:
    """What the steps took so far; the time of this very transaction is kept with the next."""
    took = [(step, _took[step]) for step in STEPS]
    bulk.values(
        CaptureStep,
        ("step", "microseconds"),
        took,
        "ON CONFLICT (step) DO UPDATE SET microseconds = capture_step.microseconds + excluded.microseconds",
    )
    _took.update(dict.fromkeys(STEPS, 0))


@contextmanager
def _timed(step: str) -> Iterator[None]:
    began = clock.machine()
    yield
    _took[step] += (clock.machine() - began) // MICROSECOND
