from django.utils.translation import gettext_lazy as _

from accord.kernel.fields import BOOL, REF, Field
from accord.rooms.people.fields import NAMES

STAGE = Field("asset", "stage", _("Stage"), definition=_("The stage of the funnel that it is made for."))
ASSET_FIELDS = [
    Field("asset", "name", _("Name"), column="name", derived=NAMES, searched=True),
    Field("asset", "url", _("Address")),
    Field("asset", "format", _("Format"), definition=_("Such as checklist, webinar or case study.")),
    STAGE,
    Field("asset", "persona", _("Persona"), definition=_("Whom it is written for, such as buyer or engineer.")),
    Field("asset", "industry", _("Industry"), definition=_("Whose customers it is about; empty: any.")),
    Field(
        "asset", "brief", _("Brief"), long=True,
        definition=_("For sellers, on one page: what such customers need and fear, what they ask, what to send them."),
    ),
    Field("asset", "language", _("Language")),
    Field("asset", "owner", _("Owner"), REF, column="owner", refers_to="member", called_by="email"),
    Field("asset", "trashed", _("In the trash"), BOOL),
]  # fmt: skip
PRODUCT_FIELDS = [
    Field("product", "name", _("Name"), column="name", derived=NAMES, owner="sales"),
    Field("product", "owner", _("Owner"), REF, column="owner", refers_to="member", owner="sales"),
    Field("product", "trashed", _("In the trash"), BOOL, owner="sales"),
]
COMPETITOR_FIELDS = [
    Field("competitor", "name", _("Name"), column="name", derived=NAMES, owner="sales"),
    Field("competitor", "owner", _("Owner"), REF, column="owner", refers_to="member", owner="sales"),
    Field("competitor", "trashed", _("In the trash"), BOOL, owner="sales"),
]
