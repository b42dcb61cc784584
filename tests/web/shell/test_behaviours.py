import pytest
from playwright.sync_api import expect

from accord.kernel.jobs import Job
from accord.rooms.people.models import Company, Contact
from accord.rooms.team.models import Member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_palette_opens_finds_while_typing_and_goes_there(cast, opened, at):
    contact = Contact.create({"name": "陈思远"}, by=cast.ada.pk, at=at)
    Company.create({"name": "思远阀门"}, by=cast.ada.pk, at=at)
    page = opened(cast.mara, "/more/")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    expect(page.locator("#palette-found").get_by_text("New contact")).to_be_visible()
    page.keyboard.type("思远")
    first = page.locator("#palette-found a").first
    expect(first).to_have_attribute("href", f"/contacts/{contact.pk}/")
    expect(first).to_have_attribute("aria-current", "true")
    second = page.locator("#palette-found a").nth(1)
    page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    expect(page.locator("#palette-found a[aria-current]")).to_have_attribute("href", second.get_attribute("href"))
    page.keyboard.press("ArrowUp")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#palette input")).to_be_focused()
    expect(first).to_have_attribute("aria-current", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_a_question_mark_lists_shortcuts_but_not_while_typing(cast, opened):
    page = opened(cast.mara, "/search/")
    page.locator("main input[name=q]").press("?")
    expect(page.locator("#shortcuts")).to_be_hidden()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.locator("#shortcuts [data-close]").click()
    expect(page.locator("#shortcuts")).to_be_hidden()


def test_the_theme_changes_at_once_and_is_kept(cast, opened):
    page = opened(cast.mara, "/more/")
    page.locator(".rail-me summary").click()
    with page.expect_response("**/theme/") as kept:
        page.locator(".rail-me").get_by_role("button", name="Dark").click()
    assert kept.value.status == 204
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert Member.objects.get(pk=cast.mara.pk).theme == "dark"
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_system_s_theme_is_there_before_the_first_paint(cast, opened):
    page = opened(cast.mara, "/more/", color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_member_s_menu_closes_as_menus_do(cast, opened):
    page = opened(cast.mara, "/more/")
    menu, summary = page.locator(".rail-me .popover"), page.locator(".rail-me summary")
    summary.click()
    expect(menu).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(summary).to_be_focused()
    summary.click()
    page.locator("h1").click()
    expect(menu).to_be_hidden()


def test_a_toast_tells_what_was_done_and_can_be_closed(cast, opened, at):
    Job.queue("import", by=cast.ada.pk)
    page = opened(cast.ada, "/operations/")
    page.get_by_role("button", name="Cancel").click()
    toast = page.locator(".toast")
    expect(toast).to_contain_text("It stops at its next step.")
    toast.get_by_role("button", name="Close").click()
    expect(toast).to_have_count(0)


def test_on_a_phone_five_tabs_stand_at_the_foot_and_nothing_scrolls_sideways(cast, opened):
    page = opened(cast.ada, "/operations/", viewport={"width": 390, "height": 844})
    tabs = [one.inner_text() for one in page.locator(".rail-nav a.tab").all() if one.is_visible()]
    assert tabs == ["Today", "Leads", "Desk", "Pipeline", "More"]
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_without_scripts_the_search_link_leads_to_the_search_page(cast, opened):
    page = opened(cast.mara, "/more/", java_script_enabled=False)
    page.locator(".rail-search").click()
    expect(page.locator("h1")).to_have_text("Search")
