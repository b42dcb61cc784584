from django.test import Client

from accord.web.shell import refusals


def test_an_unknown_address_says_so_in_the_frame_of_the_house(cast, as_):
    answer = as_(cast.mara).get("/nowhere/")
    assert answer.status_code == 404
    assert '<nav class="rail-nav"' in answer.content.decode()
    assert "There is nothing here" in answer.content.decode()


def test_an_unknown_address_says_so_without_a_rail_before_sign_in(house):
    answer = Client().get("/nowhere/")
    assert answer.status_code == 404
    assert "rail-nav" not in answer.content.decode()


def test_a_form_without_its_token_is_refused_with_what_to_do(house):
    answer = Client(enforce_csrf_checks=True).post("/language/", {"language": "en"})
    assert answer.status_code == 403
    assert "The form has expired" in answer.content.decode()


def test_the_page_for_what_broke_asks_nothing_of_the_database(rf, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        answer = refusals.broken(rf.get("/"))
    assert answer.status_code == 500
    assert "Something broke" in answer.content.decode()


def test_a_request_that_cannot_be_read_is_answered_in_words(cast, as_):
    answer = as_(cast.mara).get("/more/", headers={"Host": "elsewhere.example"})
    assert answer.status_code == 400
