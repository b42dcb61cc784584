import re

import pytest

from accord.rooms.team.models import Member

pytestmark = pytest.mark.usefixtures("still")
GIVEN = {"name": "Mara M.", "language": "zh-hans", "zone": "Asia/Shanghai", "theme": "dark"}


def test_own_preferences_hold_from_the_next_page_on(cast, as_):
    browser = as_(cast.mara)
    page = browser.post("/settings/me/", GIVEN, follow=True)

    mara = Member.objects.get(pk=cast.mara.pk)
    assert (mara.name, mara.language, mara.zone, mara.theme) == ("Mara M.", "zh-hans", "Asia/Shanghai", "dark")
    assert page["Content-Language"] == "zh-hans"
    assert 'data-theme="dark"' in page.content.decode()
    assert browser.cookies["theme"].value == "dark"


def test_without_a_zone_of_their_own_the_house_decides(cast, as_):
    as_(cast.mara).post("/settings/me/", GIVEN | {"zone": ""})
    assert Member.objects.get(pk=cast.mara.pk).zone == ""


@pytest.mark.parametrize(
    ("wrong", "value"),
    [("name", ""), ("language", "tlh"), ("zone", "Mars/Olympus"), ("theme", "pink")],
)
def test_what_does_not_exist_is_refused_by_its_field(cast, as_, wrong, value):
    response = as_(cast.mara).post("/settings/me/", GIVEN | {wrong: value})
    assert list(response.context["form"].errors) == [wrong]
    mara = Member.objects.get(pk=cast.mara.pk)
    assert (mara.name, mara.language, mara.zone, mara.theme) == ("Mara Meier", "", "", "")


@pytest.mark.parametrize("first", ["mara", "paula", "eva", "saul", "ada"])
def test_settings_open_on_what_the_member_may_use(cast, as_, first):
    first_page = {"mara": "me", "paula": "me", "eva": "me", "saul": "fields", "ada": "members"}[first]
    browser = as_(getattr(cast, first))
    assert browser.get("/settings/")["Location"] == f"/settings/{first_page}/"
    page = browser.get("/settings/", follow=True).content.decode()
    links = re.findall(r'href="/settings/(\w+)/"', re.search(r'class="settings-nav".*?</nav>', page, re.DOTALL)[0])
    assert (
        links
        == {
            "me": ["me"],
            "fields": ["fields", "pipeline", "absences", "me"],
            "members": ["members", "teams", "fields", "pipeline", "absences", "keys", "house", "me"],
        }[first_page]
    )
    assert 'aria-current="page"' in page


def test_the_ways_to_password_and_second_factor_are_there(cast, as_):
    browser = as_(cast.mara)
    page = browser.get("/settings/me/").content.decode()
    for path in ("/accounts/password/change/", "/accounts/2fa/"):
        assert f'href="{path}"' in page
        assert browser.get(path).status_code == 200
