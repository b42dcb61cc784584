"""The plain reading itself, against the agreement's worked examples and cases counted by hand."""

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from tests.rooms.scoring.plain import iso, scores
from tests.rooms.scoring.plain_known import DAY, Link, Retraction, Touch, Trait, Transition, Verdict, World

HOUR = DAY // 24
LATE = 2**60

AGREEMENT = yaml.safe_load("""
accord: 1
name: Qualified leads and promises
zone: Europe/Berlin
effective: "2026-01-01"
review_by: "2026-04-01"
segments:
  target_industry: {field: company.industry, in: [logistics, manufacturing]}
leads:
  open_on: {touch: [form, download, call_in, event_signup, event_attended, reply, meeting]}
scoring:
  fit:
    - {id: industry, points: 20, when: {segment: target_industry}}
    - {id: decision_maker, points: 25, when: {field: contact.seniority, in: [director, vp, c_level]}}
    - {id: student, points: -40, when: {field: contact.title, contains: student}}
  engagement:
    - {id: download, group: content, points: 8, half_life_days: 30, cap: 24, when: {touch: download}}
    - {id: pricing, group: intent, points: 15, half_life_days: 14,
       when: {touch: page, where: [{property: path, starts_with: /pricing}]}}
    - {id: webinar, points: 15, once: true, when: {touch: event_attended}}
    - {id: unsubscribe, points: -30, once: true, when: {touch: unsubscribe}}
  groups: {content: {cap: 40}}
  engagement_cap: 100
  grades: {fit: {A: 40, B: 20, C: 1}, engagement: {"1": 40, "2": 20, "3": 1}}
qualified:
  any:
    - all:
        - {count: {touch: download}, at_least: 3, within_days: 30}
        - {field: contact.seniority, in: [director, vp, c_level]}
    - all: [{count: {touch: download}, at_least: 1}, {segment: target_industry}, {verified: inside_sales}]
    - all: [{score: total, at_least: 60}, {score: fit, at_least: 20}]
""")


def on(text: str) -> int:
    """`03-02` or `03-02 13:30` of 2026, UTC."""
    day, _, hour = text.partition(" ")
    at = datetime.fromisoformat(f"2026-{day}T{hour or '00:00'}").replace(tzinfo=UTC)
    return int(at.timestamp()) * 1_000_000


def touch(kind: str, at: str, *, contact: str = "K", recorded: str | None = None, **more: Any) -> Touch:
    learnt = on(recorded) if recorded else None
    name = more.pop("name", f"{contact}{more.get('anonymous_id', '')} {kind} {at}")
    whose = "" if "anonymous_id" in more else contact
    return Touch(name, kind, on(at), contact=whose, recorded_at=learnt, **more)


def value(
    name: str, text: str, at: str, *, contact: str = "K", recorded: str | None = None, company: str = ""
) -> Trait:
    return Trait(contact, name, text, on(at), on(recorded) if recorded else None, company)


def move(what: str, at: str, *, recorded: str | None = None) -> Transition:
    return Transition("K", what, on(at), on(recorded) if recorded else None)


def document(qualified: Any, *, engagement: Any = (), fit: Any = (), leads: Any = None, **more: Any) -> dict[str, Any]:
    scoring = {"fit": list(fit), "engagement": list(engagement), **more.pop("scoring", {})}
    opening = {"open_on": {"touch": ["download", "form"]}, **(leads or {})}
    head = {"accord": 1, "name": "Small", "effective": "2026-01-01", "review_by": "2026-04-01"}
    return {**head, "leads": opening, "scoring": scoring, "qualified": qualified, **more}


def at_least(number: int, **count: Any) -> dict[str, Any]:
    outside = {name: count.pop(name) for name in ("within_days", "distinct") if name in count}
    return {"count": {"touch": "download", **count}, "at_least": number, **outside}


def said(world: World, rule: dict[str, Any], t: str, k: str | None = None, contact: str = "K") -> dict[str, Any]:
    return next(row for row in scores(world, rule, on(t), on(k or t)) if row["contact"] == contact)


def engagement(touches: list[Touch], rule: dict[str, Any], t: str, **scoring: Any) -> float:
    rules = rule if isinstance(rule, list) else [rule]
    return said(World(touches=touches), document({"any": []}, engagement=rules, scoring=scoring), t)["engagement"]


