from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "accord.rooms.people"
    label = "people"

    def ready(self) -> None:
        # Models exist only once every app is loaded.
        from accord.kernel import fields  # noqa: PLC0415
        from accord.kernel.audit import invariants  # noqa: PLC0415
        from accord.kernel.imports import kinds  # noqa: PLC0415
        from accord.rooms.people import audit, imports, queries  # noqa: PLC0415
        from accord.rooms.people.fields import COMPANY_FIELDS, CONTACT_FIELDS  # noqa: PLC0415
        from accord.rooms.people.models import Company, Contact  # noqa: PLC0415

        fields.publish(Contact, "contact", CONTACT_FIELDS, queries.contact_words)
        fields.publish(Company, "company", COMPANY_FIELDS, queries.company_words)
        kinds.offer(*imports.KINDS)
        kinds.undo_by(*imports.UNDOINGS)
        invariants.hold(*audit.INVARIANTS)
