"""A document as a contract: articles with sentences and tables, in words of the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from accord.rooms.agreement.document.conditions import EVERYBODY
from accord.rooms.agreement.document.model import Document, FitRule, Promise, Route, ToOwner
from accord.rooms.agreement.words import Clause, Speaker, listed, number, one_of, plain, segment, strung, who
from accord.rooms.funnel.fields import ENTRY_NAMES, STAGE_NAMES
from accord.rooms.handoff.fields import reason_name
from accord.rooms.team.models import Member


@dataclass(frozen=True)
class Table:
    """`numbers`: which columns hold figures."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Owed:
    """What one side owes."""

    side: str
    title: str
    promises: tuple[tuple[str, str, str], ...]  # what it is called, in words, and that it is measured only, where it is


@dataclass(frozen=True)
class Article:
    key: str
    title: str
    said: tuple[str, ...] = ()
    clause: Clause | None = None
    named: tuple[tuple[str, str], ...] = ()
    table: Table | None = None
    owed: tuple[Owed, ...] = ()


def articles(speaker: Speaker) -> list[tuple[int, Article]]:
    """The articles that the document has something to say for, numbered."""
    found = [article for write in ARTICLES if (article := write(speaker.document, speaker)) is not None]
    return list(enumerate(found, 1))


def _scope(document: Document, speaker: Speaker) -> Article | None:
    said = _("This agreement is about: %(whom)s.") % {"whom": speaker.scope()}
    if document.scope == EVERYBODY:
        said = _("This agreement is about every contact.")
    return Article("scope", _("Whom this is about"), (said,))


def _leads(document: Document, speaker: Speaker) -> Article:
    leads = document.leads
    opened = _("A lead opens with the first of: %(touches)s.") % {"touches": speaker.touches(leads.open_on)}
    names = listed(ENTRY_NAMES.get(entry, entry) for entry in leads.entries)
    said = [opened, _("Leads come in through: %(entries)s.") % {"entries": names}]
    if leads.pool_owner:
        said.append(_("Whoever nobody else owns belongs to %(owner)s.") % {"owner": who(leads.pool_owner)})
    if leads.requalify.fresh:
        said.append(_("A lead that was returned, or comes again, qualifies only by something new."))
    if leads.requalify.wait_days:
        said.append(_("It waits %(days)s days before that.") % {"days": number(leads.requalify.wait_days)})
    if leads.release_per_day:
        day = {"count": number(leads.release_per_day)}
        said.append(
            _("When the agreement comes into force, at most %(count)s leads a day are offered, best first.") % day
        )
    return Article("leads", _("When a lead opens"), tuple(said))


def _qualified(document: Document, speaker: Speaker) -> Article:
    said = _("A lead is qualified at the first moment at which this holds, and stays so until it is returned or ends.")
    return Article("qualified", _("When a lead is qualified"), (said,), speaker.clause(document.qualified))


def _customer(document: Document, speaker: Speaker) -> Article | None:
    if document.icp is None:
        return None
    return Article("icp", _("Whom we look for"), (), speaker.clause(document.icp))


def _segments(document: Document, speaker: Speaker) -> Article | None:
    named = tuple((segment(name), speaker.sentence(one)) for name, one in document.segments.items())
    return Article("segments", _("Segments"), named=named) if named else None


def _readiness(document: Document, speaker: Speaker) -> Article | None:
    named = tuple((speaker.called(one), speaker.sentence(one.when)) for one in document.readiness)
    return Article("readiness", _("Signs of readiness"), named=named) if named else None


def _stages(document: Document, speaker: Speaker) -> Article | None:
    if document.stages is None:
        return None
    rows = []
    for stage in document.stages:
        reached = REACHED[stage.kind]()
        if stage.enter is not None and not isinstance(stage.enter, str):
            reached = speaker.sentence(stage.enter)
        rows.append((_stage(document, speaker, stage.kind), TYPES[stage.type]() if stage.type else "", reached))
    heads = (_("Stage"), _("Waits"), _("Reached when"))
    return Article("stages", _("Stages"), table=Table(heads, tuple(rows)))


