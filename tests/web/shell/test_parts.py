"""Each part is rendered as a page would: from a template, with the request of a member."""

import re

import pytest
from django import forms
from django.template import Context, Template


@pytest.fixture
def drawn(rf, house, at):
    def draw(source: str, address: str = "/", **values) -> str:
        request = rf.get(address)
        request.now = at
        return " ".join(Template(source).render(Context({"request": request, "house": house, **values})).split())

    return draw


class Form(forms.Form):
    name = forms.CharField(help_text="As they write it.")
    email = forms.EmailField()
    phone = forms.CharField(required=False)
    agreed = forms.BooleanField()


def test_a_field_has_its_label_above_and_its_help_beneath(drawn):
    page = drawn("{% field form.name %}", form=Form())
    assert '<label for="id_name">Name</label><input type="text" name="name" class="input"' in page
    assert page.endswith('<p class="help" id="id_name_help">As they write it.</p> </div>')
    assert 'aria-describedby="id_name_help' in page


def test_a_field_says_what_is_wrong_beside_it_and_keeps_what_was_typed(drawn):
    form = Form({"name": "A", "email": "no address"})
    form.is_valid()
    page = drawn("{% field form.email %}", form=form)
    assert '<div class="field" data-invalid>' in page
    assert 'value="no address"' in page
    assert 'aria-invalid="true"' in page
    assert re.search(r'<p class="error" id="id_email_error">.*Enter a valid email address.', page)
    assert 'aria-describedby="id_email_error"' in page


def test_only_the_rarer_kind_of_field_is_marked(drawn):
    source = "{% for one in form.visible_fields %}{% field one %}{% endfor %}"
    assert drawn(source, form=Form()).count("optional") == 1
    assert "required</span>" not in drawn(source, form=Form())


def test_a_box_to_tick_stands_before_its_label(drawn):
    page = drawn("{% field form.agreed %}", form=Form())
    assert page.startswith('<div class="field"> <label class="check" for="id_agreed"><input type="checkbox"')
    assert "><span>Agreed</span></label>" in page


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ('{% query sort="name" %}', "?f=a&f=b&sort=name"),
        ("{% query f=None %}", "?sort=age"),
        ('{% query f="c" sort="" %}', "?f=c"),
        ("{% query f=many %}", "?sort=age&f=x&f=y"),
    ],
)
def test_one_parameter_of_the_address_is_changed_and_the_others_stay(drawn, change, expected):
    address = drawn(change, "/leads/?f=a&f=b&sort=age", many=["x", "y"]).replace("&amp;", "&")
    assert sorted(address[1:].split("&")) == sorted(expected[1:].split("&"))


def states(page: str) -> list[str]:
    return re.findall(r'<li class="([a-z ]*)" data-side="([a-z]*)"', page)


def test_the_path_of_an_open_lead_shows_past_now_and_future_with_the_hand_off_between(drawn):
    assert states(drawn('{% stage_path "sql" %}')) == [
        ("past", "marketing"),
        ("past", "marketing"),
        ("past", "marketing"),
        ("gate past", "handoff"),
        ("past", "sales"),
        ("now", "sales"),
        ("", "sales"),
        ("", "sales"),
    ]


def test_the_path_of_a_lost_lead_ends_where_it_had_come_to(drawn):
    shown = [state for state, _ in states(drawn('{% stage_path "lost" reached="mql" %}'))]
    assert shown == ["past", "past", "past", "gate", "", "", "", ""]


def test_the_path_tells_the_time_spent_and_which_stages_were_passed_over(drawn):
    page = drawn(
        '{% stage_path "mql" spent=spent skipped=skipped %}', spent={"mql": "since 10:18"}, skipped=["engaged"]
    )
    assert "<span>MQL</span><small>since 10:18</small>" in page
    assert [state for state, _ in states(page)][:3] == ["past", "skip", "now"]


@pytest.mark.parametrize(("stage", "side"), [("mql", "marketing"), ("sal", "sales"), ("lost", "none")])
def test_a_stage_wears_the_side_whose_turn_it_is(drawn, stage, side):
    assert f'data-side="{side}"' in drawn("{% stage_chip stage %}", stage=stage)


def test_an_avatar_wears_the_side_of_its_member(drawn, cast):
    assert 'data-side="marketing" aria-hidden="true">MM<' in drawn("{% avatar member %}", member=cast.mara)
    assert 'data-side="sales"' in drawn("{% avatar member %}", member=cast.ines)
    assert "avatar-none" in drawn("{% avatar None %}")


def test_where_inside_sales_belongs_is_the_house_s_choice(drawn, cast, house):
    house.inside_sales_side = "marketing"
    assert 'data-side="marketing"' in drawn("{% avatar member %}", member=cast.ines)


def test_an_instant_carries_the_whole_of_it(drawn, at):
    assert drawn("{% when at %}", at=at) == (
        '<time datetime="2026-03-02T09:00:00+00:00" title="Monday, March 2, 2026 09:00 UTC">09:00</time>'
    )
    assert drawn('{% when at "day" %}', at=at).endswith(">Mar 2, 2026</time>")
    assert drawn("{% when None %}") == "–"


def test_progress_without_a_total_only_says_that_something_goes_on(drawn):
    assert drawn("{% progress 0 0 %}") == '<progress class="progress" aria-label="Progress"></progress>'
    assert 'value="5" max="5"' in drawn("{% progress 7 5 %}")


def test_an_icon_is_no_word(drawn):
    assert re.fullmatch(
        r'<svg [^>]*class="i i-sm" aria-hidden="true"[^>]*>.*</svg>', drawn('{% icon "search" "i-sm" %}')
    )
    with pytest.raises(ValueError, match="not i-huge"):
        drawn('{% icon "search" "i-huge" %}')


def test_a_filter_chip_names_what_it_takes_away(drawn):
    page = drawn('{% filter_chip "Stage" "SQL" "?sort=age" %}')
    assert '<a href="?sort=age" aria-label="Remove the filter Stage">' in page


def test_loading_more_appends_rows_and_says_how_many_there_are(drawn):
    page = drawn('{% load_more "?after=50" "#rows" 50 1240 %}')
    assert 'hx-select-oob="#rows:beforeend"' in page
    assert "50 of 1,240" in page


def test_an_empty_page_says_what_will_be_here_and_offers_one_step(drawn):
    page = drawn('{% empty "No deals yet" "They will be here." "/deals/new/" "New deal" %}')
    assert "<h2>No deals yet</h2><p>They will be here.</p>" in page
    assert '<a class="btn" href="/deals/new/">New deal</a>' in page
