"""One-to-one mail: one transaction with its touch and the next step, and what becomes of it if it cannot arrive."""

from datetime import timedelta

import pytest

from accord.kernel import clock
from accord.kernel.ledger import Fact, Retraction
from accord.kernel.mail.models import FAILED, QUEUED, SENT, Mail
from accord.kernel.mail.sending import send_due
from accord.rooms.capture.models import Touch
from accord.rooms.desk import mailing
from accord.rooms.desk.calls import LoggedMeanwhile, Next, last_logged
from accord.rooms.desk.mailing import NotWritable
from accord.rooms.desk.models import Ended, Letter, Task
from accord.rooms.desk.rules import no_such_mailbox
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact, Merge, Suppression
from tests.post import Post
from tests.remembered import remembered
from tests.rooms.desk.conftest import MONDAY, accepted, handed
from tests.scenarios.living import contact

ADDRESS = "anna@adler.example"
LATER = MONDAY + timedelta(minutes=1)


@pytest.fixture
def post(settings) -> Post:
    return Post().at_house(settings)


@pytest.fixture
@remembered
def lead(cast, signed) -> Lead:
    kept = accepted(handed(email=ADDRESS), cast.ines).lead_id
    return Lead.objects.select_related("contact").get(pk=kept)


def write(lead, by, subject="Your question", text="Dear Anna", **more) -> Letter:
    with clock.moved_to(MONDAY):
        return mailing.send(lead, subject, text, by=by, at=MONDAY, **more)


def refused(post, answer: str) -> None:
    post.answers[ADDRESS] = answer
    with post.open(), clock.moved_to(MONDAY):
        send_due(MONDAY)
    with clock.moved_to(LATER):
        mailing.give_up(LATER)


@pytest.mark.both
def test_it_is_a_mail_a_touch_and_a_next_step(cast, lead, post):
    planned = Task.plan(owner=cast.ines, lead=lead, kind="email", due_at=MONDAY, by=cast.ines, at=MONDAY)
    write(lead, cast.ines, "Your\r\nquestion", following=Next("call", LATER, "ask again"), settles=planned)
    mail = Mail.objects.get()
    assert (mail.kind, mail.to, mail.to_name, mail.subject, mail.text, mail.reply_to, mail.sender_name, mail.state) == (
        "one_to_one", ADDRESS, "Anna Adler", "Your question", "Dear Anna", "ines@house.example", "Ines Ito", QUEUED,
    )  # fmt: skip
    assert (mail.contact_id, mail.by_id, mail.queued_at) == (lead.contact_id, cast.ines.pk, MONDAY)
    touch = Touch.objects.get(kind="email_out")
    assert touch.properties == {"by": "inside_sales", "member": cast.ines.pk, "outcome": "sent", "mail": mail.pk}
    assert touch.occurred_at == MONDAY
    assert Task.objects.get(pk=planned.pk).done_by == cast.ines
    assert Task.objects.open().get().what == "ask again"


def test_it_arrives_with_the_name_of_whoever_wrote_it_and_answers_go_to_them(cast, lead, post):
    write(lead, cast.ines, "Ваш вопрос 你好", "Dear Anna,\n\nyes.")
    with post.open(), clock.moved_to(MONDAY):
        assert send_due(MONDAY) == 1
    (arrived,) = post.arrived
    assert (arrived["subject"], arrived["to"], arrived["reply-to"], arrived["from"]) == (
        "Ваш вопрос 你好", f"Anna Adler <{ADDRESS}>", "ines@house.example", "Ines Ito <accord@house.example>",
    )  # fmt: skip
    assert arrived.get_content().split() == ["Dear", "Anna,", "yes."]
    assert Mail.objects.get().state == SENT


def test_a_double_click_writes_once_and_nothing_is_half_done(cast, lead, post):
    seen = last_logged(lead, cast.ines)
    write(lead, cast.ines, seen=seen)
    with pytest.raises(LoggedMeanwhile):
        write(lead, cast.ines, seen=seen, following=Next("call", LATER))
    assert (Mail.objects.count(), Letter.objects.count(), Task.objects.count()) == (1, 1, 0)


