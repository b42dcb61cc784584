"""Why a score: on the page of the lead, and how it came about."""

import re
from html import unescape

from accord.kernel import clock
from tests.web.page import main, words
from tests.web.scoring.conftest import judged_machine, on, sign, touched


def test_the_lead_page_says_which_rule_gave_how_many_points_from_which_touch(opened, cast, as_):
    with clock.moved_to(on("01-03")):
        page = main(as_(cast.ines).get(f"/contacts/{opened.contact.pk}/score/"))
    # 8·2^(-1/30) + 8 = 15.8, cut to 12 by the rule and to 10 by its group; fit 20
    assert "B3 30" in page
    assert "Target industry Industry: Logistics 20" in page
    assert "decision maker Seniority: unknown –" in page
    assert "Reading: 10 · at most 10 · 2 cut" in page
    assert "3.8 cut by its own bound" in page
    # half after 30 days; 8·2^(-a/30) = 1 after 90
    assert "Download /guide Jan 2 · half on Feb 1 · under 1 on Apr 2 7.8" in page
    assert "Not qualified. Missing: 2 of 5 × download." in page
    assert "2 of 5" in page
    assert "30 of 60" in page


def head_and_part(browser, opened, day):
    """The lead's page on a day, and the explanation that a press on its score fetches."""
    with clock.moved_to(on(day)):
        answer = browser.get(f"/leads/{opened.lead.pk}/")
        address = re.search(r'hx-get="(/contacts/[^"]*score[^"]*)"', answer.content.decode())[1]
        return answer, browser.get(unescape(address), headers={"hx-request": "true"})


def test_grade_and_points_stand_in_the_head_of_the_lead_and_lead_to_their_explanation(opened, cast, as_):
    answer, part = head_and_part(as_(cast.ines), opened, "01-03")
    assert "B3 30" in main(answer)
    assert "Not qualified. Missing: 2 of 5 × download." in words(part)
    assert "<html" not in part.content.decode()


def test_a_score_that_faded_says_what_the_lists_show_and_the_head_follows(opened, cast, as_):
    """20 + 8·2^(-29/30) + 8·2^(-28/30) = 28.3, where 30 was worked out at the second download."""
    answer, part = head_and_part(as_(cast.ines), opened, "01-31")
    assert "B3 30" in main(answer)
    assert "B3 28" in words(part)
    assert "30 when it was last worked out for the lists, on Jan 3, 2026 ; 28 now: what is older counts less." in words(
        part
    )
    assert re.search(r'id="score-total" hx-swap-oob="true".*>28</b>', part.content.decode())


def test_a_score_that_is_as_it_was_says_nothing_of_the_lists(opened, cast, as_):
    with clock.moved_to(on("01-03")):
        assert "worked out for the lists" not in main(as_(cast.ines).get(f"/contacts/{opened.contact.pk}/score/"))


def test_a_penalty_and_a_bound_are_said(opened, cast, as_):
    touched(opened.contact, "unsubscribe", "01-03")
    with clock.moved_to(on("01-03")):
        page = main(as_(cast.ines).get(f"/contacts/{opened.contact.pk}/score/"))
    assert "-20 taken off by the bound of all engagement 0" in page
    assert "unsubscribe once -30" in page


def test_a_touch_of_a_machine_is_kept_apart_and_one_that_was_cleared_is_doubtful(opened, cast, as_):
    seen = touched(opened.contact, "download", "01-04")
    judged_machine(seen, "01-05")
    with clock.moved_to(on("01-06")):
        page = main(as_(cast.ines).get(f"/contacts/{opened.contact.pk}/score/"))
    assert "Not counted: 1 touch that a machine made." in page
    judged_machine(seen, "01-07", machine=False)
    with clock.moved_to(on("01-07")):
        page = main(as_(cast.ines).get(f"/contacts/{opened.contact.pk}/score/"))
    # 8·2^(-3/30) of 8·(2^(-5/30) + 2^(-4/30) + 2^(-3/30)) are of the touch that was cleared
    assert "34 % of the points come from touches that were once taken for a machine’s." in page
    assert "once taken for a machine’s" in page


def test_who_qualified_reads_by_what(opened, cast, as_):
    for day in ("01-04", "01-05", "01-06"):
        touched(opened.contact, "download", day)
    with clock.moved_to(on("01-07")):
        page = main(as_(cast.ines).get(f"/contacts/{opened.contact.pk}/score/"))
    assert "Qualified on Jan 6, 2026 : at least 5 × download and fit score of at least 20." in page


