"""`accord key`: keys for machines."""

from typing import Annotated

import typer

from accord.cli.output import as_json, fail, table
from accord.kernel import clock
from accord.rooms.team.models import ApiKey
from accord.rooms.team.rules import ADMIN, ROLES

app = typer.Typer(help="Keys for machines.", no_args_is_help=True)


@app.command("create")
def create(
    scope: Annotated[str, typer.Option(help="capture or api")],
    role: Annotated[str, typer.Option(help="What the key may do, as this role.")] = ADMIN,
    name: Annotated[str, typer.Option(help="What it is for.")] = "made on the command line",
) -> None:
    """Make a key and print it alone. It is not shown again."""
    if scope not in ("capture", "api"):
        fail("The scope is capture or api.")
    if role not in ROLES:
        fail(f"There is no role {role}: use one of {', '.join(ROLES)}.")
    _key, secret = ApiKey.make(name=name, scope=scope, role=role, by=None, at=clock.now())
    typer.echo(secret)


@app.command("list")
def show(json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List keys; never their secrets."""
    rows = [[k.pk, k.name, k.scope, k.role, k.prefix, k.last_used_at, k.revoked_at] for k in ApiKey.objects.all()]
    names = ["id", "name", "scope", "role", "prefix", "last used", "revoked"]
    if json:
        as_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        table("", names, rows)


@app.command("revoke")
def revoke(key: Annotated[int, typer.Argument(help="Its id, from `accord key list`.")]) -> None:
    """Make a key worthless from now on."""
    found = ApiKey.objects.filter(pk=key).first()
    if found is None:
        fail(f"There is no key {key}: see `accord key list`.")
    found.revoke(by=None, at=clock.now())
