"""Files go in: what is kept, what is refused, what a second file changes, and what a revert leaves."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from accord.kernel import search, traits
from accord.kernel.imports import maps, reading, revert, run
from accord.kernel.imports.models import Import
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Deal, Lead, Transition
from accord.rooms.people.models import Company, Contact, Link
from accord.rooms.people.queries import owners
from tests.audited import violations

pytestmark = [pytest.mark.django_db, pytest.mark.both]

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def take(tmp_path, still):
    """Import rows given as text; returns the finished import."""

    def taken(kind: str, text: str, *, history: bool = False, encoding: str = "utf-8", **more) -> Import:
        path = tmp_path / f"{kind}.csv"
        path.write_bytes(text.encode(encoding))
        chosen = run.plain_map(kind, reading.inspect(path).header, history=history, **more)
        return run.run(run.prepare(path, chosen, by=None, at=still))

    return taken


def counts(made: Import) -> tuple[int, int, int, int, int]:
    return made.rows, made.created, made.updated, made.unchanged, made.rejected


def reasons(made: Import) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in made.rejects.all()]


def test_contacts_with_further_columns_as_fields(take):
    made = take(
        "contacts",
        "external_id,name,email,company,title,Shoe size\nk1,陈思远,S@Hengrui.cn,恒锐精密,Director,42\nk2,,,,,\n",
    )

    assert counts(made) == (2, 2, 0, 0, 0)
    contact = Contact.objects.get(external_id="k1")
    assert (contact.name, contact.email_norm, contact.company.name) == ("陈思远", "s@hengrui.cn", "恒锐精密")
    now = traits.now("contact", [contact.pk])[contact.pk]
    assert {slug: value.text for slug, value in now.items()} == {"title": "Director", "shoe_size": "42"}
    assert search.find("思远", "contact") == [contact.pk]
    assert Contact.objects.get(external_id="k2").name == ""


def test_the_database_plans_by_many_rows_as_soon_as_they_are_in(take, monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite plans without counting rows")

    def counted() -> float:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [Contact._meta.db_table])
            return cursor.fetchone()[0]

    before = counted()
    monkeypatch.setattr("accord.kernel.imports.run.MANY", 3)
    take("contacts", "external_id,name\nk1,Ann\nk2,Bob\n")
    assert counted() == before
    take("contacts", "external_id,name\nk3,Cem\nk4,Dan\nk5,Eva\n")
    assert counted() == Contact.objects.count() == 5


def test_the_same_file_twice_changes_nothing(take):
    text = "external_id,name,title\nk1,Ann,Buyer\nk2,Bob,\n"
    take("contacts", text)
    facts = traits.Trait.objects.count()

    assert counts(take("contacts", text)) == (2, 0, 0, 2, 0)
    assert traits.Trait.objects.count() == facts


def test_a_later_file_updates_and_its_revert_restores(take, at):
    take("contacts", "external_id,name,title\nk1,Ann,Buyer\n")
    later = take("contacts", "external_id,name,title\nk1,Anne,Director\nk9,Nina,\n")
    contact = Contact.objects.get(external_id="k1")
    assert (contact.name, counts(later)) == ("Anne", (2, 1, 1, 0, 0))

    assert revert.revert(later, by=None, at=at) == []

    contact.refresh_from_db()
    assert contact.name == "Ann"
    assert traits.now("contact", [contact.pk])[contact.pk]["title"].text == "Buyer"
    assert search.find("anne", "contact") == []
    assert not Contact.objects.here().filter(external_id="k9").exists()
    assert counts(take("contacts", "external_id,name,title\nk1,Anne,Director\nk9,Nina,\n")) == (2, 1, 1, 0, 0)
    assert Contact.objects.here().get(external_id="k9").name == "Nina"


def test_a_revert_keeps_and_names_what_something_later_refers_to(take, at):
    made = take("contacts", "external_id,name\nk1,Ann\nk2,Bob\n")
    ann = Contact.objects.get(external_id="k1")
    Lead.open(ann, entry="referral", by=None, at=at)

    assert revert.revert(made, by=None, at=at) == [{"kind": "contact", "record": ann.pk}]
    assert list(Contact.objects.here().values_list("external_id", flat=True)) == ["k1"]
    ann.refresh_from_db()
    assert ann.name == ""  # the contact stays, what the file said of it does not


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",Ann,", "neither an external id nor an e-mail address"),
        ("k1,Ann,not an address", "no e-mail address"),
        (",Ann,张，qq，com", "no e-mail address"),
        ("k1,Ann,a@b.example,more", "The row has 4 cells, the header 3"),
    ],
)
def test_a_bad_row_goes_aside_with_its_reason(take, row, reason):
    made = take("contacts", f"external_id,name,email\ngood,Gus,gus@x.example\n{row}\n")

    assert counts(made) == (2, 1, 0, 0, 1)
    ((line, why),) = reasons(made)
    assert line == 3
    assert reason in why
    assert row.split(",")[0] in made.rejects_file.read_text(encoding="utf-8-sig")
    assert Contact.objects.here().count() == 1


def test_two_rows_with_one_key_that_differ(take):
    made = take("contacts", "external_id,name\nk1,Ann\nk1,Ann\nk1,Eve\n")

    assert counts(made) == (3, 1, 0, 1, 1)
    assert "Line 2 has the same key" in reasons(made)[0][1]
    assert Contact.objects.get().name == "Ann"


def test_a_file_in_another_encoding(take):
    made = take(
        "contacts",
        "external_id,name\n" + "".join(f"k{i},张建国计量泵设备经理\n" for i in range(20)),
        encoding="gb18030",
    )

    assert counts(made) == (20, 20, 0, 0, 0)
    assert Contact.objects.get(external_id="k3").name == "张建国计量泵设备经理"


def test_a_number_field_refuses_text(take):
    take("companies", "external_id,name\nz,Zett\n")
    made = take("companies", "external_id,employees\nz,many\n")

    assert counts(made) == (1, 0, 0, 0, 1)
    assert reasons(made)[0][1].startswith("Employees:")


def test_a_dry_run_counts_and_writes_nothing(tmp_path, still):
    path = tmp_path / "contacts.csv"
    path.write_text("external_id,name,new field\nk1,Ann,x\nk1,Eve,y\n,,z\n")
    found = reading.inspect(path)

    preview = run.look(found, path, run.plain_map("contacts", found.header), at=still, by=None)

    assert preview.counts == {
        "rows": 3, "created": 1, "updated": 0, "unchanged": 0, "rejected": 2, "asserted": 0, "flagged": 0,
    }  # fmt: skip
    assert [line for line, _reason, _cells in preview.rejected] == [3, 4]
    assert not Contact.objects.exists()
    assert not Import.objects.exists()
    assert "new_field" not in traits.fields.of("contact")


def test_touches_and_late_links_tell_whose_they_are_and_since_when(take):
    take(
        "touches",
        "external_id,contact,anonymous_id,kind,occurred_at,machine,path\n"
        "t1,,visitor,page,2026-01-01,,/pricing\n"
        "t2,k1,,download,2026-01-05T10:00:00Z,true,\n",
        history=True,
    )
    take("links", "anonymous_id,contact,recorded_at\nvisitor,k1,2026-01-20\n", history=True)

    k1 = Contact.objects.get(external_id="k1")
    first, second = Touch.objects.order_by("id")
    assert (first.kind, first.properties, first.machine, first.recorded_at) == (
        "page",
        {"path": "/pricing"},
        False,
        JANUARY,
    )
    assert (second.machine, second.occurred_at) == (True, datetime(2026, 1, 5, 10, tzinfo=UTC))
    visitor = first.identity_id
    assert owners([visitor], datetime(2026, 1, 19, tzinfo=UTC)) == {}
    assert owners([visitor], datetime(2026, 1, 20, tzinfo=UTC)) == {visitor: k1.pk}
    assert owners([second.identity_id], JANUARY) == {second.identity_id: k1.pk}


def test_a_verdict_needs_its_touch(take):
    take("touches", "external_id,contact,kind,occurred_at\nt1,k1,page,2026-01-01\n")
    made = take("verdicts", "external_id,machine\nt1,true\nt2,true\n")

    assert counts(made) == (2, 1, 0, 0, 1)
    assert "There is no touch “t2”" in reasons(made)[0][1]
    assert Touch.objects.get().verdicts.get().machine is True


def test_a_value_that_is_learnt_late_does_not_overwrite_a_newer_one(take):
    take(
        "traits",
        "contact,field,value,occurred_at,recorded_at,company\n"
        "k1,contact.seniority,VP,2026-02-01,2026-02-01,\n"
        "k1,contact.seniority,Director,2026-01-10,2026-02-20,\n"
        "k1,company.industry,Logistics,2026-01-01,,Zett\n",
        history=True,
    )
    k1 = Contact.objects.get(external_id="k1")

    assert traits.now("contact", [k1.pk])[k1.pk]["seniority"].text == "VP"
    early = datetime(2026, 1, 15, tzinfo=UTC)
    assert "seniority" not in traits.known("contact", k1.pk, early, early)
    assert traits.known("contact", k1.pk, early, datetime(2026, 2, 20, tzinfo=UTC))["seniority"].text == "Director"
    assert k1.company.external_id == "Zett"
    industry = traits.Trait.objects.get(kind="company", field="industry")
    assert (industry.norm, industry.asserted) == ("logistics", True)


def test_history_of_passages(take, cast):
    made = take(
        "transitions",
        "contact,move,occurred_at,reason\n"
        "k1,entered,2026-01-02,\nk1,entered,2026-01-03,\nk1,returned,2026-01-09,too early\nk1,won,2026-02-01,\n"
        "k1,entered,2026-02-10,\nk2,lost,2026-01-05,\nk3,flew,2026-01-05,\n",
        history=True,
    )
    assert counts(made) == (7, 6, 0, 0, 1)
    first, second = Lead.objects.filter(contact__external_id="k1").order_by("opened_at")
    assert (first.stage, first.opened_at, first.ended_at) == (
        "won",
        datetime(2026, 1, 2, tzinfo=UTC),
        datetime(2026, 2, 1, tzinfo=UTC),
    )
    assert (second.stage, second.ended_at, second.owner) == ("inquiry", None, cast.mila)
    base = Transition.objects.get(contact_id=Contact.objects.get(external_id="k2").pk)
    assert (base.lead_id, base.move) == (None, "lost")


def test_leads_then_deals(take, cast):
    take(
        "leads",
        "contact,occurred_at,stage,owner,lead.origin,contact.name,company\n"
        "k1,2026-01-02,,ines@house.example,fair,Ann,Zett\nk2,2026-01-03,sql,,,,\nk2,2026-01-04,,,,,\nk3,2026-01-04,nowhere,,,,\n",
        history=True,
    )
    k1, k2 = Lead.objects.get(contact__external_id="k1"), Lead.objects.get(contact__external_id="k2")
    assert (k1.owner, k1.stage, k1.contact.owner, k2.stage, k2.owner) == (
        cast.ines,
        "inquiry",
        cast.ines,
        "sql",
        cast.mila,
    )

    made = take(
        "deals",
        "external_id,contact,outcome,closed_at,opened_at,amount,currency,reason\n"
        "d1,k1,won,2026-02-01,2026-01-20,1250.50,EUR,price\n"
        "d2,k2,won,2026-01-01,,100,EUR,\n"
        "d3,nobody,won,2026-01-01,,,,\n"
        "d4,k2,won,,,,,\n",
        history=True,
    )
    assert counts(made) == (4, 2, 0, 0, 2)
    assert made.flagged == 1
    assert made.flags.get().line == 3
    deal = Deal.objects.get(lead=k1)
    assert (deal.amount_minor, deal.currency, deal.outcome, deal.company.name) == (125050, "EUR", "won", "Zett")
    steps = Transition.objects.filter(lead_id=k1.pk).order_by("id").values_list("to_stage", "occurred_at")
    assert list(steps) == [
        ("inquiry", datetime(2026, 1, 2, tzinfo=UTC)),
        ("opportunity", datetime(2026, 1, 20, tzinfo=UTC)),
        ("won", datetime(2026, 2, 1, tzinfo=UTC)),
    ]
    assert Transition.objects.get(lead_id=k2.pk, move="won").early is True


def test_a_revert_of_deals_puts_their_leads_back(take, at):
    take("leads", "contact,occurred_at\nk1,2026-01-02\n", history=True)
    deals = take("deals", "contact,outcome,closed_at\nk1,won,2026-02-01\n", history=True)
    assert Lead.objects.get().stage == "won"

    revert.revert(deals, by=None, at=at)

    lead = Lead.objects.get()
    assert (lead.stage, lead.ended_at) == ("inquiry", None)
    assert not Deal.objects.here().exists()
    assert counts(take("deals", "contact,outcome,closed_at\nk1,won,2026-02-01\n", history=True)) == (1, 1, 0, 0, 0)
    assert Lead.objects.get().stage == "won"


def test_a_revert_takes_back_what_a_later_file_said_of_a_lead(take, at):
    take("leads", "external_id,contact,lead.campaign\nl1,k1,Spring\n")
    later = take("leads", "external_id,contact,lead.campaign\nl1,k1,Autumn\n")
    lead = Lead.objects.get()
    assert traits.now("lead", [lead.pk])[lead.pk]["campaign"].text == "Autumn"

    revert.revert(later, by=None, at=at)

    assert traits.now("lead", [lead.pk])[lead.pk]["campaign"].text == "Spring"


def test_a_revert_leaves_what_other_files_said_with_its_owner(take, at):
    first = take("touches", "external_id,contact,kind,occurred_at\nt1,k1,page,2026-01-02\n")
    take("touches", "external_id,contact,kind,occurred_at\nt2,k1,page,2026-01-03\n")

    revert.revert(first, by=None, at=at)

    (touch,) = traits.standing(Touch.objects.all())
    assert owners([touch.identity_id]) == {touch.identity_id: Contact.objects.here().get(external_id="k1").pk}
    assert violations() == set()


def test_two_spellings_of_a_company_in_one_file_are_one(take):
    take("contacts", "external_id,name,company\nk1,Ann,Acme\nk2,Bob,ACME\n")
    (company,) = Company.objects.all()
    assert company.name == "Acme"
    assert set(Contact.objects.values_list("company", flat=True)) == {company.pk}


def test_an_unknown_column_in_a_map_is_said_before_anything_is_written(tmp_path, still):
    path = tmp_path / "leads.csv"
    path.write_text("id,when\n1,2026-01-01\n")
    chosen = maps.load_map("kind: leads\ncolumns:\n  id: contact\n  date: occurred_at\n")

    with pytest.raises(maps.BadMap, match="the file has no such column: its columns are id, when"):
        run.prepare(path, chosen, by=None, at=still)
    assert not Import.objects.exists()


def test_a_stopped_import_goes_on_where_it_was(tmp_path, still):
    path = tmp_path / "contacts.csv"
    path.write_text("external_id,name\n" + "".join(f"k{i},Name {i}\n" for i in range(2500)))
    made = run.prepare(path, run.plain_map("contacts", ["external_id", "name"]), by=None, at=still)

    class Stop(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done == 2000:
            raise Stop

    with pytest.raises(Stop):
        run.run(made, stop)
    made.refresh_from_db()
    assert (made.next_row, Contact.objects.count(), made.finished_at) == (2000, 2000, None)

    run.run(made)
    assert counts(made) == (2500, 2500, 0, 0, 0)
    assert Contact.objects.count() == 2500


REAL = Path(__file__).parents[4] / "shared" / "data" / "dedupe_org_messy" / "csv_example_messy_input.csv"


@pytest.mark.skipif(not REAL.exists(), reason="the real data of dedupe_org_messy is not here")
def test_real_records_with_line_breaks(still):
    found = reading.inspect(REAL)
    chosen = run.plain_map("companies", found.header, key="Id")
    columns = tuple(maps.Column(c.column, "company.name") if c.column == "Site name" else c for c in chosen.columns)
    made = run.run(run.prepare(REAL, replace(chosen, columns=columns), by=None, at=still))

    assert made.rows == 3337
    assert made.created + made.updated + made.unchanged + made.rejected == 3337
    assert Company.objects.here().count() == made.created
    assert not Link.objects.exists()


def test_rows_with_keys_of_their_own_that_mean_one_person(tmp_path, still):
    path = tmp_path / "contacts.csv"
    path.write_text("id,email,title\n1,ann@x.example,Buyer\n2,Ann@X.example,Director\n3,ann@x.example,Director\n")
    columns = (maps.Column("email", "contact.email"), maps.Column("title", "contact.title"))
    chosen = maps.ImportMap("contacts", columns, key="id", ignore=("id",))
    made = run.run(run.prepare(path, chosen, by=None, at=still))

    assert counts(made) == (3, 1, 2, 0, 0)
    contact = Contact.objects.get()
    assert traits.now("contact", [contact.pk])[contact.pk]["title"].text == "Director"


def test_a_constant_that_is_none_of_its_target_is_a_fault_of_the_map(tmp_path, still):
    file = tmp_path / "touches.csv"
    file.write_text("contact,kind\nk1,page\n", encoding="utf-8")
    plain = run.plain_map("touches", ["contact", "kind"])
    chosen = replace(plain, constants={"occurred_at": "yesterday", "channel": "web"})
    with pytest.raises(maps.BadMap) as wrong:
        run.prepare(file, chosen, by=None, at=still)
    (problem,) = wrong.value.problems
    assert (problem.path, "“yesterday” is not a date" in str(problem.message)) == ("constants.occurred_at", True)
    assert not Import.objects.exists()
