"""Every refusal: at which place, and in which words. What is allowed is read."""

import copy
import json
from typing import Any

import pytest
from django.utils.translation import override

from accord.rooms.agreement import starter
from accord.rooms.agreement.document.checks import House
from accord.rooms.agreement.document.parsing import parse
from accord.rooms.agreement.document.problems import Refused
from accord.rooms.agreement.document.reading import read
from tests.rooms.agreement.conftest import EXAMPLE, example

GONE = object()
FIELDS = {
    **dict.fromkeys(("contact.title", "contact.seniority", "company.industry", "company.owner"), "text"),
    **dict.fromkeys(("contact.budget", "company.employees"), "number"),
}
HOUSE = House(fields=FIELDS, unasked=["contact.owner"], seen=lambda kind: kind == "demo")
INDUSTRY = {"field": "company.industry", "is": "logistics"}
DOWNLOADS = {"count": {"touch": "download"}, "at_least": 1}


def changed(**at: Any) -> dict[str, Any]:
    """The example with values put at `a__0__b`, or taken away."""
    data = copy.deepcopy(example())
    for place, value in at.items():
        *way, last = [int(step) if step.isdigit() else step for step in place.split("__")]
        here: Any = data
        for step in way:
            here = here[step]
        if value is GONE:
            del here[last]
        elif isinstance(here, list) and last == len(here):
            here.append(value)
        else:
            here[last] = value
    return data


