"""The explanation of a score, for programs."""

import pytest

from accord.kernel import clock
from tests.web.scoring.conftest import at, k1, k_free, on, opened, signed, touched

__all__ = ["at", "k1", "k_free", "opened", "signed"]


def test_a_score_is_told_by_rule_and_touch(opened, key):
    with clock.moved_to(on("01-03")):
        said = key("inside_sales").get(f"/contacts/{opened.contact.pk}/score").body
    # two downloads: 8·2^(-1/30) + 8 = 15.817280, at most 12 by the rule and 10 by its group
    assert (said["fit"], said["engagement"], said["total"], said["grade"]) == (20, 10, 30, "B3")
    rules = {rule["id"]: rule for rule in said["engagement_rules"]}
    assert [rule["id"] for rule in said["engagement_rules"]] == ["download", "webinar", "unsubscribe"]
    assert (rules["download"]["points"], rules["download"]["cut"]) == (12, pytest.approx(3.817280, abs=1e-6))
    assert [one["points"] for one in rules["download"]["touches"]] == pytest.approx([7.817280, 8], abs=1e-6)
    assert rules["download"]["touches"][0]["half_at"] == "2026-02-01T00:00:00Z"
    assert rules["download"]["touches"][0]["under_one_at"] == "2026-04-02T00:00:00Z"
    assert said["groups"] == [{"name": "content", "points": 10, "cap": 10, "cut": 2}]
    assert said["fit_rules"] == [
        {"id": "industry", "points": 20, "holds": True},
        {"id": "decision_maker", "points": 0, "holds": False},
    ]
    assert (said["qualified_at"], said["base"], said["missing"]) == (None, None, "2 of 5 × download")
    ways = said["definition"]["parts"]
    assert [(way["holds"], way["joined"]) for way in ways] == [(False, "all"), (False, "all"), (False, None)]
    assert [(part["have"], part["need"]) for part in ways[0]["parts"]] == [(2, 5), (20, 20)]


def test_what_has_qualified_is_told(opened, key):
    for day in ("01-04", "01-05", "01-06"):
        touched(opened.contact, "download", day)
    with clock.moved_to(on("01-07")):
        said = key("inside_sales").get(f"/contacts/{opened.contact.pk}/score").body
    assert (said["qualified_at"], said["missing"]) == ("2026-01-06T00:00:00Z", "")
    assert said["version"]["signed"] is True


def test_before_any_agreement_nothing_is_told(k_free, key):
    said = key("admin").get(f"/contacts/{k_free.pk}/score").body
    assert (said["version"], said["total"], said["engagement_rules"]) == (None, None, [])


@pytest.mark.parametrize("unknown", ["999999", "none", "-1"])
def test_a_contact_that_is_not_there_is_not_found(key, unknown):
    assert key("admin").get(f"/contacts/{unknown}/score").status == 404


def test_a_partners_key_sees_no_contact(opened, key):
    assert key("partner").get(f"/contacts/{opened.contact.pk}/score").status == 404
