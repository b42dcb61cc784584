from django.utils.translation import gettext_lazy as _

from accord.rooms.notices import rules

KIND_NAMES = {
    rules.OFFERED: _("Offered to me"),
    rules.PASSED_ON: _("Passed on to me"),
    rules.TAKEN_AWAY: _("Taken from me"),
    rules.RETURNED: _("Came back from sales"),
    rules.DUE_SOON: _("A promise of mine is soon due"),
    rules.BROKEN: _("A promise of mine is broken"),
    rules.ESCALATED: _("Escalated to me"),
    rules.NUDGED: _("Proposed to me"),
    rules.NUDGE_ANSWERED: _("Answered what I proposed"),
    rules.TO_SIGN: _("A version of an agreement waits for my signature"),
    rules.SIGNED: _("The other side has signed"),
}
