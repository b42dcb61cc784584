"""What always holds of hand-offs: one open one a lead, and somebody who answers for it."""

from django.db.models import F, Q

from accord.kernel.audit.invariants import Findings, Invariant
from accord.kernel.journal import Pending
from accord.rooms.handoff import rules
from accord.rooms.handoff.models import Handoff


def _accountable(findings: Findings) -> None:
    """Whoever is offered a lead is here, and holds it. What a reaction has still to do is no violation."""
    offered = Handoff.objects.here().offered()
    findings.looked_at(offered.count())
    wrong = offered.filter(Q(owner__is_active=False) | Q(lead__owner=None) | ~Q(lead__owner=F("owner")))
    for pk, active, holds, owner in wrong.values_list("id", "owner__is_active", "lead__owner", "owner"):
        held = f"its lead is held by {f'member:{holds}' if holds else 'nobody'}"
        why = held if active else "who has left"
        if not active or not _under_way():
            findings.wrong("handoff", pk, f"is offered to member:{owner}, {why}")


def _in_place(findings: Findings) -> None:
    """An open hand-off stands at the stage of its lead."""
    still = Handoff.objects.here().open()
    findings.looked_at(still.count())
    for pk, stage, stands in still.exclude(lead__stage=F("stage")).values_list("id", "stage", "lead__stage"):
        if not _under_way():
            findings.wrong("handoff", pk, f"is open at {stage}, and its lead is {stands}")


def _answered(findings: Findings) -> None:
    """What was answered says when; what was not does not."""
    findings.looked_at(Handoff.objects.count())
    done = Q(state__in=(rules.ACCEPTED, rules.RETURNED, rules.ENDED))
    for pk, state in Handoff.objects.filter(
        (done & Q(answered_at=None)) | (~done & Q(answered_at__isnull=False))
    ).values_list("id", "state"):
        findings.wrong("handoff", pk, f"is {state}, and its answer says otherwise")


def _under_way() -> bool:
    return Pending.objects.filter(reaction="handoff.hand_over").exists()


INVARIANTS = [
    Invariant("accountable", _accountable),
    Invariant("handoffs", _in_place),
    Invariant("handoffs", _answered),
]
