"""How an import goes, what came of it, and taking it back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel.imports import reading, run
from accord.kernel.imports.models import Import
from accord.kernel.jobs import Job
from accord.kernel.ledger import Fact
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact
from tests.web.page import main, names

pytestmark = pytest.mark.usefixtures("still", "home")

ROWS = "external_id,name,email\nk1,Ann,ann@x.example\nk2,Bob,bob@x.example\n,Eve,\n"


@pytest.fixture
def begin(tmp_path, cast, still):
    """Prepare an import of rows and queue it, as the page does."""

    def begun(text: str = ROWS, name: str = "people.csv") -> Import:
        path = tmp_path / name
        path.write_text(text)
        chosen = run.plain_map("contacts", reading.inspect(path).header)
        made = run.prepare(path, chosen, by=cast.mara.pk, at=still)
        Job.queue("import", subject=made.pk, by=cast.mara.pk)
        return made

    return begun


def test_progress_is_polled_while_it_runs(cast, as_, begin):
    made = begin()
    Job.objects.update(state="running", done=1000, total=4000, started_at=made.made_at)
    answer = as_(cast.mara).get(f"/imports/{made.pk}/", headers={"HX-Request": "true"})
    body = answer.content.decode()
    assert 'hx-trigger="every 1s"' in body
    assert 'value="1000" max="4000"' in body
    assert "1,000 of 4,000" in body
    assert "<html" not in body


def test_first_and_last_names_become_one_name(begin, worker):
    begin("external_id,first_name,last_name\nk1,Klara,Bergmann\nk2,晓晴,孟\nk3,,Ortega\nk4,Luis,\n")
    worker()
    assert sorted(Contact.objects.values_list("name", flat=True)) == ["Klara Bergmann", "Luis", "Ortega", "孟晓晴"]


def test_a_column_called_name_may_hold_the_first_name_alone(begin, worker):
    begin("external_id,name,last_name\nk1,Klara,Bergmann\nk2,Luis Ortega,Ortega\n")
    worker()
    assert sorted(Contact.objects.values_list("name", flat=True)) == ["Klara Bergmann", "Luis Ortega"]


def test_rejects_can_be_read_downloaded_mended_and_given_again(cast, as_, begin, give, worker):
    made = begin()
    worker()
    browser = as_(cast.mara)
    page = main(browser.get(f"/imports/{made.pk}/"))
    assert "4 The row has neither an external id nor an e-mail address" in page
    answer = browser.get(f"/imports/{made.pk}/rejects/")
    text = b"".join(answer).decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0] == "line,reason,external_id,name,email"
    assert (lines[1].startswith("4,"), lines[1].endswith(",,Eve,"), len(lines)) == (True, True, 2)
    assert 'filename="rejects-people.csv"' in answer["Content-Disposition"]

    again = browser.get(give(browser, text.replace(",,Eve,", ",k3,Eve,"))["Location"])
    assert ("3 of 3 mapped" in main(again), "Created 1 Updated 0" in main(again)) == (True, True)


def test_without_rejects_there_is_nothing_to_download(cast, as_, begin, worker):
    made = begin("external_id,name\nk1,Ann\n")
    worker()
    assert as_(cast.mara).get(f"/imports/{made.pk}/rejects/").status_code == 404


def test_a_revert_says_what_stays(cast, as_, begin, worker, at):
    made = begin()
    worker()
    ann = Contact.objects.get(external_id="k1")
    Lead.open(ann, entry="referral", by=None, at=at)
    browser = as_(cast.mila)
    asked = main(browser.get(f"/imports/{made.pk}/"))
    assert "Of 2 rows that created something, the records go to the trash" in asked

    browser.post(f"/imports/{made.pk}/reverting/")
    assert Job.objects.get(kind="revert").by_id == cast.mila.pk
    worker()

    answer = browser.get(f"/imports/{made.pk}/")
    assert "This import was reverted" in main(answer)
    assert "One record stays because something later refers to it" in main(answer)
    assert f'href="/contacts/{ann.pk}/"' in answer.content.decode()
    assert list(Contact.objects.here().values_list("external_id", flat=True)) == ["k1"]
    assert "Revert the import" not in main(answer)
    browser.post(f"/imports/{made.pk}/reverting/")
    assert Job.objects.filter(kind="revert").count() == 1


def test_marketing_imports_and_its_lead_reverts(cast, as_, begin, worker):
    made = begin()
    worker()
    browser = as_(cast.mara)
    page = main(browser.get(f"/imports/{made.pk}/"))
    assert "Revert the import" not in page
    assert "Whoever leads a team, or administers Accord, can take this import back." in page
    lead = main(as_(cast.mila).get(f"/imports/{made.pk}/"))
    assert "Revert the import" in lead
    assert "can take this import back" not in lead
    facts = Fact.objects.count()
    assert browser.post(f"/imports/{made.pk}/reverting/").status_code == 403
    assert (Fact.objects.count(), Job.objects.filter(kind="revert").exists()) == (facts, False)


def test_a_waiting_import_is_cancelled_and_goes_on(cast, as_, begin, worker):
    made = begin()
    browser = as_(cast.mara)
    browser.post(f"/imports/{made.pk}/cancelling/")
    worker()
    assert not Contact.objects.exists()
    assert "Stopped after 0 rows" in main(browser.get(f"/imports/{made.pk}/"))

    browser.post(f"/imports/{made.pk}/continuing/")
    worker()
    assert Contact.objects.count() == 2
    browser.post(f"/imports/{made.pk}/continuing/")
    assert Job.objects.count() == 2


def test_what_stands_in_the_way_of_an_import_is_told(cast, as_, begin, home, worker):
    made = begin()
    (home / made.path).write_bytes(b"%PDF-1.7 something else")
    worker()
    page = main(as_(cast.mara).get(f"/imports/{made.pk}/"))
    assert "The import did not end This is a PDF" in page
    assert "Go on" in page


@pytest.mark.parametrize("act", ["cancelling", "continuing"])
def test_a_refusal_changes_nothing(cast, as_, begin, act):
    made = begin()
    browser = as_(cast.ines)
    assert browser.get(f"/imports/{made.pk}/").status_code == 403
    assert browser.post(f"/imports/{made.pk}/{act}/").status_code == 403
    assert list(Job.objects.values_list("state", "cancel_wanted")) == [("queued", False)]


def test_the_list_asks_as_much_for_many_as_for_one(
    cast, as_, begin, worker, django_assert_num_queries, django_assert_max_num_queries
):
    browser = as_(cast.mara)
    assert "No file has been imported yet" in main(browser.get("/imports/"))
    begin(name="a.csv")
    with CaptureQueriesContext(connection) as one:
        browser.get("/imports/")
    for name in ("b.csv", "c.csv", "d.csv"):
        begin(name=name)
    worker()
    with django_assert_num_queries(len(one)):
        answer = browser.get("/imports/")
    assert names(answer) == ["d.csv", "c.csv", "b.csv", "a.csv"]