def test_after_the_end_nothing_is_written(cast, lead, post):
    with clock.moved_to(MONDAY):
        Lead.objects.get(pk=lead.pk).move("lost", by=None, at=MONDAY, reason="no budget")
    with pytest.raises(Ended):
        write(lead, cast.ines)
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    ("values", "suppressed", "why"),
    [
        ({"email": ""}, None, "no_address"),
        ({"email": "anna at adler"}, None, "bad_address"),
        ({}, "bounced", "bounced"),
        ({}, "complained", "complained"),
        ({}, "unsubscribed", ""),
    ],
)
def test_who_cannot_be_written_to(cast, lead, post, values, suppressed, why):
    with clock.moved_to(MONDAY):
        if values:
            lead.contact.edit(values, seen=lead.contact.version, by=None, at=MONDAY)
        if suppressed:
            Suppression.add(ADDRESS, suppressed, by=None, at=MONDAY)
    assert mailing.hindrance(lead.contact, MONDAY) == why
    if why:
        with pytest.raises(NotWritable) as caught:
            write(lead, cast.ines)
        assert caught.value.why == why
        assert not Mail.objects.exists()


@pytest.mark.both
def test_what_did_not_arrive_is_taken_back_and_becomes_something_to_do(cast, lead, post):
    letter = write(lead, cast.ines)
    refused(post, "550 5.1.1 No such user here")
    assert Mail.objects.get().state == FAILED
    taken = Retraction.objects.get()
    assert taken.retracted_fact_id == Touch.objects.get(kind="email_out").fact_id
    told = Fact.objects.get(kind="mail_undelivered")
    assert (told.subject_id, told.lead_id, told.contact_id) == (letter.pk, lead.pk, lead.contact_id)
    task = Task.objects.open().get()
    assert (task.kind, task.what, task.owner, task.due_at) == ("undelivered", "Your question", cast.ines, LATER)
    assert mailing.hindrance(lead.contact, LATER) == "bounced"
    mailing.give_up(LATER)
    assert (Retraction.objects.count(), Task.objects.count()) == (1, 1)


def test_a_mail_that_was_unwelcome_says_nothing_against_the_address(cast, lead, post):
    write(lead, cast.ines)
    refused(post, "550 5.7.1 We do not like your network")
    assert Task.objects.open().get().kind == "undelivered"
    assert mailing.hindrance(lead.contact, LATER) == ""


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ("550 5.1.1 No such user", True), ("551 not local", True), ("553 bad name", True), ("550 5.7.1 spam", False),
        ("554 5.6.0 refused", False), ("552 full", False), ("451 later", False), ("Connection refused", False),
        ("5501", False), ("", False),
    ],
)  # fmt: skip
def test_which_answers_say_that_the_address_is_wrong(answer, wrong):
    assert no_such_mailbox(answer) is wrong


def test_while_the_server_is_away_the_mail_waits_and_counts(cast, lead, post):
    write(lead, cast.ines)
    with clock.moved_to(MONDAY):
        assert send_due(MONDAY) == 0
        mailing.give_up(LATER)
    assert Mail.objects.get().state == QUEUED
    assert not Retraction.objects.exists()
    later = MONDAY + timedelta(hours=1)
    with post.open(), clock.moved_to(later):
        assert send_due(later) == 1


def test_after_a_merge_the_right_touch_is_taken_back(cast, lead, post):
    survivor = contact("Anna", email="other@adler.example")
    write(lead, cast.ines)
    with clock.moved_to(MONDAY):
        Merge.of(survivor, Contact.objects.get(pk=lead.contact_id), reason="same", by=None, at=MONDAY)
        Lead.objects.filter(pk=lead.pk).update(contact=survivor)
    refused(post, "550 No such user")
    assert Retraction.objects.filter(retracted_fact_id=Touch.objects.get(kind="email_out").fact_id).count() == 1


def test_of_a_lead_that_has_ended_nothing_is_left_to_do(cast, lead, post):
    write(lead, cast.ines)
    with clock.moved_to(MONDAY):
        Lead.objects.get(pk=lead.pk).move("lost", by=None, at=MONDAY, reason="no budget")
    refused(post, "550 No such user")
    assert Letter.objects.get().undelivered_at == LATER
    assert not Task.objects.exists()
