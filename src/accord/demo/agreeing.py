"""The two teams sign what they have worked by: from the end of the story on, the software decides."""

from datetime import datetime

from accord.kernel import journal
from accord.rooms.agreement import starter
from accord.rooms.agreement.models import Version
from accord.rooms.scoring import rescoring
from accord.rooms.team.models import House, Member
from accord.rooms.team.rules import MARKETING_LEAD, SALES_LEAD


def agree(at: datetime) -> None:
    """The draft that every house begins with, signed by the lead of each team, in force from `at`."""
    signers = Member.objects.filter(role__in=[MARKETING_LEAD, SALES_LEAD])
    zone = House.get().zone
    version = Version.draft(starter.drafted(at, zone), by=signers[0].pk, at=at, source=starter.text(at, zone))
    version.propose(by=signers[0].pk, at=at)
    for signer in signers:
        version.sign(signer, hash=version.hash, at=at)
    Version.come_into_force(at)
    journal.drain()
    rescoring.rescore(at)
