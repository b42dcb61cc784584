from collections.abc import Iterable
from datetime import datetime
from operator import itemgetter

from django.db import models

from accord.kernel import bulk, ledger, traits
from accord.kernel.instants import BEGINNING
from accord.kernel.ledger import LedgerRow
from accord.kernel.text import email_key
from accord.rooms.people import facts

USER, EMAIL, ANONYMOUS, PHONE = "user", "email", "anonymous", "phone"


class Identity(models.Model):
    """An address, device or id by which somebody is met. Whose it is, the links say."""

    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=255)

    class Meta:
        db_table = "identity"
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="identity_once")]

    @classmethod
    def of(cls, kind: str, value: str) -> "Identity":
        """The identity, made when it is met for the first time."""
        kept = (email_key(value) or value) if kind == EMAIL else value
        made = Identity.objects.bulk_create(
            [Identity(kind=kind, value=kept)],
            update_conflicts=True,
            unique_fields=["kind", "value"],
            update_fields=["value"],
        )
        return made[0]

    def link(self, contact: int | None, *, by: int | None, at: datetime, from_beginning: bool = False) -> None:
        """From now on (a contact's own external id: from ever) this identity belongs to that contact, or to none."""
        with ledger.write(at, by) as writing:
            row = Link(identity_id=self.pk, contact_id=contact, recorded_at=BEGINNING if from_beginning else None)
            writing.record(facts.ContactIdentified(contact=contact, identity=self.pk), [row])


class Link(LedgerRow):
    """From `recorded_at` on, the identity belongs to the contact (to none, where empty)."""

    identity = models.ForeignKey(Identity, models.CASCADE, related_name="links")
    contact = models.ForeignKey("people.Contact", models.CASCADE, null=True, related_name="links")

    class Meta:
        db_table = "link"


def owners(identities: Iterable[int], known_at: datetime | None = None) -> dict[int, int | None]:
    """To which contact each identity belongs, by its newest standing link (known at an instant)."""
    if known_at is None:
        return _owners_now(identities)
    newest: dict[int, int | None] = {}
    for chunk in traits.chunked(set(identities)):
        links = traits.standing(Link.objects.filter(recorded_at__lte=known_at, identity__in=chunk), known_at)
        newest.update(links.order_by("recorded_at", "id").values_list("identity_id", "contact_id"))
    return newest


def _owners_now(identities: Iterable[int]) -> dict[int, int | None]:
    """Written out, since every touch asks it."""
    columns = ["recorded_at", "id", "identity_id", "contact_id"]
    found = sorted(
        bulk.look_up(Link, "identity_id", set(identities), columns, ledger.standing("link", "link")),
        key=itemgetter(0, 1),
    )
    return {identity: contact for _recorded, _id, identity, contact in found}
