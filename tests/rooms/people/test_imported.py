"""People and companies that files name: which records they are, and what is known of them afterwards."""

from datetime import UTC, datetime

import pytest

from accord.kernel import search, traits
from accord.kernel.audit import invariants
from accord.kernel.imports import reading, run
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
