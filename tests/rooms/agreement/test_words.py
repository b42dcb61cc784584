"""Conditions and promises in sentences, in both languages."""

import json

import pytest
from django.utils.translation import override

from accord.kernel.fields import Field
from accord.rooms.agreement.document.conditions import Score
from accord.rooms.agreement.document.reading import read
from accord.rooms.agreement.starter import PACKAGED
from accord.rooms.agreement.words import ALL, ANY, Speaker
from accord.rooms.funnel.fields import STAGE_NAMES
from tests.rooms.agreement.conftest import example

NAMES = {
    "contact.seniority": Field("contact", "seniority", "Seniority", choices={"vp": "Vice president"}),
    "company.employees": Field("company", "employees", "Employees"),
    "contact.email": Field("contact", "email", "E-mail"),
}
DOWNLOAD = {"touch": "download"}


def speaker(condition: dict) -> Speaker:
    return Speaker(read(json.dumps({**example(), "qualified": condition})).document, NAMES)


def said(condition: dict) -> str:
    speaks = speaker(condition)
    return speaks.sentence(speaks.document.qualified)


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ({"all": []}, "everybody"),
        ({"any": []}, "nobody"),
        (
            {"field": "contact.seniority", "in": ["vp", "head"]},
            "the seniority of the contact is “Vice president” or “head”",
        ),
        ({"field": "contact.seniority", "contains": "vp"}, "the seniority of the contact contains “vp”"),
        ({"field": "contact.email", "known": True}, "the e-mail of the contact is known"),
        ({"field": "contact.own_field", "known": False}, "the own field of the contact is unknown"),
        (
            {"field": "company.employees", "at_least": 12500},
            "the number of employees of the company is at least 12,500",
        ),
        ({"field": "company.employees", "at_most": 2.5}, "the number of employees of the company is at most 2.5"),
        ({"field": "contact.own_field", "is": True}, "the own field of the contact is yes"),
        ({"not": {"segment": "target_industry"}}, "not: belongs to “target industry”"),
        ({"readiness": "budget_named"}, "shows “Budget named”"),
        ({"field": "contact.seniority", "is": " VP"}, "the seniority of the contact is “Vice president”"),
        ({"score": "total", "at_least": 60}, "total score of at least 60"),
        ({"verified": "inside_sales"}, "was checked by Inside sales and passed"),
        ({"count": DOWNLOAD, "at_least": 3}, "at least 3 × download"),
        ({"count": DOWNLOAD, "at_least": 3, "within_days": 1}, "at least 3 × download within 1 day"),
        ({"count": DOWNLOAD, "at_least": 3, "within_days": 30}, "at least 3 × download within 30 days"),
        ({"count": DOWNLOAD, "at_least": 2, "distinct": "day"}, "at least 2 × download, each day counted once"),
        (
            {"count": {"touch": ["reply", "demo_call"], "of": "company"}, "at_least": 1},
            "at least 1 × reply or demo call by anybody of the company",
        ),
        (
            {"count": {**DOWNLOAD, "where": [{"asset": "stage", "is": "late"}, {"property": "pages", "at_least": 5}]},
             "at_least": 1},
            "at least 1 × download where the stage of the asset is “late” and pages is at least 5",
        ),
        (
            {"all": [{"score": "fit", "at_least": 1}, {"any": [{"all": []}, {"score": "total", "at_least": 2}]}]},
            "fit score of at least 1 and (everybody or total score of at least 2)",
        ),
    ],
)  # fmt: skip
def test_a_condition_is_a_sentence(condition, sentence):
    assert said(condition) == sentence


def test_a_clause_keeps_the_conditions_it_is_made_of():
    speaks = speaker(
        {"any": [{"score": "fit", "at_least": 1}, {"all": [{"verified": "x"}, {"score": "fit", "at_least": 2}]}]}
    )
    clause = speaks.clause(speaks.document.qualified)
    assert (clause.joined, [part.joined for part in clause.parts]) == (ANY, ["", ALL])
    assert clause.parts[0].condition == Score(score="fit", at_least=1)
    assert [part.text for part in clause.parts[1].parts] == ["was checked by x and passed", "fit score of at least 2"]


def test_promises_are_sentences():
    promises = speaker({"all": []}).document.promises
    speaks = speaker({"all": []})
    assert [speaks.promise(promise) for promise in promises.sales] == [
        "is in contact with 90 % of the leads within 4 working hours of the hand-off",
        "makes at least 6 attempts on 90 % of the leads within 10 working days",
        "gives a verdict on 95 % of the leads within 10 working days",
    ]
    assert speaks.promise(promises.marketing[0]) == (
        "hands over at least 40 qualified leads a month, of the segment “target industry”"
    )


def test_labels_are_those_of_the_reader():
    label = {"en": "Budget named", "zh-hans": "已说明预算"}
    data = {**example(), "readiness": [{"id": "b", "label": label, "when": {"field": "contact.budget", "known": True}}]}
    speaks = Speaker(read(json.dumps(data)).document)
    (indicator,) = speaks.document.readiness
    assert speaks.called(indicator) == "Budget named"
    with override("zh-hans"):
        assert speaks.called(indicator) == "已说明预算"
    with override("de"):
        assert speaks.called(indicator) == "Budget named"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_starter_calls_the_stages_as_every_page_does(language):
    document = read(PACKAGED.read_text(encoding="utf-8")).document
    with override(language):
        speaks = Speaker(document)
        called = {stage.kind: speaks.called(stage) for stage in document.stages}
        assert {kind: str(STAGE_NAMES[kind]) in name for kind, name in called.items()} == dict.fromkeys(called, True)
        assert (
            speaks.sentence(document.icp)
            == {
                "en": "belongs to “worth a visit” and the industry of the company is known",
                "zh-hans": "属于“值得拜访”，且公司的industry已知",
            }[language]
        )


def test_conditions_are_said_in_chinese():
    with override("zh-hans"):
        assert said({"count": DOWNLOAD, "at_least": 3, "within_days": 30}) == "30 天内至少 3 次下载"
        assert said({"all": [{"score": "fit", "at_least": 1}, {"verified": "inside_sales"}]}) == (
            "匹配分不少于 1，且经内部销售核实通过"
        )