def qualifications(world: World, rule: dict[str, Any], contact: str = "K") -> list[tuple[str, str | None]]:
    """When in 2026 to the minute, and how it ended."""
    row = next(row for row in scores(world, rule, LATE, LATE) if row["contact"] == contact)
    return [(one["at"][5:16].replace("T", " "), one["ended"]) for one in row["qualifications"]]


# The worked examples


@pytest.fixture
def k1() -> World:
    downloads = [touch("download", "01-02"), touch("download", "01-05", recorded="01-12"), touch("download", "01-09")]
    more = [touch("page", "01-15", properties={"path": "/pricing"}), touch("event_attended", "01-16")]
    industry = value("company.industry", "Logistics", "01-01", company="Z")
    return World(
        touches=downloads + more,
        traits=[industry, value("contact.seniority", "Director", "01-10", recorded="01-20")],
    )


@pytest.mark.parametrize(
    ("as_of", "known_at", "fit", "points", "grade"),
    [
        ("01-10", "01-10", 20, 14.467183, "B3"),
        ("01-10", "01-31", 45, 21.594373, "A2"),
        ("01-16", "01-16", 20, 48.074421, "B1"),
        ("01-20", "01-20", 45, 43.850103, "A1"),
        ("01-31", "01-31", 45, 35.085823, "A2"),
    ],
)
def test_the_worked_example(k1, as_of, known_at, fit, points, grade):
    row = said(k1, AGREEMENT, as_of, known_at)
    assert row["fit"] == fit
    assert row["engagement"] == pytest.approx(points, abs=1e-6)
    assert row["total"] == pytest.approx(fit + points, abs=1e-6)
    assert row["grade"] == grade
    assert row["qualified_at"] == ("2026-01-16T00:00:00Z" if known_at >= "01-16" else None)


def test_the_worked_example_returned_and_back(k1):
    k1.transitions.append(move("returned", "02-10"))
    k1.touches.append(touch("page", "03-01", properties={"path": "/blog"}))
    k1.touches += [touch("download", "03-02"), touch("download", "03-03")]
    assert qualifications(k1, AGREEMENT) == [("01-16 00:00", "returned"), ("03-03 00:00", None)]


def test_the_worked_example_known_late():
    visits = [touch("download", f"01-0{day}", anonymous_id="visitor") for day in (1, 2, 3)]
    traits = [
        value("company.industry", "Logistics", "01-01", company="Z"),
        value("contact.seniority", "Director", "01-01"),
    ]
    world = World(touches=visits, traits=traits, links=[Link("visitor", "K", on("01-20"))])

    assert qualifications(world, AGREEMENT) == [("01-20 00:00", None)]
    assert said(world, AGREEMENT, "01-19")["engagement"] == 0
    assert said(world, AGREEMENT, "01-03", "01-19")["qualifications"] == []
    row = said(world, AGREEMENT, "01-03", "01-20")
    assert row["engagement"] == pytest.approx(23.456013, abs=1e-6)
    assert row["qualified_at"] == "2026-01-20T00:00:00Z"


# What counts


def test_a_verdict_takes_a_touch_away_and_another_gives_it_back():
    world = World(
        touches=[touch("download", "01-01", machine=True, name="T")],
        verdicts=[Verdict("T", False, on("01-05")), Verdict("T", True, on("01-07")), Verdict("T", False, on("01-07"))],
    )
    rule = document(at_least(1), engagement=[{"id": "d", "points": 5, "when": {"touch": "download"}}])
    assert [said(world, rule, day)["engagement"] for day in ("01-04", "01-05", "01-07")] == [0, 5, 5]
    world.verdicts.append(Verdict("T", True, on("01-07")))
    assert [said(world, rule, day)["engagement"] for day in ("01-06", "01-07")] == [5, 0]
    assert qualifications(world, rule) == [("01-05 00:00", None)]


