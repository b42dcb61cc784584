"""What the database itself refuses, whoever asks it: nothing that was proposed changes, and no status goes back.

A later migration that rebuilds one of these tables on SQLite loses its triggers with it, and must guard it again.
"""

from accord.rooms.agreement import rules

# From the beginning; from the proposal on; and once they are set.
FIXED = ("id", "agreement_id", "number", "starter", "made_by_id", "made_at")
FROZEN = ("text", "source", "hash", "edition")
ONCE = ("proposed_by_id", "proposed_at", "signed_at", "in_force_from", "in_force_until", "withdrawn_at")
ALLOWED = ", ".join(f"'{before}>{after}'" for before, after in rules.STEPS)
BINDING = ", ".join(f"'{status}'" for status in rules.BINDING)

NOT_CHANGED = "a version of an agreement that was proposed is never changed"
NOT_BACK = "the status of a version of an agreement only goes forward"
NOT_REMOVED = "a version of an agreement that was proposed is never removed"
NOT_RANKED = "an agreement that was signed keeps its name and its rank"
NOT_UNSIGNED = "a signature is neither changed nor removed"


def _changed(differs: str) -> str:
    """Whether an update of a version touches what it must not."""
    fixed = [f"NEW.{name} {differs} OLD.{name}" for name in FIXED]
    frozen = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in FROZEN)
    once = [f"(OLD.{name} IS NOT NULL AND NEW.{name} {differs} OLD.{name})" for name in ONCE]
    return " OR ".join([*fixed, *once, f"(OLD.status <> 'draft' AND ({frozen}))"])


def _back() -> str:
    return f"NEW.status <> OLD.status AND OLD.status || '>' || NEW.status NOT IN ({ALLOWED})"


def _bound() -> str:
    held = f"SELECT 1 FROM agreement_version v WHERE v.agreement_id = OLD.id AND v.status IN ({BINDING})"
    return f"(NEW.name <> OLD.name OR NEW.rank <> OLD.rank OR NEW.id <> OLD.id) AND EXISTS ({held})"


def _sqlite(name: str, table: str, event: str, when: str, said: str) -> str:
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
    )


# An INSERT OR REPLACE removes the row in its way without asking a trigger for removals.
REPLACED = (
    "EXISTS (SELECT 1 FROM agreement_version v WHERE v.id = NEW.id "
    "OR (v.agreement_id = NEW.agreement_id AND v.number = NEW.number) "
    "OR (v.agreement_id = NEW.agreement_id AND v.status = 'proposed' AND NEW.status IN ('draft', 'proposed')))"
)
RESIGNED = (
    "EXISTS (SELECT 1 FROM agreement_signature s WHERE s.id = NEW.id "
    "OR (s.version_id = NEW.version_id AND (s.side = NEW.side OR s.member_id = NEW.member_id)))"
)
SQLITE = (
    _sqlite("version_changed", "agreement_version", "UPDATE", _changed("IS NOT"), NOT_CHANGED),
    _sqlite("version_back", "agreement_version", "UPDATE", _back(), NOT_BACK),
    _sqlite("version_removed", "agreement_version", "DELETE", "OLD.status <> 'draft'", NOT_REMOVED),
    _sqlite("version_replaced", "agreement_version", "INSERT", REPLACED, NOT_CHANGED),
    _sqlite("agreement_ranked", "agreement", "UPDATE", _bound(), NOT_RANKED),
    _sqlite("signature_changed", "agreement_signature", "UPDATE", "1", NOT_UNSIGNED),
    _sqlite("signature_removed", "agreement_signature", "DELETE", "1", NOT_UNSIGNED),
    _sqlite("signature_replaced", "agreement_signature", "INSERT", RESIGNED, NOT_UNSIGNED),
)


def _postgresql(name: str, table: str, event: str, when: str, said: str) -> tuple[str, str]:
    refuses = (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN "
        f"RAISE EXCEPTION '{said}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        f"RETURN {'OLD' if event == 'DELETE' else 'NEW'}; END $$"
    )
    return refuses, f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"


POSTGRESQL = (
    *_postgresql("version_changed", "agreement_version", "UPDATE", _changed("IS DISTINCT FROM"), NOT_CHANGED),
    *_postgresql("version_back", "agreement_version", "UPDATE", _back(), NOT_BACK),
    *_postgresql("version_removed", "agreement_version", "DELETE", "OLD.status <> 'draft'", NOT_REMOVED),
    *_postgresql("agreement_ranked", "agreement", "UPDATE", _bound(), NOT_RANKED),
    *_postgresql("signature_changed", "agreement_signature", "UPDATE", "true", NOT_UNSIGNED),
    *_postgresql("signature_removed", "agreement_signature", "DELETE", "true", NOT_UNSIGNED),
)
GUARDS = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
TABLES = {
    "version_changed": "agreement_version",
    "version_back": "agreement_version",
    "version_removed": "agreement_version",
    "version_replaced": "agreement_version",
    "agreement_ranked": "agreement",
    "signature_changed": "agreement_signature",
    "signature_removed": "agreement_signature",
    "signature_replaced": "agreement_signature",
}


def lifting(vendor: str) -> list[str]:
    """What takes the guards away again: for a migration that has to rebuild a table."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in TABLES]
    return [f"DROP TRIGGER IF EXISTS {name} ON {table}" for name, table in TABLES.items()]
