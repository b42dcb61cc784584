"""The lists of contacts and companies, for the one list machinery."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accord.rooms.people.models import Company, Contact
from accord.web.lists.columns import BY_NAME, CREATED, RECENT, Listing, View, named

CONTACTS = Listing(
    kind="contact",
    name="contacts",
    record="contact",
    title=_("Contacts"),
    nothing=_(
        "Everybody we know something about will be here: who wrote, called, filled in a form, or stood in a file."
    ),
    begin=pgettext_lazy("new", "Contact"),
    begins="contact_new",
    begin_action="edit_contact",
    model=Contact,
    own=(named("contact"), CREATED),
    shown=("name", "company", "title", "email", "phone", "owner", "created"),
    sorts=(RECENT, BY_NAME),
    views=(View(_("All")), View(_("Mine"), ("owner:is:me",))),
    related=("company", "owner"),
    sought="contact",
)
COMPANIES = Listing(
    kind="company",
    name="companies",
    record="company",
    title=_("Companies"),
    nothing=_("The organisations that contacts work for will be here."),
    begin=pgettext_lazy("new", "Company"),
    begins="company_new",
    begin_action="edit_company",
    model=Company,
    own=(named("company"), CREATED),
    shown=("name", "domain", "industry", "country", "employees", "created"),
    sorts=(RECENT, BY_NAME),
    views=(View(_("All")),),
    related=("parent",),
    sought="company",
)
