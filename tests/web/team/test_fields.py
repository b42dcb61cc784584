import re

import pytest

from accord.kernel import fields
from accord.kernel.fields import CustomField
from accord.kernel.ledger import Fact
from accord.rooms.people.models import Contact

pytestmark = pytest.mark.usefixtures("still")
PUMPS = {"label": "Pumps in use", "slug": "", "type": "number", "owner": "sales", "definition": "Ours and others’"}


@pytest.fixture
def saul(cast, as_):
    """Team leads define fields."""
    return as_(cast.saul)


def words(response):
    return re.sub(r"<[^>]*>|\s+", " ", response.content.decode())


def test_a_field_gets_its_short_name_from_its_label(saul):
    page = saul.post("/settings/fields/company/", PUMPS, follow=True)
    field = fields.of("company")["pumps_in_use"]
    assert (field.label, field.type, field.owner, field.personal) == ("Pumps in use", "number", "sales", False)
    assert "Pumps in use" in words(page)
    assert "Ours and others’" in words(page)


def test_a_chinese_label_gives_a_chinese_short_name(saul):
    saul.post("/settings/fields/company/", PUMPS | {"label": "统一社会信用代码", "type": "text", "personal": "on"})
    field = fields.of("company")["统一社会信用代码"]
    assert (field.type, field.personal) == ("text", True)
    assert saul.get("/settings/fields/company/统一社会信用代码/").status_code == 200


def test_a_field_that_is_missing_once_is_not_full(saul, cast, at):
    for number in range(300):
        known = {"country": "DE"} if number else {}
        Contact.create({"name": f"Kim {number}", **known}, by=cast.ada.pk, at=at)
    assert "99 % 299 of 300" in " ".join(words(saul.get("/settings/fields/contact/")).split())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"slug": "industry"}, "The field “Industry” has this short name: choose another."),
        ({"label": "Industry"}, "The field “Industry” has this short name: choose another."),
        ({"label": "!?"}, "Type a short name with a letter or a figure."),
        ({"label": ""}, "This field is required."),
        ({"type": "colour"}, "Select a valid choice. colour is not one of the available choices."),
        ({"owner": "nobody"}, "Select a valid choice. nobody is not one of the available choices."),
    ],
)
def test_a_wrong_field_says_what_is_wrong_and_keeps_what_was_typed(saul, wrong, told):
    before = Fact.objects.count()
    response = saul.post("/settings/fields/company/", PUMPS | wrong)
    assert told in words(response)
    assert "Ours and others’" in response.content.decode()
    assert (CustomField.objects.count(), Fact.objects.count()) == (0, before)


def test_label_and_definition_can_change_short_name_and_type_cannot(saul):
    saul.post("/settings/fields/company/", PUMPS)
    given = PUMPS | {"label": "Pumps", "definition": "Counted", "slug": "other", "type": "text", "personal": "on"}
    saul.post("/settings/fields/company/pumps_in_use/", given)
    field = fields.of("company")["pumps_in_use"]
    assert (field.label, field.definition, field.type, field.personal) == ("Pumps", "Counted", "number", True)
    assert "other" not in fields.of("company")


@pytest.mark.parametrize("path", ["company/industry", "company/unknown", "galaxy", "member", "house/zone"])
def test_what_ships_and_what_is_unknown_cannot_be_edited(saul, path):
    assert saul.get(f"/settings/fields/{path}/").status_code == 404
    assert saul.post(f"/settings/fields/{path}/", PUMPS).status_code == 404


def filled(page, label):
    row = re.search(rf'<b class="med">{label}</b>.*?<span class="filled">(.*?)</td>', page, re.DOTALL)[1]
    return " ".join(re.sub(r"<[^>]*>", " ", row).split())


def test_a_share_is_shown_from_thirty_records_on(saul, at):
    for number in range(29):
        Contact.create(
            {"name": f"C{number}", "country": "DE"} if number < 12 else {"name": f"C{number}"}, by=None, at=at
        )
    early = saul.get("/settings/fields/contact/").content.decode()
    assert filled(early, "Country") == "too early 12 of 29; needs 30"
    Contact.create({"name": "C29", "country": "CN"}, by=None, at=at)
    page = saul.get("/settings/fields/contact/").content.decode()
    assert filled(page, "Country") == "43 % 13 of 30"
    assert filled(page, "Name") == "100 % 30 of 30"
    assert filled(page, "Phone") == "0 % 0 of 30"


def test_a_marketer_cannot_define_fields(cast, as_):
    mara = as_(cast.mara)
    assert mara.get("/settings/fields/company/").status_code == 403
    assert mara.post("/settings/fields/company/", PUMPS).status_code == 403
    assert CustomField.objects.count() == 0
