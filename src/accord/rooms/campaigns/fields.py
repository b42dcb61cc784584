from django.utils.translation import gettext_lazy as _

from accord.kernel.fields import BOOL, DATE, NUMBER, REF, Field
from accord.rooms.people.fields import NAMES

CAMPAIGN_FIELDS = [
    Field("campaign", "name", _("Name"), column="name", derived=NAMES, searched=True),
    Field("campaign", "channel", _("Channel")),
    Field("campaign", "goal", _("Goal"), definition=_("What it is to bring, such as 40 qualified leads.")),
    Field("campaign", "budget", _("Budget"), NUMBER, definition=_("In the currency of the house.")),
    Field("campaign", "starts_on", _("Begins on"), DATE),
    Field("campaign", "ends_on", _("Ends on"), DATE),
    Field("campaign", "owner", _("Owner"), REF, column="owner", refers_to="member", called_by="email"),
    Field("campaign", "trashed", _("In the trash"), BOOL),
]
