import re

import pytest
from django.test import Client

PAGES = ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/", "/accounts/inactive/"]
OWN = ["/accounts/2fa/", "/accounts/reauthenticate/", "/accounts/password/change/", "/accounts/logout/"]


@pytest.mark.parametrize("address", PAGES)
def test_pages_before_sign_in_have_the_look_of_the_house(house, address):
    page = Client().get(address).content.decode()
    assert 'class="outside-brand"' in page
    assert "accord/css/tokens.css" in page


@pytest.mark.parametrize("address", OWN)
def test_pages_of_one_s_own_account_have_the_look_of_the_house(cast, address):
    browser = Client()
    browser.post("/accounts/login/", {"login": "mara@house.example", "password": "a long password"})
    answer = browser.get(address)
    assert answer.status_code == 200
    assert "accord/css/tokens.css" in answer.content.decode()


def test_a_second_factor_is_set_up_after_the_password_was_asked_once_more(cast):
    browser = Client()
    browser.post("/accounts/login/", {"login": "mara@house.example", "password": "a long password"})
    setup = "/accounts/2fa/totp/activate/"
    assert browser.get(setup)["Location"] == f"/accounts/reauthenticate/?next={setup.replace('/', '%2F')}"
    browser.post("/accounts/reauthenticate/", {"password": "a long password", "next": setup})
    assert '<img src="data:image/svg+xml' in browser.get(setup).content.decode()


def test_nobody_signs_up_by_themselves(house):
    answer = Client().post("/accounts/signup/", {"email": "new@house.example", "password1": "a long password"})
    assert "Sign Up Closed" in answer.content.decode()


def test_a_wrong_password_is_told_by_the_form_and_what_was_typed_stays(cast):
    page = Client().post("/accounts/login/", {"login": "mara@house.example", "password": "wrong"}).content.decode()
    assert 'role="alert"' in page
    assert 'value="mara@house.example"' in page


def test_a_link_to_set_a_password_works_once(cast, mailoutbox):
    Client().post("/accounts/password/reset/", {"email": "mara@house.example"})
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mailoutbox[0].body)[1]
    browser = Client()
    form = browser.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    assert "Set your password" in form.content.decode()
    browser.post(address, {"password1": "another long one", "password2": "another long one"})
    assert cast.mara.check_password("a long password")
    cast.mara.refresh_from_db()
    assert cast.mara.check_password("another long one")
    assert "This link no longer works" in Client().get(link, follow=True).content.decode()
