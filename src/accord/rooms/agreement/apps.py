from django.apps import AppConfig


class AgreementConfig(AppConfig):
    name = "accord.rooms.agreement"
    label = "agreement"

    def ready(self) -> None:
        # Models exist only once every app is loaded.
        from accord.kernel.audit import invariants  # noqa: PLC0415
        from accord.rooms.agreement import audit  # noqa: PLC0415

        invariants.hold(*audit.INVARIANTS)
