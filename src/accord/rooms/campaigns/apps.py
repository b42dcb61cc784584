from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "accord.rooms.campaigns"
    label = "campaigns"

    def ready(self) -> None:
        # Models exist only once every app is loaded.
        from accord.kernel import fields  # noqa: PLC0415
        from accord.kernel.audit import invariants  # noqa: PLC0415
        from accord.kernel.imports import kinds  # noqa: PLC0415
        from accord.rooms.campaigns import audit  # noqa: PLC0415
        from accord.rooms.campaigns.fields import CAMPAIGN_FIELDS  # noqa: PLC0415
        from accord.rooms.campaigns.models import Campaign  # noqa: PLC0415

        fields.publish(Campaign, "campaign", CAMPAIGN_FIELDS, Campaign.words)
        kinds.undo_by(Campaign.undoing())
        invariants.hold(*audit.INVARIANTS)
