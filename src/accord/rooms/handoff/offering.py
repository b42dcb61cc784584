"""Handing leads over: many at once, each to somebody, and with what was known of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection

from accord.kernel import bulk, fields, ledger, traits
from accord.kernel.instants import stored
from accord.kernel.ledger import Writing
from accord.kernel.traits import Given
from accord.rooms.agreement.document.model import Handoff as Term
from accord.rooms.agreement.models import Version
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.queries import qualified
from accord.rooms.funnel.whys import judge_of
from accord.rooms.handoff import facts, rules, stories
from accord.rooms.handoff.choosing import Due, choose, routed
from accord.rooms.handoff.models import Choice, Handoff
from accord.rooms.handoff.roster import Roster
from accord.rooms.team.rules import PARTNER

COLUMNS = (
    "id", "lead_id", "version_id", "kind", "stage", "giver", "taker", "owner_id", "state", "received_at",
    "release_at", "offered_at", "owned_since", "taken_back", "reason", "note", "story",
)  # fmt: skip


def due(leads: Iterable[int], at: datetime) -> list[Due]:
    """Those of these leads that stand where the agreement hands over, and are not handed over yet.

    What a partner holds stays with the partner.
    """
    ours = Lead.objects.here().filter(pk__in=list(leads)).exclude(owner__role=PARTNER)
    found = {lead.pk: lead for lead in ours.order_by("id")}
    terms = _terms(found, at)
    answered = Handoff.objects.filter(lead__in=list(terms)).values_list("lead_id", "kind", "received_at", "state")
    for lead, kind, received_at, state in answered:
        if lead in terms and (state in rules.OPEN or _same(terms[lead], kind, received_at, found[lead])):
            del terms[lead]
    ready = routed([Due(found[pk], version, term) for pk, (version, term) in terms.items()], at)
    told = stories.of([one.lead for one in ready])
    return [replace(one, story=told[one.lead.pk]) for one in ready]


def offer(wanted: Sequence[Due], at: datetime) -> None:
    """Choose who gets each and hand it over, within the transaction of whoever calls."""
    if not wanted:
        return
    with ledger.write(at) as writing:
        roster = Roster.of(at)
        ids = bulk.reserve(Handoff, len(wanted))
        chosen = {pk: choose(roster, one) for pk, one in zip(ids, wanted, strict=True) if not one.waits}
        rows = [_row(pk, one, chosen.get(pk), roster, at) for pk, one in zip(ids, wanted, strict=True)]
        bulk.values(Handoff, COLUMNS, rows, "ON CONFLICT DO NOTHING")
        there = {pk for (pk,) in bulk.look_up(Handoff, "id", ids, ["id"])}
        kept = {pk: one for pk, one in zip(ids, wanted, strict=True) if pk in there}
        roster.keep()
        owned = _owned({pk: (kept[pk].lead, choice.owner_id) for pk, choice in chosen.items() if pk in there}, at)
        every, last = [given for its in owned.values() for given in its], max(owned, default=None)
        for pk, one in kept.items():
            # The caches are brought up once, when the rows of all are written.
            then = (lambda _fact: traits.cache(every)) if pk == last else None
            _tell(writing, pk, one, chosen.get(pk), owned.get(pk, []), then)


def _owned(owners: Mapping[int, tuple[Lead, int]], at: datetime) -> dict[int, list[Given]]:
    """Whoever answers for a lead holds it and its contact. By hand-off."""
    of_lead, of_contact = fields.of("lead")["owner"], fields.of("contact")["owner"]
    return {
        pk: [
            Given(record, of, fields.value(of, owner), at)
            for record, of in ((lead.pk, of_lead), (lead.contact_id, of_contact))
        ]
        for pk, (lead, owner) in owners.items()
    }


def _terms(found: Mapping[int, Lead], at: datetime) -> dict[int, tuple[Version, Term]]:
    judges = judge_of([lead.contact_id for lead in found.values()], at)
    met = qualified(list(found))
    versions = Version.objects.in_bulk({row.version_id for row in met.values()})
    terms: dict[int, tuple[Version, Term]] = {}
    for pk, lead in found.items():
        # The version that qualified a lead stays with it.
        version = versions[met[pk].version_id] if pk in met else judges.get(lead.contact_id)
        term = version and next((one for one in version.document.handoffs if one.at == lead.stage), None)
        if version and term:
            terms[pk] = version, term
    return terms


def _same(term: tuple[Version, Term], kind: str, received_at: datetime, lead: Lead) -> bool:
    return kind == term[1].id and received_at >= lead.stage_since


def _row(pk: int, one: Due, choice: Choice | None, roster: Roster, at: datetime) -> tuple:
    lead, vendor = one.lead, connection.vendor
    owner = choice.owner_id if choice else lead.owner_id or roster.accountable
    begun = stored(one.version.in_force_from, vendor) if one.waits else None
    return (
        pk, lead.pk, one.version.pk, one.term.id, lead.stage, one.term.from_, one.term.to, owner,
        rules.OFFERED if choice else rules.WAITING, stored(lead.stage_since, vendor), begun,
        stored(at, vendor) if choice else None, stored(at, vendor), 0, "", "", stories.written(one.story),
    )  # fmt: skip


def _tell(
    writing: Writing, pk: int, one: Due, choice: Choice | None, owned: Sequence[Given],
    then: Callable[[int], None] | None,
) -> None:  # fmt: skip
    lead = one.lead
    named: dict[str, Any] = {"handoff": pk, "lead": lead.pk, "contact": lead.contact_id, "kind": one.term.id}
    if choice is None:
        writing.record(facts.HandoffPlanned(**named, version=one.version.pk))
        return
    choice.handoff_id, choice.lead_id, choice.why, choice.occurred_at = pk, lead.pk, rules.FIRST, writing.at
    offered = facts.HandoffOffered(**named, owner=choice.owner_id, version=one.version.pk)
    writing.record(offered, [choice, traits.rows(owned)], then=then)
