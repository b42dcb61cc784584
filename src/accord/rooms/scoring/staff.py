"""Who works where, and who did when what is judged only now became known."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Max

from accord.kernel import bulk
from accord.kernel.instants import stored
from accord.kernel.ledger import LedgerRow, Retraction
from accord.kernel.traits import Trait
from accord.rooms.people.models import Contact

THEIRS = "\"kind\" = 'contact' AND \"field\" = 'company'"


@dataclass
class Staff:
    """Companies and their contacts: as of now, and as they were at any time since the rows `after` which is looked.

    `after` names the last trait and the last retraction before. Contacts are read first and then what changed, so that
    a change in between is not missed.
    """

    after: tuple[int, int]
    ever: dict[int, set[int]] = field(default_factory=dict)  # contacts that changed since -> all their companies

    @classmethod
    def since(cls, at: datetime) -> "Staff":
        return cls((first_stored(Trait, at) - 1, first_stored(Retraction, at) - 1))

    def of(self, companies: Collection[int]) -> list[tuple[int, int]]:
        """Contact and company."""
        if not companies:
            return []
        found = list(Contact.objects.filter(company__in=companies).values_list("id", "company_id"))
        self._read()
        found += [(one, company) for one, theirs in self.ever.items() for company in theirs & set(companies)]
        return found

    def companies(self, contacts: Iterable[int]) -> list[tuple[int, int]]:
        """Contact and company."""
        wanted = set(contacts)
        employed = Contact.objects.filter(pk__in=wanted, company__isnull=False)
        found = list(employed.values_list("id", "company_id"))
        self._read()
        return found + [(one, company) for one in wanted & self.ever.keys() for company in self.ever[one]]

    def _read(self) -> None:
        """What changed since it was read last. Ids commit in order: what was once read is whole."""
        trait, retraction = self.after
        self.after = _last(Trait), _last(Retraction)
        if self.after == (trait, retraction):
            return
        told = Trait.objects.filter(pk__gt=trait, pk__lte=self.after[0], kind="contact", field="company")
        taken_back = Retraction.objects.filter(pk__gt=retraction, pk__lte=self.after[1])
        rows = taken_back.filter(table=Trait._meta.db_table).values_list("row_id", flat=True)
        facts = taken_back.filter(row_id=None).values_list("retracted_fact_id", flat=True)
        changed = set(told.values_list("record", flat=True))
        for column, ids in (("id", rows), ("fact_id", facts)):
            changed |= {record for (record,) in bulk.look_up(Trait, column, ids, ["record"], THEIRS)}
        self.ever |= self._companies_ever(changed)

    def _companies_ever(self, contacts: set[int]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = defaultdict(set)
        known = f'{THEIRS} AND "number" IS NOT NULL'
        for contact, company in bulk.look_up(Trait, "record", contacts, ["record", "number"], known):
            found[contact].add(int(company))
        return found


def _last(model: type[LedgerRow]) -> int:
    return model._default_manager.aggregate(last=Max("pk"))["last"] or 0


def first_stored(model: type[LedgerRow], at: datetime, *, after: bool = False) -> int:
    """The first id that was stored at that instant (or after it): ids and instants commit in one order.

    Written out, since it asks some twenty rows each time.
    """
    table, wanted = model._meta.db_table, stored(at, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT max(id) FROM "{table}"')
        low, high = 1, (cursor.fetchone()[0] or 0) + 1
        while low < high:
            middle = (low + high) // 2
            cursor.execute(f'SELECT id, stored_at FROM "{table}" WHERE id >= %s ORDER BY id LIMIT 1', [middle])
            row = cursor.fetchone()
            if row is None or row[1] > wanted or (row[1] == wanted and not after):
                high = middle
            else:
                low = row[0] + 1
    return low
