import pytest
from django.test import Client


def test_the_theme_is_the_member_s_own_and_stands_before_the_first_paint(cast, as_):
    browser = as_(cast.mara)
    answer = browser.post("/theme/", {"theme": "dark", "next": "/more/"})
    assert answer["Location"] == "/more/"
    assert '<html lang="en" data-theme="dark">' in browser.get("/more/").content.decode()
    assert 'data-theme="system"' in as_(cast.mila).get("/more/").content.decode()


def test_only_the_system_s_theme_needs_a_script_before_the_first_paint(cast, as_):
    browser = as_(cast.mara)
    assert "first-paint.js" in browser.get("/more/").content.decode()
    browser.post("/theme/", {"theme": "light"})
    assert "first-paint.js" not in browser.get("/more/").content.decode()


def test_the_sign_in_page_keeps_the_theme_of_the_browser(cast, as_):
    browser = as_(cast.mara)
    browser.post("/theme/", {"theme": "dark"})
    browser.logout()
    browser.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in browser.get("/accounts/login/").content.decode()


def test_a_theme_that_is_none_changes_nothing(cast, as_):
    browser = as_(cast.mara)
    browser.post("/theme/", {"theme": "pink"})
    cast.mara.refresh_from_db()
    assert cast.mara.theme == ""


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "javascript:go()", ""])
def test_a_form_never_leads_out_of_the_house(cast, as_, elsewhere):
    answer = as_(cast.mara).post("/theme/", {"theme": "dark", "next": elsewhere})
    assert answer["Location"] == "/"


def test_the_language_before_sign_in_is_the_browser_s_until_one_is_chosen(house):
    browser = Client(headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert '<html lang="zh-hans"' in browser.get("/accounts/login/").content.decode()
    browser.post("/language/", {"language": "en"})
    assert '<html lang="en"' in browser.get("/accounts/login/").content.decode()


def test_the_language_is_kept_with_the_member_and_comes_back_at_the_next_sign_in(cast, as_):
    as_(cast.mara).post("/language/", {"language": "zh-hans"})
    elsewhere = Client(headers={"Accept-Language": "en"})
    elsewhere.post("/accounts/login/", {"login": "mara@house.example", "password": "a long password"})
    assert '<html lang="zh-hans"' in elsewhere.get("/more/").content.decode()


def test_a_language_that_is_not_spoken_changes_nothing(cast, as_):
    browser = as_(cast.mara)
    browser.post("/language/", {"language": "tlh"})
    assert '<html lang="en"' in browser.get("/more/").content.decode()