def test_after_a_return_only_what_is_new_counts(opened, cast, as_):
    for day in ("01-04", "01-05", "01-06"):
        touched(opened.contact, "download", day)
    with clock.moved_to(on("01-08")):
        opened.lead.refresh_from_db()
        opened.lead.move("returned", reason="no budget", by=cast.ines.pk, at=on("01-08"))
    touched(opened.contact, "page", "01-09")
    with clock.moved_to(on("01-09")):
        page = main(as_(cast.ines).get(f"/contacts/{opened.contact.pk}/score/"))
    assert "since Jan 8, 2026 : 20 points count" in page
    assert "Nothing new that opens a lead has happened since the return" in page
    assert "0 of 5" in page
    touched(opened.contact, "download", "01-10")
    with clock.moved_to(on("01-10")):
        page = main(as_(cast.ines).get(f"/contacts/{opened.contact.pk}/score/"))
    assert "since Jan 8, 2026 : 28 points count" in page
    assert "1 of 5" in page


def test_before_any_agreement_there_is_no_score(cast, as_, k_free):
    page = as_(cast.ines).get(f"/contacts/{k_free.pk}/")
    assert "Why this score" not in main(page)
    assert "No score yet" in main(as_(cast.ines).get(f"/contacts/{k_free.pk}/score/"))


def test_a_contact_without_touches_is_explained_too(k1, cast, as_):
    with clock.moved_to(on("01-02")):
        page = main(as_(cast.ines).get(f"/contacts/{k1.pk}/score/"))
    assert "B4 20" in page
    assert "Nothing that gives points has happened yet." in page
    assert "No lead is open: nothing is to be qualified now." in page


def test_how_the_score_came_about_is_drawn_and_listed(opened, cast, as_):
    with clock.moved_to(on("01-13")):
        answer = as_(cast.ines).get(f"/contacts/{opened.contact.pk}/score/")
    page = main(answer)
    assert 'id="course"' in answer.content.decode()
    # at the second download: 20 + 10 after 20 + 8·2^(-1/30); fit itself is older
    assert "Download 2.2 20.0 30.0 B3" in page
    assert "Download · /guide 8.0 20.0 28.0 B3" in page
    assert "First known 20.0 20.0 20.0 B4" in page
    assert "Something else became known" not in page


def test_the_signatures_lacking_are_said(cast, house, as_, k_free):
    from accord.rooms.agreement import starter

    with clock.moved_to(on("01-02")):
        starter.begin(on("01-02"), "UTC")
        page = main(as_(cast.ines).get(f"/contacts/{k_free.pk}/score/"))
    assert "Unsigned starter: neither side has signed the rules of this score." in page


def test_a_partner_sees_no_score_of_somebody_else(opened, cast, as_):
    assert as_(cast.paula).get(f"/contacts/{opened.contact.pk}/score/").status_code == 404


def test_a_partner_reads_which_version_judged_and_is_led_to_no_page_that_is_not_theirs(opened, cast, as_):
    with clock.moved_to(on("01-03")):
        opened.contact.edit({"owner": cast.paula.pk}, seen=opened.contact.version, by=None, at=on("01-03"))
        opened.lead.assign(cast.paula, by=None, at=on("01-03"))
        for address in (f"/contacts/{opened.contact.pk}/score/", f"/leads/{opened.lead.pk}/"):
            partner, seller = as_(cast.paula).get(address), as_(cast.ines).get(address)
            assert ", version 1" in main(partner)
            assert "/agreement/" not in partner.content.decode()
            assert "/agreement/versions/" in seller.content.decode()


def test_the_questions_of_a_check_are_asked_in_chinese(opened, cast, as_):
    with clock.moved_to(on("01-03")):
        answer = as_(cast.ines).get(f"/leads/{opened.lead.pk}/", headers={"accept-language": "zh-hans"})
    assert "预算明确" in main(answer)


def test_more_touches_ask_no_more_queries(opened, cast, as_, django_assert_max_num_queries):
    browser = as_(cast.ines)
    with clock.moved_to(on("02-01")):
        browser.get(f"/contacts/{opened.contact.pk}/score/")
        with django_assert_max_num_queries(80) as few:
            browser.get(f"/contacts/{opened.contact.pk}/score/")
    for day in range(4, 25):
        touched(opened.contact, "page", f"01-{day:02}")
    with clock.moved_to(on("02-01")), django_assert_max_num_queries(len(few)):
        browser.get(f"/contacts/{opened.contact.pk}/score/")


__all__ = ["sign"]
