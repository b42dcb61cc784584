"""`accord report scores`: the worked examples of the agreement's text, and what is refused."""

import csv
import io
import json
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[1] / "rooms" / "agreement" / "example.yaml"
FILES = {
    "contacts": "external_id\nK1\nK0\n",
    "traits": """\
contact,field,value,occurred_at,recorded_at,company
K1,company.industry,Logistics,2026-01-01,,Z
K1,contact.seniority,Director,2026-01-10,2026-01-20,
K2,company.industry,Logistics,2026-01-01,2026-01-01,Z
K2,contact.seniority,Director,2026-01-01,2026-01-01,
""",
    "touches": """\
external_id,contact,anonymous_id,kind,occurred_at,recorded_at,path
t1,K1,,download,2026-01-02,,
t2,K1,,download,2026-01-05,2026-01-12,
t3,K1,,download,2026-01-09,,
t4,K1,,page,2026-01-15,,/pricing
t5,K1,,event_attended,2026-01-16,,
t6,K1,,page,2026-03-01,,/blog
t7,K1,,download,2026-03-02,,
t8,K1,,download,2026-03-03,,
a1,,v1,download,2026-01-01,,
a2,,v1,download,2026-01-02,,
a3,,v1,download,2026-01-03,,
""",
    "links": "anonymous_id,contact,recorded_at\nv1,K2,2026-01-20\n",
    "transitions": "contact,move,occurred_at,reason\nK1,returned,2026-02-10,timing\n",
}
ON_SQLITE = pytest.mark.parametrize("scratch", ["sqlite"], indirect=True)


@pytest.fixture
def told(scratch, tmp_path):
    """A test home that knows the worked examples' people, and what its report says."""
    scratch.accord("init", "--test-home")
    scratch.accord("agreement", "import", EXAMPLE, "--sign-as-both")
    for kind, text in FILES.items():
        file = tmp_path / f"{kind}.csv"
        file.write_text(text)
        taken = json.loads(scratch.accord("import", kind, file, "--history", "--json").stdout)
        assert (taken["rejected"], taken["rows"]) == (0, text.count("\n") - 1)

    def report(as_of="", known_at="", *more):
        times = [word for option, at in (("--as-of", as_of), ("--known-at", known_at)) if at for word in (option, at)]
        rows = json.loads(scratch.accord("report", "scores", *times, *more, "--json").stdout)
        assert [row["contact"] for row in rows] == ["K0", "K1", "K2"]
        return {row["contact"]: row for row in rows}

    return report


FIRST = "2026-01-16T00:00:00Z"
# The whole table under `prove`: each line is a start of the command.
TABLE = [
    ("2026-01-10", "2026-01-10", 20, 14.467183, 34.467183, "B3", []),
    ("2026-01-10", "2026-01-31", 45, 21.594373, 66.594373, "A2", [FIRST]),
    ("2026-01-16", "2026-01-16", 20, 48.074421, 68.074421, "B1", [FIRST]),
    ("2026-01-20", "2026-01-20T00:00:00Z", 45, 43.850103, 88.850103, "A1", [FIRST]),
    ("2026-01-31T01:00:00+01:00", "2026-01-31", 45, 35.085823, 80.085823, "A2", [FIRST]),
]


@ON_SQLITE
@pytest.mark.parametrize("lines", [TABLE[1:2], pytest.param(TABLE, marks=pytest.mark.prove)])
def test_the_worked_examples_come_out_to_the_millionth(scratch, told, lines):
    for as_of, known_at, fit, engagement, total, grade, qualified in lines:
        row = told(as_of, known_at, "--agreement", "Qualified leads and promises")["K1"]
        assert (row["fit"], row["engagement"], row["total"]) == pytest.approx((fit, engagement, total), abs=1e-6)
        assert row["grade"] == grade
        assert row["qualifications"] == [{"at": at, "ended": None} for at in qualified]

    now = told()
    assert now["K1"]["qualified_at"] == "2026-01-16T00:00:00Z"
    assert now["K1"]["qualifications"] == [
        {"at": "2026-01-16T00:00:00Z", "ended": "returned"},
        {"at": "2026-03-03T00:00:00Z", "ended": None},
    ]
    assert now["K0"] == {
        "contact": "K0", "fit": 0, "engagement": 0, "total": 0, "grade": "D4", "qualified_at": None,
        "qualifications": [],
    }  # fmt: skip

    unknown = told("", "2026-01-19")["K2"]
    assert (unknown["engagement"], unknown["qualified_at"]) == (0, None)
    row = told("2026-01-03", "2026-01-20")["K2"]
    assert row["engagement"] == pytest.approx(23.456013, abs=1e-6)
    assert row["qualifications"] == [{"at": "2026-01-20T00:00:00Z", "ended": None}]

    rows = list(csv.DictReader(io.StringIO(scratch.accord("report", "scores", "--csv").stdout)))
    assert rows[1]["contact"] == "K1"
    assert rows[1]["qualifications"] == "2026-01-16T00:00:00Z returned; 2026-03-03T00:00:00Z"


@ON_SQLITE
def test_what_cannot_be_asked_is_refused_with_what_to_do(scratch):
    scratch.accord("init")
    for words, said in [
        (["--as-of", "soon"], "“soon” is not a date: write it like 2026-11-05 or 2026-11-05 14:30."),
        (["--agreement", "None such"], "There is no agreement “None such” in force. Name one of these: "),
    ]:
        refused = scratch.accord("report", "scores", *words, "--json", check=False)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert said in refused.stderr
        assert "Traceback" not in refused.stderr
