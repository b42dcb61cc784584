"""Where one can go and what one can begin: one table for the rail, the palette and the phone's tabs."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accord.rooms.team import rules
from accord.rooms.team.models import Member
from accord.rooms.trail.models import Trail


@dataclass(frozen=True)
class Place:
    """`tab`: also at the foot of a phone's screen. `gap`: a pause before it. `within`: other paths of it.

    `told`: only in a house where a story was told.
    """

    label: str | Promise
    path: str
    icon: str
    needs: str
    tab: bool = False
    gap: bool = False
    within: tuple[str, ...] = ()
    told: bool = False

    def holds(self, path: str) -> bool:
        return path.startswith((self.path, *self.within))


NOTICES = Place(_("Notices"), "/notices/", "bell", "see_notices")
RAIL = (
    Place(_("Today"), "/today/", "calendar-days", "see_records", tab=True),
    NOTICES,
    Place(_("Leads"), "/leads/", "user-round", "see_records", tab=True, gap=True),
    Place(_("Desk"), "/desk/", "phone", "see_desk", tab=True, within=("/tasks/",)),
    Place(_("Pipeline"), "/pipeline/", "square-kanban", "see_records", tab=True, within=("/deals/",)),
    Place(_("Returns"), "/returns/", "undo-2", "take_up_return"),
    Place(_("Contacts"), "/contacts/", "users-round", "see_records", within=("/do-not-market/",)),
    Place(_("Companies"), "/companies/", "building-2", "see_records"),
    Place(_("Campaigns"), "/campaigns/", "megaphone", "see_content", gap=True),
    Place(_("Content"), "/assets/", "files", "see_content", within=("/templates/",)),
    Place(_("Insight"), "/insight/funnel/", "funnel", "see_insight", gap=True, within=("/insight/",)),
    Place(_("Agreement"), "/agreement/", "signature", "see_agreement"),
    Place(_("Promises"), "/promises/", "handshake", "see_promises"),
    Place(_("Overrides"), "/overrides/", "hand", "see_overrides"),
    Place(_("Imports"), "/imports/", "upload", "import_files", gap=True),
    Place(_("Event sources"), "/sources/", "radio-tower", "see_sources"),
)
# Found by their names, from the palette and among everything: too seldom wanted for the rail.
ELSEWHERE = (
    Place(_("Not to be marketed to"), "/do-not-market/", "megaphone-off", "see_records"),
    Place(_("Deals"), "/deals/", "square-kanban", "see_records"),
    Place(_("Mail templates"), "/templates/", "mail", "see_content"),
    Place(_("Trail"), "/trail/", "footprints", "see_records", told=True),
)
FOOT = (
    Place(_("Operations"), "/operations/", "activity", "see_operations"),
    Place(_("Settings"), "/settings/", "settings-2", "set_own_preferences"),
)
MORE = Place(pgettext_lazy("phone tab", "More"), "/more/", "menu", "set_own_preferences", tab=True)

BEGIN = (
    Place(_("New contact"), "/contacts/new/", "plus", "edit_contact"),
    Place(_("New company"), "/companies/new/", "plus", "edit_company"),
    Place(_("New lead"), "/leads/new/", "plus", "open_lead"),
    Place(_("New deal"), "/deals/new/", "plus", "edit_deal"),
    Place(_("New campaign"), "/campaigns/new/", "plus", "edit_campaign"),
    Place(_("New content"), "/assets/new/", "plus", "edit_content"),
    Place(_("New mail template"), "/templates/new/", "plus", "edit_template"),
    Place(_("Import a file"), "/imports/new/", "upload", "import_files"),
)

FIRST_PAGE = dict.fromkeys(rules.ROLES, "/leads/") | {
    rules.MARKETING: "/today/",
    rules.MARKETING_LEAD: "/today/",
    rules.SALES_LEAD: "/today/",
    rules.SERVICE: "/today/",
    rules.INSIDE: "/desk/",
    rules.FIELD: "/pipeline/",
    rules.EXECUTIVE: "/insight/funnel/",
    rules.ADMIN: "/insight/funnel/",
}


def open_to(member: Member, places: tuple[Place, ...]) -> list[Place]:
    simulated = any(place.told for place in places) and Trail.of_house() is not None
    return [place for place in places if member.may(place.needs) and (simulated or not place.told)]
