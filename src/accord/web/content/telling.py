"""How the timeline tells the facts of content and campaigns."""

from django.utils.translation import gettext_lazy as _

from accord.web.records.timeline import MARKETING, Entry, Teller

PLAIN = {
    "asset_created": Entry("file-text", _("Content created"), side=MARKETING),
    "campaign_created": Entry("megaphone", _("Campaign created"), side=MARKETING),
    **dict.fromkeys(("asset_trashed", "campaign_trashed"), Entry("trash-2", _("Put in the trash"))),
    **dict.fromkeys(("asset_restored", "campaign_restored"), Entry("undo-2", _("Taken back from the trash"))),
}

CONTENT = Teller(
    kinds=frozenset(PLAIN),
    gather=lambda facts: None,
    tell=lambda fact, gathered, book: PLAIN[fact.kind],
)