def _stage(document: Document, speaker: Speaker, kind: str) -> str:
    """What the document calls a stage; one without a label as on every page."""
    own = next((stage for stage in document.stages or () if stage.kind == kind and stage.label), None)
    return speaker.called(own) if own else str(STAGE_NAMES[kind])


REACHED: dict[str, Callable[[], str]] = {
    "inquiry": lambda: _("the lead opens"),
    "engaged": lambda: _("it is returned"),
    "mql": lambda: _("it is qualified"),
    "sal": lambda: _("a hand-off is accepted"),
    "sql": lambda: _("a check is passed"),
    "opportunity": lambda: _("a deal is opened"),
    "won": lambda: _("a deal is won"),
}
TYPES: dict[str, Callable[[], str]] = {
    "pool": lambda: _("for a condition"),
    "gate": lambda: _("for a person"),
    "clock": lambda: _("under a promise"),
}


def _fit(document: Document, speaker: Speaker) -> Article | None:
    rules: tuple[FitRule, ...] = document.scoring.fit
    rows = tuple((speaker.called(rule), speaker.sentence(rule.when), number(rule.points)) for rule in rules)
    heads = (_("Rule"), _("Holds when"), _("Points"))
    said = (_("Who they are counts: the points of every rule that holds are added up."),)
    return Article("fit", _("Points for fit"), said, table=Table(heads, rows, (2,))) if rows else None


def _group(document: Document, speaker: Speaker, name: str | None) -> str:
    """What a group of rules is called; one without an entry by its name."""
    group = document.scoring.groups.get(name or "")
    return (speaker.called(group) if group else "") or plain(name or "")


def _engagement(document: Document, speaker: Speaker) -> Article | None:
    scoring = document.scoring
    rows = tuple(
        (
            speaker.called(rule), speaker.touches(rule.when), _group(document, speaker, rule.group),
            speaker.fading(rule), number(rule.points),
        )
        for rule in scoring.engagement
    )  # fmt: skip
    if not rows:
        return None
    said = [_("What they do counts: every touch of a rule gives its points, which fade.")]
    for name, group in scoring.groups.items():
        if group.cap is not None:
            told = {"group": _group(document, speaker, name), "points": number(group.cap)}
            said.append(_("The group “%(group)s” gives at most %(points)s points.") % told)
    if scoring.engagement_cap is not None:
        said.append(_("Together they give at most %(points)s points.") % {"points": number(scoring.engagement_cap)})
    heads = (_("Rule"), _("Touch"), _("Group"), _("Counts"), _("Points"))
    return Article("engagement", _("Points for engagement"), tuple(said), table=Table(heads, rows, (4,)))


def _grades(document: Document, speaker: Speaker) -> Article | None:
    grades = document.scoring.grades
    fit = [(grade, _("Fit"), number(least)) for grade, least in sorted(grades.fit.items())]
    engagement = [(grade, _("Engagement"), number(least)) for grade, least in sorted(grades.engagement.items())]
    heads = (_("Grade"), _("Of"), _("From points"))
    table = Table(heads, (*fit, *engagement), (2,))
    said = (_("Below the last threshold the grade is D, or 4."),)
    return Article("grades", _("Grades"), said, table=table) if table.rows else None


def _handoffs(document: Document, speaker: Speaker) -> Article | None:
    rows = tuple(
        (
            speaker.called(one), who(one.from_), who(one.to), _stage(document, speaker, one.at),
            one_of(ANSWERS[answer]() for answer in one.answers),
        )
        for one in document.handoffs
    )  # fmt: skip
    heads = (_("Hand-off"), _("From"), _("To"), _("At"), _("Answers"))
    return Article("handoffs", _("Hand-offs"), table=Table(heads, rows)) if rows else None


ANSWERS: dict[str, Callable[[], str]] = {
    "accept": lambda: _("accept"),
    "return": lambda: _("return"),
    "reject": lambda: _("reject"),
}


