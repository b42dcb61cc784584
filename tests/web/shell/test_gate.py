import pytest
from django.test import Client

from accord.kernel.journal import Parked
from accord.kernel.ledger import Fact


def test_without_sign_in_a_page_leads_to_the_sign_in_page_and_back(house):
    answer = Client().get("/search/?q=an")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/search/%3Fq%3Dan")


def test_without_sign_in_a_fragment_sends_the_whole_page_to_sign_in(house):
    answer = Client().get("/search/?q=an", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/accounts/login/"


def test_a_right_that_is_in_no_table_cannot_be_declared():
    from accord.web.shell.gate import needs

    with pytest.raises(ValueError, match="fly is not in the table of rights"):
        needs("fly")


def test_who_may_not_see_operations_gets_403_and_nothing_is_sent_again(cast, as_, at):
    parked = Parked.objects.create(fact=Fact.objects.first(), reaction="r", error="E", parked_at=at)
    answer = as_(cast.mara).post(f"/operations/parked/{parked.pk}/again/")
    assert answer.status_code == 403
    assert "Ask an administrator" in answer.content.decode()
    assert Parked.objects.filter(pk=parked.pk).exists()


def test_the_session_of_a_deactivated_member_ends(cast, as_, at):
    browser = as_(cast.mara)
    assert browser.get("/more/").status_code == 200
    cast.mara.leave(by=cast.ada.pk, at=at)
    assert browser.get("/more/")["Location"] == "/accounts/login/?next=/more/"


def test_who_has_left_cannot_sign_in(cast, at):
    cast.mara.leave(by=cast.ada.pk, at=at)
    browser = Client()
    browser.post("/accounts/login/", {"login": "mara@house.example", "password": "a long password"})
    assert browser.get("/more/").status_code == 302


def test_an_address_with_a_sign_that_no_text_holds_is_refused_in_words(cast, as_):
    answer = as_(cast.mara).get("/search/?q=an%00na")
    assert answer.status_code == 400
    assert "That could not be understood" in answer.content.decode()
