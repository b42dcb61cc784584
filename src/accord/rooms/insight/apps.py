from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "accord.rooms.insight"
    label = "insight"

    def ready(self) -> None:
        # Models exist only once every app is loaded.
        from accord.kernel import jobs  # noqa: PLC0415
        from accord.kernel.warehouse import tables  # noqa: PLC0415
        from accord.rooms.insight import usual  # noqa: PLC0415
        from accord.rooms.insight.tables import MIRRORED  # noqa: PLC0415

        tables.keep(MIRRORED)
        jobs.runs("usual", usual.run_job)
