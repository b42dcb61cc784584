"""In a browser: a mail from a template by keyboard alone."""

import pytest
from playwright.sync_api import expect

from accord.kernel import clock
from accord.kernel.mail.models import Mail
from accord.rooms.content.models import MailTemplate
from accord.rooms.desk.models import Task
from tests.post import Post
from tests.rooms.desk.conftest import MONDAY, accepted, handed
from tests.scenarios.living import on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thawed")]


def test_a_mail_is_begun_from_a_template_and_sent(thawed, cast, signed, opened, settings):
    Post().at_house(settings)
    with clock.moved_to(MONDAY):
        lead = accepted(handed("Anna Adler", email="anna@adler.example"), cast.ines).lead
        said = {"name": "Hello", "subject": "For {{ company.name }}", "text": "Dear {{ contact.name }},"}
        MailTemplate.write(said, by=cast.mara, at=MONDAY)
        page = opened(cast.ines, f"/desk/?lead={lead.pk}")
        page.keyboard.press("e")
        expect(page.get_by_label("Template")).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(page.get_by_label("Subject")).to_have_value("For Anna Adler GmbH")
        expect(page.get_by_label("Text")).to_be_focused()
        page.keyboard.press("Control+End")
        page.keyboard.type(" yes.")
        page.keyboard.press("Tab")
        page.keyboard.press("2")
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
        expect(page.locator("#toasts")).to_contain_text("On its way to anna@adler.example")
        mail = Mail.objects.get()
        assert (mail.subject, mail.text) == ("For Anna Adler GmbH", "Dear Anna Adler, yes.")
        assert Task.objects.get().due_at == on("2026-02-03T09:00:00")
