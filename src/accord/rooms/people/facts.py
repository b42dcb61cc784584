from accord.kernel.facts import fact


@fact
class ContactCreated:
    contact: int


@fact
class CompanyCreated:
    company: int


@fact
class ContactIdentified:
    """An identity was linked to a contact, or to nobody."""

    contact: int | None
    identity: int


@fact
class ContactsMerged:
    """The loser's identities were linked to the survivor."""

    contact: int
    loser: int
    merge: int


@fact
class ValuesCopied:
    """The loser's values were copied to the survivor; an un-merge retracts this fact."""

    contact: int
    loser: int
    merge: int


@fact
class ContactsUnmerged:
    contact: int
    loser: int
    merge: int


@fact
class NoteWritten:
    note: int
    contact: int
    company: int | None = None


@fact
class ContactTrashed:
    contact: int


@fact
class ContactRestored:
    contact: int


@fact
class CompanyTrashed:
    company: int


@fact
class CompanyRestored:
    company: int
