"""The closed loop on one screen: for every kind of fact, which rooms react to it. Nothing else."""

from accord.kernel.journal import Reaction
from accord.rooms.funnel.reactions import JOIN_PASSAGES, JUDGE, JUDGE_WAITING, PART_PASSAGES
from accord.rooms.scoring.reactions import LOOK

REACTIONS: dict[str, list[Reaction]] = {
    "contact_identified": [LOOK],
    "contacts_merged": [LOOK, JOIN_PASSAGES],
    "contacts_to_judge": [JUDGE],
    "contacts_unmerged": [LOOK, PART_PASSAGES],
    "events_taken": [LOOK],
    "import_reverted": [LOOK],
    "lead_joined": [LOOK],
    "lead_moved": [LOOK],
    "lead_opened": [LOOK],
    "lead_reopened": [LOOK],
    "rows_imported": [LOOK],
    "rows_to_look": [LOOK],
    "touch_logged": [LOOK],
    "touches_recorded": [LOOK],
    "values_copied": [LOOK],
    "values_set": [LOOK],
    "verdicts_given": [LOOK],
    "version_came_into_force": [JUDGE_WAITING],
}

# Facts that nothing reacts to: they are history, and reports read them.
TERMINAL: frozenset[str] = frozenset(
    {
        "agreement_ranked",
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
        "contact_restored",
        "contact_trashed",
        "deal_lost",
        "deal_opened",
        "deal_reopened",
        "deal_restored",
        "deal_trashed",
        "deal_won",
        "key_made",
        "key_revoked",
        "lead_assigned",
        "lead_qualified",
        "lead_restored",
        "lead_trashed",
        "field_defined",
        "field_described",
        "member_came_back",
        "member_email_changed",
        "member_joined",
        "member_left",
        "member_renamed",
        "note_written",
        "qualification_doubted",
        "team_formed",
        "team_renamed",
        "version_drafted",
        "version_edited",
        "version_proposed",
        "version_signed",
        "version_superseded",
        "version_withdrawn",
    }
)
