"""Whether somebody may be written to. Decided from values alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

EMAIL, PHONE, MESSENGER, LETTER = "email", "phone", "messenger", "letter"
CHANNELS = (EMAIL, PHONE, MESSENGER, LETTER)
MARKETING, ONE_TO_ONE = "marketing", "one_to_one"

# What speaks against it.
TRASHED, MERGED, VETOED, HELD = "trashed", "merged", "vetoed", "held"
BOUNCED, COMPLAINED, UNSUBSCRIBED = "bounced", "complained", "unsubscribed"
OF_ADDRESS = (BOUNCED, COMPLAINED, UNSUBSCRIBED)
OF_PERSON = (COMPLAINED, UNSUBSCRIBED)  # said by the person: it counts for every address they have

STOPS = {
    MARKETING: (TRASHED, MERGED, VETOED, COMPLAINED, UNSUBSCRIBED, BOUNCED, HELD),
    ONE_TO_ONE: (TRASHED, MERGED, COMPLAINED, BOUNCED),
}

# Why sales vetoes marketing.
ASKED, IN_TALKS, KEY_ACCOUNT, COMPLAINT, COMPETITOR, OTHER = (
    "asked", "in_talks", "key_account", "complaint", "competitor", "other",
)  # fmt: skip
VETOES = (ASKED, IN_TALKS, KEY_ACCOUNT, COMPLAINT, COMPETITOR, OTHER)


@dataclass(frozen=True)
class Against:
    """One reason that speaks against it, and since when; None where nobody knows."""

    reason: str
    since: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """Yes, unless something speaks against it."""

    against: tuple[Against, ...] = ()

    @property
    def yes(self) -> bool:
        return not self.against


def answer(known: Iterable[Against], channel: str, purpose: str) -> Answer:
    """What stops this purpose on this channel, the weightiest first. Raises KeyError for an unknown purpose."""
    stops = STOPS[purpose]
    counts = [one for one in known if one.reason in stops and (channel == EMAIL or one.reason not in OF_ADDRESS)]
    return Answer(tuple(sorted(counts, key=lambda one: stops.index(one.reason))))