def test_an_identity_goes_from_one_contact_to_another_and_to_none():
    world = World(
        touches=[touch("download", "01-01", anonymous_id="v")],
        links=[Link("v", "K", on("01-03")), Link("v", "L", on("01-05")), Link("v", "", on("01-08"))],
    )
    rule = document(at_least(1), engagement=[{"id": "d", "points": 5, "when": {"touch": "download"}}])
    found = [
        [row["engagement"] for row in scores(world, rule, on(day), on(day))]
        for day in ("01-02", "01-03", "01-05", "01-08")
    ]
    assert found == [[0, 0], [5, 0], [0, 5], [0, 0]]
    assert qualifications(world, rule, "K") == [("01-03 00:00", None)]
    assert qualifications(world, rule, "L") == [("01-05 00:00", None)]
    world.retractions.append(Retraction("links", 1, on("01-06")))
    assert [row["engagement"] for row in scores(world, rule, on("01-06"), on("01-06"))] == [5, 0]


def test_what_claims_to_happen_after_it_was_recorded_happened_when_it_was_recorded():
    world = World(touches=[touch("download", "01-05", recorded="01-03")])
    rule = document(
        at_least(1), engagement=[{"id": "d", "points": 8, "half_life_days": 1, "when": {"touch": "download"}}]
    )
    assert said(world, rule, "01-04")["engagement"] == 4
    assert qualifications(world, rule) == [("01-03 00:00", None)]


def test_a_value_told_late_about_an_older_day_does_not_overwrite_a_newer_one():
    rule = document({"any": []}, fit=[{"id": "vp", "points": 7, "when": {"field": "contact.seniority", "is": "vp"}}])
    seniority = "contact.seniority"
    world = World(
        traits=[
            value(seniority, "ＶＰ ", "01-10"),
            value(seniority, "Student", "01-05", recorded="01-20"),
            value(seniority, "", "02-01"),
        ]
    )
    assert [said(world, rule, day)["fit"] for day in ("01-09", "01-10", "01-21", "02-01")] == [0, 7, 7, 0]
    assert said(world, rule, "01-06", "01-21")["fit"] == 0
    world.retractions.append(Retraction("traits", 2, on("02-03")))
    assert [said(world, rule, day)["fit"] for day in ("02-02", "02-03")] == [0, 7]


@pytest.mark.parametrize(
    ("operation", "given", "expected"),
    [
        ({"is": "STRASSE"}, "straße", True),
        ({"is": "finance"}, " ﬁnance ", True),
        ({"is": 12}, "12", False),
        ({"is": "12"}, "12", True),
        ({"is": 12}, 12, True),
        ({"is": "12"}, 12, False),
        ({"at_least": 12}, " 12.0 ", True),
        ({"at_least": 12}, "012", False),
        ({"at_most": 1200}, "1.2e3", True),
        ({"at_least": "12"}, "13", False),
        ({"at_least": "2026-03-01"}, "2026-03-02", True),
        ({"contains": "1"}, 12, False),
        ({"in": ["Blue", 3]}, ["red", "BLUE"], True),
        ({"in": ["Blue", 3]}, ["red", "3"], False),
        ({"starts_with": "/PRICING"}, "/pricing/eu", True),
        ({"known": True}, "", False),
        ({"known": False}, [], True),
        ({"is": ""}, None, False),
    ],
)
def test_matching(operation, given, expected):
    rule = {"id": "r", "points": 1, "when": {"touch": "page", "where": [{"property": "p", **operation}]}}
    assert engagement([touch("page", "01-01", properties={"p": given})], rule, "01-02") == expected


def test_not_of_an_unknown_field_is_true_and_company_fields_follow_the_company():
    rules = [
        {"id": "not", "points": 1, "when": {"not": {"field": "company.industry", "is": "retail"}}},
        {"id": "big", "points": 2, "when": {"field": "company.employees", "at_least": 50}},
        {"id": "none", "points": 4, "when": {"field": "company.employees", "known": False}},
    ]
    traits = [
        value("company.employees", "50", "01-02", company="A", contact="Other"),
        value("contact.company", "A", "01-05"),
        value("contact.company", "", "01-09"),
    ]
    rule = document({"any": []}, fit=rules)
    found = [said(World(traits=traits), rule, day)["fit"] for day in ("01-04", "01-05", "01-09")]
    assert found == [1 + 4, 1 + 2, 1 + 4]


# Rules


