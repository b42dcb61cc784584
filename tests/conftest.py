from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.test import Client

from accord.kernel import clock
from accord.rooms.team.models import House, Member, Team

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CAST = {
    "mara": ("marketing", "Mara Meier", "marketing"),
    "mila": ("marketing_lead", "Mila Berg", "marketing"),
    "ines": ("inside_sales", "Ines Ito", "sales"),
    "felix": ("field_sales", "Felix Roth", "sales"),
    "saul": ("sales_lead", "Saul Stein", "sales"),
    "sven": ("service", "Sven Vogt", "none"),
    "paula": ("partner", "Paula Pires", "sales"),
    "eva": ("executive", "Eva Lang", "none"),
    "ada": ("admin", "Ada Adler", "none"),
}


@pytest.fixture
def at() -> datetime:
    return MONDAY


@pytest.fixture
def house(db) -> House:
    return House.get()


@pytest.fixture
def cast(house, at) -> SimpleNamespace:
    """One member of every role, by first name."""
    with clock.moved_to(at):
        teams = {side: Team.objects.create(slug=side, name=side.title(), side=side) for side in ("marketing", "sales", "none")}
        members = {
            first: Member.join(
                email=f"{first}@house.example", name=name, role=role, team=teams[side], by=None, at=at, password="a long password"
            )
            for first, (role, name, side) in CAST.items()
        }
    return SimpleNamespace(**members)


@pytest.fixture
def as_() -> Callable[[Member], Client]:
    """A browser in which the member is signed in."""

    def signed_in(member: Member) -> Client:
        client = Client()
        client.force_login(member)
        return client

    return signed_in


@pytest.fixture
def still(at):
    """Business time stands still on Monday morning."""
    with clock.moved_to(at):
        yield at
