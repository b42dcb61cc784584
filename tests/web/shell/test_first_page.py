import pytest

FIRST = {
    "mara": "/today/",
    "mila": "/today/",
    "ines": "/desk/",
    "felix": "/pipeline/",
    "saul": "/today/",
    "sven": "/today/",
    "paula": "/leads/",
    "eva": "/insight/funnel/",
    "ada": "/insight/funnel/",
}


@pytest.mark.parametrize(("who", "address"), FIRST.items())
def test_the_first_page_depends_on_the_role(cast, as_, who, address):
    assert as_(getattr(cast, who)).get("/")["Location"] == address


RAILS = {
    "ada": [
        "Today",
        "Leads",
        "Desk",
        "Pipeline",
        "Returns",
        "Contacts",
        "Companies",
        "Insight",
        "Imports",
        "Operations",
        "Settings",
    ],
    "mara": ["Today", "Leads", "Pipeline", "Returns", "Contacts", "Companies", "Insight", "Imports", "Settings"],
    "felix": ["Today", "Leads", "Desk", "Pipeline", "Contacts", "Companies", "Insight", "Settings"],
    "paula": ["Today", "Leads", "Desk", "Pipeline", "Contacts", "Companies", "Insight", "Settings"],
}


@pytest.mark.parametrize(("who", "labels"), RAILS.items())
def test_the_rail_shows_what_the_role_may_see(cast, as_, who, labels):
    page = as_(getattr(cast, who)).get("/more/").content.decode()
    rail = page[page.index('<nav class="rail-nav"') : page.index("<details")]
    shown = [label for label in RAILS["ada"] if f"</svg>{label}</a>" in rail]
    assert shown == labels


def test_the_rail_marks_the_page_that_is_open(cast, as_):
    page = as_(cast.ada).get("/operations/").content.decode()
    assert page.count('aria-current="page"') == 1
    assert '<a href="/operations/" aria-current="page">' in page


def test_more_holds_what_has_no_tab(cast, as_):
    page = as_(cast.ada).get("/more/").content.decode()
    body = page[page.index('<nav class="list-lines"') :]
    body = body[: body.index("</nav>")]
    assert [path for path in ("/leads/", "/companies/", "/imports/", "/operations/", "/settings/") if path in body] == [
        "/companies/",
        "/imports/",
        "/operations/",
        "/settings/",
    ]
