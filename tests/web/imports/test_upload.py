"""A file is given, looked at and imported; until the last button nothing is written."""

import io
import re
import zipfile

import pytest

from accord.kernel import traits
from accord.kernel.imports import maps
from accord.kernel.imports.models import Import
from accord.kernel.jobs import Job
from accord.kernel.ledger import Fact
from accord.rooms.funnel.models import Deal
from accord.rooms.people.models import Contact
from tests.web.page import main

pytestmark = pytest.mark.usefixtures("still", "home")

FAIR = (
    "姓名,邮箱,公司,展位号,泵型\n"
    "张建国,zhang@rongda.example,成都蓉达水处理,N3-118,DX-40\n"
    "李秀兰,li@mianhua.example,绵阳化工设备,N3-118,DX-12\n"
    ",,,N3-118,\n"
)


def figures(answer) -> list[tuple[str, str]]:
    """The tally of the check: label and number."""
    return re.findall(r"<dt>([^<]*)</dt><dd class=\"num\">([^<]*)</dd>", answer.content.decode())


def test_from_the_upload_to_the_result(cast, as_, give, chosen, worker):
    browser = as_(cast.mara)
    answer = give(browser, FAIR.encode("gb18030"))
    draft = browser.get(answer["Location"])

    assert "reads as 姓名" in main(draft)
    assert "Whoever leads a team, or administers Accord, can take it back afterwards." in main(draft)
    assert figures(draft)[:5] == [
        ("Created", "2"),
        ("Updated", "0"),
        ("Known and unchanged", "0"),
        ("Rejected", "1"),
        ("Rows in the file", "3"),
    ]
    assert "neither an external id nor an e-mail address" in main(draft)
    # Two columns are no target of contacts: one becomes a new field of them, the other stays left out.
    form = chosen(draft, to_4="contact.*")
    assert (form["to-0"], form["to-1"], form["to-2"], form["to-3"]) == ("contact.name", "contact.email", "company", "")
    begun = browser.post(answer["Location"], {**form, "act": "import"})
    made = Import.objects.get()
    assert begun["Location"] == f"/imports/{made.pk}/"
    assert "Waiting for a worker" in main(browser.get(begun["Location"]))
    assert not Contact.objects.exists()

    worker()

    page = main(browser.get(begun["Location"]))
    assert "3 rows were read" in page
    assert "2 + 0 + 0 + 1 = 3. Every row that was read is accounted for." in page
    zhang = Contact.objects.get(name="张建国")
    assert (zhang.email, zhang.company.name, made.by_id) == ("zhang@rongda.example", "成都蓉达水处理", cast.mara.pk)
    assert traits.now("contact", [zhang.pk])[zhang.pk]["泵型"].text == "DX-40"
    assert main(browser.get("/imports/")).count("fair.csv Contacts Done 3 2 0 0 1 Mara Meier") == 1


def test_looking_writes_nothing_and_survives_a_reload(cast, as_, give, chosen):
    browser = as_(cast.mara)
    facts = Fact.objects.count()
    place = give(browser, FAIR)["Location"]
    form = chosen(browser.get(place), to_3="contact.city", to_4="contact.*", type_4="number")
    browser.post(place, form)
    again = chosen(browser.get(place))

    assert again["to-4"] == "contact.*"
    assert (Fact.objects.count(), Contact.objects.count(), Import.objects.count(), Job.objects.count()) == (
        facts,
        0,
        0,
        0,
    )


def test_a_type_that_the_values_are_not_of_is_seen_in_the_check(cast, as_, give, chosen):
    browser = as_(cast.mara)
    place = give(browser, "name,email,size\nAnn,a@x.example,12\nBob,b@x.example,large\n")["Location"]
    form = chosen(browser.get(place), to_2="contact.*", type_2="number")
    browser.post(place, form)
    page = browser.get(place)

    assert figures(page)[:5] == [
        ("Created", "1"), ("Updated", "0"), ("Known and unchanged", "0"), ("Rejected", "1"), ("Rows in the file", "2"),
    ]  # fmt: skip
    assert "“large” is not a number" in main(page)


