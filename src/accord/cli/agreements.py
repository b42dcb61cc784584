"""`accord agreement`: the document that both teams sign, from a file and into one."""

from pathlib import Path
from typing import Annotated, Any

import typer

from accord.cli.output import as_json, console, errors, fail, table
from accord.kernel import clock
from accord.rooms.agreement import queries, starter
from accord.rooms.agreement.document.parsing import LONGEST
from accord.rooms.agreement.document.problems import Problem, Refused
from accord.rooms.agreement.document.reading import Read, read
from accord.rooms.agreement.models import Agreement, RealHome, Version, is_test_home
from accord.rooms.agreement.models.refusals import Refusal
from accord.rooms.team.models import House, Member

app = typer.Typer(help="The agreement between marketing and sales.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="YAML or JSON.")]
Json = Annotated[bool, typer.Option("--json", help="The result alone, as JSON.")]
Named = Annotated[
    str, typer.Option("--agreement", help="Its name; otherwise the first in rank, or the one that is open.")
]


@app.command("validate")
def validate(file: File, json: Json = False) -> None:
    """Check a file. Status 1, with every place, reason and way out, where it cannot be an agreement."""
    try:
        found = read(_given(file), queries.house())
    except Refused as refused:
        if json:
            as_json({"valid": False, "problems": _plain(refused.problems), "warnings": _plain(refused.warnings)})
            raise typer.Exit(1)
        _refuse(refused)
    if json:
        as_json({"valid": True, "problems": [], "warnings": _plain(found.warnings)})
        return
    _warn(found.warnings)
    console.print(
        f"{file} can be an agreement: “{found.document.name}”.", highlight=False, markup=False, soft_wrap=True
    )


@app.command("import")
def take(
    file: File,
    sign_as_both: Annotated[
        bool, typer.Option("--sign-as-both", help="In a home for tests: sign it for both sides at once.")
    ] = False,
    json: Json = False,
) -> None:
    """Take a document in as a draft of the agreement that it names; a draft that is open takes its text over."""
    if sign_as_both and not is_test_home():
        fail(RealHome())
    given = _given(file)
    try:
        found = read(given, queries.house(strict=not sign_as_both))
    except Refused as refused:
        _refuse(refused)
    _warn(found.warnings)
    _done(_taken(found, given.decode("utf-8-sig"), sign_as_both), json)


def _taken(found: Read, text: str, sign_as_both: bool) -> Version:
    at = clock.now()
    try:
        known = Agreement.objects.filter(name=found.document.name).first()
        version = known.open_version() if known else None
        if version is not None and version.is_draft:
            version.edit(found, seen=version.edition, by=None, at=at, source=text)
        else:
            version = Version.draft(found, by=None, at=at, source=text)
        if sign_as_both:
            version.propose(by=None, at=at)
            version.sign_as_both(at=at)
    except Refusal as said:
        fail(said)
    return version


@app.command("show")
def show(agreement: Named = "", json: Json = False) -> None:
    """The agreements with their versions, what is in force since when, and who signed."""
    found = _agreements(agreement)
    standing = queries.standing(clock.now())
    unsigned = any(version.starter for version in standing)
    told = [_told(version, version in standing) for one in found for version in one.versions.order_by("number")]
    if json:
        as_json({"unsigned_starter": unsigned, "versions": told})
        return
    names = ("agreement", "number", "status", "effective", "in_force_from", "in_force_until", "signed_by", "hash")
    rows = [[one[name] if name != "hash" else one["hash"][:12] for name in names] for one in told]
    table("", [name.replace("_", " ") for name in names], rows)
    if unsigned:
        console.print("What is in force is the unsigned starter: neither side has signed it.", highlight=False)


@app.command("export")
def export(
    first: Annotated[str, typer.Argument(metavar="[NAME] FILE", help="The name of an agreement, and a file.")],
    second: Annotated[str, typer.Argument(hidden=True)] = "",
) -> None:
    """Write the version in force, else the latest, to a file: YAML, or JSON where the file's name ends so; - is stdout.

    Without an agreement in the house it writes the starter.
    """
    name, target = (first, second) if second else ("", first)
    if name or Agreement.objects.exists():
        version = _latest(name)
        text = version.json if target.endswith(".json") else version.yaml
    else:
        text = starter.text(clock.now(), House.get().zone)
    if target == "-":
        typer.echo(text, nl=False)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as wrong:
        fail(f"{target} cannot be written: {wrong.strerror}.")


@app.command("propose")
def propose(agreement: Named = "", json: Json = False) -> None:
    """Freeze the open draft, for both sides to sign."""
    version = _open(agreement)
    try:
        version.propose(by=None, at=clock.now())
    except Refusal as said:
        fail(said)
    _done(version, json)


@app.command("sign")
def sign(
    who: Annotated[str, typer.Option("--as", help="The e-mail address of a marketing lead or a sales lead.")],
    agreement: Named = "",
    json: Json = False,
) -> None:
    """Sign what is proposed, for the side of that lead. One person never signs for both sides."""
    member = Member.objects.filter(email=who.strip().lower(), is_active=True).first()
    if member is None:
        fail(f"Nobody signs in as {who}: see the members in the settings.")
    version = _open(agreement)
    try:
        version.sign(member, hash=version.hash, at=clock.now())
    except Refusal as said:
        fail(said)
    _done(version, json)


def _given(file: Path) -> bytes:
    """No more of the file than is looked at. Once: what is piped in comes only once."""
    try:
        with file.open("rb") as opened:
            return opened.read(LONGEST + 1)
    except OSError as wrong:
        fail(f"{file} cannot be read: {wrong.strerror}.")


def _refuse(refused: Refused) -> None:
    for problem in refused.problems:
        errors.print(str(problem), markup=False, highlight=False, soft_wrap=True)
    _warn(refused.warnings)
    count = len(refused.problems)
    fail(f"It cannot be an agreement: {count} problem{'s' if count > 1 else ''}.")


def _warn(warnings: tuple[Problem, ...]) -> None:
    for warning in warnings:
        errors.print(f"Warning: {warning}", markup=False, highlight=False, soft_wrap=True)


def _plain(problems: tuple[Problem, ...]) -> list[dict[str, str]]:
    return [problem.plain() for problem in problems]


def _agreements(name: str) -> list[Agreement]:
    ranked = Agreement.objects.ranked()
    found = list(ranked.filter(name=name) if name else ranked)
    if name and not found:
        names = ", ".join(f"“{one}”" for one in ranked) or "none yet"
        fail(f"There is no agreement “{name}”. There are: {names}.")
    return found


def _latest(name: str) -> Version:
    """In force, of the first in rank; else the one with the highest number."""
    agreements = _agreements(name)
    standing = [one for one in queries.standing(clock.now()) if one.agreement in agreements]
    version = standing[0] if standing else agreements[0].versions.order_by("number").last()
    if version is None:
        fail("The agreement has no version.")
    return version


def _open(name: str) -> Version:
    found = [version for one in _agreements(name) if (version := one.open_version())]
    if not found:
        fail("No draft and no proposal is open. Begin one with accord agreement import FILE.")
    if len(found) > 1:
        fail(f"Several are open. Say which: --agreement {' | '.join(repr(one.agreement.name) for one in found)}.")
    return found[0]


def _done(version: Version, json: bool) -> None:
    told = _told(version, any(version == one for one in queries.standing(clock.now())))
    if json:
        as_json(told)
        return
    said = f"Version {version.number} of “{version.agreement}” is {told['status'].replace('_', ' ')}"
    since = f" since {told['in_force_from']}" if told["in_force"] else ""
    if told["status"] == "signed":
        since = f"; in force from {told['in_force_from']}"
    console.print(f"{said}{since}.", highlight=False, markup=False, soft_wrap=True)


def _told(version: Version, standing: bool) -> dict[str, Any]:
    signatures = version.signatures.select_related("member")
    return {
        "agreement": version.agreement.name,
        "rank": version.agreement.rank,
        "number": version.number,
        "status": version.status,
        "in_force": standing,
        "starter": version.starter,
        "effective": version.document.effective,
        "in_force_from": version.in_force_from and version.in_force_from.isoformat(),
        "in_force_until": version.in_force_until and version.in_force_until.isoformat(),
        "signed_by": ", ".join(str(one) for one in signatures),
        "hash": version.hash,
    }
