"""The `accord` command."""

import gc
import os
import sys

from accord.kernel.staying import stays


def main() -> None:
    set_up()
    from django.db import DatabaseError  # noqa: PLC0415

    from accord.cli.app import app  # noqa: PLC0415
    from accord.cli.home import is_made  # noqa: PLC0415

    try:
        app(prog_name="accord", args=sys.argv[1:])
    except DatabaseError:
        if is_made():
            raise
        sys.exit("This home is not ready yet: run accord init first.")


def set_up() -> None:
    """What every process of the program begins with."""
    gc.disable()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.settings")
    # Django has to be set up before any module with models is imported.
    import django  # noqa: PLC0415

    django.setup()
    stays()
    gc.enable()  # while modules were imported it had found nothing, in a tenth of the time
