"""Who calls: a key, what its role may do, and which rows it sees. People with a session have pages instead."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db import models
from django.http import HttpRequest
from ninja.security import HttpBearer

from accord.api.errors import forbidden, not_found, unauthorized
from accord.kernel import clock, ledger
from accord.rooms.team import rules
from accord.rooms.team.fields import ROLE_NAMES
from accord.rooms.team.models import ApiKey, Member


@dataclass(frozen=True)
class Caller:
    """A key as the rows and the table of rights see it. What it writes is accounted to whoever made the key."""

    key: int
    role: str
    by: int | None

    @property
    def scope(self) -> str:
        """All or nothing: a key is nobody, so it owns no rows of its own."""
        return rules.ALL if rules.scope(self.role) == rules.ALL else rules.NONE

    def may(self, action: str) -> bool:
        return rules.may(self.role, action) and (self.scope != rules.NONE or action == "see_records")


class CallerRequest(HttpRequest):
    """A request behind the key: `auth` is the caller, `now` its business time."""

    auth: Caller
    now: datetime


class Key(HttpBearer):
    """Asks for a key whose role includes the action; before anything of the request is read."""

    def __init__(self, action: str) -> None:
        super().__init__()
        if action not in rules.MAY:
            raise ValueError(f"{action} is not in the table of rights")
        self.action = action

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        key = ApiKey.held_by(token, "api")
        if key is None:
            raise unauthorized()
        caller = Caller(key.pk, key.role, key.made_by_id)
        if not caller.may(self.action):
            raise forbidden(ROLE_NAMES[key.role])
        _note_use(key)
        return caller


def needs(action: str) -> Key:
    """Declare what an address needs: `auth=needs("open_lead")`."""
    return Key(action)


def visible(model: Any, caller: Caller) -> Any:
    """The records of a kind that the caller sees."""
    # The rows ask a caller for nothing but its scope, which is all or none.
    return model.objects.visible_to(cast(Member, caller)).here()


def one(rows: "models.QuerySet[Any]", pk: int) -> Any:
    """One of the rows; a hidden one is as unknown as a missing one."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise not_found()
    return found


def _note_use(key: ApiKey) -> None:
    now = clock.machine()
    if not key.is_noted(now):
        with ledger.write(now):  # in line with the other writers
            key.used(now)
