"""Who works where, and who did when what is judged only now became known."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from accord.kernel import bulk
from accord.kernel.instants import stored
from accord.kernel.ledger import LedgerRow, Retraction
from accord.kernel.traits import Trait
from accord.rooms.people.models import Contact


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
        trait, retraction = self.after
        ours = Trait.objects.filter(kind="contact", field="company")
        changed = set(ours.filter(pk__gt=trait).values_list("record", flat=True))
        for row in Retraction.objects.filter(pk__gt=retraction):
            said = {"pk": row.row_id} if row.row_id is not None else {"fact_id": row.retracted_fact_id}
            if row.row_id is None or row.table == Trait._meta.db_table:
                changed |= set(ours.filter(**said).values_list("record", flat=True))
        self.ever = self._companies_ever(changed)

    def _companies_ever(self, contacts: set[int]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = defaultdict(set)
        theirs = '"kind" = \'contact\' AND "field" = \'company\' AND "number" IS NOT NULL'
        for contact, company in bulk.look_up(Trait, "record", contacts, ["record", "number"], theirs):
            found[contact].add(int(company))
        return found


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
