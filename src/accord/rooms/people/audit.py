"""What always holds of people: whose identities are, who was merged into whom, where each record came from."""

from django.db import connection

from accord.kernel.audit import entries, imported
from accord.kernel.audit.invariants import Findings, Invariant
from accord.kernel.audit.stretches import differ, each, member_of, wherever, within
from accord.kernel.instants import BEGINNING, stored
from accord.kernel.ledger import standing
from accord.rooms.people.models import Company, Contact, Identity, Merge
from accord.rooms.people.models.identity import EMAIL, USER

CHAIN = 50  # so many merges one after the other that it must be a circle


def _newest_links() -> str:
    return (
        "SELECT n.identity_id, n.contact_id, c.merged_into_id FROM ("
        "SELECT k.identity_id, k.contact_id, row_number() OVER "
        "(PARTITION BY k.identity_id ORDER BY k.recorded_at DESC, k.id DESC) AS place "
        f"FROM link k WHERE {within('k', 'identity_id')} AND {standing('link', 'k')}) AS n "
        "LEFT JOIN contact c ON c.id = n.contact_id "
        "WHERE n.place = 1 AND n.contact_id IS NOT NULL AND (c.id IS NULL OR c.merged_into_id IS NOT NULL)"
    )


def _say_link(contact: int, survivor: int | None) -> str:
    gone = f"was merged into contact:{survivor}" if survivor else "does not exist"
    return f"belongs to contact:{contact}, which {gone}"


def _own_identity(findings: Findings) -> None:
    """A contact's own external id is linked to it from the beginning. With every link taken back nobody has it."""
    beginning = stored(BEGINNING, connection.vendor)
    sql = (
        "SELECT c.id, i.id FROM identity i JOIN contact c ON c.external_id = i.value "
        f"WHERE {within('i')} AND i.kind = %(user)s AND NOT EXISTS ("
        "SELECT 1 FROM link k WHERE k.identity_id = i.id AND k.contact_id = c.id AND k.recorded_at = %(beginning)s "
        f"AND {standing('link', 'k')}) AND (NOT EXISTS (SELECT 1 FROM link k WHERE k.identity_id = i.id) "
        f"OR EXISTS (SELECT 1 FROM link k WHERE k.identity_id = i.id AND {standing('link', 'k')}))"
    )
    for stretch in each(Identity, findings):
        for contact, identity in stretch.rows(sql, user=USER, beginning=beginning):
            findings.wrong(
                "contact", contact, f"its own external id (identity:{identity}) was not linked to it from the beginning"
            )


def _addresses() -> str:
    return (
        f"SELECT c.id FROM contact c WHERE {within('c')} "
        "AND c.email_norm IS NOT NULL AND c.trashed_at IS NULL AND c.merged_into_id IS NULL AND NOT EXISTS ("
        "SELECT 1 FROM identity i JOIN link k ON k.identity_id = i.id "
        f"WHERE i.kind = %(email)s AND i.value = c.email_norm AND {standing('link', 'k')})"
    )


def _merged() -> str:
    return (
        "SELECT c.id, c.merged_into_id, m.id, m.survivor_id FROM contact c "
        "LEFT JOIN merge m ON m.loser_id = c.id AND m.undone_at IS NULL "
        f"WHERE {within('c')} AND {differ('c.merged_into_id', 'm.survivor_id')}"
    )


def _say_merged(into: int | None, merge: int | None, survivor: int | None) -> str:
    says = f"merge:{merge} says contact:{survivor}" if merge else "no merge that was not undone says so"
    return f"is merged into contact:{into}, and {says}" if into else f"is merged into nobody, and {says}"


def _circles(findings: Findings) -> None:
    """Whoever was merged away lives on in somebody who was not."""
    sql = (
        "WITH RECURSIVE onward(id, at, steps) AS ("
        f"SELECT c.id, c.merged_into_id, 1 FROM contact c WHERE {within('c')} AND c.merged_into_id IS NOT NULL "
        "UNION ALL SELECT o.id, c.merged_into_id, o.steps + 1 FROM onward o JOIN contact c ON c.id = o.at "
        "WHERE c.merged_into_id IS NOT NULL AND o.steps < %(most)s) SELECT id FROM onward WHERE steps = %(most)s"
    )
    for stretch in each(Contact, findings):
        for (contact,) in stretch.rows(sql, most=CHAIN):
            findings.wrong("contact", contact, "is merged in a circle")


def _copies() -> str:
    return (
        "SELECT m.id, f.id, m.undone_at FROM merge m JOIN fact f ON f.contact_id = m.survivor_id "
        f"AND f.kind = 'values_copied' AND {member_of('f.payload', 'merge')} = m.id "
        f"WHERE {within('m')} AND (m.undone_at IS NULL) = "
        "(EXISTS (SELECT 1 FROM retraction r WHERE r.retracted_fact_id = f.id))"
    )


def _say_copies(fact: int, undone: object) -> str:
    copied = f"the values that it copied (fact {fact})"
    return f"undone, and {copied} stand" if undone else f"stands, and {copied} were taken back"


INVARIANTS = [
    Invariant("links", wherever(Identity, "identity", _newest_links, _say_link)),
    Invariant("own_identity", _own_identity),
    Invariant(
        "addresses",
        wherever(
            Contact, "contact", _addresses, lambda: "no standing link gives its e-mail address to anybody", email=EMAIL
        ),
    ),
    Invariant("merges", wherever(Contact, "contact", _merged, _say_merged)),
    Invariant("merges", _circles),
    Invariant("merges", wherever(Merge, "merge", _copies, _say_copies)),
    imported.made(Contact, "contact", "contact_created"),
    imported.made(Company, "company", "company_created"),
    imported.trashed(Contact, "contact"),
    imported.trashed(Company, "company"),
    entries.findable("contact", Contact),
    entries.findable("company", Company),
    imported.keys_of({"contacts": Contact, "traits": Contact, "companies": Company, "links": Identity}),
]
