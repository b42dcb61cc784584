"""What always holds of agreements: the text is the one that was signed, and of each at most one version is in force."""

from collections import Counter

from accord.kernel.audit.invariants import Findings, Invariant
from accord.rooms.agreement import rules
from accord.rooms.agreement.document.writing import digest
from accord.rooms.agreement.models import Version


def _signed_text(findings: Findings) -> None:
    """The hash is that of the text, and every signature is under that hash."""
    for version in Version.objects.prefetch_related("signatures"):
        findings.looked_at(1)
        if version.hash != digest(version.text):
            findings.wrong("version", version.pk, "its hash is not that of its text")
        if any(signature.hash != version.hash for signature in version.signatures.all()):
            findings.wrong("version", version.pk, "somebody signed another text")


def _both_signed(findings: Findings) -> None:
    for version in Version.objects.filter(status__in=rules.BINDING).prefetch_related("signatures"):
        findings.looked_at(1)
        sides = {signature.side for signature in version.signatures.all()}
        members = Counter(signature.member_id for signature in version.signatures.all() if signature.member_id)
        if not version.starter and sides != set(rules.SIDES):
            findings.wrong("version", version.pk, "is binding and was not signed by both sides")
        if any(times > 1 for times in members.values()):
            findings.wrong("version", version.pk, "one person signed for both sides")


def _one_in_force(findings: Findings) -> None:
    held = Counter(Version.objects.filter(status=rules.IN_FORCE).values_list("agreement_id", flat=True))
    findings.looked_at(len(held))
    for agreement, count in held.items():
        if count > 1:
            findings.wrong("agreement", agreement, f"{count} versions are in force")


INVARIANTS = [
    Invariant("signed_text", _signed_text),
    Invariant("both_signed", _both_signed),
    Invariant("one_in_force", _one_in_force),
]
