"""Panels that pages of many kinds of record have: what can be done, what is known, and the trash."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise

from accord.web.records import values
from accord.web.records.frame import Viewing

Data = Callable[[Viewing], dict[str, Any]]


def here(viewing: Viewing) -> bool:
    """Neither in the trash nor merged away: there is something to be done with it."""
    return viewing.record.trashed_at is None and not getattr(viewing.record, "merged_into_id", None)


def address(viewing: Viewing, verb: str, action: str) -> str:
    """Where the verb is for this record; nowhere for whoever may not do it, or where there is nothing to be done."""
    may = viewing.member.may(action) and here(viewing)
    return reverse(f"{viewing.kind}_{verb}", args=[viewing.record.pk]) if may else ""


def acts(editing: str) -> Data:
    """`editing`: the action that whoever edits such a record needs."""

    def data(viewing: Viewing) -> dict[str, Any]:
        return {
            "edit": address(viewing, "edit", editing),
            "trashing": address(viewing, "trashing", "trash_record"),
        }

    return data


def facts(title: str | Promise, editing: str) -> Data:
    """Every field with its present value, and those that are not known."""

    def data(viewing: Viewing) -> dict[str, Any]:
        shown = [one for one in values_now(viewing) if not one.field.long]
        return {
            "title": title,
            "pk": viewing.record.pk,
            "values": [one for one in shown if one.text],
            "unknown": [one.field.label for one in shown if not one.text],
            "history": f"{viewing.kind}_field",
            "edit": address(viewing, "edit", editing),
        }

    return data


def trashed(viewing: Viewing) -> dict[str, Any] | None:
    if viewing.record.trashed_at is None:
        return None
    restoring = reverse(f"{viewing.kind}_restoring", args=[viewing.record.pk])
    return {"at": viewing.record.trashed_at, "restoring": restoring, "may_restore": viewing.member.may("trash_record")}


def values_now(viewing: Viewing) -> list[values.Shown]:
    return viewing.once("values", lambda: values.now(viewing.kind, viewing.record.pk))


def text_of(viewing: Viewing, slug: str) -> str:
    return next((one.text for one in values_now(viewing) if one.field.slug == slug), "")
