"""What the two teams sign, twice: at first every enquiry is handed over, and half way they know better."""

from datetime import datetime

from accord.demo.plan import BETTER
from accord.kernel import journal
from accord.rooms.agreement import starter
from accord.rooms.agreement.document.reading import read
from accord.rooms.agreement.models import Version
from accord.rooms.scoring import rescoring
from accord.rooms.team.models import House, Member
from accord.rooms.team.rules import MARKETING_LEAD, SALES_LEAD

# Everybody who asks for anything is handed over: what marketing wished for when it was paid by the lead.
ASKS = """qualified:
  any:
    - all: [{count: {touch: [form, download]}, at_least: 1}]
"""
ROUTING = """
routing:
  - {id: own, label: {en: Their company’s own, zh-hans: 公司已有负责人}, when: {all: []}, to: {owner: company}}
  - {id: china, label: {en: Chinese spoken, zh-hans: 使用中文}, when: {field: contact.language, is: zh},
     to: {team: China team, pick: fair}}
  - {id: field, label: {en: Everybody else, zh-hans: 其他所有人}, when: {all: []},
     to: {team: Field sales, pick: fair, overflow_owner: gregor.falk@tarnbeck.example}}
"""
ENFORCED = ("within: 8 business hours\n      share: 0.9\n      mode: pilot",
            "within: 8 business hours\n      share: 0.9\n      mode: enforced")  # fmt: skip


def agree(name: str, at: datetime) -> None:
    """Drafted by marketing, proposed, and signed by the lead of each team; in force from `at`."""
    marketing, sales = (Member.objects.get(role=role) for role in (MARKETING_LEAD, SALES_LEAD))
    zone = House.get().zone
    text = _text(name, at, zone)
    version = Version.draft(read(text), by=marketing.pk, at=at, source=text)
    version.propose(by=marketing.pk, at=at)
    for signer in (marketing, sales):
        version.sign(signer, hash=version.hash, at=at)
    Version.come_into_force(at)
    journal.drain()
    rescoring.rescore(at)


def _text(name: str, at: datetime, zone: str) -> str:
    said = starter.text(at, zone) + ROUTING
    if name == BETTER:
        return said.replace(*ENFORCED)
    head, _qualified, tail = said.partition("qualified:")
    _rule, handoffs, rest = tail.partition("handoffs:")
    return f"{head}{ASKS}\n{handoffs}{rest}"
