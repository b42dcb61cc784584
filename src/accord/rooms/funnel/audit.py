"""What always holds of the funnel: leads stand where their transitions put them, and nobody is lost between stages."""

from collections import Counter
from collections.abc import Callable

from accord.kernel.audit import entries, imported
from accord.kernel.audit.invariants import Findings, Invariant
from accord.kernel.audit.stretches import each, listed, told, wherever, within
from accord.kernel.facts import kind_of
from accord.kernel.journal import Pending
from accord.kernel.ledger import standing
from accord.rooms.funnel import rules
from accord.rooms.funnel.models import Deal, Lead, Transition
from accord.rooms.people.facts import ContactsMerged
from accord.rooms.people.models import Contact, Merge

STAGES = (*rules.STAGES, *rules.EXITS)
CHAIN = 50  # so many merges one after the other at most: a circle is the business of people's own audit


def _replay() -> str:
    """The transitions that stand, of the leads of a stretch, in the order in which they were written."""
    window = "OVER (PARTITION BY t.lead_id ORDER BY t.id"
    return (
        "WITH replay AS (SELECT t.lead_id, t.contact_id, t.entry, t.move, t.from_stage, t.to_stage, t.occurred_at, "
        f"row_number() {window}) AS place, row_number() {window} DESC) AS back, lag(t.to_stage) {window}) AS before "
        f"FROM transition t WHERE {within('t', 'lead_id')} AND {standing('transition', 't')}) "
    )


def _stages() -> str:
    """Leads that do not stand where their first and last transition put them."""
    ended = f"CASE WHEN p.stage IN ({listed(rules.ENDS)}) THEN p.since END"
    return (
        f"{_replay()}, passed AS (SELECT lead_id, "
        "max(CASE WHEN place = 1 THEN move END) AS move, max(CASE WHEN place = 1 THEN entry END) AS entry, "
        "max(CASE WHEN place = 1 THEN occurred_at END) AS opened, max(CASE WHEN back = 1 THEN to_stage END) AS stage, "
        "max(CASE WHEN back = 1 THEN occurred_at END) AS since, "
        "sum(CASE WHEN move = 'entered' THEN 1 ELSE 0 END) AS entries FROM replay GROUP BY lead_id) "
        "SELECT * FROM (SELECT l.id, p.move, p.entries, l.stage, p.stage AS stage_then, l.stage_since, p.since, "
        f"l.ended_at, {ended} AS ended, l.opened_at, p.opened, l.entry, p.entry AS entry_then "
        f"FROM lead l LEFT JOIN passed p ON p.lead_id = l.id WHERE {within('l')} AND l.trashed_at IS NULL) AS asked "
        "WHERE move IS NULL OR move <> 'entered' OR entries <> 1 OR stage <> stage_then OR stage_since <> since "
        "OR (ended IS NULL) <> (ended_at IS NULL) OR ended <> ended_at OR opened <> opened_at OR entry <> entry_then "
        f"OR entry_then IS NULL OR stage NOT IN ({listed(STAGES)})"
    )


def _say_stage(
    move, entries, stage, stage_then, since, since_then, ended, ended_then, opened, opened_then, entry, entry_then
) -> str:
    if move is None:
        return f"stands in {stage}, and no transition that stands put it there"
    if move != rules.ENTERED or entries != 1:
        return f"begins with {move}, and entered {entries} times"
    stored = f"{stage} since {told(since)}, ended {told(ended)}, opened {told(opened)} by {entry}"
    replayed = f"{stage_then} since {told(since_then)}, ended {told(ended_then)}"
    return f"{stored}; replayed {replayed}, opened {told(opened_then)} by {entry_then}"


def _breaks() -> str:
    return (
        f"{_replay()} SELECT r.lead_id, r.move, r.occurred_at, r.from_stage, r.before "
        "FROM replay r JOIN lead l ON l.id = r.lead_id "
        "WHERE l.trashed_at IS NULL AND coalesce(r.from_stage, '') <> coalesce(r.before, '')"
    )


def _say_break(move: str, at: object, stage: str | None, before: str | None) -> str:
    return f"on {told(at)[:10]} {move} took it out of {stage or 'nowhere'}, and it was in {before or 'nowhere'}"


