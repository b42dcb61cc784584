from django.apps import AppConfig


class LoopConfig(AppConfig):
    name = "accord"
    label = "accord"

    def ready(self) -> None:
        # Reactions import models, which exist only once every app is loaded.
        from accord import loop  # noqa: PLC0415
        from accord.kernel import journal  # noqa: PLC0415

        journal.wire(loop.REACTIONS)
