"""What waits for whoever signs for a side: a proposed version, and an agreement whose review day has gone by."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from accord.rooms.agreement import queries, rules
from accord.rooms.agreement.models import Version
from accord.rooms.team.models import SIDES
from accord.rooms.team.rules import LEADS
from accord.web.shell import wording as words
from accord.web.today.frame import Act, Doing, Looking, Section, Sheet, acts_of


def signing(looking: Looking) -> Sheet | None:
    proposed = Version.objects.visible_to(looking.member).filter(status=rules.PROPOSED).order_by("proposed_at", "id")
    found = proposed.select_related("agreement", "proposed_by").prefetch_related("signatures")
    acts = [_proposed(looking, one) for one in found]
    acts += [act for one in queries.standing(looking.now) if not one.starter and (act := _review(looking, one))]
    return acts_of(acts, _("The agreement"), _("both sides sign it, and both look at it again on its day"))


def _proposed(looking: Looking, one: Version) -> Act:
    own = looking.member.side(looking.house)
    signed = {signature.side for signature in one.signatures.all()}
    other = SIDES[next(side for side in rules.SIDES if side != own)]
    address, number = reverse("agreement_version", args=[one.pk]), {"number": one.number, "side": other}
    if own in signed:
        said = _("Version %(number)s waits for the signature of %(side)s.") % number
        return Act("handoff", "signature", str(one.agreement), address, said, turn=other)
    said = _("Version %(number)s waits for your signature.") % number
    since = words.short(one.proposed_at, looking.now) if one.proposed_at else ""
    more = _("Proposed by %(member)s, %(time)s.") % {"member": one.proposed_by or _("Somebody"), "time": since}
    if signed:
        more += " " + _("Signed for %(side)s.") % number
    doing = Doing(_("Read and sign"), address)
    return Act("handoff", "signature", str(one.agreement), address, said, more, doing=doing)


def _review(looking: Looking, one: Version) -> Act | None:
    if not one.review_is_over(looking.now):
        return None
    address = reverse("agreement_version", args=[one.pk])
    said = _("It was to be reviewed by %(day)s.") % {"day": words.day(date.fromisoformat(one.document.review_by))}
    more = _("Is it still good? Then both sides sign it anew as a next version, with a later day of review.")
    doing = Doing(_("Read it again"), address)
    return Act("handoff", "signature", str(one.agreement), address, said, more, doing=doing)


SECTIONS = [Section(LEADS, 1, signing)]