def test_a_workbook_by_another_name_is_refused_with_what_to_do(cast, as_, give, home):
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    answer = give(as_(cast.mara), book.getvalue())

    assert answer.status_code == 200
    assert "This is an Excel workbook: open it and save the sheet as “CSV UTF-8”." in main(answer)
    assert list((home / "files" / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("kind: contacts\ncolumns:\n  a: lead origin\n", "“lead origin” is no target"),
        ("kind: [", "This is not YAML"),
        ("kind: deals\ncolumns:\n  a: contact\n", "This map is for deals, and contacts are chosen"),
        ("/etc/hostname", "This is no map"),
    ],
)
def test_a_bad_map_is_told_by_its_field(cast, as_, give, text, complaint):
    answer = give(as_(cast.mara), FAIR, map=text)
    assert complaint in main(answer)
    assert "radio" in answer.content.decode()
    assert not Import.objects.exists()


def test_a_kept_map_comes_back_with_all_it_says(cast, as_, give, chosen, worker):
    browser = as_(cast.saul)
    known = as_(cast.mara)
    give_leads = give(known, "who,day\nk1,2026-01-02\n", kind="leads")["Location"]
    known.post(
        give_leads, {**chosen(known.get(give_leads), to_0="contact", to_1="occurred_at", history="on"), "act": "import"}
    )
    worker()
    text = (
        "kind: deals\nhistory: true\nzone: Europe/Berlin\ncolumns:\n  kunde: contact\n  nummer: external_id\n"
        "  summe: {to: amount, decimal: ','}\n  ergebnis: {to: outcome, values: {gewonnen: won}}\n"
        "  ende: {to: closed_at, format: '%d/%m/%Y'}\nconstants: {currency: EUR}\nignore: [filiale]\n"
    )
    rows = "kunde;nummer;summe;ergebnis;ende;filiale\nk1;d1;1.250,50;gewonnen;03/02/2026;Nord\n"
    place = give(browser, rows, kind="deals", map=text)["Location"]
    page = browser.get(place)
    assert figures(page)[0] == ("Created", "1")
    assert maps.load_map(browser.get(f"{place}map/").content.decode()) == maps.load_map(text)

    browser.post(place, {**chosen(page), "act": "import"})
    worker()

    deal = Deal.objects.get()
    # 3 February, midnight in Berlin, is 23:00 of the day before in UTC.
    assert (deal.amount_minor, deal.currency, deal.outcome) == (125050, "EUR", "won")
    assert deal.closed_at.isoformat() == "2026-02-02T23:00:00+00:00"


def test_two_columns_for_one_target_are_told_and_what_was_chosen_stays(cast, as_, give, chosen):
    browser = as_(cast.mara)
    place = give(browser, "name,other,email\nAnn,Anne,a@x.example\n")["Location"]
    form = chosen(browser.get(place), to_1="contact.name", act="import")
    browser.post(place, form)
    page = browser.get(place)

    assert "“contact.name” is fed by another column too: keep one." in main(page)
    assert chosen(page)["to-1"] == "contact.name"
    assert not Import.objects.exists()


def test_a_zone_that_there_is_not_is_told(cast, as_, give, chosen):
    browser = as_(cast.mara)
    place = give(browser, "name,email\nAnn,a@x.example\n")["Location"]
    browser.post(place, chosen(browser.get(place), zone="Moon/Sea"))
    page = browser.get(place)
    assert "“Moon/Sea” is no time zone" in main(page)
    assert chosen(page)["zone"] == "Moon/Sea"


