from datetime import datetime

from django.db import models

from accord.kernel import fields, ledger, traits
from accord.kernel.fields import Value
from accord.kernel.instants import InstantField
from accord.kernel.ledger import Fact, Retraction
from accord.kernel.traits import Given, Trait
from accord.rooms.people import facts, queries
from accord.rooms.people.models.contact import Contact
from accord.rooms.people.models.identity import USER, Identity, Link, owners

LABELS = ("name", "email", "phone")  # what people call the survivor by stays, where there is something to call them by


class CannotMerge(Exception):
    """The two are one already, or one of them is not here."""


class Merge(models.Model):
    """Two contacts are one person: the loser's identities and values go to the survivor, and can go back."""

    survivor = models.ForeignKey(Contact, models.PROTECT, related_name="merges")
    loser = models.ForeignKey(Contact, models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    by_id = models.BigIntegerField(null=True)
    merged_at = InstantField()
    undone_at = InstantField(null=True)

    class Meta:
        db_table = "merge"
        constraints = [
            models.UniqueConstraint(fields=["loser"], condition=models.Q(undone_at=None), name="merge_once"),
        ]

    @classmethod
    def of(cls, survivor: Contact, loser: Contact, *, reason: str, by: int | None, at: datetime) -> "Merge":
        """Merge the loser into the survivor. Raises CannotMerge where one is not here, or both are the same."""
        with ledger.write(at, by) as writing:
            # Locked, so that of two who merge each into the other at once the second sees what the first did.
            both = Contact.objects.select_for_update().filter(pk__in=[survivor.pk, loser.pk]).order_by("pk")
            here = [one for one in both if one.trashed_at is None and one.merged_into_id is None]
            if len(here) != 2 or not Contact.objects.here().filter(pk=loser.pk).update(merged_into=survivor):
                raise CannotMerge
            merge = cls.objects.create(survivor=survivor, loser=loser, reason=reason, by_id=by, merged_at=at)
            links = [Link(identity_id=i, contact_id=survivor.pk) for i in _met_by(loser, by, at)]
            writing.record(facts.ContactsMerged(contact=survivor.pk, loser=loser.pk, merge=merge.pk), links)
            copies = _copies(survivor, loser)
            copied = facts.ValuesCopied(contact=survivor.pk, loser=loser.pk, merge=merge.pk)
            writing.record(copied, [traits.rows(copies, by)], then=lambda _fact: traits.cache(copies))
        return merge

    def undo(self, *, by: int | None, at: datetime) -> None:
        """Un-merge without loss: identities are linked back, copied values retracted. Twice does nothing more."""
        with ledger.write(at, by) as writing:
            if not Merge.objects.filter(pk=self.pk, undone_at=None).update(undone_at=at):
                return
            Contact.objects.filter(pk=self.loser_id).update(merged_into=None)
            merged = Link.objects.filter(contact=self.survivor_id, fact_id__in=self._fact("contacts_merged"))
            moved = merged.values_list("identity_id", flat=True)
            still = set(queries.identities_of(self.survivor_id))
            back = [Link(identity_id=i, contact_id=self.loser_id) for i in moved if i in still]
            taken = [Retraction(retracted_fact_id=f, reason="unmerge") for f in self._fact("values_copied")]
            unmerged = facts.ContactsUnmerged(contact=self.survivor_id, loser=self.loser_id, merge=self.pk)
            writing.record(unmerged, [*back, *taken], then=lambda _fact: traits.refresh("contact", [self.survivor_id]))

    def _fact(self, kind: str) -> list[int]:
        found = Fact.objects.filter(kind=kind, contact_id=self.survivor_id, payload__merge=self.pk)
        return list(found.values_list("id", flat=True))


def _met_by(contact: Contact, by: int | None, at: datetime) -> list[int]:
    """The contact's identities; its own external id among them, which an import links only when it is needed."""
    own = Identity.of(USER, contact.external_id)
    if owners([own.pk]).get(own.pk) is None:
        own.link(contact.pk, by=by, at=at, from_beginning=True)
    return sorted({own.pk, *queries.identities_of(contact.pk)})


def _copies(survivor: Contact, loser: Contact) -> list[Given]:
    """The loser's values with their own dates; recorded now, so the past of the survivor stays as it was known."""
    known = fields.of("contact")
    left_alone = {"owner", "trashed"} | {label for label in LABELS if getattr(survivor, label)}
    kept: list[Trait] = traits.history("contact", loser.pk)
    return [
        Given(survivor.pk, known[t.field], Value(t.text, t.norm, t.number), t.occurred_at, None, t.asserted)
        for t in reversed(kept)
        if t.field not in left_alone
    ]
