from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "accord.rooms.scoring"
    label = "scoring"

    def ready(self) -> None:
        # Models exist only once every app is loaded.
        from accord.kernel import jobs  # noqa: PLC0415
        from accord.rooms.scoring import rescoring  # noqa: PLC0415

        jobs.runs("rescore", rescoring.run_job)
