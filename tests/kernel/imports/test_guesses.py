import pytest

from accord.kernel.imports.guesses import guess_map
from accord.kernel.imports.maps import Target

TARGETS = [
    Target("contact", required=True),
    Target("occurred_at", "Date of first contact", type="date"),
    Target("recorded_at", type="date"),
    Target("amount", type="money"),
    Target("owner"),
    Target("contact.name"),
    Target("contact.email"),
    Target("contact.phone"),
    Target("contact.title"),
    Target("company.name"),
    Target("company.employees", type="number"),
    Target("company.country"),
    Target("company.industry"),
    Target("contact.*"),
]


def guessed(header, *samples, kind="leads"):
    return {guess.column: guess.target for guess in guess_map(kind, header, samples, TARGETS)}


ENGLISH = """
Contact ID|Full Name|E-Mail|Phone Number|Job Title|Company|Headcount|Country|Industry|Created at|Lead owner|Total
"""
CHINESE = "客户编号|姓名|邮箱|手机|职位|公司名称|员工人数|国家|行业|创建日期|负责人|金额"
RUSSIAN = """
ИД контакта|ФИО|Эл. почта|Телефон|Должность|Компания|Численность|Страна|Отрасль|Дата создания|Ответственный|Сумма
"""


@pytest.mark.parametrize("header", [ENGLISH, CHINESE, RUSSIAN], ids=["english", "chinese", "russian"])
def test_names_are_understood_in_three_languages(header):
    assert list(guessed(header.strip().split("|")).values()) == [
        "contact",
        "contact.name",
        "contact.email",
        "contact.phone",
        "contact.title",
        "company.name",
        "company.employees",
        "company.country",
        "company.industry",
        "occurred_at",
        "owner",
        "amount",
    ]


def test_a_part_of_a_person_s_name_is_no_company():
    parts = [*TARGETS, Target("first_name"), Target("last_name")]
    found = {one.column: one.target for one in guess_map("contacts", ["First name", "Last name", "Company"], [], parts)}
    assert found == {"First name": "first_name", "Last name": "last_name", "Company": "company.name"}
    assert guessed(["Full name", "Last name", "Vorname"]) == {
        "Full name": "contact.name",
        "Last name": "",
        "Vorname": "",
    }


def test_content_tells_where_names_do_not():
    header = ["mql_id", "work", "when", "remark"]
    samples = [["a1", "anna@firma.de", "2018-02-01", "x"], ["b2", "bob@firma.de", "2018-03-05", "x"]]
    assert guessed(header, *samples) == {
        "mql_id": "contact",
        "work": "contact.email",
        "when": "occurred_at",
        "remark": "",
    }


def test_content_outweighs_a_name_that_it_contradicts():
    header = ["email", "address"]
    samples = [["yes", "anna@firma.de"], ["no", "bob@firma.de"]]
    assert guessed(header, *samples) == {"email": "", "address": "contact.email"}
    sure, unsure = (guess_map("leads", ["amount"], [[cell]], TARGETS)[0].confidence for cell in ("1.234,50 €", "large"))
    assert sure == 1.0
    assert unsure < 0.5


def test_no_target_is_given_twice_and_the_better_name_wins():
    guesses = guess_map("leads", ["mail", "email", "private email"], [], TARGETS)
    assert [guess.target for guess in guesses] == ["", "contact.email", ""]
    assert [0 <= guess.confidence <= 1 for guess in guesses] == [True] * 3
    assert [str(guess.why) for guess in guesses] == [
        "Nothing known fits.",
        "The name is the target's.",
        "Nothing known fits.",
    ]


def test_the_own_record_of_the_kind_goes_first():
    targets = [Target("company.country"), Target("contact.country")]
    for order in (targets, targets[::-1]):
        assert guess_map("contacts", ["Land"], [], order)[0].target == "contact.country"
        assert guess_map("companies", ["Land"], [], order)[0].target == "company.country"


def test_what_only_begins_like_a_target_is_none():
    assert guessed(["lead_type", "has_phone", "company size class", "user agent"]) == dict.fromkeys(
        ["lead_type", "has_phone", "company size class", "user agent"], ""
    )
    assert guessed(["primary phone"]) == {"primary phone": "contact.phone"}