def test_another_delimiter_makes_other_columns_and_old_choices_do_not_count_for_them(cast, as_, give, chosen):
    browser = as_(cast.mara)
    place = give(browser, "name;email;a,b\nAnn;a@x.example;c,d\n")["Location"]
    first = browser.get(place)
    assert chosen(first)["delimiter"] == ";"
    browser.post(place, chosen(first, delimiter=",", to_1="company"))
    after = browser.get(place)
    assert (">name;email;a<" in after.content.decode(), chosen(after)["to-1"]) == (True, "")


def test_dates_that_can_be_read_in_two_ways_are_asked_about(cast, as_, give, chosen):
    browser = as_(cast.mara)
    place = give(browser, "contact,occurred at\nk1,03/02/2026\n", kind="leads")["Location"]
    page = browser.get(place)
    assert "Which comes first?" in main(page)
    assert figures(page)[3] == ("Rejected", "1")
    browser.post(place, chosen(page, format_1="%d/%m/%Y"))
    assert figures(browser.get(place))[3] == ("Rejected", "0")


def test_a_change_is_answered_with_the_steps_alone_and_the_check_comes_after(cast, as_, give, chosen):
    browser = as_(cast.mara)
    place = give(browser, FAIR)["Location"]
    answer = browser.post(place, chosen(browser.get(place), history="on"), headers={"HX-Request": "true"})
    body = answer.content.decode()
    assert body.lstrip().startswith("<form")
    assert (f'hx-get="{place}check/"' in body, figures(answer)) == (True, [])
    assert figures(browser.get(f"{place}check/"))[4] == ("Rows in the file", "3")


def test_the_button_pressed_twice_imports_once(cast, as_, give, chosen):
    browser = as_(cast.mara)
    place = give(browser, FAIR)["Location"]
    form = {**chosen(browser.get(place)), "act": "import"}
    first, second = browser.post(place, form), browser.post(place, form)
    assert first["Location"] == second["Location"]
    assert (Import.objects.count(), Job.objects.count()) == (1, 1)


def test_a_draft_is_its_owners_alone(cast, as_, give):
    place = give(as_(cast.mara), FAIR)["Location"]
    assert as_(cast.mila).get(place).status_code == 404
    assert as_(cast.mila).post(place, {"act": "import"}).status_code == 404
    assert as_(cast.ines).get(place).status_code == 403


def test_a_file_too_large_is_refused(cast, as_, give, monkeypatch):
    monkeypatch.setattr("accord.web.imports.forms.LARGEST", 1 << 20)
    answer = give(as_(cast.mara), b"a,b\n" + b"1,2\n" * (1 << 18))
    assert "The file has more than 1 MB" in main(answer)


def test_whoever_may_not_import_changes_nothing(cast, as_, give, home):
    answer = give(as_(cast.ines), FAIR)
    assert answer.status_code == 403
    assert not (home / "files").exists()


def test_a_file_of_which_no_row_would_be_taken_is_not_begun(cast, as_, give, chosen):
    browser = as_(cast.mara)
    place = give(browser, "contact,occurred at\nk1,03/02/2026\n", kind="leads")["Location"]

    def begins(answer) -> bool:
        button = re.search(r'<button[^>]*value="import"[^>]*>', answer.content.decode())
        return bool(button) and "disabled" not in button[0]

    page = browser.get(place)
    assert not begins(page)
    assert "No row of it would be taken" in main(page)
    assert "its dates are read once their order is chosen" in main(page)
    assert "no dates in the first rows" not in main(page)
    assert _step(page, "s2") == "now"
    late = browser.get(f"{place}check/")
    assert (begins(late), 'hx-swap-oob="true"' in late.content.decode()) == (False, True)
    browser.post(place, chosen(page, format_1="%d/%m/%Y"))
    page = browser.get(place)
    assert (begins(page), _step(page, "s2"), begins(browser.get(f"{place}check/"))) == (True, "done", True)


def _step(answer, name: str) -> str:
    return re.search(rf'data-step="(\w+)" aria-labelledby="{name}"', answer.content.decode())[1]
