from collections import Counter
from collections.abc import Iterable, Mapping

from django.db.models import Count, Q, QuerySet

from accord.kernel import fields
from accord.kernel.traits import FieldNow
from accord.rooms.team.fields import SIDES
from accord.rooms.team.models import House, Member
from accord.rooms.team.rules import ADMIN, MARKETING_LEAD


def pool_owner(named: str = "") -> Member | None:
    """Who owns leads that nobody took: whoever is named, else the first marketing lead, else the first administrator.

    A name is the slug or the address of a member, or the slug of a team: then the first of it who is here.
    """
    active = Member.objects.filter(is_active=True).order_by("id")
    called = named.strip().lower()
    if called and (found := active.filter(Q(slug=called) | Q(email=called) | Q(team__slug=called)).first()):
        return found
    return active.filter(role=MARKETING_LEAD).first() or active.filter(role=ADMIN).first()


def by_side(members: Iterable[Member], house: House) -> dict[str, list[Member]]:
    """Members by side: marketing first, then sales, then neither; those who left last within each."""
    sides: dict[str, list[Member]] = {side: [] for side in SIDES}
    for member in sorted(members, key=lambda m: (not m.is_active, m.name)):
        sides[member.side(house)].append(member)
    return sides


def by_owner(rows: QuerySet, members: Iterable[int]) -> Counter[int]:
    """How many of the rows each of the members has. One query."""
    counted = rows.filter(owner__in=members).order_by().values_list("owner_id").annotate(Count("id"))
    return Counter(dict(counted))


def filled(kind: str, records: QuerySet) -> tuple[int, Mapping[str, int]]:
    """How many records there are, and of how many each field of the kind has a value. Three queries."""
    known = fields.of(kind)
    columns = {f.slug: Q(**{f"{f.column}__isnull": False}) & ~_empty(f) for f in known.values() if f.column}
    counts = records.aggregate(
        total=Count("pk"), **{f"in_{slug}": Count("pk", filter=q) for slug, q in columns.items()}
    )
    here = FieldNow.objects.filter(kind=kind, record__in=records.values("pk"), text__isnull=False)
    values = dict(here.values_list("field").annotate(Count("id")))
    return counts["total"], values | {slug: counts[f"in_{slug}"] for slug in columns}


def _empty(field: fields.Field) -> Q:
    return Q() if field.by_number else Q(**{str(field.column): ""})


def members_named(names: set[str]) -> dict[str, int]:
    """Members by what a file calls them, each as it is spelt: e-mail address or slug."""
    called = {name: plain for name in names if (plain := name.strip().lower())}
    wanted = set(called.values())
    found = Member.objects.filter(Q(email__in=wanted) | Q(slug__in=wanted)).values_list("id", "email", "slug")
    members = {own: pk for pk, *its in found for own in its}
    return {name: members[plain] for name, plain in called.items() if plain in members}
