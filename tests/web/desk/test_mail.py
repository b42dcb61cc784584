"""An e-mail from the desk: begun from a template, sent by the house, told on the timeline."""

from types import SimpleNamespace

import pytest

from accord.kernel import clock
from accord.kernel.mail.models import Mail
from accord.kernel.mail.sending import send_due
from accord.rooms.capture.models import Touch
from accord.rooms.content.models import MailTemplate
from accord.rooms.desk import mailing
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Suppression
from tests.post import Post
from tests.remembered import remembered
from tests.rooms.desk.conftest import MONDAY, accepted, handed
from tests.scenarios.living import on
from tests.web.desk.test_acts import hidden, plan
from tests.web.page import main, words

ADDRESS = "anna@adler.example"
SAID = {"subject": "Your question", "text": "Dear Anna,\r\n\r\nyes.", "when": "tomorrow", "next_kind": "call"}


@pytest.fixture
def post(settings) -> Post:
    return Post().at_house(settings)


@pytest.fixture
@remembered
def lead(cast, signed) -> Lead:
    handoff = accepted(handed("Anna Adler", email=ADDRESS, title="Head of purchasing"), cast.ines)
    return Lead.objects.select_related("contact").get(pk=handoff.lead_id)


@pytest.fixture
def templates(cast) -> SimpleNamespace:
    def made(name, text, subject="{{ company.name }}: hello") -> MailTemplate:
        with clock.moved_to(MONDAY):
            return MailTemplate.write({"name": name, "subject": subject, "text": text}, by=cast.mara, at=MONDAY)

    hello = made(
        "Hello", "Dear {{ contact.name }},\nas {{ contact.title }} in {{ contact.country }}.\n{{ member.name }}"
    )
    return SimpleNamespace(hello=hello, short=made("Short", "Hi {{ contact.name }}", "Hi"))


def write(visit, member, lead, **said):
    return visit(member, f"/leads/{lead.pk}/mail/", {**SAID, **said})


def test_the_key_for_mail_opens_the_form(cast, lead, post, visit):
    page = visit(cast.ines, f"/desk/?lead={lead.pk}").content.decode()
    assert f'href="/leads/{lead.pk}/mail/" data-shortcut="e"' in page
    assert f'href="/leads/{lead.pk}/mail/?back=lead"' in visit(cast.ines, f"/leads/{lead.pk}/").content.decode()
    form = main(visit(cast.ines, f"/leads/{lead.pk}/mail/"))
    assert f"To Anna Adler {ADDRESS} Answers go to ines@house.example" in form
    assert "There is no template yet. Mail templates" in form


def test_it_is_on_its_way_and_the_timeline_follows_it(cast, lead, post, visit):
    answer = write(visit, cast.ines, lead)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/desk/?lead={lead.pk}")
    page = words(visit(cast.ines, answer.headers["Location"]))
    assert f"On its way to {ADDRESS}: “Your question”." in page
    assert "Was written to Your question · waits to be sent · Ines Ito" in page
    assert Task.objects.get().due_at == on("2026-02-03T09:00:00")
    assert Mail.objects.get().text == "Dear Anna,\n\nyes."
    with post.open(), clock.moved_to(MONDAY):
        send_due(MONDAY)
    assert post.arrived[0]["subject"] == "Your question"
    assert "Was written to Your question · sent · Ines Ito" in main(visit(cast.mara, f"/leads/{lead.pk}/"))


def test_a_template_fills_subject_and_text_and_says_what_is_not_known(cast, lead, post, templates, visit):
    form = visit(cast.ines, f"/leads/{lead.pk}/mail/?template={templates.hello.pk}")
    assert 'value="Anna Adler GmbH: hello"' in form.content.decode()
    assert "Dear Anna Adler,\nas Head of purchasing in .\nInes Ito" in form.content.decode()
    assert "Not known of them, and left out: Country" in main(form)


def test_choosing_another_one_keeps_what_was_typed(cast, lead, post, templates, visit):
    chosen = {"fill": "1", "template": templates.short.pk, "filled": templates.hello.pk}
    filled = "Dear Anna Adler,\r\nas Head of purchasing in .\r\nInes Ito"
    typed = {"subject": "Anna Adler GmbH: hello", "text": filled, "when": "next_week", "what": "the offer"}
    page = visit(cast.ines, f"/leads/{lead.pk}/mail/", {**typed, **chosen}).content.decode()
    assert 'name="subject" value="Hi"' in page
    assert "Hi Anna Adler</textarea>" in page
    assert "as Head of purchasing" not in page
    assert 'value="next_week" checked' in page
    assert 'value="the offer"' in page
    own = {**typed, "subject": "About pumps", "text": "I saw your plant."}
    page = visit(cast.ines, f"/leads/{lead.pk}/mail/", {**own, **chosen}).content.decode()
    assert 'name="subject" value="About pumps"' in page
    assert "Hi Anna Adler\n\nI saw your plant.</textarea>" in page
    none = visit(cast.ines, f"/leads/{lead.pk}/mail/", {**own, **chosen, "template": ""}).content.decode()
    assert "\nI saw your plant.</textarea>" in none
    assert not Mail.objects.exists()