def problems(house: House = HOUSE, **at: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        read(json.dumps(changed(**at)), house)
    return [str(problem) for problem in refused.value.problems]


def warnings(house: House = HOUSE, **at: Any) -> list[str]:
    return [str(warning) for warning in read(json.dumps(changed(**at)), house).warnings]


ALL_OPERATORS = "Compare with exactly one of is, in, contains, starts_with, at_least, at_most and known."
NO_TOUCHES = (
    "Segments, readiness indicators, fit rules and the scope are made of all, any, not, segment, readiness and field "
    "alone. Ask for touches, checks and scores under qualified."
)
NO_CONDITION = (
    "This is no condition. Write one of all, any, not, segment, readiness, field, score, count and verified, each with "
    "what belongs to it."
)
NO_FIELD = (
    "Only fields of contacts and companies can be asked: contact.x or company.x. What marketing cannot know by itself "
    "is asked by a check: verified: inside_sales."
)
NEEDED = "This is needed and is not here. Add it."
NOTHING_SUCH = "Nothing of this name belongs here. Correct the name, or take it out."
NOT_OF = "“not” holds a field, a segment or a readiness indicator. Say the rest without it."
UNKNOWN_FIELD = "The house has no field company.shoe_size. Correct the name, or add the field in the settings."
NOT_ASKED = "contact.owner changes with the work on a lead and says nothing of it. Ask another field."
NO_SEGMENT = "There is no segment “x” in this document. Define it under segments, or correct the name."
NO_READINESS = "There is no readiness indicator “x” in this document. Define it, or correct the name."
KINDS = "Write the kind of a touch, or a list of kinds."
OWN_CONTACT = "A lead opens by what its own contact does. Take “of: company” out."
WHERE = "Write one of property, asset and campaign, with one operator."
HALF_LIFE = "A half-life is one day or more. Write a longer one, or none."
CAP = "A cap is more than zero. Write a larger one, or none."
ORDER = "Thresholds fall from the best grade to the worst. Put them in order."
NOT_LISTED = "The stage “won” is not among the stages. List it, or hand over at one that is."
NO_HANDOFF = "There is no hand-off “to_nobody” in this document. Define it under handoffs, or correct the name."
NO_TERM = "Write a time such as “4 business hours” or “10 business days”."
REMINDERS = "First the reminder, then the escalation, then the taking back. Put them in order."
NO_OWNER = "The last rule names nobody who owns what is left. Write an owner, or an overflow_owner."
NO_ZONE = "There is no time zone of this name. Write one such as Europe/Berlin."
NO_DAY = "There is no such day. Write one as 2026-01-31, from 1970 on."
UNSEEN = "No touch of the kind “donwload” was ever seen. Check the spelling."
NO_NUMBERS = "The field holds numbers, so this is never true. Compare it otherwise."
NO_TEXTS = "The field holds texts, so this is never true. Compare it otherwise."
SHADOWED = "A rule above matches everything, so this one is never asked. Move it up, or take it out."
LATE = "The review is due before the agreement is in force. Choose a later day."
STAGES = "Write one of inquiry, engaged, mql, sal, sql, opportunity, won."
ENTRIES = "Write one of marketing, own_prospecting, partner, referral, second_sale, import."
LABEL = "Write a text, or a map of texts by language."
ALONE = " Say one of them without the others."
TWICE_HERE = " stands in this list twice. Give one of them another name."
NO_LAST = "The last rule must match everything: when: {all: []}. Add one, so that no lead is left without an owner."
UNKNOWN_IS_TRUE = (
    "True also where the field is unknown. If that is not meant, put {field: company.industry, known: true} beside."
)


def nobody(at: str, way: str) -> str:
    return f"{at}: Nobody can reach this stage. Say what leads to it ({way}), or take it out."


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # the form
        ({"accord": 2}, "accord: Write one of 1."),
        ({"accord": True}, "accord: Write 1: this is the one version of the format."),
        ({"name": GONE}, f"name: {NEEDED}"),
        ({"name": ""}, "name: This is empty. Write a word."),
        ({"name": "x" * 201}, "name: This is longer than 200 characters. Write a shorter one."),
        ({"name": 5}, "name: Write a text; what looks like a number stands in quotes."),
        ({"effective": GONE}, f"effective: {NEEDED}"),
        ({"review_by": GONE}, f"review_by: {NEEDED}"),
        ({"leads__open_on": GONE}, f"leads.open_on: {NEEDED}"),
        ({"scoring": GONE}, f"scoring: {NEEDED}"),
        ({"qualified": GONE}, f"qualified: {NEEDED}"),
        ({"scorings": {}}, f"scorings: {NOTHING_SUCH}"),
        ({"scoring__fit__0__weight": 2}, f"scoring.fit[0].weight: {NOTHING_SUCH}"),
        ({"leads": []}, "leads: Write a map: {name: value}."),
        ({"scoring__fit": {}}, "scoring.fit: Write a list: [one, another]."),
        ({"scoring__fit__0__points": "20"}, "scoring.fit[0].points: Write a number."),
        ({"stages__0__kind": "prospect"}, f"stages[0].kind: {STAGES}"),
        ({"stages__0__label": {}}, f"stages[0].label: {LABEL}"),
        ({"stages__1__enter": "soon"}, "stages[1].enter: Write “qualified”, or a condition."),
        ({"leads__entries": ["mail"]}, f"leads.entries[0]: {ENTRIES}"),
        ({"leads__release_per_day": 0}, "leads.release_per_day: Write 1 or more."),
        ({"leads__requalify__wait_days": -1}, "leads.requalify.wait_days: Write 0 or more."),
        ({"scoring__grades__fit__E": 0}, "scoring.grades.fit.E: Write one of A, B, C."),
        ({"routing__0__to": {}}, "routing[0].to: Write an owner, or a team."),
        ({"scope": {"share": 1.5, "salt": "x"}}, "scope.share: Write 1 or less."),
        ({"scope": {"share": 0.5}}, f"scope.salt: {NEEDED}"),
        ({"scope": 5}, f"scope: {NO_CONDITION}"),
        # conditions
        ({"qualified": {"some": []}}, f"qualified: {NO_CONDITION}"),
        ({"qualified__any__0": "yes"}, f"qualified.any[0]: {NO_CONDITION}"),
        ({"qualified": {"all": [], "any": []}}, f"qualified.any: {NOTHING_SUCH}"),
        ({"qualified": {"not": {"not": INDUSTRY}}}, f"qualified.not: {NOT_OF}"),
        ({"qualified": {"not": DOWNLOADS}}, f"qualified.not: {NOT_OF}"),
        ({"icp": {"field": "company.industry"}}, f"icp: {ALL_OPERATORS}"),
        ({"icp": {"field": "company.industry", "is": "a", "in": ["b"]}}, f"icp: {ALL_OPERATORS}"),
        ({"icp": {"field": "company.industry", "in": []}}, "icp.in: This is empty. Write at least one."),
        ({"icp": {"field": "company.industry", "is": ["a"]}}, "icp.is: Write a text, a number, true or false."),
        ({"icp": {"field": "company.industry", "known": "yes"}}, "icp.known: Write true or false."),
        ({"icp": {"field": "deal.amount", "at_least": 5}}, f"icp.field: {NO_FIELD}"),
        ({"scoring__fit__0__when": {"field": "lead.stage", "is": "sql"}}, f"scoring.fit[0].when.field: {NO_FIELD}"),
        ({"icp": {"field": "company.shoe_size", "is": 5}}, f"icp.field: {UNKNOWN_FIELD}"),
        ({"icp": {"field": "contact.owner", "known": True}}, f"icp.field: {NOT_ASKED}"),
        ({"segments__x": DOWNLOADS}, f"segments.x: {NO_TOUCHES}"),
        ({"segments__x": {"all": [{"verified": "inside_sales"}]}}, f"segments.x.all[0]: {NO_TOUCHES}"),
        ({"scope": {"score": "fit", "at_least": 1}}, f"scope: {NO_TOUCHES}"),
        ({"readiness__0__when": DOWNLOADS}, f"readiness[0].when: {NO_TOUCHES}"),
        ({"scoring__fit__1__when": {"any": [DOWNLOADS]}}, f"scoring.fit[1].when.any[0]: {NO_TOUCHES}"),
        ({"qualified": {"segment": "x"}}, f"qualified.segment: {NO_SEGMENT}"),
        ({"qualified": {"readiness": "x"}}, f"qualified.readiness: {NO_READINESS}"),
        ({"segments__x": {"segment": "x"}}, f"segments.x: This asks for itself: x → x.{ALONE}"),
        (
            {"segments__x": {"all": [{"segment": "y"}]}, "segments__y": {"any": [{"segment": "x"}]}},
            f"segments.x: This asks for itself: x → y → x.{ALONE}",
        ),
        (
            {"segments__x": {"readiness": "budget_named"}, "readiness__0__when": {"segment": "x"}},
            f"segments.x: This asks for itself: x → budget_named → x.{ALONE}",
        ),
        ({"qualified": {**DOWNLOADS, "at_least": 0}}, "qualified.at_least: Write 1 or more."),
        ({"qualified": {**DOWNLOADS, "at_least": 1.5}}, "qualified.at_least: Write a whole number."),
        ({"qualified": {**DOWNLOADS, "within_days": 0}}, "qualified.within_days: Write more than 0."),
        ({"leads__open_on__touch": []}, f"leads.open_on.touch: {KINDS}"),
        ({"leads__open_on__touch": [5]}, f"leads.open_on.touch: {KINDS}"),
        ({"leads__open_on__of": "company"}, f"leads.open_on.of: {OWN_CONTACT}"),
        ({"leads__open_on__where": [{"path": "/x"}]}, f"leads.open_on.where[0]: {WHERE}"),
        ({"leads__open_on__where": [{"property": "path"}]}, f"leads.open_on.where[0]: {ALL_OPERATORS}"),
        # scoring
        ({"scoring__engagement__0__half_life_days": 0.5}, f"scoring.engagement[0].half_life_days: {HALF_LIFE}"),
        ({"scoring__engagement__0__half_life_days": -3}, f"scoring.engagement[0].half_life_days: {HALF_LIFE}"),
        ({"scoring__engagement__0__cap": 0}, f"scoring.engagement[0].cap: {CAP}"),
        ({"scoring__groups__content__cap": -1}, f"scoring.groups.content.cap: {CAP}"),
        ({"scoring__engagement_cap": 0}, f"scoring.engagement_cap: {CAP}"),
        ({"scoring__grades__fit": {"A": 20, "B": 40}}, f"scoring.grades.fit.B: {ORDER}"),
        ({"scoring__grades__engagement": {"3": 9, "1": 5}}, f"scoring.grades.engagement.3: {ORDER}"),
        ({"scoring__fit__1__id": "industry"}, f"scoring.fit[1].id: “industry”{TWICE_HERE}"),
        ({"scoring__engagement__3__id": "download"}, f"scoring.engagement[3].id: “download”{TWICE_HERE}"),
        ({"readiness__1": {"id": "budget_named", "when": INDUSTRY}}, f"readiness[1].id: “budget_named”{TWICE_HERE}"),
        ({"stages__7": {"kind": "won"}}, f"stages[7].kind: “won”{TWICE_HERE}"),
        ({"handoffs__1__id": "to_inside"}, f"handoffs[1].id: “to_inside”{TWICE_HERE}"),
        ({"promises__sales__1__id": "verdict"}, f"promises.sales[2].id: “verdict”{TWICE_HERE}"),
        ({"routing__0__id": "rest"}, f"routing[2].id: “rest”{TWICE_HERE}"),
        ({"recycling__1__reason": "timing"}, f"recycling[1].reason: “timing”{TWICE_HERE}"),
        # stages, hand-offs, promises, routing, dates
        ({"stages__6": GONE}, f"handoffs[2].at: {NOT_LISTED}"),
        ({"stages__2__enter": GONE}, nobody("stages[2]", "enter: qualified")),
        (
            {
                "handoffs__0__answers": ["return"],
                "handoffs__1__answers": ["return"],
                "handoffs__2__answers": ["return"],
            },
            nobody("stages[3]", "a hand-off that may be accepted"),
        ),
        (
            {"stages__1__enter": GONE, "handoffs__0__answers": ["accept"], "handoffs__1__answers": ["accept"]},
            nobody("stages[1]", "enter, or a hand-off that may be returned"),
        ),
        ({"promises__sales__0__of": "to_nobody"}, f"promises.sales[0].of: {NO_HANDOFF}"),
        ({"promises__marketing__0__segment": "x"}, f"promises.marketing[0].segment: {NO_SEGMENT}"),
        ({"promises__sales__0__within": "soon"}, f"promises.sales[0].within: {NO_TERM}"),
        ({"promises__sales__0__escalate_at": 0.1}, f"promises.sales[0].escalate_at: {REMINDERS}"),
        ({"routing__2__when": INDUSTRY}, f"routing[2].when: {NO_LAST}"),
        ({"routing__2__to": {"team": "inside"}}, f"routing[2].to: {NO_OWNER}"),
        ({"routing__2__to": {"owner": "company"}}, f"routing[2].to: {NO_OWNER}"),
        ({"zone": "Europe/Atlantis"}, f"zone: {NO_ZONE}"),
        ({"zone": "../etc/passwd"}, f"zone: {NO_ZONE}"),
        ({"zone": "Europe"}, f"zone: {NO_ZONE}"),
        ({"effective": "2026-02-30"}, f"effective: {NO_DAY}"),
        ({"effective": "tomorrow"}, "effective: Write a day as 2026-01-31."),
        ({"review_by": "0001-01-01"}, f"review_by: {NO_DAY}"),
    ],
)
def test_what_is_refused(at, expected):
    assert problems(**at) == [expected]