def test_caps_of_a_rule_a_group_and_the_whole():
    downloads = [touch("download", f"01-0{day}") for day in (1, 2, 3, 4)]
    one = {"id": "a", "points": 10, "cap": 25, "when": {"touch": "download"}}
    minus = {"id": "m", "points": -10, "cap": 15, "when": {"touch": "download"}}
    grouped = {**one, "group": "g"}
    assert engagement(downloads, one, "01-05") == 25
    assert engagement(downloads, [one, minus], "01-05") == 25 - 15
    assert engagement(downloads, minus, "01-05") == 0
    assert engagement(downloads, [grouped, {**grouped, "id": "b"}, one], "01-05", groups={"g": {"cap": 30}}) == 30 + 25
    assert engagement(downloads, [grouped, one], "01-05", groups={"h": {"cap": 1}}, engagement_cap=45) == 45


def test_half_life_and_once_take_the_age_as_a_real_number():
    downloads = [touch("download", "01-01 12:00"), touch("download", "01-03")]
    rule = {"id": "a", "points": 8, "half_life_days": 3, "when": {"touch": "download"}}
    assert engagement(downloads, rule, "01-04") == pytest.approx(8 * 2 ** (-2.5 / 3) + 8 * 2 ** (-1 / 3))
    assert engagement(downloads[::-1], {**rule, "once": True}, "01-04") == pytest.approx(8 * 2 ** (-2.5 / 3))


def test_once_falls_to_the_next_touch_when_the_earliest_ceases_to_count():
    world = World(
        touches=[touch("download", "01-01", name="first"), touch("download", "01-05")],
        verdicts=[Verdict("first", True, on("01-09"))],
    )
    once = {"id": "a", "points": 8, "half_life_days": 4, "once": True, "when": {"touch": "download"}}
    rule = document({"any": []}, engagement=[once])
    assert [said(world, rule, day)["engagement"] for day in ("01-05", "01-09")] == [8 * 2**-1, 8 * 2**-1]
    assert said(world, rule, "01-09", "01-08")["engagement"] == 8 * 2**-2


# Counts


def test_the_edges_of_a_window():
    """Within 2 days of the second download the first counts until just before its 48 hours are over."""
    for second, expected in (("01-02 23:59", [("01-02 23:59", None)]), ("01-03 00:00", [])):
        world = World(touches=[touch("download", "01-01"), touch("download", second)])
        assert qualifications(world, document(at_least(2, within_days=2))) == expected


def test_distinct_days_are_those_of_the_zone_over_a_change_of_the_clock():
    """Berlin's 29 March has 23 hours: from 28 March 23:00 UTC to 29 March 22:00 UTC."""
    within_one = [touch("download", "03-28 23:00"), touch("download", "03-29 21:59")]
    into_next = [touch("download", "03-28 23:00"), touch("download", "03-29 22:00")]
    rule = document(at_least(2, distinct="day"))
    assert qualifications(World(touches=within_one), {**rule, "zone": "Europe/Berlin"}) == []
    assert qualifications(World(touches=into_next), {**rule, "zone": "Europe/Berlin"}) == [("03-29 22:00", None)]
    assert qualifications(World(touches=into_next), rule) == [("03-29 22:00", None)]
    assert qualifications(World(touches=within_one), rule) == [("03-29 21:59", None)]


def test_an_asset_counts_as_distinct_in_each_of_its_islands():
    """Window of 5 days: on 01-09 the first visit to a is over, on 01-10 a is back and b still there."""
    seen = [("01-01", "a"), ("01-06", "b"), ("01-06", ""), ("01-07", "b"), ("01-10", "a"), ("01-20", "a")]
    touches = [touch("download", at, asset=asset, name=f"{at}{asset}") for at, asset in seen]
    assert qualifications(World(touches=touches), document(at_least(2, within_days=5, distinct="asset"))) == [
        ("01-10 00:00", None)
    ]


def test_distinct_values_of_a_property_are_compared_normalised():
    touches = [
        touch("download", f"01-0{day}", properties={"topic": t}) for day, t in enumerate(["A", "ａ", "", "b"], 1)
    ]
    assert qualifications(World(touches=touches), document(at_least(2, distinct="topic"))) == [("01-04 00:00", None)]


def test_a_check_is_a_touch_with_who_and_result():
    def check(at, by, result):
        return touch("verified", at, properties={"by": by, "result": result})

    checks = [
        check("01-02", "marketing", "passed"),
        check("01-03", "inside_sales", "failed"),
        check("01-04", "Inside_Sales", "Passed"),
    ]
    world = World(touches=[touch("form", "01-01"), *checks])
    assert qualifications(world, document({"verified": "inside_sales"})) == [("01-04 00:00", None)]


