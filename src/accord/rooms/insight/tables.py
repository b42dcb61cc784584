"""Every table that reports are read from: those of the kernel and of the rooms below."""

from accord.kernel.warehouse.tables import FACTS, RETRACTIONS, TRAITS
from accord.rooms.campaigns.tables import CAMPAIGNS
from accord.rooms.capture.tables import TOUCHES, VERDICTS
from accord.rooms.content.tables import ASSETS
from accord.rooms.funnel.tables import DEALS, TRANSITIONS
from accord.rooms.people.tables import LINKS
from accord.rooms.team.tables import MEMBERS, TEAMS

MIRRORED = [FACTS, RETRACTIONS, TRAITS, LINKS, TOUCHES, VERDICTS, TRANSITIONS, DEALS, MEMBERS, TEAMS, ASSETS, CAMPAIGNS]
