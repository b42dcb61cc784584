import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.kernel.imports.maps import BadMap, Column, ImportMap, Target, bind, check, dump_map, load_map, reader
from accord.kernel.imports.reading import inspect, rows

ROOT = Path(__file__).parents[3]
OLIST = ROOT.parent / "shared" / "data" / "olist_marketing_funnel"

LEADS = """
kind: leads
history: true
source: olist
key: mql_id
zone: Europe/Berlin
columns:
  mql_id: contact
  first_contact_date: occurred_at
  origin: {to: lead.origin, type: text, values: {"": unknown}}
  e-mail: [contact.email, {to: lead.answer_to}]
constants: {lead.entry: import}
ignore: [internal]
"""


def test_a_map_is_read_as_it_is_written():
    assert load_map(LEADS) == ImportMap(
        kind="leads",
        history=True,
        source="olist",
        key="mql_id",
        zone="Europe/Berlin",
        columns=(
            Column("mql_id", "contact"),
            Column("first_contact_date", "occurred_at"),
            Column("origin", "lead.origin", type="text", values={"": "unknown"}),
            Column("e-mail", "contact.email"),
            Column("e-mail", "lead.answer_to"),
        ),
        constants={"lead.entry": "import"},
        ignore=("internal",),
    )


def test_what_is_not_said_has_its_default():
    assert load_map("{kind: contacts, columns: {no: contact.name, 007: contact.note}}") == ImportMap(
        kind="contacts",
        columns=(Column("no", "contact.name"), Column("007", "contact.note")),
        source="file",
        zone="UTC",
    )


def test_a_property_keeps_its_name_and_a_field_has_a_plain_one():
    assert (
        load_map("{kind: touches, columns: {a: property.UTM source (last)}}").columns[0].to
        == "property.UTM source (last)"
    )
    assert list(problems("{kind: touches, columns: {a: lead.UTM source}}")) == ["columns.a"]
    assert list(problems("{kind: touches, columns: {a: 'property.'}}")) == ["columns.a"]


def test_a_map_can_be_a_file(tmp_path):
    path = tmp_path / "leads.yaml"
    path.write_text("\ufeff" + LEADS)
    assert load_map(path) == load_map(str(path)) == load_map(LEADS)


def problems(text):
    with pytest.raises(BadMap) as refused:
        load_map(text)
    return {problem.path: str(problem.message) for problem in refused.value.problems}


def test_every_problem_is_told_with_its_place():
    found = problems("""
kind: leads
history: yes
colums: {}
columns:
  a: {to: X y, type: int, foo: 1}
  b: occurred_at
  c: [occurred_at, {to: d, values: [1]}]
  e: {type: text}
  f: [[x]]
  g: {to: g, type: text, decimal: ",", format: "%d"}
  h: {to: h, decimal: ";"}
  i: {to: i, currency: euro}
  j: {to: j, format: day}
  k: {to: [k]}
ignore: [b]
constants: {occurred_at: 1, q: [2], R: 3}
zone: Mars
key: {a: b}
source: []
""")
    assert found == {
        "colums": "is not known here: is “columns” meant?",
        "columns.a.foo": "is not known here: use to, type, format, decimal, currency, values.",
        "columns.a.type": "must be one of text, number, date, bool, money.",
        "columns.a.to": "“X y” is no target: write it like contact or lead.origin, in small letters.",
        "columns.c.1.values": "must be a mapping of one text to another.",
        "columns.e.to": "“” is no target: write it like contact or lead.origin, in small letters.",
        "columns.f.0": "must be a target, or a mapping with “to”.",
        "columns.g.decimal": "is only for columns of the type number, money.",
        "columns.g.format": "is only for columns of the type date.",
        "columns.h.decimal": "must be “.” or “,”.",
        "columns.i.currency": "must be a code of three capital letters, like EUR.",
        "columns.j.format": "must be written like %d/%m/%Y.",
        "columns.k.to": "“” is no target: write it like contact or lead.origin, in small letters.",
        "history": "must be true or false.",
        "key": "must be one word, not a list or a mapping.",
        "source": "must be one word, not a list or a mapping.",
        "zone": "“Mars” is no time zone: write it like Europe/Berlin.",
        "constants.q": "must be one text, not a list or a mapping.",
        "constants.R": "“R” is no target: write it like contact or lead.origin, in small letters.",
        "columns.b": "is ignored too: take it out of one of the two.",
        "columns.c": "“occurred_at” is fed by another column too: keep one.",
        "constants.occurred_at": "is fed by a column too: keep one.",
    }


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        ("kind: leads\nkind: deals\n", "line 2", "“kind” stands here twice: keep one."),
        ("kind: [\n", "line 2", "This is not YAML"),
        ("- 1\n- 2\n", "", "This is no map"),
        ("? [a]\n: b\n", "line 1", "A name must be one text"),
        ("a: &x [*x]\n", "line 1", "This is not YAML"),
        ("[" * 3000 + "\n", "", "nests too deeply"),
        ("a: \0\n", "", "signs that YAML has not"),
        ("kind: leads\n", "columns", "at least one column"),
        ("columns: {a: b}\n", "kind", "is missing"),
        ("nowhere.yaml", "", "There is no map “nowhere.yaml”."),
    ],
)
def test_what_is_no_map_is_told(text, path, says):
    assert says in problems(text)[path]


def test_a_file_that_is_no_map_is_told(tmp_path):
    path = tmp_path / "map.yaml"
    path.write_bytes("kind: Größe\n".encode("cp1252"))
    assert "is not text in UTF-8" in problems(path)[""]
    path.write_bytes(b"#" * (2 << 20))
    assert "too large" in problems(path)[""]


