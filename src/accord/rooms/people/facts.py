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


@fact
class MarketingVetoed:
    """Sales does not want the contact to be marketed to."""

    veto: int
    contact: int


@fact
class MarketingAllowed:
    """A veto was lifted."""

    veto: int
    contact: int


@fact
class MarketingHeld:
    """A conversation is open: marketing waits."""

    hold: int
    contact: int
    lead: int


@fact
class HoldLifted:
    hold: int
    contact: int
    lead: int


@fact
class AddressSuppressed:
    suppression: int


@fact
class AddressReleased:
    suppression: int