def test_a_template_in_the_trash_is_not_offered(cast, lead, post, templates, visit):
    with clock.moved_to(MONDAY):
        templates.hello.trash(by=cast.mara, at=MONDAY)
    form = visit(cast.ines, f"/leads/{lead.pk}/mail/?template={templates.hello.pk}")
    assert "Dear Anna Adler" not in main(form)
    assert "Hello" not in main(form)


def test_a_double_click_sends_once(cast, lead, post, visit):
    seen = hidden(visit(cast.ines, f"/leads/{lead.pk}/mail/"), "seen")
    assert write(visit, cast.ines, lead, seen=seen).status_code == 302
    again = write(visit, cast.ines, lead, seen=seen)
    assert again.status_code == 409
    assert "You have written or logged this a moment ago." in main(again)
    assert "Dear Anna," in main(again)
    assert Mail.objects.count() == 1
    assert write(visit, cast.ines, lead, seen=hidden(again, "seen")).status_code == 302
    assert Mail.objects.count() == 2


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"subject": " "}, "Write a subject: mails without one are lost."),
        ({"subject": "x" * 201}, "at most 200 characters"),
        ({"text": " "}, "Write something first."),
        ({"text": "x" * 20_001}, "at most 20000 characters"),
        ({"when": ""}, "Say when the next step is due, or that nothing follows."),
        ({"when": "on", "on": "1900-01-01T10:00"}, "Give a time that is still to come"),
        ({"template": "99999"}, "99999 is not one of the available choices"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_sent(cast, lead, post, templates, visit, said, wrong):
    answer = write(visit, cast.ines, lead, **{"what": "the offer", **said})
    assert answer.status_code == 422
    assert wrong in main(answer)
    assert 'value="the offer"' in answer.content.decode()
    assert not Mail.objects.exists()
    assert not Touch.objects.filter(kind="email_out").exists()


def test_a_planned_mail_is_settled(cast, lead, post, visit):
    planned = plan(cast.ines, lead, kind="email", what="the offer")
    assert "This settles what was planned: Write an e-mail: the offer" in main(
        visit(cast.ines, f"/leads/{lead.pk}/mail/")
    )
    write(visit, cast.ines, lead, settles=planned.pk)
    assert Task.objects.get(pk=planned.pk).done_by == cast.ines


def test_without_a_mail_server_it_says_so_and_offers_to_log(cast, lead, visit):
    page = visit(cast.ines, f"/leads/{lead.pk}/mail/")
    assert page.status_code == 200
    assert "This house has no mail server yet: no mail can be sent from here." in main(page)
    assert f'href="/leads/{lead.pk}/calls/?kind=email_out"' in page.content.decode()
    answer = write(visit, cast.ines, lead)
    assert answer.status_code == 409
    assert "Dear Anna," in main(answer)
    assert not Touch.objects.filter(kind="email_out").exists()


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("", "No e-mail address of Anna Adler is known."),
        ("anna at adler", "“anna at adler” can be no e-mail address of Anna Adler."),
    ],
)
def test_without_an_address_it_leads_to_where_it_is_put_right(cast, lead, post, visit, email, said):
    with clock.moved_to(MONDAY):
        lead.contact.edit({"email": email}, seen=lead.contact.version, by=None, at=MONDAY)
    page = visit(cast.ines, f"/leads/{lead.pk}/mail/")
    assert said in main(page)
    assert f'href="/contacts/{lead.contact_id}/edit/"' in page.content.decode()


def test_to_an_address_that_came_back_nothing_is_written(cast, lead, post, visit):
    with clock.moved_to(MONDAY):
        Suppression.add(ADDRESS, "bounced", by=None, at=MONDAY)
    answer = write(visit, cast.ines, lead)
    assert answer.status_code == 409
    assert f"Mail to {ADDRESS} came back for good" in main(answer)
    assert not Mail.objects.exists()


def test_with_a_lead_that_has_ended_nothing_is_sent(cast, lead, post, visit):
    with clock.moved_to(MONDAY):
        Lead.objects.get(pk=lead.pk).move("lost", by=cast.saul.pk, at=MONDAY, reason="no budget")
    answer = write(visit, cast.ines, lead)
    assert answer.status_code == 409
    assert "It is Lost by now. Nothing was changed" in main(answer)
    assert not Mail.objects.exists()


def test_what_did_not_arrive_waits_on_the_desk(cast, lead, post, visit):
    write(visit, cast.ines, lead, when="nothing")
    post.answers[ADDRESS] = "550 5.1.1 No such user"
    with post.open(), clock.moved_to(MONDAY):
        send_due(MONDAY)
        mailing.give_up(MONDAY)
    page = main(visit(cast.ines, f"/desk/?lead={lead.pk}"))
    assert "A mail did not arrive: Your question" in page
    told = main(visit(cast.ines, f"/leads/{lead.pk}/"))
    assert "A mail did not arrive Your question · Ines Ito 550 5.1.1 No such user" in told
    assert "Was written to" not in told
    assert "The address is not written to Mail to it came back for good" in told


@pytest.mark.parametrize(("who", "status"), [("eva", 403), ("mara", 302), ("sven", 302), ("paula", 404)])
def test_who_may_write(cast, lead, post, visit, who, status):
    assert write(visit, getattr(cast, who), lead).status_code == status


def test_from_the_page_of_the_lead_one_comes_back_to_it(cast, lead, post, visit):
    assert write(visit, cast.ines, lead, back="lead").headers["Location"] == f"/leads/{lead.pk}/"
