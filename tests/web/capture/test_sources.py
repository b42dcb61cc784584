"""Sources: the key is shown once, and what became of the last events is told as it is."""

import re

import pytest

from accord.kernel.instants import to_micros
from accord.rooms.capture import taking
from accord.rooms.capture.events import Refused, admitted
from accord.rooms.capture.inbox import Arrived, open_inbox
from accord.rooms.capture.models import KindAlias, Touch
from accord.rooms.team.models import ApiKey
from tests.rooms.capture.conftest import throw_away
from tests.web.page import main

pytestmark = pytest.mark.usefixtures("still")
GOOD = b'{"type":"track","event":"Asked For Demo","userId":"u1","messageId":"m1"}'
BROKEN = b'{"type":"track","event":"Download","userId":"u1","messageId":"m2","properties":"none"}'
NOBODY = b'{"type":"track","event":"Download","messageId":"m3"}'


@pytest.fixture
def inbox(db):
    throw_away()
    opened = open_inbox()
    yield opened
    opened.close()
    throw_away()


def test_the_key_of_a_new_source_is_shown_once_within_the_snippets(inbox, cast, as_):
    mila = as_(cast.mila)
    made = mila.post("/sources/new/", {"name": "Website"})
    secret = re.search(r"acc_[\w-]+", main(made))[0]
    source = ApiKey.held_by(secret, "capture")
    assert (source.name, source.made_by, source.role) == ("Website", cast.mila, "marketing")
    assert made["Cache-Control"] == "no-store"
    assert "apiHost: 'testserver/v1', protocol: 'http'" in main(made)
    assert "it is no secret" in main(made)
    assert main(made).count(secret) == 8  # alone, in six snippets, and in the address of the page for booking

    again = main(mila.get(f"/sources/{source.pk}/"))
    assert secret not in again
    assert again.count("WRITE_KEY") >= 5
    assert "There is a key of this name" in main(mila.post("/sources/new/", {"name": "Website"}))


def test_a_system_of_the_house_may_tell_of_talks(inbox, cast, as_):
    as_(cast.mila).post("/sources/new/", {"name": "Telephone", "role": "inside_sales"})
    assert ApiKey.objects.get(name="Telephone").role == "inside_sales"
    telephone = main(as_(cast.mila).get(f"/sources/{ApiKey.objects.get(name='Telephone').pk}/"))
    assert "JavaScript" not in telephone
    assert "Select a valid choice" in main(as_(cast.mila).post("/sources/new/", {"name": "Sly", "role": "admin"}))


def test_each_event_says_what_became_of_it(inbox, cast, as_, at):
    source, _secret = ApiKey.make(name="Website", scope="capture", role="marketing", by=None, at=at)
    with pytest.raises(Refused, match="nobody"):
        admitted(NOBODY, source.pk)
    kept = [admitted(raw, source.pk) for raw in (GOOD, GOOD, BROKEN)]
    inbox.keep([Arrived(source.pk, to_micros(at), None, kept, [("nobody", NOBODY)])])
    mara = as_(cast.mara)

    before = main(mara.get(f"/sources/{source.pk}/"))
    assert before.count("Waiting") == 2
    assert "2 events accepted 1 repeats, counted once 1 rejected" in " ".join(before.split())

    taking.take(inbox, at)
    after = main(mara.get(f"/sources/{source.pk}/"))
    assert [after.count(word) for word in ("Waiting", "Taken in", "Repeated", "Dropped")] == [0, 1, 1, 1]
    assert "An event needs userId, anonymousId, or traits.email." in after


def test_a_source_that_is_revoked_is_gone(inbox, cast, as_, at):
    source, secret = ApiKey.make(name="Website", scope="capture", role="marketing", by=None, at=at)
    mila = as_(cast.mila)
    assert mila.post(f"/sources/{source.pk}/revocation/").status_code == 302
    assert ApiKey.held_by(secret, "capture") is None
    assert mila.get(f"/sources/{source.pk}/").status_code == 404
    assert "Nothing sends events yet" in main(mila.get("/sources/"))


def test_what_the_house_says_of_a_name_holds_for_events_from_then_on(inbox, cast, as_, at):
    mila = as_(cast.mila)
    mila.post("/sources/kinds/", {"name": "Asked For Demo", "kind": "form"})
    inbox.keep([Arrived(1, to_micros(at), None, [admitted(GOOD, 1)])])
    taking.take(inbox, at)
    assert Touch.objects.get().kind == "form"

    mila.post(f"/sources/kinds/{KindAlias.objects.get().pk}/removal/")
    inbox.keep([Arrived(1, to_micros(at), None, [admitted(GOOD.replace(b"m1", b"m9"), 1)])])
    taking.take(inbox, at)
    assert sorted(Touch.objects.values_list("kind", flat=True)) == ["asked_for_demo", "form"]
    assert "Use letters and digits." in main(mila.post("/sources/kinds/", {"name": "!!!", "kind": "form"}))


def test_kinds_of_touch_are_chosen_by_name_or_written(cast, as_):
    mila = as_(cast.mila)
    empty = main(mila.get("/sources/kinds/"))
    assert "Nothing yet: what ships with Accord holds for every event." in empty
    assert "webinar_attended Event attended event_attended" in empty
    mila.post("/sources/kinds/", {"name": "Brochure Sent", "kind": "download"})
    said = main(mila.post("/sources/kinds/", {"name": "Demo Booked", "own": "Demo Call"}, follow=True))
    assert "brochure_sent Download download" in said
    assert "demo_booked Demo call demo_call" in said
    for wrong in ({}, {"kind": "form", "own": "demo"}):
        refused = main(mila.post("/sources/kinds/", {"name": "Fair Visited", **wrong}))
        assert "Choose a kind, or write one of our own: one of the two." in refused
    assert KindAlias.objects.count() == 2


def test_a_source_leads_back_to_all_of_them(cast, as_, at):
    source, _secret = ApiKey.make(name="Website", scope="capture", role="marketing", by=None, at=at)
    assert main(as_(cast.mila).get(f"/sources/{source.pk}/")).startswith("Event sources Website")


def test_an_event_that_goes_deeper_than_anybody_reads_is_shown_as_it_came(inbox, cast, as_, at):
    source, _secret = ApiKey.make(name="Website", scope="capture", role="marketing", by=None, at=at)
    deep = b'{"type":' + b"[" * 5000 + b"]" * 5000 + b"}"
    inbox.keep([Arrived(source.pk, to_micros(at), None, [], [("not_json", deep)])])
    assert "1 rejected" in main(as_(cast.mara).get(f"/sources/{source.pk}/"))