# Facts


def test_intervals_of_no_length_are_no_fact():
    """A threshold that a fading penalty lets through needs a fact: a machine's touch, a second link, a touch
    recorded and taken back at once are none; a value is one, whatever it says."""
    penalty = {"id": "p", "points": -10, "half_life_days": 2, "once": True, "when": {"touch": "unsubscribe"}}
    bonus = {"id": "b", "points": 10, "when": {"touch": "download"}}
    rule = document({"score": "engagement", "at_least": 8}, engagement=[penalty, bonus])
    world = World(
        touches=[
            touch("unsubscribe", "01-01", anonymous_id="v"),
            touch("download", "01-01"),
            touch("page", "01-11", machine=True),
            touch("page", "01-12", name="undone"),
            touch("page", "01-13", name="judged at once"),
        ],
        links=[Link("v", "K", on("01-01")), Link("v", "K", on("01-10"))],
        verdicts=[Verdict("judged at once", True, on("01-13"))],
        retractions=[Retraction("touches", 3, on("01-12"))],
    )
    assert qualifications(world, rule) == []
    assert said(world, rule, "01-14")["engagement"] == pytest.approx(10 - 10 * 2**-6.5)
    world.traits.append(value("contact.city", "Bonn", "01-02", recorded="01-15"))
    assert qualifications(world, rule) == [("01-15 00:00", None)]


@pytest.mark.parametrize(
    ("of", "expected"), [("contact", [("01-08 00:00", None)]), ("company", [("01-07 00:00", None)])]
)
def test_a_colleagues_touch_is_a_fact_only_where_the_document_counts_the_company(of, expected):
    """The third clause is never true; it only names the company. A fading penalty waits for the next fact."""
    penalty = {"id": "p", "points": -10, "half_life_days": 1, "when": {"touch": "unsubscribe"}}
    bonus = {"id": "b", "points": 10, "when": {"touch": "download"}}
    never = at_least(99, **({"of": "company"} if of == "company" else {}))
    rule = document({"any": [{"score": "engagement", "at_least": 9}, never]}, engagement=[penalty, bonus])
    traits = [value("contact.company", "Z", "01-01", contact=one) for one in ("K", "L")]
    traits.append(value("contact.company", "Y", "01-06", contact="L"))
    traits.append(value("contact.company", "Z", "01-06 12:00", contact="L"))
    traits.append(value("contact.company", "Y", "01-01", contact="M"))
    touches = [touch("download", "01-01"), touch("unsubscribe", "01-01"), touch("page", "01-08")]
    touches += [
        touch("page", "01-05", contact="M"),
        touch("page", "01-06 06:00", contact="L"),
        touch("page", "01-07", contact="L"),
    ]
    touches.append(touch("page", "01-01", anonymous_id="v"))
    links = [Link("v", "K", on("01-01")), Link("v", "L", on("01-02")), Link("v", "", on("01-07 12:00"))]
    assert qualifications(World(touches=touches, traits=traits, links=links), rule) == expected


def test_a_value_of_its_company_is_a_fact_and_that_of_another_is_none():
    penalty = {"id": "p", "points": -10, "half_life_days": 1, "when": {"touch": "unsubscribe"}}
    bonus = {"id": "b", "points": 10, "when": {"touch": "download"}}
    traits = [
        value("contact.company", "Z", "01-01"),
        value("company.city", "Bonn", "01-06", company="Y", contact="L"),
        value("company.city", "Bonn", "01-07", company="Z", contact="M"),
    ]
    world = World(touches=[touch("download", "01-01"), touch("unsubscribe", "01-01")], traits=traits)
    rule = document({"score": "engagement", "at_least": 9}, engagement=[penalty, bonus])
    assert qualifications(world, rule) == [("01-07 00:00", None)]


def test_touches_of_the_company_count_for_each_of_its_contacts():
    world = World(
        touches=[
            touch("download", "01-02"),
            touch("download", "01-03", contact="L"),
            touch("download", "01-04", contact="N"),
        ],
        traits=[value("contact.company", "Z", "01-01", contact=one) for one in ("K", "L")],
    )
    points = {"id": "c", "points": 1, "when": {"touch": "download", "of": "company"}}
    found = {
        row["contact"]: row
        for row in scores(world, document(at_least(2, of="company"), engagement=[points]), LATE, LATE)
    }
    assert {contact: row["engagement"] for contact, row in found.items()} == {"K": 2, "L": 2, "N": 1}
    assert {contact: row["qualified_at"] for contact, row in found.items()} == {
        "K": iso(on("01-03")),
        "L": iso(on("01-03")),
        "N": None,
    }


