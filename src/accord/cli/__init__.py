"""The `accord` command."""

import gc
import os
import sys


def main() -> None:
    set_up()
    from accord.cli.app import app  # noqa: PLC0415

    app(prog_name="accord", args=sys.argv[1:])


def set_up() -> None:
    """What every process of the program begins with."""
    gc.disable()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.settings")
    # Django has to be set up before any module with models is imported.
    import django  # noqa: PLC0415

    django.setup()
    # What is imported stays, and rows of files and reports make millions of objects and no cycles: looking for some
    # costs a tenth of a start and a seventh of an import.
    gc.freeze()
    gc.set_threshold(200_000, 50, 50)
    gc.enable()
