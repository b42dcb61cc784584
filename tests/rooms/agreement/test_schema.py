"""The published schema is that of the code, and says of a document's form what the reader says."""

import json

import jsonschema
import pytest

from accord.rooms.agreement import starter
from accord.rooms.agreement.document.parsing import parse
from accord.rooms.agreement.document.problems import Refused
from accord.rooms.agreement.document.reading import read
from scripts import agreement_doc
from tests.rooms.agreement.conftest import example

SCHEMA = json.loads(agreement_doc.PAGE.read_text(encoding="utf-8"))


def fits(data: dict) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(data)


def is_read(data: dict) -> bool:
    try:
        read(json.dumps(data))
    except Refused:
        return False
    return True


def test_the_schema_is_fresh():
    assert agreement_doc.PAGE.read_text(encoding="utf-8") == agreement_doc.page()


def test_documents_fit():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert fits(example())
    assert fits(parse(starter.packaged()))


@pytest.mark.parametrize(
    ("condition", "well_formed"),
    [
        ({"all": []}, True),
        ({"not": {"field": "company.industry", "is": "x"}}, True),
        ({"verified": "inside_sales"}, True),
        ({"count": {"touch": ["page"], "of": "company"}, "at_least": 2, "distinct": "day"}, True),
        ({"field": "company.industry", "is": "x", "in": ["y"]}, False),
        ({"field": "company.industry"}, False),
        ({"field": "deal.amount", "is": 1}, False),
        ({"score": "both", "at_least": 1}, False),
        ({"count": {"touch": []}, "at_least": 2}, False),
        ({"count": {"touch": "page"}, "at_least": 0}, False),
        ({"all": [], "any": []}, False),
        ({}, False),
        ([], False),
    ],
)
def test_schema_and_reader_agree_about_the_form_of_a_condition(condition, well_formed):
    data = {**example(), "qualified": condition}
    assert fits(data) is is_read(data) is well_formed
