"""The judge: opens passages, moves leads and qualifies them, because the version in force says so.

It evaluates at every fact from the oldest not yet judged one on, at that fact's instant and not at the moment of
processing: so it finds the same moments late or early, once or twice, alone or beside others.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accord.kernel import ledger
from accord.kernel.instants import FOREVER, from_micros, to_micros
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.queries import Term, history, in_force_between
from accord.rooms.funnel import rules
from accord.rooms.funnel.doubting import Doubts, doubts, mark
from accord.rooms.funnel.models import Lead, Transition
from accord.rooms.funnel.steps import Steps
from accord.rooms.people.models import Contact
from accord.rooms.scoring import live
from accord.rooms.scoring.expression.asked import Asked
from accord.rooms.scoring.expression.passages import ENTERED
from accord.rooms.scoring.expression.states import micros
from accord.rooms.scoring.live import Batch, Moment, Scored
from accord.rooms.scoring.models import ScoreNow, ToJudge

TOGETHER = 500
NEVER_ENDED = to_micros(FOREVER)


@dataclass(frozen=True)
class Judged:
    """What one version says of a moment of a contact."""

    version: Version
    moment: Moment


@dataclass
class Verdicts:
    """What the judge found, to be written: by contact, in the order in which it happened."""

    claimed: list[ToJudge] = field(default_factory=list)
    known_at: int = 0
    said: dict[int, list[Judged]] = field(default_factory=dict)
    scores: list[tuple[int, int, float, float, str]] = field(default_factory=list)
    waits: dict[int, datetime] = field(default_factory=dict)
    doubts: Doubts = field(default_factory=Doubts)


def judge(claimed: Sequence[ToJudge]) -> Verdicts:
    """Read and compute; writes nothing."""
    latest = ledger.latest()
    if not claimed or latest is None:
        return Verdicts(list(claimed))
    known_at = to_micros(latest)
    since = {row.contact_id: to_micros(row.since) for row in claimed}
    terms = in_force_between(from_micros(min(since.values())), from_micros(known_at + 1))
    asked = {term.version.pk: Asked(term.version.document) for term in terms}
    gathered = live.gather(since, list(asked.values()), known_at, min(since.values()))
    moves = moves_of(since)
    batch = Batch(since, moves, known_at, _beginnings(terms, since))
    judged = [(term, *live.judged(term, batch, gathered)) for term in terms]
    said = _by_rank([(term, moments) for term, moments, _scored in judged])
    found = Verdicts(list(claimed), known_at, said, waits=_waits(moves, terms, known_at))
    found.scores = _scores(found, since, [(term, scored) for term, _moments, scored in judged])
    found.doubts = doubts(history(), since, moves, gathered, known_at)
    return found


def apply(found: Verdicts, at: datetime) -> None:
    """Write what was found, each thing once; whom it did not see is judged again."""
    contacts = {c.pk: c for c in Contact.objects.filter(pk__in=found.said, merged_into=None, trashed_at=None)}
    passages = _passages(contacts)
    steps = Steps.of(one.lead.pk for its in passages.values() for one in its)
    for contact, story in found.said.items():
        if contact in contacts:
            _Contact(contacts[contact], passages[contact], steps).live_through(story)
    steps.write(at)
    here = set(Contact.objects.filter(pk__in=[row[0] for row in found.scores]).values_list("id", flat=True))
    ScoreNow.write([row for row in found.scores if row[0] in here], from_micros(found.known_at))
    mark(found.doubts, at)
    ToJudge.done(found.claimed, from_micros(found.known_at))
    ToJudge.put(found.waits)


@dataclass
class _Passage:
    """A lead, and from when until when its passage was known to be open."""

    lead: Lead
    begun: int
    ended: int = NEVER_ENDED


@dataclass
class _Contact:
    """A contact and its passages, as the judge goes through what happened."""

    contact: Contact
    passages: list[_Passage]
    steps: Steps

    def live_through(self, story: Iterable[Judged]) -> None:
        for judged in story:
            moment, when = judged.moment, from_micros(judged.moment.t)
            lead = self._lead_at(moment)
            if lead is None and moment.by_touch and moment.until == NEVER_ENDED and self._may_open:
                lead = self.steps.open(self.contact, rule=judged.version, at=when)
                self.passages.append(_Passage(lead, moment.t))
            if lead is None:
                continue
            if moment.engaged and lead.stage == rules.INQUIRY:
                self.steps.advance(lead, rules.ENGAGED, rule=judged.version, at=when)
            if moment.due and moment.holds:
                self._qualify(lead, judged)

    @property
    def _may_open(self) -> bool:
        return not any(one.lead.is_open for one in self.passages)

    def _lead_at(self, moment: Moment) -> Lead | None:
        """The passage that was open then: the one that is still, or the one that ended when the segment did."""
        there = [one for one in self.passages if one.begun <= max(moment.t, moment.opened) and moment.t < one.ended]
        return there[0].lead if there else None

    def _qualify(self, lead: Lead, judged: Judged) -> None:
        """A lead that a person had placed further on stays where it is; so does one that was returned since."""
        moment, goes_on = judged.moment, judged.moment.until == NEVER_ENDED
        if goes_on and lead.stage not in (rules.INQUIRY, rules.ENGAGED):
            return
        when = from_micros(moment.t)
        if self.steps.qualify(lead, moment.segment, rule=judged.version, at=when) and goes_on and lead.is_open:
            self.steps.advance(lead, rules.MQL, rule=judged.version, at=when)


def moves_of(contacts: Iterable[int]) -> list[dict]:
    """Entries, returns and ends of these contacts that stand, as rows of the expression's `MOVES`.

    What the judge opened took effect when it happened; a merge moves no base.
    """
    columns = ("id", "lead_id", "contact_id", "move", "entry", "reason", "occurred_at", "recorded_at")
    standing = Transition.standing().filter(contact_id__in=list(contacts)).order_by("id")
    entries: dict[int, str] = {}
    rows = []
    for pk, lead, contact, move, entry, reason, occurred, recorded in standing.values_list(*columns):
        if move == rules.ENTERED:
            entries[lead] = entry
        if (move == rules.JOINED and reason == rules.BY_MERGE) or move.startswith("to_"):
            continue
        opens = move in (rules.ENTERED, rules.REOPENED)
        by_rule = move == rules.ENTERED and reason == rules.BY_RULE
        rows.append({
            "contact_id": contact, "move": ENTERED if opens else move,
            "entry": entries.get(lead, "import") if opens else None, "occ": to_micros(occurred),
            "rec": to_micros(occurred if by_rule else recorded), "turn": pk,
        })  # fmt: skip
    return rows


def _beginnings(terms: Sequence[Term], since: Mapping[int, int]) -> list[dict[str, int]]:
    """In life the instant at which a version comes into force is one more fact."""
    begun = [to_micros(term.since) for term in terms]
    return [{"contact_id": c, "at": at} for c, first in since.items() for at in begun if at >= first]


def _by_rank(said: Sequence[tuple[Term, list[Moment]]]) -> dict[int, list[Judged]]:
    """At every instant the first version whose scope holds judges. `said` stands in the order of rank."""
    judges: dict[tuple[int, int, int], Judged] = {}
    for term, moments in said:
        since, until = to_micros(term.since), to_micros(term.until)
        for moment in moments:
            key = (moment.contact_id, moment.t, moment.segment)
            if moment.scope and since <= moment.t < until and key not in judges:
                judges[key] = Judged(term.version, moment)
    stories: dict[int, list[Judged]] = defaultdict(list)
    for key in sorted(judges):
        stories[key[0]].append(judges[key])
    return stories


def _scores(
    found: Verdicts, since: Iterable[int], scored: Sequence[tuple[Term, list[Scored]]]
) -> list[tuple[int, int, float, float, str]]:
    """The scores of all who were looked at, each under the version that judges it."""
    standing = [term.version for term, _its in scored if to_micros(term.until) > found.known_at]
    if not standing:
        return []
    by_version = {term.version.pk: {one.contact_id: one for one in its} for term, its in scored}
    rows = []
    for contact in since:
        story = found.said.get(contact)
        version = story[-1].version if story else standing[0]
        one = by_version[version.pk][contact]
        rows.append((contact, version.pk, one.fit, one.engagement, one.grade))
    return rows


def _waits(moves: Sequence[Mapping], terms: Sequence[Term], known_at: int) -> dict[int, datetime]:
    """When the wait of each contact ends, where that is still to come."""
    standing = [term.version for term in terms if to_micros(term.until) > known_at]
    if not standing:
        return {}
    wait = micros(max(version.document.leads.requalify.wait_days for version in standing))
    bases: dict[int, int] = {}
    for row in moves:
        if row["move"] != ENTERED:
            bases[row["contact_id"]] = max(row["occ"], bases.get(row["contact_id"], row["occ"]))
    return {contact: from_micros(base + wait) for contact, base in bases.items() if wait and base + wait > known_at}


def _passages(contacts: Iterable[int]) -> dict[int, list[_Passage]]:
    """By contact, in the order in which they began. Moves take effect when they are recorded."""
    # Nobody moves them while the judge does.
    held = Lead.objects.here().select_for_update().filter(contact__in=list(contacts)).order_by("id")
    leads = {lead.pk: lead for lead in held}
    opening_or_end = Transition.standing().filter(lead_id__in=list(leads), move__in=(rules.ENTERED, *rules.ENDS))
    columns = ("lead_id", "move", "reason", "occurred_at", "recorded_at")
    found = {pk: _Passage(lead, to_micros(lead.opened_at)) for pk, lead in leads.items()}
    for pk, move, reason, occurred, recorded in opening_or_end.order_by("id").values_list(*columns):
        if move == rules.ENTERED:
            found[pk].begun = to_micros(occurred if reason == rules.BY_RULE else recorded)
        elif not leads[pk].is_open:
            found[pk].ended = to_micros(recorded)
    passages: dict[int, list[_Passage]] = defaultdict(list)
    for one in sorted(found.values(), key=lambda one: (one.begun, one.lead.pk)):
        passages[one.lead.contact_id].append(one)
    return passages


__all__ = ["TOGETHER", "Verdicts", "apply", "judge", "moves_of"]
