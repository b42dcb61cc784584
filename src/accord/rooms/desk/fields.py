from django.utils.translation import gettext_lazy as _

TASK_NAMES = {
    "call": _("Call"),
    "email": _("Write an e-mail"),
    "meeting": _("Meet"),
    "other": _("Something else"),
    "undelivered": _("A mail did not arrive"),
    "wake": _("Get back to them"),
}
NUDGE_NAMES = {
    "message": _("Send a message"),
    "event": _("Invite to an event"),
    "offer": _("Make an offer"),
    "program": _("Put into a program"),
    "return": _("Return to marketing"),
}
DECLINE_NAMES = {
    "planned": _("It is planned already"),
    "not_now": _("Not the right time"),
    "asked_not_to": _("They asked us not to"),
    "no_fit": _("Does not fit them"),
    "tried": _("Was tried already"),
    "other": _("Something else"),
}
LOGGED_NAMES = {
    "call_out": _("We called"),
    "call_in": _("They called"),
    "email_out": _("We wrote"),
    "reply": _("They wrote"),
    "meeting": _("We met"),
    "chat": _("We chatted"),
}
OUTCOME_NAMES = {
    "reached": _("Reached"),
    "no_answer": _("No answer"),
    "voicemail": _("Left a voice message"),
    "call_back": _("Call again"),
    "wrong_number": _("Wrong number"),
    "sent": _("Sent"),
    "interested": _("Interested"),
    "not_now": _("Not now"),
    "refused": _("Not interested"),
    "booked": _("Booked by them"),
    "held": _("Took place"),
    "missed": _("Nobody came"),
    "put_off": _("Put off"),
}