def _stock(findings: Findings) -> None:
    """Over all days, what came into a stage less what left it is what stands there."""
    flows, stock = Counter[str](), Counter[str]()
    moved = (
        "SELECT t.{column}, count(*) FROM transition t JOIN lead l ON l.id = t.lead_id "
        f"WHERE {within('l')} AND l.trashed_at IS NULL AND {standing('transition', 't')} "
        "AND t.{column} IS NOT NULL GROUP BY t.{column}"
    )
    here = f"SELECT l.stage, count(*) FROM lead l WHERE {within('l')} AND l.trashed_at IS NULL GROUP BY l.stage"
    for stretch in each(Lead, findings):
        flows.update(dict(stretch.rows(moved.format(column="to_stage"))))
        flows.subtract(dict(stretch.rows(moved.format(column="from_stage"))))
        stock.update(dict(stretch.rows(here)))
    for stage in sorted(flows.keys() | stock.keys()):
        if flows[stage] != stock[stage]:
            findings.wrong("stage", stage, f"{stock[stage]} leads stand here; {flows[stage]} came in and did not leave")


def _open_twice(findings: Findings) -> None:
    """One open passage a person: a contact together with all who were merged into it."""
    sql = (
        f"SELECT l.contact_id, count(*) FROM lead l WHERE {within('l', 'contact_id')} "
        "AND l.ended_at IS NULL AND l.trashed_at IS NULL GROUP BY l.contact_id HAVING count(*) > 1"
    )
    held: dict[int, int] = {}
    for stretch in each(Contact, findings):
        for contact, count in stretch.rows(sql):
            findings.wrong("contact", contact, f"{count} open passages")
        for lead, person, own in _of_survivors(stretch.low, stretch.high):
            other = held.get(person) or own
            if other and not _being_joined(person):
                findings.wrong("contact", person, f"two open passages since a merge, lead:{other} and lead:{lead}")
            held[person] = lead


def _of_survivors(low: int, high: int) -> list[tuple[int, int, int | None]]:
    """Open leads of contacts that were merged away, with whom they live on in, and that one's own open lead."""
    away = Lead.objects.open().filter(contact__gt=low, contact__lte=high, contact__merged_into__isnull=False)
    leads: dict[int, int] = dict(away.order_by("id").values_list("id", "contact__merged_into"))  # type: ignore[arg-type]
    for _step in range(CHAIN):
        gone = Contact.objects.filter(pk__in=set(leads.values()), merged_into__isnull=False)
        onward: dict[int, int] = dict(gone.values_list("id", "merged_into"))  # type: ignore[arg-type]
        if not onward:
            break
        leads = {lead: onward.get(person, person) for lead, person in leads.items()}
    own = dict(Lead.objects.open().filter(contact__in=set(leads.values())).values_list("contact", "id"))
    return [(lead, person, own.get(person)) for lead, person in leads.items()]


def _being_joined(person: int) -> bool:
    """The merge is known, and the journal has yet to join the passages."""
    return Pending.objects.filter(fact__kind=kind_of(ContactsMerged), fact__contact_id=person).exists()


def _strays() -> str:
    return (
        "SELECT t.id, t.lead_id, l.id, t.contact_id, l.contact_id, t.deal_id, d.id FROM transition t "
        "LEFT JOIN lead l ON l.id = t.lead_id LEFT JOIN deal d ON d.id = t.deal_id "
        f"WHERE {within('t')} AND ((t.lead_id IS NOT NULL AND l.id IS NULL) "
        "OR (t.deal_id IS NOT NULL AND d.id IS NULL) OR (l.contact_id <> t.contact_id "
        f'AND NOT EXISTS (SELECT 1 FROM "{Merge._meta.db_table}" m WHERE t.contact_id IN (m.loser_id, m.survivor_id))))'
    )


def _say_stray(
    lead: int, lead_there: int | None, contact: int, of_lead: int | None, deal: int, deal_there: int | None
) -> str:
    if lead and not lead_there:
        return f"moves lead:{lead}, which does not exist"
    if deal and not deal_there:
        return f"names deal:{deal}, which does not exist"
    return f"is of contact:{contact}, and moves lead:{lead} of contact:{of_lead}"


def _closings() -> str:
    """Deals that are closed and not won or lost, or the other way round, or at another time than their outcome says."""
    return (
        "SELECT * FROM (SELECT d.id, d.outcome, d.opened_at, d.closed_at, EXISTS ("
        "SELECT 1 FROM trait v WHERE v.kind = 'deal' AND v.record = d.id AND v.field = 'outcome' "
        f"AND v.text = d.outcome AND v.occurred_at = d.closed_at AND {standing('trait', 'v')}) AS said, "
        "EXISTS (SELECT 1 FROM transition t WHERE t.lead_id = d.lead_id AND t.deal_id = d.id AND t.early) AS early "
        f"FROM deal d WHERE {within('d')} AND d.trashed_at IS NULL) AS asked "
        "WHERE outcome NOT IN ('open', 'won', 'lost') OR (outcome = 'open') <> (closed_at IS NULL) "
        "OR (closed_at IS NOT NULL AND NOT said) OR (opened_at > closed_at AND NOT early)"
    )


