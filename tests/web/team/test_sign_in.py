import re

import pytest
from django.core import mail
from django.core.cache import cache

from accord.rooms.team.models import Member

RIGHT = {"login": "mara@house.example", "password": "a long password"}


@pytest.fixture(autouse=True)
def no_tries_before(still):
    cache.clear()


def words(response):
    return re.sub(r"<[^>]*>|\s+", " ", response.content.decode())


def signed_in(client):
    return client.session.get("_auth_user_id")


def test_with_the_right_password_one_is_in(cast, client):
    response = client.post("/accounts/login/", RIGHT | {"login": "Mara@House.example"})
    assert response.status_code == 302
    assert signed_in(client) == str(cast.mara.pk)


def test_after_sign_in_one_is_where_one_wanted_to_go(cast, client):
    asked = client.get("/settings/me/")
    response = client.post(asked["Location"], RIGHT | {"next": "/settings/me/"})
    assert response["Location"] == "/settings/me/"


@pytest.mark.parametrize("wrong", [{"password": "another password"}, {"login": "nobody@house.example"}])
def test_a_wrong_password_and_an_unknown_address_sound_alike(cast, client, wrong):
    response = client.post("/accounts/login/", RIGHT | wrong)
    assert "The e-mail address or the password is not right." in words(response)
    assert signed_in(client) is None


def test_who_was_deactivated_cannot_sign_in(cast, client, at):
    cast.mara.leave(by=cast.ada.pk, at=at)
    client.post("/accounts/login/", RIGHT)
    assert signed_in(client) is None
    assert client.get("/settings/me/").status_code == 302


def test_a_running_session_ends_with_the_membership(cast, as_, at):
    browser = as_(cast.mara)
    assert browser.get("/settings/me/").status_code == 200
    cast.mara.leave(by=cast.ada.pk, at=at)
    assert browser.get("/settings/me/")["Location"].startswith("/accounts/login/")


def test_another_password_ends_the_sessions_elsewhere(cast, as_):
    here, elsewhere = as_(cast.mara), as_(cast.mara)
    changed = {"oldpassword": "a long password", "password1": "seven green bottles", "password2": "seven green bottles"}
    assert here.post("/accounts/password/change/", changed).status_code == 302
    assert here.get("/settings/me/").status_code == 200
    assert elsewhere.get("/settings/me/").status_code == 302


def test_a_forgotten_password_is_reset_by_mail(cast, client):
    client.post("/accounts/password/reset/", {"email": "mara@house.example"})
    (letter,) = mail.outbox
    assert letter.to == ["mara@house.example"]
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", letter.body)[1]
    form = client.get(link, follow=True)
    chosen = {"password1": "seven green bottles", "password2": "seven green bottles"}
    client.post(form.request["PATH_INFO"], chosen)

    assert signed_in(client) == str(cast.mara.pk)
    assert Member.objects.get(pk=cast.mara.pk).check_password("seven green bottles")


@pytest.mark.parametrize("password", ["too short", "1234567890", "mara@house.example"])
def test_a_password_that_is_guessed_easily_is_refused(cast, as_, password):
    changed = {"oldpassword": "a long password", "password1": password, "password2": password}
    assert as_(cast.mara).post("/accounts/password/change/", changed).status_code == 200
    assert Member.objects.get(pk=cast.mara.pk).check_password("a long password")


def test_nobody_signs_up_by_themselves(cast, client):
    before = Member.objects.count()
    given = {"email": "me@else.example", "password1": "seven green bottles", "password2": "seven green bottles"}
    page = client.get("/accounts/signup/")
    client.post("/accounts/signup/", given)
    assert 'name="password1"' not in page.content.decode()
    assert Member.objects.count() == before
    assert signed_in(client) is None
