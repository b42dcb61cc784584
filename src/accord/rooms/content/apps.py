from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "accord.rooms.content"
    label = "content"

    def ready(self) -> None:
        # Models exist only once every app is loaded.
        from accord.kernel import fields  # noqa: PLC0415
        from accord.kernel.audit import invariants  # noqa: PLC0415
        from accord.kernel.imports import kinds  # noqa: PLC0415
        from accord.rooms.content import audit  # noqa: PLC0415
        from accord.rooms.content.fields import ASSET_FIELDS, COMPETITOR_FIELDS, PRODUCT_FIELDS  # noqa: PLC0415
        from accord.rooms.content.models import Asset, Competitor, Product  # noqa: PLC0415

        fields.publish(Asset, "asset", ASSET_FIELDS, Asset.words)
        fields.publish(Product, "product", PRODUCT_FIELDS, Product.words)
        fields.publish(Competitor, "competitor", COMPETITOR_FIELDS, Competitor.words)
        kinds.undo_by(Asset.undoing())
        invariants.hold(*audit.INVARIANTS)