def _say_closing(outcome: str, opened: object, closed: object, said: bool, early: bool) -> str:
    if (outcome == "open") != (closed is None):
        return f"is {outcome}, closed {told(closed)}"
    if not said:
        return f"is {outcome}, closed {told(closed)}, and no standing value of `outcome` says so"
    return f"is {outcome}, closed {told(closed)}, opened {told(opened)}"


def _endings() -> str:
    """A deal that is closed ends its lead, unless something else had ended it; one that is open has not."""
    moved = f"SELECT 1 FROM transition t WHERE t.lead_id = d.lead_id AND {standing('transition', 't')}"
    last = f"SELECT max(t.id) FROM transition t WHERE t.lead_id = d.lead_id AND {standing('transition', 't')}"
    ends = listed(rules.ENDS)
    return (
        "SELECT d.id, d.outcome, l.id, l.stage FROM deal d JOIN lead l ON l.id = d.lead_id AND l.trashed_at IS NULL "
        f"WHERE {within('d')} AND d.trashed_at IS NULL AND ("
        f"(d.outcome <> 'open' AND NOT EXISTS ({moved} AND t.deal_id = d.id AND t.to_stage = d.outcome) "
        f"AND NOT EXISTS ({moved} AND t.to_stage IN ({ends}) AND (t.deal_id IS NULL OR t.deal_id <> d.id))) "
        f"OR EXISTS (SELECT 1 FROM transition z WHERE z.id = ({last}) AND z.deal_id = d.id "
        f"AND z.to_stage IN ({ends}) AND z.to_stage <> d.outcome))"
    )


def _say_ending(outcome: str, lead: int, stage: str) -> str:
    return f"is {outcome}, and lead:{lead}, which opened it, is {stage}"


def _removals(kind: str) -> Callable[[], str]:
    """Leads or deals that are in the trash since another time than their value says."""
    newest = (
        f"SELECT v.occurred_at FROM trait v WHERE v.kind = '{kind}' AND v.record = r.id AND v.field = 'trashed' "
        f"AND {standing('trait', 'v')} ORDER BY v.occurred_at DESC, v.recorded_at DESC, v.id DESC LIMIT 1"
    )
    return lambda: (
        f"SELECT * FROM (SELECT r.id, r.trashed_at, ({newest}) AS since FROM {kind} r "
        f"WHERE {within('r')} AND r.trashed_at IS NOT NULL) AS asked WHERE trashed_at <> since"
    )


def _say_removal(trashed: object, since: object) -> str:
    return f"is in the trash since {told(trashed)}, and its value says since {told(since)}"


def _left_behind() -> str:
    return (
        "SELECT d.id, l.id FROM deal d JOIN lead l ON l.id = d.lead_id AND l.trashed_at IS NOT NULL "
        f"WHERE {within('d')} AND d.trashed_at IS NULL"
    )


def _say_left_behind(lead: int) -> str:
    return f"is here, and lead:{lead}, which opened it, is in the trash"


INVARIANTS = [
    Invariant("one_stage", wherever(Lead, "lead", _stages, _say_stage)),
    Invariant("conservation", wherever(Lead, "lead", _breaks, _say_break)),
    Invariant("conservation", _stock),
    Invariant("one_open_passage", _open_twice),
    Invariant("transitions", wherever(Transition, "transition", _strays, _say_stray)),
    Invariant("deals", wherever(Deal, "deal", _closings, _say_closing)),
    Invariant("deals", wherever(Deal, "deal", _endings, _say_ending)),
    imported.made(Lead, "lead", "lead_opened"),
    imported.made(Deal, "deal", "deal_opened"),
    imported.trashed(Lead, "lead"),
    imported.trashed(Deal, "deal"),
    Invariant("trash", wherever(Lead, "lead", _removals("lead"), _say_removal)),
    Invariant("trash", wherever(Deal, "deal", _removals("deal"), _say_removal)),
    Invariant("trash", wherever(Deal, "deal", _left_behind, _say_left_behind)),
    entries.findable("deal", Deal),
    imported.keys_of({"leads": Lead, "deals": Deal, "transitions": Contact}),
]