# Passages


def test_a_late_return_counts_from_when_it_happened_and_takes_effect_when_it_is_recorded():
    """Two downloads qualify. Returned on 01-05, recorded on 01-10: that of 01-07 counts, judged with that of 01-12."""
    downloads = [touch("download", f"01-{day}") for day in ("01", "02", "07", "12")]
    world = World(touches=downloads, transitions=[move("returned", "01-05", recorded="01-10")])
    assert qualifications(world, document(at_least(2))) == [("01-02 00:00", "returned"), ("01-12 00:00", None)]
    assert said(world, document(at_least(2)), "01-09")["qualifications"] == [{"at": iso(on("01-02")), "ended": None}]
    assert len(said(world, document(at_least(2)), "01-02", "01-31")["qualifications"]) == 2


def test_what_occurred_at_the_base_itself_did_not_occur_after_it():
    downloads = [touch("download", "01-01"), touch("download", "01-05", recorded="01-06"), touch("download", "01-07")]
    world = World(touches=downloads, transitions=[move("returned", "01-05")])
    assert qualifications(world, document(at_least(1))) == [("01-01 00:00", "returned"), ("01-07 00:00", None)]


def test_a_wait_ends_by_itself_if_its_base_was_known_by_then():
    downloads = [touch("download", "01-01"), touch("download", "01-06")]
    rule = document(at_least(1), leads={"requalify": {"wait_days": 4}})
    for recorded, expected in (("01-05", "01-09 00:00"), ("01-09", "01-09 00:00")):
        world = World(touches=downloads, transitions=[move("returned", "01-05", recorded=recorded)])
        assert qualifications(world, rule) == [("01-01 00:00", "returned"), (expected, None)]
    late = World(touches=downloads, transitions=[move("returned", "01-05", recorded="01-10")])
    assert qualifications(late, rule) == [("01-01 00:00", "returned")]


def test_penalties_from_before_the_base_count_and_the_rest_does_not():
    """After the return 10 + 10 − 15 = 5 on the first download, 15 on the second; shown are all touches."""
    rules = [
        {"id": "d", "points": 10, "when": {"touch": "download"}},
        {"id": "u", "points": -15, "once": True, "when": {"touch": "unsubscribe"}},
        {"id": "p", "points": 10, "once": True, "when": {"touch": "page"}},
    ]
    touches = [touch("download", "01-01"), touch("unsubscribe", "01-02"), touch("page", "01-02")]
    touches += [touch("page", "01-06"), touch("download", "01-07"), touch("download", "01-08")]
    world = World(touches=touches, transitions=[move("returned", "01-05")])
    rule = document({"score": "total", "at_least": 6}, engagement=rules)
    assert qualifications(world, rule) == [("01-01 00:00", "returned"), ("01-08 00:00", None)]
    assert said(world, rule, "01-08")["total"] == 30 - 15 + 10
    stale = document({"score": "total", "at_least": 6}, engagement=rules, leads={"requalify": {"fresh": False}})
    assert qualifications(world, stale) == [("01-01 00:00", "returned"), ("01-07 00:00", None)]


def test_an_end_closes_the_passage_and_a_touch_after_it_opens_the_next():
    """The page of 01-06 opens nothing, so the value on 01-07 judges nothing; the download of 01-08 opens again."""
    touches = [touch("download", "01-01"), touch("page", "01-06"), touch("download", "01-08")]
    world = World(touches=touches, transitions=[move("lost", "01-05")], traits=[value("contact.title", "x", "01-07")])
    rule = document(at_least(1))
    assert qualifications(world, rule) == [("01-01 00:00", "lost"), ("01-08 00:00", None)]
    world.transitions.append(move("won", "01-09", recorded="01-20"))
    assert qualifications(world, rule) == [("01-01 00:00", "lost"), ("01-08 00:00", "won")]


