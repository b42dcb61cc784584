"""Why an event was refused or dropped, in the reader's language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, str | Promise] = {
    "not_an_object": _("An event is a JSON object."),
    "too_large": _("An event has at most 32 KB."),
    "wrong_type": _("The type is identify, track, page, screen, group or alias."),
    "wrong_field": _("An id is a text or a whole number; traits and context are objects."),
    "id_too_long": _("An id has at most 255 characters."),
    "nobody": _("An event needs userId, anonymousId, or traits.email."),
    "no_event_name": _("A track needs the name of the event, with a letter or a digit in it."),
    "no_group": _("A group needs groupId."),
    "no_previous": _("An alias needs previousId and userId."),
    "may_not_check": _("A check is told by a key of a role that sells; everybody can read the key of a website."),
    "unreadable": _("A part of it cannot be read, or has another shape than the tracking format says."),
    "undigestible": _("Something went wrong while it was taken in: see the log of the worker."),
}
