import re
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel.ledger import Fact
from accord.rooms.team.models import Member

pytestmark = pytest.mark.usefixtures("still")
NEW = {"email": "nora@house.example", "name": "Nora Lund", "role": "field_sales", "team": ""}


@pytest.fixture
def ada(cast, as_):
    return as_(cast.ada)


def words(response):
    return re.sub(r"<[^>]*>|\s+", " ", response.content.decode())


def link_in(text):
    return re.search(r"http://testserver(/accounts/password/reset/key/[^\s<]+)", text)[1]


@pytest.fixture
def no_mail_leaves(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there


def test_everybody_stands_on_their_side(ada):
    page = ada.get("/settings/members/").content.decode()
    groups = re.split(r'<th colspan="5"', page)[1:]
    assert [re.findall(r'class="rec"[^>]*>([^<]+)<', group) for group in groups] == [
        ["Mara Meier", "Mila Berg"],
        ["Felix Roth", "Ines Ito", "Paula Pires", "Saul Stein"],
        ["Ada Adler", "Eva Lang", "Sven Vogt"],
    ]


def test_whoever_is_invited_gets_a_mail_and_is_a_member(ada, cast):
    response = ada.post("/settings/members/", NEW | {"team": cast.felix.team.pk})

    nora = Member.objects.get(email="nora@house.example")
    assert (nora.name, nora.role, nora.team, nora.invited) == ("Nora Lund", "field_sales", cast.felix.team, True)
    (letter,) = mail.outbox
    assert letter.to == ["nora@house.example"]
    assert letter.subject == "You are invited to Accord"
    assert "Ada Adler invites you to Accord" in letter.body
    assert "for 3 days" in letter.body
    assert link_in(letter.body)
    assert "A mail with the link is on its way to nora@house.example" in words(response)
    assert link_in(letter.body) not in response.content.decode()


def test_the_link_sets_the_password_and_signs_in_once(ada, client):
    ada.post("/settings/members/", NEW)
    link = link_in(mail.outbox[0].body)
    form = client.get(link, follow=True)
    chosen = {"password1": "seven green bottles", "password2": "seven green bottles"}
    client.post(form.request["PATH_INFO"], chosen)

    nora = Member.objects.get(email="nora@house.example")
    assert client.session["_auth_user_id"] == str(nora.pk)
    assert client.get("/settings/me/").status_code == 200
    assert not nora.invited
    client.logout()
    again = client.get(link, follow=True)
    assert "password1" not in again.content.decode()


def test_where_no_mail_leaves_the_invitation_is_kept_and_the_link_shown_once(ada, client, no_mail_leaves):
    response = ada.post("/settings/members/", NEW)

    nora = Member.objects.get(email="nora@house.example")
    assert nora.invited
    assert "No mail could be sent to Nora Lund" in words(response)
    assert response["Cache-Control"] == "no-store"
    assert "password1" in client.get(link_in(response.content.decode()), follow=True).content.decode()
    assert "/accounts/password/reset/key/" not in ada.get("/settings/members/").content.decode()


def test_what_the_mail_server_says_of_an_address_stays_out_of_the_log(ada, monkeypatch, caplog):
    refusal = SMTPRecipientsRefused({"nora@house.example": (550, b"no such mailbox")})
    monkeypatch.setattr(mail.EmailMessage, "send", lambda self: (_ for _ in ()).throw(refusal))
    ada.post("/settings/members/", NEW)
    assert "no mail to member" in caplog.text
    assert "nora@" not in caplog.text


def test_a_forgotten_password_gets_a_link_by_mail_in_the_language_of_who_reads_it(ada, cast, client):
    Member.objects.filter(pk=cast.mara.pk).update(language="zh-hans")
    ada.post(f"/settings/members/{cast.mara.pk}/invitation/")

    (letter,) = mail.outbox
    assert letter.to == ["mara@house.example"]
    assert "password1" in client.get(link_in(letter.body), follow=True).content.decode()
    assert client.login(email="mara@house.example", password="a long password"), "the old one stays valid meanwhile"


def test_somebody_who_left_gets_no_link(ada, cast):
    cast.mara.leave(by=cast.ada.pk, at=cast.ada.joined_at)
    assert ada.post(f"/settings/members/{cast.mara.pk}/invitation/").status_code == 404
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"email": "mara@house.example"}, "Somebody signs in with this address already"),
        ({"email": "MARA@House.example "}, "Somebody signs in with this address already"),
        ({"email": "nora"}, "Enter a valid email address."),
        ({"name": ""}, "This field is required."),
        ({"role": "king"}, "Select a valid choice. king is not one of the available choices."),
        ({"team": str(2**40)}, "Select a valid choice."),
    ],
)
def test_a_wrong_invitation_says_what_is_wrong_and_keeps_what_was_typed(ada, wrong, told):
    before = (Member.objects.count(), Fact.objects.count())
    response = ada.post("/settings/members/", NEW | wrong)

    assert told in words(response)
    assert 'aria-invalid="true"' in response.content.decode()
    assert {name: response.context["form"][name].value() for name in NEW} == NEW | wrong
    assert (Member.objects.count(), Fact.objects.count()) == before
    assert mail.outbox == []


