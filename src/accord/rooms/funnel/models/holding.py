"""What a deal holds: contacts in their roles, products, competitors; each from a day until another."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from accord.kernel import ledger
from accord.kernel.fields import Refused
from accord.kernel.instants import InstantField
from accord.kernel.ledger import Writing
from accord.rooms.content.models import Competitor, Product
from accord.rooms.funnel import facts, rules
from accord.rooms.funnel.fields import BUYER_ROLE_NAMES, WRONG
from accord.rooms.people.models import Contact


class Held(models.Model):
    """One thing that a deal holds."""

    since = InstantField()
    until = InstantField(null=True)

    class Meta:
        abstract = True


class DealContact(Held):
    deal = models.ForeignKey("funnel.Deal", models.CASCADE, related_name="contacts")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=list(BUYER_ROLE_NAMES.items()))

    class Meta:
        db_table = "deal_contact"
        indexes = [
            models.Index(fields=["deal", "id"], name="deal_contact_now", condition=Q(until=None)),
            models.Index(fields=["contact", "id"], name="deal_contact_of"),
        ]


class DealProduct(Held):
    """`amount_minor`: for all of them together, in the currency of the deal."""

    deal = models.ForeignKey("funnel.Deal", models.CASCADE, related_name="products")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(default=1)
    amount_minor = models.BigIntegerField(null=True)

    class Meta:
        db_table = "deal_product"
        indexes = [models.Index(fields=["deal", "id"], name="deal_product_now", condition=Q(until=None))]


class DealCompetitor(Held):
    deal = models.ForeignKey("funnel.Deal", models.CASCADE, related_name="competitors")
    competitor = models.ForeignKey(Competitor, models.PROTECT, related_name="+")

    class Meta:
        db_table = "deal_competitor"
        indexes = [models.Index(fields=["deal", "id"], name="deal_competitor_now", condition=Q(until=None))]


class InTrash(Exception):
    """The deal is in the trash: what it holds stays as it is."""


class Holding(models.Model):
    """The verbs by which a deal comes to hold something, and lets go of it. Said twice alike is said once."""

    contact_id: int | None
    company_id: int | None
    lead_id: int | None

    class Meta:
        abstract = True

    def add_contact(self, contact: Contact, role: str, *, by: int | None, at: datetime) -> DealContact:
        """Raises ValueError for an unknown role, InTrash."""
        if role not in rules.BUYER_ROLES:
            raise ValueError(role)
        with self._held(at, by) as writing:
            if there := DealContact.objects.filter(deal=self.pk, contact=contact, role=role, until=None).first():
                return there
            link = DealContact.objects.create(deal_id=self.pk, contact=contact, role=role, since=at)
            writing.record(facts.DealContactAdded(self.pk, contact.pk, self.lead_id, link.pk, role))
        return link

    def remove_contact(self, link: DealContact, *, by: int | None, at: datetime) -> bool:
        with self._held(at, by) as writing:
            ended = DealContact.objects.filter(pk=link.pk, deal=self.pk, until=None).update(until=at)
            if ended:
                told = facts.DealContactRemoved(self.pk, link.contact_id, self.lead_id, link.pk, link.role)
                writing.record(told)
        return bool(ended)

    def add_product(
        self, product: Product, *, quantity: int = 1, amount_minor: int | None = None, by: int | None, at: datetime
    ) -> DealProduct:
        """Another quantity or amount of a product that it holds replaces the one before. Raises Refused, InTrash."""
        if wrong := rules.wrong_amount(amount_minor, None):
            raise Refused({name: WRONG[code] for name, code in wrong.items()})
        with self._held(at, by) as writing:
            there = DealProduct.objects.filter(deal=self.pk, product=product, until=None).first()
            if there and (there.quantity, there.amount_minor) == (quantity, amount_minor):
                return there
            if there:
                self._end_product(writing, there)
            link = DealProduct.objects.create(
                deal_id=self.pk, product=product, quantity=quantity, amount_minor=amount_minor, since=at
            )
            writing.record(facts.DealProductAdded(**self._subjects(), link=link.pk, product=product.pk))
        return link

    def remove_product(self, link: DealProduct, *, by: int | None, at: datetime) -> bool:
        with self._held(at, by) as writing:
            return self._end_product(writing, link)

    def add_competitor(self, competitor: Competitor, *, by: int | None, at: datetime) -> DealCompetitor:
        with self._held(at, by) as writing:
            if there := DealCompetitor.objects.filter(deal=self.pk, competitor=competitor, until=None).first():
                return there
            link = DealCompetitor.objects.create(deal_id=self.pk, competitor=competitor, since=at)
            writing.record(facts.DealCompetitorAdded(**self._subjects(), link=link.pk, competitor=competitor.pk))
        return link

    def remove_competitor(self, link: DealCompetitor, *, by: int | None, at: datetime) -> bool:
        with self._held(at, by) as writing:
            ended = DealCompetitor.objects.filter(pk=link.pk, deal=self.pk, until=None).update(until=at)
            if ended:
                told = facts.DealCompetitorRemoved(**self._subjects(), link=link.pk, competitor=link.competitor_id)
                writing.record(told)
        return bool(ended)

    @contextmanager
    def _held(self, at: datetime, by: int | None) -> Iterator[Writing]:
        with ledger.write(at, by) as writing:
            here = type(self)._default_manager.select_for_update().filter(pk=self.pk, trashed_at=None)  # type: ignore[misc]
            if here.first() is None:
                raise InTrash
            yield writing

    def _subjects(self) -> dict[str, Any]:
        return {"deal": self.pk, "contact": self.contact_id, "company": self.company_id, "lead": self.lead_id}

    def _end_product(self, writing: Writing, link: DealProduct) -> bool:
        ended = DealProduct.objects.filter(pk=link.pk, deal=self.pk, until=None).update(until=writing.at)
        if ended:
            writing.record(facts.DealProductRemoved(**self._subjects(), link=link.pk, product=link.product_id))
        return bool(ended)
