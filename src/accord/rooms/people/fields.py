from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accord.kernel.fields import NUMBER, REF, Field, Names
from accord.kernel.spoken import locale
from accord.kernel.text import email_key, normalise, sort_key
from accord.rooms.people import rules

OURS = "accord:"  # external ids of records that came without one
LONGEST_NAME = 255  # Han by their sounds, and compatibility letters spelt out, can be longer than the name itself
NAMES = {
    "name_norm": lambda text: normalise(text or "")[:LONGEST_NAME],
    "sort_key": lambda text: sort_key(text or "")[:LONGEST_NAME],
}

# A file may bring other words: they are kept and shown as they came.
SENIORITY_NAMES = {
    "owner": pgettext_lazy("rank in a company", "Owner"),
    "c_level": _("C-level"),
    "vp": _("Vice president"),
    "director": _("Director"),
    "head": _("Head of department"),
    "manager": _("Manager"),
    "specialist": _("Specialist"),
    "assistant": _("Assistant"),
}
LANGUAGES = (
    "ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id", "it", "ja",
    "ka", "kk", "ko", "lt", "lv", "ms", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk",
    "uz", "vi", "zh",
)  # fmt: skip


def language_names() -> dict[str, str]:
    """Those that people of business speak, as the reader's language calls them, in its order."""
    names = locale().languages
    return dict(sorted(((code, names[code]) for code in LANGUAGES), key=lambda one: sort_key(one[1])))


CONTACT_FIELDS = [
    Field(
        "contact",
        "name",
        pgettext_lazy("of a person", "Name"),
        personal=True,
        column="name",
        derived=NAMES,
        searched=True,
    ),
    Field(
        "contact",
        "email",
        _("E-mail"),
        personal=True,
        column="email",
        derived={"email_norm": lambda text: email_key(text or "")},
        searched=True,
    ),
    Field("contact", "phone", _("Phone"), personal=True, column="phone", searched=True),
    Field(
        "contact",
        "company",
        _("Company"),
        REF,
        column="company",
        refers_to="company",
        called_by="external_id",
        owner="sales",
    ),
    Field("contact", "title", _("Job title"), personal=True),
    Field("contact", "seniority", _("Seniority"), definition=_("Rank in the company."), choices=SENIORITY_NAMES),
    Field("contact", "department", _("Department")),
    Field("contact", "country", _("Country")),
    Field("contact", "language", _("Language"), choices=Names(language_names)),
    Field("contact", "budget", _("Budget"), NUMBER, owner="sales"),
    Field("contact", "owner", _("Owner"), REF, column="owner", refers_to="member", owner="sales"),
    Field("contact", "trashed", _("In the trash"), "bool"),
]
COMPANY_FIELDS = [
    Field("company", "name", _("Name"), column="name", derived=NAMES, searched=True),
    Field("company", "domain", _("Domain"), column="domain", searched=True),
    Field(
        "company",
        "parent",
        _("Parent company"),
        REF,
        column="parent",
        refers_to="company",
        called_by="external_id",
        owner="sales",
    ),
    Field("company", "industry", _("Industry")),
    Field("company", "employees", _("Employees"), NUMBER),
    Field("company", "revenue", _("Revenue"), NUMBER, owner="sales"),
    Field("company", "country", _("Country")),
    Field("company", "city", _("City")),
    Field("company", "region", _("Region")),
    Field("company", "territory", _("Territory"), owner="sales"),
    Field("company", "owner", _("Owner"), owner="sales"),
    Field("company", "tier", _("Tier"), owner="sales"),
    Field("company", "trashed", _("In the trash"), "bool"),
]

# What work on a record changes, such as handing it over: that is no fact of the lead, and no agreement asks it.
UNASKED = {"contact": ("owner", "trashed"), "company": ("trashed",)}

VETO_NAMES = {
    rules.ASKED: _("They asked us not to"),
    rules.IN_TALKS: _("Talks that marketing would disturb"),
    rules.KEY_ACCOUNT: _("A key account: sales writes to them itself"),
    rules.COMPLAINT: _("They have complained"),
    rules.COMPETITOR: _("A competitor"),
    rules.OTHER: _("Another reason"),
}
SUPPRESSED_NAMES = {
    rules.BOUNCED: _("Mail to it came back for good"),
    rules.COMPLAINED: _("Its owner has reported our mail"),
    rules.UNSUBSCRIBED: _("Its owner has unsubscribed"),
}
