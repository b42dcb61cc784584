"""The closed loop on one screen: for every kind of fact, which rooms react to it. Nothing else."""

from accord.kernel.journal import Reaction
from accord.rooms.funnel.reactions import JOIN_PASSAGES, PART_PASSAGES

REACTIONS: dict[str, list[Reaction]] = {
    "contacts_merged": [JOIN_PASSAGES],
    "contacts_unmerged": [PART_PASSAGES],
}

# Facts that nothing reacts to: they are history, and reports read them.
TERMINAL: frozenset[str] = frozenset(
    {
        "asset_created",
        "asset_restored",
        "asset_trashed",
        "campaign_created",
        "campaign_restored",
        "campaign_trashed",
        "company_created",
        "company_restored",
        "company_trashed",
        "contact_created",
        "contact_identified",
        "contact_restored",
        "contact_trashed",
        "deal_lost",
        "deal_opened",
        "deal_reopened",
        "deal_restored",
        "deal_trashed",
        "deal_won",
        "import_reverted",
        "key_made",
        "key_revoked",
        "lead_assigned",
        "lead_joined",
        "lead_moved",
        "lead_opened",
        "lead_reopened",
        "lead_restored",
        "lead_trashed",
        "events_taken",
        "field_defined",
        "field_described",
        "member_came_back",
        "member_email_changed",
        "member_joined",
        "member_left",
        "member_renamed",
        "note_written",
        "rows_imported",
        "team_formed",
        "team_renamed",
        "touch_logged",
        "touches_recorded",
        "values_copied",
        "values_set",
        "verdicts_given",
    }
)
