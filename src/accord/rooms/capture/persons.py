"""Whose events are these? Identities that are new are linked; those that have an owner keep it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accord.kernel.imports.kinds import Written
from accord.kernel.instants import BEGINNING
from accord.kernel.ledger import Rows
from accord.kernel.text import email_key
from accord.rooms.people.fields import OURS
from accord.rooms.people.imports import people
from accord.rooms.people.models import Link
from accord.rooms.people.models.identity import ANONYMOUS, EMAIL, USER, owners


@dataclass(frozen=True)
class Named:
    """By what an event names somebody; the strongest name first."""

    user: str | None
    address: str | None
    device: str | None
    was: str | None = None  # what an alias says that the user was called before

    @classmethod
    def of(cls, user: str | None, email: object, device: str | None, was: str | None = None) -> "Named":
        return cls(user, email_key(email) if isinstance(email, str) else None, device, was)

    @property
    def names(self) -> list[tuple[str, str]]:
        return [
            (kind, name) for kind, name in ((USER, self.user), (EMAIL, self.address), (ANONYMOUS, self.device)) if name
        ]


@dataclass(eq=False)
class _New:
    """Somebody who is met for the first time."""

    external_id: str | None
    met_at: datetime
    contact: int = 0


Person = int | _New


@dataclass
class Persons:
    """The people behind a stretch of events, in their order: what one event tells holds for those after it."""

    identities: dict[tuple[str, str], int]
    owner: dict[int, Person]
    by_external: dict[str, int]
    links: list[tuple[int, Person | None, datetime | None]] = field(default_factory=list)

    @classmethod
    def of(cls, named: Sequence[Named]) -> "Persons":
        """Within the transaction that writes: identities that are new are made."""
        wanted: dict[str, list[str]] = {USER: [], EMAIL: [], ANONYMOUS: []}
        for one in named:
            for kind, name in one.names:
                wanted[kind].append(name)
        before = [one.was for one in named if one.was]
        earlier_users = people.known_identities(USER, before)
        wanted[ANONYMOUS] += [name for name in before if name not in earlier_users]
        wanted[USER] += list(earlier_users)
        found = {(kind, n): pk for kind, names in wanted.items() for n, pk in people.identity_ids(kind, names).items()}
        owned = {identity: contact for identity, contact in owners(found.values()).items() if contact}
        return cls(found, dict(owned), people.contact_ids(wanted[USER]))

    def meet(self, named: Named, at: datetime) -> Person | None:
        """Who it is, linking what has no owner. An anonymous device of somebody's keeps its owner."""
        ids = {kind: self.identities[kind, name] for kind, name in named.names}
        person = self._known(named, ids)
        if person is None and (named.user or named.address):
            ours = (named.user or "").startswith(OURS)  # an id that we give: it may be somebody else's one day
            person = _New(None if ours else named.user, at)
        if person is None:
            return self.owner.get(ids[ANONYMOUS]) if ANONYMOUS in ids else None
        for kind, identity in ids.items():
            if identity not in self.owner:
                self._link(identity, person, BEGINNING if kind == USER and self._own(named.user, person) else None)
        if named.was:
            self._take_over(named.was, person)
        return person

    def identity(self, named: Named) -> int:
        """The strongest identity: to it a touch belongs."""
        return self.identities[named.names[0]]

    def settle(self, written: Written) -> Rows:
        """Make those who are new, and give the links to be recorded."""
        new = list(dict.fromkeys(person for _i, person, _since in self.links if isinstance(person, _New)))
        made = people.make_contacts([people.NewContact(n.external_id, n.met_at) for n in new], written)
        for one, contact in zip(new, made, strict=True):
            one.contact = contact
        rows = [(identity, contact_of(person), since) for identity, person, since in self.links]
        return Rows(Link, ["identity_id", "contact_id", "recorded_at"], rows)

    def _known(self, named: Named, ids: dict[str, int]) -> Person | None:
        for kind in (USER, EMAIL):
            if kind in ids and (owner := self.owner.get(ids[kind])):
                return owner
            if kind == USER and named.user in self.by_external:
                return self.by_external[named.user]
        return None

    def _own(self, user: str | None, person: Person) -> bool:
        """A contact's own external id has been theirs from ever."""
        return person.external_id == user if isinstance(person, _New) else self.by_external.get(user or "") == person

    def _take_over(self, name: str, person: Person) -> None:
        kind = USER if (USER, name) in self.identities else ANONYMOUS
        identity = self.identities[kind, name]
        if self.owner.get(identity) != person:
            self._link(identity, person, None)

    def _link(self, identity: int, person: Person, since: datetime | None) -> None:
        self.owner[identity] = person
        self.links.append((identity, person, since))


def contact_of(person: Person | None) -> int | None:
    return person.contact if isinstance(person, _New) else person
