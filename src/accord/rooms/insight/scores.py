"""The scores of all contacts as of one instant, known at another, and when their passages would have qualified.

A replay of one document, as if it had been in force throughout.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa
from django.utils.translation import gettext as _
from ibis import Table as Rows

from accord.kernel.imports.values import parse_when
from accord.kernel.instants import from_micros, to_micros
from accord.kernel.warehouse.generation import Generation, generation
from accord.rooms.agreement import queries, starter
from accord.rooms.agreement.document.model import Document, Share
from accord.rooms.funnel.moves import moves
from accord.rooms.insight.questions import CannotAsk
from accord.rooms.people.models import Contact
from accord.rooms.scoring.expression.asked import Asked
from accord.rooms.scoring.expression.replay import in_chunks
from accord.rooms.scoring.expression.scores import At
from accord.rooms.scoring.expression.stream import Inputs
from accord.rooms.team.models import House

CONTACTS = pa.schema([("contact_id", pa.int64())])


@dataclass(frozen=True)
class Qualification:
    at: datetime
    ended: str | None


@dataclass(frozen=True)
class Score:
    """`qualifications` are in the order of time."""

    contact: str
    fit: float
    engagement: float
    grade: str
    qualifications: tuple[Qualification, ...] = ()

    @property
    def total(self) -> float:
        return self.fit + self.engagement

    @property
    def qualified_at(self) -> datetime | None:
        return self.qualifications[0].at if self.qualifications else None


@dataclass(frozen=True)
class Asking:
    """Scores at (`as_of`, `known_at`); without them, now. Qualifications from all that was recorded by `known_at`."""

    document: Document
    at: datetime
    as_of: datetime | None = None
    known_at: datetime | None = None

    @classmethod
    def asked(cls, at: datetime, *, as_of: str = "", known_at: str = "", agreement: str = "") -> "Asking":
        """From what a person wrote. Raises CannotAsk."""
        return cls(_document(at, agreement), at, _instant(as_of), _instant(known_at))

    def times(self, read: Generation) -> tuple[int, int]:
        """`t` and `k` in microseconds. The last instant of the ledger is known now, whatever the clock says."""
        now = max(self.at, read.known_at or self.at)
        return to_micros(self.as_of or now), to_micros(self.known_at or now)


def scores(asking: Asking) -> list[Score]:
    """Every contact that is here, once, in the code-point order of external ids."""
    contacts = dict(Contact.objects.here().values_list("id", "external_id"))
    with generation() as read:
        t, k = asking.times(read)
        asked = Asked(asking.document)
        scored = list(_scored(read, asked, contacts, t, k))
        stories = _stories(read, asked, contacts, k)
    told = (replace(score, qualifications=tuple(stories.get(pk, ()))) for pk, score in scored)
    return sorted(told, key=lambda score: score.contact)


def lines(scored: list[Score]) -> list[dict[str, Any]]:
    """As the outside contract names them; instants in ISO 8601."""
    return [
        {
            "contact": one.contact,
            "fit": one.fit,
            "engagement": one.engagement,
            "total": one.total,
            "grade": one.grade,
            "qualified_at": iso(one.qualified_at),
            "qualifications": [{"at": iso(q.at), "ended": q.ended} for q in one.qualifications],
        }
        for one in scored
    ]


def iso(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


def within(document: Document, contacts: Mapping[int, str]) -> Rows | None:
    """Who is in the scope, where that is a share: contact_id. AGREEMENT.md fixes the lottery."""
    scope = document.scope
    if not isinstance(scope, Share):
        return None
    bound = scope.share * 2**64
    return _ids([pk for pk, name in contacts.items() if _place(f"{scope.salt}:{name}") < bound])


def _place(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _document(at: datetime, agreement: str) -> Document:
    in_force = queries.standing(at)
    if not in_force and not agreement:
        return starter.drafted(at, House.get().zone).document
    named = [version for version in in_force if agreement in ("", version.agreement.name)]
    if not named:
        known = ", ".join(version.agreement.name for version in in_force) or _("none")
        raise CannotAsk(
            _("There is no agreement “%(name)s” in force. Name one of these: %(known)s.")
            % {"name": agreement, "known": known}
        )
    return named[0].document


def _instant(text: str) -> datetime | None:
    try:
        return parse_when(text) if text else None
    except ValueError as refused:
        raise CannotAsk(str(refused)) from refused


def _scored(read: Generation, asked: Asked, contacts: Mapping[int, str], t: int, k: int) -> Iterator[tuple[int, Score]]:
    rows, of = At(read, asked, t, k).evaluated(_ids(list(contacts)))
    found = rows.select("contact_id", fit=of.fit, engagement=of.engagement, grade=of.grade).to_pyarrow()
    columns = (found[name].to_pylist() for name in ("contact_id", "fit", "engagement", "grade"))
    for pk, fit, engagement, grade in zip(*columns, strict=True):
        yield pk, Score(contacts[pk], fit, engagement, grade)


def _stories(read: Generation, asked: Asked, contacts: Mapping[int, str], k: int) -> dict[int, list[Qualification]]:
    inputs = Inputs(read, asked, moves(read, k), k, stage=lambda _name, rows: rows.cache())
    parts = in_chunks(inputs, within(asked.document, contacts))
    found = [row for part in parts for row in part.to_pylist()]
    stories: dict[int, list[Qualification]] = defaultdict(list)
    for row in sorted(found, key=lambda row: row["at"]):
        stories[row["contact_id"]].append(Qualification(from_micros(row["at"]), row["ended"]))
    return stories


def _ids(contacts: list[int]) -> Rows:
    return ibis.memtable(pa.table({"contact_id": contacts}, schema=CONTACTS))
