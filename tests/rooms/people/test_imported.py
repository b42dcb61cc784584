"""People and companies that files name: which records they are, and what is known of them afterwards."""

from datetime import UTC, datetime

import pytest

from accord.kernel import search, traits
from accord.kernel.audit import invariants
from accord.kernel.imports import reading, run
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Company, Contact

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def take(cast, tmp_path, still):
    """Take a file of these rows in."""

    def taken(kind, *rows, **more):
        file = tmp_path / f"{kind}.csv"
        file.write_text("\n".join(rows), encoding="utf-8")
        chosen = run.plain_map(kind, reading.inspect(file).header, **more)
        return run.run(run.prepare(file, chosen, by=cast.mara.pk, at=still))

    return taken


def wrong(kind):
    """What the audit finds wrong of records of a kind."""
    return [one for one in invariants.run().violations if one.record.startswith(f"{kind}:")]


def test_a_contact_that_comes_out_of_the_trash_is_who_they_were(take, cast, still):
    take("contacts", "external_id,email,name,title", "ann,ann@x.example,Ann Archer,Buyer")
    ann = Contact.objects.get()
    ann.edit({"owner": cast.saul.pk}, seen=ann.version, by=None, at=still)
    ann.trash(by=cast.mara.pk, at=still)
    take("touches", "contact,kind,occurred_at", "ann,page,2026-01-05")
    back = Contact.objects.here().get()
    assert (back.pk, back.name, back.email_norm, back.owner) == (ann.pk, "Ann Archer", "ann@x.example", cast.saul)
    assert traits.now("contact", [ann.pk])[ann.pk]["title"].text == "Buyer"
    assert search.find("archer", "contact") == [ann.pk]
    assert wrong("contact") == []


def test_a_file_says_something_new_of_whom_it_takes_out_of_the_trash(take, still):
    take("contacts", "external_id,email,name", "ann,ann@x.example,Ann Archer")
    Contact.objects.get().trash(by=None, at=still)
    take("contacts", "external_id,email", "ann,archer@x.example")
    back = Contact.objects.here().get()
    assert (back.name, back.email) == ("Ann Archer", "archer@x.example")
    assert wrong("contact") == []


def test_a_company_that_comes_out_of_the_trash_has_its_domain(take, still):
    acme = Company.create({"name": "Acme", "domain": "acme.example"}, by=None, at=still, external_id="Acme Inc")
    acme.trash(by=None, at=still)
    take("contacts", "external_id,company", "ann,Acme Inc")
    back = Company.objects.here().get()
    assert (back.pk, back.domain) == (acme.pk, "acme.example")
    assert wrong("company") == []


def test_a_company_is_one_however_its_name_is_spelt(take, still):
    acme = Company.create({"name": "Acme"}, by=None, at=still)
    take("contacts", "external_id,company", "ann,ACME", "ben,acme", "cat,aCmE")
    assert set(Contact.objects.values_list("company", flat=True)) == {acme.pk}
    assert Company.objects.count() == 1


def test_a_member_is_one_however_a_file_spells_their_address(take, cast):
    rows = ("ann,Saul@house.example,2026-01-05", "ben,saul@HOUSE.example,2026-01-05")
    made = take("leads", "contact,owner,occurred_at", *rows)
    assert (made.created, made.rejected) == (2, 0)
    assert [lead.owner for lead in Lead.objects.all()] == [cast.saul, cast.saul]


def test_whom_a_file_of_the_past_brings_was_met_with_their_first_touch(take):
    take("touches", "contact,kind,occurred_at", "ann,page,2025-01-05", "ann,form,2025-02-07", history=True)
    assert Contact.objects.get().created_at == datetime(2025, 1, 5, tzinfo=UTC)


def test_what_a_column_cannot_hold_costs_its_row_alone(take):
    long = "Ann " * 40
    made = take(
        "contacts",
        "external_id,first_name,last_name,phone,company",
        f"ann,{long},{long},,",
        f"bob,,Bob,{'+49 30 ' * 10},",
        f"cyd,,Cyd,,{'Acme ' * 60}",
        "dan,,Dan,,Acme",
    )
    assert [one.name for one in Contact.objects.all()] == ["Dan"]
    assert (made.created, made.rejected) == (1, 3)
    moved = take(
        "traits",
        "contact,field,value,occurred_at",
        f"dan,phone,{'+49 30 ' * 10},2026-01-05",
        f"dan,company,{'Acme ' * 60},2026-01-05",
        f"dan,remark,{'a long word ' * 60},2026-01-05",
    )
    assert (moved.created, moved.rejected) == (1, 2)
