from django.apps import AppConfig


class CaptureConfig(AppConfig):
    name = "accord.rooms.capture"
    label = "capture"

    def ready(self) -> None:
        # Models exist only once every app is loaded.
        from accord.kernel.audit import invariants  # noqa: PLC0415
        from accord.kernel.imports import kinds  # noqa: PLC0415
        from accord.rooms.capture import audit, imports  # noqa: PLC0415

        kinds.offer(*imports.KINDS)
        invariants.hold(*audit.INVARIANTS)