def test_an_engagement_rule_asks_for_touches():
    said = problems(scoring__engagement__0__when=INDUSTRY)
    at = "scoring.engagement[0].when"
    assert sorted(said) == [f"{at}.field: {NOTHING_SUCH}", f"{at}.is: {NOTHING_SUCH}", f"{at}.touch: {NEEDED}"]


def test_all_problems_are_said_at_once():
    assert len(problems(scoring__engagement__0__cap=0, zone="x", qualified={"segment": "x"})) == 3
    assert len(problems(scoring__fit__0__points="a", leads__release_per_day=0)) == 2


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ({}, []),
        ({"qualified": {"not": INDUSTRY}}, [f"qualified.not: {UNKNOWN_IS_TRUE}"]),
        ({"qualified": {"all": [{"not": INDUSTRY}, {"field": "company.industry", "known": True}]}}, []),
        (
            {"qualified": {"any": [{"not": INDUSTRY}, {"field": "company.industry", "known": True}]}},
            [f"qualified.any[0].not: {UNKNOWN_IS_TRUE}"],
        ),
        ({"qualified": {"not": {"segment": "target_industry"}}}, [f"qualified.not: {UNKNOWN_IS_TRUE}"]),
        ({"qualified": {"not": {"field": "company.industry", "known": True}}}, []),
        ({"leads__open_on__touch": ["form", "demo"]}, []),
        ({"leads__open_on__touch": ["form", "donwload"]}, [f"leads.open_on.touch[1]: {UNSEEN}"]),
        ({"scoring__engagement__0__when__touch": "donwload"}, [f"scoring.engagement[0].when.touch: {UNSEEN}"]),
        ({"icp": {"field": "company.employees", "at_least": "50"}}, [f"icp.at_least: {NO_NUMBERS}"]),
        ({"icp": {"field": "company.industry", "at_least": 50}}, [f"icp.at_least: {NO_TEXTS}"]),
        ({"routing__1__when": {"any": [{"all": []}]}}, [f"routing[2]: {SHADOWED}"]),
        ({"review_by": "2025-12-31"}, [f"review_by: {LATE}"]),
    ],
)
def test_what_is_doubtful(at, expected):
    assert warnings(**at) == expected


