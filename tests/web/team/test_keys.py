import re

import pytest

from accord.kernel.ledger import Fact
from accord.rooms.team.models import ApiKey

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def ada(cast, as_):
    return as_(cast.ada)


def words(response):
    return re.sub(r"<[^>]*>|\s+", " ", response.content.decode())


def secret_in(response):
    return re.search(r'class="secret-v">([^<]+)<', response.content.decode())[1]


def test_the_secret_is_shown_once_and_opens(ada, cast):
    response = ada.post("/settings/keys/", {"name": "Orders from ERP", "scope": "api", "role": "executive"})

    secret = secret_in(response)
    key = ApiKey.held_by(secret, "api")
    assert (key.name, key.role, key.made_by) == ("Orders from ERP", "executive", cast.ada)
    assert response["Cache-Control"] == "no-store"
    again = ada.get("/settings/keys/")
    assert secret not in again.content.decode()
    assert f"{key.prefix}…" in words(again)


def test_a_key_for_touches_has_no_role(ada):
    ada.post("/settings/keys/", {"name": "Website", "scope": "capture", "role": "admin"})
    assert ApiKey.objects.get(name="Website").role == ""


def test_a_revoked_key_opens_nothing_and_leaves_the_list(ada):
    secret = secret_in(ada.post("/settings/keys/", {"name": "Website", "scope": "capture", "role": ""}))
    key = ApiKey.held_by(secret, "capture")
    page = ada.post(f"/settings/keys/{key.pk}/revocation/", follow=True)

    assert ApiKey.held_by(secret, "capture") is None
    assert "The key “Website” opens nothing any longer." in words(page)
    assert "There are no keys yet." in words(page)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": "ERP", "scope": "api", "role": ""}, "Say as which role the key reads and writes."),
        ({"name": "", "scope": "capture", "role": ""}, "This field is required."),
        (
            {"name": "ERP", "scope": "all", "role": ""},
            "Select a valid choice. all is not one of the available choices.",
        ),
        ({"name": "ERP", "scope": "api", "role": "king"}, "Select a valid choice. king is not one"),
        ({"name": "Taken", "scope": "capture", "role": ""}, "There is a key of this name"),
    ],
)
def test_a_wrong_key_is_not_made(ada, given, told):
    ada.post("/settings/keys/", {"name": "Taken", "scope": "capture", "role": ""})
    before = (ApiKey.objects.count(), Fact.objects.count())
    response = ada.post("/settings/keys/", given)
    assert told in words(response)
    assert "secret-v" not in response.content.decode()
    assert (ApiKey.objects.count(), Fact.objects.count()) == before


def test_sending_the_form_again_makes_no_second_key(ada):
    given = {"name": "Website", "scope": "capture", "role": ""}
    ada.post("/settings/keys/", given)
    ada.post("/settings/keys/", given)
    assert ApiKey.objects.filter(name="Website").count() == 1
