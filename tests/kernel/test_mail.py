"""Mail against a server that speaks SMTP: sent once, kept while the server is away, given up where it is refused."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from accord.kernel import clock
from accord.kernel.mail import models as mail
from accord.kernel.mail.models import FAILED, QUEUED, SENDING, SENT, Mail
from accord.kernel.mail.sending import send_due
from accord.settings import smtp
from tests.post import SIGN_IN, Post

pytestmark = [pytest.mark.django_db, pytest.mark.both]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def post(settings) -> Post:
    return Post().at_house(settings)


def written(at, **more) -> Mail:
    told = {"to": "li@customer.example", "subject": "Your question", "text": "Dear Li,\nhere it is.\n", **more}
    return Mail.queue("one_to_one", at=at, **told)


def test_is_sent_with_its_headers(post, at):
    one = written(
        at, to_name="李雷", subject="关于您的询价 – Ä", text="您好，\n请看这里。\n", html="<p>您好</p>",
        sender_name="Inès Ito", reply_to="ines@house.example", in_reply_to="<earlier@customer.example>",
        contact=7, by=3,
    )  # fmt: skip
    with post.open():
        assert send_due(at) == 1
    (arrived,) = post.arrived
    assert arrived["Subject"] == "关于您的询价 – Ä"
    assert str(arrived["To"]) == "李雷 <li@customer.example>"
    assert str(arrived["From"]) == "Inès Ito <accord@house.example>"
    assert str(arrived["Reply-To"]) == "ines@house.example"
    assert arrived["In-Reply-To"] == arrived["References"] == "<earlier@customer.example>"
    assert arrived["Message-ID"] == one.message_id
    assert one.message_id.endswith("@house.example>")
    assert arrived["Date"].datetime == at
    assert arrived["Auto-Submitted"] is None
    assert arrived.get_body(["plain"]).get_content().splitlines()[:2] == ["您好，", "请看这里。"]
    assert arrived.get_body(["html"]).get_content().strip() == "<p>您好</p>"
    one.refresh_from_db()
    assert (one.state, one.sent_at, one.attempts, one.error, one.leased_until) == (SENT, at, 1, "", None)
    assert (one.contact_id, one.by_id) == (7, 3)


def test_says_that_nobody_wrote_it(post, at):
    written(at, automatic=True)
    with post.open():
        send_due(at)
    assert post.arrived[0]["Auto-Submitted"] == "auto-generated"


def test_waits_while_the_server_is_away(post, at):
    one = written(at)
    assert send_due(at) == 0
    one.refresh_from_db()
    assert (one.state, one.attempts, one.next_at) == (QUEUED, 1, at + MINUTE)
    assert one.error
    with post.open():
        assert send_due(at + timedelta(seconds=59)) == 0
        assert send_due(at + MINUTE) == 1
        assert send_due(at + timedelta(hours=1)) == 0
    assert [arrived["Message-ID"] for arrived in post.arrived] == [one.message_id]


def test_pauses_grow_and_after_three_days_it_is_given_up(post, at):
    one = written(at)
    pauses, now = [], at
    while one.state == QUEUED:
        now = one.next_at
        send_due(now)
        one.refresh_from_db()
        pauses.append((one.next_at - now) // MINUTE)
    assert pauses[:9] == [1, 5, 15, 30, 60, 120, 240, 240, 240]
    assert one.state == FAILED
    assert timedelta(days=3) <= now - at < timedelta(days=3, hours=4)
    assert [failed.pk for failed in mail.failed()] == [one.pk]
    assert not mail.waiting().exists()


def test_an_away_server_is_asked_once_a_round(post, at):
    for _ in range(30):
        written(at)
    send_due(at)
    assert set(Mail.objects.values_list("attempts", "next_at")) == {(1, at + MINUTE)}
    with post.open():
        assert send_due(at + MINUTE) == 30


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [("550 No such user here", FAILED, "550 No such user here"), ("450 Try later", QUEUED, "450 Try later")],
)
def test_what_the_server_refuses(post, at, answer, state, words):
    post.answers["gone@customer.example"] = answer
    refused, other = written(at, to="gone@customer.example"), written(at)
    with post.open():
        assert send_due(at) == 1
    refused.refresh_from_db()
    other.refresh_from_db()
    assert (refused.state, refused.error, refused.attempts) == (state, words, 1)
    assert other.state == SENT
    with post.open():
        assert send_due(at + timedelta(days=1)) == 0
    assert len(post.arrived) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_wrong_password_loses_no_mail_and_is_told_nowhere(post, at, settings, caplog):
    post.signs_in = True
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = SIGN_IN[0], "not-this-one"
    one = written(at)
    with post.open():
        assert send_due(at) == 0
        one.refresh_from_db()
        assert (one.state, one.error[:3]) == (QUEUED, "535")
        assert "not-this-one" not in one.error + caplog.text
        settings.EMAIL_HOST_PASSWORD = SIGN_IN[1]
        assert send_due(at + MINUTE) == 1


def test_what_a_dead_sender_held_goes_out_with_the_same_id(post, at):
    one = written(at)
    held = Mail.objects.filter(pk=one.pk)
    held.update(state=SENDING, leased_until=clock.machine() + MINUTE)
    with post.open():
        assert send_due(at) == 0
        held.update(leased_until=clock.machine() - MINUTE)
        assert send_due(at) == 1
    assert post.arrived[0]["Message-ID"] == one.message_id


@pytest.mark.parametrize(
    "told",
    [
        {"subject": "Hello\nBcc: all@house.example"},
        {"subject": "Hello\r"},
        {"to": "li@customer.example\nBcc: all@house.example"},
        {"to": "li@customer.example, all@house.example"},
        {"to": "no address"},
        {"to": ""},
        {"to_name": "Li\r\nBcc: all@house.example"},
        {"sender_name": "Ines\nBcc: all@house.example"},
        {"reply_to": "ines@house.example\nBcc: all@house.example"},
        {"in_reply_to": "<a@b>\nBcc: all@house.example"},
    ],
)
def test_what_can_be_no_mail_is_refused(post, at, told):
    with pytest.raises(ValueError, match=r"header of a mail is one line|is no e-mail address"):
        written(at, **told)
    assert not Mail.objects.exists()


def test_a_name_with_marks_stays_a_name(post, at):
    written(at, to_name='Li, "the one" <all@house.example>')
    with post.open():
        send_due(at)
    (to,) = post.arrived[0]["To"].addresses
    assert (to.display_name, to.addr_spec) == ('Li, "the one" <all@house.example>', "li@customer.example")


def test_without_a_server_nothing_is_written(settings, at):
    settings.EMAIL_HOST = ""
    assert not mail.is_set_up()
    with pytest.raises(mail.NotSetUp, match="no mail server"):
        written(at)
    assert send_due(at) == 0
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", smtp.Server()),
        ("smtp://localhost", smtp.Server("localhost", 25)),
        (
            "smtp://me%40house.example:p%40ss%2F@mail.house.example:587?tls=starttls",
            smtp.Server("mail.house.example", 587, "me@house.example", "p@ss/", starttls=True),
        ),
        ("smtps://me:pass@mail.house.example", smtp.Server("mail.house.example", 465, "me", "pass", tls=True)),
    ],
)
def test_reads_the_address_of_the_server(url, server):
    assert smtp.read(url) == server


@pytest.mark.parametrize(
    "url",
    ["mail.house.example", "http://a.example", "smtp://", "smtp://me:secret@a:port", "smtp://me:secret@a?tls=maybe"],
)
def test_a_wrong_address_is_refused_without_its_password(url):
    with pytest.raises(ImproperlyConfigured, match="ACCORD_SMTP should look like") as refused:
        smtp.read(url)
    assert "secret" not in str(refused.value)
    assert "secret" not in repr(smtp.read("smtp://me:secret@a.example"))
