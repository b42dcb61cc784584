"""What touches name becomes a record: content and campaigns exist without anybody's typing."""

from collections.abc import Sequence

from accord.kernel.imports.kinds import Written
from accord.kernel.ledger import Writing
from accord.rooms.campaigns.models import Campaign
from accord.rooms.content.models import Asset

Names = Sequence[tuple[str | None, str | None]]  # asset and campaign, as a touch says them


def by_events(writing: Writing, named: Names) -> None:
    Asset.meet(writing, [asset for asset, _campaign in named], by_events=True)
    Campaign.meet(writing, [campaign for _asset, campaign in named], by_events=True)


def by_import(writing: Writing, named: Names, written: Written) -> None:
    """The import remembers which it made, so that they go with it when it is reverted."""
    for model, names in ((Asset, [one for one, _ in named]), (Campaign, [one for _, one in named])):
        met = model.meet(writing, names)
        written.touched += [(model.kind, pk, pk in met.made) for pk in met.known]
