"""Contacts and companies that a file names: found, or made, set-based."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accord.kernel import bulk, fields, search, traits
from accord.kernel.imports.kinds import Batch, Written
from accord.kernel.instants import BEGINNING
from accord.kernel.ledger import Rows
from accord.kernel.text import email_key, normalise
from accord.kernel.traits import Given
from accord.rooms.people.fields import NAMES, OURS
from accord.rooms.people.models import Company, Contact, Identity, Link
from accord.rooms.people.models.identity import EMAIL, owners

HERE, MERGED = "trashed_at IS NULL", "merged_into_id IS NOT NULL"
CONTACT_COLUMNS = (
    "id", "external_id", "name", "name_norm", "sort_key", "email", "email_norm", "phone", "company_id", "owner_id",
    "version", "created_at",
)  # fmt: skip
COMPANY_COLUMNS = ("id", "external_id", "name", "name_norm", "sort_key", "domain", "version", "created_at")


def contact_ids(external_ids: Iterable[str]) -> dict[str, int]:
    """Which contacts have these external ids; one that was merged away stands for its survivor."""
    columns = ("external_id", "id", "merged_into_id")
    rows = bulk.look_up(Contact, "external_id", set(external_ids), columns, HERE)
    survivors = _survivors({survivor for _external, _pk, survivor in rows if survivor})
    return {external: survivors.get(survivor, pk) for external, pk, survivor in rows}


def _survivors(contacts: Collection[int]) -> dict[int, int]:
    """Where each contact that others were merged into is now: itself, unless it was merged away in its turn."""
    found = {contact: contact for contact in contacts}
    while further := dict(bulk.look_up(Contact, "id", set(found.values()), ("id", "merged_into_id"), MERGED)):
        found = {contact: further.get(now, now) for contact, now in found.items()}
    return found


def company_ids(names: Collection[str]) -> dict[str, int]:
    """Which companies these texts name, each as it is spelt: by external id, else by the same name."""
    norms = {name: normalise(name) for name in names}
    named = bulk.look_up(Company, "name_norm", {norm for norm in norms.values() if norm}, ("name_norm", "id"), HERE)
    first = dict(sorted(named, key=lambda row: -row[1]))
    found = {name: first[norm] for name, norm in norms.items() if norm in first}
    return found | dict(bulk.look_up(Company, "external_id", set(names), ("external_id", "id"), HERE))


@dataclass
class NewContact:
    external_id: str | None
    created_at: datetime
    columns: dict[str, str] = field(default_factory=dict)  # name, email, phone
    company: int | None = None
    known_at: datetime | None = None  # when the address was learnt; None means now


def make_contacts(new: list[NewContact], written: Written) -> list[int]:
    """Insert contacts and what finds them; ids in the order given."""
    trashed = _revived(Contact, [c.external_id for c in new if c.external_id])
    fresh = iter(bulk.reserve(Contact, len(new) - len(trashed)))
    ids = [trashed.get(c.external_id or "") or next(fresh) for c in new]
    rows, words = [], []
    for pk, contact in zip(ids, new, strict=True):
        name, email = contact.columns.get("name", ""), contact.columns.get("email", "")
        phone, external = contact.columns.get("phone", ""), contact.external_id or f"{OURS}{pk}"
        norm, key = _derived(name) if name else ("", "")
        rows.append(
            (
                pk,
                external,
                name,
                norm,
                key,
                email,
                email_key(email),
                phone,
                contact.company,
                None,
                0,
                contact.created_at,
            )
        )
        words.append((pk, (name, email, phone, external)))
    bulk.insert(Contact, CONTACT_COLUMNS, rows)
    search.put_many("contact", words, fresh=True)
    written.rows.append(
        link_addresses(
            [(pk, c.columns["email"], c.known_at) for pk, c in zip(ids, new, strict=True) if c.columns.get("email")]
        )
    )
    if trashed:
        _out_of_the_trash("contact", trashed.values(), new[0].created_at, written)
    written.touched.extend(("contact", pk, True) for pk in ids)
    return ids


def make_companies(new: dict[str, str], at: datetime, written: Written, *, history: bool = False) -> dict[str, int]:
    """Insert companies, external id to name, which is recorded as a value; returns their ids by external id.

    History calls them so from the beginning: nothing happened to their people on the day of the import.
    """
    trashed = _revived(Company, list(new))
    fresh = iter(bulk.reserve(Company, len(new) - len(trashed)))
    ids = {external: trashed.get(external) or next(fresh) for external in new}
    rows = [(ids[e], e, name, *_derived(name), "", 0, at) for e, name in new.items()]
    bulk.insert(Company, COMPANY_COLUMNS, rows)
    search.put_many("company", [(ids[e], (name,)) for e, name in new.items()], fresh=True)
    named = fields.of("company")["name"]
    since, known = (BEGINNING, BEGINNING) if history else (at, None)
    given = [Given(ids[e], named, fields.value(named, name), since, known) for e, name in new.items()]
    written.rows.append(traits.rows(given))
    if trashed:
        _out_of_the_trash("company", trashed.values(), at, written)
    written.touched.extend(("company", pk, True) for pk in ids.values())
    return ids


def _derived(name: str) -> tuple[str, str]:
    """The columns `name_norm` and `sort_key`."""
    return NAMES["name_norm"](name), NAMES["sort_key"](name)


def _out_of_the_trash(kind: str, records: Collection[int], at: datetime, written: Written) -> None:
    """What is known of them still holds: their columns were written anew, and say no more than the file does."""
    field = fields.of(kind)["trashed"]
    given = [Given(record, field, fields.value(field, False), at) for record in records]
    written.rows.append(traits.rows(given))
    written.then.append(lambda: traits.refresh(kind, records))


def _revived(model: type[Contact] | type[Company], external_ids: list[str]) -> dict[str, int]:
    """Records in the trash whose external id comes again: they keep their id and are written anew."""
    found = dict(bulk.look_up(model, "external_id", external_ids, ("external_id", "id"), "trashed_at IS NOT NULL"))
    for chunk in traits.chunked(found.values()):
        trashed = model._default_manager.filter(pk__in=chunk)
        # Foreign keys are checked at commit, when the row is there again.
        trashed._raw_delete(trashed.db)
    return found


def link_addresses(addresses: Sequence[tuple[int, str, datetime | None]]) -> Rows:
    """Link e-mail addresses that belong to nobody yet: contact, address, when it was learnt."""
    wanted = {
        key: (contact, known_at) for contact, address, known_at in reversed(addresses) if (key := email_key(address))
    }
    identities = identity_ids(EMAIL, wanted)
    free = unowned(identities.values())
    rows = [(identities[key], *wanted[key]) for key in wanted if identities[key] in free]
    return Rows(Link, ["identity_id", "contact_id", "recorded_at"], rows)


def addresses_in(given: Sequence[Given]) -> Rows:
    """The links of addresses among values that were given."""
    emails = [g for g in given if g.field.name == "contact.email" and g.value.text]
    return link_addresses([(g.record, g.value.text or "", g.recorded_at) for g in emails])


def unowned(identities: Iterable[int]) -> set[int]:
    """Those of the identities that belong to nobody: never linked, or every link taken back."""
    wanted = set(identities)
    linked = {pk for (pk,) in bulk.look_up(Link, "identity_id", wanted, ("identity_id",))}
    return wanted - {identity for identity, owner in owners(linked).items() if owner}


def identity_ids(kind: str, values: Iterable[str]) -> dict[str, int]:
    """Identities by value, made where they are met for the first time."""
    wanted = list(dict.fromkeys(values))
    found = known_identities(kind, wanted)
    missing = [value for value in wanted if value not in found]
    ids = bulk.reserve(Identity, len(missing)) if missing else []
    bulk.insert(Identity, ["id", "kind", "value"], [(pk, kind, value) for pk, value in zip(ids, missing, strict=True)])
    return {**found, **dict(zip(missing, ids, strict=True))}


def known_identities(kind: str, values: Iterable[str]) -> dict[str, int]:
    rows = bulk.look_up(Identity, "value", set(values), ("value", "id", "kind"))
    return {value: pk for value, pk, of in rows if of == kind}


def ensure_contacts(named: Iterable[tuple[str, datetime]], batch: Batch, written: Written) -> dict[str, int]:
    """Contacts by the external ids that rows name; one that does not exist yet is made, known only by it."""
    first_named: dict[str, datetime] = {}
    for external, when in named:
        first_named[external] = min(when, first_named.get(external, when))
    found = contact_ids(first_named)
    written.touched.extend(("contact", pk, False) for pk in found.values())
    missing = [external for external in first_named if external not in found]
    new = [NewContact(external, first_named[external] if batch.history else batch.at) for external in missing]
    return found | dict(zip(missing, make_contacts(new, written), strict=True))


def ensure_companies(
    named: Iterable[str | None], at: datetime, written: Written, *, history: bool = False
) -> dict[str, int]:
    """Companies by the texts that name them; one that does not exist yet is made, with its first spelling as id."""
    wanted = list(dict.fromkeys(name for name in named if name))
    found = company_ids(wanted)
    first: dict[str, str] = {}
    for name in wanted:
        if name not in found:
            first.setdefault(normalise(name), name)
    made = make_companies({name: name for name in first.values()}, at, written, history=history)
    return {name: found[name] if name in found else made[first[normalise(name)]] for name in wanted}
