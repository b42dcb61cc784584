from django.apps import AppConfig


class HandoffConfig(AppConfig):
    name = "accord.rooms.handoff"
    label = "handoff"

    def ready(self) -> None:
        # Models exist only once every app is loaded.
        from accord.kernel.audit import invariants  # noqa: PLC0415
        from accord.rooms.handoff import audit  # noqa: PLC0415

        invariants.hold(*audit.INVARIANTS)
