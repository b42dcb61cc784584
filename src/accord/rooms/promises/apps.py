from django.apps import AppConfig


class PromisesConfig(AppConfig):
    name = "accord.rooms.promises"
    label = "promises"

    def ready(self) -> None:
        # Models exist only once every app is loaded.
        from accord.kernel.audit import invariants  # noqa: PLC0415
        from accord.rooms.promises import audit  # noqa: PLC0415

        invariants.hold(*audit.INVARIANTS)