def test_a_member_is_changed(ada, cast):
    given = {
        "name": "Mara Maier", "email": "maier@house.example", "role": "marketing_lead", "team": cast.ines.team.pk,
        "weight": "50", "most_open": "20",
    }  # fmt: skip
    response = ada.post(f"/settings/members/{cast.mara.pk}/", given, follow=True)

    mara = Member.objects.get(pk=cast.mara.pk)
    assert (mara.name, mara.email, mara.role, mara.team, mara.weight, mara.most_open) == (
        "Mara Maier", "maier@house.example", "marketing_lead", cast.ines.team, 50, 20,
    )  # fmt: skip
    assert "Mara Maier is changed." in words(response)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"weight": "-1"}, "Ensure this value is greater than or equal to 0."),
        ({"weight": "1001"}, "Ensure this value is less than or equal to 1000."),
        ({"weight": ""}, "This field is required."),
        ({"most_open": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"most_open": "many"}, "Enter a whole number."),
    ],
)
def test_a_share_that_cannot_be_is_refused_by_its_field(ada, cast, wrong, told):
    given = {"name": "Ines Ito", "email": cast.ines.email, "role": "inside_sales", "team": "", "weight": "80"}
    response = ada.post(f"/settings/members/{cast.ines.pk}/", given | {"most_open": "5"} | wrong)
    assert list(response.context["form"].errors) == list(wrong)
    assert told in words(response)
    ines = Member.objects.get(pk=cast.ines.pk)
    assert (ines.weight, ines.most_open, ines.team) == (100, None, cast.ines.team)


def test_without_a_bound_somebody_may_hold_any_number(ada, cast):
    cast.ines.change({"most_open": 5}, by=cast.ada.pk, at=cast.ada.joined_at)
    given = {"name": "Ines Ito", "email": cast.ines.email, "role": "inside_sales", "team": cast.ines.team.pk}
    ada.post(f"/settings/members/{cast.ines.pk}/", given | {"weight": "0", "most_open": ""})
    ines = Member.objects.get(pk=cast.ines.pk)
    assert (ines.weight, ines.most_open) == (0, None)


def test_the_only_administrator_cannot_be_made_something_else(ada, cast):
    given = {"name": "Ada Adler", "email": cast.ada.email, "role": "executive", "team": "", "weight": "100"}
    response = ada.post(f"/settings/members/{cast.ada.pk}/", given)
    assert "Ada Adler is the only administrator: make somebody else one first." in words(response)
    assert Member.objects.get(pk=cast.ada.pk).role == "admin"


def test_the_only_administrator_cannot_be_deactivated_nor_one_of_two_by_themselves(ada, cast):
    path = f"/settings/members/{cast.ada.pk}/deactivation/"
    assert "Ada Adler is the only administrator" in words(ada.post(path, follow=True))
    cast.eva.change({"role": "admin"}, by=cast.ada.pk, at=cast.ada.joined_at)
    assert "Nobody shuts themselves out" in words(ada.post(path, follow=True))
    assert Member.objects.get(pk=cast.ada.pk).is_active


def test_who_is_deactivated_is_out_at_the_next_click_and_comes_back(ada, cast, as_):
    mara = as_(cast.mara)
    assert mara.get("/settings/me/").status_code == 200
    ada.post(f"/settings/members/{cast.mara.pk}/deactivation/")
    gone = mara.get("/settings/me/")
    assert (gone.status_code, gone["Location"]) == (302, "/accounts/login/?next=/settings/me/")
    assert "deactivated" in words(ada.get("/settings/members/"))

    ada.post(f"/settings/members/{cast.mara.pk}/reactivation/")
    assert mara.login(email="mara@house.example", password="a long password")
    assert mara.get("/settings/me/").status_code == 200


def test_nobody_else_sees_or_changes_members(cast, as_):
    facts = Fact.objects.count()
    for member in (cast.saul, cast.mila, cast.eva, cast.paula):
        browser = as_(member)
        assert browser.get("/settings/members/").status_code == 403
        assert browser.post("/settings/members/", NEW).status_code == 403
        assert browser.post(f"/settings/members/{cast.mara.pk}/deactivation/").status_code == 403
    assert not Member.objects.filter(email=NEW["email"]).exists()
    assert Fact.objects.count() == facts


def test_the_list_costs_the_same_for_many(ada, cast, at):
    ada.get("/settings/members/")
    with CaptureQueriesContext(connection) as few:
        ada.get("/settings/members/")
    for number in range(20):
        Member.join(
            email=f"m{number}@house.example", name=f"M {number}", role="marketing", team=cast.mara.team, by=None, at=at
        )
    with CaptureQueriesContext(connection) as many:
        ada.get("/settings/members/")
    assert len(many) == len(few)
