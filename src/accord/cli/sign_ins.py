"""The file of the home with the first sign-ins: all of them in it, one of each role when Accord is served."""

from collections.abc import Iterable

from django.conf import settings

from accord.rooms.team import rules

FILE = settings.HOME / "sign-ins.txt"
# In the order of the funnel: what somebody of the role looks at first.
FIRST_LOOKS = {
    rules.MARKETING: "Today: the trail of seven steps, and what came in",
    rules.MARKETING_LEAD: "Today: what came back, and why; then the agreement",
    rules.INSIDE: "the desk: whom to call next, and why",
    rules.FIELD: "the pipeline: deals that need you",
    rules.PARTNER: "the leads: none but their own",
    rules.SALES_LEAD: "Today: who has how much, and which promises were broken",
    rules.SERVICE: "Today: customers that were handed over",
    rules.EXECUTIVE: "the funnel: every number opens its list",
    rules.ADMIN: "the funnel; then operations and settings",
}


def line(email: str, password: str, who: str) -> str:
    return f"{email:34} {password}   {who}"


def keep(lines: Iterable[str]) -> None:
    FILE.touch(mode=0o600)
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def printed() -> list[str]:
    """One line a role, where there are roles to choose from; else the file as it is, whatever was written into it."""
    lines = FILE.read_text(encoding="utf-8").splitlines() if FILE.exists() else []
    by_role: dict[str, tuple[str, str, str]] = {}
    for email, password, *who in (one.split(maxsplit=2) for one in lines if len(one.split()) > 1):
        name, _comma, role = "".join(who).rpartition(", ")
        by_role.setdefault(role, (name, email, password))
    if set(by_role) != set(rules.ROLES):
        return lines
    found = [(role.replace("_", " "), *by_role[role], look) for role, look in FIRST_LOOKS.items()]
    widths = [max(len(row[place]) for row in found) for place in range(4)]
    return ["   ".join([*map(str.ljust, row[:4], widths), row[4]]) for row in found]
