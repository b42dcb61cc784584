import re

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from tests.web.page import main, words

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


def test_no_word_of_the_library_is_left_where_one_signs_in(cast):
    browser = Client()
    pages = [browser.get(address).content.decode() for address in PAGES[:2]]
    browser.post("/accounts/login/", {"login": "mara@house.example", "password": "a long password"})
    pages += [browser.get(address).content.decode() for address in OWN]
    for word in ("Email", "Two-Factor", "Authenticator", "Recovery Codes", "Password (again)", "Confirm Access"):
        assert not [page for page in pages if word in page], word


def test_a_second_factor_is_set_up_after_the_password_was_asked_once_more(cast):
    browser = Client()
    browser.post("/accounts/login/", {"login": "mara@house.example", "password": "a long password"})
    setup = "/accounts/2fa/totp/activate/"
    assert browser.get(setup)["Location"] == f"/accounts/reauthenticate/?next={setup.replace('/', '%2F')}"
    browser.post("/accounts/reauthenticate/", {"password": "a long password", "next": setup})
    page = browser.get(setup).content.decode()
    assert '<img src="data:image/svg+xml' in page
    secret = re.search(r'id="secret" value="(\w+)"', page)[1]
    codes = browser.post(setup, {"code": code_of(secret)}, follow=True)
    assert "Codes for an emergency Keep them where you find them without your phone." in main(codes)
    index = browser.get("/accounts/2fa/")
    assert "My preferences Second factor App on your phone Set up:" in main(index)
    assert "10 codes are left. Each lets you in once, without the phone." in main(index)
    assert '<a class="muted" href="/settings/me/">' in index.content.decode()


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_whoever_forgot_the_password_finds_the_way_back(house):
    page = Client().get("/accounts/password/reset/")
    assert 'href="/accounts/login/"' in page.content.decode()
    assert "Write your e-mail address: we send you a link by which you choose a new password." in words(page)
    sent = Client().post("/accounts/password/reset/", {"email": "nobody@house.example"}, follow=True)
    assert "Look into your mail" in words(sent)


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
