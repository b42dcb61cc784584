"""Who may do what, and whose rows they see. One table each, read from the users of the product."""

MARKETING, INSIDE, FIELD, SERVICE, PARTNER = "marketing", "inside_sales", "field_sales", "service", "partner"
MARKETING_LEAD, SALES_LEAD, EXECUTIVE, ADMIN = "marketing_lead", "sales_lead", "executive", "admin"
ROLES = (MARKETING, INSIDE, FIELD, SERVICE, PARTNER, MARKETING_LEAD, SALES_LEAD, EXECUTIVE, ADMIN)

HOUSE = frozenset(ROLES) - {PARTNER}
MARKETERS = frozenset({MARKETING, MARKETING_LEAD})
SELLERS = frozenset({INSIDE, FIELD, SALES_LEAD})
LEADS = frozenset({MARKETING_LEAD, SALES_LEAD})
ADMINS = frozenset({ADMIN})
WORKERS = MARKETERS | SELLERS | {SERVICE} | ADMINS

# action: the roles that may do it. Whoever is not named here may not.
MAY = {
    "see_records": frozenset(ROLES),
    "see_insight": frozenset(ROLES),
    "see_operations": LEADS | ADMINS,
    "search": frozenset(ROLES),
    "write_note": WORKERS | {PARTNER},
    "edit_contact": WORKERS,
    "edit_company": WORKERS,
    "merge_contacts": MARKETERS | {INSIDE, SALES_LEAD} | ADMINS,
    "veto_marketing": SELLERS | {SERVICE, PARTNER} | ADMINS,
    "trash_record": LEADS | ADMINS,
    "open_lead": WORKERS | {PARTNER},
    "move_lead": SELLERS | MARKETERS | ADMINS | {PARTNER},
    "log_check": WORKERS,
    "see_desk": SELLERS | {SERVICE, PARTNER} | ADMINS,
    "answer_handoff": SELLERS | {SERVICE, PARTNER} | ADMINS,
    "take_up_return": MARKETERS | ADMINS,
    "log_call": WORKERS | {PARTNER},
    "tell_talks": SELLERS | {SERVICE} | ADMINS,
    "plan_task": WORKERS | {PARTNER},
    "propose_nudge": MARKETERS | SELLERS,
    "answer_nudge": WORKERS | {PARTNER},
    "see_overrides": LEADS | ADMINS | {EXECUTIVE},
    "assign_lead": LEADS | ADMINS | {INSIDE},
    "edit_deal": SELLERS | ADMINS | {PARTNER},
    "shape_pipeline": frozenset({SALES_LEAD}) | ADMINS,
    "edit_content": MARKETERS | LEADS | ADMINS,
    "edit_template": MARKETERS | SELLERS | {SERVICE} | ADMINS,
    "edit_campaign": MARKETERS | ADMINS,
    "export_records": WORKERS | {EXECUTIVE},
    "import_files": MARKETERS | {SALES_LEAD} | ADMINS,
    "revert_import": LEADS | ADMINS,
    "see_content": HOUSE,
    "see_sources": MARKETERS | LEADS | ADMINS,
    "manage_sources": frozenset({MARKETING_LEAD}) | ADMINS,
    "see_agreement": HOUSE,
    "see_promises": HOUSE,
    "excuse_breach": LEADS,
    "edit_agreement": LEADS | ADMINS,
    "propose_agreement": LEADS | ADMINS,
    "sign_agreement": LEADS,
    "define_fields": LEADS | ADMINS,
    "manage_members": ADMINS,
    "manage_absences": LEADS | ADMINS,
    "manage_keys": ADMINS,
    "manage_house": ADMINS,
    "set_own_preferences": frozenset(ROLES),
    "see_notices": frozenset(ROLES),
}

ALL, TEAM, OWN, NONE = "all", "team", "own", "none"

# role: whose leads and deals, and through them whose contacts, it sees.
SCOPE = dict.fromkeys(HOUSE, ALL) | {PARTNER: OWN}


def may(role: str, action: str) -> bool:
    return role in MAY[action]


def scope(role: str) -> str:
    """`all`, `team` or `own`; an unknown role sees nothing."""
    return SCOPE.get(role, NONE)


def side(role: str, inside_belongs_to: str) -> str:
    """The side of the house of a role: marketing, sales or none. Where inside sales belongs is the house's choice."""
    if role in MARKETERS:
        return "marketing"
    if role == INSIDE:
        return inside_belongs_to
    return "sales" if role in SELLERS | {PARTNER} else "none"