def test_an_unknown_field_is_a_warning_where_one_signs_as_both():
    lenient = House(fields=FIELDS, seen=HOUSE.seen, strict=False)
    said = warnings(lenient, icp={"field": "company.shoe_size", "is": 5})
    assert said == [f"icp.field: {UNKNOWN_FIELD}"]


@pytest.mark.parametrize(
    "missing", ["zone", "scope", "icp", "stages", "routing", "coverage", "recycling", "responsibilities", "promises"]
)
def test_what_may_be_absent(missing):
    assert missing not in read(json.dumps(changed(**{missing: GONE}))).data


def test_the_least_that_there_can_be():
    least = {"accord": 1, "name": "n", "effective": "2026-01-01", "review_by": "2026-01-02"}
    least |= {"leads": {"open_on": {"touch": "form"}}, "scoring": {}, "qualified": {"any": []}}
    document = read(json.dumps(least)).document
    assert (document.zone, document.stages, document.leads.requalify.fresh) == ("UTC", None, True)


def test_the_starter_has_nothing_doubtful():
    found = read(starter.packaged())
    assert found.warnings == ()
    labels = [part.label for part in (*found.document.scoring.fit, *found.document.scoring.engagement)]
    assert all(set(label) == {"en", "zh-hans", "ru"} for label in labels)


