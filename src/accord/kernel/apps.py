from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "accord.kernel"
    label = "kernel"

    def ready(self) -> None:
        # Models exist only once every app is loaded.
        from accord.kernel import jobs  # noqa: PLC0415
        from accord.kernel.audit import entries, imported, invariants, mirrored, values, waiting  # noqa: PLC0415
        from accord.kernel.audit import ledger as of_ledger  # noqa: PLC0415
        from accord.kernel.imports import revert, run  # noqa: PLC0415

        jobs.runs("import", run.run_job)
        jobs.runs("revert", revert.revert_job)
        for audited in (of_ledger, values, entries, imported, waiting, mirrored):
            invariants.hold(*audited.INVARIANTS)
