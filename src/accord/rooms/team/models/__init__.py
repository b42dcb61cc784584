from accord.rooms.team.fields import ROLE_NAMES, SIDES
from accord.rooms.team.models.absence import Absence, AlreadyAway, Backwards
from accord.rooms.team.models.day_off import DayOff
from accord.rooms.team.models.feed import Feed
from accord.rooms.team.models.house import FieldTaken, House
from accord.rooms.team.models.key import ApiKey
from accord.rooms.team.models.member import EmailTaken, LastAdministrator, Member, Oneself
from accord.rooms.team.models.team import NameTaken, Team

__all__ = [
    "ROLE_NAMES",
    "SIDES",
    "Absence",
    "AlreadyAway",
    "ApiKey",
    "Backwards",
    "DayOff",
    "EmailTaken",
    "Feed",
    "FieldTaken",
    "House",
    "LastAdministrator",
    "Member",
    "NameTaken",
    "Oneself",
    "Team",
]
