"""A world of the plain reading as tables of the mirror, for asking the expression the same questions."""

import ibis
import pyarrow as pa

from accord.kernel import fields
from accord.kernel.instants import BEGINNING, to_micros
from accord.kernel.text import normalise
from accord.kernel.warehouse.tables import RETRACTIONS, TRAITS, Table
from accord.rooms.campaigns.tables import CAMPAIGNS
from accord.rooms.capture.norm import norm_of
from accord.rooms.capture.tables import TOUCHES, VERDICTS
from accord.rooms.content.named import key_of
from accord.rooms.content.tables import ASSETS
from accord.rooms.people.tables import LINKS
from accord.rooms.scoring.expression.passages import MOVES
from tests.rooms.scoring.plain_known import World

FROM_EVER = to_micros(BEGINNING)
WRITTEN = {"touches": TOUCHES, "traits": TRAITS, "links": LINKS, "verdicts": VERDICTS}


class Ledger:
    """The rows of a world, each table once, in one engine."""

    def __init__(self, world: World, engine=None) -> None:
        self.world, self.engine = world, engine or ibis.duckdb.connect()
        self.contacts = self._numbered(
            [one.external_id for one in world.contacts]
            + [row.contact for rows in (world.touches, world.traits, world.links, world.transitions) for row in rows]
        )
        named = [trait.value for trait in world.traits if trait.field == "contact.company"]
        self.companies = self._numbered([t.company for t in world.traits] + named + self._companies_of_contacts())
        self.identities: dict[tuple[str, str], int] = {}
        self.rows: dict[str, list[dict]] = {table.name: [] for table in (*WRITTEN.values(), RETRACTIONS)}
        self.places: dict[tuple[str, int], list[int]] = {}
        self._tell()
        for of, table in (("asset", ASSETS), ("campaign", CAMPAIGNS)):
            self._named(of, table.name)
        self.tables = {table.name: self._made(table) for table in (*WRITTEN.values(), RETRACTIONS, ASSETS, CAMPAIGNS)}
        self.moves = self.engine.create_table("moves", pa.Table.from_pylist(self._moves(), schema=MOVES.to_pyarrow()))

    def table(self, of: Table) -> ibis.Table:
        return self.tables[of.name]

    def named(self, contact: int) -> str:
        return next(name for name, number in self.contacts.items() if number == contact)

    def _companies_of_contacts(self) -> list[str]:
        return [one.fields["company"] for one in self.world.contacts if "company" in one.fields]

    def _numbered(self, names: list[str]) -> dict[str, int]:
        return {name: place + 1 for place, name in enumerate(dict.fromkeys(filter(None, names)))}

    def _made(self, table: Table) -> ibis.Table:
        filled = [{name: row.get(name) for name in table.names} for row in self.rows[table.name]]
        return self.engine.create_table(table.name, pa.Table.from_pylist(filled, schema=table.schema))

    def _add(self, name: str, place: int, **row) -> int:
        rows = self.rows[name]
        row["id"] = len(rows) + 1
        rows.append({"fact_id": 0, "stored_at": row["recorded_at"], **row})
        self.places.setdefault((name, place), []).append(row["id"])
        return row["id"]

    def _identity(self, kind: str, value: str) -> int:
        return self.identities.setdefault((kind, value), len(self.identities) + 1)

    def _tell(self) -> None:
        for name, number in self.contacts.items():
            self._add("links", -1, identity_id=self._identity("user", name), contact_id=number, recorded_at=FROM_EVER)
        touches: dict[str, int] = {}
        for place, touch in enumerate(self.world.touches):
            if touch.external_id not in touches:
                touches[touch.external_id] = self._touch(place, touch)
        for place, link in enumerate(self.world.links):
            identity = self._identity("anonymous", link.anonymous_id)
            contact = self.contacts.get(link.contact)
            self._add("links", place, identity_id=identity, contact_id=contact, recorded_at=link.recorded_at)
        for place, said in enumerate(self.world.verdicts):
            if said.external_id in touches:
                about = touches[said.external_id]
                self._add("verdicts", place, touch_id=about, machine=said.machine, recorded_at=said.recorded_at)
        self._values()
        for taken in self.world.retractions:
            for row in self.places.get((taken.kind, taken.index), []):
                table = WRITTEN[taken.kind].source
                self._add("retractions", -1, table=table, row_id=row, recorded_at=taken.recorded_at)

    def _named(self, of: str, name: str) -> None:
        """The assets or campaigns with their attributes."""
        attributes = [one for one in self.world.attributes if one.of == of]
        records = self._numbered([one.external_id for one in attributes])
        self.rows[name] = [{"id": number, "key": key_of(called)} for called, number in records.items()]
        for one in attributes:
            self._value(-1, of, records[one.external_id], one.name, one.value, one.occurred_at, one.recorded_at)

    def _touch(self, place: int, touch) -> int:
        recorded = touch.occurred_at if touch.recorded_at is None else touch.recorded_at
        kind, value = ("user", touch.contact) if touch.contact else ("anonymous", touch.anonymous_id)
        return self._add(
            "touches", place, identity_id=self._identity(kind, value), kind=touch.kind, machine=bool(touch.machine),
            asset=touch.asset or None, occurred_at=min(touch.occurred_at, recorded), recorded_at=recorded,
            norm=norm_of(touch.properties, key_of(touch.asset), key_of(touch.campaign)),
        )  # fmt: skip

    def _values(self) -> None:
        for contact in self.world.contacts:
            for slug, text in contact.fields.items():
                self._value(-1, "contact", self.contacts[contact.external_id], slug, text, contact.created_at, None)
        for place, trait in enumerate(self.world.traits):
            self._trait(place, trait)

    def _trait(self, place: int, trait) -> None:
        kind, _, slug = trait.field.partition(".")
        refers = trait.field == "contact.company"
        if (kind == "company" and not trait.company) or not (refers or self._can_hold(kind, slug, trait.value)):
            return
        times = trait.occurred_at, trait.recorded_at
        if trait.company:
            self._value(place, "contact", self.contacts[trait.contact], "company", trait.company, *times)
        record = self.companies[trait.company] if kind == "company" else self.contacts[trait.contact]
        self._value(place, kind, record, slug, trait.value, *times)

    def _can_hold(self, kind: str, slug: str, text: str) -> bool:
        try:
            fields.value(self._field(kind, slug), text)
        except ValueError:
            return False
        return True

    def _field(self, kind: str, slug: str) -> fields.Field:
        known = fields.of(kind)
        return known.get(slug) or fields.Field(kind, slug, slug, self.world.types.get(f"{kind}.{slug}", "text"))

    def _value(self, place: int, kind: str, record: int, slug: str, text: str, occurred: int, recorded) -> None:
        recorded = occurred if recorded is None else recorded
        if (kind, slug) == ("contact", "company"):
            number = self.companies[text] if text else 0
            value = fields.Value(str(number), normalise(text), number) if text else fields.UNKNOWN
        else:
            value = fields.value(self._field(kind, slug), text)
        self._add(
            "traits", place, kind=kind, record=record, field=slug, **value._asdict(),
            occurred_at=min(occurred, recorded), recorded_at=recorded,
        )  # fmt: skip

    def _moves(self) -> list[dict]:
        gone = {taken.index for taken in self.world.retractions if taken.kind == "transitions"}
        return [
            {
                "contact_id": self.contacts[said.contact], "move": said.move,
                "entry": "import" if said.move == "entered" else None,
                "occ": min(said.occurred_at, said.recorded_at or said.occurred_at),
                "rec": said.occurred_at if said.recorded_at is None else said.recorded_at, "turn": place,
            }
            for place, said in enumerate(self.world.transitions)
            if place not in gone
        ]  # fmt: skip
