"""What an event means, decided from its values alone."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

# Names that the public tracking specification and its usual sources give, and the kind of touch that each means.
ALIASES = {
    "form_submitted": "form",
    "form_submit": "form",
    "signed_up": "form",
    "asset_downloaded": "download",
    "file_downloaded": "download",
    "document_downloaded": "download",
    "email_opened": "email_open",
    "email_link_clicked": "email_click",
    "email_clicked": "email_click",
    "email_replied": "reply",
    "email_bounced": "bounce",
    "unsubscribed": "unsubscribe",
    "call_received": "call_in",
    "call_made": "call_out",
    "live_chat_conversation_started": "chat",
    "chat_started": "chat",
    "event_registered": "event_signup",
    "webinar_registered": "event_signup",
    "event_attended": "event_attended",
    "webinar_attended": "event_attended",
    "meeting_booked": "meeting",
    "meeting_scheduled": "meeting",
    "survey_completed": "survey",
}
# What a member does with somebody, or somebody with a member.
TALKS = ("call_out", "email_out", "call_in", "reply", "meeting", "chat")
VERIFIED = "verified"  # a check of a member, by which leads qualify
TOLD_BY, OUTSIDE = "told_by", "outside"  # a property of ours: whoever sends it does not set it
LONGEST_KIND = 60
YEARS = range(1970, 2400)  # outside of them what a clock says is no time
SECONDS = re.compile(r"[0-9]{10}(\.[0-9]+)?|[0-9]{13}")  # or milliseconds

# Mail scanners, link previews, monitors and libraries name themselves in the agent. Browsers name none of these words.
MACHINES = re.compile(
    r"(?<!cu)bot\b|bot/|crawl|spider|slurp|preview|headless|phantomjs|scanner|barracuda|mimecast|proofpoint|safelinks|"
    r"googleimageproxy|yahoomailproxy|ggpht|symantec|messagelabs|forcepoint|trendmicro|zscaler|monitor|pingdom|"
    r"uptime|curl/|wget/|python-requests|python-urllib|aiohttp|httpx|go-http-client|java/|okhttp|libwww|scrapy",
    re.IGNORECASE,
)
READING = ("page", "screen", "email_open", "email_click", "download")  # what a scanner does; nobody scans a form
BURST, WITHIN = 3, timedelta(seconds=5)  # so many different links of a mail, so fast: nobody reads like that


@lru_cache(4096)
def snake(name: str) -> str:
    """`Form Submitted`, `formSubmitted` and `form-submitted` are one name."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"\W+", "_", apart.lower()).strip("_")[:LONGEST_KIND]


def kind_of(type: str | None, name: str | None, aliases: Mapping[str, str]) -> str | None:
    """The kind of touch that an event means; None for one that is no touch."""
    if type in ("page", "screen"):
        return type
    if type != "track" or not name:
        return None
    called = snake(name)
    return aliases.get(called, called) or None


def happened(claimed: datetime | None, sent_at: datetime | None, received_at: datetime) -> datetime:
    """When it happened by our clock: the sender's clock is off by what lies between its sending and our receiving.

    The formula of the public tracking specification; what would be later than its arrival happened at arrival.
    """
    if claimed is None:
        return received_at
    corrected = claimed + (received_at - sent_at) if sent_at else claimed
    return min(corrected, received_at)


def is_machine(kind: str, agent: str) -> bool:
    """Whether the agent that made a touch of this kind says that it is a machine."""
    return kind in READING and bool(MACHINES.search(agent))


def in_a_burst(clicks: list[tuple[datetime, str]]) -> set[int]:
    """Places of those clicks, in order of time, that lie within a burst over different links."""
    found: set[int] = set()
    for start, (began, _link) in enumerate(clicks):
        inside = [place for place in range(start, len(clicks)) if clicks[place][0] - began <= WITHIN]
        if len({clicks[place][1] for place in inside}) >= BURST:
            found.update(inside)
    return found


def instant(given: Any) -> datetime | None:
    """The time that a client wrote: ISO 8601, or the seconds or milliseconds of a machine; None for what is none."""
    if isinstance(given, int | float) and not isinstance(given, bool):
        return _of_number(given)
    if not isinstance(given, str):
        return None
    if SECONDS.fullmatch(given.strip()):
        return _of_number(float(given))
    try:
        read = datetime.fromisoformat(given.strip())
    except ValueError:
        return None
    return (read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)) if read.year in YEARS else None


def _of_number(given: float) -> datetime | None:
    if not 0 <= given < 10**14:
        return None
    at = datetime.fromtimestamp(given / 1000 if given > 10**11 else given, UTC)
    return at if at.year in YEARS else None