# What is no document at all.

FIVE_MEGABYTES = "a: " + "x" * 5_000_000
NESTED = "qualified: " + "{all: [" * 20_000
NESTED_JSON = '{"qualified":' + '{"all":[' * 20_000 + "]}" * 20_000 + "}"
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
TOO_LONG = "The text has more than 256 KB. An agreement is a few pages: take out what does not belong to it."
TOO_DEEP = "More than 128 levels within one another. Give parts of it a name under segments."
TOO_MANY = "More than 50,000 entries. An agreement is a few pages: take out what does not belong to it."
TWICE = "This key stands here twice. Keep one of them."
NO_NUMBER = "No number that can be computed with. Write a finite one, within 64 bits."


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        (FIVE_MEGABYTES, "", TOO_LONG),
        (FIVE_MEGABYTES.encode(), "", TOO_LONG),
        ("é" * 200_000, "", TOO_LONG),
        (BOMB, "", TOO_MANY),
        ("[" + "a, " * 80_000 + "]", "", TOO_MANY),
        (NESTED_JSON, "", TOO_DEEP),
        ("accord: 1\naccord: 1\n", "accord", TWICE),
        ('{"accord": 1, "accord": 1}', "accord", TWICE),
        ("leads:\n  open_on: 1\n  open_on: 2\n", "leads.open_on", TWICE),
        ("a: [1, .inf]", "a[1]", NO_NUMBER),
        ("a: .nan", "a", NO_NUMBER),
        ('{"a": {"b": NaN}}', "a.b", NO_NUMBER),
        ('{"a": [-Infinity]}', "a[0]", NO_NUMBER),
        ('{"a": 1e999}', "a", NO_NUMBER),
        ("a: " + "9" * 30, "a", NO_NUMBER),
        ("a: " + "9" * 6000, "a", NO_NUMBER),
        ("a: &x [*x]", "a[0]", "There is no complete anchor of this name before. Write the value itself."),
        ("a: !secret x", "a", "Tags of your own mean nothing here. Write the value without its tag."),
        ("a: !!int x", "a", "Tags of your own mean nothing here. Write the value without its tag."),
        ("? [a]\n: b", "", "A key is a word of at most 200 characters. Write one before the colon."),
        ("x" * 201 + ": b", "", "A key is a word of at most 200 characters. Write one before the colon."),
        ("a: 1\n---\nb: 1", "", "There are several documents in the text. Keep one."),
        ("", "", "The document is empty. Begin with the starter agreement: accord agreement export."),
        ("# nothing", "", "The document is empty. Begin with the starter agreement: accord agreement export."),
        ("[1]", "", "A document is a map that begins with “accord: 1”."),
        ("just words", "", "A document is a map that begins with “accord: 1”."),
        (b"\xff\xfe\x00", "", "This is no UTF-8 text. Save the file as UTF-8."),
        ("a: \x07", "", "The text holds a character that cannot be kept. Take it out."),
        ('{"a": "\\ud800"}', "a", "The text holds a character that cannot be kept. Take it out."),
        ('a: "\\0"', "a", "The text holds a character that cannot be kept. Take it out."),
    ],
)
def test_what_is_no_document(text, path, message):
    with pytest.raises(Refused) as refused:
        parse(text)
    assert [(problem.path, str(problem.message)) for problem in refused.value.problems] == [(path, message)]


