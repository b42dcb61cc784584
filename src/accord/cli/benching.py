"""`accord bench`: the measured claims, on this machine."""

import subprocess
import sys
from typing import Annotated

import typer
from django.conf import settings

from accord.cli.output import fail

CHECKOUT = settings.SOURCE.parent.parent
# What a bench takes beside its name is its own: sizes, seconds, clients.
PASSED_ON = {"ignore_unknown_options": True}


def bench(
    name: Annotated[str | None, typer.Argument(help="Which bench; without a name they are listed.")] = None,
    options: Annotated[
        list[str] | None, typer.Argument(help="What the bench itself takes, such as --rows 5000.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The figures alone, as JSON.")] = False,
) -> None:
    """Measure a claim in a scratch home of its own. Needs a checkout: benches are not installed with the package."""
    if not (CHECKOUT / "bench" / "__main__.py").is_file():
        fail("Benches are not installed with the package: run this from a checkout of the project, after make install.")
    words = [*([name] if name else []), *(options or []), *(["--json"] if json else [])]
    raise typer.Exit(subprocess.call([sys.executable, "-m", "bench", *words], cwd=CHECKOUT))
