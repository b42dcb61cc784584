from django.apps import AppConfig


class FunnelConfig(AppConfig):
    name = "accord.rooms.funnel"
    label = "funnel"

    def ready(self) -> None:
        # Models exist only once every app is loaded.
        from accord.kernel import fields  # noqa: PLC0415
        from accord.kernel.audit import invariants  # noqa: PLC0415
        from accord.kernel.imports import kinds  # noqa: PLC0415
        from accord.rooms.content.models import Asset  # noqa: PLC0415
        from accord.rooms.funnel import audit, imports, queries  # noqa: PLC0415
        from accord.rooms.funnel.fields import ASSET_STAGE, LEAD_FIELDS  # noqa: PLC0415
        from accord.rooms.funnel.models import Deal, Lead  # noqa: PLC0415

        fields.publish(Asset, "asset", [ASSET_STAGE])
        fields.publish(Lead, "lead", LEAD_FIELDS)
        fields.publish(Deal, "deal", queries.deal_fields(), queries.deal_words)
        kinds.offer(*imports.KINDS)
        kinds.undo_by(*imports.UNDOINGS)
        invariants.hold(*audit.INVARIANTS)