@pytest.mark.parametrize("text", [NESTED, "- " * 3000, "[" * 100_000, "? " * 3000])
def test_what_is_too_deep_is_refused_while_it_is_read(text):
    with pytest.raises(Refused, match=r"More than 128 levels|A key is a word"):
        parse(text)


def test_what_is_no_yaml_says_where():
    with pytest.raises(Refused) as refused:
        parse("accord: 1\nname: [a\n")
    assert str(refused.value.problems[0]).startswith("This is no YAML, at line 3, column 1: ")


def test_scalars_are_those_of_the_core_schema():
    """YAML 1.2.2, chapter 10.3.2."""
    text = """
    strings: [yes, no, on, off, Y, tRue, 1:30, 190:20:30, 2026-01-01, 1_000, 0b11, =, "12", '~', !!str 12, 0o8, 1e,
              "null"]
    numbers: [12, 012, -7, +3, 0o14, 0x1F, 1e3, .5, 5., -1.5E-2]
    others: [true, True, FALSE, null, Null, ~, ]
    nothing:
    """
    assert parse(text) == {
        "strings": [
            "yes", "no", "on", "off", "Y", "tRue", "1:30", "190:20:30", "2026-01-01", "1_000", "0b11", "=", "12", "~",
            "12", "0o8", "1e", "null",
        ],
        "numbers": [12, 12, -7, 3, 12, 31, 1000.0, 0.5, 5.0, -0.015],
        "others": [True, True, False, None, None, None],
        "nothing": None,
    }  # fmt: skip


def test_an_anchor_is_what_it_stands_for_and_a_key_is_a_word():
    assert parse("a: &x [1, 2]\nb: *x\n1: one\n") == {"a": [1, 2], "b": [1, 2], "1": "one"}


def test_what_is_wrong_is_said_in_the_language_of_the_reader():
    with pytest.raises(Refused) as refused:
        read(EXAMPLE.replace("zone: Europe/Berlin", "zone: Mars"))
    with override("zh-hans"):
        said = str(refused.value.problems[0])
    assert said.startswith("zone: ")
    assert said != "zone: There is no time zone of this name. Write one such as Europe/Berlin."


def test_segments_that_name_each_other_over_and_over_are_refused_though_the_text_is_short():
    doubled = {f"s{n}": {"all": [{"segment": f"s{n - 1}"}] * 2} for n in range(1, 40)}
    segments = {"s0": {"field": "contact.country", "is": "DE"}, **doubled}
    said = problems(segments=segments, qualified={"segment": "s39"})
    assert any(text.startswith("qualified: ") and "2000 conditions" in text for text in said), said
