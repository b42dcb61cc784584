"""An inside seller's day, from signing in on, without touching a mouse."""

import re

import pytest
from playwright.sync_api import Page, expect

from accord.kernel import clock
from accord.rooms.capture.models import Touch
from accord.rooms.content.models import MailTemplate
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Return
from tests.journeys.conftest import called
from tests.post import Post
from tests.rooms.desk.conftest import MONDAY, handed
from tests.scenarios.living import on, work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thawed", "monday")]
FEW = 6


class Keys:
    """A keyboard, and how many keys were pressed beside what was typed."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        self.pressed += len(keys)

    def sends(self, *keys: str) -> None:
        """Press keys, the last of which sends a form."""
        self.press(*keys[:-1])
        with self.page.expect_navigation():
            self.press(keys[-1])


@pytest.fixture
def queue(cast, promised) -> dict[str, Lead]:
    """Two were offered this morning, two were promised a call for this afternoon."""
    said = {"name": "Hello", "subject": "For {{ company.name }}", "text": "Dear {{ contact.name }},"}
    with clock.moved_to(on("2026-01-05")):
        MailTemplate.write(said, by=cast.mara, at=on("2026-01-05"))
    cleo = handed("Cleo Cruz", "2026-01-29T09:00:00")
    dora = handed("Dora Dahl", "2026-01-29T09:30:00", email="d@d.example")
    held = {
        "cleo": called(cleo, cast.ines, "2026-01-29T10:00:00", then="2026-02-02T14:00:00"),
        "dora": called(dora, cast.ines, "2026-01-29T10:10:00", then="2026-02-02T15:00:00"),
    }
    offered = {"anna": handed("Anna Adler", "2026-02-02T08:10:00"), "bea": handed("Bea Berg", "2026-02-02T08:20:00")}
    return held | {name: one.lead for name, one in offered.items()}


def test_a_day_by_keyboard_alone(cast, queue, opened, settings, sound):
    post = Post().at_house(settings)
    page = opened(cast.ines, "/desk/")
    keys = Keys(page)
    signs_in(page, keys, sound)
    walks_the_queue(page, keys, sound)
    accepts_and_calls(page, keys, queue["anna"], sound)
    returns(page, keys, queue["bea"])
    puts_off(page, keys, queue["cleo"])
    is_done_and_is_not_after_all(page, keys, queue["dora"])
    writes(page, keys, post, sound)
    asks_for_the_keys(page, keys, sound)


def at_the_centre(page: Page, name: str) -> None:
    expect(page.locator(".desk-lead h2")).to_have_text(name)


def told(page: Page, said: str) -> None:
    expect(page.locator("#toasts")).to_contain_text(said)


def signs_in(page: Page, keys: Keys, sound) -> None:
    page.context.clear_cookies()
    page.goto(page.url)
    sound(page)
    keys.press("Tab")
    expect(page.locator("[name=login]")).to_be_focused()
    page.keyboard.type("ines@house.example")
    keys.press("Tab")
    page.keyboard.type("a long password")
    keys.sends("Enter")
    expect(page).to_have_url(re.compile("/desk/$"))


def walks_the_queue(page: Page, keys: Keys, sound) -> None:
    at_the_centre(page, "Anna Adler")
    for key, names in (("j", ("Bea Berg", "Cleo Cruz", "Dora Dahl")), ("k", ("Cleo Cruz", "Bea Berg", "Anna Adler"))):
        for name in names:
            keys.press(key)
            at_the_centre(page, name)
    story = page.locator("section", has=page.get_by_role("heading", name="The story so far")).last
    expect(story).to_contain_text("/sizing")
    sound(page)


def accepts_and_calls(page: Page, keys: Keys, anna: Lead, sound) -> None:
    """The outcome, the next step and saving take few keys beyond the note."""
    keys.sends("a")
    told(page, "Accepted: Anna Adler is yours.")
    at_the_centre(page, "Anna Adler")

    before = keys.pressed
    keys.press("c")
    expect(page.get_by_role("radio", name="Reached")).to_be_focused()
    sound(page)
    keys.press("1")
    page.keyboard.type("wants a quote for two pumps")
    keys.sends("Tab", "2", "Enter")
    assert keys.pressed - before <= FEW
    told(page, "Logged: We called.")
    at_the_centre(page, "Anna Adler")
    touch = Touch.objects.filter(kind="call_out").latest("id")
    assert (touch.properties["outcome"], touch.properties["note"]) == ("reached", "wants a quote for two pumps")
    assert Task.objects.open().get(lead=anna).due_at == on("2026-02-03T09:00:00")


def returns(page: Page, keys: Keys, bea: Lead) -> None:
    keys.press("j")
    at_the_centre(page, "Bea Berg")
    keys.press("r")
    expect(page.get_by_role("radio", name="Not now")).to_be_focused()
    keys.press("2")
    page.keyboard.type("a student")
    keys.sends("Control+Enter")
    told(page, "Returned to marketing: Bea Berg, “Does not fit”.")
    at_the_centre(page, "Cleo Cruz")
    bea.refresh_from_db()
    assert bea.stage == "engaged"
    assert Return.objects.values_list("reason", "note").get() == ("no_fit", "a student")


def puts_off(page: Page, keys: Keys, cleo: Lead) -> None:
    keys.press("s")
    expect(page.get_by_role("radio", name="In two hours")).to_be_focused()
    keys.sends("2", "Enter")
    told(page, "Put off until")
    assert Task.objects.open().get(lead=cleo).due_at == on("2026-02-03T09:00:00")
    at_the_centre(page, "Cleo Cruz")
    keys.press("j")
    at_the_centre(page, "Dora Dahl")


def is_done_and_is_not_after_all(page: Page, keys: Keys, dora: Lead) -> None:
    keys.sends("d")
    told(page, "Done.")
    assert not Task.objects.open().filter(lead=dora).exists()
    at_the_centre(page, "Dora Dahl")
    keys.sends("u")
    told(page, "Open again.")
    at_the_centre(page, "Dora Dahl")
    assert Task.objects.open().get(lead=dora).due_at == on("2026-02-02T15:00:00")


def writes(page: Page, keys: Keys, post: Post, sound) -> None:
    """From a template; it leaves the house while the worker goes round."""
    keys.press("e")
    expect(page.get_by_label("Template")).to_be_focused()
    sound(page)
    keys.press("ArrowDown")
    expect(page.get_by_label("Text")).to_be_focused()
    expect(page.get_by_label("Subject")).to_have_value("For Dora Dahl GmbH")
    keys.press("Control+End")
    page.keyboard.type(" the list comes today.")
    keys.press("Tab")
    keys.press("2")
    keys.sends("Control+Enter")
    told(page, "On its way to d@d.example")
    at_the_centre(page, "Dora Dahl")
    with post.open():
        work(MONDAY)
    arrived = post.arrived[0]
    assert (arrived["To"], arrived["Subject"]) == ("Dora Dahl <d@d.example>", "For Dora Dahl GmbH")
    assert "Dear Dora Dahl, the list comes today." in arrived.get_content()


def asks_for_the_keys(page: Page, keys: Keys, sound) -> None:
    keys.press("?")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_be_visible()
    named = page.locator("#shortcuts [data-of-page] kbd").all_inner_texts()
    assert set("cednrs") <= set(named)
    sound(page)
    keys.press("Escape")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_be_hidden()
