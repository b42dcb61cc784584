"""The digest: what a member has not read by eight in the morning of a working day, in one mail."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton, format_time
from django.conf import settings
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from accord.kernel import ledger, spoken
from accord.kernel.mail.models import Mail, is_set_up
from accord.kernel.worktime import Calendar
from accord.rooms.notices.fields import KIND_NAMES
from accord.rooms.notices.models import Notice, held
from accord.rooms.notices.rules import KINDS
from accord.rooms.notices.sentences import Line, lines
from accord.rooms.team.models import House, Member
from accord.rooms.team.worktimes import absent, calendars

EIGHT, DAY = time(8), timedelta(days=1)
MOST = 50  # lines; the page has the rest
PAGE = "/notices/"  # where the pages list and open them
Group = tuple[str, list[tuple[str, str]]]  # a kind, with its notices: in words, with their addresses
log = logging.getLogger(__name__)


def digest(at: datetime) -> int:
    """Mail everybody whose time has come what waits for them; how many mails were written.

    Whoever is away gets it on return, and nobody gets anything where no mail can be sent.
    """
    if not is_set_up():
        return 0
    waiting = Member.objects.filter(is_active=True, pk__in=Notice.objects.here().to_mail().values("member"))
    members = list(waiting.order_by("pk"))
    made, away = calendars({one.team_id for one in members}), absent([one.pk for one in members], at)
    written = 0
    for member in members:
        until = morning(member, made[member.team_id], at)
        if until and member.pk not in away:
            written += _try(member, until, at)
    return written


def morning(member: Member, calendar: Calendar, at: datetime) -> datetime | None:
    """Eight o'clock of the working day that it is where the member is; None before, and on other days."""
    zone = ZoneInfo(member.zone or calendar.zone)
    day = at.astimezone(zone).date()
    midnight = datetime.combine(day, time(), zone).astimezone(UTC)
    tomorrow = datetime.combine(day + DAY, time(), zone).astimezone(UTC)
    eight = datetime.combine(day, EIGHT, zone).astimezone(UTC)
    return eight if eight <= at and calendar.next_opening(midnight) < tomorrow else None


def _try(member: Member, until: datetime, at: datetime) -> bool:
    try:
        return _write(member, until, at)
    except ValueError:  # their address is none: the others get theirs
        log.exception("no digest for member %s", member.pk)
        return False


def _write(member: Member, until: datetime, at: datetime) -> bool:
    """What came until then and no digest had. Of two workers, one finds nothing; of two on a day, one is written."""
    with ledger.write(at), translation.override(member.language or settings.LANGUAGE_CODE):
        held([member.pk])
        own = Notice.objects.visible_to(member)
        if own.filter(digested_at__gte=until).exists():
            return False
        waiting = own.here().to_mail().filter(at__lte=until)
        notices = sorted(waiting.whole().order_by("id"), key=lambda one: KINDS.index(one.kind))
        if not notices:
            return False
        Notice.objects.filter(pk__in=[one.pk for one in notices]).update(digested_at=at)
        house = House.get()
        told = _grouped(lines(notices[:MOST], member), ZoneInfo(member.zone or house.zone))
        Mail.queue(
            "digest", to=member.email, to_name=member.name,
            subject=_("What waits for you in %(house)s") % {"house": house.name},
            text=_text(told, len(notices), member), html=_html(told, len(notices), member), automatic=True, at=at,
        )  # fmt: skip
    return True


def _grouped(told: Sequence[Line], zone: ZoneInfo) -> list[Group]:
    return [
        (str(KIND_NAMES[kind]), [(_worded(line, zone), f"{address()}{line.notice.pk}/") for line in its])
        for kind, its in groupby(told, key=lambda line: line.notice.kind)
    ]


def _worded(line: Line, zone: ZoneInfo) -> str:
    if line.due_at is None:
        return line.words
    day = format_skeleton("yMMMd", line.due_at, tzinfo=zone, locale=spoken.locale())
    clock = format_time(line.due_at, "HH:mm", tzinfo=zone, locale=spoken.locale())
    return _("%(what)s, until %(day)s %(time)s") % {"what": line.words, "day": day, "time": clock}


def _text(told: Sequence[Group], count: int, member: Member) -> str:
    parts = [_greeting(member)]
    for kind, its in told:
        parts.append("\n".join([kind, *(f"- {words}\n  {link}" for words, link in its)]))
    return "\n\n".join([*parts, *_more(count), f"{_more_on_page()} {address()}"]) + "\n"


def _html(told: Sequence[Group], count: int, member: Member) -> str:
    groups = [(kind, format_html_join("\n", '<li><a href="{1}">{0}</a></li>', its)) for kind, its in told]
    body = format_html_join("\n", "<h2>{}</h2>\n<ul>{}</ul>", groups)
    more = format_html_join("\n", "<p>{}</p>", ((said,) for said in _more(count)))
    return format_html(
        '<p>{}</p>\n{}\n{}\n<p>{} <a href="{}">{}</a></p>\n',
        _greeting(member), body, more, _more_on_page(), address(), address(),
    )  # fmt: skip


def _greeting(member: Member) -> str:
    return _("Good morning %(name)s, this waits for you:") % {"name": member}


def _more(count: int) -> list[str]:
    return [_("And %(count)s more.") % {"count": count - MOST}] if count > MOST else []


def _more_on_page() -> str:
    return _("All of it, and what you want to be told and how:")


def address() -> str:
    return f"{settings.HOUSE_URL}{PAGE}"
