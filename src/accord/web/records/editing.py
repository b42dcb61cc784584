"""Making and changing a record by its form: one verb, and what happens when somebody else was faster."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accord.kernel import ledger
from accord.kernel.fields import Refused
from accord.rooms.people.models import LostRace
from accord.web.records.forms import FieldsForm, after_race, clashes
from accord.web.shell.gate import MemberRequest


class Editable(Protocol):
    pk: int
    version: int

    def edit(self, values: Mapping[str, Any], *, seen: int, by: int | None, at: datetime) -> None: ...
    def refresh_from_db(self) -> None: ...


class RecordForm(FieldsForm):
    """The form of a record. Each kind says with what it begins and what its verb takes."""

    def __init__(self, *args: Any, record: Any = None, before: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(*args, before=self.before_of(record) if before is None else before, **more)
        self.record = record
        if record and not self.is_bound:
            self.initial["seen"] = record.version

    @classmethod
    def before_of(cls, record: Any) -> Mapping[str, str]:
        """What stands in the fields of the record now; the form of a new one begins empty."""
        return {}

    def values(self, *, by: int | None, at: datetime) -> dict[str, Any]:
        """What was changed, for the record's verb."""
        return dict(self.changed())


def edited(request: MemberRequest, form: RecordForm, name: str, **more: Any) -> HttpResponse:
    """The form of a record; saved when it is right. A lost race keeps what was typed and shows both sides."""
    record: Editable = form.record
    if request.method == "POST" and form.is_valid():
        try:
            with ledger.write(request.now, request.user.pk):
                changed = form.values(by=request.user.pk, at=request.now)
                record.edit(changed, seen=form.cleaned_data["seen"] or 0, by=request.user.pk, at=request.now)
        except LostRace:
            return _raced(request, form, name, **more)
        except Refused as refused:
            for field, words in refused.fields.items():
                form.add_error(field, str(words))
            return shown(request, form, reverse(name, args=[record.pk]), **more)
        return redirect(name, record.pk)
    return shown(request, form, reverse(name, args=[record.pk]), **more)


def shown(
    request: MemberRequest, form: RecordForm, back: str, *, template: str = "records/form.html", **more: Any
) -> HttpResponse:
    troubled = bool(form.errors or more.get("duplicates") or more.get("raced"))
    return render(request, template, {"form": form, "back": back, **more}, status=422 if troubled else 200)


def _raced(request: MemberRequest, form: RecordForm, name: str, **more: Any) -> HttpResponse:
    record: Editable = form.record
    record.refresh_from_db()
    theirs = form.before_of(record)
    again = type(form)(record=record, before=theirs, initial=after_race(form, theirs, record.version))
    return shown(request, again, reverse(name, args=[record.pk]), raced=True, clashes=clashes(form, theirs), **more)