def test_only_an_end_decides_which_touches_open_the_next_passage():
    """Lost on 01-03. What was done before opens nothing on 01-04; of 01-05's, linked on 01-08, the return of 01-06,
    when nothing was open, takes nothing away."""
    world = World(
        touches=[touch("download", "01-01"), touch("download", "01-05", anonymous_id="v")],
        traits=[value("contact.title", "x", "01-04")],
        transitions=[move("lost", "01-03"), move("returned", "01-06")],
        links=[Link("v", "K", on("01-08"))],
    )
    rule = document(at_least(1), leads={"requalify": {"fresh": False}})
    assert qualifications(world, rule) == [("01-01 00:00", "lost"), ("01-08 00:00", None)]


def test_a_touch_after_an_end_that_is_recorded_late_opens_when_the_end_is_recorded():
    touches = [touch("download", "01-01"), touch("download", "01-06")]
    world = World(touches=touches, transitions=[move("lost", "01-05", recorded="01-10")])
    assert qualifications(world, document(at_least(1))) == [("01-01 00:00", "lost"), ("01-10 00:00", None)]


def test_an_entry_by_import_is_judged_at_its_opening_and_ignored_while_open():
    anything = {"field": "contact.title", "known": True}
    world = World(
        traits=[value("contact.title", "x", "01-01"), value("contact.title", "y", "01-08")],
        transitions=[
            move("won", "01-02"),
            move("entered", "01-03"),
            move("entered", "01-05"),
            move("recycled", "01-06"),
        ],
    )
    assert qualifications(world, document(anything, leads={"requalify": {"fresh": False}})) == [
        ("01-03 00:00", "recycled")
    ]
    assert qualifications(world, document(anything)) == []
    world.touches.append(touch("verified", "01-03", properties={"by": "x", "result": "passed"}))
    assert qualifications(world, document(anything)) == [("01-03 00:00", "recycled")]


def test_moves_of_one_instant_come_before_the_evaluation_in_the_order_they_happened():
    """Recorded together on 01-10: entered (01-08) comes after lost (01-07), so a passage is open."""
    world = World(
        traits=[value("contact.title", "x", "01-01")],
        transitions=[move("entered", "01-08", recorded="01-10"), move("lost", "01-07", recorded="01-10")],
    )
    always = {"field": "contact.title", "known": True}
    stale = {"requalify": {"fresh": False}}
    assert qualifications(world, document(always, leads=stale)) == [("01-10 00:00", None)]
    world.transitions[0] = move("entered", "01-06", recorded="01-10")
    assert qualifications(world, document(always, leads=stale)) == []


def test_out_of_scope_is_scored_but_never_qualified_there():
    world = World(touches=[touch("download", "01-01")], traits=[value("contact.country", "DE", "01-03")])
    rule = document(at_least(1), engagement=[{"id": "d", "points": 3, "when": {"touch": "download"}}])
    rule["scope"] = {"field": "contact.country", "is": "de"}
    assert said(world, rule, "01-02")["engagement"] == 3
    assert qualifications(world, rule) == [("01-03 00:00", None)]


def test_a_share_goes_by_the_first_bytes_of_the_hash():
    """`printf pilot-3:K | sha256sum` begins with d549f46058b8d6f0; 0xd549 / 0x10000 = 0.8331."""
    rule, world = document(at_least(1)), World(touches=[touch("download", "01-01")])
    found = [qualifications(world, {**rule, "scope": {"share": share, "salt": "pilot-3"}}) for share in (0.833, 0.834)]
    assert found == [[], [("01-01 00:00", None)]]


def test_a_score_that_misses_its_threshold_by_rounding_reaches_it():
    third = {"id": "t", "points": 0.1, "when": {"touch": "download"}}
    world = World(touches=[touch("download", f"01-0{day}") for day in (1, 2, 3)])
    assert said(world, document({"score": "total", "at_least": 0.3000005}, engagement=[third]), "01-09")["qualified_at"]
    assert not said(world, document({"score": "total", "at_least": 0.300002}, engagement=[third]), "01-09")[
        "qualified_at"
    ]


def test_every_contact_is_named_once_in_the_order_of_code_points():
    world = World(
        touches=[touch("page", "01-01", contact=one) for one in ("é", "b", "Z", "b")], links=[Link("v", "a", 0)]
    )
    assert [row["contact"] for row in scores(world, AGREEMENT, LATE, LATE)] == ["Z", "a", "b", "é"]