def _promises(document: Document, speaker: Speaker) -> Article | None:
    promises = document.promises
    if not promises.marketing and not promises.sales:
        return None

    def owed(side: str, title: str, given: tuple[Promise, ...]) -> Owed:
        return Owed(side, title, tuple((speaker.called(p), speaker.promise(p), _mode(p)) for p in given))

    both_sides = (
        owed("marketing", _("What Marketing owes"), promises.marketing),
        owed("sales", _("What Sales owes"), promises.sales),
    )
    return Article("promises", _("Promises"), owed=both_sides)


def _mode(promise: Promise) -> str:
    return _("measured only") if promise.mode == "pilot" else ""


def _routing(document: Document, speaker: Speaker) -> Article | None:
    members = _members(document.routing)
    rows = tuple((speaker.called(one), speaker.sentence(one.when), _goes(one, members)) for one in document.routing)
    said = (_("The first rule that matches decides who takes a lead."),)
    heads = (_("Rule"), _("Holds when"), _("Goes to"))
    return Article("routing", _("Routing"), said, table=Table(heads, rows)) if rows else None


def _members(routes: Sequence[Route]) -> dict[str, str]:
    """What the members are called whom routes name by slug or address."""
    named = {one.to.owner if isinstance(one.to, ToOwner) else one.to.overflow_owner for one in routes} - {None}
    if not named:
        return {}
    found = Member.objects.filter(Q(slug__in=named) | Q(email__in=named))
    return {name: str(member) for member in found for name in (member.slug, member.email) if name}


def _goes(route: Route, members: Mapping[str, str]) -> str:
    if isinstance(route.to, ToOwner):
        owner = route.to.owner
        return _("the owner of the company") if owner == "company" else members.get(owner) or who(owner)
    team = _("the team %(team)s, in fair turns") % {"team": who(route.to.team)}
    over = route.to.overflow_owner
    if not over:
        return team
    told = {"team": team, "owner": members.get(over) or who(over)}
    return _("%(team)s; what they cannot take goes to %(owner)s") % told


def _coverage(document: Document, speaker: Speaker) -> Article | None:
    rows = []
    for tier in document.coverage:
        together = listed(who(one) for one in (tier.leads, *tier.with_))
        effort = strung(f"{number(count)} × {plain(kind)}" for kind, count in tier.effort_per_quarter.items())
        rows.append((plain(tier.tier), speaker.sentence(tier.when), together, listed(map(plain, tier.offer)), effort))
    heads = (_("Tier"), _("Holds when"), _("Served by"), _("Offer"), _("Effort a quarter"))
    return Article("coverage", _("Coverage"), table=Table(heads, tuple(rows))) if rows else None


def _recycling(document: Document, speaker: Speaker) -> Article | None:
    rows = []
    for one in document.recycling:
        said = TRACKS[one.track]()
        if one.wake_after_days is not None:
            said = _("%(track)s after %(days)s days") % {"track": said, "days": number(one.wake_after_days)}
        rows.append((reason_name(one.reason), said, plain(one.program or "")))
    heads = (_("Reason"), _("What happens"), _("Program"))
    return Article("recycling", _("Recycling"), table=Table(heads, tuple(rows))) if rows else None


TRACKS: dict[str, Callable[[], str]] = {
    "wake": lambda: _("comes back"),
    "suppress": lambda: _("is left alone"),
    "program": lambda: _("goes into a program"),
}


def _responsibilities(document: Document, speaker: Speaker) -> Article | None:
    rows = tuple(
        (
            speaker.called(one),
            *(listed(map(who, given)) for given in (one.decides, one.does, one.advises, one.learns)),
            _("together") if one.mode == "together" else _("alone"),
        )
        for one in document.responsibilities
    )  # fmt: skip
    heads = (_("Task"), _("Decides"), _("Does"), _("Advises"), _("Learns of it"), _("How"))
    return Article("responsibilities", _("Who does what"), table=Table(heads, rows)) if rows else None


ARTICLES: tuple[Callable[[Document, Speaker], Article | None], ...] = (
    _scope, _leads, _qualified, _customer, _segments, _readiness, _stages, _fit, _engagement, _grades, _handoffs,
    _promises, _routing, _coverage, _recycling, _responsibilities,
)  # fmt: skip
