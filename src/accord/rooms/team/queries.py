from accord.rooms.team.models import Member
from accord.rooms.team.rules import ADMIN, MARKETING_LEAD


def pool_owner() -> Member | None:
    """Who owns leads that nobody took: the first marketing lead, else the first administrator."""
    active = Member.objects.filter(is_active=True).order_by("id")
    return active.filter(role=MARKETING_LEAD).first() or active.filter(role=ADMIN).first()
