"""Mails about booked meetings: to the guest, with what their calendar takes in, and to whom they will meet."""

from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from icalendar import Calendar, Event, vCalAddress

from accord.kernel import spoken
from accord.kernel.mail.models import Mail, is_set_up
from accord.rooms.desk.feed import PRODUCT
from accord.rooms.desk.mailing import hindrance, one_line
from accord.rooms.desk.models import Booking
from accord.rooms.people.personal import booking_address
from accord.rooms.team.models import House, Member

KIND = "booking"
REQUEST, CANCEL = "REQUEST", "CANCEL"


def booked(booking: Booking, at: datetime) -> None:
    """Both learn what was agreed."""
    _to_guest(booking, REQUEST, at)
    _to_host(booking, gettext_noop("%(guest)s has booked a meeting with you"), at)


def called_off_by_guest(booking: Booking, at: datetime) -> None:
    _to_guest(booking, CANCEL, at)
    _to_host(booking, gettext_noop("%(guest)s has called the meeting with you off"), at)


def moved_by_guest(booking: Booking, at: datetime) -> None:
    """The guest learns it as of every change of the time."""
    _to_host(booking, gettext_noop("%(guest)s has moved the meeting with you"), at)


def changed(booking: Booking, at: datetime) -> None:
    """The time is another, or nobody has to be met any more."""
    _to_guest(booking, CANCEL if booking.called_off_at else REQUEST, at)


def invitation(booking: Booking, method: str, at: datetime) -> str:
    """RFC 5546: the same meeting under the same name, newer with every change."""
    host, guest = booking.task.owner, booking.contact
    calendar, event = Calendar(), Event()
    for name, value in (("prodid", PRODUCT), ("version", "2.0"), ("method", method)):
        calendar.add(name, value)
    organizer = vCalAddress(f"mailto:{host.email}")
    organizer.params["cn"] = str(host)
    parts = {
        "uid": f"booking-{booking.pk}@{urlsplit(settings.HOUSE_URL).hostname}", "dtstamp": at,
        "sequence": booking.changes + (method == CANCEL), "dtstart": booking.task.due_at, "dtend": booking.ends_at,
        "summary": _title(booking), "organizer": organizer, "url": booking_address(guest),
        "status": "CANCELLED" if method == CANCEL else "CONFIRMED",
    }  # fmt: skip
    for name, value in parts.items():
        event.add(name, value)
    if guest.email:
        event.add("attendee", f"mailto:{guest.email.strip()}")
    calendar.add_component(event)
    return calendar.to_ical().decode()


def _title(booking: Booking) -> str:
    named = {"member": booking.task.owner, "house": House.get().name}
    return _("Meeting with %(member)s, %(house)s") % named


def _to_guest(booking: Booking, method: str, at: datetime) -> None:
    contact, host = booking.contact, booking.task.owner
    if not is_set_up() or hindrance(contact, at):
        return
    with translation.override(booking.language):
        title, when = _title(booking), spoken.whole(booking.task.due_at, ZoneInfo(booking.zone))
        if method == CANCEL:
            subject = _("Called off: %(title)s") % {"title": title}
            more = _("You can choose another time here:")
        else:
            subject = f"{title}: {when}"
            more = _("To choose another time or to call it off:")
        text = "\n\n".join([title, when, f"{more}\n{booking_address(contact)}"]) + "\n"
        Mail.queue(
            KIND, to=contact.email.strip(), to_name=one_line(contact.name), subject=one_line(subject), text=text,
            invitation=invitation(booking, method, at), sender_name=one_line(str(host)), reply_to=host.email,
            contact=contact.pk, automatic=True, at=at,
        )  # fmt: skip


def _to_host(booking: Booking, said: str, at: datetime) -> None:
    host: Member = booking.task.owner
    if not is_set_up():
        return
    with translation.override(host.language or settings.LANGUAGE_CODE):
        zone = ZoneInfo(host.zone or House.get().zone)
        subject = translation.gettext(said) % {"guest": booking.contact}
        lead = f"{settings.HOUSE_URL}/leads/{booking.task.lead_id}/"
        parts = [subject, spoken.whole(booking.task.due_at, zone), booking.task.what, lead]
        text = "\n\n".join(part for part in parts if part) + "\n"
        Mail.queue(
            KIND,
            to=host.email,
            to_name=one_line(str(host)),
            subject=one_line(subject),
            text=text,
            automatic=True,
            at=at,
        )