TARGETS = [
    Target("contact", required=True),
    Target("occurred_at", type="date"),
    Target("stage"),
    Target("lead.*"),
    Target("contact.email"),
]


def test_a_map_is_checked_against_what_the_import_knows():
    made = load_map(
        "kind: leads\ncolumns: {a: contcat, b: lead.anything, c: deal.x, d: contact.mail}\nconstants: {stag: mql}\n"
    )
    assert [(problem.path, str(problem.message).partition(":")[2]) for problem in check(made, TARGETS)] == [
        ("columns.a", " is “contact” meant?"),
        ("columns.c", " use contact, contact.email, lead.*, occurred_at, stage."),
        ("columns.d", " is “contact.email” meant?"),
        ("constants.stag", " is “stage” meant?"),
        ("columns", " map one, or set a constant."),
    ]
    assert check(load_map("kind: leads\ncolumns: {d: occurred_at}\nconstants: {contact: K1}\n"), TARGETS) == []


def test_a_map_is_laid_on_a_header():
    made = load_map(
        "{kind: x, key: ref, columns: {Name: contact.name, e-mail: contact.email, fax: contact.fax}, ignore: [note]}"
    )
    bound = bind(made, [" E-MAIL", "note", "name", "more", "ref", "Name"])
    assert bound.index == {"contact.name": 5, "contact.email": 0}
    assert (bound.key, bound.missing, bound.unmapped) == (4, ("fax",), ("name", "more"))
    assert bind(load_map("{kind: x, key: id, columns: {a: b}}"), ["a"]).missing == ("id",)


def test_cells_become_values():
    berlin = ZoneInfo("Europe/Berlin")
    assert reader(Column("a", "b", values={"n/a": "", "M": "Mr"}), berlin)(" m ") == "Mr"
    assert reader(Column("a", "b", values={"n/a": "", "": "unknown"}), berlin)(" N/A") is None
    assert reader(Column("a", "b", values={"": "unknown"}), berlin)("  ") == "unknown"
    assert reader(Column("a", "b"), berlin, "date")("2026-07-01") == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert reader(Column("a", "b", type="date", format="%d/%m/%Y"), UTC)("05/11/2026") == datetime(
        2026, 11, 5, tzinfo=UTC
    )
    assert reader(Column("a", "b", decimal=","), UTC, "number")("1.234,5") == 1234.5
    assert reader(Column("a", "b", currency="JPY"), UTC, "money", "EUR")("1200") == 1200
    assert reader(Column("a", "b"), UTC, "money", "EUR")("1,234.50 €") == 123450
    assert reader(Column("a", "b", type="bool"), UTC)("да") is True
    with pytest.raises(ValueError, match="not a date"):
        reader(Column("a", "b"), UTC, "date")("soon")


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Co"]), min_size=1, max_size=12)
COLUMNS = st.builds(
    Column,
    NAMES,
    st.just("contact"),
    type=st.none() | st.just("text"),
    values=st.dictionaries(NAMES | st.just(""), NAMES | st.just(""), max_size=2),
)


@given(
    st.lists(COLUMNS, min_size=1, max_size=5, unique_by=lambda column: column.column),
    st.booleans(),
    st.none() | NAMES.map(str.strip).filter(bool),
    st.dictionaries(st.sampled_from(["lead.entry", "outcome"]), NAMES),
)
def test_a_map_comes_back_from_its_yaml(columns, history, key, constants):
    columns = tuple(
        Column(column.column, f"lead.field_{n}", column.type, values=column.values) for n, column in enumerate(columns)
    )
    made = ImportMap("leads", columns, history, "me", key, "Asia/Shanghai", constants)
    assert load_map(dump_map(made)) == made


def test_a_column_with_two_targets_comes_back_too():
    assert load_map(dump_map(load_map(LEADS))) == load_map(LEADS)
    assert "e-mail:\n  - contact.email\n" in dump_map(load_map(LEADS))


def test_the_reference_shows_maps_that_load():
    page = (ROOT / "docs" / "reference" / "import-maps.md").read_text(encoding="utf-8")
    shown = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert [load_map(text).kind for text in shown] == ["leads", "deals"]


@pytest.mark.skipif(not OLIST.exists(), reason="the real files of ../shared/data are not on this machine")
@pytest.mark.parametrize(
    ("name", "data", "number", "filled"),
    [
        ("olist_leads", "olist_marketing_qualified_leads_dataset.csv", 8000, {"contact": 8000, "lead.origin": 7940}),
        ("olist_deals", "olist_closed_deals_dataset.csv", 842, {"contact": 842, "deal.seller": 842}),
    ],
)
def test_the_maps_of_the_repository_read_every_real_row(name, data, number, filled):
    made = load_map(ROOT / "maps" / f"{name}.yaml")
    reading = inspect(OLIST / data)
    bound = bind(made, reading.header)
    assert (made.history, made.source, bound.missing, bound.unmapped) == (True, "olist", (), ())
    types = {"occurred_at": "date", "closed_at": "date"}
    readers = [(column.to, place, reader(column, UTC, types.get(column.to, "text"))) for column, place in bound.columns]
    values = [{to: read(cells[place]) for to, place, read in readers} for _line, cells in rows(reading, OLIST / data)]
    assert len(values) == number
    assert {to: sum(value[to] is not None for value in values) for to in filled} == filled
    assert len({value["contact"] for value in values}) == number
