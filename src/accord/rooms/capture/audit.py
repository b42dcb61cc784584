"""What always holds of touches: whoever a touch names, it belongs to somebody."""

from accord.kernel.audit import imported
from accord.kernel.audit.invariants import Invariant
from accord.kernel.audit.stretches import wherever, within
from accord.kernel.ledger import standing
from accord.rooms.capture.models import Touch
from accord.rooms.people.models import Identity, Link
from accord.rooms.people.models.identity import USER


def _nobodys() -> str:
    identity, link = Identity._meta.db_table, Link._meta.db_table
    return (
        f'SELECT t.id, t.identity_id FROM touch t JOIN "{identity}" i ON i.id = t.identity_id AND i.kind = %(user)s '
        f"WHERE {within('t')} AND {standing('touch', 't')} "
        f'AND NOT EXISTS (SELECT 1 FROM "{link}" k WHERE k.identity_id = i.id AND {standing(link, "k")})'
    )


def _say(identity: int) -> str:
    return f"names a contact by identity:{identity}, which no standing link gives to anybody"


INVARIANTS = [
    Invariant("touch_owner", wherever(Touch, "touch", _nobodys, _say, user=USER)),
    imported.keys_of({"touches": Touch, "verdicts": Touch}),
]
