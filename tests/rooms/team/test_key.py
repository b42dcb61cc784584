from datetime import timedelta

import pytest

from accord.kernel.ledger import Fact
from accord.rooms.team.models import ApiKey

pytestmark = pytest.mark.usefixtures("still")


def test_a_key_opens_its_own_scope_until_it_is_revoked(cast, at):
    key, secret = ApiKey.make(name="Warehouse", scope="api", role="executive", by=cast.ada, at=at)

    assert ApiKey.held_by(secret, "api") == key
    assert ApiKey.held_by(secret, "capture") is None
    assert ApiKey.held_by(secret[:-1], "api") is None
    key.revoke(by=cast.ada.pk, at=at)
    assert ApiKey.held_by(secret, "api") is None


def test_the_secret_is_kept_nowhere(cast, at):
    key, secret = ApiKey.make(name="Warehouse", scope="api", role="executive", by=cast.ada, at=at)
    kept = ApiKey.objects.filter(pk=key.pk).values().get()
    assert not any(secret in str(value) for value in kept.values())
    assert secret.startswith(kept["prefix"])
    assert len(secret) - len(kept["prefix"]) > 30
    assert secret not in str(Fact.objects.latest("id").payload)


def test_two_keys_have_two_secrets(cast, at):
    made = [ApiKey.make(name="Same", scope="capture", role="", by=cast.ada, at=at)[1] for _ in range(2)]
    assert made[0] != made[1]


def test_making_and_revoking_are_facts_once(cast, at):
    last = Fact.objects.latest("id").pk
    key, _secret = ApiKey.make(name="Warehouse", scope="api", role="executive", by=cast.ada, at=at)
    later = at + timedelta(days=1)
    key.revoke(by=cast.ada.pk, at=later)
    key.revoke(by=cast.ada.pk, at=later + timedelta(days=1))

    told = [(f.kind, f.subject_id, f.by_id) for f in Fact.objects.filter(id__gt=last).order_by("id")]
    assert told == [("key_made", key.pk, cast.ada.pk), ("key_revoked", key.pk, cast.ada.pk)]
    key.refresh_from_db()
    assert key.revoked_at == later


def test_a_key_remembers_when_it_was_used(cast, at):
    key, _secret = ApiKey.make(name="Website", scope="capture", role="", by=cast.ada, at=at)
    key.used(at + timedelta(hours=2))
    key.refresh_from_db()
    assert key.last_used_at == at + timedelta(hours=2)
