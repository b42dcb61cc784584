"""Mail templates: the list, writing one, how it reads, and what happens when two write."""

import pytest

from accord.rooms.content.models import MailTemplate
from accord.rooms.people.models import Company, Contact
from tests.web.page import main, words

pytestmark = pytest.mark.usefixtures("still")
SAID = {
    "name": "After a download", "subject": "{{ company.name }}: your sizing table", "language": "en",
    "text": "Dear {{ contact.name }},\r\n\r\nwhat {{ contact.title }} asked for.\r\n{{ member.name }}",
}  # fmt: skip


@pytest.fixture
def anna(cast, at) -> Contact:
    adler = Company.create({"name": "Adler GmbH"}, by=None, at=at)
    return Contact.create({"name": "Anna Adler", "company": adler.pk}, by=None, at=at)


@pytest.fixture
def template(cast, at) -> MailTemplate:
    return MailTemplate.write(SAID, by=cast.mara, at=at)


def test_without_any_it_offers_to_write_one(cast, as_):
    page = as_(cast.ines).get("/templates/")
    assert "There is no mail template yet" in main(page)
    assert 'href="/templates/new/"' in page.content.decode()
    assert "Write the first one" not in main(as_(cast.eva).get("/templates/"))


def test_one_is_written_and_reads_as_for_somebody(anna, cast, as_):
    browser = as_(cast.ines)
    assert "{{ contact.name }}" in main(browser.get("/templates/new/"))
    answer = browser.post("/templates/new/", {**SAID, "stage": "mql"})
    made = MailTemplate.objects.get()
    assert answer.headers["Location"] == f"/templates/{made.pk}/"
    assert (made.text, made.owner) == (SAID["text"].replace("\r\n", "\n"), cast.ines)
    page = main(browser.get(answer.headers["Location"]))
    assert "Adler GmbH: your sizing table Dear Anna Adler, what asked for. Ines Ito" in page
    assert "Not known of them, and left out: Job title" in page
    assert "{{ company.name }}: your sizing table" in page
    assert "{{ company.name }}: your sizing table English MQL Ines Ito" in main(browser.get("/templates/"))


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"text": "{{ contact.salary }} {{ 7*7 }}"}, "There is no such field: {{ contact.salary }}, {{ 7*7 }}."),
        ({"subject": "{{ member.password }}"}, "There is no such field: {{ member.password }}."),
        ({"text": "{% load x %}"}, "There is no such field: {% load x %}."),
        ({"name": " "}, "Write a name."),
        ({"subject": ""}, "Write the subject of the mail."),
        ({"text": ""}, "Write the text of the mail."),
        ({"stage": "heaven"}, "heaven is not one of the available choices"),
        ({"text": "x" * 20_001}, "at most 20000 characters"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(cast, as_, said, wrong):
    answer = as_(cast.ines).post("/templates/new/", {**SAID, "persona": "the buyer", **said})
    assert answer.status_code == 422
    assert wrong in main(answer)
    assert 'value="the buyer"' in answer.content.decode()
    assert not MailTemplate.objects.exists()


def test_it_is_changed_and_of_two_who_do_the_second_sees_that(template, cast, as_):
    ines, mara = as_(cast.ines), as_(cast.mara)
    address = f"/templates/{template.pk}/edit/"
    assert mara.post(address, {**SAID, "subject": "Theirs", "seen": 0}).status_code == 302
    raced = ines.post(address, {**SAID, "subject": "Mine", "seen": 0})
    assert raced.status_code == 409
    assert "Somebody else has changed it meanwhile." in main(raced)
    assert 'value="Mine"' in raced.content.decode()
    assert MailTemplate.objects.get().subject == "Theirs"
    assert ines.post(address, {**SAID, "subject": "Mine", "seen": 1}).status_code == 302
    assert MailTemplate.objects.get().subject == "Mine"


def test_in_the_trash_it_is_not_offered_and_comes_back(template, cast, as_):
    browser = as_(cast.ines)
    browser.post(f"/templates/{template.pk}/trashing/")
    assert "After a download" not in main(browser.get("/templates/"))
    assert "In the trash" in main(browser.get(f"/templates/{template.pk}/"))
    assert browser.get(f"/templates/{template.pk}/edit/").status_code == 404
    browser.post(f"/templates/{template.pk}/restoring/")
    assert "“After a download” is offered again." in words(browser.get("/templates/"))


def test_it_is_looked_at_for_another_contact(template, anna, cast, as_, at):
    other = Contact.create({"name": "Bea <Berg>"}, by=None, at=at)
    browser = as_(cast.ines)
    assert "Dear Bea <Berg>," in main(browser.get(f"/templates/{template.pk}/"))
    assert "Bea <Berg>" not in browser.get(f"/templates/{template.pk}/").content.decode()
    assert "Dear Anna Adler," in main(browser.get(f"/templates/{template.pk}/?contact={anna.pk}"))
    assert browser.get(f"/templates/{template.pk}/?contact={other.pk + 9}").status_code == 404


def test_without_contacts_it_is_shown_as_it_is_written(template, cast, as_):
    page = main(as_(cast.ines).get(f"/templates/{template.pk}/"))
    assert "As soon as there is a contact" in page
    assert "Dear {{ contact.name }}," in page


@pytest.mark.parametrize(("who", "reads", "writes"), [("eva", 200, 403), ("paula", 403, 403), ("sven", 200, 200)])
def test_who_may_read_and_write(template, cast, as_, who, reads, writes):
    browser = as_(getattr(cast, who))
    assert browser.get(f"/templates/{template.pk}/").status_code == reads
    assert browser.get(f"/templates/{template.pk}/edit/").status_code == writes
