"""What the pages of content and campaigns show."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accord.rooms.content.briefs import brief_for
from accord.web.records import known, panels, timeline
from accord.web.records.frame import ACTS, BANNER, HEAD, MAIN, SIDE, Panel, Viewing
from accord.web.records.timeline import Wanted
from accord.web.shell.templatetags.shell import initials


def _head(*slugs: str) -> Callable[[Viewing], dict[str, Any]]:
    """`slugs`: the fields that say in one line what it is."""

    def data(viewing: Viewing) -> dict[str, Any]:
        about = [panels.text_of(viewing, slug) for slug in slugs]
        record = viewing.record
        return {"record": record, "about": " · ".join(part for part in about if part), "sign": initials(str(record))}

    return data


def _timeline(viewing: Viewing) -> dict[str, Any]:
    """What happened to the record; the touches that name it are on the timelines of people."""
    kind, pk = viewing.kind, viewing.record.pk
    about = Q(subject=kind, subject_id=pk) | Q(subject="record", subject_id=pk, payload__kind=kind)
    return {"told": timeline.told(about, Wanted.of(viewing.request)), "touches": False}


def _text(viewing: Viewing) -> dict[str, Any] | None:
    """The brief as it is written, on its own page."""
    text = panels.text_of(viewing, "brief")
    return {"text": text} if text else None


def _brief(viewing: Viewing) -> dict[str, Any] | None:
    """The brief that fits a contact best."""
    found = brief_for(viewing.record, viewing.member)
    return {"brief": found} if found else None


def _panels(kind: str, title: str | Promise, editing: str, *about: str) -> list[Panel]:
    return [
        Panel(kind, HEAD, 10, "content/head.html", _head(*about)),
        Panel(kind, ACTS, 90, "records/acts.html", panels.acts(editing)),
        Panel(kind, BANNER, 20, "records/trashed.html", panels.trashed),
        Panel(kind, MAIN, 90, "records/timeline.html", _timeline),
        Panel(kind, SIDE, 20, "records/facts.html", panels.facts(title, editing)),
        Panel(kind, SIDE, 90, "records/known.html", known.panel),
    ]


PANELS = [
    Panel("asset", MAIN, 10, "content/text.html", _text),
    Panel("contact", SIDE, 40, "records/brief.html", _brief, "see_content"),
    *_panels("asset", _("Content"), "edit_content", "format", "stage", "persona", "language"),
    *_panels("campaign", _("Campaign"), "edit_campaign", "channel", "starts_on", "ends_on"),
]
