from django.utils.translation import gettext_lazy as _

from accord.rooms.agreement.words import plain

# Reasons for giving a lead back that ship; an agreement may name others by its recycling.
REASON_NAMES = {
    "timing": _("Not now"),
    "budget": _("No budget"),
    "no_need": _("No need"),
    "no_response": _("Nobody answers"),
    "no_fit": _("Does not fit"),
    "no_authority": _("Cannot decide"),
    "competitor": _("Decided for somebody else"),
    "wrong_data": _("The data are wrong"),
    "duplicate": _("We have them already"),
}
PROPOSED_NAMES = {"nudge": _("A nudge was accepted")}  # nobody chooses it: somebody proposed the return
TRACK_NAMES = {
    "": _("Back in the pool"),
    "wake": _("Woken later"),
    "suppress": _("Not to be marketed to"),
    "program": _("Into a program"),
}


def reason_name(said: str) -> str:
    return str({**REASON_NAMES, **PROPOSED_NAMES}.get(said) or plain(said))
